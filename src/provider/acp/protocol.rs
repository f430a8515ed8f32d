//! The state of the protocol with one process, and the [`Protocol`] face of it. Runs on the io
//! thread.

use std::borrow::Cow;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, from_str, json};

use super::calls::Calls;
use super::open_asks::{Asks, PERMISSION};
use super::open_hooks::Hooks;
use super::profile::Profile;
use super::speech::Speech;
use super::stage::Stage;
use crate::event::{Decision, EventKind, SessionStart, TurnId};
use crate::message::{Conversation, Message};
use crate::project::Project;
use crate::provider::json_line::{self, JsonProtocol, Unknown};
use crate::provider::json_rpc::{Fault, Incoming, METHOD_NOT_FOUND, OUTLINED, Peer, number};
use crate::provider::lines::{self, LineBuffer, LineProtocol};
use crate::provider::outline::{Outline, Path};
use crate::provider::permission::Policy;
use crate::provider::summary::one_line;
use crate::provider::{Interrupt, Protocol};
use crate::stats::Usage;

/// Longest reason of the end of a process, in characters.
pub(super) const WHY_AT_MOST: usize = 500;

/// What the process is started for.
pub(super) struct Wanted {
    pub(super) work_dir: PathBuf,
    pub(super) conversation: Conversation,
    pub(super) model: Option<String>,
    /// Empty for none.
    pub(super) system_prompt: String,
    pub(super) project: Project,
    /// Our plugin or hook is set: nothing may run without its leave. False where the agent has none, and
    /// for dialogues that were recorded without it.
    pub(super) hooked: bool,
}

/// The prompt that the agent has.
struct Prompted {
    turn: TurnId,
    /// The request that its end will answer.
    request: u64,
    /// The agent has said something since.
    begun: bool,
}

/// What has to be remembered between two lines.
pub(super) struct AcpProtocol {
    lines: LineBuffer,
    pub(super) profile: &'static Profile,
    pub(super) wanted: Wanted,
    pub(super) policy: Policy,
    pub(super) peer: Peer,
    pub(super) stage: Stage,
    /// The other way to take a conversation up, if the agent says that it has two.
    pub(super) second_way: Option<&'static str>,
    /// The agent's name of the conversation, once it is known.
    pub(super) session: String,
    /// What the caller is told of the conversation with the first turn.
    pub(super) introduction: Option<SessionStart>,
    /// The system prompt stands before the next prompt.
    pub(super) system_prompt_due: bool,
    prompted: Option<Prompted>,
    pub(super) asks: Asks,
    pub(super) hooks: Hooks,
    /// The agent's commands, once it has told them.
    pub(super) commands: Vec<String>,
    pub(super) calls: Calls,
    pub(super) speech: Speech,
    pub(super) spending: Spending,
    /// What came up while something was written.
    pub(super) pending: Vec<Message>,
}

/// What the conversation has cost so far, and who answered.
#[derive(Default)]
pub(super) struct Spending {
    pub(super) total_usd: f64,
    pub(super) told_usd: f64,
    pub(super) model: Option<String>,
    /// The tokens of the turn, of an agent that tells them beside what it says.
    pub(super) usage: Option<Usage>,
}

impl AcpProtocol {
    pub(super) fn new(
        profile: &'static Profile,
        wanted: Wanted,
        policy: Policy,
        deltas: bool,
        max_line_bytes: usize,
    ) -> AcpProtocol {
        AcpProtocol {
            lines: LineBuffer::outlining(max_line_bytes, OUTLINED),
            profile,
            wanted,
            policy,
            peer: Peer::new(),
            stage: Stage::Silent,
            second_way: None,
            session: String::new(),
            introduction: None,
            system_prompt_due: false,
            prompted: None,
            asks: Asks::default(),
            hooks: Hooks::default(),
            commands: Vec::new(),
            calls: Calls::default(),
            speech: Speech::new(deltas, max_line_bytes),
            spending: Spending::default(),
            pending: Vec::new(),
        }
    }

    fn answered(
        &mut self,
        request: u64,
        answer: Result<Option<&RawValue>, Fault>,
        messages: &mut Vec<Message>,
    ) -> Result<(), Unknown> {
        if self.stage.awaits(request) {
            self.handshake_answered(answer, messages);
            return Ok(());
        }
        match self.prompt_answered(request, answer, messages) {
            true => Ok(()),
            false => Err(Unknown),
        }
    }

    /// False if the prompt at work is not that request.
    pub(super) fn prompt_answered(
        &mut self,
        request: u64,
        answer: Result<Option<&RawValue>, Fault>,
        messages: &mut Vec<Message>,
    ) -> bool {
        let is_end = |prompted: &mut Prompted| prompted.request == request;
        let Some(prompted) = self.prompted.take_if(is_end) else {
            return false;
        };
        if let Err(fault) = &answer
            && fault.is_forgotten(&self.session)
        {
            messages.push(Message::Forgotten(one_line(&fault.text(), WHY_AT_MOST)));
            return true;
        }
        self.begin(&prompted, messages);
        self.end_turn(prompted.turn, answer, messages);
        true
    }

    pub(super) fn has_prompt(&self) -> bool {
        self.prompted.is_some()
    }

    /// The agent says something about the turn: so it has begun.
    pub(super) fn note_word(&mut self, messages: &mut Vec<Message>) {
        if let Some(mut prompted) = self.prompted.take() {
            self.begin(&prompted, messages);
            prompted.begun = true;
            self.prompted = Some(prompted);
        }
    }

    fn begin(&mut self, prompted: &Prompted, messages: &mut Vec<Message>) {
        if prompted.begun {
            return;
        }
        if let Some(start) = self.introduction.take() {
            messages.push(Message::SessionStart(Box::new(start)));
        }
        messages.push(Message::TurnStarted(Some(prompted.turn)));
    }

    /// The agent wants an answer to what needs none.
    fn acknowledge(&self, id: &RawValue, messages: &mut Vec<Message>) {
        let mut out = Vec::new();
        self.peer.answer(id, Value::Null, &mut out);
        messages.push(Message::Reply(out));
    }

    /// The agent waits for an answer whatever it asks; without one it would hang. Files and terminals
    /// are not served, and it was told so: what it asks for all the same is told as it stands.
    fn refuse(&mut self, id: &RawValue, method: &str, line: &str, messages: &mut Vec<Message>) {
        messages.push(Message::Event(EventKind::Raw(line.to_owned())));
        let text = format!("hotplex does not serve {method}");
        let mut out = Vec::new();
        self.peer.refuse(id, METHOD_NOT_FOUND, &text, &mut out);
        messages.push(Message::Reply(out));
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PromptParams<'a> {
    session_id: &'a str,
    prompt: Vec<TextBlock<'a>>,
}

#[derive(Serialize)]
struct TextBlock<'a> {
    r#type: &'static str,
    text: &'a str,
}

impl Protocol for AcpProtocol {
    fn write_handshake(&mut self, out: &mut Vec<u8>) {
        self.initialize(out);
    }

    fn write_prompt(&mut self, turn: TurnId, text: &str, out: &mut Vec<u8>) {
        self.speech.take_last_answer();
        self.spending.usage = None;
        // Not everything that the agent takes for a command is shown to hooks.
        self.hooks.prompt_due = self.is_followed() && !text.trim_start().starts_with('/');
        let due = std::mem::take(&mut self.system_prompt_due);
        let before = due.then_some(self.wanted.system_prompt.as_str());
        let text = self.escaped(text);
        let texts = before.into_iter().chain([text.as_ref()]);
        let blocks = texts.map(|text| TextBlock {
            r#type: "text",
            text,
        });
        let prompt = PromptParams {
            session_id: &self.session,
            prompt: blocks.collect(),
        };
        let request = self.peer.request("session/prompt", prompt, out);
        self.prompted = Some(Prompted {
            turn,
            request,
            begun: false,
        });
    }

    fn interrupt(&mut self, out: &mut Vec<u8>) -> Interrupt {
        self.cancel_asks(out);
        self.write_cancel(out);
        Interrupt::Written
    }

    fn write_decision(&mut self, request_id: &str, decision: &Decision, out: &mut Vec<u8>) {
        self.answer_ask(request_id, decision, out);
    }

    fn hook_asked(
        &mut self,
        id: &str,
        request: &str,
        messages: &mut Vec<Message>,
    ) -> Option<String> {
        self.plugin_asked(id, request, messages)
    }

    fn hook_answer(&mut self, id: &str, decision: &Decision) -> String {
        self.answer_plugin(id, decision)
    }

    fn feed(&mut self, chunk: &[u8], messages: &mut Vec<Message>) {
        lines::feed(self, chunk, messages);
    }

    fn unfinished(&mut self) -> Vec<EventKind> {
        Vec::from_iter(self.speech.take())
    }

    fn finish(&mut self, messages: &mut Vec<Message>) {
        lines::finish(self, messages);
        self.speech.finish(messages);
    }
}

impl AcpProtocol {
    /// A prompt that the agent would take for a command that it has not gets a letter without a width
    /// before it.
    fn escaped<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let command = text.trim_start().strip_prefix('/');
        let name = command.and_then(|rest| rest.split_whitespace().next());
        let is_known = |name| name == "compact" || self.commands.iter().any(|known| known == name);
        match name {
            Some(name) if self.profile.swallows_commands && !is_known(name) => {
                Cow::Owned(format!("\u{200b}{text}"))
            }
            _ => Cow::Borrowed(text),
        }
    }

    pub(super) fn write_cancel(&self, out: &mut Vec<u8>) {
        let params = json!({"sessionId": self.session});
        self.peer.notify("session/cancel", Some(params), out);
    }
}

impl LineProtocol for AcpProtocol {
    fn buffer(&mut self) -> &mut LineBuffer {
        &mut self.lines
    }

    fn decode(&mut self, line: &[u8], messages: &mut Vec<Message>) {
        messages.append(&mut self.pending);
        json_line::decode(self, &lines::text(line), messages);
    }

    fn outlined(&self) -> &'static [Path] {
        OUTLINED
    }

    fn lost(&mut self, outline: &Outline, why: &str, messages: &mut Vec<Message>) {
        self.lost_message(outline, why, messages);
    }
}

impl JsonProtocol for AcpProtocol {
    fn read(&mut self, line: &str, messages: &mut Vec<Message>) -> Result<(), Unknown> {
        let incoming: Incoming<'_> = from_str(line)?;
        let Incoming {
            id,
            params,
            result,
            error,
            ..
        } = incoming;
        match (incoming.method(), id) {
            (Some("session/update"), None) => self.update(params.ok_or(Unknown)?, line, messages),
            (Some(PERMISSION), Some(id)) => {
                self.permission_asked(id, params, line, messages);
                Ok(())
            }
            (Some(method), Some(id)) => {
                match params.filter(|_| method == "session/update") {
                    Some(params) if self.update(params, line, messages).is_ok() => {
                        self.acknowledge(id, messages);
                    }
                    _ => self.refuse(id, method, line, messages),
                }
                Ok(())
            }
            (None, Some(id)) => {
                let answer = match error {
                    Some(error) => Err(Fault::read(error)),
                    None => Ok(result),
                };
                self.answered(number(id).ok_or(Unknown)?, answer, messages)
            }
            (Some(_), None) | (None, None) => Err(Unknown),
        }
    }
}
