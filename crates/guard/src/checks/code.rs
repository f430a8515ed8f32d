//! Code that an interpreter is given: what it deletes, runs, sends and starts.
//!
//! Only calls count. A string that reaches no call is data.

use std::cell::{Cell, OnceCell};
use std::collections::HashMap;

use once_cell::race::OnceBox;
use regex::Regex;

use super::reading::{Reading, last, steps_for};
use super::tokens::{Token, cut};
use super::{from_network, notebook, removal};
use crate::facts::Facts;
use crate::programs::{Argv, ProgramKind, Role, is_of_kind, known, unknown};
use crate::rules;
use crate::taint::{OPAQUE, REMOTE};
use crate::zone::name_of;

/// The code among the words of an interpreter's command line.
pub(crate) fn code_argument(argv: &Argv) -> Option<String> {
    let words = argv.words;
    if argv.known.kinds.has(ProgramKind::Awk) {
        let code = argv.operands.first().filter(|_| !argv.has(&["-f"]));
        return code.map(|code| (*code).to_owned());
    }
    let letters = code_letters(argv);
    if letters == "none" {
        return None;
    }
    let stated: Vec<&str> = argv.values_of(Role::Statement).collect();
    if !stated.is_empty() {
        return Some(stated.join("\n"));
    }
    let mut code = String::new();
    let mut rest = words[1..].iter();
    while let Some(word) = rest.next() {
        if unknown().code_words.contains(&word.as_str()) {
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

/// The letters of the options that bring code to this interpreter.
fn code_letters(argv: &Argv) -> &'static str {
    let rows = [argv.known.row, argv.known.family, Some(unknown())];
    let said = rows.into_iter().flatten().map(|row| row.code);
    said.into_iter()
        .find(|letters| !letters.is_empty())
        .unwrap_or_default()
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

/// Code that came by input or from a file of the script's own.
pub(crate) fn check_code_input(run: &mut Facts, name: &str, text: &str) {
    if text.contains(REMOTE) {
        run.report(&rules::REMOTE_CODE, name);
    } else if text.contains(OPAQUE) {
        run.report(&rules::HIDDEN_CODE, name);
    } else {
        check_code(run, name, text);
    }
}

/// What the code of a one-liner prints, if its strings tell.
pub(crate) fn printed_by_code(argv: &Argv) -> Option<String> {
    if !argv.known.kinds.has(ProgramKind::Interpreter) {
        return None;
    }
    let words = argv.words;
    let code = code_argument(argv)?;
    // `perl -pe` prints what it makes of each line.
    let edits = words[1..].iter().any(|word| cluster(word, "p").is_some());
    let prints = ["print", "puts", "echo", "console.log", "write", "say"];
    if !edits && !prints.iter().any(|word| code.contains(word)) {
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
        "%c",
        "hex",
    ];
    if decodes.iter().any(|word| code.contains(word)) {
        return Some(OPAQUE.to_string());
    }
    if edits {
        return None;
    }
    let texts = cut(&code, argv.known.kinds)
        .into_iter()
        .filter_map(|token| match token {
            Token::Text(text) => Some(text),
            _ => None,
        });
    let found = texts.collect::<Vec<_>>().join("\n");
    (!found.trim().is_empty()).then(|| format!("{found}\n"))
}

/// Judges code of a language.
pub(crate) fn check_code(run: &mut Facts, language: &str, text: &str) {
    if text.contains(REMOTE) {
        return run.report(&rules::REMOTE_CODE, language);
    }
    if text.contains(OPAQUE) {
        return run.report(&rules::HIDDEN_CODE, language);
    }
    if run.depth_left() == 0 {
        return run.report(&rules::TOO_MUCH, language);
    }
    let language = language.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let known = known(language);
    let kinds = known.kinds;
    if kinds.has(ProgramKind::BangLines) {
        notebook::check_lines(run, text);
    }
    let tokens = cut(text, kinds);
    if from_network::is_run(kinds, &tokens) {
        run.report(&rules::REMOTE_CODE, language);
    }
    let mut reading = Reading {
        language,
        kinds,
        starts: known.row.map_or(&[], |row| &row.starts),
        tokens: &tokens,
        values: HashMap::new(),
        lists: HashMap::new(),
        listed: Vec::new(),
        deletes_unknown: false,
        steps: Cell::new(steps_for(tokens.len())),
        loads: OnceCell::new(),
        imported: OnceCell::new(),
        names_given: OnceCell::new(),
    };
    reading.whole(run, text);
    reading.loops(run);
    reading.methods_of_lists();
    for at in 0..tokens.len() {
        if reading.steps.get() == 0 {
            break;
        }
        reading.token(run, at);
    }
    if reading.steps.get() == 0 {
        run.report(&rules::TOO_MUCH, language);
    }
    if reading.deletes_unknown {
        for place in reading.listed.clone() {
            removal::check_removal(run, &place);
        }
    }
}

/// Code that names none of these neither breeds nor connects nor sends.
static TELLING: OnceBox<Option<Regex>> = OnceBox::new();

fn telling() -> Option<&'static Regex> {
    let regex = || {
        let parts = "fork|startfile|argv|execPath|__file__|[Ss]ocket|fsockopen|[Cc]onnect|Dial|net['\"]|requests|urlopen|https?|fetch|HTTP|LWP|axios";
        Box::new(Regex::new(parts).ok())
    };
    TELLING.get_or_init(regex).as_ref()
}

impl Reading<'_> {
    pub(super) fn names(&self, wanted: &[&str]) -> bool {
        self.tokens.iter().any(|token| match token {
            Token::Name(name) => wanted.iter().any(|wanted| name.contains(wanted)),
            _ => false,
        })
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().filter_map(|token| match token {
            Token::Text(text) => Some(text.as_ref()),
            Token::Shell(text) => Some(*text),
            _ => None,
        })
    }

    /// What is told by the code as a whole.
    fn whole(&self, run: &mut Facts, text: &str) {
        if telling().is_some_and(|parts| !parts.is_match(text)) {
            return;
        }
        let names_fork = self.tokens.iter().any(|token| matches!(token, Token::Name(name) if last(name) == "fork" || last(name) == "startfile"));
        let dense: String = text.chars().filter(|c| !c.is_whitespace()).collect();
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
            run.report(&rules::FORK_BOMB, self.language);
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
                let program = name_of(text.split(' ').next().unwrap_or_default());
                is_of_kind(program, ProgramKind::Shell)
                    || is_of_kind(program, ProgramKind::WindowsShell)
            });
        if connects && gives_shell {
            run.report(&rules::REVERSE_SHELL, self.language);
        }
        self.sending(run, &dense);
    }

    fn sending(&self, run: &mut Facts, dense: &str) {
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
            run.report(&rules::EXFILTRATION, self.language);
        }
    }
}
