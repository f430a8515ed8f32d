//! Commands that are told by their words alone, as the `rule` lines of the tables have them.

use super::databases;
use crate::facts::Facts;
use crate::programs::{Program, WordRule};
use crate::rules::{self, Rule};

pub(super) fn check(run: &mut Facts, row: &Program, words: &[String]) {
    if row.rules.is_empty() {
        return;
    }
    let dry = words.iter().any(|word| {
        matches!(
            word.as_str(),
            "--dry-run"
                | "--dryrun"
                | "-dry-run"
                | "--what-if"
                | "--dry-run=client"
                | "--dry-run=server"
        )
    });
    if dry || explains(row, words) {
        return;
    }
    if let Some(rule) = rule_of(row, words) {
        let names_live = || words[1..].iter().any(|word| databases::is_live(word));
        let is_live = rule.id == rules::TEST_DATA.id && (databases::runs_live(run) || names_live());
        let rule = if is_live { &rules::LIVE_DATA } else { rule };
        run.report(rule, &words[1..].join(" "));
    }
}

/// The rule that the words fall under, if there is one.
pub(super) fn rule_of(row: &Program, words: &[String]) -> Option<&'static Rule> {
    let found = row.rules.iter().find(|row| matches(row, words))?;
    rules::named(found.rule)
}

/// `kubectl auth can-i delete pods`, `oc adm policy who-can delete pods`, `aws s3 rb help`.
fn explains(row: &Program, words: &[String]) -> bool {
    let operands = words[1..].iter().map(String::as_str);
    let operands: Vec<&str> = operands.filter(|word| !word.starts_with('-')).collect();
    let [first, rest @ ..] = operands.as_slice() else {
        return false;
    };
    row.explains.iter().any(|query| match query.outer {
        None => query.words.contains(first),
        Some("...") => operands
            .last()
            .is_some_and(|last| query.words.contains(last)),
        Some(outer) => outer == *first && rest.iter().any(|word| query.words.contains(word)),
    })
}

/// Whether a word is one of several, in which a star stands for any letters.
fn alternative(alternatives: &str, word: &str) -> bool {
    alternatives
        .split('|')
        .any(|alternative| match alternative.contains('*') {
            true => is_like(alternative, word),
            false => alternative == word,
        })
}

fn is_like(pattern: &str, word: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = word.strip_prefix(first) else {
        return false;
    };
    for part in parts.filter(|part| !part.is_empty()) {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    pattern.ends_with('*') || rest.is_empty()
}

fn matches(row: &WordRule, words: &[String]) -> bool {
    let (spelled, parts): (Vec<&str>, Vec<&str>) = row
        .words
        .iter()
        .partition(|part| part.starts_with(['+', '!']));
    let (options, plain): (Vec<&str>, Vec<&str>) =
        parts.into_iter().partition(|part| part.starts_with('-'));
    let stands = |part: &str| words.iter().any(|word| alternative(part, word));
    let is_spelled = |part: &&str| stands(&part[1..]) == part.starts_with('+');
    let has_option = |option: &&str| words[1..].iter().any(|word| has_option(option, word));
    // What is no deed is told by the subcommand alone: what is named behind it may be called anything.
    let furthest = if row.rule == "none" { 1 } else { 3 };
    spelled.iter().all(is_spelled)
        && options.iter().all(has_option)
        && follow_one_another(&plain, words, furthest)
}

fn has_option(alternatives: &str, word: &str) -> bool {
    let word = word.split('=').next().unwrap_or_default();
    alternatives.split('|').any(|option| {
        let letter = option.strip_prefix('-').filter(|letter| letter.len() == 1);
        let among = |letter| {
            word.starts_with('-')
                && !word.starts_with("--")
                && word.len() < 5
                && word.contains(letter)
        };
        word == option || letter.is_some_and(among)
    })
}

/// Plain words in a row, near the front: the value of one option may stand before them.
fn follow_one_another(plain: &[&str], words: &[String], furthest: usize) -> bool {
    if plain.is_empty() {
        return true;
    }
    let operands: Vec<&String> = words[1..]
        .iter()
        .filter(|word| !word.starts_with('-'))
        .collect();
    let fits = |at: usize| {
        let window = operands.get(at..at + plain.len());
        window.is_some_and(|window| {
            window
                .iter()
                .zip(plain)
                .all(|(word, part)| alternative(part, word))
        })
    };
    (0..=furthest).any(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::all;

    #[test]
    fn every_rule_of_the_tables_exists() {
        let mut rows = all().flat_map(|program| &program.rules).peekable();
        assert!(rows.peek().is_some());
        for row in rows {
            let is_known = row.rule == "none" || rules::named(row.rule).is_some();
            assert!(is_known, "{row:?}");
        }
    }
}
