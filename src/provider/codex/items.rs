//! What Codex tells of a turn: items, which begin and end, and the end of the turn.

use std::time::Duration;

use serde_json::Value;

use super::calls::{text, tool};
use super::protocol::CodexProtocol;
use super::speech::Voice;
use crate::event::{EventKind, ToolResult};
use crate::message::{Message, TurnResult};
use crate::notice::NoticeCode;
use crate::provider::count::Count;
use crate::provider::json_line::Unknown;
use crate::provider::json_rpc;
use crate::provider::summary::one_line;
use crate::stats::Usage;

/// Longest error text, in characters. It becomes part of an error's one line.
const ERROR_AT_MOST: usize = 1000;

/// Told better by the items and the end of a turn, or of the program's own house-keeping.
const UNTOLD: [&str; 16] = [
    "account/rateLimits/updated",
    "hook/started",
    "item/commandExecution/outputDelta",
    "item/commandExecution/terminalInteraction",
    "item/fileChange/outputDelta",
    "item/fileChange/patchUpdated",
    "mcpServer/startupStatus/updated",
    "remoteControl/status/changed",
    "thread/goal/cleared",
    "thread/readState/changed",
    "thread/settings/updated",
    "thread/started",
    "thread/status/changed",
    "turn/diff/updated",
    "item/reasoning/summaryPartAdded",
    "item/reasoning/textDelta",
];

impl CodexProtocol {
    pub(super) fn notified(
        &mut self,
        method: &str,
        params: impl FnOnce() -> Result<Value, Unknown>,
        line: &str,
        messages: &mut Vec<Message>,
    ) -> Result<(), Unknown> {
        if UNTOLD.contains(&method) {
            return Ok(());
        }
        let params = params()?;
        let is_own_thread = text(&params, "threadId") == Some(self.thread.as_str());
        let is_own_turn = is_own_thread && self.note_turn(method, &params, messages);
        // Not the rest of a turn that is over, behind which the next has begun.
        let is_own_word = is_own_thread && (is_own_turn || !self.has_prompt());
        match method {
            "turn/started" => Ok(()),
            "turn/completed" => self.turn_completed(&params, is_own_thread, messages),
            "hook/completed" => {
                self.hook_completed(&params, messages);
                Ok(())
            }
            "item/started" => self.item_started(&params, messages),
            "item/completed" => self.item_completed(&params, is_own_word, line, messages),
            // A sub-agent's words are no answer to the caller.
            "item/agentMessage/delta" | "item/reasoning/summaryTextDelta" if !is_own_word => Ok(()),
            "item/agentMessage/delta" => {
                let kinds = (EventKind::AnswerDelta as Voice, EventKind::Answer as Voice);
                self.delta(&params, kinds, is_own_turn, messages)
            }
            "item/reasoning/summaryTextDelta" => {
                let kinds = (
                    EventKind::ThinkingDelta as Voice,
                    EventKind::Thinking as Voice,
                );
                self.delta(&params, kinds, is_own_turn, messages)
            }
            "thread/tokenUsage/updated" if is_own_thread => self.used(&params),
            "thread/tokenUsage/updated" => Ok(()),
            "serverRequest/resolved" => {
                let id = params.get("requestId").ok_or(Unknown)?.to_string();
                self.approvals.withdrawn(&json_rpc::name(&id), messages);
                Ok(())
            }
            "error" if params.get("willRetry") == Some(&Value::Bool(true)) => {
                messages.push(retry(&params));
                Ok(())
            }
            // The end of the turn says it again.
            "error" => Ok(()),
            _ => Err(Unknown),
        }
    }

    /// A word of a turn shows that it has begun. True if it is of the turn at work.
    fn note_turn(&mut self, method: &str, params: &Value, messages: &mut Vec<Message>) -> bool {
        let turn = text(params, "turnId").or_else(|| params.pointer("/turn/id")?.as_str());
        let Some(turn) = turn else {
            return self.has_prompt();
        };
        if method == "turn/started" {
            self.turn_started(turn, messages);
        }
        self.is_current(turn, messages)
    }

    fn delta(
        &mut self,
        params: &Value,
        (piece, whole): (Voice, Voice),
        is_own_turn: bool,
        messages: &mut Vec<Message>,
    ) -> Result<(), Unknown> {
        let delta = text(params, "delta").ok_or(Unknown)?;
        if is_own_turn {
            let item = text(params, "itemId").unwrap_or_default();
            self.speech.piece(item, whole, delta);
        }
        if self.deltas && !delta.is_empty() {
            messages.push(Message::Event(piece(delta.to_owned())));
        }
        Ok(())
    }

    /// The totals go on over turns and processes, so each part is added up.
    fn used(&mut self, params: &Value) -> Result<(), Unknown> {
        let last = params.pointer("/tokenUsage/last").ok_or(Unknown)?;
        let of = |name: &str| Count::of(Some(last), name).unwrap_or_default();
        let cached = of("cachedInputTokens");
        self.usage.add(&Usage {
            input_tokens: of("inputTokens").saturating_sub(cached),
            output_tokens: of("outputTokens"),
            cache_write_tokens: of("cacheWriteInputTokens"),
            cache_read_tokens: cached,
        });
        Ok(())
    }

    fn turn_completed(
        &mut self,
        params: &Value,
        is_own_thread: bool,
        messages: &mut Vec<Message>,
    ) -> Result<(), Unknown> {
        let turn = params.get("turn").ok_or(Unknown)?;
        let name = text(turn, "id").ok_or(Unknown)?.to_owned();
        if !is_own_thread || !self.is_current(&name, messages) {
            return Ok(());
        }
        let status = text(turn, "status").unwrap_or_default();
        let told = turn.pointer("/error/message").and_then(Value::as_str);
        let interrupted = status == "interrupted";
        let is_error = !interrupted && status != "completed";
        let error = match (status, told) {
            ("completed", _) => None,
            (_, Some(told)) => Some(one_line(told, ERROR_AT_MOST)),
            ("interrupted", None) => {
                Some("the agent says that the turn was interrupted".to_owned())
            }
            (status, None) => Some(format!("the agent ended the turn as {status:?}")),
        };
        let result = TurnResult {
            is_error,
            interrupted,
            error,
            ..TurnResult::default()
        };
        self.end_turn(result, messages);
        Ok(())
    }

    fn item_started(&mut self, params: &Value, messages: &mut Vec<Message>) -> Result<(), Unknown> {
        let item = params.get("item").ok_or(Unknown)?;
        self.sub_agents.note(item);
        if let Some(mut tool) = tool(item) {
            tool.parent = self.sub_agents.parent(text(params, "threadId"));
            let tool = self.hook_calls.as_asked(tool);
            self.assert_leave(item, &tool, messages);
            if self.items.get(&tool.id).is_some() {
                return Err(Unknown);
            }
            messages.push(Message::Event(EventKind::ToolUse(Box::new(tool.clone()))));
            self.items.began(tool);
        }
        Ok(())
    }

    fn item_completed(
        &mut self,
        params: &Value,
        is_own_word: bool,
        line: &str,
        messages: &mut Vec<Message>,
    ) -> Result<(), Unknown> {
        let item = params.get("item").ok_or(Unknown)?;
        let kind = text(item, "type").ok_or(Unknown)?;
        self.sub_agents.note(item);
        self.speech.completed(text(item, "id").unwrap_or_default());
        match kind {
            "userMessage" => {}
            "agentMessage" | "reasoning" if !is_own_word => {
                messages.push(Message::Event(EventKind::Raw(line.to_owned())));
            }
            "agentMessage" => {
                let answer = text(item, "text").unwrap_or_default();
                if !answer.is_empty() {
                    self.last_answer = Some(answer.to_owned());
                    let kind = EventKind::Answer(answer.to_owned());
                    messages.push(Message::Event(kind));
                }
            }
            "reasoning" => {
                let thought = joined(item.get("summary")).or_else(|| joined(item.get("content")));
                messages.extend(thought.map(|text| Message::Event(EventKind::Thinking(text))));
            }
            _ => self.tool_ended(item, line, messages)?,
        }
        Ok(())
    }

    fn tool_ended(
        &mut self,
        item: &Value,
        line: &str,
        messages: &mut Vec<Message>,
    ) -> Result<(), Unknown> {
        let id = text(item, "id").ok_or(Unknown)?;
        let has_ended = self.items.has_ended(id);
        let known = self.items.ended(id);
        let told = known.clone().or_else(|| tool(item));
        let Some(tool) = told.filter(|_| !has_ended) else {
            messages.push(Message::Event(EventKind::Raw(line.to_owned())));
            return Ok(());
        };
        let result = ToolResult {
            id: tool.id.clone(),
            name: tool.name.clone(),
            text: result_text(item),
            is_error: text(item, "status").is_some_and(|status| status != "completed"),
            duration: Duration::ZERO,
        };
        if known.is_none() {
            self.assert_leave(item, &tool, messages);
            messages.push(Message::Event(EventKind::ToolUse(Box::new(tool))));
        }
        messages.push(Message::Event(EventKind::ToolResult(Box::new(result))));
        Ok(())
    }
}

/// The model's service failed, and the agent tries it again.
fn retry(params: &Value) -> Message {
    let message = params.pointer("/error/message").and_then(Value::as_str);
    let text = one_line(message.unwrap_or_default(), ERROR_AT_MOST);
    Message::Event(EventKind::info(NoticeCode::ApiRetry, text))
}

fn result_text(item: &Value) -> String {
    if let Some(output) = text(item, "aggregatedOutput") {
        return output.to_owned();
    }
    let error = item.pointer("/error/message").and_then(Value::as_str);
    let content = item.pointer("/result/content").and_then(Value::as_array);
    let texts = content.into_iter().flatten();
    let texts = texts.filter_map(|part| text(part, "text"));
    let told: Vec<&str> = error.into_iter().chain(texts).collect();
    match (told.is_empty(), text(item, "status")) {
        (true, Some("declined")) => "declined".to_owned(),
        _ => told.join("\n"),
    }
}

fn joined(texts: Option<&Value>) -> Option<String> {
    let texts = texts?.as_array()?.iter();
    let texts: Vec<&str> = texts
        .filter_map(|part| part.as_str().or_else(|| text(part, "text")))
        .collect();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}
