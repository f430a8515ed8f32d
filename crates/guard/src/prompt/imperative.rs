//! Whether a verb is an order to the agent, or says what someone does, is taken back, or is meant for a text.

use super::between::LEADING;
use super::doubts::{
    ALOUD, ALOUD_NEARBY, ANEW, AUTHORING, NEGATIONS, QUESTIONS, RELATIVE, TELLERS,
};
use super::questions::{is_question, names_something};
use super::verbs::{MAY, has};
use super::words::{FOREIGN_IMPERATIVES, TO_THE_AGENT};

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
