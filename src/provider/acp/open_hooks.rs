//! What a plugin in the agent asks, and the questions that a process waits with.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::calls::CallUpdate;
use crate::message::Message;
use crate::provider::codex::HookCalls;

/// What it wants to know.
pub(super) enum HookQuestion {
    /// Nothing: it is there. With what of the project the agent would run by itself.
    Greeting(Option<String>),
    /// Whether a prompt may go on to the model.
    Prompt,
    /// Whether a call may run, and where that would be.
    Call(Box<CallUpdate>, Option<String>),
}

/// A call of a tool, in the words of OpenCode's plugin.
#[derive(Deserialize)]
pub(super) struct Called {
    pub(super) tool: String,
    pub(super) call: String,
    #[serde(default)]
    pub(super) args: Value,
    /// Files that are shown with the one that is read.
    #[serde(default)]
    pub(super) beside: Vec<String>,
}

/// The questions of the plugin of one process.
#[derive(Default)]
pub(super) struct Hooks {
    pub(super) has_greeted: bool,
    /// A program of the project's that the agent would run, whatever it is told.
    pub(super) runs: Option<String>,
    /// It has not asked about the prompt that the agent has, and is to.
    pub(super) prompt_due: bool,
    /// What it has asked about, where more has to be known of that than whether it is open.
    pub(super) calls: HookCalls,
    /// Those that are open; `true` for one that is denied whatever the gate says.
    pub(super) open: HashMap<String, bool>,
}

impl Hooks {
    /// It has to greet anew: an agent loads its plugins again with a session.
    pub(super) fn await_greeting(&mut self) {
        self.has_greeted = false;
    }

    /// Nobody waits for an answer any more.
    pub(super) fn withdrawn(&mut self) -> Vec<Message> {
        let open = self.open.drain();
        open.map(|(id, _)| Message::ApprovalWithdrawn(id)).collect()
    }
}
