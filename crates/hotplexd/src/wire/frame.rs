//! The objects that the wire carries.

use serde::Serialize;

/// One object of the wire.
#[derive(Serialize)]
pub(crate) struct OutgoingFrame<'a, D: Serialize> {
    pub(crate) event: &'a str,
    pub(crate) data: D,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) turn: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) at_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_id: Option<u64>,
}

impl<D: Serialize> OutgoingFrame<'_, D> {
    pub(crate) fn text(&self) -> String {
        // Strings, numbers and objects of them: nothing that JSON cannot say.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// An answer to a request, which belongs to no turn.
pub(crate) fn reply<D: Serialize>(
    event: &str,
    session: Option<&str>,
    request_id: Option<u64>,
    data: D,
) -> String {
    OutgoingFrame {
        event,
        data,
        session_id: session,
        turn: None,
        seq: None,
        at_ms: None,
        request_id,
    }
    .text()
}

#[derive(Serialize)]
pub(crate) struct ErrorData<'a> {
    pub(crate) message: &'a str,
    pub(crate) kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session_id: Option<&'a str>,
}
