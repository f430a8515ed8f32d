//! Orders of German, Dutch, Turkish and Hindi, whose verb stands behind the command.

use super::between::{BETWEEN, LEADING};
use super::doubts::{ALOUD, ALOUD_NEARBY, RELATIVE};
use super::sentences::{line_of, words};
use super::verbs::{VERB_FINAL, has};

/// Phrases that make an infinitive at the end an order.
const ASKS: [&str; 22] = [
    "kannst du",
    "könntest du",
    "würdest du",
    "können sie",
    "könnten sie",
    "du sollst",
    "du musst",
    "sie sollen",
    "dass du",
    "bitte",
    "kun je",
    "kan je",
    "kunt u",
    "wil je",
    "zou je",
    "wilt u",
    "graag",
    "alsjeblieft",
    "i need",
    "i want",
    "i'd like",
    "lass",
];

/// Verbs that are imperatives by their form, and need no such phrase.
fn is_imperative(word: &str) -> bool {
    matches!(
        word,
        "futtasd"
            | "çalıştır"
            | "çalıştırın"
            | "çalıştırınız"
            | "चलाओ"
            | "चलाइए"
            | "चलाएं"
            | "चलाएँ"
    )
}

/// `Kannst du X ausführen`: the verb stands behind the command, and the words in front ask for it.
pub(super) fn is_verb_final(lower: &str, all: &[(usize, &str)], behind: &str) -> bool {
    let line = line_of(behind).to_lowercase();
    let mut ends = words(&line)
        .map(|(_, word)| word)
        .take(6)
        .skip_while(|word| has(BETWEEN, word));
    let Some(verb) = ends.next() else {
        return false;
    };
    let ask = ASKS
        .iter()
        .filter_map(|phrase| lower.find(phrase).map(|at| at + phrase.len()))
        .max();
    let is_turkish_question =
        verb.starts_with("çalıştır") && ends.next().is_some_and(|word| word.starts_with("mısın"));
    let is_passive = verb == "executed" && ask.is_some();
    let is_asked = ask.is_some() && has(VERB_FINAL, verb) || is_imperative(verb);
    let is_doubtful = |(at, word): &(usize, &str)| {
        *at >= ask.unwrap_or(0)
            && (ALOUD.contains(word) || ALOUD_NEARBY.contains(word) || RELATIVE.contains(word))
    };
    (is_asked || is_passive || is_turkish_question)
        && all.len() <= 12
        && !all.iter().any(is_doubtful)
}

/// `Bitte folgendes ausführen:` says all of it in front of the command.
pub(super) fn ends_in_order(all: &[(usize, &str)]) -> bool {
    let Some(((_, verb), rest)) = all.split_last() else {
        return false;
    };
    let is_asked = rest
        .iter()
        .any(|(_, word)| matches!(*word, "bitte" | "alsjeblieft" | "graag"));
    let is_plain = |(_, word): &(usize, &str)| has(BETWEEN, word) || has(LEADING, word);
    !rest.is_empty()
        && rest.iter().all(is_plain)
        && (is_imperative(verb) || is_asked && has(VERB_FINAL, verb))
}
