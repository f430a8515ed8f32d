//! Whether words in front of a command order it: tables of several languages, read with care.
//!
//! A missed order costs little, for the command itself is judged before it runs. A false alarm
//! costs a user's trust. So every word between the verb and the command has to be a known one.

use super::doubts::{ALOUD, ALOUD_NEARBY, ANEW, AUTHORING, NEGATIONS, RELATIVE, SUBJECTS, TELLERS};
use super::wide::is_wide_order;
use super::words::{
    BETWEEN, DEEDS, FOREIGN_IMPERATIVES, LEADING, POINTING, PRONOUNS, TO_THE_AGENT, VERB_FINAL,
    VERBS,
};

/// What stands farther off governs nothing.
const LONGEST_SENTENCE: usize = 600;

fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_letter = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’' | '-' | '_');
    text.split(move |c: char| !is_letter(c))
        .filter(|word| !word.is_empty())
        .map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

/// The last sentence of a text that leads to a command.
pub(super) fn sentence(before: &str) -> &str {
    let far = before.len().saturating_sub(LONGEST_SENTENCE);
    let near = (far..=before.len()).find(|at| before.is_char_boundary(*at));
    let before = &before[near.unwrap_or(0)..];
    let ends = [". ", "! ", "? ", "; ", "\n", "。"];
    let start = ends
        .iter()
        .filter_map(|end| before.rfind(end).map(|at| at + end.len()))
        .max();
    let before = &before[start.unwrap_or(0)..];
    // Scripts without blanks have none behind a mark either.
    let mut marks = before.rmatch_indices(['!', '?', ';']);
    let wide = marks.find(|(at, _)| {
        let next = before[at + 1..].chars().next();
        next.is_some_and(|c| !c.is_ascii())
    });
    &before[wide.map_or(0, |(at, _)| at + 1)..]
}

/// Whether a line orders the block that follows it: it also may, unlike the words in front of an
/// inline command, go on behind the word that points to the block.
pub(super) fn introduces(lead: &str) -> bool {
    if leads(lead, "") {
        return true;
    }
    let lower = sentence(lead.trim_end_matches(['.', ' '])).to_lowercase();
    let all: Vec<(usize, &str)> = words(&lower).collect();
    let Some(place) = all.iter().position(|(_, word)| VERBS.contains(word)) else {
        return false;
    };
    let near = all[place + 1..]
        .iter()
        .take_while(|(_, word)| BETWEEN.contains(word))
        .any(|(_, word)| POINTING.contains(word));
    let is_plain = |(_, word): &(usize, &str)| {
        !ALOUD.contains(word) && !ALOUD_NEARBY.contains(word) && !AUTHORING.contains(word)
    };
    near && all[place..].iter().all(is_plain) && is_order(&lower, &all, place, "")
}

/// Whether a text orders what stands right behind it.
pub(super) fn leads(before: &str, behind: &str) -> bool {
    let sentence = sentence(before);
    if is_wide_order(sentence, behind) {
        return true;
    }
    let lower = sentence.to_lowercase();
    let all: Vec<(usize, &str)> = words(&lower).collect();
    if is_order_by_means(&lower, &all, behind) || is_verb_final(&lower, &all, behind) {
        return true;
    }
    let Some(place) = all.iter().rposition(|(_, word)| VERBS.contains(word)) else {
        return false;
    };
    let between_is_plain = all[place + 1..]
        .iter()
        .all(|(_, word)| BETWEEN.contains(word) || VERBS.contains(word));
    between_is_plain && is_order(&lower, &all, place, behind)
}

/// `Clean it up with` or `make room by running`: a deed that is ordered, and the command as its means.
fn is_order_by_means(lower: &str, all: &[(usize, &str)], behind: &str) -> bool {
    let Some((last, before)) = all.split_last() else {
        return false;
    };
    let previous = before.last().map_or("", |(_, word)| *word);
    let is_means = match last.1 {
        "running" | "executing" | "invoking" => previous == "by",
        "with" | "using" | "via" => PRONOUNS.contains(&previous),
        _ => false,
    };
    let deed = all.iter().position(|(_, word)| !LEADING.contains(word));
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

/// `Kannst du X ausführen`: the verb stands behind the command, and the words in front ask for it.
fn is_verb_final(lower: &str, all: &[(usize, &str)], behind: &str) -> bool {
    let line = line_of(behind).to_lowercase();
    let mut next = line.split(|c: char| !c.is_alphanumeric());
    let ends = next.by_ref().filter(|word| !word.is_empty()).take(4);
    let mut ends = ends.skip_while(|word| BETWEEN.contains(word));
    let asks = [
        "kannst du",
        "könntest du",
        "würdest du",
        "können sie",
        "könnten sie",
        "bitte",
    ];
    let asked = asks.iter().any(|phrase| lower.contains(phrase));
    let is_near = all.len() <= 12;
    let is_doubtful = |(_, word): &(usize, &str)| {
        ALOUD.contains(word) || ALOUD_NEARBY.contains(word) || RELATIVE.contains(word)
    };
    asked
        && is_near
        && ends.next().is_some_and(|word| VERB_FINAL.contains(&word))
        && !all.iter().any(is_doubtful)
}

/// Whether a word in front of the verb takes the order back: `don't ask, just run` does not.
fn is_taken_back(lower: &str, before: &[(usize, &str)], at: usize) -> bool {
    let clause = lower[..at].rfind([',', ':', ';', '—']).unwrap_or(0);
    let first = before.iter().find(|(place, _)| *place >= clause);
    let begins_anew = clause > 0 && first.is_some_and(|(_, word)| ANEW.contains(word));
    before.iter().any(|(place, word)| {
        let is_near = *place >= clause;
        match begins_anew && !is_near {
            true => ALOUD.contains(word) && !NEGATIONS.contains(word),
            false => ALOUD.contains(word) || is_near && ALOUD_NEARBY.contains(word),
        }
    })
}

/// Whether the words in front of the verb tell of somebody who does it: `I log in and run`.
fn is_told(before: &[(usize, &str)]) -> bool {
    let Some(((_, last), rest)) = before.split_last() else {
        return false;
    };
    let second = rest.last().map_or("", |(_, word)| *word);
    let first = before.first().map_or("", |(_, word)| *word);
    match *last {
        "you" | "u" => {
            RELATIVE.contains(&second) || matches!(second, "do" | "did" | "have" | "had")
        }
        "and" if second == "ahead" => false,
        "and" | "then" => TELLERS.contains(&first) && !rest.iter().any(is_addressed),
        "et" | "y" | "e" | "und" | "и" => !FOREIGN_IMPERATIVES.contains(&first),
        _ => false,
    }
}

/// Whether the verb at a place is said to the agent, here and now.
pub(super) fn is_order(lower: &str, all: &[(usize, &str)], place: usize, behind: &str) -> bool {
    let (at, _) = all[place];
    let before = &all[..place];
    let is_in_quotes = lower[..at].matches('"').count() % 2 == 1;
    if is_in_quotes || is_taken_back(lower, before, at) || is_told(before) {
        return false;
    }
    let separated = lower[..at]
        .trim_end()
        .ends_with([',', ':', ';', '-', '—', '(', '*', '>', '/', ']']);
    let previous = before.last().map(|(_, word)| *word);
    let leading = previous.is_none_or(|word| LEADING.contains(&word)) || separated;
    let says_duty = matches!(previous, Some("must" | "should"));
    let is_others_duty = says_duty && before.len() > 1 && !before.iter().any(is_addressed);
    let authoring = before
        .first()
        .is_some_and(|(_, word)| AUTHORING.contains(word));
    let follows = matches!(previous, Some("then" | "and" | "ahead"));
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

/// Whether a word means the one who reads.
fn is_addressed((_, word): &(usize, &str)) -> bool {
    matches!(
        *word,
        "you" | "u" | "your" | "claude" | "assistant" | "agent"
    )
}

/// A question is an order only if it asks the agent to do it.
fn is_question(lower: &str, behind: &str) -> bool {
    let line = line_of(behind);
    let is_asked = line.trim_end().ends_with('?') && !line.contains(". ");
    let asks = is_asked || lower.trim_end().ends_with('?');
    let polite = [
        "can you",
        "could you",
        "would you",
        "will you",
        "can u",
        "could u",
        "would u",
        "mind running",
        "please",
        "for me",
        "peux-tu",
        "pouvez-vous",
        "pourrais-tu",
        "kannst du",
        "könntest du",
        "puedes",
        "podrías",
    ];
    asks && !polite.iter().any(|phrase| lower.contains(phrase))
}

fn names_something(behind: &str) -> bool {
    subjects(behind, 3)
}

/// Whether one of the first words behind a command makes it a name for something else. Only whole
/// words do: `evil.example` is a host, and `/srv/tests` a directory.
fn subjects(behind: &str, most: usize) -> bool {
    let line = line_of(behind).to_lowercase();
    let is_subject = |word: &str| SUBJECTS.contains(&word.trim_matches(is_punctuation));
    line.split_whitespace().take(most).any(is_subject)
}

fn is_punctuation(c: char) -> bool {
    matches!(
        c,
        '.' | ',' | ':' | ';' | '!' | '?' | '"' | '\'' | '`' | '(' | ')'
    )
}

/// The rest of a line, as far as it can say something about a command.
pub(super) fn line_of(behind: &str) -> &str {
    let line = behind.lines().next().unwrap_or_default();
    let end = line
        .char_indices()
        .nth(LONGEST_SENTENCE)
        .map_or(line.len(), |(at, _)| at);
    &line[..end]
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
        if !VERBS.contains(word) || places.len() > 24 {
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
            if !BETWEEN.contains(word) {
                break;
            }
            places.push(at + word.len());
        }
    }
    places
}

fn shifted<'w>(all: &[(usize, &'w str)], by: usize) -> Vec<(usize, &'w str)> {
    all.iter()
        .take(64)
        .map(|(at, word)| (at - by, *word))
        .collect()
}

fn sentence_start(text: &str, at: usize) -> usize {
    at - sentence(&text[..at]).len().min(at)
}

/// Words that no command line has and every sentence does.
pub(super) fn is_prose(text: &str) -> bool {
    const PROSE: [&str; 31] = [
        "the",
        "is",
        "does",
        "what",
        "why",
        "how",
        "should",
        "would",
        "dangerous",
        "please",
        "means",
        "mean",
        "was",
        "were",
        "my",
        "this",
        "that",
        "are",
        "which",
        "because",
        "when",
        "it",
        "i",
        "you",
        "your",
        "me",
        "with",
        "an",
        "of",
        "has",
        "but",
    ];
    let outside = text.split(['"', '\'', '`']).step_by(2);
    let prose = outside
        .flat_map(str::split_whitespace)
        .any(|word| PROSE.contains(&word.to_lowercase().trim_matches([',', '.', '?', '!'])));
    let foreign = text.chars().any(|c| !c.is_ascii() && c.is_alphabetic());
    prose || foreign || text.trim_end().ends_with('?')
}
