//! Why a session is to end, and how its process has ended.

use std::time::Duration;

use crate::message::ExitCause;

/// Why a session is stopped.
#[derive(Clone, Debug)]
pub(crate) enum StopReason {
    /// The caller wants it gone, for the reason given.
    Requested(String),
    /// The engine closes, and allows this much time.
    EngineCloses(Duration),
    /// Its process makes room for another session's.
    Hibernate,
}

/// The end of a process, as the io thread saw it. Everything it wrote was handed on before.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    /// How it ended, for a person: `exited with status 1`.
    pub(crate) how: String,
    /// The last of what it wrote to stderr.
    pub(crate) stderr: String,
    /// Why, as far as the provider can tell.
    pub(crate) cause: ExitCause,
    /// A conversation name that nothing else uses.
    pub(crate) fresh_name: String,
}
