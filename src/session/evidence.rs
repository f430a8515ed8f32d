//! By what it is told whose output an agent's is: how it marks its starts, and what is held until it
//! is clear.

use std::time::Instant;

use crate::event::EventKind;
use crate::message::TurnResult;

/// How an agent marks that it begins something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Marks {
    /// Nothing is known yet.
    #[default]
    Unknown,
    /// Not at all: its first word begins the turn.
    Never,
    /// It has marked one start so far, which may have been its introduction.
    Once,
    /// It marks whatever it begins.
    Each,
    /// It names the prompt that it begins; a start without a name is of something else.
    Names,
}

/// What came before it was clear whose it is.
#[cfg_attr(test, derive(Clone))]
#[derive(Debug)]
pub(super) struct Held {
    pub(super) words: Vec<EventKind>,
    /// What they keep alive.
    pub(super) bytes: usize,
    pub(super) result: Option<(TurnResult, Instant)>,
    pub(super) until: Instant,
}

impl Held {
    pub(super) fn says_nothing(&self) -> bool {
        let text = self
            .result
            .as_ref()
            .and_then(|(result, _)| result.text.as_deref());
        self.words.is_empty() && text.unwrap_or_default().is_empty()
    }
}

#[cfg(test)]
impl Held {
    pub(super) fn contents(&self) -> (&[EventKind], Option<&TurnResult>) {
        (&self.words, self.result.as_ref().map(|(result, _)| result))
    }
}
