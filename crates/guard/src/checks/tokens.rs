//! Code of an interpreter, cut into names, strings and signs; comments are left out.
//!
//! One cutter serves all languages: what matters is only that a string is told from a call.

use std::borrow::Cow;

use crate::programs::{KindsOf, ProgramKind};
use crate::shell::unescaped;
use crate::taint;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'t> {
    /// A name with its dots: `os.system`, `.rmSync`, `$ENV`.
    Name(Cow<'t, str>),
    Text(Cow<'t, str>),
    /// A text that the language itself hands to a shell.
    Shell(&'t str),
    Sign(char),
}

pub(super) fn cut<'t>(code: &'t str, kinds: KindsOf) -> Vec<Token<'t>> {
    let mut tokens = Vec::new();
    let mut rest = code;
    // A sign that has no partner behind one place has none further on: it is searched for once.
    let mut unclosed = Vec::new();
    while let Some(c) = rest.chars().next() {
        rest = match c {
            '#' if !is_c_like(kinds) => behind_line(rest),
            '/' if rest.starts_with("//") && is_c_like(kinds) => behind_line(rest),
            '"' | '\'' => string(rest, c, &mut tokens),
            '`' => backticks(rest, kinds, &mut tokens),
            '%' | 'q' if let Some((quote, behind)) = word_quote(rest, kinds, &mut unclosed) => {
                quote.push_onto(&mut tokens);
                behind
            }
            '%' | 'q' if let Some((text, behind)) = shell_quote(rest, &mut unclosed) => {
                tokens.push(Token::Shell(text));
                behind
            }
            c if is_name(c) => name(rest, &mut tokens),
            c if c.is_whitespace() && c != '\n' => &rest[c.len_utf8()..],
            c => {
                tokens.push(Token::Sign(c));
                &rest[c.len_utf8()..]
            }
        };
    }
    tokens
}

fn is_c_like(kinds: KindsOf) -> bool {
    kinds.has(ProgramKind::Slashed)
}

fn behind_line(text: &str) -> &str {
    text.find('\n').map_or("", |at| &text[at..])
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '~') || taint::is_mark(c)
}

fn name<'t>(text: &'t str, tokens: &mut Vec<Token<'t>>) -> &'t str {
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let scope = c == ':' && (text[at..].starts_with("::") || text[..at].ends_with(':'));
        if !is_name(c) && !scope {
            break;
        }
        end = at + c.len_utf8();
    }
    let (name, rest) = text.split_at(end);
    // `rm_rf!(path)` is a call like one without the mark.
    let rest = rest
        .strip_prefix('!')
        .filter(|rest| rest.starts_with('('))
        .unwrap_or(rest);
    // A letter or two directly in front of a quote say how the string is read.
    let is_prefix = rest.starts_with(['"', '\''])
        && name.len() <= 2
        && name.bytes().all(|b| b.is_ascii_alphabetic());
    if !is_prefix {
        tokens.push(Token::Name(match name.contains(':') {
            true => name.replace("::", ".").into(),
            false => name.into(),
        }));
    }
    rest
}

fn string<'t>(text: &'t str, quote: char, tokens: &mut Vec<Token<'t>>) -> &'t str {
    let (triple, single) = match quote {
        '"' => (r#"""""#, r#"""#),
        _ => ("'''", "'"),
    };
    let (open, close) = match text.starts_with(triple) {
        true => (3, triple),
        false => (1, single),
    };
    let inside = &text[open..];
    let mut from = 0;
    let end = loop {
        let found = memchr::memchr2(b'\\', quote as u8, &inside.as_bytes()[from..]);
        let Some(at) = found else {
            break inside.len();
        };
        let at = from + at;
        if inside[at..].starts_with('\\') {
            let skipped = inside[at + 1..].chars().next().map_or(0, char::len_utf8);
            from = at + 1 + skipped;
        } else if inside[at..].starts_with(close) {
            break at;
        } else {
            from = at + 1;
        }
    };
    tokens.push(Token::Text(text_of(&inside[..end])));
    inside.get(end + close.len()..).unwrap_or_default()
}

fn text_of(inside: &str) -> Cow<'_, str> {
    let is_plain = memchr::memchr2(b'\\', 0, inside.as_bytes()).is_none();
    match is_plain && !taint::has_marks(inside) {
        true => inside.into(),
        false => unescaped(inside).into(),
    }
}

/// Backticks run a command, except in JavaScript, where they quote.
fn backticks<'t>(text: &'t str, kinds: KindsOf, tokens: &mut Vec<Token<'t>>) -> &'t str {
    let inside = &text[1..];
    let end = inside.find('`').unwrap_or(inside.len());
    let found = &inside[..end];
    tokens.push(match kinds.has(ProgramKind::JavaScript) {
        true => Token::Text(found.into()),
        false => Token::Shell(found),
    });
    inside.get(end + 1..).unwrap_or_default()
}

/// A quotation of Perl or Ruby that is told by letters.
enum Quote<'t> {
    /// `qw(a b)`, `%w[a b]`.
    Words(&'t str),
    /// `q(a)`, `qq{a}`, `%q(a)`.
    Text(&'t str),
}

impl<'t> Quote<'t> {
    fn push_onto(self, tokens: &mut Vec<Token<'t>>) {
        match self {
            Quote::Text(text) => tokens.push(Token::Text(text_of(text))),
            Quote::Words(text) => {
                tokens.push(Token::Sign('['));
                for word in text.split_whitespace() {
                    tokens.extend([Token::Text(text_of(word)), Token::Sign(',')]);
                }
                tokens.push(Token::Sign(']'));
            }
        }
    }
}

/// `qw(...)` of Perl and `%w[...]` of Ruby, and their kin for one text.
fn word_quote<'t>(
    text: &'t str,
    kinds: KindsOf,
    unclosed: &mut Vec<char>,
) -> Option<(Quote<'t>, &'t str)> {
    const PERL: &[(&str, bool)] = &[("qw", true), ("qq", false), ("q", false)];
    const RUBY: &[(&str, bool)] = &[
        ("%w", true),
        ("%W", true),
        ("%i", true),
        ("%q", false),
        ("%Q", false),
    ];
    let starts = match text.as_bytes().first() {
        Some(b'q') if kinds.has(ProgramKind::PerlQuotes) => PERL,
        Some(b'%') if kinds.has(ProgramKind::RubyQuotes) => RUBY,
        _ => return None,
    };
    let start = starts.iter().find(|(start, _)| text.starts_with(start));
    let (start, is_words) = start?;
    let inside = text[start.len()..].trim_start_matches(' ');
    let open = inside.chars().next()?;
    let (text, behind) = delimited(inside, closing_of(open)?, unclosed)?;
    Some(match is_words {
        true => (Quote::Words(text), behind),
        false => (Quote::Text(text), behind),
    })
}

fn closing_of(open: char) -> Option<char> {
    match open {
        '(' => Some(')'),
        '{' => Some('}'),
        '[' => Some(']'),
        '<' => Some('>'),
        '/' | '|' | '!' | '~' | '#' => Some(open),
        _ => None,
    }
}

/// What stands between the first character and the one that closes it.
fn delimited<'t>(
    inside: &'t str,
    close: char,
    unclosed: &mut Vec<char>,
) -> Option<(&'t str, &'t str)> {
    if unclosed.contains(&close) {
        return None;
    }
    let Some(end) = inside[1..].find(close) else {
        unclosed.push(close);
        return None;
    };
    Some((&inside[1..1 + end], &inside[end + 2..]))
}

/// `%x(...)` and `qx{...}`.
fn shell_quote<'t>(text: &'t str, unclosed: &mut Vec<char>) -> Option<(&'t str, &'t str)> {
    let inside = text
        .strip_prefix("%x")
        .or_else(|| text.strip_prefix("qx"))?;
    let close = closing_of(inside.chars().next()?)?;
    delimited(inside, close, unclosed)
}
