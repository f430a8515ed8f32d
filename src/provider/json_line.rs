//! A line of JSON, read once or mended, and told as it stands if nobody can read it.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::from_str;

use super::surrogates;
use crate::event::EventKind;
use crate::message::Message;
use crate::notice::NoticeCode;

/// A text of the line, borrowed from it where nothing in it is escaped. In an `Option`, serde would copy a
/// plain `Cow` each time.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// The line is not one this provider can read. Nothing was changed and nothing was told for it.
#[derive(Debug)]
pub(super) struct Unknown;

impl From<serde_json::Error> for Unknown {
    fn from(_: serde_json::Error) -> Unknown {
        Unknown
    }
}

/// Has a line read. One with half a character in it is read again with that mended; one that nobody can
/// read becomes a raw event, or a notice if it is no JSON. Nothing comes of an empty line.
pub(super) fn decode(
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
    let kind = match from_str::<IgnoredAny>(line) {
        Ok(_) => EventKind::Raw(line.to_owned()),
        Err(_) => EventKind::warning(NoticeCode::NotJson, line),
    };
    messages.push(Message::Event(kind));
}
