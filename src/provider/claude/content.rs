//! What model and tools say: finished blocks and pieces of blocks.
//!
//! Sub-agents: their tool calls and results are told like any other, because they change files and
//! take time. Their text is not an answer to the caller, so it is passed on as the raw line.

use std::time::Duration;

use serde_json::{Value, from_str};

use super::line::{Block, Content, Output, Said, StreamLine};
use super::line::{Read, Unknown};
use super::protocol::ClaudeProtocol;
use super::tool;
use crate::event::{EventKind, ToolResult, ToolUse};
use crate::message::Message;
use crate::notice::NoticeCode;
use crate::provider::mend;

/// Begins the text that Claude Code records as the user's after an interrupt; it may go on
/// with ` for tool use`.
const INTERRUPTED: &str = "[Request interrupted by user";

impl ClaudeProtocol {
    pub(super) fn assistant(&mut self, line: &str, messages: &mut Vec<Message>) -> Read {
        let said: Said = from_str(line)?;
        let speaker = Speaker::of(&said);
        if let (Speaker::Model, Some(model)) = (speaker, &said.message.model) {
            self.totals.answered_by(model.as_str());
        }
        let parent = said.parent_tool_use_id.as_ref().map(|parent| &*parent.0);
        self.blocks(said.message.content, speaker, parent, line, messages)
    }

    fn blocks(
        &mut self,
        content: Content,
        speaker: Speaker,
        parent: Option<&str>,
        line: &str,
        messages: &mut Vec<Message>,
    ) -> Read {
        let before = messages.len();
        let mut all_known = true;
        for block in content.0 {
            match self.block(block, speaker) {
                Ok(Some(EventKind::ToolUse(mut call))) => {
                    call.parent = parent.map(str::to_owned);
                    messages.push(Message::Event(EventKind::ToolUse(call)));
                }
                Ok(Some(kind)) => messages.push(Message::Event(kind)),
                Ok(None) => {}
                Err(Unknown) => all_known = false,
            }
        }
        if all_known {
            return Ok(());
        }
        if messages.len() == before {
            return Err(Unknown);
        }
        messages.push(Message::Event(EventKind::Raw(line.to_owned())));
        Ok(())
    }

    /// What one block says; `None` for one that says nothing, as thinking does that is kept back.
    fn block(&mut self, block: Block, speaker: Speaker) -> Result<Option<EventKind>, Unknown> {
        Ok(match (block.r#type.as_str(), speaker) {
            ("text", Speaker::Model) => said(block.text, EventKind::Answer),
            ("text", Speaker::Failure) => said(block.text, api_error),
            ("text", Speaker::User) => return own_words(block.text),
            ("thinking", Speaker::Model) => said(block.thinking, EventKind::Thinking),
            ("tool_use", _) => Some(EventKind::ToolUse(Box::new(self.tool_use(block)?))),
            ("tool_result", _) => Some(EventKind::ToolResult(Box::new(self.tool_result(block)?))),
            _ => return Err(Unknown),
        })
    }

    fn tool_use(&mut self, block: Block) -> Result<ToolUse, Unknown> {
        let (Some(id), Some(name)) = (block.id, block.name) else {
            return Err(Unknown);
        };
        let input = block.input.map_or(Ok(Value::Null), mend::read)?;
        let call = tool::call(id, name, input);
        self.calls.began(&call);
        Ok(call)
    }

    fn tool_result(&mut self, block: Block) -> Result<ToolResult, Unknown> {
        let id = block.tool_use_id.ok_or(Unknown)?.0.into_owned();
        let output: Output = block.content.map_or(Ok(Output::default()), mend::read)?;
        Ok(ToolResult {
            name: self.calls.answered(&id),
            id,
            text: output.0,
            is_error: block.is_error.unwrap_or(false),
            // A protocol has no clock: the session sets it.
            duration: Duration::ZERO,
        })
    }

    pub(super) fn user(&mut self, line: &str, messages: &mut Vec<Message>) -> Read {
        let said: Said = from_str(line)?;
        // The echo of a prompt that we wrote ourselves.
        if said.is_replay == Some(true) {
            return Ok(());
        }
        self.blocks(said.message.content, Speaker::User, None, line, messages)
    }

    /// Every piece comes again in the finished message, so that only text is worth telling early.
    pub(super) fn stream_event(&mut self, line: &str, messages: &mut Vec<Message>) -> Read {
        let stream: StreamLine = from_str(line)?;
        let (Some(delta), None) = (stream.event.delta, stream.parent_tool_use_id) else {
            return Ok(());
        };
        if stream.event.r#type.as_str() != "content_block_delta" {
            return Ok(());
        }
        let kind = match delta.r#type.as_ref().map(|kind| kind.as_str()) {
            Some("text_delta") => said(delta.text, EventKind::AnswerDelta),
            Some("thinking_delta") => said(delta.thinking, EventKind::ThinkingDelta),
            _ => None,
        };
        messages.extend(kind.map(Message::Event));
        Ok(())
    }
}

/// Whose words a line brings.
#[derive(Clone, Copy, PartialEq)]
enum Speaker {
    Model,
    /// The program itself, in the model's name, about an API error.
    Failure,
    SubAgent,
    User,
}

impl Speaker {
    fn of(said: &Said) -> Speaker {
        if said.parent_tool_use_id.is_some() {
            Speaker::SubAgent
        } else if said.error.is_some() {
            Speaker::Failure
        } else {
            Speaker::Model
        }
    }
}

fn said(text: Option<String>, kind: fn(String) -> EventKind) -> Option<EventKind> {
    text.filter(|text| !text.is_empty()).map(kind)
}

/// The result that follows tells it as the turn's error; here it must not look like an answer.
fn api_error(text: String) -> EventKind {
    EventKind::warning(NoticeCode::ApiError, text)
}

fn own_words(text: Option<String>) -> Result<Option<EventKind>, Unknown> {
    match text {
        Some(text) if !text.starts_with(INTERRUPTED) => Err(Unknown),
        _ => Ok(None),
    }
}
