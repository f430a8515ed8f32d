//! Whether words in front of a command order it: tables of several languages, read with care.
//!
//! A missed order costs little, for the command itself is judged before it runs. A false alarm
//! costs a user's trust. So every word between the verb and the command has to be a known one.

use super::between::{BETWEEN, POINTING};
use super::doubts::{ALOUD, ALOUD_NEARBY, AUTHORING};
use super::imperative::is_order;
use super::means::{is_bare_label, is_order_by_means, is_used};
use super::questions::{is_question, names_something, subjects};
use super::sentences::{line_of, sentence, sentence_start, words};
use super::verbs::{TERMINALS, has, is_placing, is_verb};
use super::wide::{is_wide_order, wide_introduces};
use super::words::REMOVALS;
use super::{final_verbs, tail};

/// In longer lines quotes are not counted, so that many commands in one line cost no more than few.
const LONGEST_QUOTED: usize = 4096;

/// Whether a line orders the block that follows it: it also may, unlike the words in front of an
/// inline command, go on behind the word that points to the block.
pub(super) fn introduces(lead: &str) -> bool {
    let lead = lead.trim_end_matches(['.', ' ', ':', '。', '!']);
    if leads(lead, "") || wide_introduces(lead) {
        return true;
    }
    let last = sentence(lead);
    let rest = lead[..lead.len() - last.len()].trim_end_matches([' ', '.', '!', '。']);
    // `Run these. Do not skip any:` is one order in two sentences.
    points(last)
        || !rest.is_empty()
            && !last.ends_with('?')
            && tail::is_harmless(last)
            && points(sentence(rest))
}

/// Whether a sentence orders what it points to.
fn points(sentence: &str) -> bool {
    let lower = sentence.to_lowercase();
    let question = if lower.ends_with('?') { "?" } else { "" };
    let all: Vec<(usize, &str)> = words(&lower).collect();
    let is_verb = |place: &usize| is_ordering(&all, *place, "");
    let Some(place) = (0..all.len()).find(is_verb) else {
        return false;
    };
    let start = all[place].0;
    let end = tail::beginning(&lower[start..]).map_or(lower.len(), |at| start + at);
    let own = || all[place + 1..].iter().take_while(|(at, _)| *at < end);
    let near = own()
        .take_while(|(_, word)| has(BETWEEN, word))
        .any(|(_, word)| has(POINTING, word));
    let is_plain = |(_, word): &(usize, &str)| {
        !ALOUD.contains(word)
            && (!ALOUD_NEARBY.contains(word) || has(BETWEEN, word))
            && !AUTHORING.contains(word)
    };
    let is_tested = own().enumerate().any(|(at, (_, word))| {
        matches!(*word, "through" | "against" | "over" | "past")
            && !own().skip(at).any(|(_, word)| has(TERMINALS, word))
    });
    near && own().all(is_plain)
        && !is_tested
        && !lower[start..end].contains('"')
        && tail::is_harmless(&lower[end..])
        && is_order(&lower, &all, place, question)
}

/// Whether the words between two commands carry the order from one to the next.
pub(super) fn goes_on(between: &str, behind: &str) -> bool {
    const CHAIN: [&str; 29] = [
        "then",
        "and",
        "finally",
        "afterwards",
        "next",
        "followed",
        "by",
        "after",
        "that",
        "und",
        "dann",
        "danach",
        "puis",
        "ensuite",
        "et",
        "y",
        "luego",
        "e",
        "poi",
        "depois",
        "и",
        "затем",
        "потом",
        "en",
        "daarna",
        "然后",
        "再",
        "接着",
        "最后",
    ];
    let lower = between.to_lowercase();
    words(&lower).all(|(_, word)| CHAIN.contains(&word))
        && !lower.contains(['?', '!', '"', '(', '/', '。'])
        && !names_something(behind)
        && !is_question(&lower, behind)
}

/// Whether a text orders what stands right behind it.
pub(super) fn leads(before: &str, behind: &str) -> bool {
    if is_within_quotes(before) {
        return false;
    }
    let sentence = sentence(before);
    if is_wide_order(sentence, behind) {
        return true;
    }
    let lower = sentence.to_lowercase();
    let all: Vec<(usize, &str)> = words(&lower).collect();
    if is_order_by_means(&lower, &all, behind)
        || is_used(&lower, &all, behind)
        || is_bare_label(&lower, &all)
        || final_verbs::is_verb_final(&lower, &all, behind)
        || final_verbs::ends_in_order(&all)
    {
        return true;
    }
    let is_verb = |place: &usize| is_ordering(&all, *place, behind);
    let Some(place) = (0..all.len()).rev().find(is_verb) else {
        return false;
    };
    let between_is_plain = all[place + 1..]
        .iter()
        .all(|(_, word)| has(BETWEEN, word) || is_verb_word(word));
    between_is_plain && is_order(&lower, &all, place, behind)
}

/// Whether a place of a line lies in a quoted text.
fn is_within_quotes(before: &str) -> bool {
    let before = before.trim_end_matches(['"', '`', ' ']);
    before.len() <= LONGEST_QUOTED && before.matches('"').count() % 2 == 1
}

/// Whether a word is an imperative, also with the pronoun that French ties to it.
fn is_verb_word(word: &str) -> bool {
    let bare = word
        .strip_suffix("-moi")
        .or_else(|| word.strip_suffix("-le"));
    is_verb(bare.unwrap_or(word))
}

/// Whether the word at a place can order a command.
fn is_ordering(all: &[(usize, &str)], place: usize, behind: &str) -> bool {
    let word = all[place].1;
    let previous = place.checked_sub(1).map_or("", |before| all[before].1);
    match word {
        "type" | "enter" => is_into_terminal(all, behind) || !is_into_something(behind),
        "running" | "executing" => previous == "mind",
        "use" => all[place..]
            .windows(2)
            .any(|pair| pair[0].1 == "to" && REMOVALS.contains(&pair[1].1)),
        _ => is_verb_word(word) || is_placing(word) && is_into_terminal(all, behind),
    }
}

/// Whether a terminal is named as the place of the command.
fn is_into_terminal(all: &[(usize, &str)], behind: &str) -> bool {
    let next = line_of(behind).to_lowercase();
    all.iter().any(|(_, word)| has(TERMINALS, word))
        || words(&next).take(8).any(|(_, word)| has(TERMINALS, word))
}

/// Whether another place is named right behind the command.
fn is_into_something(behind: &str) -> bool {
    words(line_of(behind))
        .take(8)
        .any(|(_, word)| matches!(word, "in" | "into" | "under"))
}

/// Of the words in front of a verb only so many are looked at.
const MOST_BEFORE: usize = 64;

/// The places in a line behind a verb that orders, where a command may begin.
pub(super) fn beginnings(line: &str) -> Vec<usize> {
    let lower = line.to_lowercase();
    if lower.len() != line.len() {
        return Vec::new();
    }
    let all: Vec<(usize, &str)> = words(&lower).collect();
    let mut places = Vec::new();
    for (place, (at, word)) in all.iter().enumerate() {
        if !is_ordering(&all, place, &lower[at + word.len()..])
            || is_within_quotes(&lower[..*at])
            || places.len() > 24
        {
            continue;
        }
        let start = sentence_start(&lower, *at);
        let first = all.iter().position(|(at, _)| *at >= start).unwrap_or(0);
        let near = near(&all[first..=place], start);
        if !is_order(
            &lower[start..],
            &near,
            near.len() - 1,
            &lower[at + word.len()..],
        ) {
            continue;
        }
        if subjects(&lower[at + word.len()..], usize::MAX) {
            continue;
        }
        places.push(at + word.len());
        for (at, word) in all[place + 1..].iter().take(8) {
            if !has(BETWEEN, word) {
                break;
            }
            places.push(at + word.len());
        }
    }
    if let Some(at) = line.find(": ") {
        let head: Vec<(usize, &str)> = words(sentence(&lower[..at])).collect();
        places.extend(final_verbs::ends_in_order(&head).then_some(at + 1));
    }
    places
}

/// Of a sentence up to its verb the first word and those near the verb: what lies between tells nothing, and
/// a sentence may have no end. Their places are counted from its start.
fn near<'w>(all: &[(usize, &'w str)], start: usize) -> Vec<(usize, &'w str)> {
    let behind = all.len().saturating_sub(MOST_BEFORE).max(1);
    let words = all.iter().take(1).chain(all.iter().skip(behind));
    words.map(|(at, word)| (at - start, *word)).collect()
}
