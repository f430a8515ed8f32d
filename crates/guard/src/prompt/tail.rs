//! What an order says behind the words that point to its commands: `and tell me what it prints`.

use super::doubts::{ALOUD, ALOUD_NEARBY};
use super::sentences::words;
use super::verbs::is_verb;

/// Where the first clause of a sentence ends.
pub(super) fn beginning(sentence: &str) -> Option<usize> {
    let seams = [
        ",",
        " and ",
        " — ",
        " - ",
        "(",
        " without ",
        " so ",
        " then ",
        " to ",
        " und ",
        " et ",
        " y ",
        " e ",
        " и ",
        " i ",
        " en ",
        " ed ",
        " ohne ",
        " sans ",
        " sin ",
        " va ",
    ];
    seams.iter().filter_map(|seam| sentence.find(seam)).min()
}

/// Whether what follows leaves the order in place. A negation takes it back only if it means the run
/// itself: `don't execute it`, unlike `don't skip any`.
pub(super) fn is_harmless(tail: &str) -> bool {
    let lower = tail.to_lowercase();
    let all: Vec<&str> = words(&lower).map(|(_, word)| word).collect();
    let is_run = |word: &&str| is_verb(word) || matches!(*word, "running" | "executing");
    let is_negative = |word: &&str| ALOUD.contains(word) || ALOUD_NEARBY.contains(word);
    let taken_back = all
        .windows(4)
        .chain([all.as_slice()].into_iter().filter(|all| all.len() < 4))
        .any(|near| {
            near.iter()
                .position(is_negative)
                .is_some_and(|at| near[at..].iter().any(is_run))
        });
    !taken_back && !lower.contains("your head")
}
