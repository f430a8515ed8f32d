//! Events: what callers receive. Layer 0: imports nothing of ours but its neighbours there.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, ErrorKind};
use crate::notice::{Notice, NoticeCode, NoticeLevel};
use crate::spelled::spelled;
use crate::stats::TurnStats;
use crate::unseen::write_visibly;
use hotplex_guard::Verdict;

/// The caller's name of a conversation: 1 to 512 bytes without control characters.
///
/// Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(Arc<str>);

impl SessionId {
    /// The longest name, in bytes.
    pub const MAX_BYTES: usize = 512;

    /// Checks and takes over a name.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for an empty name, one over [`SessionId::MAX_BYTES`], and
    /// one with a control character.
    pub fn new(name: impl AsRef<str>) -> Result<SessionId, Error> {
        let name = name.as_ref();
        if name.is_empty() {
            return Err(Error::invalid("session_id is empty"));
        }
        if name.len() > SessionId::MAX_BYTES {
            let message = format!(
                "session_id has {} bytes, at most 512 are allowed",
                name.len()
            );
            return Err(Error::invalid(message));
        }
        if name.chars().any(char::is_control) {
            return Err(Error::invalid("session_id has a control character"));
        }
        Ok(SessionId(name.into()))
    }

    /// The name of a process that belongs to no session yet.
    pub(crate) fn of_no_session() -> SessionId {
        SessionId("".into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// For people, in messages and logs: characters that are not seen, or that turn the order of others, are
/// spelled out, so that two names never look alike. The name itself is [`SessionId::as_str`].
impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_visibly(f, self.as_str())
    }
}

/// Number of a turn, unique within its engine and never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TurnId(pub(crate) u64);

impl TurnId {
    /// The plain number, as the C ABI hands it out.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl From<u64> for TurnId {
    fn from(number: u64) -> TurnId {
        TurnId(number)
    }
}

/// One thing that happened in a session.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event {
    /// The turn it belongs to; `None` for what an agent does by itself.
    pub turn: Option<TurnId>,
    /// What the caller gave the turn by [`Request::tag`](crate::Request::tag); 0 if nothing, and for
    /// what belongs to no turn.
    pub tag: u64,
    /// The session it happened in; empty for a spare.
    pub session: SessionId,
    /// Time since the turn was accepted, or since the engine opened for an event of no turn.
    pub at: Duration,
    /// What happened.
    pub kind: EventKind,
}

/// What happened. New kinds may be added.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EventKind {
    /// The agent's process began this conversation or took it up again. Told once a process, and
    /// again when the agent goes over to another conversation.
    SessionStart(Box<SessionStart>),
    /// A finished piece of the model's thinking.
    Thinking(String),
    /// A finished piece of the model's answer.
    Answer(String),
    /// The next few characters of thinking, if partial messages are on.
    ThinkingDelta(String),
    /// The next few characters of an answer, if partial messages are on.
    AnswerDelta(String),
    /// The model calls a tool.
    ToolUse(Box<ToolUse>),
    /// A tool gave its result.
    ToolResult(Box<ToolResult>),
    /// The agent asks whether it may run a tool; answer with `Turn::respond`, or with
    /// `Engine::respond_in_session` if it belongs to no turn.
    PermissionRequest(Box<PermissionRequest>),
    /// The guard kept the agent from doing something; the model was given the reason and goes on.
    DangerBlock(Box<DangerBlock>),
    /// Something worth knowing that is not part of the answer.
    Notice(Box<Notice>),
    /// A line that the provider does not know, as the agent wrote it.
    Raw(String),
    /// The turn is over; nothing follows.
    TurnEnd(Box<TurnEnd>),
}

impl EventKind {
    pub(crate) fn info(code: NoticeCode, text: impl Into<String>) -> EventKind {
        EventKind::Notice(Box::new(Notice::new(NoticeLevel::Info, code, text)))
    }

    pub(crate) fn warning(code: NoticeCode, text: impl Into<String>) -> EventKind {
        EventKind::Notice(Box::new(Notice::new(NoticeLevel::Warning, code, text)))
    }

    /// The kind as the JSON of events and the C ABI spell it.
    pub fn as_str(&self) -> &'static str {
        match self {
            EventKind::SessionStart(_) => "session_start",
            EventKind::Thinking(_) => "thinking",
            EventKind::Answer(_) => "answer",
            EventKind::ThinkingDelta(_) => "thinking_delta",
            EventKind::AnswerDelta(_) => "answer_delta",
            EventKind::ToolUse(_) => "tool_use",
            EventKind::ToolResult(_) => "tool_result",
            EventKind::PermissionRequest(_) => "permission_request",
            EventKind::DangerBlock(_) => "danger_block",
            EventKind::Notice(_) => "notice",
            EventKind::Raw(_) => "raw",
            EventKind::TurnEnd(_) => "turn_end",
        }
    }

    /// The plain text that the kind carries, if it carries one.
    pub fn text(&self) -> Option<&str> {
        match self {
            EventKind::Thinking(text)
            | EventKind::Answer(text)
            | EventKind::ThinkingDelta(text)
            | EventKind::AnswerDelta(text)
            | EventKind::Raw(text) => Some(text),
            EventKind::ToolResult(result) => Some(&result.text),
            EventKind::DangerBlock(block) => Some(&block.verdict.reason),
            EventKind::Notice(notice) => Some(&notice.text),
            _ => None,
        }
    }
}

/// How a process of an agent began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionStart {
    /// The agent's own name of the conversation.
    pub agent_session_id: String,
    /// True if an earlier conversation goes on.
    pub resumed: bool,
    /// The model in use.
    pub model: Option<String>,
    /// Names of the tools the agent offers its model.
    pub tools: Vec<String>,
    /// The agent's working directory as it sees it.
    pub cwd: Option<String>,
    /// Process number of the agent.
    pub pid: Option<u32>,
}

/// A call of a tool by the model.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ToolUse {
    /// The agent's name of this call.
    pub id: String,
    /// Name of the tool.
    pub name: String,
    /// The tool's input, as the model wrote it.
    pub input: serde_json::Value,
    /// The input in one line for a person.
    pub summary: String,
    /// The file that this call changes, if it is known to change one.
    pub changes_file: Option<String>,
    /// The call that started the sub-agent whose call this is, by its id, as far as the agent tells.
    pub parent: Option<String>,
}

/// What a tool gave back.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ToolResult {
    /// The call this answers.
    pub id: String,
    /// Name of the tool; empty if the call was not seen.
    pub name: String,
    /// The output as text.
    pub text: String,
    /// True if the tool failed or was refused.
    pub is_error: bool,
    /// From the call to the result.
    pub duration: Duration,
}

/// The agent asks before it runs a tool.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PermissionRequest {
    /// Name of the question; goes into the answer.
    pub request_id: String,
    /// What it wants to run.
    pub tool: ToolUse,
    /// Why it asks, if it said so.
    pub reason: Option<String>,
}

/// Something that the guard kept from happening.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DangerBlock {
    /// What was judged and why it must not be.
    pub verdict: Verdict,
    /// The call of a tool that was denied.
    pub tool: Option<ToolUse>,
}

/// The caller's answer to a [`PermissionRequest`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Decision {
    /// Run it, with another input if one is given.
    Allow {
        /// Replaces the whole input of the tool.
        updated_input: Option<serde_json::Value>,
    },
    /// Do not run it.
    Deny {
        /// The text for the model.
        message: String,
        /// True to end the turn as well.
        interrupt: bool,
    },
}

impl Decision {
    /// Run the tool as asked.
    pub fn allow() -> Decision {
        Decision::Allow {
            updated_input: None,
        }
    }

    /// Do not run the tool; the model is given the reason and goes on.
    pub fn deny(message: impl Into<String>) -> Decision {
        Decision::Deny {
            message: message.into(),
            interrupt: false,
        }
    }
}

spelled! {
    /// How a turn ended.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum Outcome {
        /// The agent finished it.
        Completed = "completed",
        /// The agent reported a failure, or could not be started.
        Failed = "failed",
        /// The caller cancelled it.
        Cancelled = "cancelled",
        /// It took longer than allowed, or the agent fell silent.
        TimedOut = "timed_out",
        /// The agent's process ended before the turn did.
        Crashed = "crashed",
        /// The session was stopped or the engine closed.
        Stopped = "stopped",
    }
}

/// The end of a turn: how, why, and what it took.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TurnEnd {
    /// How it ended.
    pub outcome: Outcome,
    /// Why, unless it completed.
    pub error: Option<Error>,
    /// The agent's closing text, if it gave one.
    pub result: Option<String>,
    /// What it took.
    pub stats: TurnStats,
}

impl TurnEnd {
    pub(crate) fn without_work(outcome: Outcome, kind: ErrorKind, message: &str) -> TurnEnd {
        TurnEnd {
            outcome,
            error: Some(Error::new(kind, message)),
            result: None,
            stats: TurnStats::default(),
        }
    }
}
