//! Programs that read text and print something else of it.

use super::evaluation::Eval;
use crate::programs::{Argv, ProgramKind};
use crate::taint::{self, SECRET, UNKNOWN};

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
