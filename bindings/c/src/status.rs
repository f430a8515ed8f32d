//! What functions return, and what went wrong on the way there.

use std::ffi::{CStr, c_char};

use hotplex::{Error, ErrorKind};

/// The number of this interface. It changes when a function or the meaning of one changes in a way
/// that programs built earlier could notice; it is also the number of the shared library.
pub const HOTPLEX_ABI_VERSION: u32 = 0;

/// What functions return: 0 or a count when all is well, else one of these. Functions return
/// int32_t and not this type, so that a status that is added later is a legal value.
///
/// cbindgen:rename-all=prefix:HOTPLEX_
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    clippy::upper_case_acronyms,
    non_camel_case_types,
    reason = "cbindgen keeps the case, and in C constants are written like this"
)]
pub enum Status {
    /// All is well.
    OK = 0,
    /// Nothing came in the time given.
    TIMEOUT = -1,
    /// An argument can never work; the message says which.
    INVALID_ARGUMENT = -2,
    /// The engine is closed or closing, and has nothing more to give.
    CLOSED = -3,
    /// There is no such turn, session or request, or not any more.
    NOT_FOUND = -4,
    /// A bound is reached: try again when a turn has ended.
    BUSY = -5,
    /// The guard refuses it.
    BLOCKED = -6,
    /// The agent's program is missing or cannot be started.
    SPAWN_FAILED = -7,
    /// The first event does not fit; `*needed` says how large the buffer must be.
    BUFFER_TOO_SMALL = -8,
    /// The handle is of no engine, or of one that was freed; or two threads take events at once.
    MISUSE = -9,
    /// This process is a child of fork(): the engine stayed with its parent. It may open its own.
    FORKED = -10,
    /// A defect of this library. The engine that it struck answers every call with this.
    INTERNAL = -11,
    /// Another engine uses the session, of this process or of another; the message names the
    /// process.
    IN_USE = -12,
}

impl Status {
    const ALL: [(Status, &'static CStr); 13] = [
        (Status::OK, c"ok"),
        (Status::TIMEOUT, c"nothing came in time"),
        (Status::INVALID_ARGUMENT, c"invalid argument"),
        (Status::CLOSED, c"the engine is closed"),
        (Status::NOT_FOUND, c"no such turn, session or request"),
        (Status::BUSY, c"too much is waiting already"),
        (Status::BLOCKED, c"blocked by the guard"),
        (Status::SPAWN_FAILED, c"the agent cannot be started"),
        (Status::BUFFER_TOO_SMALL, c"the buffer is too small"),
        (
            Status::MISUSE,
            c"not a live engine, or two consumers at once",
        ),
        (
            Status::FORKED,
            c"the engine stayed in the parent of this process",
        ),
        (Status::INTERNAL, c"a defect of hotplex"),
        (Status::IN_USE, c"another engine uses the session"),
    ];
}

/// Returns the status in words, for logs: a static string, never NULL. Counts are "ok", numbers
/// that this version does not know are "unknown status".
///
/// Threads: any. Never fails.
#[unsafe(no_mangle)]
pub extern "C" fn hotplex_status_string(status: i32) -> *const c_char {
    let status = status.min(Status::OK as i32);
    let known = Status::ALL
        .iter()
        .find(|(known, _)| *known as i32 == status);
    known.map_or(c"unknown status", |(_, words)| words).as_ptr()
}

/// Why a function does not do what it was asked: the status, and a line for a person.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: Status,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(status: Status, message: impl Into<String>) -> Failure {
        Failure {
            status,
            message: message.into(),
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Failure {
        Failure::new(Status::INVALID_ARGUMENT, message)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let status = match error.kind() {
            ErrorKind::InvalidArgument => Status::INVALID_ARGUMENT,
            ErrorKind::NotFound => Status::NOT_FOUND,
            ErrorKind::Blocked => Status::BLOCKED,
            ErrorKind::Busy => Status::BUSY,
            ErrorKind::InUse => Status::IN_USE,
            ErrorKind::Closed => Status::CLOSED,
            ErrorKind::TimedOut => Status::TIMEOUT,
            ErrorKind::SpawnFailed => Status::SPAWN_FAILED,
            ErrorKind::Forked => Status::FORKED,
            _ => Status::INTERNAL,
        };
        Failure::new(status, error.message())
    }
}
