//! What a command of the command line learns of the end of its turn.

use serde_json::Value;

/// How a turn ended, in the words of the REST interface.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) session: String,
    /// `refused` if it never began.
    pub(super) outcome: String,
    /// The finished pieces of the answer, one after the other.
    pub(super) answer: String,
    /// `kind` and `message` of what went wrong; `null` if nothing did.
    pub(super) error: Value,
    pub(super) stats: Value,
    /// The user here pressed Ctrl-C.
    pub(super) interrupted: bool,
}
