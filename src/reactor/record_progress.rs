//! How far the record of a session is.

use crate::event::TurnId;

/// How far the record of one session is.
#[derive(Debug, Default)]
pub(super) struct Recording {
    /// The conversation that is, or is to be, written down.
    pub(super) conversation: Option<String>,
    /// Records that the spawn thread has still to write.
    pub(super) under_way: usize,
    /// The last one could not be written.
    pub(super) failed: bool,
    /// A turn wants it tried again, once it is known that it failed.
    pub(super) wanted_again: bool,
    /// The turn in which it was reported.
    pub(super) told: Option<TurnId>,
}
