//! Events as `hotplex.v1`, the REST interface and the command line spell them.

use hotplex::{EventKind, Verdict};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::hub::log::{Asked, What};

/// The name of an event.
pub(crate) fn name_of(what: &What) -> &'static str {
    match what {
        What::Prompt(_) => "prompt",
        What::Agent(kind) if what.is_delta() => {
            debug_assert!(kind.text().is_some());
            "delta"
        }
        What::Agent(kind) => kind.as_str(),
        What::Asked(_) => "approval_request",
        What::Closed { .. } => "approval_closed",
        What::State { .. } => "state",
        What::End(_) => "turn_end",
    }
}

/// The data of an event.
pub(crate) fn data_of(what: &What) -> Data<'_> {
    Data(what)
}

pub(crate) struct Data<'a>(&'a What);

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            What::Prompt(prompt) => prompt.serialize(serializer),
            What::Agent(EventKind::AnswerDelta(text)) => delta("answer", text, serializer),
            What::Agent(EventKind::ThinkingDelta(text)) => delta("thinking", text, serializer),
            What::Agent(kind) => kind.serialize(serializer),
            What::Asked(asked) => write_asked(asked, serializer),
            What::Closed {
                approval_id,
                decision,
                by,
            } => {
                let mut map = serializer.serialize_map(Some(3))?;
                map.serialize_entry("approval_id", approval_id)?;
                map.serialize_entry("decision", decision)?;
                map.serialize_entry("by", by)?;
                map.end()
            }
            What::State { state, queued } => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("state", state)?;
                map.serialize_entry("queued", queued)?;
                map.end()
            }
            What::End(end) => EventKind::TurnEnd(end.clone()).serialize(serializer),
        }
    }
}

fn delta<S: Serializer>(kind: &str, text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(2))?;
    map.serialize_entry("kind", kind)?;
    map.serialize_entry("text", text)?;
    map.end()
}

fn write_asked<S: Serializer>(asked: &Asked, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(5))?;
    map.serialize_entry("approval_id", &asked.approval_id)?;
    map.serialize_entry("tool", &asked.request.tool)?;
    map.serialize_entry("reason", &asked.request.reason)?;
    map.serialize_entry("work_dir", &asked.work_dir)?;
    map.serialize_entry("expires_at_ms", &asked.expires_at_ms)?;
    map.end()
}

/// What the guard says of a prompt that it refused.
pub(crate) struct Reasons<'a>(pub(crate) &'a Verdict);

impl Serialize for Reasons<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.0.serialize_reasons(&mut map)?;
        map.end()
    }
}
