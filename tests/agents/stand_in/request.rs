//! One line of stdin, understood.
//!
//! A prompt in the shape that clients of Claude Code write is taken apart by hand, because
//! benchmarks divide by this program; every other line goes through a real parser.

use serde_json::Value;

/// A prompt: its text still escaped as JSON, and the identity its sender gave it.
#[derive(Clone, Copy)]
pub(crate) struct PlainPrompt<'a> {
    pub(crate) escaped: &'a str,
    pub(crate) identity: Option<&'a str>,
}

const HEAD: &str = r#"{"type":"user","message":{"role":"user","content":[{"type":"text","text":""#;
const IDENTITY: &str = r#""}]},"uuid":""#;
const END: &str = r#""}]}}"#;

impl PlainPrompt<'_> {
    /// Takes a prompt that has no escape in it and does not look like a command; `None` leaves it
    /// to [`read`], which is right for every line.
    pub(crate) fn read(line: &[u8]) -> Option<PlainPrompt<'_>> {
        let rest = std::str::from_utf8(line).ok()?.strip_prefix(HEAD)?;
        let end = memchr::memchr2(b'"', b'\\', rest.as_bytes())?;
        let (escaped, tail) = rest.split_at(end);
        if escaped.starts_with('!') || escaped == "history" || has_control(escaped) {
            return None;
        }
        let identity = match tail.strip_prefix(IDENTITY) {
            Some(rest) => Some(rest.strip_suffix("\"}").filter(|id| is_uuid(id))?),
            None => (tail == END).then_some(None)?,
        };
        Some(PlainPrompt { escaped, identity })
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// Raw control characters are not allowed in a JSON string.
fn has_control(text: &str) -> bool {
    text.bytes().any(|byte| byte < b' ')
}

/// A prompt, unescaped.
#[derive(Clone, Debug)]
pub(crate) struct Prompt {
    pub(crate) text: String,
    pub(crate) identity: Option<String>,
}

/// What a line of stdin says.
pub(crate) enum Request {
    Prompt(Prompt),
    /// `control_request`: its id and its body.
    Control(String, Value),
    /// `control_response`: the whole `response` member.
    Answer(Value),
    /// Accepted silently, as Claude Code does with blank lines and arrays.
    Nothing,
    /// A `type` that nobody knows.
    Unknown(String),
    /// What ends the process, with what it says on stderr.
    Fatal(String),
}

pub(crate) fn read(line: &[u8]) -> Request {
    if line.iter().all(u8::is_ascii_whitespace) {
        return Request::Nothing;
    }
    let Ok(mut value) = serde_json::from_slice::<Value>(line) else {
        let length = String::from_utf8_lossy(line).chars().count();
        return Request::Fatal(format!(
            "Error parsing streaming input line (type=unknown, {length} chars): SyntaxError"
        ));
    };
    match value["type"].as_str() {
        _ if !value.is_object() => Request::Nothing,
        Some("user") => prompt(&value),
        Some("control_request") => {
            let id = value["request_id"].as_str().unwrap_or_default().to_owned();
            Request::Control(id, value["request"].take())
        }
        Some("control_response") => Request::Answer(value["response"].take()),
        Some("keep_alive") => Request::Nothing,
        other => Request::Unknown(other.unwrap_or("undefined").to_owned()),
    }
}

fn prompt(value: &Value) -> Request {
    let message = &value["message"];
    if message["role"] != "user" {
        let role = message["role"].as_str().unwrap_or("undefined");
        return Request::Fatal(format!("Error: Expected message role 'user', got '{role}'"));
    }
    Request::Prompt(Prompt {
        text: text(&message["content"]),
        identity: value["uuid"].as_str().map(str::to_owned),
    })
}

/// The text of a message's content, which is a string or a list of blocks.
fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let texts = blocks.iter().filter_map(|block| block["text"].as_str());
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}
