//! What a plugin in the agent asks, and the questions that a process waits with.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use crate::message::Message;

/// What it writes.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Asked {
    Greeting {
        hello: String,
        /// What of the project the agent would run by itself.
        #[serde(default)]
        runs: Option<String>,
    },
    Call(Called),
}

/// A call of a tool, in the agent's own words.
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
