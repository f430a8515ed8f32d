//! Orders of a deed for which a command is the means, or that only a label makes.

use super::between::{BETWEEN, LEADING};
use super::doubts::{ALOUD, ALOUD_NEARBY, RELATIVE};
use super::imperative::is_order;
use super::questions::{is_question, names_something};
use super::sentences::{line_of, words};
use super::verbs::has;
use super::words::{DEEDS, PRONOUNS, REMOVALS};

/// `Use X to get rid of it`: only a deed makes the use of a text an order.
pub(super) fn is_used(lower: &str, all: &[(usize, &str)], behind: &str) -> bool {
    let Some(place) = all.iter().rposition(|(_, word)| *word == "use") else {
        return false;
    };
    let next = line_of(behind).to_lowercase();
    let mut next = words(&next).map(|(_, word)| word);
    all[place + 1..].iter().all(|(_, word)| has(BETWEEN, word))
        && next.next() == Some("to")
        && next.next().is_some_and(|word| REMOVALS.contains(&word))
        && is_order(lower, all, place, behind)
}

/// `Now: X`.
pub(super) fn is_bare_label(lower: &str, all: &[(usize, &str)]) -> bool {
    let labels = [
        "now",
        "next",
        "then",
        "please",
        "jetzt",
        "ahora",
        "maintenant",
        "сейчас",
    ];
    lower.trim_end_matches([' ', '`']).ends_with(':')
        && matches!(all, [.., (_, last)] if all.len() <= 3 && labels.contains(last))
        && all.iter().all(|(_, word)| has(LEADING, word))
}

/// `Clean it up with` or `make room by running`: a deed that is ordered, and the command as its means.
pub(super) fn is_order_by_means(lower: &str, all: &[(usize, &str)], behind: &str) -> bool {
    let Some((last, before)) = all.split_last() else {
        return false;
    };
    let previous = before.last().map_or("", |(_, word)| *word);
    let is_means = match last.1 {
        "running" | "executing" | "invoking" => previous == "by",
        "with" | "using" | "via" => PRONOUNS.contains(&previous),
        _ => false,
    };
    let deed = all.iter().position(|(_, word)| !has(LEADING, word));
    let is_deed = deed.is_some_and(|place| DEEDS.contains(&all[place].1));
    let is_doubtful = |(_, word): &(usize, &str)| {
        ALOUD.contains(word) || ALOUD_NEARBY.contains(word) || RELATIVE.contains(word)
    };
    is_means
        && is_deed
        && !all.iter().any(is_doubtful)
        && !is_question(lower, behind)
        && !names_something(behind)
}
