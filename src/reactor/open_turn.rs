//! A turn that a slot has still to end.

use std::time::Instant;

use super::command::AcceptedTurn;
use crate::channel::TurnSender;
use crate::event::TurnId;

/// An accepted turn whose caller has not had its end yet.
pub(super) struct OpenTurn {
    pub(super) turn: TurnId,
    pub(super) accepted: Instant,
    pub(super) tag: u64,
    pub(super) events: TurnSender,
}

impl OpenTurn {
    pub(super) fn new(accepted: &AcceptedTurn, events: TurnSender) -> OpenTurn {
        OpenTurn {
            turn: accepted.queued.turn,
            accepted: accepted.accepted,
            tag: accepted.tag,
            events,
        }
    }
}
