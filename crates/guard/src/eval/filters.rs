//! Programs that read text and print something else of it.

use super::evaluation::Eval;
use crate::programs::{Argv, ProgramKind};
use crate::taint::{self, SECRET, STAR, UNKNOWN};

/// A program that reads its input or its files and prints something else of them.
pub(super) fn filtered(run: &mut Eval, argv: &Argv, input: &str) -> String {
    if !run.stdout_captured {
        return String::new();
    }
    let mut printed = format!("{UNKNOWN}{}", taint::origins(input));
    let is_discreet = argv.known.kinds.has(ProgramKind::Discreet);
    if !is_discreet
        && argv.words[1..]
            .iter()
            .any(|word| is_file(word) && run.holds_secrets(word))
    {
        printed.push(SECRET);
    }
    printed
}

/// `grep -rl text places` prints names of files in these places; `None` if it prints something else, or does
/// not say where it looks.
pub(super) fn names_of_matches(argv: &Argv) -> Option<String> {
    const WORDS: [&str; 3] = ["--files-with-matches", "--files-without-match", "--files"];
    let lists = |word: &String| {
        let letters = word.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
        WORDS.contains(&word.as_str()) || letters.is_some_and(|rest| rest.contains(['l', 'L']))
    };
    let words = &argv.words[1..];
    let has_pattern = argv.has(&["-e", "--regexp", "--files"]);
    let places = words.iter().filter(|word| is_file(word));
    let places: Vec<String> = places
        .skip(usize::from(!has_pattern))
        .map(|place| format!("{}/{STAR}found\n", place.trim_end_matches('/')))
        .collect();
    (words.iter().any(lists) && !places.is_empty()).then(|| places.concat())
}

pub(super) fn is_file(word: &str) -> bool {
    !word.starts_with('-')
}

/// Changes the text between origins, which a change of the whole would take out.
pub(super) fn kept(text: &str, change: impl Fn(&str) -> String) -> String {
    let mut out = taint::origins(text);
    let plain: String = text
        .chars()
        .filter(|c| !taint::ORIGINS.contains(c))
        .collect();
    out.push_str(&change(&plain));
    out
}
