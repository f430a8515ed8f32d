//! What a line of JSON is, though nobody can read it: too long, cut, or with something else in it.
//!
//! Looks for a few members that are not deep, byte for byte as the line comes, and keeps nothing else of it.
//! What it finds stands in the line. That nothing else does is not said: a line may be cut before it.

use memchr::memchr2;

/// The names of the members on the way to a value; an entry of an array is [`ENTRY`].
pub(crate) type Path = &'static [&'static str];

/// In a [`Path`]: whichever entry of an array.
pub(crate) const ENTRY: &str = "[]";

/// Members that stand deeper are not looked at.
const DEEPEST: usize = 4;

/// Longer names and values are not kept, in bytes.
const LONGEST: usize = 1024;

/// So many entries of arrays are kept.
const ENTRIES_AT_MOST: usize = 64;

/// What was found in one line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outline {
    wanted: &'static [Path],
    /// What stands there, as it is written; of an object or an array only how it begins.
    found: Vec<(Path, String)>,
    depth: usize,
    /// For each object and array on the way in: the name of the member that is read; none in an array.
    names: Vec<Option<String>>,
    /// The text or number that was read last, of which is not known yet whether it is a name.
    token: Vec<u8>,
    is_in_text: bool,
    is_escaped: bool,
    is_too_long: bool,
}

impl Outline {
    /// Looks for these.
    pub(crate) fn new(wanted: &'static [Path]) -> Outline {
        Outline {
            wanted,
            found: Vec::new(),
            depth: 0,
            names: Vec::new(),
            token: Vec::new(),
            is_in_text: false,
            is_escaped: false,
            is_too_long: false,
        }
    }

    /// The outline of a whole line.
    pub(crate) fn of(line: &[u8], wanted: &'static [Path]) -> Outline {
        let mut outline = Outline::new(wanted);
        outline.feed(line);
        outline.end();
        outline
    }

    /// Takes the next bytes of the line, wherever they are cut.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) {
        if self.wanted.is_empty() {
            return;
        }
        while let Some((&byte, rest)) = bytes.split_first() {
            if self.is_in_text && (self.is_too_long || self.depth > DEEPEST) && !self.is_escaped {
                bytes = &bytes[memchr2(b'"', b'\\', bytes).unwrap_or(bytes.len())..];
                let Some((&byte, rest)) = bytes.split_first() else {
                    return;
                };
                self.in_text(byte);
                bytes = rest;
                continue;
            }
            match self.is_in_text {
                true => self.in_text(byte),
                false => self.between(byte),
            }
            bytes = rest;
        }
    }

    /// The line is over. A text behind which nothing comes is a value; a number may have been cut.
    pub(crate) fn end(&mut self) {
        if !self.is_in_text && self.token.starts_with(b"\"") {
            self.value_ends();
        }
    }

    /// What stands there, as it is written. Of several the last, as JSON is read.
    pub(crate) fn raw(&self, path: Path) -> Option<&str> {
        let mut found = self.found.iter().rev();
        let (_, value) = found.find(|(found, _)| *found == path)?;
        Some(value)
    }

    /// True if something stands there, whatever it is, and it is not null.
    pub(crate) fn has(&self, path: Path) -> bool {
        self.raw(path).is_some_and(|value| value != "null")
    }

    /// The text that stands there.
    pub(crate) fn text(&self, path: Path) -> Option<String> {
        serde_json::from_str(self.raw(path)?).ok()
    }

    /// The texts that stand there, of entries of an array.
    pub(crate) fn texts(&self, path: Path) -> Vec<String> {
        let found = self.found.iter().filter(|(found, _)| *found == path);
        let texts = found.filter_map(|(_, value)| serde_json::from_str(value).ok());
        texts.collect()
    }

    fn in_text(&mut self, byte: u8) {
        self.keep(byte);
        match byte {
            _ if self.is_escaped => self.is_escaped = false,
            b'\\' => self.is_escaped = true,
            b'"' => self.is_in_text = false,
            _ => {}
        }
    }

    fn between(&mut self, byte: u8) {
        match byte {
            b'"' => {
                self.forget_token();
                self.is_in_text = true;
                self.keep(byte);
            }
            b'{' | b'[' => self.enter(byte),
            b'}' | b']' => self.leave(),
            b':' => self.token_is_name(),
            b',' => self.value_ends(),
            byte if byte.is_ascii_whitespace() => {}
            byte => self.keep(byte),
        }
    }

    fn keep(&mut self, byte: u8) {
        self.is_too_long |= self.token.len() == LONGEST;
        if !self.is_too_long && self.depth <= DEEPEST {
            self.token.push(byte);
        }
    }

    fn forget_token(&mut self) {
        self.token.clear();
        self.is_too_long = false;
    }

    fn enter(&mut self, byte: u8) {
        self.forget_token();
        self.token.push(byte);
        self.note_value();
        self.forget_token();
        self.depth += 1;
        if self.depth <= DEEPEST {
            let entry = (byte == b'[').then(|| ENTRY.to_owned());
            self.names.push(entry);
        }
    }

    fn leave(&mut self) {
        self.value_ends();
        if self.depth <= DEEPEST {
            self.names.pop();
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn token_is_name(&mut self) {
        let name = match self.is_too_long {
            true => None,
            false => serde_json::from_slice(&self.token).ok(),
        };
        self.forget_token();
        if (1..=DEEPEST).contains(&self.depth)
            && let Some(last) = self.names.last_mut()
        {
            *last = name;
        }
    }

    fn value_ends(&mut self) {
        self.note_value();
        self.forget_token();
    }

    /// Keeps the value if it is wanted.
    fn note_value(&mut self) {
        let is_there = !self.token.is_empty() && self.depth == self.names.len();
        let Some(path) = self.path().filter(|_| is_there) else {
            return;
        };
        let value = match self.is_too_long {
            true => String::new(),
            false => String::from_utf8_lossy(&self.token).into_owned(),
        };
        if path.contains(&ENTRY) {
            let entries = self.found.iter().filter(|(found, _)| *found == path);
            if entries.count() == ENTRIES_AT_MOST {
                return;
            }
        } else {
            self.found.retain(|(found, _)| *found != path);
        }
        self.found.push((path, value));
    }

    fn path(&self) -> Option<Path> {
        let is_here = |path: &&Path| {
            let names = self.names.iter().map(Option::as_deref);
            names.eq(path.iter().map(|name| Some(*name)))
        };
        self.wanted.iter().find(is_here).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: &[Path] = &[
        &["type"],
        &["id"],
        &["result"],
        &["request", "subtype"],
        &["params", "turn", "id"],
        &["names", ENTRY],
    ];

    fn found(outline: &Outline) -> Vec<(String, &str)> {
        let found = outline.found.iter();
        found
            .map(|(path, value)| (path.join("."), value.as_str()))
            .collect()
    }

    #[test]
    fn members_are_found_wherever_they_stand_and_the_line_is_cut() {
        let long = format!(r#"{{"a":"{}","type":"result"}}"#, "x\\\"".repeat(5000));
        let deep = format!(
            r#"{{"a":{}{},"type":"t"}}"#,
            "[".repeat(300),
            "]".repeat(300)
        );
        let long_value = format!(r#"{{"type":"{}","id":1}}"#, "x".repeat(5000));
        let table: &[(&str, &[(&str, &str)])] = &[
            ("", &[]),
            ("no JSON at all: {]}[", &[]),
            (r#"{"type":"result"}"#, &[("type", "\"result\"")]),
            (r#"{"type":"result"#, &[]),
            (r#"{"type":"result""#, &[("type", "\"result\"")]),
            (r#"{ "id" : 12 , "x": 1"#, &[("id", "12")]),
            // It may have gone on.
            (r#"{"id":12"#, &[]),
            (r#"{"id":1,"id":2}"#, &[("id", "2")]),
            (r#"{"ty\u0070e":"a"}"#, &[("type", "\"a\"")]),
            (r#"{"a":{"type":"no"},"b":["type"],"c":"\"type\":1"}"#, &[]),
            (
                r#"junk{"id":"a}","result":{"id":7}}"#,
                &[("id", "\"a}\""), ("result", "{")],
            ),
            (
                r#"{"request":{"subtype":"x","input":{"subtype":"y"}}}"#,
                &[("request.subtype", "\"x\"")],
            ),
            (
                r#"{"params":{"turn":{"items":[{"id":"no"}],"id":"u1","#,
                &[("params.turn.id", "\"u1\"")],
            ),
            (
                r#"{"names":["a",["no"],"b"],"id":null}"#,
                &[
                    ("names.[]", "\"a\""),
                    ("names.[]", "["),
                    ("names.[]", "\"b\""),
                    ("id", "null"),
                ],
            ),
            (&long, &[("type", "\"result\"")]),
            (&deep, &[("type", "\"t\"")]),
            (&long_value, &[("type", ""), ("id", "1")]),
        ];
        for (line, expected) in table {
            let expected: Vec<_> = expected
                .iter()
                .map(|(path, value)| ((*path).to_owned(), *value))
                .collect();
            let cuts = (0..=line.len()).step_by(1 + line.len() / 100);
            for at in cuts {
                let mut outline = Outline::new(WANTED);
                outline.feed(&line.as_bytes()[..at]);
                outline.feed(&line.as_bytes()[at..]);
                outline.end();
                let name = &line[..line.len().min(80)];
                assert_eq!(found(&outline), expected, "{name} cut at {at}");
            }
        }
    }

    #[test]
    fn nothing_that_a_line_holds_adds_up() {
        let names = r#""x","#.repeat(100_000);
        let ids = r#""id":1,"#.repeat(100_000);
        let line = format!(r#"{{"names":[{names}"#);
        assert_eq!(
            Outline::of(line.as_bytes(), WANTED).found.len(),
            ENTRIES_AT_MOST
        );
        let line = format!("{{{ids}");
        assert_eq!(Outline::of(line.as_bytes(), WANTED).found.len(), 1);
        let outline = Outline::of("[".repeat(100_000).as_bytes(), WANTED);
        assert_eq!(outline.names.len(), DEEPEST);
    }
}
