//! Whether words in front of a command order it: tables of several languages, read with care.
//!
//! A missed order costs little, for the command itself is judged before it runs. A false alarm
//! costs a user's trust. So every word between the verb and the command has to be a known one.

use super::between::{BETWEEN, LEADING, POINTING};
use super::doubts::{
    ALOUD, ALOUD_NEARBY, ANEW, AUTHORING, NEGATIONS, QUESTIONS, RELATIVE, TELLERS,
};
use super::means::{is_bare_label, is_order_by_means, is_used};
use super::questions::{is_question, names_something, subjects};
use super::sentences::{line_of, sentence, sentence_start, words};
use super::verbs::{MAY, TERMINALS, has, is_placing, is_verb};
use super::wide::{is_wide_order, wide_introduces};
use super::words::{FOREIGN_IMPERATIVES, REMOVALS, TO_THE_AGENT};
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

/// Whether a word in front of the verb takes the order back: `don't ask, just run` does not.
fn is_taken_back(lower: &str, before: &[(usize, &str)], at: usize) -> bool {
    let clause = lower[..at].rfind([',', ':', ';', '—']).unwrap_or(0);
    let mut own = before.iter().filter(|(place, _)| *place >= clause);
    let first = own.clone().next().map_or("", |(_, word)| *word);
    let says_anew = clause > 0 && ANEW.contains(&first);
    // `Without asking again, run` begins anew as well, but `never, ever, run` does not.
    let is_new = clause > 0
        && !lower[clause..].starts_with(':')
        && !matches!(first, "or" | "nor")
        && own.all(|(_, word)| has(LEADING, word));
    before.iter().enumerate().any(|(index, (place, word))| {
        let previous = index.checked_sub(1).map_or("", |place| before[place].1);
        let is_noun = matches!(*word, "review" | "document")
            && matches!(previous, "the" | "a" | "any" | "my" | "our");
        let is_cut = lower[*place + word.len()..].starts_with(',');
        let is_left_behind = NEGATIONS.contains(word)
            && (says_anew || is_new && !is_cut && !QUESTIONS.contains(word));
        let is_near = *place >= clause;
        match is_near {
            true => (ALOUD.contains(word) || ALOUD_NEARBY.contains(word)) && !is_noun,
            false => ALOUD.contains(word) && !is_noun && !is_left_behind,
        }
    })
}

/// `In the test, run X`: the deed belongs into a text.
fn is_set_elsewhere(before: &[(usize, &str)]) -> bool {
    let texts = [
        "test",
        "tests",
        "readme",
        "docs",
        "documentation",
        "example",
        "examples",
        "story",
        "chapter",
        "section",
        "fixture",
        "mock",
        "slide",
        "tutorial",
    ];
    matches!(before.first(), Some((_, "in")))
        && before.iter().take(6).any(|(_, word)| texts.contains(word))
}

/// Whether the words in front of the verb tell of somebody who does it: `I log in and run`.
fn is_told(before: &[(usize, &str)]) -> bool {
    let Some(((_, last), rest)) = before.split_last() else {
        return false;
    };
    let second = rest.last().map_or("", |(_, word)| *word);
    let mut words = before.iter().rev().map(|(_, word)| *word);
    let subject = words.find(|word| !has(LEADING, word));
    if matches!(
        subject,
        Some("i" | "we" | "they" | "he" | "she" | "people" | "users")
    ) {
        return true;
    }
    let first = before.first().map_or("", |(_, word)| *word);
    match *last {
        "you" | "u" => {
            RELATIVE.contains(&second) || matches!(second, "do" | "did" | "have" | "had")
        }
        "tu" => !matches!(second, "que"),
        "que" => !matches!(
            second,
            "" | "necesito" | "quiero" | "pido" | "preciso" | "quero" | "favor" | "hay"
        ),
        "and" if second == "ahead" => false,
        "and" | "then" => TELLERS.contains(&first) && !rest.iter().any(is_addressed),
        "et" | "y" | "e" | "ed" | "und" | "и" => !FOREIGN_IMPERATIVES.contains(&first),
        _ => false,
    }
}

/// Whether the verb at a place is said to the agent, here and now.
pub(super) fn is_order(lower: &str, all: &[(usize, &str)], place: usize, behind: &str) -> bool {
    let (at, _) = all[place];
    let before = &all[..place];
    let is_in_quotes = lower[..at].matches('"').count() % 2 == 1;
    if is_in_quotes
        || is_set_elsewhere(before)
        || is_taken_back(lower, before, at)
        || is_told(before)
    {
        return false;
    }
    let separated = lower[..at]
        .trim_end()
        .ends_with([',', ':', ';', '-', '—', '(', '*', '>', '/', ']']);
    let previous = before.last().map(|(_, word)| *word);
    let leading =
        previous.is_none_or(|word| has(LEADING, word)) || separated || is_asked_of_agent(before);
    let says_duty = matches!(previous, Some("must" | "should"));
    let is_others_duty = says_duty && before.len() > 1 && !before.iter().any(is_addressed);
    let authoring = before
        .first()
        .is_some_and(|(_, word)| AUTHORING.contains(word));
    let follows = matches!(
        previous,
        Some("then" | "and" | "ahead" | "afterwards" | "afterward" | "finally" | "next")
    );
    let reaches_agent = previous != Some("to")
        || before
            .iter()
            .any(|word| is_addressed(word) || TO_THE_AGENT.contains(&word.1));
    leading
        && !is_others_duty
        && reaches_agent
        && (!authoring || follows)
        && !is_question(lower, behind)
        && !names_something(behind)
}

/// Words in front of the verb that only together leave it an order.
fn is_asked_of_agent(before: &[(usize, &str)]) -> bool {
    let mut last = before.iter().rev().map(|(_, word)| *word);
    let mut next = || last.next().unwrap_or_default();
    match (next(), next(), next()) {
        ("me", "help", _) | ("mind", "you", _) | ("tu", "que", _) => true,
        ("is", "do", "to") => true,
        ("is", "task" | "job" | "step", _) => true,
        (may, second, _) if has(MAY, may) => matches!(second, "" | "você" | "tu" | "favor"),
        _ => false,
    }
}

/// Whether a word means the one who reads.
fn is_addressed((_, word): &(usize, &str)) -> bool {
    matches!(
        *word,
        "you" | "u" | "your" | "claude" | "assistant" | "agent"
    )
}

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
        if !is_order(
            &lower[start..],
            &shifted(&all[first..], start),
            place - first,
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

fn shifted<'w>(all: &[(usize, &'w str)], by: usize) -> Vec<(usize, &'w str)> {
    all.iter()
        .take(64)
        .map(|(at, word)| (at - by, *word))
        .collect()
}
