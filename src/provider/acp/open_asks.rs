//! The questions that a process waits with.

use std::collections::VecDeque;

use serde_json::value::RawValue;

/// Asks for leave.
pub(super) const PERMISSION: &str = "session/request_permission";

/// A question that waits for its answer.
pub(super) struct Ask {
    pub(super) request_id: String,
    /// The agent's name of the call.
    pub(super) call: String,
    pub(super) id: Box<RawValue>,
    pub(super) allow: String,
    /// Agents that offer no such choice are answered that the question is void.
    pub(super) reject: Option<String>,
    /// Nobody is there to agree: what the gate lets through is denied all the same.
    pub(super) is_denied: bool,
}

/// The questions of one process.
#[derive(Default)]
pub(super) struct Asks(pub(super) VecDeque<Ask>);

impl Asks {
    /// The bound on open questions. An agent that works as it should has far fewer.
    pub(super) const AT_MOST: usize = 256;

    pub(super) fn take(&mut self, request_id: &str) -> Option<Ask> {
        let at = self.0.iter().position(|ask| ask.request_id == request_id)?;
        self.0.remove(at)
    }
}
