//! Recorded dialogues with Codex give the events listed beside them.

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Value, json};

use super::new_protocol;
use crate::message::Conversation;
use crate::provider::codex::protocol::CodexProtocol;
use crate::provider::permission::Mode;
use crate::provider::recorded::{self, Dialogues, Recorded};

struct Codex;

impl Dialogues for Codex {
    type Protocol = CodexProtocol;
    const FOLDERS: &'static str = "codex-";
    const PROMPT: &'static str = "turn/start";
    const INTERRUPT: &'static str = "turn/interrupt";

    fn protocol(_: &Path, lines: &[Recorded]) -> CodexProtocol {
        let inputs = || lines.iter().filter_map(Recorded::input);
        let resumed = inputs().find(|line| line.contains("\"thread/resume\""));
        let first = inputs().find(|line| line.contains("\"thread/start\""));
        let conversation = match (first, resumed) {
            (None, Some(line)) => {
                let request: Value = serde_json::from_str(line).unwrap();
                let id = request["params"]["threadId"].as_str();
                Conversation::Resume(id.unwrap().to_owned())
            }
            _ => Conversation::New("n".to_owned()),
        };
        new_protocol(Mode::Default, conversation)
    }

    fn adapt<'a>(method: &'a str, answer: &mut Value, _: &HashMap<String, u64>) -> &'a str {
        // Some were recorded with another policy, which would end our handshake.
        if let Some(policy) = answer.pointer_mut("/result/approvalPolicy") {
            *policy = json!("untrusted");
        }
        method
    }
}

#[test]
fn recorded_dialogues_decode_to_the_listed_events() {
    recorded::assert_listed::<Codex>(8);
}

#[test]
fn a_recorded_dialogue_cut_anywhere_never_panics_and_loses_nothing() {
    recorded::assert_cut_lines_are_told::<Codex>();
}

#[test]
fn wrong_bytes_never_panic() {
    recorded::assert_wrong_bytes_never_panic::<Codex>();
}
