//! Code of an interpreter, cut into names, strings and signs; comments are left out.
//!
//! One cutter serves all languages: what matters is only that a string is told from a call.

use super::super::shell::unescaped;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name with its dots: `os.system`, `.rmSync`, `$ENV`.
    Name(String),
    Text(String),
    /// A text that the language itself hands to a shell.
    Shell(String),
    Sign(char),
}

/// More tokens than this are no one-liner and no short script.
const MOST: usize = 40_000;

pub(super) fn cut(code: &str, language: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        if tokens.len() > MOST {
            break;
        }
        rest = match c {
            '#' if !is_c_like(language) => behind_line(rest),
            '/' if rest.starts_with("//") && is_c_like(language) => behind_line(rest),
            '"' | '\'' => string(rest, c, &mut tokens),
            '`' => backticks(rest, language, &mut tokens),
            '%' | 'q' if shell_quote(rest).is_some() => {
                let (text, behind) = shell_quote(rest).unwrap_or_default();
                tokens.push(Token::Shell(text.to_owned()));
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

fn is_c_like(language: &str) -> bool {
    matches!(language, "node" | "nodejs" | "deno" | "bun" | "php")
}

fn behind_line(text: &str) -> &str {
    text.find('\n').map_or("", |at| &text[at..])
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '~') || super::super::marks::is_mark(c)
}

fn name<'t>(text: &'t str, tokens: &mut Vec<Token>) -> &'t str {
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let scope = c == ':' && (text[at..].starts_with("::") || text[..at].ends_with(':'));
        if !is_name(c) && !scope {
            break;
        }
        end = at + c.len_utf8();
    }
    let (name, rest) = text.split_at(end);
    // A letter or two directly in front of a quote say how the string is read.
    let is_prefix = rest.starts_with(['"', '\''])
        && name.len() <= 2
        && name.bytes().all(|b| b.is_ascii_alphabetic());
    if !is_prefix {
        tokens.push(Token::Name(name.replace("::", ".")));
    }
    rest
}

fn string<'t>(text: &'t str, quote: char, tokens: &mut Vec<Token>) -> &'t str {
    let triple = [quote; 3].iter().collect::<String>();
    let (open, close) = match text.starts_with(&triple) {
        true => (3, triple),
        false => (1, quote.to_string()),
    };
    let inside = &text[open..];
    let mut from = 0;
    let end = loop {
        let Some(at) = inside[from..].find(['\\', quote]) else {
            break inside.len();
        };
        let at = from + at;
        if inside[at..].starts_with('\\') {
            let skipped = inside[at + 1..].chars().next().map_or(0, char::len_utf8);
            from = at + 1 + skipped;
        } else if inside[at..].starts_with(&close) {
            break at;
        } else {
            from = at + 1;
        }
    };
    tokens.push(Token::Text(unescaped(&inside[..end])));
    inside.get(end + close.len()..).unwrap_or_default()
}

/// Backticks run a command, except in JavaScript, where they quote.
fn backticks<'t>(text: &'t str, language: &str, tokens: &mut Vec<Token>) -> &'t str {
    let inside = &text[1..];
    let end = inside.find('`').unwrap_or(inside.len());
    let found = inside[..end].to_owned();
    tokens.push(match language {
        "node" | "nodejs" | "deno" | "bun" => Token::Text(found),
        _ => Token::Shell(found),
    });
    inside.get(end + 1..).unwrap_or_default()
}

/// `%x(...)` and `qx{...}`.
fn shell_quote(text: &str) -> Option<(&str, &str)> {
    let inside = text
        .strip_prefix("%x")
        .or_else(|| text.strip_prefix("qx"))?;
    let close = match inside.chars().next()? {
        '(' => ')',
        '{' => '}',
        '[' => ']',
        c @ ('/' | '|' | '!') => c,
        _ => return None,
    };
    let end = inside[1..].find(close)?;
    Some((&inside[1..1 + end], &inside[end + 2..]))
}
