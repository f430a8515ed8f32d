//! The questions that a process waits with.

use std::collections::VecDeque;

use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::message::Message;

/// How a question is answered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// The answer to a command or a patch.
    Decision,
    /// The answer to a tool of an MCP server.
    Elicitation,
}

impl Form {
    pub(super) fn answer(self, allowed: bool, ends_turn: bool) -> Value {
        match (self, allowed, ends_turn) {
            (Form::Decision, true, _) => json!({"decision": "accept"}),
            (Form::Decision, false, true) => json!({"decision": "cancel"}),
            (Form::Decision, false, false) => json!({"decision": "decline"}),
            (Form::Elicitation, true, _) => json!({"action": "accept", "content": {}}),
            (Form::Elicitation, false, true) => json!({"action": "cancel"}),
            (Form::Elicitation, false, false) => json!({"action": "decline"}),
        }
    }
}

pub(super) struct Approval {
    pub(super) request_id: String,
    pub(super) id: Box<RawValue>,
    pub(super) form: Form,
    /// Nobody is there to agree: what the gate lets through is denied all the same.
    pub(super) is_denied: bool,
}

/// The questions of one process.
#[derive(Default)]
pub(super) struct Approvals(pub(super) VecDeque<Approval>);

impl Approvals {
    /// The bound on open questions. An agent that works as it should has far fewer.
    pub(super) const AT_MOST: usize = 256;

    pub(super) fn take(&mut self, request_id: &str) -> Option<Approval> {
        let named = |approval: &Approval| approval.request_id == request_id;
        let at = self.0.iter().position(named)?;
        self.0.remove(at)
    }

    /// The agent does not wait for this one any more.
    pub(super) fn withdrawn(&mut self, request_id: &str, messages: &mut Vec<Message>) {
        if let Some(approval) = self.take(request_id) {
            messages.push(Message::ApprovalWithdrawn(approval.request_id));
        }
    }
}
