//! The state of the protocol with one process. Runs on the io thread.

use std::path::PathBuf;

use uuid::Uuid;

use super::gate::HookGate;
use super::lines::{self, Said};
use super::output::{Output, Piece};
use crate::event::{Decision, EventKind, SessionStart, TurnId};
use crate::message::{Conversation, Message, Origin, TurnResult};
use crate::provider::permission::Policy;
use crate::provider::summary::one_line;
use crate::provider::{Interrupt, Protocol};
use crate::stats::Usage;

/// Longest error text, in characters. It becomes part of an error's one line.
const ERROR_AT_MOST: usize = 1000;

/// What the process is started for.
pub(super) struct Wanted {
    pub(super) work_dir: PathBuf,
    /// The same without links, as the hook names files.
    pub(super) real_work_dir: PathBuf,
    pub(super) conversation: Conversation,
    pub(super) nonce: String,
    /// The longest line that is taken, in bytes.
    pub(super) max_line_bytes: usize,
}

/// How far the process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Starting,
    Up,
    Failed,
}

/// The prompt that aider has.
struct Prompted {
    turn: TurnId,
    begun: bool,
    /// It was asked to let go.
    interrupt_asked: bool,
    interrupted: bool,
    /// The model has answered at least once.
    answered: bool,
    /// What went wrong, as far as aider has said.
    fault: Option<String>,
    usage: Usage,
    cost_usd: f64,
    last_answer: Option<String>,
}

/// What has to be remembered between two chunks.
pub(super) struct AiderProtocol {
    wanted: Wanted,
    policy: Policy,
    deltas: bool,
    stage: Stage,
    output: Output,
    gate: HookGate,
    /// Lines that were written to it.
    written: u64,
    prompted: Option<Prompted>,
    introduction: Option<SessionStart>,
    model: Option<String>,
    is_restored: bool,
    /// The line that is not whole, and how much of it was told.
    line: String,
    told: usize,
    /// What the model has said since its last answer was told whole.
    said: String,
    /// Line ends that are told if something follows them.
    ends: usize,
    /// What came up while something was answered.
    pending: Vec<Message>,
}

impl AiderProtocol {
    pub(super) fn new(wanted: Wanted, policy: Policy, deltas: bool) -> AiderProtocol {
        let output = Output::new(wanted.nonce.clone());
        AiderProtocol {
            wanted,
            policy,
            deltas,
            stage: Stage::Starting,
            output,
            gate: HookGate::default(),
            written: 0,
            prompted: None,
            introduction: None,
            model: None,
            is_restored: false,
            line: String::new(),
            told: 0,
            said: String::new(),
            ends: 0,
            pending: Vec::new(),
        }
    }

    fn take(&mut self, piece: Piece, messages: &mut Vec<Message>) {
        match piece {
            Piece::Text(text) => self.text(&text, messages),
            Piece::Begins => self.begin(messages),
            Piece::Waits(_) | Piece::Stopped(_) if self.stage == Stage::Starting => {
                self.started(messages);
            }
            // It reads the lines of a prompt one by one.
            Piece::Waits(lines) | Piece::Stopped(lines) if lines < self.written => {}
            Piece::Waits(_) => self.end_turn(false, messages),
            Piece::Stopped(_) => self.end_turn(true, messages),
        }
    }

    fn text(&mut self, text: &str, messages: &mut Vec<Message>) {
        for part in text.split_inclusive('\n') {
            self.line.push_str(part);
            if part.ends_with('\n') {
                let line = std::mem::take(&mut self.line);
                self.whole_line(line.trim_end_matches(['\n', '\r']), messages);
                self.told = 0;
            } else {
                self.part_of_line(messages);
            }
        }
    }

    /// A line that grows without end is taken in parts.
    fn part_of_line(&mut self, messages: &mut Vec<Message>) {
        let is_too_long = self.line.len() > self.wanted.max_line_bytes;
        if !self.is_at_work() {
            if is_too_long {
                let line = std::mem::take(&mut self.line);
                self.line_without_turn(&line, messages);
            }
            return;
        }
        if !is_too_long && self.told == 0 && lines::may_be_own(&self.line) {
            return;
        }
        let line = std::mem::take(&mut self.line);
        self.model_said(&line[self.told..], messages);
        self.told = line.len();
        self.line = line;
        if is_too_long {
            self.finish_answer(messages);
            self.line.clear();
            self.told = 0;
        }
    }

    /// What comes before a prompt is whole is no part of its turn.
    fn is_at_work(&self) -> bool {
        self.prompted
            .as_ref()
            .is_some_and(|prompted| prompted.begun)
    }

    /// Without a request to stop, a line that says so is text of the model.
    fn is_asked_to_stop(&self) -> bool {
        let asked = |prompted: &Prompted| prompted.interrupt_asked;
        self.prompted.as_ref().is_some_and(asked)
    }

    fn note_interrupt(&mut self) {
        if let Some(prompted) = &mut self.prompted {
            prompted.interrupt_asked = true;
        }
    }

    fn whole_line(&mut self, line: &str, messages: &mut Vec<Message>) {
        if !self.is_at_work() {
            return self.line_without_turn(line, messages);
        }
        if self.told == 0
            && let Some(said) = lines::read(line)
            && (said != Said::Interrupted || self.is_asked_to_stop())
        {
            return self.own_line(line, said, messages);
        }
        let rest = line.get(self.told..).unwrap_or_default();
        self.model_said(rest, messages);
        self.ends += 1;
        // They become text with the next word.
        if self.ends > self.wanted.max_line_bytes {
            self.finish_answer(messages);
        }
    }

    /// The banner, and what is said between turns, by aider or by what it left running.
    fn line_without_turn(&mut self, line: &str, messages: &mut Vec<Message>) {
        if self.stage == Stage::Up {
            if !line.trim().is_empty() {
                messages.push(Message::Event(EventKind::Raw(line.to_owned())));
            }
            return;
        }
        if let Some(version) = lines::version(line) {
            messages.push(Message::ProgramVersion(version.to_owned()));
            if !self.gate.has_greeted {
                let why = "its audit hook is not loaded: PYTHONPATH does not reach the Python that runs it";
                self.fail(why, messages);
            }
        }
        if let Some(model) = lines::model(line) {
            self.model = Some(model.to_owned());
        }
        self.is_restored |= lines::is_restored(line);
        log::debug!("aider: {line}");
    }

    fn own_line(&mut self, line: &str, said: Said, messages: &mut Vec<Message>) {
        if matches!(said, Said::Tokens(..) | Said::Interrupted) {
            self.finish_answer(messages);
        }
        let Some(prompted) = &mut self.prompted else {
            return;
        };
        match said {
            Said::Tokens(usage, cost) => {
                prompted.answered = true;
                prompted.fault = None;
                prompted.usage.add(&usage);
                prompted.cost_usd += cost;
            }
            Said::Interrupted => {}
            Said::Applied(file) => messages.extend(self.gate.applied(&file, line)),
            Said::Fault => {
                prompted.fault = Some(line.to_owned());
                messages.push(Message::Event(EventKind::Raw(line.to_owned())));
            }
            Said::Other => messages.push(Message::Event(EventKind::Raw(line.to_owned()))),
        }
    }

    /// Part of an answer. Line ends before its first word and behind its last are aider's.
    fn model_said(&mut self, text: &str, messages: &mut Vec<Message>) {
        if text.is_empty() {
            return;
        }
        let ends = std::mem::take(&mut self.ends);
        let ends = if self.said.is_empty() { 0 } else { ends };
        let piece = "\n".repeat(ends) + text;
        if self.said.len() + piece.len() > self.wanted.max_line_bytes {
            self.finish_answer(messages);
        }
        self.said.push_str(&piece);
        if self.deltas {
            messages.push(Message::Event(EventKind::AnswerDelta(piece)));
        }
    }

    fn finish_answer(&mut self, messages: &mut Vec<Message>) {
        self.ends = 0;
        let said = std::mem::take(&mut self.said);
        if said.trim().is_empty() {
            return;
        }
        if let Some(prompted) = &mut self.prompted {
            prompted.last_answer = Some(said.clone());
        }
        messages.push(Message::Event(EventKind::Answer(said)));
    }

    fn started(&mut self, messages: &mut Vec<Message>) {
        if !self.gate.has_greeted {
            return self.fail("its audit hook has not reported", messages);
        }
        self.stage = Stage::Up;
        self.line.clear();
        if matches!(self.wanted.conversation, Conversation::Resume(_)) && !self.is_restored {
            let why = "aider has no history of it".to_owned();
            messages.push(Message::ConversationLost(why));
        }
        self.introduction = Some(SessionStart {
            agent_session_id: self.wanted.conversation.id().to_owned(),
            model: self.model.clone(),
            cwd: Some(self.wanted.work_dir.to_string_lossy().into_owned()),
            ..SessionStart::default()
        });
        messages.push(Message::NamesTurns);
        messages.push(Message::Ready);
    }

    fn fail(&mut self, why: &str, messages: &mut Vec<Message>) {
        if self.stage != Stage::Failed {
            self.stage = Stage::Failed;
            messages.push(Message::HandshakeRefused(why.to_owned()));
        }
    }

    fn begin(&mut self, messages: &mut Vec<Message>) {
        if self.is_at_work() {
            return;
        }
        let line = std::mem::take(&mut self.line);
        let told = std::mem::take(&mut self.told);
        self.line_without_turn(line.get(told..).unwrap_or_default(), messages);
        let Some(prompted) = &mut self.prompted else {
            return;
        };
        prompted.begun = true;
        let turn = prompted.turn;
        if let Some(start) = self.introduction.take() {
            messages.push(Message::SessionStart(Box::new(start)));
        }
        messages.push(Message::TurnStarted(Some(turn)));
    }

    fn end_turn(&mut self, interrupted: bool, messages: &mut Vec<Message>) {
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.whole_line(&line, messages);
        }
        self.told = 0;
        if self.prompted.is_none() {
            return;
        }
        self.begin(messages);
        if let Some(prompted) = &mut self.prompted {
            prompted.interrupted = interrupted;
        }
        let is_answered = self
            .prompted
            .as_ref()
            .is_some_and(|turn| turn.answered || turn.interrupted);
        // What stands there and came with no tokens is why there is no answer.
        let unanswered = (!is_answered).then(|| std::mem::take(&mut self.said));
        self.finish_answer(messages);
        self.gate.end_turn(messages);
        let Some(prompted) = self.prompted.take() else {
            return;
        };
        messages.push(Message::TurnResult(Box::new(
            self.result(prompted, unanswered),
        )));
    }

    fn result(&self, prompted: Prompted, unanswered: Option<String>) -> TurnResult {
        let told = unanswered.filter(|text| !text.trim().is_empty());
        let fault = match (prompted.interrupted, prompted.answered) {
            (true, _) => Some("aider says that the turn was interrupted".to_owned()),
            (false, true) => None,
            (false, false) => {
                let why = prompted.fault.or(told);
                Some(
                    why.unwrap_or_else(|| "aider came to no answer and did not say why".to_owned()),
                )
            }
        };
        TurnResult {
            is_error: !prompted.interrupted && !prompted.answered,
            interrupted: prompted.interrupted,
            error: fault.map(|why| one_line(&why, ERROR_AT_MOST)),
            text: prompted.last_answer,
            usage: prompted.usage,
            cost_usd: prompted.cost_usd,
            model: self.model.clone(),
            origin: Origin::Turns(vec![prompted.turn]),
            ..TurnResult::default()
        }
    }
}

impl Protocol for AiderProtocol {
    /// There is nothing to say: aider is ready when it waits for its first line.
    fn write_handshake(&mut self, _: &mut Vec<u8>) {}

    /// A block between a tag and its end. The empty line keeps aider from taking the text for one of its
    /// commands, and a tag that nobody knows keeps the text from ending the block.
    fn write_prompt(&mut self, turn: TurnId, text: &str, out: &mut Vec<u8>) {
        let tag = Uuid::new_v4().simple().to_string();
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let block = format!("{{{tag}\n\n{text}\n{tag}}}\n");
        self.written += memchr::memchr_iter(b'\n', block.as_bytes()).count() as u64;
        out.extend_from_slice(block.as_bytes());
        self.prompted = Some(Prompted {
            turn,
            begun: false,
            interrupt_asked: false,
            interrupted: false,
            answered: false,
            fault: None,
            usage: Usage::default(),
            cost_usd: 0.0,
            last_answer: None,
        });
    }

    fn interrupt(&mut self, _: &mut Vec<u8>) -> Interrupt {
        self.note_interrupt();
        Interrupt::Signal
    }

    /// aider asks its hook and nobody else.
    fn write_decision(&mut self, _: &str, _: &Decision, _: &mut Vec<u8>) {}

    fn hook_asked(
        &mut self,
        id: &str,
        request: &str,
        messages: &mut Vec<Message>,
    ) -> Option<String> {
        let is_ready = self.stage == Stage::Up;
        let work_dir = &self.wanted.real_work_dir;
        self.gate
            .asked(id, request, is_ready, &self.policy, work_dir, messages)
    }

    fn hook_answer(&mut self, id: &str, decision: &Decision) -> String {
        if let Decision::Deny {
            interrupt: true, ..
        } = decision
        {
            self.note_interrupt();
        }
        self.gate.answer(id, decision, &mut self.pending)
    }

    fn feed(&mut self, chunk: &[u8], messages: &mut Vec<Message>) {
        messages.append(&mut self.pending);
        for piece in self.output.feed(chunk) {
            self.take(piece, messages);
        }
    }

    fn unfinished(&mut self) -> Vec<EventKind> {
        let said = std::mem::take(&mut self.said);
        let said = (!said.trim().is_empty()).then_some(EventKind::Answer(said));
        Vec::from_iter(said)
    }

    fn finish(&mut self, messages: &mut Vec<Message>) {
        messages.append(&mut self.pending);
        if let Some(piece) = self.output.finish() {
            self.take(piece, messages);
        }
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.whole_line(&line, messages);
        }
        self.finish_answer(messages);
    }
}
