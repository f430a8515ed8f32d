//! What the engine is told for what Codex says, and what Codex is told.

mod golden;
mod hook;
mod lost;
mod odd;
mod talk;

use super::protocol::{CodexProtocol, Wanted};
use crate::message::Conversation;
use crate::provider::permission::{Mode, Policy};
use crate::provider::recorded::{decoded, replies, written};
use crate::stats::ToolGate;

/// One whose hook is not looked after, as its dialogues were recorded.
fn new_protocol(mode: Mode, conversation: Conversation) -> CodexProtocol {
    protocol_of(mode, conversation, false)
}

fn protocol_of(mode: Mode, conversation: Conversation, hooked: bool) -> CodexProtocol {
    let wanted = Wanted {
        work_dir: "/w".into(),
        conversation,
        model: None,
        system_prompt: "be brief".to_owned(),
        sandbox: "danger-full-access",
        hooked,
    };
    let policy = Policy {
        mode,
        gate: ToolGate::EveryCall,
        has_allow_list: false,
    };
    CodexProtocol::new(wanted, policy, false, 1 << 24)
}
