//! Code that an interpreter is given: what it deletes, runs, sends and starts.
//!
//! Only calls count. A string that reaches no call is data.

use std::cell::Cell;
use std::collections::HashMap;

use super::super::marks::{self, OPAQUE, REMOTE, SECRET, UNKNOWN};
use super::super::rules;
use super::super::run::{Run, base64_bytes, hex_bytes, is_interpreter};
use super::super::zone::Zone;
use super::files;
use super::tokens::{Token, cut};

const SHELL_CALLS: [&str; 24] = [
    "system",
    "popen",
    "popen2",
    "execSync",
    "spawn",
    "spawnSync",
    "execFileSync",
    "execFile",
    "call",
    "check_call",
    "check_output",
    "run",
    "Popen",
    "shell_exec",
    "passthru",
    "proc_open",
    "getoutput",
    "getstatusoutput",
    "exec",
    "execl",
    "execv",
    "execvp",
    "execlp",
    "capture2e",
];

const DELETE_CALLS: [&str; 22] = [
    "rmtree",
    "removedirs",
    "rmSync",
    "unlinkSync",
    "rmdirSync",
    "rm_rf",
    "rm_r",
    "rm_f",
    "remove_dir",
    "remove_entry",
    "remove_entry_secure",
    "rimraf",
    "removeSync",
    "emptyDirSync",
    "remove_tree",
    "rimrafSync",
    "unlink",
    "rmdir",
    "remove",
    "rm",
    "delete",
    "truncate",
];

/// Of these names only a file's own are meant: lists have a `remove`, too.
const OWNERS: [&str; 12] = [
    "os",
    "fs",
    "File",
    "FileUtils",
    "shutil",
    "fsp",
    "promises",
    "Dir",
    "Deno",
    "fse",
    "pathlib",
    "Pathname",
];

const WRITE_CALLS: [&str; 8] = [
    "open",
    "writeFileSync",
    "writeFile",
    "write",
    "file_put_contents",
    "createWriteStream",
    "copyFileSync",
    "write_text",
];

const LIST_CALLS: [&str; 12] = [
    "walk",
    "glob",
    "rglob",
    "iglob",
    "listdir",
    "scandir",
    "readdirSync",
    "iterdir",
    "each_child",
    "children",
    "find",
    "Path",
];

const NETWORK: [&str; 14] = [
    "urlopen",
    "requests.get",
    "requests.post",
    "urllib",
    "fetch",
    "https.get",
    "http.get",
    "URI.open",
    "LWP",
    "httpx.get",
    "urlretrieve",
    "Net.HTTP",
    "file_get_contents",
    "requests.put",
];

/// The code among the words of an interpreter's command line.
pub(in super::super) fn code_argument(name: &str, words: &[String]) -> Option<String> {
    if is_awk(name) {
        let at = super::options::first_operand(words, "-F -v -f --assign --field-separator")?;
        let from_file = words[..at]
            .iter()
            .any(|word| word == "-f" || word == "--file");
        return (!from_file).then(|| words[at].clone());
    }
    if matches!(name, "pwsh" | "powershell") {
        return None;
    }
    let letters = match name.chars().next()? {
        'p' if name.starts_with("py") => "c",
        'p' if name.starts_with("php") => "rR",
        'p' | 'r' | 'l' | 'o' | 'R' => "eE",
        _ => "ep",
    };
    let mut code = String::new();
    let mut rest = words[1..].iter();
    while let Some(word) = rest.next() {
        if matches!(word.as_str(), "--eval" | "--print" | "eval" | "--command") {
            code.push_str(rest.next().map_or("", String::as_str));
        } else if let Some(attached) = word.strip_prefix("--eval=") {
            code.push_str(attached);
        } else if let Some(cluster) = cluster(word, letters) {
            match cluster {
                "" => code.push_str(rest.next().map_or("", String::as_str)),
                attached => code.push_str(attached),
            }
        } else if !word.starts_with('-') && code.is_empty() {
            return None;
        } else {
            continue;
        }
        code.push('\n');
    }
    (!code.is_empty()).then_some(code)
}

/// What is attached to the option that brings code; `None` if the word is no such option.
fn cluster<'w>(word: &'w str, letters: &str) -> Option<&'w str> {
    let options = word
        .strip_prefix('-')
        .filter(|rest| !rest.starts_with(['-', 'M', 'I', 'r']) || letters.starts_with('r'))?;
    let at = options.find(|c| letters.contains(c))?;
    let before_is_plain = options[..at].bytes().all(|b| b.is_ascii_alphanumeric()) && at < 6;
    before_is_plain.then(|| &options[at + 1..])
}

fn is_awk(name: &str) -> bool {
    matches!(name, "awk" | "gawk" | "mawk" | "nawk")
}

/// Code that came by input or from a file of the script's own.
pub(in super::super) fn code_input(run: &mut Run, name: &str, text: &str) {
    if text.contains(REMOTE) {
        run.find(&rules::REMOTE_CODE, name);
    } else if text.contains(OPAQUE) {
        run.find(&rules::HIDDEN_CODE, name);
    } else {
        code(run, name, text);
    }
}

/// What the code of a one-liner prints, if its strings tell.
pub(in super::super) fn printed_by_code(name: &str, words: &[String]) -> Option<String> {
    if !is_interpreter(name) && !is_awk(name) {
        return None;
    }
    let code = code_argument(name, words)?;
    let prints = ["print", "puts", "echo", "console.log", "write", "say"];
    if !prints.iter().any(|word| code.contains(word)) {
        return None;
    }
    let decodes = [
        "decode",
        "chr",
        "fromhex",
        "pack",
        "fromCharCode",
        "unhexlify",
        "[::-1]",
        "reverse",
        "Buffer.from",
    ];
    if decodes.iter().any(|word| code.contains(word)) {
        return Some(OPAQUE.to_string());
    }
    let texts = cut(&code, name)
        .into_iter()
        .filter_map(|token| match token {
            Token::Text(text) => Some(text),
            _ => None,
        });
    let found = texts.collect::<Vec<_>>().join("\n");
    (!found.trim().is_empty()).then(|| format!("{found}\n"))
}

/// Judges code of a language.
pub(in super::super) fn code(run: &mut Run, language: &str, text: &str) {
    if text.contains(REMOTE) {
        return run.find(&rules::REMOTE_CODE, language);
    }
    if text.contains(OPAQUE) {
        return run.find(&rules::HIDDEN_CODE, language);
    }
    if run.depth_left() == 0 {
        return run.find(&rules::TOO_MUCH, language);
    }
    let language = language.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let tokens = cut(text, language);
    let mut reading = Reading {
        language,
        tokens: &tokens,
        values: HashMap::new(),
        listed: Vec::new(),
        deletes_unknown: false,
        steps: Cell::new(MOST_STEPS),
    };
    reading.whole(run, text);
    for at in 0..tokens.len() {
        if reading.steps.get() == 0 {
            break;
        }
        reading.token(run, at);
    }
    if reading.steps.get() == 0 {
        run.find(&rules::TOO_MUCH, language);
    }
    if reading.deletes_unknown {
        for place in reading.listed.clone() {
            files::destroy(run, &place);
        }
    }
}

struct Reading<'t> {
    language: &'t str,
    tokens: &'t [Token],
    values: HashMap<String, String>,
    /// Places whose contents are gone through.
    listed: Vec<String>,
    deletes_unknown: bool,
    /// How many more expressions are looked at.
    steps: Cell<usize>,
}

/// Expressions of code that people write stay far below this.
const MOST_STEPS: usize = 40_000;

impl Reading<'_> {
    fn names(&self, wanted: &[&str]) -> bool {
        self.tokens.iter().any(|token| match token {
            Token::Name(name) => wanted.iter().any(|wanted| name.contains(wanted)),
            _ => false,
        })
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().filter_map(|token| match token {
            Token::Text(text) | Token::Shell(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// What is told by the code as a whole.
    fn whole(&self, run: &mut Run, text: &str) {
        let names_fork = self.tokens.iter().any(|token| matches!(token, Token::Name(name) if last(name) == "fork" || last(name) == "startfile"));
        let dense: String = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .take(65_536)
            .collect();
        const ENDLESS: [&str; 13] = [
            "while1",
            "whileTrue",
            "while(1)",
            "while(true)",
            "for(;;)",
            "loop{",
            "loopdo",
            "forkwhile",
            "forkuntil",
            "itertools.count",
            "while(!0)",
            "whiletrue",
            "iter(int",
        ];
        let respawns = dense.contains("process.argv[0]")
            || dense.contains("process.execPath")
            || dense.contains("sys.argv[0]")
            || dense.contains("__file__]");
        let starts = names_fork || (respawns && self.names(&["spawn", "fork", "Popen", "exec"]));
        if starts
            && (ENDLESS.iter().any(|part| dense.contains(part))
                || dense.matches("fork").count() > 3)
        {
            run.find(&rules::FORK_BOMB, self.language);
        }
        let connects = self.names(&[
            "socket",
            "Socket",
            "fsockopen",
            "net.connect",
            "createConnection",
            "net.Dial",
        ]) || dense.contains("require('net')")
            || dense.contains("require(\"net\")");
        let gives_shell = self.names(&["dup2", "pty.spawn"])
            || self.texts().any(|text| {
                matches!(
                    text.split(' ').next(),
                    Some("/bin/sh" | "/bin/bash" | "sh" | "bash" | "cmd.exe" | "/bin/zsh")
                )
            });
        if connects && gives_shell {
            run.find(&rules::REVERSE_SHELL, self.language);
        }
        self.sending(run, &dense);
    }

    fn sending(&self, run: &mut Run, dense: &str) {
        let sends = self.names(&[
            "requests.post",
            "requests.put",
            "urlopen",
            "http.request",
            "https.request",
            "fetch",
            "socket",
            "httpx.post",
            "Net.HTTP",
            "requests.get",
            "HTTPSConnection",
            "LWP",
            "axios",
        ]);
        if !sends {
            return;
        }
        let names_secret = self.texts().any(|text| {
            let path = text.replace("~", &run.context.home);
            path.len() < 200
                && (run.holds_secrets(&path)
                    || path.trim_start_matches('/').starts_with(".ssh/id_")
                    || path.trim_start_matches('/').starts_with(".aws/cred"))
        });
        let whole = [
            "dict(os.environ)",
            "=os.environ,",
            "=os.environ)",
            "stringify(process.env)",
            "str(os.environ)",
            "ENV.to_h",
            "dumps(os.environ",
            "environ.copy()",
        ];
        if names_secret || whole.iter().any(|part| dense.contains(part)) {
            run.find(&rules::EXFILTRATION, self.language);
        }
    }

    fn token(&mut self, run: &mut Run, at: usize) {
        match &self.tokens[at] {
            Token::Shell(text) => {
                run.judge_text(text);
            }
            Token::Name(name) => self.named(run, name, at),
            Token::Text(text) if is_awk(self.language) => {
                let piped = |token: Option<&Token>| token == Some(&Token::Sign('|'));
                if piped(at.checked_sub(1).and_then(|at| self.tokens.get(at)))
                    || piped(self.tokens.get(at + 1))
                {
                    run.judge_text(text);
                }
                if at > 0 && self.tokens[at - 1] == Token::Sign('>') {
                    files::write(run, text, "", false);
                }
            }
            _ => {}
        }
    }

    fn named(&mut self, run: &mut Run, name: &str, at: usize) {
        self.assignment(run, name, at);
        let call = last(name);
        let owner = name.rsplit('.').nth(1).unwrap_or_default();
        let is_call = matches!(
            self.tokens.get(at + 1),
            Some(Token::Sign('(') | Token::Text(_))
        ) || matches!(self.language, "perl" | "ruby");
        if !is_call {
            return;
        }
        if matches!(call, "exec" | "eval" | "Function" | "instance_eval") {
            self.evaluated(run, call, at);
        }
        if SHELL_CALLS.contains(&call) && !(call == "exec" && self.language == "python") {
            self.shell_call(run, at);
        } else if matches!(call, "kill" | "killpg") {
            self.kill(run, at);
        }
        if LIST_CALLS.contains(&call) {
            let values = self.arguments(run, at);
            let values = values.into_iter().take(1).map(|value| {
                value.trim_end_matches("/*").to_owned() + if value == "/*" { "/" } else { "" }
            });
            self.listed.extend(values.filter(|value| {
                !value.is_empty()
                    && !value.starts_with(UNKNOWN)
                    && (value.starts_with('/') || value.starts_with("..") || value.starts_with('.'))
            }));
        }
        let is_bare = !name.contains('.');
        let is_generic = matches!(
            call,
            "unlink" | "rmdir" | "remove" | "rm" | "delete" | "truncate"
        );
        let is_file_call = OWNERS.contains(&owner)
            || (is_bare && matches!(self.language, "perl" | "php") && call != "delete")
            || (is_bare
                && matches!(call, "remove" | "unlink" | "rmdir" | "rm")
                && self.values_import(call))
            || name.starts_with('.');
        if DELETE_CALLS.contains(&call) && (!is_generic || is_file_call) {
            self.delete_call(run, at, name);
        }
        if WRITE_CALLS.contains(&call) {
            self.write_call(run, at, call);
        }
    }

    /// `from os import remove`.
    fn values_import(&self, call: &str) -> bool {
        let mut imports = false;
        self.tokens.iter().any(|token| {
            imports |= matches!(token, Token::Name(name) if name == "import");
            imports && matches!(token, Token::Name(name) if name == call)
        })
    }

    /// `name = expression`, and `for name in [...]`.
    fn assignment(&mut self, run: &Run, name: &str, at: usize) {
        let next = self.tokens.get(at + 1);
        let is_assignment =
            next == Some(&Token::Sign('=')) && self.tokens.get(at + 2) != Some(&Token::Sign('='));
        let is_loop = matches!(next, Some(Token::Name(word)) if word == "in" || word == "of");
        if is_assignment {
            let (value, _) = self.value(run, at + 2, 0);
            self.values.insert(name.to_owned(), value);
        } else if is_loop {
            let values = self.texts_until(at + 2, &[':', '{', '\n', ')']);
            if !values.is_empty() {
                self.values.insert(name.to_owned(), values.join("\n"));
            }
        }
    }

    fn texts_until(&self, from: usize, ends: &[char]) -> Vec<String> {
        let mut found = Vec::new();
        for token in self.tokens.iter().skip(from).take(64) {
            match token {
                Token::Sign(c) if ends.contains(c) => break,
                Token::Text(text) => found.push(text.clone()),
                _ => {}
            }
        }
        found
    }

    /// The value of an expression, and where it ends.
    fn value(&self, run: &Run, mut at: usize, depth: usize) -> (String, usize) {
        let mut out = String::new();
        let mut joins = false;
        while let Some(token) = self.tokens.get(at) {
            if self.steps.get() == 0 {
                return (unknown(), self.tokens.len());
            }
            self.steps.set(self.steps.get() - 1);
            match token {
                Token::Text(text) => {
                    out.push_str(if joins { "/" } else { "" });
                    out.push_str(text);
                    at += 1;
                }
                Token::Name(name) => {
                    let (value, next) = self.name_value(run, name, at, depth);
                    out.push_str(if joins { "/" } else { "" });
                    out.push_str(&value);
                    at = next;
                }
                Token::Sign('(' | '[') if depth < 16 => {
                    let (value, next) = self.value(run, at + 1, depth + 1);
                    out.push_str(&value);
                    at = next + 1;
                }
                Token::Sign('+') => at += 1,
                Token::Sign('/') => {
                    joins = true;
                    at += 1;
                    continue;
                }
                _ => break,
            }
            joins = false;
            if out.len() > 4096 {
                return (unknown(), at);
            }
        }
        (out, at)
    }

    fn name_value(&self, run: &Run, name: &str, at: usize, depth: usize) -> (String, usize) {
        let has_call = self.tokens.get(at + 1) == Some(&Token::Sign('('));
        let behind = if has_call {
            self.closing(at + 1) + 1
        } else {
            at + 1
        };
        let call = last(name);
        let home = || run.context.home.clone();
        match call {
            "home" | "homedir" => return (home(), behind),
            "environ" | "ENV" | "$ENV" | "getenv" | "get" | "env" | "$_SERVER" => {
                let close = self.closing(at + 1);
                let names_home = self.tokens.get(at + 1..close.min(self.tokens.len())).unwrap_or_default().iter().any(|token| matches!(token, Token::Text(text) | Token::Name(text) if text == "HOME"));
                return (if names_home { home() } else { unknown() }, close + 1);
            }
            "HOME" if name.contains("env") => return (home(), behind),
            "require" | "__import__" => return (String::new(), behind),
            "cwd" | "getcwd" | "pwd" => return (run.directory.clone(), behind),
            _ => {}
        }
        if has_call && depth < 16 {
            let inner = self.inside(run, at + 1, depth + 1);
            let text = match call {
                "expanduser" | "expand_path" => inner.concat().replacen('~', &run.context.home, 1),
                "join" | "resolve" | "Path" | "PurePath" | "path" | "str" | "String"
                | "abspath" | "realpath" | "new" | "Pathname" => inner.join("/"),
                "r" | "f" | "b" => inner.concat(),
                "b64decode" | "atob" | "decode64" => decoded(&inner.concat(), base64_bytes),
                "fromhex" | "unhexlify" => decoded(&inner.concat(), hex_bytes),
                "decode" if name.starts_with('.') => String::new(),
                "strip" | "read" | "toString" if name.starts_with('.') => String::new(),
                _ if NETWORK.iter().any(|word| name.contains(word)) => REMOTE.to_string(),
                _ => unknown(),
            };
            return (text, behind);
        }
        match self
            .values
            .get(name)
            .or_else(|| self.values.get(name.trim_start_matches('$')))
        {
            Some(value) => (value.clone(), behind),
            None if name.starts_with('.') => (String::new(), behind),
            None => (unknown(), behind),
        }
    }

    /// The place of the sign that closes the one at a place.
    fn closing(&self, open: usize) -> usize {
        let mut depth = 0usize;
        for (at, token) in self.tokens.iter().enumerate().skip(open).take(400) {
            self.steps.set(self.steps.get().saturating_sub(1));
            match token {
                Token::Sign('(' | '[' | '{') => depth += 1,
                Token::Sign(')' | ']' | '}') => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return at;
                    }
                }
                _ if depth == 0 => return at.saturating_sub(1),
                _ => {}
            }
        }
        self.tokens.len()
    }

    /// The values between parentheses, one a comma.
    fn inside(&self, run: &Run, open: usize, depth: usize) -> Vec<String> {
        let close = self.closing(open);
        self.list(run, open + 1, close, depth)
    }

    fn list(&self, run: &Run, from: usize, close: usize, depth: usize) -> Vec<String> {
        let mut values = Vec::new();
        let mut at = from;
        while at < close && values.len() < 64 {
            match self.tokens.get(at) {
                Some(Token::Text(_) | Token::Name(_)) => {
                    let (value, next) = self.value(run, at, depth);
                    values.push(value);
                    at = next.max(at + 1);
                }
                _ => at += 1,
            }
        }
        values
    }

    /// The arguments of the call at a place, with parentheses or without.
    fn arguments(&self, run: &Run, at: usize) -> Vec<String> {
        match self.tokens.get(at + 1) {
            Some(Token::Sign('(')) => self.inside(run, at + 1, 1),
            _ => {
                let ends = |token: &Token| {
                    matches!(token, Token::Sign(';' | '\n' | '}' | ')'))
                        || matches!(token, Token::Name(word) if matches!(word.as_str(), "while" | "if" | "unless" | "for" | "and" | "or" | "do"))
                };
                let length = self.tokens.iter().skip(at + 1).take(64).position(ends);
                let close =
                    at + 1 + length.unwrap_or(self.tokens.len().saturating_sub(at + 1).min(64));
                self.list(run, at + 1, close, 1)
            }
        }
    }

    fn shell_call(&self, run: &mut Run, at: usize) {
        let values = self.arguments(run, at);
        let Some(first) = values.first() else {
            return;
        };
        match first.trim().contains([' ', ';', '|', '>', '\n', ':']) || values.len() == 1 {
            true => run.judge_text(first),
            false => run.judge_words(
                values
                    .iter()
                    .filter(|value| !value.is_empty())
                    .cloned()
                    .collect(),
            ),
        }
    }

    fn delete_call(&mut self, run: &mut Run, at: usize, name: &str) {
        let mut values = self.arguments(run, at);
        let is_method = name.starts_with('.') && !self.follows_module(at);
        if is_method {
            values = self.receiver(run, at);
        } else if matches!(
            last(name),
            "rmtree" | "rm" | "rmSync" | "rmdirSync" | "rmdir" | "truncate" | "rimraf"
        ) {
            values.truncate(1);
        }
        for value in values {
            for path in value.split('\n').filter(|path| !path.is_empty()) {
                self.delete(run, path);
            }
        }
    }

    fn delete(&mut self, run: &mut Run, path: &str) {
        if path.starts_with(UNKNOWN) {
            self.deletes_unknown = true;
        }
        let is_flag = matches!(path, "recursive" | "force" | "true" | "ignore_errors");
        if !is_flag && !(path.contains(UNKNOWN) && run.zone(path) == Zone::Unknown) {
            files::destroy(run, path);
        }
    }

    /// Whether a method belongs to a module that was just brought in: `require('fs').rmSync`.
    fn follows_module(&self, at: usize) -> bool {
        let before = self
            .tokens
            .get(at.saturating_sub(4)..at)
            .unwrap_or_default();
        before.iter().any(|token| matches!(token, Token::Name(name) if matches!(name.as_str(), "require" | "__import__" | "import")))
    }

    /// The value in front of a method: `Path("x").unlink()`.
    fn receiver(&self, run: &Run, at: usize) -> Vec<String> {
        let mut depth = 0usize;
        for back in (at.saturating_sub(40)..at).rev() {
            match &self.tokens[back] {
                Token::Sign(')') => depth += 1,
                Token::Sign('(') => depth = depth.saturating_sub(1),
                Token::Name(_) if depth == 0 => return vec![self.value(run, back, 1).0],
                _ if depth == 0 => break,
                _ => {}
            }
        }
        Vec::new()
    }

    fn write_call(&self, run: &mut Run, at: usize, call: &str) {
        let values = self.arguments(run, at);
        let is_writing = |mode: &String| {
            matches!(
                mode.as_str(),
                "w" | "wb" | "w+" | "wb+" | "r+b" | "rb+" | ">" | "wt"
            ) || mode.starts_with('>')
        };
        let target = match call {
            "open" if values.iter().skip(1).any(is_writing) => values
                .iter()
                .find(|value| value.len() > 3 || value.starts_with('/')),
            "open" => None,
            "copyFileSync" => values.get(1),
            "write_text" => None,
            "write" if !matches!(&self.tokens[at], Token::Name(name) if name.starts_with("File.")) => {
                None
            }
            _ => values.first(),
        };
        if let Some(target) = target
            .filter(|target| target.starts_with(['/', '~', '.']) && !target.starts_with(UNKNOWN))
        {
            files::write(run, target, "", false);
        }
        if call == "write_text" {
            for target in self.receiver(run, at) {
                files::write(run, &target, "", false);
            }
        }
    }

    fn evaluated(&self, run: &mut Run, call: &str, at: usize) {
        let close = self.closing(at + 1);
        let inside = self
            .tokens
            .get(at + 1..close.min(self.tokens.len()))
            .unwrap_or_default();
        let loads = |token: &Token| matches!(token, Token::Name(name) if NETWORK.iter().any(|word| name.contains(word)));
        if inside.iter().any(loads) {
            return run.find(&rules::REMOTE_CODE, self.language);
        }
        let values = self.arguments(run, at);
        let text = values.concat();
        if text.contains(OPAQUE) || text.contains(REMOTE) || text.contains(SECRET) {
            return code_input(run, self.language, &text);
        }
        let is_code = call != "exec" || self.language.starts_with("py");
        if is_code && !text.is_empty() && !marks::has_marks(&text) {
            let language = self.language.to_owned();
            run.deeper(|run| code(run, &language, &text));
        }
    }

    fn kill(&self, run: &mut Run, at: usize) {
        let close = match self.tokens.get(at + 1) {
            Some(Token::Sign('(')) => self.closing(at + 1),
            _ => (at + 8).min(self.tokens.len()),
        };
        let mut text = String::new();
        for token in self.tokens.get(at + 1..close).unwrap_or_default() {
            match token {
                Token::Name(name) => text.push_str(name),
                Token::Sign(c) => text.push(*c),
                Token::Text(text_inside) => text.push_str(text_inside),
                Token::Shell(_) => {}
            }
        }
        let parts: Vec<&str> = text
            .trim_matches(['(', ')', ';', '\n'])
            .split(',')
            .collect();
        let target = match self.language {
            "perl" | "ruby" => parts.get(1..).unwrap_or_default(),
            _ => parts.get(..1).unwrap_or_default(),
        };
        if target.iter().any(|part| matches!(*part, "-1" | "1")) {
            run.find(&rules::KILL_ALL, &text);
        }
    }
}

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or_default()
}

fn unknown() -> String {
    UNKNOWN.to_string()
}

fn decoded(text: &str, decode: impl Fn(&str) -> Option<Vec<u8>>) -> String {
    let known = !text.is_empty() && !marks::has_marks(text);
    let bytes = if known { decode(text) } else { None };
    match bytes.and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(text) => marks::without_marks(&text).into_owned(),
        None => OPAQUE.to_string(),
    }
}
