//! Filters that decode, translate or edit: hidden commands are made readable again.

use super::evaluation::Eval;
use super::filters::{filtered, is_file, kept};
use crate::encodings::{base64_bytes, hex_bytes};
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

/// Text that was decoded: what it says if it is known, else that nobody can say.
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

pub(super) fn openssl(run: &mut Eval, words: &[String], input: &str) -> String {
    let has = |text: &str| words.iter().any(|word| word == text);
    let decodes = has("-d") && (has("base64") || has("-base64") || has("-a"));
    match decodes && !has("-in") && !words.iter().any(|word| word.starts_with("-aes")) {
        true => decoded(input, base64_bytes),
        false if has("-d") => OPAQUE.to_string(),
        false if has("s_client") => REMOTE.to_string(),
        false => filtered(run, words, input),
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

/// `s/a/b/` with plain text, which is all that hides a command; anything else is not known.
pub(super) fn edited(words: &[String], input: &str) -> Option<String> {
    let program = words.iter().find(|word| is_file(word))?;
    let files = words.iter().filter(|word| is_file(word)).count();
    if files != 1 || !taint::origins(input).is_empty() || !program.starts_with('s') {
        return None;
    }
    let separator = program[1..].chars().next()?;
    let mut parts = program[1 + separator.len_utf8()..].split(separator);
    let (from, to, flags) = (parts.next()?, parts.next()?, parts.next()?);
    if from.is_empty()
        || from.contains(['*', '\\', '^', '$', '['])
        || input.len() * (1 + to.len()) > 65_536
    {
        return None;
    }
    Some(match flags.contains('g') {
        true if from == "." => return None,
        true => input.replace(from, to),
        false => input
            .lines()
            .map(|line| line.replacen(from, to, 1) + "\n")
            .collect(),
    })
}
