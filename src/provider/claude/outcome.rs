//! The end of a turn: what it came to, and what part of the running totals is its own.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::from_str;
use serde_json::value::RawValue;

use super::line::{Cause, ResultLine, Text, Tokens};
use super::line::{Read, Unknown};
use super::protocol::ClaudeProtocol;
use crate::event::TurnId;
use crate::message::{Message, Origin, TurnResult};
use crate::provider::mend;
use crate::provider::summary::one_line;
use crate::stats::Usage;

/// Said on stdout and stderr when the conversation to resume does not exist.
pub(super) const NO_CONVERSATION: &str = "No conversation found";

/// Begins entries of `errors` that are about the program's inside and tell a person nothing.
const DIAGNOSTIC: &str = "[ede_diagnostic]";

/// The `origin` of what a person wrote. Any other begins by itself: `task-notification` was seen.
const PERSON: &str = "human";

/// Longest error text, in characters. It becomes part of an error's one line.
const ERROR_AT_MOST: usize = 1000;

impl ClaudeProtocol {
    pub(super) fn result(&mut self, line: &str, messages: &mut Vec<Message>) -> Read {
        let outcome: ResultLine = from_str(line)?;
        if outcome.r#type.as_str() != "result" {
            return Err(Unknown);
        }
        let (subtype, reason) = (word(outcome.subtype), word(outcome.terminal_reason));
        let is_error = is_error(&outcome, subtype.as_deref());
        let text: Option<String> = lenient(outcome.result);
        let errors: Vec<String> = lenient(outcome.errors).unwrap_or_default();
        let no_conversation = |text: &String| text.contains(NO_CONVERSATION);
        messages.push(Message::TurnResult(Box::new(TurnResult {
            is_error,
            interrupted: interrupted(reason.as_deref(), subtype.as_deref(), is_error),
            origin: self.origin(&outcome),
            cannot_resume: is_error && errors.iter().chain(&text).any(no_conversation),
            error: is_error.then(|| {
                let reason = reason.as_deref().or(subtype.as_deref());
                error(reason, text.as_deref(), &errors)
            }),
            text: text.filter(|_| !is_error),
            usage: lenient(outcome.usage).map(usage).unwrap_or_default(),
            cost_usd: self.totals.cost(
                lenient(outcome.model_usage_since_last_result),
                lenient(outcome.total_cost_usd),
            ),
            model: self.totals.answered_by.take(),
        })));
        Ok(())
    }

    /// The prompts come first: one that was taken into other work is named beside its origin.
    /// Names that are not ours say nothing.
    fn origin(&self, outcome: &ResultLine) -> Origin {
        let names: Vec<String> = lenient(outcome.user_message_uuids).unwrap_or_default();
        self.origin_of(&names, lenient(outcome.origin))
    }

    pub(super) fn origin_of(&self, prompts: &[String], cause: Option<Cause>) -> Origin {
        let turns = prompts.iter().filter_map(|name| self.prompts.turn(name));
        let turns: Vec<TurnId> = turns.collect();
        match cause {
            _ if !turns.is_empty() => Origin::Turns(turns),
            Some(cause) if cause.kind != PERSON => Origin::Itself,
            _ => Origin::Unsaid,
        }
    }
}

/// Reads a member that the result can do without.
fn lenient<T: DeserializeOwned>(raw: Option<&RawValue>) -> Option<T> {
    mend::read(raw?).ok()
}

/// The same for a word, which is seldom escaped.
fn word(raw: Option<&RawValue>) -> Option<Cow<'_, str>> {
    from_str(raw?.get()).ok().map(|Text(word)| word)
}

/// A word in the wrong place is no word that all went well.
fn is_error(outcome: &ResultLine, subtype: Option<&str>) -> bool {
    match outcome.is_error.map(mend::read) {
        None => false,
        Some(Ok(is_error)) => Option::unwrap_or(is_error, false),
        Some(Err(_)) => subtype != Some("success"),
    }
}

/// 2.1 says so itself; up to 2.0.76 an interrupted turn is the one that failed without an error.
fn interrupted(reason: Option<&str>, subtype: Option<&str>, is_error: bool) -> bool {
    match reason {
        Some(reason) => reason.starts_with("aborted"),
        None => subtype == Some("error_during_execution") && !is_error,
    }
}

/// The subtype is no guide: an API error ends with `success`. It is the last resort.
fn error(reason: Option<&str>, text: Option<&str>, errors: &[String]) -> String {
    let told = errors
        .iter()
        .map(String::as_str)
        .filter(|error| !error.starts_with(DIAGNOSTIC));
    let told: Vec<&str> = text
        .into_iter()
        .filter(|text| !text.is_empty())
        .chain(told)
        .collect();
    if !told.is_empty() {
        return one_line(&told.join("; "), ERROR_AT_MOST);
    }
    reason.unwrap_or("the agent gave no reason").to_owned()
}

fn usage(tokens: Tokens) -> Usage {
    Usage {
        input_tokens: tokens.input_tokens.0,
        output_tokens: tokens.output_tokens.0,
        cache_write_tokens: tokens.cache_creation_input_tokens.0,
        cache_read_tokens: tokens.cache_read_input_tokens.0,
    }
}
