//! The form in which two readers are compared: a line a command, nested commands in their words.
//!
//! It says what the guard relies on: which simple commands there are, their assignments, words and
//! redirections, in which compound command they stand, and where each word stood in the text. It
//! leaves out what the guard's reader does not keep: `&&` and `||`, `!` and `time`, the patterns of
//! `case`, the operators of a test.

use crate::taint;

/// Stands behind what is substituted in quotes.
const QUOTED: &str = "\u{2033}";

/// A line for each command.
pub(crate) type Form = Vec<String>;

/// Where a text stands, which decides what is special in it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Word,
    Quotes,
    /// Behind the name in `${x:-...}`.
    Operand,
    OperandInQuotes,
}

/// Whether words are compared as they were written, too. In a text that is read apart (a
/// substitution, a document) they are not: brush-parser does not keep it.
#[derive(Clone, Copy)]
pub(crate) struct Source(bool);

impl Source {
    pub(crate) const LOST: Source = Source(false);

    /// A joined line is in a word for one reader, and for the other it is not.
    pub(crate) fn of(text: &str) -> Source {
        Source(!text.contains("\\\n"))
    }

    /// A word after quote removal, and as it was written if that is plain to see.
    pub(crate) fn word(self, cooked: &str, written: &str) -> String {
        // An array ends with the `=` for one reader, and for the other it does not.
        match self.0 && !written.contains(['$', '`', '(', '\n']) && !written.ends_with('=') {
            true => format!("[{cooked}]<{written}>"),
            false => format!("[{cooked}]"),
        }
    }
}

pub(crate) fn call(
    assignments: impl Iterator<Item = String>,
    words: impl Iterator<Item = String>,
    redirections: Vec<String>,
) -> String {
    let parts: Vec<String> = assignments.chain(words).chain(redirections).collect();
    parts.join(" ")
}

pub(crate) fn compound(head: &str, inside: Vec<Form>, redirections: Vec<String>) -> Form {
    let mut form = vec![head.trim_end().to_owned()];
    for (at, part) in inside.into_iter().enumerate() {
        if at > 0 {
            form.push("--".to_owned());
        }
        form.extend(part);
    }
    form.push(
        format!("end {}", redirections.join(" "))
            .trim_end()
            .to_owned(),
    );
    form
}

/// The operands of a test. `-n` is what a lone word means.
pub(crate) fn test(words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words
        .filter(|word| word != "-n")
        .map(|word| match word.as_str() {
            "=" => "==".to_owned(),
            "-a" => "-e".to_owned(),
            "-L" => "-h".to_owned(),
            // Arithmetic is one word here, and blanks mean nothing in it.
            _ => without_blanks(&word),
        })
        .collect();
    format!("test {}", words.join(" "))
}

/// A name with what stands in brackets behind it, if something is substituted there.
pub(crate) fn subscripted(name: &str, subscript: Option<String>) -> String {
    format!("{name}{}", subscript.unwrap_or_default())
}

pub(crate) fn assignment(
    name: &str,
    appends: bool,
    values: impl Iterator<Item = String>,
) -> String {
    let sign = if appends { "+=" } else { "=" };
    let values: Vec<String> = values.collect();
    format!("{name}{sign}({})", values.join(" "))
}

pub(crate) fn redirection(descriptor: Option<u32>, operator: &str, target: &str) -> String {
    let descriptor = descriptor.map(|number| number.to_string());
    format!("{}{operator}{target}", descriptor.unwrap_or_default())
}

pub(crate) fn substitution(form: &Form, quoted: bool) -> String {
    format!("$({}){}", form.join("; "), if quoted { QUOTED } else { "" })
}

pub(crate) fn process(form: &Form) -> String {
    format!("<({})", form.join("; "))
}

/// Blanks mean nothing in arithmetic, and one of the readers drops them.
pub(crate) fn arithmetic(inside: &str) -> String {
    format!("$(({}))", without_blanks(inside))
}

pub(crate) fn without_blanks(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

pub(crate) fn parameter(prefix: Option<char>, name: &str, operand: &str, quoted: bool) -> String {
    let prefix = prefix.map(String::from).unwrap_or_default();
    format!(
        "${{{prefix}{name}{operand}}}{}",
        if quoted { QUOTED } else { "" }
    )
}

/// Unquoted text with a mark for each character that is more than itself. `more` says that the word
/// goes on behind it.
pub(crate) fn unquoted(text: &str, more: bool, place: Place) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let is_extended =
            place == Place::Word && rest[c.len_utf8()..].starts_with('(') && "@?*+!".contains(c);
        rest = &rest[c.len_utf8()..];
        match c {
            '*' => out.push(taint::STAR),
            '?' => out.push(taint::QUESTION),
            '[' if more || !rest.is_empty() => out.push(taint::BRACKET),
            '{' => out.push(taint::OPEN),
            ',' => out.push(taint::COMMA),
            '}' => out.push(taint::CLOSE),
            _ => out.push(c),
        }
        if is_extended {
            // `@(a|b)` can be any text.
            out.push(taint::STAR);
            rest = &rest[parentheses(rest)..];
        }
    }
    out
}

/// The length of the parentheses with which a text begins.
pub(crate) fn parentheses(text: &str) -> usize {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 1 => return at + 1,
            ')' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// A line as a person reads it: marks become the characters they stand for, in guillemets.
pub(crate) fn shown(form: Option<&Form>) -> String {
    let Some(form) = form else {
        return "cannot be read".to_owned();
    };
    let mut out = String::new();
    for c in form.join(" ; ").chars() {
        match taint::is_mark(c) {
            true => out.push_str(&format!("«{}»", taint::shown(&c.to_string()))),
            false => out.push(c),
        }
    }
    out
}
