//! Dry runs, checks and calls that take something back: the words of a deed without the deed.

use crate::programs::{Argv, Program};

/// Whether a command only says what it would do, or takes back what was asked.
pub(super) fn is_rehearsal(name: &str, row: Option<&Program>, argv: &Argv) -> bool {
    let words = argv.words;
    match name {
        // `deluser user group` takes a user out of a group.
        "deluser" if argv.operands.len() == 2 => true,
        "systemctl"
            if words
                .windows(2)
                .any(|pair| is_taken_back(&pair[0], &pair[1])) =>
        {
            true
        }
        _ => {
            let known = row.map_or(&[][..], |row| &row.rehearses);
            let mut options = words[1..].iter().take_while(|word| *word != "--");
            !known.is_empty() && options.any(|word| is_given(known, word))
        }
    }
}

fn is_taken_back(option: &str, value: &str) -> bool {
    option == "--when" && matches!(value, "cancel" | "show" | "")
}

/// Whether a word is one of the options, or holds one of their letters: `visudo -cf file`.
fn is_given(known: &[&str], word: &str) -> bool {
    let is_cluster = word.len() > 2
        && word.starts_with('-')
        && word[1..].bytes().all(|byte| byte.is_ascii_lowercase());
    known.iter().any(|option| {
        let letter = option.strip_prefix('-').filter(|rest| rest.len() == 1);
        *option == word || letter.is_some_and(|letter| is_cluster && word[1..].contains(letter))
    })
}
