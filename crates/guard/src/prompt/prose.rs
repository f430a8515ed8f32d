//! Whether a text is a sentence rather than a command.

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
