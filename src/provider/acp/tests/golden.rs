//! Recorded dialogues with agents that speak ACP give the events listed beside them.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;

use super::{new_protocol, wanted};
use crate::message::Conversation;
use crate::provider::acp::protocol::{AcpProtocol, Wanted};
use crate::provider::permission::Mode;
use crate::provider::recorded::{self, Dialogues, Recorded};

struct Acp;

impl Dialogues for Acp {
    type Protocol = AcpProtocol;
    const FOLDERS: &'static str = "acp-";
    const PROMPT: &'static str = "session/prompt";
    const INTERRUPT: &'static str = "session/cancel";

    fn protocol(recording: &Path, lines: &[Recorded]) -> AcpProtocol {
        let folder = recorded::name_of(recording.parent().unwrap());
        let inputs = || lines.iter().filter_map(Recorded::input);
        let resumed = inputs().find(|line| line.contains("\"session/load\""));
        let first = inputs().find(|line| line.contains("\"session/new\""));
        let conversation = match (first, resumed) {
            (None, Some(line)) => {
                let request: Value = serde_json::from_str(line).unwrap();
                Conversation::Resume(request["params"]["sessionId"].as_str().unwrap().to_owned())
            }
            _ => Conversation::New("n".to_owned()),
        };
        let sets_mode = inputs().any(|line| line.contains("session/set_mode"));
        let is_claude = folder.contains("claude-agent-acp") && sets_mode;
        let name = match folder {
            _ if is_claude => "claude-agent-acp",
            folder if folder.starts_with("acp-gemini") => "gemini",
            folder if folder.starts_with("acp-codex-acp") => "codex-acp",
            _ => "acp",
        };
        let wanted = Wanted {
            // Their hooks were others.
            hooked: false,
            ..wanted(conversation)
        };
        new_protocol(name, Mode::Default, wanted)
    }

    fn adapt<'a>(method: &'a str, _: &mut Value, ours: &HashMap<String, u64>) -> &'a str {
        match method {
            // Ours is one of the two, whichever the agent has.
            "session/load" if ours.contains_key("session/resume") => "session/resume",
            method => method,
        }
    }
}

#[test]
fn recorded_dialogues_decode_to_the_listed_events() {
    recorded::assert_listed::<Acp>(20);
}

#[test]
fn a_recorded_dialogue_cut_anywhere_never_panics_and_loses_nothing() {
    recorded::assert_cut_lines_are_told::<Acp>();
}

#[test]
fn wrong_bytes_never_panic() {
    recorded::assert_wrong_bytes_never_panic::<Acp>();
}
