//! What the engine is told for what Claude Code says, and what Claude Code is told.

mod broken_lines;
mod golden;
mod launch;
mod protocol;
mod results;

use serde_json::Value;

use super::dialogue::ClaudeDialogue;
use crate::event::EventKind;
use crate::message::{Message, Origin, TurnResult};
use crate::provider::Dialogue;

/// A dialogue whose handshake is on its way, as every process's is.
fn started() -> ClaudeDialogue {
    let mut dialogue = ClaudeDialogue::new();
    dialogue.write_handshake(&mut Vec::new());
    dialogue
}

fn decoded(dialogue: &mut ClaudeDialogue, line: impl AsRef<[u8]>) -> Vec<Message> {
    let mut messages = Vec::new();
    dialogue.decode(line.as_ref(), &mut messages);
    messages
}

/// The only event of a line, by kind and text.
fn only_event(line: impl AsRef<[u8]>) -> (&'static str, String) {
    match decoded(&mut started(), line).as_slice() {
        [Message::Event(kind)] => (kind.as_str(), kind.text().unwrap_or_default().to_owned()),
        other => panic!("not one event: {other:?}"),
    }
}

fn only_result(dialogue: &mut ClaudeDialogue, line: &str) -> TurnResult {
    match decoded(dialogue, line).pop() {
        Some(Message::TurnResult(result)) => *result,
        other => panic!("not a result: {other:?}"),
    }
}

/// What was written, as JSON; fails unless it is exactly one line.
fn one_line(written: &[u8]) -> Value {
    let text = std::str::from_utf8(written).unwrap();
    let line = text.strip_suffix('\n').unwrap();
    assert!(!line.contains('\n'), "more than one line: {line}");
    serde_json::from_str(line).unwrap()
}

/// Messages as lines for a person, one for each.
fn listed(messages: &[Message]) -> Vec<String> {
    messages.iter().map(message_line).collect()
}

fn message_line(message: &Message) -> String {
    match message {
        Message::Ready => "ready".to_owned(),
        Message::NamesTurns => "names_turns".to_owned(),
        Message::TurnQueued(turn) => format!("turn_queued {}", turn.get()),
        Message::TurnStarted(turn) => format!("turn_started {turn:?}"),
        Message::TurnOver(turn) => format!("turn_over {}", turn.get()),
        Message::Tasks(change) => format!("tasks {change:?}"),
        Message::SessionStart(start) => format!(
            "session_start {} model={:?} cwd={:?} tools={}",
            start.agent_session_id,
            start.model,
            start.cwd,
            start.tools.join(",")
        ),
        Message::Event(kind) => event_line(kind),
        Message::GateAsked(asked) => {
            let tool = event_line(&EventKind::ToolUse(Box::new(asked.tool.clone())));
            let current_dir = &asked.current_dir;
            format!("gate_asked {} {tool} cwd={current_dir:?}", asked.request_id)
        }
        Message::HandshakeRefused(why) => format!("handshake_refused {why}"),
        Message::ApprovalAsked(asked) => {
            let tool = event_line(&EventKind::ToolUse(Box::new(asked.tool.clone())));
            format!(
                "approval_asked {} {tool} reason={:?}",
                asked.request_id, asked.reason
            )
        }
        Message::ApprovalWithdrawn(request_id) => format!("approval_withdrawn {request_id}"),
        Message::TurnResult(result) => result_line(result),
        Message::Reply(line) => format!("reply {}", String::from_utf8_lossy(line).trim_end()),
    }
}

fn event_line(kind: &EventKind) -> String {
    match kind {
        EventKind::ToolUse(call) => format!(
            "tool_use {} {} {:?} changes={:?} input={}",
            call.id, call.name, call.summary, call.changes_file, call.input
        ),
        EventKind::ToolResult(result) => format!(
            "tool_result {} {} error={} {:?}",
            result.id, result.name, result.is_error, result.text
        ),
        EventKind::Notice(notice) => {
            format!(
                "notice {} {} {:?}",
                notice.level.as_str(),
                notice.code,
                notice.text
            )
        }
        other => format!("{} {:?}", other.as_str(), other.text().unwrap_or_default()),
    }
}

fn result_line(result: &TurnResult) -> String {
    let usage = result.usage;
    let origin = match &result.origin {
        Origin::Unsaid => String::new(),
        origin => format!(" origin={origin:?}"),
    };
    format!(
        "result error={} interrupted={} cannot_resume={} text={:?} error={:?} \
         tokens={}/{}/{}/{} cost={:.6} model={:?}{origin}",
        result.is_error,
        result.interrupted,
        result.cannot_resume,
        result.text,
        result.error,
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_write_tokens,
        usage.cache_read_tokens,
        result.cost_usd,
        result.model
    )
}
