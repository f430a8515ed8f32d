//! The sources of a crate as the rules see them: without comments and without the text of
//! literals, so that a rule is broken by code alone.

#![allow(
    dead_code,
    reason = "each test file is a program of its own and uses a part of this"
)]

pub(crate) mod modules;

use std::fs;
use std::path::{Path, PathBuf};

/// One source file.
pub(crate) struct Source {
    /// Path below `src/`.
    pub(crate) path: PathBuf,
    /// As it stands in the file.
    pub(crate) text: String,
    /// The same lines without comments and literals.
    pub(crate) code: String,
}

impl Source {
    fn read(root: &Path, path: &Path) -> Source {
        let text = fs::read_to_string(path).expect("a source file can be read");
        Source::of(path.strip_prefix(root).expect("it is below the root"), text)
    }

    /// A file with this path below `src/` and this text.
    pub(crate) fn of(path: impl Into<PathBuf>, text: impl Into<String>) -> Source {
        let text = text.into();
        Source {
            path: path.into(),
            code: code_of(&text),
            text,
        }
    }

    /// The first directory or file name below `src/`: `reactor` for `reactor/slot.rs` as for `reactor.rs`.
    pub(crate) fn room(&self) -> &str {
        let first = self.path.iter().next().and_then(|name| name.to_str());
        first.unwrap_or_default().trim_end_matches(".rs")
    }

    /// How many `super` lead out to the crate's root.
    pub(crate) fn depth(&self) -> usize {
        let names = self.path.components().count();
        names - usize::from(self.path.ends_with("mod.rs"))
    }

    /// True for files that hold nothing but tests.
    pub(crate) fn is_test(&self) -> bool {
        self.path
            .iter()
            .any(|name| name == "tests" || name == "tests.rs")
    }

    /// True for the files of a program that a library's package brings along.
    pub(crate) fn is_program(&self) -> bool {
        self.room() == "bin" || self.path.starts_with("provider/hook_program")
    }

    /// The code before the tests that stand in the same file.
    pub(crate) fn shipped_code(&self) -> &str {
        match self.is_test() {
            true => "",
            false => self
                .code
                .split("#[cfg(test)]\nmod")
                .next()
                .unwrap_or_default(),
        }
    }

    /// The same with what stands in its literals.
    pub(crate) fn shipped_text(&self) -> &str {
        let lines = self.shipped_code().lines().count();
        let end = self
            .text
            .split_inclusive('\n')
            .take(lines)
            .map(str::len)
            .sum();
        &self.text[..end]
    }

    /// `path:line` of each line of code that breaks a rule.
    pub(crate) fn places(&self, breaks: impl Fn(&str) -> bool) -> Vec<String> {
        places_in(&self.path, &self.code, breaks)
    }
}

/// `path:line` of each line of this code that breaks a rule.
pub(crate) fn places_in(path: &Path, code: &str, breaks: impl Fn(&str) -> bool) -> Vec<String> {
    let lines = code.lines().enumerate().filter(|(_, line)| breaks(line));
    lines
        .map(|(number, _)| format!("{}:{}", path.display(), number + 1))
        .collect()
}

/// Fails with the places that break a rule, if there are any.
pub(crate) fn assert_none(broken: Vec<String>, rule: &str) {
    assert!(broken.is_empty(), "{rule}:\n{}", broken.join("\n"));
}

/// Every file of the engine.
pub(crate) fn sources() -> Vec<Source> {
    sources_below("src")
}

/// Every file of the crates that ship as libraries.
pub(crate) fn all_sources() -> Vec<Source> {
    let mut found = sources();
    found.extend(sources_below("crates/guard/src"));
    found
}

/// Every file in Rust that ships, crate by crate: the engine, the guard, the daemon and the C
/// interface.
pub(crate) fn crates() -> [Vec<Source>; 4] {
    [
        "src",
        "crates/guard/src",
        "crates/hotplexd/src",
        "bindings/c/src",
    ]
    .map(sources_below)
}

/// The same without regard to whose they are.
pub(crate) fn rust_sources() -> Vec<Source> {
    crates().into_iter().flatten().collect()
}

fn sources_below(folder: &str) -> Vec<Source> {
    let found = sources_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    assert!(found.len() > 15, "the sources are there: {}", found.len());
    found
}

/// Every file below a directory.
pub(crate) fn sources_in(root: &Path) -> Vec<Source> {
    let mut found = Vec::new();
    let mut directories = vec![root.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).expect("a directory of sources") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => directories.push(path),
                false if path.extension().is_some_and(|extension| extension == "rs") => {
                    found.push(Source::read(root, &path));
                }
                false => {}
            }
        }
    }
    found
}

/// True if the word stands in the line by itself.
pub(crate) fn has_word(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.split(|c| !is_part(c)).any(|found| found == word)
}

/// The names of the types that some code defines. What a trait or a trait's implementation calls its
/// own types is not among them, nor are type parameters.
pub(crate) fn types(code: &str) -> Vec<(String, usize)> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let lines = code.lines().enumerate();
    let found = lines.filter_map(|(number, line)| {
        let (indented, item) = (line.starts_with(' '), without_visibility(line.trim_start()));
        let item = item.strip_prefix("unsafe ").unwrap_or(item);
        let keywords = ["struct ", "enum ", "trait ", "union ", "type "];
        let keyword = keywords
            .iter()
            .find(|keyword| item.starts_with(**keyword))?;
        let is_associated = *keyword == "type " && indented;
        let name: String = item[keyword.len()..]
            .chars()
            .take_while(|c| is_part(*c))
            .collect();
        // A macro's own `struct $name` has none.
        (!is_associated && !name.is_empty()).then_some((name, number + 1))
    });
    found.collect()
}

fn without_visibility(item: &str) -> &str {
    match item.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest
            .split_once(')')
            .map_or(rest, |(_, rest)| rest)
            .trim_start(),
        Some(rest) if rest.starts_with(' ') => rest.trim_start(),
        _ => item,
    }
}

/// The functions of some code, closures and types of functions not among them, each with its lines.
pub(crate) fn functions(code: &str) -> Vec<(String, usize)> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for (at, keyword) in code.match_indices("fn ") {
        let name: String = code[at + keyword.len()..]
            .chars()
            .take_while(|c| is_part(*c))
            .collect();
        if !name.is_empty() && !code[..at].ends_with(is_part) {
            let function = &code[at..];
            let lines = function[..item_end(function)].lines().count();
            found.push((name, lines));
        }
    }
    found
}

/// Where the item that begins here ends: at its `;`, or at the brace that closes its body.
pub(crate) fn item_end(code: &str) -> usize {
    let mut depth = 0;
    for (at, c) in code.char_indices() {
        match c {
            ';' if depth == 0 => return at + 1,
            '{' | '(' | '[' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' | ')' | ']' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

/// Takes out comments and what is inside literals; line breaks stay, so that lines keep their
/// numbers.
pub(crate) fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = skipped(rest, &code);
        if skipped > 0 {
            code.extend(rest[..skipped].chars().filter(|c| *c == '\n'));
            // A literal still separates what stands before and after it.
            code.push_str("\u{22}\u{22}");
        } else {
            code.push(first);
        }
        rest = &rest[skipped.max(first.len_utf8())..];
    }
    code
}

/// The length of the comment or literal that begins here; 0 if none does.
fn skipped(rest: &str, before: &str) -> usize {
    let is_of_word = |c: char| c.is_alphanumeric() || c == '_';
    // The `b` of a literal of bytes is a word of its own.
    let is_bytes = |text: &str| {
        text.strip_suffix('b')
            .is_some_and(|text| !text.ends_with(is_of_word))
    };
    let in_word = before.ends_with(is_of_word) && !is_bytes(before);
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return rest.find("*/").map_or(rest.len(), |end| end + 2);
    }
    if rest.starts_with("r\"") || rest.starts_with("r#\"") {
        return if in_word { 0 } else { raw_literal(rest) };
    }
    match rest.as_bytes()[0] {
        b'"' => quoted(rest, '"').unwrap_or(rest.len()),
        b'\'' if !in_word => character(rest),
        _ => 0,
    }
}

fn raw_literal(rest: &str) -> usize {
    let end = if rest.starts_with("r#") { "\"#" } else { "\"" };
    let start = rest.find('"').map_or(rest.len(), |at| at + 1);
    let closing = rest[start..].find(end);
    closing.map_or(rest.len(), |at| start + at + end.len())
}

/// The length of what stands between two unescaped marks, both included.
fn quoted(rest: &str, mark: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == mark => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// A character in quotes, and not the name of a lifetime.
fn character(rest: &str) -> usize {
    let mut inner = rest.chars().skip(1);
    let is_literal = match inner.next() {
        Some('\\') => true,
        _ => inner.next() == Some('\''),
    };
    if is_literal {
        quoted(rest, '\'').unwrap_or(0)
    } else {
        0
    }
}
