//! Where sentences and words of a message begin and end.

/// What stands farther off governs nothing.
const LONGEST_SENTENCE: usize = 600;

/// The words of a text and where each begins.
pub(super) fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
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
    let mut stops = before.rmatch_indices(['!', '?', ';']);
    let wide = stops.find(|(at, _)| {
        let next = before[at + 1..].chars().next();
        next.is_some_and(|c| !c.is_ascii())
    });
    &before[wide.map_or(0, |(at, _)| at + 1)..]
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

/// Where the sentence begins in which a place lies.
pub(super) fn sentence_start(text: &str, at: usize) -> usize {
    at - sentence(&text[..at]).len().min(at)
}
