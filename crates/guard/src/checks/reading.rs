//! Expressions of code: what a name, a string or a call comes to, as far as text tells.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::collections::{HashMap, HashSet};

use super::tokens::Token;
use crate::encodings::{base64_bytes, hex_bytes};
use crate::facts::Facts;
use crate::programs::{KindsOf, ProgramKind};
use crate::taint::{self, OPAQUE, REMOTE, UNKNOWN};

/// Names that bring text from the network.
pub(super) const NETWORK: [&str; 14] = [
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

pub(super) struct Reading<'t> {
    pub(super) language: &'t str,
    /// What its interpreter is.
    pub(super) kinds: KindsOf,
    /// Calls of this language alone that start a program.
    pub(super) starts: &'static [&'static str],
    pub(super) tokens: &'t [Token<'t>],
    pub(super) values: HashMap<String, String>,
    /// Variables that hold the words of a list.
    pub(super) lists: HashMap<String, Vec<String>>,
    /// Places whose contents are gone through.
    pub(super) listed: Vec<String>,
    pub(super) deletes_unknown: bool,
    /// How many more expressions are looked at.
    pub(super) steps: Cell<usize>,
    /// Whether anything is brought from the network; found out at the first use.
    pub(super) loads: OnceCell<bool>,
    /// Other names for what was imported; found out at the first use.
    pub(super) names_given: OnceCell<HashMap<&'t str, &'t str>>,
    /// The names behind the first `import`; found out at the first use.
    pub(super) imported: OnceCell<HashSet<&'t str>>,
}

/// Code that people write takes two or three steps a token; the rest is for short code with deep calls.
pub(super) fn steps_for(tokens: usize) -> usize {
    (40_000 + 4 * tokens).min(250_000)
}

/// A value longer than this is not known: a text that carries it whole is too long itself.
const LONGEST_VALUE: usize = crate::shell::LONGEST;

/// Calls of Java and its kin that make a path of its parts.
const PATHS: [&str; 3] = ["Path.of", "Paths.get", "os.Path"];

impl Reading<'_> {
    pub(super) fn spend_steps(&self, count: usize) {
        self.steps.set(self.steps.get().saturating_sub(count));
    }

    /// The value of an expression, and where it ends.
    pub(super) fn value(&self, run: &Facts, mut at: usize, depth: usize) -> (String, usize) {
        let mut out = String::new();
        let mut joins = false;
        while let Some(token) = self.tokens.get(at) {
            if self.steps.get() == 0 {
                return (unknown(), self.tokens.len());
            }
            self.spend_steps(1);
            match token {
                Token::Text(text) => {
                    out.push_str(if joins { "/" } else { "" });
                    let text = with_home(text, &run.context.home);
                    match self.is_reversed(at + 1) {
                        true => {
                            out.extend(text.chars().rev());
                            at += 7;
                        }
                        false => {
                            out.push_str(&text);
                            at += 1;
                        }
                    }
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
            self.spend_steps(out.len() / 256);
            if out.len() > LONGEST_VALUE {
                return (unknown(), at);
            }
        }
        (out, at)
    }

    /// `map(chr, numbers)`.
    fn decodes_numbers(&self, at: usize) -> bool {
        matches!(self.tokens.get(at + 2), Some(Token::Name(name)) if name == "chr")
    }

    /// `[::-1]` of Python.
    fn is_reversed(&self, at: usize) -> bool {
        let wanted = [
            Token::Sign('['),
            Token::Sign(':'),
            Token::Sign(':'),
            Token::Sign('-'),
        ];
        self.tokens.get(at) == Some(&wanted[0])
            && self.tokens.get(at..at + 4) == Some(&wanted[..])
            && matches!(self.tokens.get(at + 4), Some(Token::Name(one)) if one == "1")
    }

    /// What `name as other` says that another name means.
    pub(super) fn renamed(&self, name: &str) -> Option<&str> {
        let find = || {
            let triples = self.tokens.windows(3);
            let names = triples.filter_map(|triple| match triple {
                [Token::Name(from), Token::Name(word), Token::Name(to)] if word == "as" => {
                    Some((to.as_ref(), from.as_ref()))
                }
                _ => None,
            });
            names.collect()
        };
        self.names_given.get_or_init(find).get(name).copied()
    }

    /// What a name of the machine's comes to: the home, the directory, a module.
    fn of_machine(
        &self,
        run: &Facts,
        name: &str,
        at: usize,
        behind: usize,
    ) -> Option<(String, usize)> {
        let home = || run.context.home.clone();
        Some(match last(name) {
            "home" | "homedir" => (home(), behind),
            "environ" | "ENV" | "$ENV" | "getenv" | "get" | "env" | "$_SERVER" => {
                let close = self.closing(at + 1);
                let inside = at + 1..close.min(self.tokens.len());
                let is_home = |token: &Token<'_>| matches!(token, Token::Text(text) | Token::Name(text) if text == "HOME");
                let names_home = self
                    .tokens
                    .get(inside)
                    .is_some_and(|tokens| tokens.iter().any(is_home));
                (if names_home { home() } else { unknown() }, close + 1)
            }
            "HOME" if name.contains("env") => (home(), behind),
            // `new File("/etc")` is what stands behind it.
            "new" if name == "new" && behind == at + 1 => (String::new(), behind),
            "require" | "__import__" => (String::new(), behind),
            "cwd" | "getcwd" | "pwd" => (run.directory.clone(), behind),
            _ => return None,
        })
    }

    pub(super) fn name_value(
        &self,
        run: &Facts,
        name: &str,
        at: usize,
        depth: usize,
    ) -> (String, usize) {
        let has_call = self.tokens.get(at + 1) == Some(&Token::Sign('('));
        let behind = if has_call {
            self.closing(at + 1) + 1
        } else {
            at + 1
        };
        // `Paths.get("/etc")` of Java is a path, where another `get` asks the environment.
        let is_path = has_call && depth < 16 && PATHS.iter().any(|path| name.ends_with(path));
        if is_path {
            return (self.inside(run, at + 1, depth + 1).join("/"), behind);
        }
        if let Some(found) = self.of_machine(run, name, at, behind) {
            return found;
        }
        let call = last(name);
        if has_call && depth < 16 {
            let inner = self.inside(run, at + 1, depth + 1);
            let text = match call {
                "map" if self.decodes_numbers(at) => OPAQUE.to_string(),
                "glob" if self.kinds.has(ProgramKind::ModeWords) => inner.concat(),
                "expanduser" | "expand_path" => inner.concat().replacen('~', &run.context.home, 1),
                "join" | "resolve" | "Path" | "PurePath" | "path" | "str" | "String"
                | "abspath" | "realpath" | "new" | "Pathname" | "File" | "Directory" => {
                    inner.join("/")
                }
                "r" | "f" | "b" => inner.concat(),
                "b64decode" | "atob" | "decode64" | "decode_base64" => {
                    decoded(&inner.concat(), base64_bytes)
                }
                "fromhex" | "unhexlify" => decoded(&inner.concat(), hex_bytes),
                "decode" | "split" if name.starts_with('.') => String::new(),
                "split" => inner.concat(),
                "strip" | "read" | "toString" if name.starts_with('.') => String::new(),
                "from" if inner.len() == 2 && inner[1] == "base64" => {
                    decoded(&inner[0], base64_bytes)
                }
                "from" if inner.len() == 2 && inner[1] == "hex" => decoded(&inner[0], hex_bytes),
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
    pub(super) fn closing(&self, open: usize) -> usize {
        let mut depth = 0usize;
        for (at, token) in self.tokens.iter().enumerate().skip(open) {
            // To step over a token costs a part of what reading it does.
            if at % 8 == 0 {
                self.spend_steps(1);
            }
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
    pub(super) fn inside(&self, run: &Facts, open: usize, depth: usize) -> Vec<String> {
        let close = self.closing(open);
        self.list(run, open + 1, close, depth)
    }

    pub(super) fn list(&self, run: &Facts, from: usize, close: usize, depth: usize) -> Vec<String> {
        let mut values = Vec::new();
        let mut at = from;
        while at < close {
            match self.tokens.get(at) {
                Some(Token::Name(_)) if self.is_key(at) => at += 2,
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

    /// Whether a name says which argument follows: `args=[...]` of Python, `{args: [...]}` of
    /// JavaScript.
    fn is_key(&self, at: usize) -> bool {
        let sign = |at: usize| match self.tokens.get(at) {
            Some(Token::Sign(sign)) => *sign,
            _ => ' ',
        };
        let before = at.checked_sub(1).map_or(' ', sign);
        match sign(at + 1) {
            '=' => {
                self.kinds.has(ProgramKind::NamedArguments) && !matches!(sign(at + 2), '=' | '>')
            }
            ':' => self.kinds.has(ProgramKind::JavaScript) && matches!(before, '{' | ','),
            _ => false,
        }
    }

    /// The arguments of the call at a place, with parentheses or without.
    pub(super) fn arguments(&self, run: &Facts, at: usize) -> Vec<String> {
        match self.tokens.get(at + 1) {
            Some(Token::Sign('(')) => self.inside(run, at + 1, 1),
            _ => {
                let ends = |token: &Token| {
                    matches!(token, Token::Sign(';' | '\n' | '}' | ')'))
                        || matches!(token, Token::Name(word) if matches!(word.as_ref(), "while" | "if" | "unless" | "for" | "and" | "or" | "do"))
                };
                let behind = self.tokens.get(at + 1..).unwrap_or_default();
                let length = behind.iter().position(ends).unwrap_or(behind.len());
                self.spend_steps(length / 8);
                let close = at + 1 + length;
                self.list(run, at + 1, close, 1)
            }
        }
    }
}

/// A text in which a language puts the home.
fn with_home<'t>(text: &'t str, home: &str) -> Cow<'t, str> {
    const WRITTEN: [&str; 10] = [
        "$ENV{HOME}",
        "$ENV{'HOME'}",
        "#{ENV['HOME']}",
        "#{ENV[\"HOME\"]}",
        "#{Dir.home}",
        "${process.env.HOME}",
        "${os.homedir()}",
        "{os.environ['HOME']}",
        "{Path.home()}",
        "{$_SERVER['HOME']}",
    ];
    let is_open = memchr::memchr(b'{', text.as_bytes()).is_some();
    match WRITTEN.iter().find(|part| is_open && text.contains(**part)) {
        Some(part) => text.replace(part, home).into(),
        None => text.into(),
    }
}

pub(super) fn last(name: &str) -> &str {
    match memchr::memrchr(b'.', name.as_bytes()) {
        Some(at) => &name[at + 1..],
        None => name,
    }
}

fn unknown() -> String {
    UNKNOWN.to_string()
}

fn decoded(text: &str, decode: impl Fn(&str) -> Option<Vec<u8>>) -> String {
    let known = !text.is_empty() && !taint::has_marks(text);
    let bytes = if known { decode(text) } else { None };
    match bytes.and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(text) => taint::without_marks(&text).into_owned(),
        None => OPAQUE.to_string(),
    }
}
