//! `$name` and `${name...}`: the value, if text alone tells it.

use super::evaluation::Eval;
use super::expand::unknown;
use crate::shell::Parameter;
use crate::taint::{self, UNKNOWN};

impl<'c> Eval<'c> {
    /// The value of a parameter; `None` for a plain variable that only run time knows.
    pub(super) fn known(&mut self, parameter: &Parameter<'c>) -> Option<String> {
        if let Some(subscript) = &parameter.subscript {
            self.marked(subscript);
        }
        if !parameter.operator.is_empty() || parameter.prefix.is_some() {
            return Some(self.parameter(parameter));
        }
        let value = self.value(parameter.name);
        if value.is_none() {
            self.unknown_names.push(parameter.name.to_owned());
        }
        value
    }

    fn parameter(&mut self, parameter: &Parameter<'c>) -> String {
        let operand = |run: &mut Self| {
            let text = run.marked(&parameter.operand);
            taint::shown(&text)
        };
        let value = match parameter.prefix {
            Some('!') => self
                .value(parameter.name)
                .and_then(|name| self.value(&name)),
            Some(_) => return "1".to_owned(),
            None => self.value(parameter.name),
        };
        if value.is_none() {
            self.unknown_names.push(parameter.name.to_owned());
        }
        match parameter.operator {
            "" => value.unwrap_or_else(unknown),
            ":-" | "-" | ":=" | "=" => match value.filter(|value| !value.is_empty()) {
                Some(value) => value,
                None => {
                    let text = self.marked(&parameter.operand);
                    let text = self.default(&text);
                    if parameter.operator.ends_with('=') {
                        self.set(parameter.name, text.clone());
                    }
                    text
                }
            },
            ":+" | "+" => operand(self),
            ":?" | "?" => {
                self.marked(&parameter.operand);
                value.unwrap_or_else(unknown)
            }
            operator => {
                let operand = operand(self);
                value.map_or_else(unknown, |value| changed(&value, operator, &operand))
            }
        }
    }

    fn default(&self, text: &str) -> String {
        let text: String = text.chars().filter(|c| *c != taint::EMPTY).collect();
        let text = self.with_home(&text);
        match taint::origins(&text).is_empty() {
            true => taint::shown(&text),
            false => text.into_owned(),
        }
    }
}

fn changed(value: &str, operator: &str, operand: &str) -> String {
    if value.contains(UNKNOWN) {
        return unknown();
    }
    let found = match operator {
        "^^" => Some(value.to_uppercase()),
        ",," => Some(value.to_lowercase()),
        "^" | "," | "@" => Some(value.to_owned()),
        ":" => part(value, operand),
        "#" | "##" => Some(without_start(value, operand, operator == "##")),
        "%" | "%%" => Some(without_end(value, operand, operator == "%%")),
        "/" | "//" => Some(replaced(value, operand, operator == "//")),
        _ => None,
    };
    found.unwrap_or_else(unknown)
}

/// `${name:from:length}`.
fn part(value: &str, operand: &str) -> Option<String> {
    let (from, length) = match operand.split_once(':') {
        Some((from, length)) => (from, Some(length)),
        None => (operand, None),
    };
    let all = value.chars().count() as i64;
    let from: i64 = from.trim().parse().ok()?;
    let from = if from < 0 {
        all.saturating_add(from).max(0)
    } else {
        from
    };
    let length: i64 = match length {
        Some(length) => length.trim().parse().ok()?,
        None => all,
    };
    let length = if length < 0 {
        (all - from).saturating_add(length)
    } else {
        length
    };
    let chars = value.chars().skip(from as usize);
    Some(chars.take(length.max(0) as usize).collect())
}

/// Patterns with one star at an end are followed; others leave the value as it is.
fn without_start(value: &str, pattern: &str, longest: bool) -> String {
    let found = match pattern.strip_prefix('*') {
        Some(rest) if longest => value.rfind(rest).map(|at| at + rest.len()),
        Some(rest) => value.find(rest).map(|at| at + rest.len()),
        None => value.starts_with(pattern).then_some(pattern.len()),
    };
    value[found.unwrap_or(0)..].to_owned()
}

fn without_end(value: &str, pattern: &str, longest: bool) -> String {
    let found = match pattern.strip_suffix('*') {
        Some(rest) if longest => value.find(rest),
        Some(rest) => value.rfind(rest),
        None => value.strip_suffix(pattern).map(str::len),
    };
    value[..found.unwrap_or(value.len())].to_owned()
}

fn replaced(value: &str, operand: &str, all: bool) -> String {
    let (from, to) = operand.split_once('/').unwrap_or((operand, ""));
    if from.is_empty() {
        return value.to_owned();
    }
    match all {
        true if value.len() * to.len() > 65_536 => unknown(),
        true => value.replace(from, to),
        false => value.replacen(from, to, 1),
    }
}
