//! What the engine is told for what Codex says, and what Codex is told.

mod golden;
mod talk;

use super::protocol::{CodexProtocol, Wanted};
use crate::message::Conversation;
use crate::provider::permission::{Mode, Policy};
use crate::provider::recorded::{decoded, replies, written};
use crate::stats::ToolGate;

fn new_protocol(mode: Mode, conversation: Conversation) -> CodexProtocol {
    let wanted = Wanted {
        work_dir: "/w".into(),
        conversation,
        model: None,
        system_prompt: "be brief".to_owned(),
        sandbox: "danger-full-access",
    };
    let policy = Policy {
        mode,
        gate: ToolGate::AsksOnly,
        has_allow_list: false,
    };
    CodexProtocol::new(wanted, policy, false, 1 << 24)
}
