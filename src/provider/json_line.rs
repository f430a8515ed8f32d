//! A line of JSON, read once or mended, and told as it stands if nobody can read it.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::from_str;
use serde_json::value::RawValue;

use super::surrogates;
use crate::event::EventKind;
use crate::message::Message;
use crate::notice::NoticeCode;

/// A text of the line, borrowed from it where nothing in it is escaped. In an `Option`, serde would copy a
/// plain `Cow` each time.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

impl Text<'_> {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The line is not one this provider can read. Nothing was changed and nothing was told for it.
#[derive(Debug)]
pub(super) struct Unknown;

impl From<serde_json::Error> for Unknown {
    fn from(_: serde_json::Error) -> Unknown {
        Unknown
    }
}

/// Begins the output of programs that say by it that they write UTF-8, like those in .NET.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Has a line read. Several messages in an array are read one after the other.
pub(super) fn decode(
    line: &str,
    messages: &mut Vec<Message>,
    mut read: impl FnMut(&str, &mut Vec<Message>) -> Result<(), Unknown>,
) {
    let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
    if !line.trim_ascii_start().starts_with('[') {
        return decode_one(line, messages, read);
    }
    match batch(line) {
        Some(batch) => batch
            .iter()
            .for_each(|one| decode_one(one.get(), messages, &mut read)),
        None => messages.push(Message::Event(unread(line))),
    }
}

/// Nobody sends so many at once, and each becomes an event that takes far more room than its two letters.
const BATCH_AT_MOST: usize = 1000;

/// The messages of an array; `None` if it is one of anything else, or of more. Serde would take that for a message as
/// well, whose members are told by their places.
fn batch(line: &str) -> Option<Vec<&RawValue>> {
    let parts: Vec<&RawValue> = from_str(line).ok()?;
    let are_messages = parts.iter().all(|part| part.get().starts_with('{'));
    (are_messages && (1..=BATCH_AT_MOST).contains(&parts.len())).then_some(parts)
}

/// One with half a character in it is read again with that mended; one that nobody can read becomes a raw
/// event, or a notice if it is no JSON. Nothing comes of an empty line.
fn decode_one(
    line: &str,
    messages: &mut Vec<Message>,
    mut read: impl FnMut(&str, &mut Vec<Message>) -> Result<(), Unknown>,
) {
    if line.trim_ascii().is_empty() || read(line, messages).is_ok() {
        return;
    }
    if let Some(mended) = surrogates::lone_surrogates(line)
        && read(&mended, messages).is_ok()
    {
        return;
    }
    messages.push(Message::Event(unread(line)));
}

fn unread(line: &str) -> EventKind {
    match from_str::<IgnoredAny>(line) {
        Ok(_) => EventKind::Raw(line.to_owned()),
        Err(_) => EventKind::warning(NoticeCode::NotJson, line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_of_very_many_messages_is_told_as_it_stands() {
        for (count, expected) in [(BATCH_AT_MOST, BATCH_AT_MOST), (BATCH_AT_MOST + 1, 1)] {
            let line = format!("[{}]", vec!["{}"; count].join(","));
            let mut messages = Vec::new();
            decode(&line, &mut messages, |_, _| Err(Unknown));
            assert_eq!(messages.len(), expected);
        }
    }
}
