//! Filters that decode, translate or edit: hidden commands are made readable again.

use regex::Regex;

use super::evaluation::Eval;
use super::filters::{filtered, is_file, kept};
use crate::encodings::{base64_bytes, hex_bytes};
use crate::programs::Argv;
use crate::shell::unescaped;
use crate::taint::{self, OPAQUE, REMOTE, SECRET, UNKNOWN};

pub(super) fn base64(run: &mut Eval, words: &[String], input: &str) -> String {
    let decodes = |word: &String| {
        matches!(word.as_str(), "-d" | "-D" | "--decode" | "-di" | "-id")
            || word.starts_with("--dec")
    };
    let is_decoder = words[1..].iter().any(decodes);
    let file = words[1..].iter().find(|word| is_file(word) && *word != "0");
    let text = match file {
        Some(file) => run.contents(file).into_owned(),
        None => input.to_owned(),
    };
    match is_decoder {
        true if words[0].contains("32") => opaque(&text),
        true => decoded(&text, base64_bytes),
        false => format!("{UNKNOWN}{}", taint::origins(&text)),
    }
}

fn opaque(text: &str) -> String {
    format!("{OPAQUE}{}", taint::origins(text))
}

/// Decoded text: itself if it is known, else the mark of an opaque one.
fn decoded(text: &str, decode: impl Fn(&str) -> Option<Vec<u8>>) -> String {
    if text.trim().is_empty() || !taint::origins(text).is_empty() {
        return opaque(text);
    }
    match decode(text).and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(text) => taint::without_marks(&text).into_owned(),
        None => OPAQUE.to_string(),
    }
}

pub(super) fn hex(input: &str) -> String {
    decoded(input, hex_bytes)
}

pub(super) fn openssl(run: &mut Eval, argv: &Argv, input: &str) -> String {
    let words = argv.words;
    let has = |text: &str| words.iter().any(|word| word == text);
    let decodes = has("-d") && (has("base64") || has("-base64") || has("-a"));
    match decodes && !has("-in") && !words.iter().any(|word| word.starts_with("-aes")) {
        true => decoded(input, base64_bytes),
        false if has("-d") => OPAQUE.to_string(),
        false if has("s_client") => REMOTE.to_string(),
        false => filtered(run, argv, input),
    }
}

pub(super) fn unpacked(name: &str, words: &[String], input: &str) -> String {
    let decodes = |word: &String| {
        matches!(
            word.as_str(),
            "-d" | "-dc" | "-cd" | "--decompress" | "--decrypt" | "-p"
        )
    };
    let exports = words.iter().any(|word| word.starts_with("--export-secret"));
    if exports {
        return SECRET.to_string();
    }
    match name == "gunzip" || words.iter().any(decodes) {
        true => opaque(input),
        false => format!("{UNKNOWN}{}", taint::origins(input)),
    }
}

pub(super) fn translated(words: &[String], input: &str) -> String {
    let deletes = words.first().is_some_and(|word| word == "-d");
    let sets: Vec<Vec<char>> = words
        .iter()
        .filter(|word| is_file(word))
        .map(|set| char_set(set))
        .collect();
    kept(input, |text| match sets.as_slice() {
        [set] if deletes => text.chars().filter(|c| !set.contains(c)).collect(),
        [from, to] => {
            let last = to.last().copied();
            let change = |c: char| match from.iter().rposition(|other| *other == c) {
                Some(at) => to.get(at).copied().or(last).unwrap_or(c),
                None => c,
            };
            text.chars().map(change).collect()
        }
        _ => text.to_owned(),
    })
}

fn char_set(text: &str) -> Vec<char> {
    let text = taint::shown(text)
        .replace("[:upper:]", "A-Z")
        .replace("[:lower:]", "a-z");
    let chars: Vec<char> = unescaped(&text).chars().take(512).collect();
    let mut set = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if let [from, '-', to, ..] = chars[at..]
            && from <= to
        {
            set.extend((from..=to).take(256));
            at += 3;
        } else {
            set.push(chars[at]);
            at += 1;
        }
    }
    set
}

/// What substitutions of `sed` make of a text that is known; anything else is not known.
pub(super) fn edited(run: &mut Eval, argv: &Argv, input: &str) -> Option<String> {
    let given = argv.options.iter().filter(|given| given.is("-e"));
    let mut programs: Vec<&str> = given.filter_map(|given| given.value).collect();
    let mut operands = argv.operands.iter();
    if programs.is_empty() {
        programs.extend(operands.next());
    }
    let is_plain = operands.next().is_none() && !argv.has(&["-n", "-f", "-i", "-z"]);
    let is_line = |text: &str| text.trim().chars().eq([UNKNOWN]);
    let is_known = !input.is_empty() && taint::origins(input).is_empty()
        || is_line(input) && programs.iter().all(|program| sets_front(program));
    if !is_plain || !is_known || input.len() > LONGEST_EDITED {
        return None;
    }
    let extended = argv.has(&["-E", "-r"]);
    let mut text = input.to_owned();
    for command in programs
        .iter()
        .flat_map(|program| program.split([';', '\n']))
    {
        text = substituted(&text, command.trim(), extended)?;
        if text.len() > 16 * LONGEST_EDITED || !run.spend(EDIT + text.len()) {
            return None;
        }
    }
    Some(text)
}

/// Whether a program puts something in front of each line, which is known of lines that are not.
fn sets_front(program: &str) -> bool {
    let separator = program.chars().nth(1).unwrap_or_default();
    program.starts_with(&format!("s{separator}^{separator}"))
}

/// No command is hidden in a longer text.
const LONGEST_EDITED: usize = 4096;

/// What the reading of an expression costs besides the length of the text.
const EDIT: usize = 1000;

fn substituted(text: &str, command: &str, extended: bool) -> Option<String> {
    let rest = command.strip_prefix('s')?;
    let separator = rest.chars().next().filter(|c| !c.is_alphanumeric())?;
    let parts: Vec<&str> = rest[separator.len_utf8()..].split(separator).collect();
    let [from, to, flags] = parts.as_slice() else {
        return None;
    };
    if from.len() > 128 || from.is_empty() || from.ends_with('\\') || to.ends_with('\\') {
        return None;
    }
    let pattern = pattern_of(&taint::shown(from), extended);
    let flags_of_pattern = if flags.contains(['i', 'I']) {
        "(?i)"
    } else {
        ""
    };
    let pattern = Regex::new(&format!("{flags_of_pattern}{pattern}")).ok()?;
    let to = replacement_of(&taint::shown(to));
    let count = usize::from(!flags.contains('g'));
    let lines = text
        .lines()
        .map(|line| pattern.replacen(line, count, to.as_str()));
    Some(lines.fold(String::new(), |text, line| text + &line + "\n"))
}

/// In a basic expression these signs mean themselves unless a backslash says otherwise.
fn pattern_of(from: &str, extended: bool) -> String {
    let mut pattern = String::new();
    let mut chars = from.chars();
    while let Some(c) = chars.next() {
        let escaped = c == '\\';
        let c = if escaped {
            chars.next().unwrap_or('\\')
        } else {
            c
        };
        let is_sign = matches!(c, '+' | '?' | '(' | ')' | '{' | '}' | '|');
        match (is_sign, escaped == extended) {
            (true, true) => pattern.extend(['\\', c]),
            (true, false) => pattern.push(c),
            (false, _) if escaped => pattern.extend(['\\', c]),
            (false, _) => pattern.push(c),
        }
    }
    pattern
}

/// `&` is the whole, `\1` a group.
fn replacement_of(to: &str) -> String {
    let mut out = String::new();
    let mut chars = to.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(digit @ '0'..='9') => out.push_str(&format!("${{{digit}}}")),
                Some('n') => out.push('\n'),
                other => out.extend(other),
            },
            '&' => out.push_str("${0}"),
            '$' => out.push_str("$$"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn substitutions_are_made_as_sed_makes_them() {
        for (text, command, extended, wanted) in [
            ("m -rf /", "s/^/r/", false, "rm -rf /"),
            ("rm -rf", "s/$/ \\/etc/", false, ""),
            ("xx", "s/x/y/", false, "yx"),
            ("xx", "s|x|y|g", false, "yy"),
            ("a+b", "s/a+/c/", false, "cb"),
            ("aab", "s/a+/c/", true, "cb"),
            ("aab", "s/a\\+/c/", false, "cb"),
            ("m r", r"s/\(.\) \(.\)/\2\1/", false, "rm"),
            ("m", "s/.*/r&/", false, "rm"),
        ] {
            let found = substituted(text, command, extended);
            let wanted = Some(format!("{wanted}\n")).filter(|wanted| wanted.len() > 1);
            assert_eq!(found, wanted, "{command}");
        }
    }
}
