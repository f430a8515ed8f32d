//! A line of JSON, read once or mended, and told as it stands if nobody can read it.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use serde_json::{Deserializer, from_str};

use super::lines::{self, LineProtocol};
use super::mend;
use super::outline::Outline;
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

/// A protocol whose lines are JSON.
pub(super) trait JsonProtocol: LineProtocol {
    /// Takes one message, and appends what it means.
    fn read(&mut self, line: &str, messages: &mut Vec<Message>) -> Result<(), Unknown>;
}

/// Begins the output of programs that say by it that they write UTF-8, like those in .NET.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Has a line read. Several messages in an array are read one after the other.
pub(super) fn decode(protocol: &mut impl JsonProtocol, line: &str, messages: &mut Vec<Message>) {
    let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
    if !line.trim_ascii_start().starts_with('[') {
        return decode_one(protocol, line, messages);
    }
    match batch(line) {
        Some(batch) => batch
            .iter()
            .for_each(|one| decode_one(protocol, one.get(), messages)),
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

/// One that nobody can read becomes a raw event, or a notice if it is no JSON, and the protocol is asked what
/// follows. Nothing comes of an empty line.
fn decode_one(protocol: &mut impl JsonProtocol, line: &str, messages: &mut Vec<Message>) {
    if line.trim_ascii().is_empty() || read_mended(protocol, line, messages) {
        return;
    }
    let unread = unread(line);
    let is_json = matches!(unread, EventKind::Raw(_));
    if !is_json && decode_parts(protocol, line, messages) {
        return;
    }
    messages.push(Message::Event(unread));
    let why = if is_json { "it is malformed" } else { NOT_JSON };
    lose(protocol, line, why, messages);
}

const NOT_JSON: &str = "it is not JSON";

fn read_mended(protocol: &mut impl JsonProtocol, line: &str, messages: &mut Vec<Message>) -> bool {
    if protocol.read(line, messages).is_ok() {
        return true;
    }
    let mended = mend::mended(line);
    mended.is_some_and(|mended| protocol.read(&mended, messages).is_ok())
}

fn lose(protocol: &mut impl JsonProtocol, line: &str, why: &str, messages: &mut Vec<Message>) {
    let outline = Outline::of(line.as_bytes(), protocol.outlined());
    lines::lose(protocol, &outline, why, messages);
}

/// A part of a line on which something else stands beside the agent's messages: what another program of the
/// process group writes without a newline, or a message that was cut.
enum LinePart<'a> {
    Message(&'a str),
    Other(&'a str),
}

/// Reads the messages among other things; false if there is none that can be read.
fn decode_parts(protocol: &mut impl JsonProtocol, line: &str, messages: &mut Vec<Message>) -> bool {
    let parts = parts(line);
    let mut told = Vec::new();
    let mut is_read = false;
    for part in &parts {
        match part {
            LinePart::Message(message) if read_mended(protocol, message, &mut told) => {
                is_read = true
            }
            LinePart::Message(text) | LinePart::Other(text) => {
                told.push(Message::Event(unread(text)))
            }
        }
    }
    if !is_read {
        return false;
    }
    messages.append(&mut told);
    for part in parts {
        if let LinePart::Other(other) = part {
            lose(protocol, other, NOT_JSON, messages);
        }
    }
    true
}

/// So often a message is looked for: each look may go over the whole line.
const LOOKS_AT_MOST: usize = 8;

fn parts(line: &str) -> Vec<LinePart<'_>> {
    let mut parts = Vec::new();
    let (mut from, mut next) = (0, next_object(line, 0));
    for _ in 0..LOOKS_AT_MOST {
        let Some(begins) = next else {
            break;
        };
        let length = length_of_object(&line[begins..]);
        if length == 0 {
            next = next_in_text(line, begins);
            continue;
        }
        other(&line[from..begins], &mut parts);
        from = begins + length;
        parts.push(LinePart::Message(&line[begins..from]));
        next = next_object(line, from);
    }
    other(&line[from..], &mut parts);
    parts
}

fn other<'a>(text: &'a str, parts: &mut Vec<LinePart<'a>>) {
    if !text
        .trim_matches(|letter: char| letter.is_whitespace() || letter == '\0')
        .is_empty()
    {
        parts.push(LinePart::Other(text));
    }
}

/// Where an object with members may begin.
fn next_object(line: &str, from: usize) -> Option<usize> {
    let braces = memchr::memchr_iter(b'{', line.as_bytes().get(from..)?);
    braces.map(|at| from + at).find(|at| has_name(line, *at))
}

/// Where another message may begin behind one that was cut: within a text of it. What stands between its texts
/// is a part of that message, whatever it looks like, and none of its own.
fn next_in_text(line: &str, from: usize) -> Option<usize> {
    let (mut is_in_text, mut is_escape) = (false, false);
    for (at, byte) in line.bytes().enumerate().skip(from) {
        match byte {
            _ if is_escape => is_escape = false,
            b'\\' => is_escape = is_in_text,
            b'"' => is_in_text = !is_in_text,
            b'{' if is_in_text && has_name(line, at) => return Some(at),
            _ => {}
        }
    }
    None
}

fn has_name(line: &str, brace: usize) -> bool {
    line[brace + 1..].trim_ascii_start().starts_with('"')
}

/// How long the object is that begins here; 0 for none.
fn length_of_object(line: &str) -> usize {
    let mut values = Deserializer::from_str(line).into_iter::<IgnoredAny>();
    match values.next() {
        Some(Ok(IgnoredAny)) => values.byte_offset(),
        Some(Err(_)) | None => 0,
    }
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
    use crate::provider::lines::LineBuffer;
    use crate::provider::outline::Path;

    const TYPE: Path = &["type"];

    /// Reads what names a type, and tells of what is lost.
    struct Reader(LineBuffer);

    impl LineProtocol for Reader {
        fn buffer(&mut self) -> &mut LineBuffer {
            &mut self.0
        }

        fn decode(&mut self, _: &[u8], _: &mut Vec<Message>) {}

        fn outlined(&self) -> &'static [Path] {
            &[TYPE]
        }

        fn lost(&mut self, outline: &Outline, _: &str, messages: &mut Vec<Message>) {
            let lost = outline.text(TYPE);
            messages.extend(lost.map(|lost| told(&format!("lost {lost}"))));
        }
    }

    impl JsonProtocol for Reader {
        fn read(&mut self, line: &str, messages: &mut Vec<Message>) -> Result<(), Unknown> {
            #[derive(Deserialize)]
            struct Named {
                r#type: String,
            }
            messages.push(told(&from_str::<Named>(line)?.r#type));
            Ok(())
        }
    }

    fn told(text: &str) -> Message {
        Message::ConversationLost(text.to_owned())
    }

    fn decoded(line: &str) -> Vec<String> {
        let mut messages = Vec::new();
        decode(&mut Reader(LineBuffer::new(0)), line, &mut messages);
        let shown = messages.into_iter().map(|message| match message {
            Message::ConversationLost(text) => text,
            Message::Event(EventKind::Notice(notice)) => format!("no JSON {}", notice.text),
            Message::Event(EventKind::Raw(line)) => format!("raw {line}"),
            other => format!("{other:?}"),
        });
        shown.collect()
    }

    #[test]
    fn an_array_of_very_many_messages_is_told_as_it_stands() {
        for (count, expected) in [(BATCH_AT_MOST, BATCH_AT_MOST), (BATCH_AT_MOST + 1, 1)] {
            let line = format!("[{}]", vec!["{}"; count].join(","));
            assert_eq!(decoded(&line).len(), expected);
        }
    }

    #[test]
    fn messages_are_read_whatever_stands_beside_them_and_what_is_lost_is_told() {
        let many = "{\"x\":".repeat(20);
        let far = format!("{many}{{\"type\":\"a\"}}");
        let table: &[(&str, &[&str])] = &[
            ("", &[]),
            (r#"{"type":"a"}"#, &["a"]),
            (r#"{"type":"a","type":"b"}"#, &["b"]),
            ("\0{\"type\":\"a\"}\0", &["a"]),
            (r#"10 %{"type":"a"}"#, &["a", "no JSON 10 %"]),
            (r#"{"type":"a"}done"#, &["a", "no JSON done"]),
            (r#"{"type":"a"}{"type":"b"}"#, &["a", "b"]),
            (
                r#"{"type":"a"} {"no":1} {"type":"b"}"#,
                &["a", r#"raw {"no":1}"#, "b"],
            ),
            (
                r#"{"type":"a","text":"cu{"type":"b"}"#,
                &["b", "lost a", r#"no JSON {"type":"a","text":"cu"#],
            ),
            // What stands in a message that was cut is none.
            (
                r#"{"type":"a","x":{"type":"b"}"#,
                &[r#"no JSON {"type":"a","x":{"type":"b"}"#, "lost a"],
            ),
            (
                r#"10 %{"type":"a","x":{"type":"b"},"#,
                &[r#"no JSON 10 %{"type":"a","x":{"type":"b"},"#, "lost a"],
            ),
            // Neither of them is a message.
            (r#"at {"x":1}"#, &[r#"no JSON at {"x":1}"#]),
            ("}{", &["no JSON }{"]),
            (
                r#"{"type":"a","x"#,
                &[r#"no JSON {"type":"a","x"#, "lost a"],
            ),
            (
                r#"{"type":"a","x":1.}"#,
                &[r#"no JSON {"type":"a","x":1.}"#, "lost a"],
            ),
            (r#"{"type":["a"]}"#, &[r#"raw {"type":["a"]}"#]),
            (&far, &[&format!("no JSON {far}")]),
        ];
        for (line, expected) in table {
            let mut decoded = decoded(line);
            let mut expected: Vec<_> = expected.iter().map(|text| (*text).to_owned()).collect();
            decoded.sort();
            expected.sort();
            assert_eq!(decoded, expected, "{line}");
        }
    }
}
