//! The state of the protocol with one process, and the [`Protocol`] face of it.
//!
//! Knows no meaning of a line; the files beside it do. Runs on the io thread.

use serde_json::Value;
use uuid::{Builder, Uuid};

use super::approvals::Approvals;
use super::judged::Judged;
use super::outlined::OUTLINED;
use super::tool::Calls;
use super::totals::Totals;
use super::write;
use crate::event::{Decision, TurnId};
use crate::message::Message;
use crate::provider::json_line;
use crate::provider::lines::{self, LineBuffer, LineProtocol};
use crate::provider::outline::{Outline, Path};
use crate::provider::{Interrupt, Protocol};

/// What has to be remembered between two lines.
pub(super) struct ClaudeProtocol {
    lines: LineBuffer,
    pub(super) prompts: PromptNames,
    pub(super) requests: Requests,
    pub(super) approvals: Approvals,
    pub(super) calls: Calls,
    pub(super) totals: Totals,
    /// Whether what the gate lets pass is to be asked about as it runs.
    pub(super) asks_again: bool,
    /// What was let pass, if that is held against what runs.
    pub(super) judged: Option<Judged>,
    /// The conversation that was described to the caller.
    pub(super) conversation_told: Option<String>,
}

impl ClaudeProtocol {
    pub(super) fn new(max_line_bytes: usize) -> ClaudeProtocol {
        ClaudeProtocol {
            lines: LineBuffer::outlining(max_line_bytes, OUTLINED),
            prompts: PromptNames::new(),
            requests: Requests::default(),
            approvals: Approvals::default(),
            calls: Calls::default(),
            totals: Totals::default(),
            asks_again: false,
            judged: None,
            conversation_told: None,
        }
    }

    /// Has a call that the gate lets pass asked about as it runs, and judged then. Measured: whatever
    /// other hooks made of it, 2.1.330 then asks with what will run, and 2.0.76 runs what our hook
    /// was asked about, without a question. Rules and hooks that ask or deny by themselves still do.
    pub(super) fn ask_again(&mut self) {
        self.asks_again = true;
    }

    /// Has what ran held against what was let pass, where hooks of the project may have put something
    /// else in its place. Measured with 2.1.330 and 2.0.76: what a hook of ours is told after a call is
    /// the input that ran, and the very same that it was told before, unless somebody replaced it.
    pub(super) fn follow(&mut self) {
        self.judged = Some(Judged::default());
    }

    fn answered(&mut self, request_id: &str, allowed: bool, updated: Option<&Value>) {
        if let Some(judged) = &mut self.judged {
            judged.answered(request_id, allowed, updated);
        }
    }
}

impl Protocol for ClaudeProtocol {
    fn write_handshake(&mut self, out: &mut Vec<u8>) {
        let id = self.requests.next();
        write::initialize(&id, self.judged.is_some(), out);
        self.requests.handshake = Some(id);
    }

    fn write_prompt(&mut self, turn: TurnId, text: &str, out: &mut Vec<u8>) {
        write::prompt(text, self.prompts.name(turn), out);
    }

    fn interrupt(&mut self, out: &mut Vec<u8>) -> Interrupt {
        write::interrupt(&self.requests.next(), out);
        Interrupt::Written
    }

    fn write_decision(&mut self, request_id: &str, decision: &Decision, out: &mut Vec<u8>) {
        let Some(input) = self.approvals.take(request_id) else {
            return;
        };
        let (allowed, updated) = match decision {
            Decision::Allow { updated_input } => (true, updated_input.as_ref()),
            Decision::Deny { .. } => (false, None),
        };
        self.answered(request_id, allowed, updated);
        write::decision(request_id, decision, &input, out);
    }

    fn write_gate_answer(&mut self, request_id: &str, denied: Option<&str>, out: &mut Vec<u8>) {
        self.answered(request_id, denied.is_none(), None);
        if let Some(input) = self.approvals.take(request_id) {
            let decision = denied.map_or_else(Decision::allow, Decision::deny);
            return write::decision(request_id, &decision, &input, out);
        }
        match denied {
            Some(reason) => write::hook_denial(request_id, reason, out),
            None if self.asks_again => write::hook_question(request_id, out),
            None => write::neutral(request_id, out),
        }
    }

    fn feed(&mut self, chunk: &[u8], messages: &mut Vec<Message>) {
        lines::feed(self, chunk, messages);
    }

    fn finish(&mut self, messages: &mut Vec<Message>) {
        lines::finish(self, messages);
    }
}

impl LineProtocol for ClaudeProtocol {
    fn buffer(&mut self) -> &mut LineBuffer {
        &mut self.lines
    }

    fn decode(&mut self, line: &[u8], messages: &mut Vec<Message>) {
        json_line::decode(self, &lines::text(line), messages);
    }

    fn outlined(&self) -> &'static [Path] {
        OUTLINED
    }

    fn lost(&mut self, outline: &Outline, why: &str, messages: &mut Vec<Message>) {
        self.lost_line(outline, why, messages);
    }
}

/// Names of our own control requests. The agent keeps apart its requests and ours by direction, so
/// they need to differ from each other only.
#[derive(Default)]
pub(super) struct Requests {
    written: u64,
    /// The handshake, until it is answered.
    pub(super) handshake: Option<String>,
}

impl Requests {
    const PREFIX: &'static str = "hotplex-";

    fn next(&mut self) -> String {
        self.written += 1;
        format!("{}{}", Requests::PREFIX, self.written)
    }

    /// True for a name that we gave, answered or not.
    pub(super) fn is_ours(id: &str) -> bool {
        id.starts_with(Requests::PREFIX)
    }
}

/// Turns as UUIDs, which is what `command_lifecycle` names them by.
///
/// Half of a UUID is random, because a conversation outlives its processes and never forgets a
/// name: a prompt under a name it knows is dropped without a word (2.0.76 and 2.1.330). The other
/// half is the turn, so that nothing has to be remembered here.
pub(super) struct PromptNames {
    random: u64,
}

impl PromptNames {
    /// The top two bits of the lower half tell the layout of a UUID and are not ours.
    const TURN_BITS: u64 = u64::MAX >> 2;

    fn new() -> PromptNames {
        let (random, _) = Uuid::new_v4().as_u64_pair();
        PromptNames { random }
    }

    pub(super) fn name(&self, turn: TurnId) -> Uuid {
        let bytes = Uuid::from_u64_pair(self.random, turn.get()).into_bytes();
        Builder::from_random_bytes(bytes).into_uuid()
    }

    /// The turn of that name, if it is a name of ours.
    pub(super) fn turn(&self, name: &str) -> Option<TurnId> {
        let (random, turn) = Uuid::try_parse(name).ok()?.as_u64_pair();
        (random == self.random).then(|| TurnId::from(turn & PromptNames::TURN_BITS))
    }
}
