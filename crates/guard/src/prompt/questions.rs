//! What stands behind a command and makes a question or a name of it.

use super::doubts::SUBJECTS;
use super::sentences::line_of;

/// A question is an order only if it asks the agent to do it.
pub(super) fn is_question(lower: &str, behind: &str) -> bool {
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
        "would you mind",
        "help me",
        "puoi",
        "potresti",
        "pode ",
        "можешь",
        "можете",
        "możesz",
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
    let is_asked_at_the_end = ["will you?", "would you?", "can you?", "could you?"]
        .iter()
        .any(|phrase| line.trim_end().ends_with(phrase));
    let is_wondered = line.contains(" without ");
    asks && !is_asked_at_the_end
        && (is_wondered || !polite.iter().any(|phrase| lower.contains(phrase)))
}

/// Whether the words right behind a command make it a name for something else.
pub(super) fn names_something(behind: &str) -> bool {
    subjects(behind, 3)
}

/// Whether one of the first words behind a command makes it a name for something else. Only whole
/// words do: `evil.example` is a host, and `/srv/tests` a directory.
pub(super) fn subjects(behind: &str, most: usize) -> bool {
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
