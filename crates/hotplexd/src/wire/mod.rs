//! What happens, in the words of the wire. The words are those of docs/protocol.md.

mod go;
mod spelling;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use hotplex::{Outcome, TurnEnd};

use crate::access::Principal;
use crate::hub::Refusal;
use crate::hub::feed::Told;
use crate::hub::log::{Entry, What};
pub(crate) use spelling::{data_of, name_of};

/// How events are spelled for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// As the Go hotplex spells them, in both of its spellings.
    Go,
    /// The subprotocol `hotplex.v1`.
    V1,
}

/// What a client wants beside the events that everybody gets.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wants {
    pub(crate) delta: bool,
    pub(crate) approvals: bool,
    pub(crate) state: bool,
}

impl Wants {
    pub(crate) fn all() -> Wants {
        Wants {
            delta: true,
            approvals: true,
            state: true,
        }
    }

    fn allow(self, what: &What) -> bool {
        match what {
            What::Asked(_) | What::Closed { .. } => self.approvals,
            What::State { .. } => self.state,
            what => self.delta || !what.is_delta(),
        }
    }
}

/// One object of the wire.
#[derive(Serialize)]
pub(crate) struct Frame<'a, D: Serialize> {
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

impl<D: Serialize> Frame<'_, D> {
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
    Frame {
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
pub(crate) struct Failure<'a> {
    pub(crate) message: &'a str,
    pub(crate) kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session_id: Option<&'a str>,
}

/// The frames of a request that is not done.
pub(crate) fn refused(
    refusal: &Refusal,
    dialect: Dialect,
    session: Option<&str>,
    request_id: Option<u64>,
) -> Vec<String> {
    let mut frames = Vec::new();
    let mut message = refusal.message.clone();
    if let Some(verdict) = &refusal.verdict {
        frames.push(match dialect {
            Dialect::Go => reply("danger_block", session, request_id, go::danger(verdict)),
            Dialect::V1 => reply(
                "danger_block",
                session,
                request_id,
                spelling::Reasons(verdict),
            ),
        });
        message =
            "Execution failed: danger event blocked: input matched forbidden patterns".to_owned();
    }
    let failure = Failure {
        message: &message,
        kind: refusal.kind,
        session_id: session,
    };
    frames.push(reply("error", session, request_id, failure));
    frames
}

/// A client's view of what it is told.
pub(crate) struct View<'a> {
    pub(crate) principal: &'a Principal,
    pub(crate) dialect: Dialect,
    pub(crate) wants: Wants,
}

impl View<'_> {
    /// The frames for one thing told.
    pub(crate) fn frames(&self, told: &Told) -> Vec<String> {
        match told {
            Told::Gap { session, gap } => {
                #[derive(Serialize)]
                struct Lost<'a> {
                    after: u64,
                    first: u64,
                    reason: &'a str,
                }
                let lost = Lost {
                    after: gap.after,
                    first: gap.first,
                    reason: gap.reason,
                };
                let session = self.principal.name_of(session);
                vec![reply("gap", session, None, lost)]
            }
            Told::Event {
                session,
                entry,
                mine,
                request_id,
                subscribed,
            } => {
                let session = self.principal.name_of(session).unwrap_or_default();
                let place = Place {
                    session,
                    entry,
                    mine: *mine,
                    subscribed: *subscribed,
                    request_id: *request_id,
                };
                self.event(&place)
            }
        }
    }

    fn event(&self, place: &Place<'_>) -> Vec<String> {
        if !self.wants.allow(&place.entry.what) {
            return Vec::new();
        }
        match self.dialect {
            Dialect::Go => go::frames(place),
            Dialect::V1 => self.of_v1(place),
        }
    }

    fn of_v1(&self, place: &Place<'_>) -> Vec<String> {
        let what = &place.entry.what;
        let mut frames = Vec::new();
        if place.subscribed || !matches!(what, What::Prompt(_)) {
            frames.push(place.frame(name_of(what), data_of(what)));
        }
        if let (What::End(end), true) = (what, place.mine) {
            frames.push(place.terminal(end));
        }
        frames
    }
}

/// An event on its way to one client.
struct Place<'a> {
    session: &'a str,
    entry: &'a Entry,
    mine: bool,
    subscribed: bool,
    request_id: Option<u64>,
}

impl Place<'_> {
    fn frame<D: Serialize>(&self, event: &str, data: D) -> String {
        Frame {
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
    fn terminal(&self, end: &TurnEnd) -> String {
        #[derive(Serialize)]
        struct Completed<'a> {
            session_id: &'a str,
            stats: Box<RawValue>,
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
                    stats: stats(self.session, end),
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
                let failure = Failure {
                    message: &format!("Execution failed: {why}"),
                    kind: error.map_or("internal", |error| error.kind().as_str()),
                    session_id: Some(self.session),
                };
                self.unnumbered("error", failure)
            }
        }
    }

    fn unnumbered<D: Serialize>(&self, event: &str, data: D) -> String {
        Frame {
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
fn stats(session: &str, end: &TurnEnd) -> Box<RawValue> {
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
