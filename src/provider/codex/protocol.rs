//! The state of the protocol with one process, and the way to its thread. Runs on the io thread.

use std::path::PathBuf;

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::calls::{Items, SubAgents};
use super::hook_calls::HookCalls;
use super::hook_setting;
use super::open_approvals::Approvals;
use super::outlined::OUTLINED;
use super::speech::Speech;
use crate::event::{Decision, EventKind, SessionStart, TurnId};
use crate::message::{Conversation, Message, Origin, TurnResult};
use crate::provider::json_line::Unknown;
use crate::provider::json_rpc::{Fault, METHOD_NOT_FOUND, Peer};
use crate::provider::lines::{self, LineBuffer};
use crate::provider::mend;
use crate::provider::permission::Policy;
use crate::provider::{Interrupt, Protocol};
use crate::stats::Usage;

/// Begins the error that says that a conversation is not there.
const NO_THREAD: &str = "no rollout found";

/// What the process is started for.
pub(super) struct Wanted {
    pub(super) work_dir: PathBuf,
    pub(super) conversation: Conversation,
    pub(super) model: Option<String>,
    /// Empty for none.
    pub(super) system_prompt: String,
    pub(super) sandbox: &'static str,
    /// Our hook is set: nothing may run without its leave. False only for dialogues that were recorded
    /// without it.
    pub(super) hooked: bool,
}

/// How far the handshake is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Silent,
    Initializing(u64),
    /// Asked whether the hook will run.
    Listing(u64),
    /// The thread is asked for, or, if `true`, an earlier one.
    Opening(u64, bool),
    Up,
    Failed,
}

/// The prompt that the agent has.
pub(super) struct Prompted {
    turn: TurnId,
    /// The request that brought it.
    request: u64,
    /// The agent's name of the turn, once it is known.
    name: Option<String>,
    begun: bool,
    /// It is to be interrupted as soon as it has a name.
    interrupt_due: bool,
}

/// What has to be remembered between two lines.
pub(super) struct CodexProtocol {
    pub(super) lines: LineBuffer,
    pub(super) wanted: Wanted,
    pub(super) policy: Policy,
    pub(super) peer: Peer,
    stage: Stage,
    pub(super) thread: String,
    introduction: Option<SessionStart>,
    prompted: Option<Prompted>,
    /// A prompt was refused and no other accepted since. If the agent has begun a turn for it all the same,
    /// that has a name which nobody was told.
    was_refused: bool,
    pub(super) approvals: Approvals,
    pub(super) items: Items,
    pub(super) hook_calls: HookCalls,
    pub(super) sub_agents: SubAgents,
    pub(super) speech: Speech,
    pub(super) usage: Usage,
    pub(super) last_answer: Option<String>,
    pub(super) model: Option<String>,
    /// What came up while something was written.
    pub(super) pending: Vec<Message>,
    pub(super) deltas: bool,
}

impl CodexProtocol {
    pub(super) fn new(
        wanted: Wanted,
        policy: Policy,
        deltas: bool,
        max_line_bytes: usize,
    ) -> CodexProtocol {
        CodexProtocol {
            lines: LineBuffer::outlining(max_line_bytes, OUTLINED),
            wanted,
            policy,
            peer: Peer::without_version(),
            stage: Stage::Silent,
            thread: String::new(),
            introduction: None,
            prompted: None,
            was_refused: false,
            approvals: Approvals::default(),
            items: Items::default(),
            hook_calls: HookCalls::default(),
            sub_agents: SubAgents::default(),
            speech: Speech::new(max_line_bytes),
            usage: Usage::default(),
            last_answer: None,
            model: None,
            pending: Vec::new(),
            deltas,
        }
    }

    /// The agent wants an answer to what needs none.
    pub(super) fn acknowledge(&self, id: &RawValue, messages: &mut Vec<Message>) {
        let mut out = Vec::new();
        self.peer.answer(id, Value::Null, &mut out);
        messages.push(Message::Reply(out));
    }

    pub(super) fn refuse(&self, id: &RawValue, method: &str, messages: &mut Vec<Message>) {
        let text = format!("hotplex does not serve {method}");
        let mut out = Vec::new();
        self.peer.refuse(id, METHOD_NOT_FOUND, &text, &mut out);
        messages.push(Message::Reply(out));
    }

    pub(super) fn answered(
        &mut self,
        request: u64,
        answer: Result<Option<&RawValue>, Fault>,
        messages: &mut Vec<Message>,
    ) -> Result<(), Unknown> {
        let answer = answer.map(|result| {
            let value = result.and_then(|result| mend::read::<Value>(result).ok());
            value.unwrap_or_default()
        });
        match self.stage {
            Stage::Initializing(awaited) if awaited == request => {
                self.initialized(answer, messages);
                return Ok(());
            }
            Stage::Listing(awaited) if awaited == request => {
                self.hooks_listed(answer, messages);
                return Ok(());
            }
            Stage::Opening(awaited, resumed) if awaited == request => {
                self.opened(answer, resumed, messages);
                return Ok(());
            }
            _ => {}
        }
        let is_current = |prompted: &&mut Prompted| prompted.request == request;
        match (answer, self.prompted.as_mut().filter(is_current)) {
            (Ok(result), Some(_)) => {
                let name = result.pointer("/turn/id").and_then(Value::as_str);
                self.prompt_taken_unnamed();
                self.name_turn(name.ok_or(Unknown)?, messages);
                Ok(())
            }
            (Err(fault), Some(_)) if fault.is_forgotten(&self.thread) => {
                messages.push(Message::Forgotten(fault.text()));
                Ok(())
            }
            (Err(fault), Some(_)) => {
                self.prompt_refused(fault.text(), messages);
                Ok(())
            }
            // Of an interrupt that came too late, or of nothing of ours.
            (_, None) if request <= self.peer.last() => Ok(()),
            (_, None) => Err(Unknown),
        }
    }

    pub(super) fn prompt_refused(&mut self, why: String, messages: &mut Vec<Message>) {
        self.was_refused = true;
        self.end_turn(failure(why), messages);
    }

    /// A turn was begun for the prompt, and its first word says what it is called.
    pub(super) fn prompt_taken_unnamed(&mut self) {
        self.was_refused = false;
    }

    /// True if this request of the handshake is the one that is waited for.
    pub(super) fn awaits(&self, request: u64) -> bool {
        match self.stage {
            Stage::Initializing(awaited) | Stage::Listing(awaited) | Stage::Opening(awaited, _) => {
                awaited == request
            }
            Stage::Silent | Stage::Up | Stage::Failed => false,
        }
    }

    pub(super) fn is_prompt(&self, request: u64) -> bool {
        let prompted = self.prompted.as_ref();
        prompted.is_some_and(|prompted| prompted.request == request)
    }

    fn initialized(&mut self, answer: Result<Value, Fault>, messages: &mut Vec<Message>) {
        let result = match answer {
            Ok(result) => result,
            Err(fault) => return self.fail(fault.text(), messages),
        };
        let agent = result.get("userAgent").and_then(Value::as_str);
        let version = agent.and_then(version_in);
        messages.extend(version.map(|version| Message::ProgramVersion(version.to_owned())));
        let mut out = Vec::new();
        self.peer.notify("initialized", None::<()>, &mut out);
        if self.wanted.hooked {
            let params = hook_setting::question(&self.wanted.work_dir);
            self.stage = Stage::Listing(self.peer.request("hooks/list", params, &mut out));
        } else {
            self.open(self.resumes(), &mut out);
        }
        messages.push(Message::Reply(out));
    }

    /// A hook that does not run is no gate, and nothing else would say so before it is too late.
    fn hooks_listed(&mut self, answer: Result<Value, Fault>, messages: &mut Vec<Message>) {
        let checked = answer.map_err(|fault| fault.text());
        if let Err(why) = checked.and_then(|answer| hook_setting::check(&answer)) {
            return self.fail(why, messages);
        }
        let mut out = Vec::new();
        self.open(self.resumes(), &mut out);
        messages.push(Message::Reply(out));
    }

    fn resumes(&self) -> bool {
        matches!(self.wanted.conversation, Conversation::Resume(_))
    }

    /// The policy is said with each thread, also with one that is taken up: it beats the user's.
    fn open(&mut self, resumes: bool, out: &mut Vec<u8>) {
        let wanted = &self.wanted;
        let mut params = json!({
            "cwd": wanted.work_dir.to_string_lossy(),
            "approvalPolicy": "untrusted",
            "approvalsReviewer": "user",
            "sandbox": wanted.sandbox,
        });
        if let Some(model) = &wanted.model {
            params["model"] = json!(model);
        }
        if !wanted.system_prompt.is_empty() {
            params["developerInstructions"] = json!(wanted.system_prompt);
        }
        let method = match resumes {
            true => {
                params["threadId"] = json!(wanted.conversation.id());
                "thread/resume"
            }
            false => "thread/start",
        };
        self.stage = Stage::Opening(self.peer.request(method, params, out), resumes);
    }

    fn opened(&mut self, answer: Result<Value, Fault>, resumed: bool, messages: &mut Vec<Message>) {
        let result = match answer {
            Ok(result) => result,
            Err(fault) if resumed && fault.text().contains(NO_THREAD) => {
                messages.push(Message::ConversationLost(fault.text()));
                let mut out = Vec::new();
                self.open(false, &mut out);
                return messages.push(Message::Reply(out));
            }
            Err(fault) => return self.fail(format!("no thread: {}", fault.text()), messages),
        };
        let id = result.pointer("/thread/id").and_then(Value::as_str);
        let Some(id) = id.filter(|id| !id.is_empty()) else {
            return self.fail("it names no thread".to_owned(), messages);
        };
        // An agent that took another policy than was asked for would run calls without asking.
        let policy = result.get("approvalPolicy").and_then(Value::as_str);
        if policy.is_some_and(|policy| policy != "untrusted") {
            let why = format!("it took the approval policy {}", policy.unwrap_or_default());
            return self.fail(why, messages);
        }
        self.thread = id.to_owned();
        // What was said in the one that was asked for is not known to be in another.
        if resumed && self.thread != self.wanted.conversation.id() {
            let why = format!("the agent took up {id} instead");
            messages.push(Message::ConversationLost(why));
        }
        let model = result.get("model").and_then(Value::as_str);
        self.model = model.map(str::to_owned);
        self.introduction = Some(SessionStart {
            agent_session_id: self.thread.clone(),
            model: self.model.clone(),
            cwd: Some(self.wanted.work_dir.to_string_lossy().into_owned()),
            ..SessionStart::default()
        });
        self.stage = Stage::Up;
        messages.push(Message::NamesTurns);
        messages.push(Message::InterruptsInOrder);
        messages.push(Message::Ready);
    }

    pub(super) fn fail(&mut self, why: String, messages: &mut Vec<Message>) {
        self.stage = Stage::Failed;
        messages.push(Message::HandshakeRefused(why));
    }

    pub(super) fn has_prompt(&self) -> bool {
        self.prompted.is_some()
    }

    /// The agent began a turn: the one at work, unless it may be that of a prompt which it has refused.
    pub(super) fn turn_started(&mut self, name: &str, messages: &mut Vec<Message>) {
        if !self.was_refused {
            self.name_turn(name, messages);
        }
    }

    /// The agent's name of the turn is known, by the answer to the prompt or by the first word of it.
    pub(super) fn name_turn(&mut self, name: &str, messages: &mut Vec<Message>) {
        let Some(prompted) = &mut self.prompted else {
            return;
        };
        if prompted.name.is_some() {
            return;
        }
        prompted.name = Some(name.to_owned());
        if std::mem::take(&mut prompted.interrupt_due) {
            let mut out = Vec::new();
            self.write_interrupt(name, &mut out);
            messages.push(Message::Reply(out));
        }
    }

    /// True if the turn of this name is the one at work, which has begun then.
    pub(super) fn is_current(&mut self, name: &str, messages: &mut Vec<Message>) -> bool {
        let Some(prompted) = &mut self.prompted else {
            return false;
        };
        if prompted.name.as_deref() != Some(name) {
            return false;
        }
        if !std::mem::replace(&mut prompted.begun, true) {
            let turn = prompted.turn;
            if let Some(start) = self.introduction.take() {
                messages.push(Message::SessionStart(Box::new(start)));
            }
            messages.push(Message::TurnStarted(Some(turn)));
        }
        true
    }

    pub(super) fn end_turn(&mut self, result: TurnResult, messages: &mut Vec<Message>) {
        let Some(prompted) = self.prompted.take() else {
            return;
        };
        self.items.forget();
        self.forget_approvals(messages);
        self.tell_unfinished(messages);
        if !prompted.begun {
            if let Some(start) = self.introduction.take() {
                messages.push(Message::SessionStart(Box::new(start)));
            }
            messages.push(Message::TurnStarted(Some(prompted.turn)));
        }
        messages.push(Message::TurnResult(Box::new(TurnResult {
            origin: Origin::Turns(vec![prompted.turn]),
            text: self.last_answer.take(),
            usage: std::mem::take(&mut self.usage),
            model: self.model.clone(),
            ..result
        })));
    }

    /// What never becomes whole is told as far as it has come.
    fn tell_unfinished(&mut self, messages: &mut Vec<Message>) {
        for kind in self.speech.take() {
            if let EventKind::Answer(answer) = &kind {
                self.last_answer = Some(answer.clone());
            }
            messages.push(Message::Event(kind));
        }
    }

    fn write_interrupt(&mut self, name: &str, out: &mut Vec<u8>) {
        let params = json!({"threadId": self.thread, "turnId": name});
        self.peer.request("turn/interrupt", params, out);
    }
}

/// The end of a turn that failed.
pub(super) fn failure(why: String) -> TurnResult {
    TurnResult {
        is_error: true,
        error: Some(why),
        ..TurnResult::default()
    }
}

/// The version in `hotplex/0.171.0 (Debian 12.0.0; x86_64) ...`: our name stands before Codex's number.
fn version_in(user_agent: &str) -> Option<&str> {
    let (_, rest) = user_agent.split_once('/')?;
    rest.split(' ').next().filter(|version| !version.is_empty())
}

impl Protocol for CodexProtocol {
    fn write_handshake(&mut self, out: &mut Vec<u8>) {
        let params = json!({
            "clientInfo": {
                "name": "hotplex",
                "title": "hotplex",
                "version": env!("CARGO_PKG_VERSION"),
            },
            "capabilities": {"experimentalApi": true},
        });
        self.stage = Stage::Initializing(self.peer.request("initialize", params, out));
    }

    fn write_prompt(&mut self, turn: TurnId, text: &str, out: &mut Vec<u8>) {
        let params = json!({
            "threadId": self.thread,
            "input": [{"type": "text", "text": text}],
        });
        let request = self.peer.request("turn/start", params, out);
        self.last_answer = None;
        self.usage = Usage::default();
        self.prompted = Some(Prompted {
            turn,
            request,
            name: None,
            begun: false,
            interrupt_due: false,
        });
    }

    fn interrupt(&mut self, out: &mut Vec<u8>) -> Interrupt {
        if let Some(prompted) = &mut self.prompted {
            match prompted.name.clone() {
                Some(name) => self.write_interrupt(&name, out),
                None => prompted.interrupt_due = true,
            }
        }
        Interrupt::Written
    }

    fn write_decision(&mut self, request_id: &str, decision: &Decision, out: &mut Vec<u8>) {
        self.decide(request_id, decision, out);
    }

    fn hook_asked(
        &mut self,
        id: &str,
        request: &str,
        messages: &mut Vec<Message>,
    ) -> Option<String> {
        self.asked_by_hook(id, request, messages)
    }

    fn hook_answer(&mut self, id: &str, decision: &Decision) -> String {
        self.answer_to_hook(id, decision)
    }

    fn feed(&mut self, chunk: &[u8], messages: &mut Vec<Message>) {
        lines::feed(self, chunk, messages);
    }

    fn unfinished(&mut self) -> Vec<EventKind> {
        self.speech.take()
    }

    fn finish(&mut self, messages: &mut Vec<Message>) {
        lines::finish(self, messages);
        self.tell_unfinished(messages);
    }
}
