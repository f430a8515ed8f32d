//! The operator's own rules: lines of `regex|description|level|category`.

use regex::Regex;

use crate::shell;

use crate::error::Error;
use crate::verdict::{Judgement, Level, Verdict};

/// One line of a rule file.
#[derive(Clone, Debug)]
pub(super) struct OwnRule {
    /// `own.` and the number of its line.
    pub(super) id: String,
    pattern: Regex,
    description: String,
    level: Level,
    category: String,
}

impl OwnRule {
    /// Matching is linear, but not free: of a text that is too long to be read as shell, and which is
    /// judged as such, only what would have been read is searched.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.pattern.is_match(shell::beginning(text))
    }

    pub(super) fn verdict(&self, operation: String, promoted: bool) -> Verdict {
        let blocks = promoted || self.level > Level::Moderate;
        Verdict {
            judgement: if blocks {
                Judgement::Block
            } else {
                Judgement::Flag
            },
            rule: self.id.clone(),
            level: Some(self.level),
            category: self.category.clone(),
            reason: format!("{}: {}: {operation}", self.id, self.description),
            operation,
            suggestions: Vec::new(),
        }
    }
}

/// Reads a rule file.
pub(super) fn read(text: &str) -> Result<Vec<OwnRule>, Error> {
    let lines = text.lines().enumerate();
    let rules = lines.filter(|(_, line)| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#')
    });
    rules.map(|(at, line)| rule(at + 1, line.trim())).collect()
}

/// A pattern may hold `|` itself, so the other parts are told from the end.
fn rule(number: usize, line: &str) -> Result<OwnRule, Error> {
    let why = |what: &str| Error::invalid(format!("line {number} of the guard's rules {what}"));
    let mut parts = line.rsplitn(4, '|').map(str::trim);
    let (Some(category), Some(level), Some(description), Some(pattern)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(why("is not `regex|description|level|category`"));
    };
    let level = match level.to_lowercase().as_str() {
        "critical" => Level::Critical,
        "high" => Level::High,
        "moderate" | "medium" | "low" => Level::Moderate,
        _ => return Err(why("has none of the levels critical, high, moderate")),
    };
    let pattern =
        Regex::new(pattern).map_err(|error| why("has a broken pattern").because(error))?;
    Ok(OwnRule {
        id: format!("own.{number}"),
        pattern,
        description: description.to_owned(),
        level,
        category: category.to_owned(),
    })
}
