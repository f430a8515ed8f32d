//! Programs of `sed`: the files that they write, and the commands that they run.

use super::writing::check_write;
use crate::facts::Facts;

/// Judges a program, command by command.
pub(super) fn program(run: &mut Facts, text: &str) {
    let mut rest = text;
    while let Some((command, behind)) = next_command(rest) {
        rest = match command {
            'w' | 'W' => check_w(run, behind),
            'e' => check_e(run, behind),
            's' => check_s(run, behind),
            'y' => parts(behind).map_or("", |(_, _, behind)| behind),
            // Text, and names of files that are read, reach to the end of the line.
            'a' | 'i' | 'c' | 'r' | 'R' | '#' => line(behind).1,
            'b' | 't' | 'T' | ':' => {
                &behind[behind.find([';', '\n', '}']).unwrap_or(behind.len())..]
            }
            _ => behind,
        };
    }
}

/// The letter of the next command and what stands behind it, without the lines that it is for.
fn next_command(text: &str) -> Option<(char, &str)> {
    let is_between = |c: char| c.is_whitespace() || matches!(c, ';' | '{' | '}');
    let is_place = |c: char| c.is_ascii_digit() || matches!(c, '$' | ',' | '!' | '~' | '+' | ' ');
    let mut rest = text.trim_start_matches(is_between);
    loop {
        rest = rest.trim_start_matches(is_place);
        let separator = match rest.strip_prefix('\\') {
            Some(custom) => custom.chars().next()?,
            None if rest.starts_with('/') => '/',
            None => break,
        };
        let start = rest.find(separator)? + separator.len_utf8();
        let end = closing(&rest[start..], separator)?;
        rest = rest[start + end + separator.len_utf8()..].trim_start_matches(['I', 'M']);
    }
    let rest = rest.trim_start_matches(is_between);
    let command = rest.chars().next()?;
    Some((command, &rest[command.len_utf8()..]))
}

/// The place of the separator that ends a part; one behind a backslash does not.
fn closing(text: &str, separator: char) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let ends = c == separator && !escaped;
        escaped = c == '\\' && !escaped;
        ends.then_some(at)
    })
}

/// What stands between separators: the pattern, what takes its place, and what is behind.
fn parts(text: &str) -> Option<(&str, &str, &str)> {
    let separator = text.chars().next()?;
    let text = &text[separator.len_utf8()..];
    let first = closing(text, separator)?;
    let behind = &text[first + separator.len_utf8()..];
    let second = closing(behind, separator)?;
    let flags = &behind[second + separator.len_utf8()..];
    Some((&text[..first], &behind[..second], flags))
}

fn line(text: &str) -> (&str, &str) {
    text.split_once('\n').unwrap_or((text, ""))
}

fn check_w<'t>(run: &mut Facts, text: &'t str) -> &'t str {
    let (file, rest) = line(text);
    check_write(run, file.trim(), "", false);
    rest
}

/// `e command`.
fn check_e<'t>(run: &mut Facts, text: &'t str) -> &'t str {
    let (command, rest) = line(text);
    if command.starts_with(' ') {
        run.defer_source(command.trim());
    }
    rest
}

/// `s/from/to/e` runs what was put in, `s/from/to/w file` writes it.
fn check_s<'t>(run: &mut Facts, text: &'t str) -> &'t str {
    let Some((_, new, behind)) = parts(text) else {
        return "";
    };
    let is_flag = |c: char| c.is_ascii_digit() || "gpeIiMm".contains(c);
    let rest = behind.trim_start_matches(is_flag);
    if behind[..behind.len() - rest.len()].contains('e') {
        run.defer_source(&new.replace('\\', ""));
    }
    match rest.strip_prefix('w') {
        Some(file) => check_w(run, file),
        None => rest,
    }
}
