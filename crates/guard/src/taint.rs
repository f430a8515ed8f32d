//! Characters that stand for what text alone cannot say, so that an expanded word stays one string.
//!
//! They are of a private area of Unicode and are taken out of everything that is read. A mark says
//! either that a character was not quoted (a glob, a brace), or what a value that is only known at
//! run time is made of (text from the network, a secret). Pure; any thread.

/// A value that is only known at run time.
pub(super) const UNKNOWN: char = '\u{F8E0}';
/// The same as a text.
pub(super) const UNKNOWN_TEXT: &str = "\u{F8E0}";
/// A path that `mktemp` made up.
pub(super) const TEMPORARY: char = '\u{F8E1}';
/// Text that came over the network.
pub(super) const REMOTE: char = '\u{F8E2}';
/// Text that was decoded and cannot be known.
pub(super) const OPAQUE: char = '\u{F8E3}';
/// The contents of credentials.
pub(super) const SECRET: char = '\u{F8E4}';
/// The numbers of all processes.
pub(super) const EVERY_PROCESS: char = '\u{F8E5}';
/// An unquoted `*`.
pub(super) const STAR: char = '\u{F8E6}';
/// An unquoted `?`.
pub(super) const QUESTION: char = '\u{F8E7}';
/// An unquoted `[`.
pub(super) const BRACKET: char = '\u{F8E8}';
/// An unquoted `{`.
pub(super) const OPEN: char = '\u{F8E9}';
/// An unquoted `,`.
pub(super) const COMMA: char = '\u{F8EA}';
/// An unquoted `}`.
pub(super) const CLOSE: char = '\u{F8EB}';
/// An unquoted `~`.
pub(super) const TILDE: char = '\u{F8EC}';
/// Where an unquoted expansion is split into words.
pub(super) const SPLIT: char = '\u{F8ED}';
/// An empty quotation: it makes a word although it has no text.
pub(super) const EMPTY: char = '\u{F8EE}';
/// The output of a pipe shell: what a connection sends.
pub(super) const SHELL: char = '\u{F8EF}';

/// The marks that say where text came from; they survive whatever a filter does with the text.
pub(super) const ORIGINS: [char; 6] = [REMOTE, OPAQUE, SECRET, EVERY_PROCESS, SHELL, UNKNOWN];

/// The marks begin with these two bytes, and so do few other characters.
const LEAD: [u8; 2] = [0xEF, 0xA3];

/// What is read must not bring marks of its own.
pub(super) fn without_marks(text: &str) -> std::borrow::Cow<'_, str> {
    if !has_marks(text) {
        return text.into();
    }
    text.replace(|c| ('\u{F8E0}'..='\u{F8FF}').contains(&c), "\u{FFFD}")
        .into()
}

/// Whether any mark stands in the text.
pub(super) fn has_marks(text: &str) -> bool {
    let mut bytes = text.as_bytes();
    while let Some(at) = memchr::memchr(LEAD[0], bytes) {
        if bytes.get(at + 1) == Some(&LEAD[1]) {
            return true;
        }
        bytes = &bytes[at + 1..];
    }
    false
}

/// Whether any mark is left that makes words of a text or parts of them: a brace, a comma, a tilde, a
/// split, an empty quotation.
pub(super) fn shape_words(text: &str) -> bool {
    const SHAPES: std::ops::RangeInclusive<u8> = 0xA9..=0xAE;
    let bytes = text.as_bytes();
    memchr::memchr_iter(LEAD[0], bytes).any(|at| {
        bytes.get(at + 1) == Some(&LEAD[1])
            && bytes.get(at + 2).is_some_and(|last| SHAPES.contains(last))
    })
}

/// Whether a character is any mark.
pub(super) fn is_mark(c: char) -> bool {
    ('\u{F8E0}'..='\u{F8FF}').contains(&c)
}

pub(super) fn is_glob(c: char) -> bool {
    matches!(c, STAR | QUESTION | BRACKET)
}

/// The origins of a text, without the text.
pub(super) fn origins(text: &str) -> String {
    if !has_marks(text) {
        return String::new();
    }
    ORIGINS.into_iter().filter(|c| text.contains(*c)).collect()
}

/// The text as a person would write it.
pub(super) fn shown(text: &str) -> String {
    if !has_marks(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            STAR => out.push('*'),
            QUESTION => out.push('?'),
            BRACKET => out.push('['),
            OPEN => out.push('{'),
            COMMA => out.push(','),
            CLOSE => out.push('}'),
            TILDE => out.push('~'),
            SPLIT => out.push(' '),
            EMPTY => {}
            UNKNOWN => out.push_str("<unknown>"),
            TEMPORARY => out.push_str("<temporary>"),
            REMOTE => out.push_str("<downloaded>"),
            OPAQUE => out.push_str("<decoded>"),
            SECRET => out.push_str("<secret>"),
            EVERY_PROCESS => out.push_str("<every process>"),
            SHELL => out.push_str("<shell>"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marks_that_shape_words_are_told_from_the_others() {
        for mark in [OPEN, COMMA, CLOSE, TILDE, SPLIT, EMPTY] {
            assert!(shape_words(&format!("a\u{F8E0}{mark}b")), "{mark:?}");
        }
        for mark in ORIGINS
            .into_iter()
            .chain([TEMPORARY, STAR, QUESTION, BRACKET, '\u{F0A9}'])
        {
            assert!(!shape_words(&format!("a{mark}b")), "{mark:?}");
        }
    }
}
