//! JSON-RPC 2.0 as agents speak it: one message a line, requests both ways.
//!
//! The names of requests live in two spaces, ours and the agent's, which overlap; a message with a
//! `method` is the agent's own, one without answers ours (measured with six agents).

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::json_line::Text;
use super::outline::{Outline, Path};

/// The other side does not know the method.
pub(super) const METHOD_NOT_FOUND: i64 = -32601;

/// One message of the agent, with its members left as they were written.
#[derive(Deserialize)]
pub(super) struct Incoming<'a> {
    #[serde(borrow, default)]
    pub(super) id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    method: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) params: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) result: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) error: Option<&'a RawValue>,
}

/// What an answer says that it is an error.
#[derive(Default, Deserialize)]
pub(super) struct Fault {
    #[serde(default)]
    code: serde_json::Value,
    #[serde(default)]
    pub(super) message: String,
    #[serde(default)]
    pub(super) data: serde_json::Value,
}

impl Incoming<'_> {
    pub(super) fn method(&self) -> Option<&str> {
        self.method.as_ref().map(Text::as_str)
    }
}

impl Fault {
    /// What can be read of it; an error of another shape is shown as it is.
    pub(super) fn read(raw: &RawValue) -> Fault {
        serde_json::from_str(raw.get()).unwrap_or_else(|_| Fault {
            message: raw.get().to_owned(),
            ..Fault::default()
        })
    }

    /// What is wrong is known by ourselves.
    pub(super) fn of(message: String) -> Fault {
        Fault {
            message,
            ..Fault::default()
        }
    }

    /// True if the other side says that it does not know the method.
    pub(super) fn is_unknown_method(&self) -> bool {
        self.code == METHOD_NOT_FOUND
    }

    /// True if it says that the other side does not know the conversation of this name, or was never told
    /// of any: answered to a prompt, it means that the process is not what it was.
    pub(super) fn is_forgotten(&self, conversation: &str) -> bool {
        let text = self.text();
        let lower = text.to_lowercase();
        let said = [
            "session not found",
            "no such session",
            "unknown session",
            "thread not found",
        ];
        let knows_nothing = lower.contains("not initialized");
        knows_nothing
            || said.iter().any(|said| lower.contains(said))
            || (lower.contains("not found") && text.contains(conversation))
    }

    /// Message and details in one text. Agents put the reason into either.
    pub(super) fn text(&self) -> String {
        let details = match &self.data {
            serde_json::Value::Null => return self.message.clone(),
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Object(data) => {
                let named = ["details", "message", "reason"];
                let found = named.into_iter().find_map(|name| data.get(name)?.as_str());
                match found {
                    Some(text) => text.to_owned(),
                    None => return self.message.clone(),
                }
            }
            other => other.to_string(),
        };
        match self.message.contains(&details) {
            true => self.message.clone(),
            false => format!("{}: {details}", self.message),
        }
    }
}

/// Our side of one conversation.
pub(super) struct Peer {
    /// Whether each message has the member `jsonrpc`; Codex leaves it out.
    version: Option<&'static str>,
    written: u64,
}

#[derive(Serialize)]
struct Outgoing<'a, P: Serialize> {
    #[serde(skip_serializing_if = "Option::is_none")]
    jsonrpc: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<P>,
}

#[derive(Serialize)]
struct Response<'a, R: Serialize> {
    #[serde(skip_serializing_if = "Option::is_none")]
    jsonrpc: Option<&'static str>,
    id: &'a RawValue,
    result: R,
}

#[derive(Serialize)]
struct ErrorResponse<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    jsonrpc: Option<&'static str>,
    id: &'a RawValue,
    error: ErrorObject<'a>,
}

#[derive(Serialize)]
struct ErrorObject<'a> {
    code: i64,
    message: &'a str,
}

impl Peer {
    /// For agents that keep to the specification.
    pub(super) fn new() -> Peer {
        Peer {
            version: Some("2.0"),
            written: 0,
        }
    }

    /// For Codex.
    pub(super) fn without_version() -> Peer {
        Peer {
            version: None,
            written: 0,
        }
    }

    /// Appends a request; gives its number.
    pub(super) fn request(
        &mut self,
        method: &str,
        params: impl Serialize,
        out: &mut Vec<u8>,
    ) -> u64 {
        self.written += 1;
        let message = Outgoing {
            jsonrpc: self.version,
            id: Some(self.written),
            method,
            params: Some(params),
        };
        line(&message, out);
        self.written
    }

    /// The number of the last request.
    pub(super) fn last(&self) -> u64 {
        self.written
    }

    /// Appends a message that wants no answer.
    pub(super) fn notify(&self, method: &str, params: Option<impl Serialize>, out: &mut Vec<u8>) {
        let message = Outgoing {
            jsonrpc: self.version,
            id: None,
            method,
            params,
        };
        line(&message, out);
    }

    /// Appends the answer to a request of the agent's.
    pub(super) fn answer(&self, id: &RawValue, result: impl Serialize, out: &mut Vec<u8>) {
        let jsonrpc = self.version;
        line(
            &Response {
                jsonrpc,
                id,
                result,
            },
            out,
        );
    }

    /// Appends the answer that a request is not served.
    pub(super) fn refuse(&self, id: &RawValue, code: i64, message: &str, out: &mut Vec<u8>) {
        let jsonrpc = self.version;
        let error = ErrorObject { code, message };
        line(&ErrorResponse { jsonrpc, id, error }, out);
    }
}

/// The number of the request of ours that an answer names. Some write every name as a text, or with a point.
pub(super) fn number(id: &RawValue) -> Option<u64> {
    let id = id.get().trim_matches('"');
    id.strip_suffix(".0").unwrap_or(id).parse().ok()
}

/// A message that nobody can read, by what is certain of it.
pub(super) enum Lost {
    /// The agent wants an answer, and its name of the request is known.
    Request { id: Box<RawValue>, method: String },
    /// It wants one, and nobody can give it.
    Nameless { method: String },
    /// It tells something.
    Notification { method: String },
    /// It answers the request of ours of this number, with an error or a result.
    Answer { request: u64, is_error: bool },
    /// Whatever it was.
    Unclear,
}

pub(super) const ID: Path = &["id"];
pub(super) const METHOD: Path = &["method"];
pub(super) const RESULT: Path = &["result"];
pub(super) const ERROR: Path = &["error"];

/// What is looked for in the lines of an agent whose ends of turns are answers.
pub(super) const OUTLINED: &[Path] = &[ID, METHOD, RESULT, ERROR];

impl Lost {
    /// What the message is, if these were looked for: [`ID`], [`METHOD`], [`RESULT`] and [`ERROR`]. `asks` says
    /// whether a method of the agent's is one that wants an answer.
    pub(super) fn of(outline: &Outline, asks: impl Fn(&str) -> bool) -> Lost {
        let id = outline.raw(ID).filter(|id| *id != "null");
        let id = id.and_then(|id| RawValue::from_string(id.to_owned()).ok());
        let (is_result, is_error) = (outline.has(RESULT), outline.has(ERROR));
        match (outline.text(METHOD), id) {
            (Some(method), Some(id)) => Lost::Request { id, method },
            (Some(method), None) if asks(&method) => Lost::Nameless { method },
            (Some(method), None) => Lost::Notification { method },
            (None, Some(id)) if !outline.has(METHOD) && (is_result || is_error) => {
                let answer = |request| Lost::Answer { request, is_error };
                number(&id).map_or(Lost::Unclear, answer)
            }
            (None, _) => Lost::Unclear,
        }
    }
}

/// What the caller knows a request of the agent's by: its name, in quotes only where it would be taken for a
/// number. `1` and `"1"` are two requests.
pub(super) fn name(id: &str) -> String {
    let text = id.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let is_plain = |text: &&str| serde_json::from_str::<IgnoredAny>(text).is_err();
    text.filter(is_plain).unwrap_or(id).to_owned()
}

/// Appends one line. Serialising cannot fail: the writer is a `Vec` and no map has keys other than
/// text.
fn line(message: &impl Serialize, out: &mut Vec<u8>) {
    let start = out.len();
    if serde_json::to_writer(&mut *out, message).is_err() {
        out.truncate(start);
        return;
    }
    out.push(b'\n');
}
