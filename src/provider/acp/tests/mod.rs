//! What the engine is told for what agents say that speak ACP, and what they are told.

mod claude;
mod codex;
mod gemini;
mod golden;
mod lost;
mod odd;
mod permission;
mod plugin;
mod talk;

use serde_json::{Value, json};

use super::profile::Profile;
use super::profile::table::PROFILES;
use super::protocol::{AcpProtocol, Wanted};
use crate::message::{Conversation, Message};
use crate::project::Project;
use crate::provider::Protocol;
use crate::provider::permission::{Mode, Policy};
use crate::provider::recorded::{decoded, replies, written};

fn profile(name: &str) -> &'static Profile {
    PROFILES
        .iter()
        .find(|profile| profile.name == name)
        .unwrap()
}

fn policy(profile: &Profile, mode: Mode) -> Policy {
    Policy {
        mode,
        gate: profile.gate,
        has_allow_list: false,
    }
}

fn wanted(conversation: Conversation) -> Wanted {
    Wanted {
        work_dir: "/w".into(),
        conversation,
        model: None,
        system_prompt: String::new(),
        project: Project::default(),
        hooked: true,
    }
}

fn new_protocol(name: &str, mode: Mode, mut wanted: Wanted) -> AcpProtocol {
    let profile = profile(name);
    wanted.hooked &= profile.plugin.is_some();
    AcpProtocol::new(profile, wanted, policy(profile, mode), false, 1 << 24)
}

/// The answer to the request of this number.
fn answer(id: u64, result: Value) -> String {
    json!({"jsonrpc": "2.0", "id": id, "result": result}).to_string()
}

fn fault(id: u64, message: &str) -> String {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": -32603, "message": message}}).to_string()
}

fn update(update: Value) -> String {
    let params = json!({"sessionId": "s", "update": update});
    json!({"jsonrpc": "2.0", "method": "session/update", "params": params}).to_string()
}

/// A protocol that is ready, with a new conversation.
fn ready(name: &str, mode: Mode) -> AcpProtocol {
    let mut protocol = new_protocol(name, mode, wanted(Conversation::New("n".to_owned())));
    protocol.write_handshake(&mut Vec::new());
    decoded(&mut protocol, answer(1, json!({"protocolVersion": 1})));
    let modes = json!({"availableModes": [{"id": "default"}, {"id": "plan"}]});
    let mut messages = decoded(
        &mut protocol,
        answer(2, json!({"sessionId": "s", "modes": modes})),
    );
    if !replies(&messages).is_empty() {
        messages = decoded(&mut protocol, answer(3, json!({})));
    }
    assert!(
        matches!(messages.last(), Some(Message::Ready)),
        "{messages:?}"
    );
    protocol
}
