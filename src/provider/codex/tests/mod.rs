//! What the engine is told for what Codex says, and what Codex is told.

mod golden;
mod talk;

use serde_json::Value;

use super::protocol::{CodexProtocol, Wanted};
use crate::message::{Conversation, Message};
use crate::provider::lines::LineProtocol;
use crate::provider::permission::{Mode, Policy};
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

fn decoded(protocol: &mut CodexProtocol, line: impl AsRef<[u8]>) -> Vec<Message> {
    let mut messages = Vec::new();
    protocol.decode(line.as_ref(), &mut messages);
    messages
}

/// What was written, as JSON.
fn written(bytes: &[u8]) -> Vec<Value> {
    let lines = bytes.split(|byte| *byte == b'\n');
    let lines = lines.filter(|line| !line.is_empty());
    lines
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

fn replies(messages: &[Message]) -> Vec<Value> {
    let replies = messages.iter().filter_map(|message| match message {
        Message::Reply(bytes) => Some(written(bytes)),
        _ => None,
    });
    replies.flatten().collect()
}
