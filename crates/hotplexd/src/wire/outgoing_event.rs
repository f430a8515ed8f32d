//! One event for one client: its frames have the client's name of the session and its request.

use hotplex::{Outcome, TurnEnd};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::frame::{ErrorData, OutgoingFrame};
use crate::hub::log::Entry;

/// An event on its way to one client.
pub(super) struct OutgoingEvent<'a> {
    pub(super) session: &'a str,
    pub(super) entry: &'a Entry,
    pub(super) mine: bool,
    pub(super) subscribed: bool,
    pub(super) request_id: Option<u64>,
}

impl OutgoingEvent<'_> {
    pub(super) fn frame<D: Serialize>(&self, event: &str, data: D) -> String {
        OutgoingFrame {
            event,
            data,
            session_id: Some(self.session),
            turn: (self.entry.turn != 0).then_some(self.entry.turn),
            seq: Some(self.entry.seq),
            at_ms: Some(self.entry.at_ms),
            request_id: self.request_id,
        }
        .text()
    }

    /// The one frame that ends the request.
    pub(super) fn terminal(&self, end: &TurnEnd, stats: &RawValue) -> String {
        #[derive(Serialize)]
        struct Completed<'a> {
            session_id: &'a str,
            stats: &'a RawValue,
        }
        #[derive(Serialize)]
        struct Stopped<'a> {
            session_id: &'a str,
            outcome: &'a str,
        }
        match end.outcome {
            Outcome::Completed => self.unnumbered(
                "completed",
                Completed {
                    session_id: self.session,
                    stats,
                },
            ),
            Outcome::Stopped | Outcome::Cancelled => self.unnumbered(
                "stopped",
                Stopped {
                    session_id: self.session,
                    outcome: end.outcome.as_str(),
                },
            ),
            _ => {
                let error = end.error.as_ref();
                let why = error.map_or("the turn failed", |error| error.message());
                let failure = ErrorData {
                    message: &format!("Execution failed: {why}"),
                    kind: error.map_or("internal", |error| error.kind().as_str()),
                    session_id: Some(self.session),
                };
                self.unnumbered("error", failure)
            }
        }
    }

    fn unnumbered<D: Serialize>(&self, event: &str, data: D) -> String {
        OutgoingFrame {
            event,
            data,
            session_id: Some(self.session),
            turn: Some(self.entry.turn),
            seq: None,
            at_ms: None,
            request_id: self.request_id,
        }
        .text()
    }
}

/// The figures of a turn with the session's name in front, as `session_stats` has them.
pub(super) fn stats(session: &str, end: &TurnEnd) -> Box<RawValue> {
    let figures = end.stats_json();
    let name = serde_json::to_string(session).unwrap_or_default();
    let text = format!(
        "{{\"session_id\":{name},{}",
        figures.strip_prefix('{').unwrap_or("}")
    );
    raw(text)
}

/// Text that is JSON already.
fn raw(text: String) -> Box<RawValue> {
    let raw = RawValue::from_string(text).or_else(|_| to_raw_value(&()));
    // `null` is JSON.
    raw.unwrap_or_else(|_| RawValue::NULL.to_owned())
}
