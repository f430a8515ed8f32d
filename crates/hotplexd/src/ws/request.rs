//! What a client sends.

use std::time::Duration;

use hotplex::Decision;
use serde_json::{Map, Value};

use crate::hub::{Ask, Execute};
use crate::wire::Wants;

/// One request.
#[derive(Debug)]
pub(super) enum ClientRequest {
    Execute(Box<Execute>, Option<Vec<String>>),
    Stop {
        session: String,
        reason: String,
    },
    Interrupt {
        session: String,
        turn: Option<u64>,
    },
    Answer {
        session: String,
        approval_id: String,
        decision: Decision,
    },
    Subscribe {
        session: String,
        after: Option<u64>,
        events: Option<Vec<String>>,
    },
    Unsubscribe {
        session: String,
    },
    List {
        follow: bool,
    },
    Stats {
        session: String,
    },
    Version,
    Ping,
}

/// A request that cannot be understood.
#[derive(Debug)]
pub(super) struct Unclear {
    pub(super) message: String,
    pub(super) request_id: Option<u64>,
}

/// The keys of an object. Go matches them whatever their case, and clients may rely on it.
struct Keys(Map<String, Value>);

impl Keys {
    fn take(&mut self, key: &str) -> Option<Value> {
        let exact = self.0.remove(key);
        let found = exact.or_else(|| {
            let other = self
                .0
                .keys()
                .find(|name| name.eq_ignore_ascii_case(key))?
                .clone();
            self.0.remove(&other)
        });
        found.filter(|value| !value.is_null())
    }

    fn get<T>(
        &mut self,
        key: &str,
        what: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Result<Option<T>, String> {
        let Some(value) = self.take(key) else {
            return Ok(None);
        };
        let read = read(&value);
        read.map(Some)
            .ok_or_else(|| format!("Invalid JSON payload: {key} must be {what}"))
    }

    fn text(&mut self, key: &str) -> Result<Option<String>, String> {
        self.get(key, "a string", |value| value.as_str().map(str::to_owned))
    }

    fn number(&mut self, key: &str) -> Result<Option<u64>, String> {
        self.get(key, "a whole number of at least 0", Value::as_u64)
    }

    fn flag(&mut self, key: &str) -> Result<Option<bool>, String> {
        self.get(key, "true or false", Value::as_bool)
    }

    fn list(&mut self, key: &str) -> Result<Option<Vec<String>>, String> {
        self.get(key, "a list of strings", |value| {
            let items = value.as_array()?.iter();
            items.map(|item| item.as_str().map(str::to_owned)).collect()
        })
    }

    fn word(&mut self, key: &str, words: [&str; 2]) -> Result<bool, String> {
        match self.text(key)?.as_deref() {
            None => Ok(false),
            Some(word) if word == words[0] => Ok(false),
            Some(word) if word == words[1] => Ok(true),
            Some(other) => {
                let [first, second] = words;
                Err(format!(
                    "{key}: {other:?} is neither {first:?} nor {second:?}"
                ))
            }
        }
    }

    /// The session that a request is about.
    fn session(&mut self, of: &str) -> Result<String, String> {
        let session = self
            .text("session_id")?
            .filter(|session| !session.is_empty());
        session.ok_or_else(|| format!("session_id is required for {of}"))
    }
}

/// Reads a request; the number that its answers carry comes with it.
pub(super) fn read(text: &str) -> Result<(ClientRequest, Option<u64>), Unclear> {
    let unclear = |message| Unclear {
        message,
        request_id: None,
    };
    let value: Value = serde_json::from_str(text)
        .map_err(|error| unclear(format!("Invalid JSON payload: {error}")))?;
    let Value::Object(map) = value else {
        return Err(unclear("Invalid JSON payload: not an object".to_owned()));
    };
    let mut keys = Keys(map);
    let request_id = keys
        .number("request_id")
        .map_err(unclear)?
        .filter(|id| *id > 0);
    let read = request(&mut keys);
    let read = read.map_err(|message| Unclear {
        message,
        request_id,
    })?;
    Ok((read, request_id))
}

fn request(keys: &mut Keys) -> Result<ClientRequest, String> {
    let kind = keys.text("type")?.unwrap_or_default();
    Ok(match kind.as_str() {
        "execute" => return execute(keys),
        "stop" => ClientRequest::Stop {
            session: keys.session("stop")?,
            reason: keys
                .text("reason")?
                .unwrap_or_else(|| "client requested stop".to_owned()),
        },
        "interrupt" => ClientRequest::Interrupt {
            session: keys.session("interrupt")?,
            turn: keys.number("turn")?,
        },
        "approve" | "deny" => ClientRequest::Answer {
            session: keys.session(&kind)?,
            approval_id: keys.text("approval_id")?.unwrap_or_default(),
            decision: decision(keys, kind == "approve")?,
        },
        "subscribe" => ClientRequest::Subscribe {
            session: keys.session("subscribe")?,
            after: keys.number("after")?,
            events: keys.list("events")?,
        },
        "unsubscribe" => ClientRequest::Unsubscribe {
            session: keys.session("unsubscribe")?,
        },
        "list" => ClientRequest::List {
            follow: keys.flag("follow")?.unwrap_or(false),
        },
        "stats" => ClientRequest::Stats {
            session: keys.session("stats")?,
        },
        "version" => ClientRequest::Version,
        "ping" => ClientRequest::Ping,
        other => return Err(format!("Unknown request type: {other}")),
    })
}

fn execute(keys: &mut Keys) -> Result<ClientRequest, String> {
    let session = keys
        .text("session_id")?
        .filter(|session| !session.is_empty());
    let instructions = keys.text("instructions")?;
    let system_prompt = keys.text("system_prompt")?;
    let execute = Execute {
        session: session.unwrap_or_else(|| uuid::Uuid::new_v4().to_string()),
        prompt: keys.text("prompt")?.unwrap_or_default(),
        work_dir: keys.text("work_dir")?,
        instructions: instructions
            .filter(|text| !text.is_empty())
            .or(system_prompt),
        model: keys.text("model")?.filter(|model| !model.is_empty()),
        engine: keys.text("engine")?.filter(|engine| !engine.is_empty()),
        timeout: keys.number("timeout_ms")?.map(Duration::from_millis),
        detach: keys.word("on_disconnect", ["cancel", "detach"])?,
        ask: match keys.word("approvals", ["ask", "deny"])? {
            false => Ask::Client,
            true => Ask::Deny,
        },
        request_id: None,
    };
    Ok(ClientRequest::Execute(
        Box::new(execute),
        keys.list("events")?,
    ))
}

fn decision(keys: &mut Keys, allow: bool) -> Result<Decision, String> {
    if allow {
        return Ok(Decision::Allow {
            updated_input: keys.take("updated_input"),
        });
    }
    let message = keys.text("message")?.filter(|message| !message.is_empty());
    Ok(Decision::Deny {
        message: message.unwrap_or_else(|| "the user denied it".to_owned()),
        interrupt: keys.flag("interrupt")?.unwrap_or(false),
    })
}

/// What a list of event names switches on.
///
/// # Errors
/// A name that cannot be switched.
pub(super) fn wants(names: &[String]) -> Result<Wants, String> {
    let mut wants = Wants::default();
    for name in names {
        match name.as_str() {
            "delta" => wants.delta = true,
            "approval_request" => wants.approvals = true,
            "state" => wants.state = true,
            other => {
                return Err(format!(
                    "events: {other:?} is none of delta, approval_request, state"
                ));
            }
        }
    }
    Ok(wants)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_that_make_no_sense_say_which_part() {
        let table = [
            ("", "Invalid JSON payload"),
            ("[]", "not an object"),
            ("{}", "Unknown request type"),
            (r#"{"type":"dance"}"#, "Unknown request type: dance"),
            (r#"{"type":"stop"}"#, "session_id is required for stop"),
            (
                r#"{"type":"execute","prompt":5}"#,
                "prompt must be a string",
            ),
            (
                r#"{"type":"execute","on_disconnect":"maybe"}"#,
                "on_disconnect",
            ),
            (
                r#"{"type":"subscribe","session_id":"s","after":-1}"#,
                "after must be",
            ),
        ];
        for (text, part) in table {
            let unclear = read(text).expect_err(text);
            assert!(
                unclear.message.contains(part),
                "{text}: {}",
                unclear.message
            );
        }
    }

    #[test]
    fn keys_are_found_as_go_finds_them_and_unknown_ones_ignored() {
        let text = r#"{"Type":"execute","SESSION_ID":"s","Prompt":"p","x":1,"request_id":3,
            "instructions":"a","system_prompt":"b"}"#;
        let (request, id) = read(text).expect("a request");
        let ClientRequest::Execute(execute, _) = request else {
            panic!("{request:?}");
        };
        assert_eq!(
            (execute.session.as_str(), execute.prompt.as_str()),
            ("s", "p")
        );
        assert_eq!(execute.instructions.as_deref(), Some("a"));
        assert_eq!(id, Some(3));
    }
}
