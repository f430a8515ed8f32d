//! The permission requests that a process waits with.

use std::time::Instant;

use crate::event::{PermissionRequest, TurnId};

/// By what name a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// In this turn.
    InTurn(TurnId),
    /// In the session, whatever turn is under way.
    InSession,
}

#[cfg_attr(test, derive(Clone))]
#[derive(Debug)]
pub(super) struct Question {
    pub(super) request: Box<PermissionRequest>,
    /// The turn it was asked in; `None` once that is over, or if there was none.
    pub(super) turn: Option<TurnId>,
    pub(super) until: Option<Instant>,
}

/// The questions that a process waits with.
#[cfg_attr(test, derive(Clone))]
#[derive(Debug, Default)]
pub(super) struct Questions(pub(super) Vec<Question>);

impl Questions {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.0.iter().filter_map(|question| question.until).min()
    }

    pub(super) fn are_open_in(&self, turn: TurnId) -> bool {
        self.0.iter().any(|question| question.turn == Some(turn))
    }

    #[cfg(test)]
    pub(super) fn turns(&self) -> Vec<Option<TurnId>> {
        self.0.iter().map(|question| question.turn).collect()
    }

    pub(super) fn take(&mut self, request_id: &str) -> Option<Question> {
        let named = |question: &Question| question.request.request_id == request_id;
        let place = self.0.iter().position(named)?;
        Some(self.0.remove(place))
    }
}
