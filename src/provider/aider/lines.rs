//! What a line of aider's own words says. By 0.86.2.

use crate::provider::count::dollars;
use crate::stats::Usage;

/// One line that is no part of an answer.
#[derive(Debug, PartialEq)]
pub(super) enum Said {
    /// The model has answered: what that took, and what it cost in US dollars.
    Tokens(Usage, f64),
    /// A file was changed.
    Applied(String),
    /// The turn was let go.
    Interrupted,
    /// The model's server said no; aider may try again.
    Fault,
    /// Something else for a person.
    Other,
}

/// How lines begin that aider writes about itself: no answer is told as long as it may become one.
const OWN: [&str; 15] = [
    "Tokens: ",
    "Applied edit to ",
    "^C again to exit",
    "litellm.",
    "Retrying in ",
    "The API provider",
    "Unable to create ",
    "Unable to write file ",
    "Skipping edits to ",
    "The LLM did not conform to the edit format",
    "Only 3 reflections allowed",
    "Create new file? (Y)es/(N)o [Yes]:",
    "Add file to the chat? (Y)es/(N)o",
    "Allow edits to file that has not been added to the chat? (Y)es/(N)o [Yes]:",
    "Empty response received from LLM",
];

/// What a whole line says; `None` if it is the model's.
pub(super) fn read(line: &str) -> Option<Said> {
    if !OWN.iter().any(|own| line.starts_with(own)) {
        return None;
    }
    if let Some(report) = line.strip_prefix("Tokens: ") {
        return tokens(report);
    }
    Some(match line {
        _ if line.starts_with("^C ") => Said::Interrupted,
        _ if line.starts_with("litellm.") || line.starts_with("Empty response") => Said::Fault,
        _ => match line.strip_prefix("Applied edit to ") {
            Some(file) => Said::Applied(file.trim_end().to_owned()),
            None => Said::Other,
        },
    })
}

/// Whether a line that is not whole may become one of aider's own.
pub(super) fn may_be_own(line: &str) -> bool {
    OWN.iter()
        .any(|own| own.starts_with(line) || line.starts_with(own))
}

/// `1.9k sent, 12 cache write, 3 cache hit, 2 received. Cost: $0.01 message, $0.02 session.`
fn tokens(report: &str) -> Option<Said> {
    let (counts, rest) = report.split_once(" received.")?;
    let mut usage = Usage::default();
    let (counts, received) = counts.rsplit_once(", ")?;
    usage.output_tokens = count(received)?;
    for part in counts.split(", ") {
        let (number, what) = part.split_once(' ')?;
        let number = count(number)?;
        match what {
            "sent" => usage.input_tokens = number,
            "cache write" => usage.cache_write_tokens = number,
            "cache hit" => usage.cache_read_tokens = number,
            _ => return None,
        }
    }
    let cost = rest
        .split_once('$')
        .and_then(|(_, cost)| cost.split_once(' '));
    let cost = cost
        .and_then(|(cost, _)| cost.parse().ok())
        .map_or(0.0, dollars);
    Some(Said::Tokens(usage, cost))
}

/// `596`, `1.9k`, `12k`: aider rounds what is large.
fn count(text: &str) -> Option<u64> {
    let (number, factor) = match text.strip_suffix('k') {
        Some(number) => (number, 1000.0),
        None => match text.strip_suffix('M') {
            Some(number) => (number, 1_000_000.0),
            None => (text, 1.0),
        },
    };
    let number: f64 = number.parse().ok()?;
    (0.0..1e9)
        .contains(&number)
        .then_some((number * factor).round() as u64)
}

/// `Aider v0.86.2`.
pub(super) fn version(line: &str) -> Option<&str> {
    let version = line.strip_prefix("Aider v").map(str::trim_end);
    version.filter(|version| version.starts_with(|c: char| c.is_ascii_digit()))
}

/// `Model: openai/mock-1 with whole edit format`, or `Main model: ...`.
pub(super) fn model(line: &str) -> Option<&str> {
    let named = line
        .strip_prefix("Model: ")
        .or_else(|| line.strip_prefix("Main model: "))?;
    named.split(" with ").next()
}

/// The conversation that was to be taken up is there.
pub(super) fn is_restored(line: &str) -> bool {
    line.starts_with("Restored previous conversation history")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_of_tokens_is_read_in_all_its_forms() {
        for (line, input, output, written, read, cost) in [
            ("Tokens: 596 sent, 2 received.", 596, 2, 0, 0, 0.0),
            ("Tokens: 1.9k sent, 1 received.", 1900, 1, 0, 0, 0.0),
            (
                "Tokens: 12k sent, 3 cache write, 4 cache hit, 1.1k received. Cost: $0.02 message, $0.50 session.",
                12_000,
                1100,
                3,
                4,
                0.02,
            ),
        ] {
            let Some(super::Said::Tokens(usage, dollars)) = super::read(line) else {
                panic!("{line}");
            };
            assert_eq!(
                (usage.input_tokens, usage.output_tokens),
                (input, output),
                "{line}"
            );
            assert_eq!(
                (usage.cache_write_tokens, usage.cache_read_tokens),
                (written, read)
            );
            assert_eq!(dollars, cost);
        }
    }

    #[test]
    fn a_cost_that_is_none_counts_for_nothing() {
        for cost in ["NaN", "-5", "inf", "1e400"] {
            let line = format!("Tokens: 5 sent, 2 received. Cost: ${cost} message, $0.50 session.");
            let Some(super::Said::Tokens(_, dollars)) = super::read(&line) else {
                panic!("{line}");
            };
            assert!((0.0..=1e9).contains(&dollars), "{line}: {dollars}");
        }
    }

    #[test]
    fn what_only_looks_like_aiders_words_is_the_models() {
        for line in [
            "Tokens: are small pieces",
            "Token",
            "hello",
            "> quoted",
            "litell",
            "",
        ] {
            assert_eq!(super::read(line), None, "{line}");
        }
        assert!(may_be_own("Tok") && may_be_own("Tokens: 5 sent") && !may_be_own("Token ring"));
        assert_eq!(
            super::read("Applied edit to a b.py"),
            Some(Said::Applied("a b.py".to_owned()))
        );
    }
}
