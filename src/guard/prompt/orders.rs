//! Whether words in front of a command order it: tables of several languages, read with care.
//!
//! A missed order costs little, for the command itself is judged before it runs. A false alarm
//! costs a user's trust. So every word between the verb and the command has to be a known one.

use super::words::{
    ALOUD, ALOUD_NEARBY, AUTHORING, BEHIND, BETWEEN, CHINESE_ALOUD, CHINESE_VERBS, LEADING,
    SUBJECTS, VERBS,
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
fn sentence(before: &str) -> &str {
    let far = before.len().saturating_sub(LONGEST_SENTENCE);
    let near = (far..=before.len()).find(|at| before.is_char_boundary(*at));
    let before = &before[near.unwrap_or(0)..];
    let ends = [". ", "! ", "? ", "\n", "。", "!", "?", ";"];
    let start = ends
        .iter()
        .filter_map(|end| before.rfind(end).map(|at| at + end.len()))
        .max();
    &before[start.unwrap_or(0)..]
}

/// Whether a text orders what stands right behind it.
pub(super) fn leads(before: &str, behind: &str) -> bool {
    let sentence = sentence(before);
    if is_chinese_order(sentence, behind) {
        return true;
    }
    let lower = sentence.to_lowercase();
    let all: Vec<(usize, &str)> = words(&lower).collect();
    let Some(place) = all.iter().rposition(|(_, word)| VERBS.contains(word)) else {
        return false;
    };
    let between_is_plain = all[place + 1..]
        .iter()
        .all(|(_, word)| BETWEEN.contains(word) || VERBS.contains(word));
    between_is_plain && is_order(&lower, &all, place, behind)
}

/// Whether the verb at a place is said to the agent, here and now.
pub(super) fn is_order(lower: &str, all: &[(usize, &str)], place: usize, behind: &str) -> bool {
    let (at, _) = all[place];
    let before = &all[..place];
    let clause = lower[..at].rfind([',', ':', ';', '—']).unwrap_or(0);
    let aloud = |(place, word): &(usize, &str)| {
        ALOUD.contains(word) || *place >= clause && ALOUD_NEARBY.contains(word)
    };
    if before.iter().any(aloud) || lower[..at].matches('"').count() % 2 == 1 {
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
            .any(|(_, word)| matches!(*word, "you" | "your" | "tool" | "bash"));
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
    let asks = line.trim_end().ends_with('?') && !line.contains(". ");
    let polite = [
        "can you",
        "could you",
        "would you",
        "will you",
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
fn line_of(behind: &str) -> &str {
    let line = behind.lines().next().unwrap_or_default();
    let end = line
        .char_indices()
        .nth(LONGEST_SENTENCE)
        .map_or(line.len(), |(at, _)| at);
    &line[..end]
}

fn is_chinese_order(sentence: &str, behind: &str) -> bool {
    let next = line_of(behind);
    if next.starts_with(['了', '过']) {
        // What was done is told, not ordered.
        return false;
    }
    let next = next.split(['。', ',', ',']).next().unwrap_or_default();
    let doubts = |text: &str| CHINESE_ALOUD.iter().any(|word| text.contains(word));
    if BEHIND
        .iter()
        .any(|verb| next.trim_start().starts_with(verb))
    {
        return !doubts(sentence);
    }
    let found = CHINESE_VERBS
        .iter()
        .filter_map(|verb| sentence.rfind(verb).map(|at| at + verb.len()))
        .max();
    let Some(end) = found else {
        return false;
    };
    let is_near = sentence[end..].chars().count() <= 14;
    is_near && !doubts(sentence) && !doubts(next)
}

/// The command in front of a verb that stands behind its object, where no quotes mark it.
pub(super) fn ordered_behind(line: &str) -> Option<&str> {
    let at = BEHIND.iter().find_map(|verb| line.find(verb))?;
    let before = line[..at].trim_end();
    let start = before.char_indices().rev().find(|(_, c)| !c.is_ascii());
    let command = &before[start.map_or(0, |(at, c)| at + c.len_utf8())..];
    let doubts = CHINESE_ALOUD.iter().any(|word| line.contains(word));
    (!doubts && !command.contains('`')).then_some(command)
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

/// The places behind a verb of a language without blanks.
pub(super) fn chinese_beginnings(line: &str) -> Vec<usize> {
    let mut places = Vec::new();
    for verb in CHINESE_VERBS {
        for (at, _) in line.match_indices(verb).take(4) {
            let end = at + verb.len();
            if is_chinese_order(sentence(&line[..end]), &line[end..]) {
                let skipped = line[end..].find(|c: char| {
                    c.is_ascii_alphanumeric() || matches!(c, '/' | '>' | '~' | '.')
                });
                places.push(end + skipped.unwrap_or(0));
                let colon = line[end..].find([':', ':']);
                places.extend(colon.map(|at| {
                    end + at
                        + if line[end + at..].starts_with(':') {
                            1
                        } else {
                            3
                        }
                }));
            }
        }
    }
    places
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
