//! Dry runs, checks and calls that take something back: the words of a deed without the deed.

use crate::programs::{Argv, Program};

/// Whether a command only says what it would do, or takes back what was asked.
pub(super) fn is_rehearsal(row: Option<&Program>, argv: &Argv) -> bool {
    let Some(row) = row else {
        return false;
    };
    let words = argv.words;
    let mut options = words[1..].iter().take_while(|word| *word != "--");
    row.rehearsed_operands == Some(argv.operands.len())
        || words
            .windows(2)
            .any(|pair| is_given_with_value(&row.rehearses, &pair[0], &pair[1]))
        || !row.rehearses.is_empty() && options.any(|word| is_given(&row.rehearses, word))
}

/// `--when cancel`, where the row says `--when=cancel`.
fn is_given_with_value(known: &[&str], option: &str, value: &str) -> bool {
    let mut with_value = known.iter().filter_map(|known| known.split_once('='));
    with_value.any(|(known, wanted)| known == option && wanted == value)
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
