//! The error type. Layer 0: imports nothing of ours but its neighbours there.

use std::fmt;
use std::sync::Arc;

use hotplex_guard::Verdict;

use crate::spelled::spelled;

spelled! {
    /// What kind of failure an [`Error`] is. New kinds may be added.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum ErrorKind {
        /// The caller passed something that can never work.
        InvalidArgument = "invalid_argument",
        /// No such session, turn or request.
        NotFound = "not_found",
        /// The guard refuses the prompt; [`Error::verdict`] says why.
        Blocked = "blocked",
        /// A bound is reached: waiting turns of a session, or sessions waiting for a process.
        Busy = "busy",
        /// Another engine uses the session, of this process or of another; the message names the
        /// process.
        InUse = "in_use",
        /// The engine is closed or closing.
        Closed = "closed",
        /// A time limit passed.
        TimedOut = "timed_out",
        /// The agent's program is missing, could not be started, or ended before it was ready.
        SpawnFailed = "spawn_failed",
        /// The agent itself reported that the turn failed.
        AgentFailed = "agent_failed",
        /// The agent's process ended in the middle of a turn.
        Crashed = "crashed",
        /// The caller cancelled the turn.
        Cancelled = "cancelled",
        /// The session was stopped.
        Stopped = "stopped",
        /// This process is a child of `fork`; the engine stayed in its parent. It may open its own.
        Forked = "forked",
        /// A defect of this library.
        Internal = "internal",
    }
}

/// A failure: its kind, one line for a person, and what caused it.
///
/// The line is lower case, without a full stop, and says what the caller cannot know.
#[derive(Clone, Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    verdict: Option<Box<Verdict>>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error {
            kind,
            message: message.into(),
            verdict: None,
            source: None,
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::InvalidArgument, message)
    }

    pub(crate) fn forked() -> Error {
        let message = "this process is a child of fork: the engine stayed in its parent";
        Error::new(ErrorKind::Forked, message)
    }

    pub(crate) fn blocked(verdict: Verdict) -> Error {
        let mut error = Error::new(ErrorKind::Blocked, verdict.reason.clone());
        error.verdict = Some(Box::new(verdict));
        error
    }

    pub(crate) fn because(
        mut self,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Error {
        self.source = Some(Arc::new(source));
        self
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What the guard said, if the kind is [`ErrorKind::Blocked`].
    pub fn verdict(&self) -> Option<&Verdict> {
        self.verdict.as_deref()
    }

    /// The line for a person, the same as `Display` prints.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Options, rules and lists that the guard cannot use are the caller's.
impl From<hotplex_guard::Error> for Error {
    fn from(error: hotplex_guard::Error) -> Error {
        Error::invalid(error.message()).because(error)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source.as_ref() as _)
    }
}
