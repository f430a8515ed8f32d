//! What the engine is told for what aider says.

mod golden;
mod odd;
mod talk;

use super::protocol::{AiderProtocol, Wanted};
use crate::event::TurnId;
use crate::message::{Conversation, Message};
use crate::provider::Protocol;
use crate::provider::listing::listed;
use crate::provider::permission::{Mode, Policy};
use crate::stats::ToolGate;

/// One process, and what was written to it.
struct Process {
    protocol: AiderProtocol,
    lines: usize,
    turns: u64,
}

impl Process {
    fn new(conversation: Conversation) -> Process {
        let wanted = Wanted {
            work_dir: "/w".into(),
            real_work_dir: "/w".into(),
            conversation,
            nonce: "n0".to_owned(),
            max_line_bytes: 1 << 20,
        };
        let policy = Policy {
            mode: Mode::Default,
            gate: ToolGate::EveryCall,
            has_allow_list: false,
        };
        Process {
            protocol: AiderProtocol::new(wanted, policy, true),
            lines: 0,
            turns: 0,
        }
    }

    /// One whose hook has greeted and that waits for its first prompt.
    fn ready() -> Process {
        let mut process = Process::new(Conversation::New("c".to_owned()));
        process.greet();
        let told = process.waits();
        assert!(told.contains(&"ready".to_owned()), "{told:?}");
        process
    }

    fn greet(&mut self) {
        let answer = self
            .protocol
            .hook_asked("h", r#"{"hello":"3.11"}"#, &mut Vec::new());
        assert_eq!(answer.as_deref(), Some(r#"{"allow":true}"#));
    }

    fn feed(&mut self, output: &str) -> Vec<String> {
        let mut messages: Vec<Message> = Vec::new();
        self.protocol.feed(output.as_bytes(), &mut messages);
        listed(&messages)
    }

    /// aider waits for a line, having read all that was written.
    fn waits(&mut self) -> Vec<String> {
        let mark = format!("\u{1e}n0[\"waits\",{}]\n", self.lines);
        self.feed(&mark)
    }

    /// The same, since it was interrupted.
    fn stopped(&mut self) -> Vec<String> {
        let mark = format!("\u{1e}n0[\"stopped\",{}]\n", self.lines);
        self.feed(&mark)
    }

    fn prompt(&mut self, text: &str) -> String {
        let mut out = Vec::new();
        self.turns += 1;
        self.protocol
            .write_prompt(TurnId(self.turns), text, &mut out);
        self.lines += out.iter().filter(|byte| **byte == b'\n').count();
        self.feed(&format!("\u{1e}n0[\"begins\",{}]\n", self.lines));
        String::from_utf8(out).unwrap()
    }
}
