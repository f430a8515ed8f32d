//! The shapes of Claude Code's lines, as far as they are needed. Data only.
//!
//! Borrowed from the line wherever the text need not outlive it: one long answer is copied once,
//! into the event. Members that are not named here are skipped without being built.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::provider::count::Count;
pub(super) use crate::provider::json_line::{Text, Unknown};

/// Any line, for its kind alone.
#[derive(Deserialize)]
pub(super) struct LineKind<'a> {
    #[serde(borrow)]
    pub(super) r#type: Text<'a>,
}

/// `assistant` and `user`: something was added to the conversation.
#[derive(Deserialize)]
pub(super) struct Said<'a> {
    #[serde(borrow)]
    pub(super) message: Body<'a>,
    /// Set for what a sub-agent says: the call that started it.
    #[serde(borrow)]
    pub(super) parent_tool_use_id: Option<Text<'a>>,
    /// Set when an API error is reported as text of the model.
    pub(super) error: Option<IgnoredAny>,
    #[serde(rename = "isReplay")]
    pub(super) is_replay: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct Body<'a> {
    #[serde(borrow)]
    pub(super) content: Content<'a>,
    #[serde(borrow)]
    pub(super) model: Option<Text<'a>>,
}

/// What a message holds: blocks, or plain text in place of a single text block.
#[derive(Default)]
pub(super) struct Content<'a>(pub(super) Vec<Block<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Content<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text or blocks")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Content<'de>, E> {
        Ok(Content(vec![Block {
            r#type: Text(Cow::Borrowed("text")),
            text: Some(text.to_owned()),
            ..Block::default()
        }]))
    }

    fn visit_unit<E: Error>(self) -> Result<Content<'de>, E> {
        Ok(Content::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Content<'de>, A::Error> {
        // Nearly always there is one; `Vec` would make room for four of these large blocks.
        let mut blocks = Vec::with_capacity(1);
        while let Some(block) = seq.next_element()? {
            blocks.push(block);
        }
        Ok(Content(blocks))
    }
}

/// One block of any kind: the members of all kinds side by side, told apart by `type`.
#[derive(Default, Deserialize)]
pub(super) struct Block<'a> {
    #[serde(borrow)]
    pub(super) r#type: Text<'a>,
    pub(super) text: Option<String>,
    pub(super) thinking: Option<String>,
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    #[serde(borrow)]
    pub(super) input: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) tool_use_id: Option<Text<'a>>,
    /// Read only for a tool's result: other kinds of block use the name for other things.
    #[serde(borrow)]
    pub(super) content: Option<&'a RawValue>,
    pub(super) is_error: Option<bool>,
}

/// What a tool gave back, as text; a part that is not text is named in its place.
#[derive(Default)]
pub(super) struct Output(pub(super) String);

impl<'de> Deserialize<'de> for Output {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OutputVisitor)
    }
}

struct OutputVisitor;

impl<'de> Visitor<'de> for OutputVisitor {
    type Value = Output;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text or parts")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Output, E> {
        Ok(Output(text.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<Output, E> {
        Ok(Output::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Output, A::Error> {
        let mut parts = Vec::new();
        while let Some(Part { r#type, text }) = seq.next_element()? {
            parts.push(text.unwrap_or_else(|| format!("[{}]", r#type)));
        }
        Ok(Output(parts.join("\n")))
    }
}

#[derive(Deserialize)]
struct Part {
    r#type: String,
    text: Option<String>,
}

/// `stream_event`: a piece of a message on its way.
#[derive(Deserialize)]
pub(super) struct StreamLine<'a> {
    #[serde(borrow)]
    pub(super) event: StreamEvent<'a>,
    #[serde(borrow)]
    pub(super) parent_tool_use_id: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct StreamEvent<'a> {
    #[serde(borrow)]
    pub(super) r#type: Text<'a>,
    #[serde(borrow)]
    pub(super) delta: Option<Delta<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Delta<'a> {
    /// Absent in the `delta` of `message_delta`.
    #[serde(borrow)]
    pub(super) r#type: Option<Text<'a>>,
    pub(super) text: Option<String>,
    pub(super) thinking: Option<String>,
}

/// `command_lifecycle`: how far a prompt has come.
#[derive(Deserialize)]
pub(super) struct Lifecycle<'a> {
    #[serde(borrow)]
    pub(super) command_uuid: Text<'a>,
    #[serde(borrow)]
    pub(super) state: Text<'a>,
}

/// `system`, for its kind alone.
#[derive(Deserialize)]
pub(super) struct SystemKind<'a> {
    #[serde(borrow)]
    pub(super) subtype: Text<'a>,
}

/// `system/init`.
#[derive(Deserialize)]
pub(super) struct Init {
    pub(super) session_id: String,
    pub(super) model: Option<String>,
    #[serde(default)]
    pub(super) tools: Vec<String>,
    pub(super) cwd: Option<String>,
    #[serde(default)]
    pub(super) capabilities: Vec<String>,
    /// 1.0.128 says none.
    pub(super) claude_code_version: Option<String>,
}

/// `system/api_retry`.
#[derive(Deserialize)]
pub(super) struct Retry<'a> {
    pub(super) attempt: u64,
    pub(super) max_retries: u64,
    pub(super) retry_delay_ms: f64,
    /// `null` if the server could not be reached at all.
    pub(super) error_status: Option<u64>,
    #[serde(borrow)]
    pub(super) error: Option<Text<'a>>,
}

/// `system/permission_denied`.
#[derive(Deserialize)]
pub(super) struct Denied<'a> {
    #[serde(borrow)]
    pub(super) tool_name: Text<'a>,
    #[serde(borrow)]
    pub(super) message: Text<'a>,
}

/// `conversation_reset`: what was said is forgotten. The new conversation introduces itself by the
/// `init` that follows, under a name that is not the one told here.
#[derive(Deserialize)]
pub(super) struct ConversationReset<'a> {
    #[serde(borrow)]
    pub(super) trigger: Option<Text<'a>>,
}

/// `system/task_notification`.
#[derive(Deserialize)]
pub(super) struct TaskNotification<'a> {
    pub(super) task_id: Option<String>,
    #[serde(borrow)]
    pub(super) status: Text<'a>,
    #[serde(borrow)]
    pub(super) summary: Text<'a>,
}

/// `system/task_started`, and one of `system/background_tasks_changed`.
#[derive(Deserialize)]
pub(super) struct Task {
    pub(super) task_id: String,
    #[serde(default)]
    pub(super) task_type: Option<String>,
    #[serde(default)]
    pub(super) description: Option<String>,
    /// False for a tool that the turn waits for; only `task_started` says so.
    pub(super) is_backgrounded: Option<bool>,
}

/// `system/background_tasks_changed`.
#[derive(Deserialize)]
pub(super) struct Tasks {
    pub(super) tasks: Vec<Task>,
}

/// `control_request`: the agent asks us.
#[derive(Deserialize)]
pub(super) struct ControlRequest<'a> {
    pub(super) request_id: String,
    #[serde(borrow)]
    pub(super) request: AgentRequest<'a>,
}

#[derive(Deserialize)]
pub(super) struct AgentRequest<'a> {
    #[serde(borrow)]
    pub(super) subtype: Text<'a>,
    pub(super) tool_name: Option<String>,
    /// The input of the tool, or what a hook is told.
    #[serde(borrow)]
    pub(super) input: Option<&'a RawValue>,
    /// Which hook is called.
    #[serde(borrow)]
    pub(super) callback_id: Option<Text<'a>>,
    /// Absent in 1.0.128.
    pub(super) tool_use_id: Option<String>,
    #[serde(borrow)]
    pub(super) decision_reason: Option<&'a RawValue>,
}

/// What a hook before or after a tool is told.
#[derive(Deserialize)]
pub(super) struct ToldOfTool {
    pub(super) tool_name: String,
    pub(super) tool_input: Value,
    pub(super) tool_use_id: Option<String>,
    pub(super) cwd: Option<String>,
}

/// `control_cancel_request`: the agent does not wait for our answer any more.
#[derive(Deserialize)]
pub(super) struct ControlCancel<'a> {
    #[serde(borrow)]
    pub(super) request_id: Text<'a>,
}

/// `control_response`: the agent answers us.
#[derive(Deserialize)]
pub(super) struct ControlResponse<'a> {
    #[serde(borrow)]
    pub(super) response: AgentResponse<'a>,
}

#[derive(Deserialize)]
pub(super) struct AgentResponse<'a> {
    #[serde(borrow)]
    pub(super) request_id: Text<'a>,
    #[serde(borrow)]
    pub(super) subtype: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
}

/// `result`: the turn is over. All but the type is optional and read apart, because a
/// result that could not be read would leave the turn open for ever.
#[derive(Deserialize)]
pub(super) struct ResultLine<'a> {
    #[serde(borrow)]
    pub(super) r#type: Text<'a>,
    #[serde(borrow)]
    pub(super) subtype: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) is_error: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) terminal_reason: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) result: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) errors: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) total_cost_usd: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) usage: Option<&'a RawValue>,
    /// Why there was work at all, unless a prompt was the reason (2.1.330).
    #[serde(borrow)]
    pub(super) origin: Option<&'a RawValue>,
    /// The prompts that it answers (2.1.330).
    #[serde(borrow)]
    pub(super) user_message_uuids: Option<&'a RawValue>,
    /// The turn's own part of the totals. Only 2.1.330 tells it.
    #[serde(borrow)]
    pub(super) model_usage_since_last_result: Option<&'a RawValue>,
}

/// `origin` of a result.
#[derive(Deserialize)]
pub(super) struct Cause {
    pub(super) kind: String,
}

/// `usage` of a result: tokens of this turn.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Tokens {
    pub(super) input_tokens: Count,
    pub(super) output_tokens: Count,
    pub(super) cache_creation_input_tokens: Count,
    pub(super) cache_read_input_tokens: Count,
}

/// What one model did in a turn.
#[derive(Deserialize)]
pub(super) struct ModelUsage {
    #[serde(rename = "costUSD")]
    pub(super) cost_usd: f64,
}

/// What a file makes of a line of its kind: messages, or nothing at all for a line it cannot read.
pub(super) type Read = Result<(), Unknown>;
