//! What happens, in the words of the wire. The words are those of docs/protocol.md.

mod frame;
mod go;
mod outgoing_event;
mod spelling;

use serde::Serialize;

use crate::access::Principal;
use crate::hub::feed::FeedItem;
use crate::hub::log::What;
use crate::refusal::Refusal;
use frame::ErrorData;
pub(crate) use frame::reply;
use outgoing_event::OutgoingEvent;
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
    let failure = ErrorData {
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
    pub(crate) fn frames(&self, told: &FeedItem) -> Vec<String> {
        match told {
            FeedItem::Gap { session, gap } => {
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
            FeedItem::Event {
                session,
                entry,
                mine,
                request_id,
                subscribed,
            } => {
                let session = self.principal.name_of(session).unwrap_or_default();
                let outgoing = OutgoingEvent {
                    session,
                    entry,
                    mine: *mine,
                    subscribed: *subscribed,
                    request_id: *request_id,
                };
                self.event(&outgoing)
            }
        }
    }

    fn event(&self, outgoing: &OutgoingEvent<'_>) -> Vec<String> {
        match (self.wants.allow(&outgoing.entry.what), self.dialect) {
            (true, Dialect::Go) => go::frames(outgoing),
            (true, Dialect::V1) => self.of_v1(outgoing),
            (false, Dialect::Go) => go::unasked(outgoing),
            (false, Dialect::V1) => Vec::new(),
        }
    }

    fn of_v1(&self, outgoing: &OutgoingEvent<'_>) -> Vec<String> {
        let what = &outgoing.entry.what;
        let mut frames = Vec::new();
        if outgoing.subscribed || !matches!(what, What::Prompt(_)) {
            frames.push(outgoing.frame(name_of(what), data_of(what)));
        }
        if let (What::End(end), true) = (what, outgoing.mine) {
            frames.push(outgoing.terminal(end, &outgoing_event::stats(outgoing.session, end)));
        }
        frames
    }
}
