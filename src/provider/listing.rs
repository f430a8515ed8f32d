//! What a protocol understood, as lines for a person: what the recorded dialogues are compared in.

use crate::event::EventKind;
use crate::message::{GateQuestion, Message, Origin, TurnResult};

/// Messages as lines for a person, one for each.
pub(super) fn listed(messages: &[Message]) -> Vec<String> {
    messages.iter().map(message_line).collect()
}

fn message_line(message: &Message) -> String {
    match message {
        Message::Ready => "ready".to_owned(),
        Message::NamesTurns => "names_turns".to_owned(),
        Message::InterruptsInOrder => "interrupts_in_order".to_owned(),
        Message::ConversationLost(why) => format!("conversation_lost {why}"),
        Message::TurnQueued(turn) => format!("turn_queued {}", turn.get()),
        Message::TurnStarted(turn) => format!("turn_started {turn:?}"),
        Message::TurnOver(turn) => format!("turn_over {}", turn.get()),
        Message::Tasks(change) => format!("tasks {change:?}"),
        Message::ProgramVersion(version) => format!("program_version {version}"),
        Message::SessionStart(start) => format!(
            "session_start {} model={:?} cwd={:?} tools={}",
            start.agent_session_id,
            start.model,
            start.cwd,
            start.tools.join(",")
        ),
        Message::Event(kind) => event_line(kind),
        Message::GateAsked(asked) => format!("gate_asked {}", question_line(asked)),
        Message::GateAskedAgain(asked) => format!("gate_asked_again {}", question_line(asked)),
        Message::ProtocolFailed(why) => format!("protocol_failed {why}"),
        Message::RanUnjudged(ran) => format!("ran_unjudged {}", question_line(ran)),
        Message::GateFailed(why) => format!("gate_failed {why}"),
        Message::Forgotten(why) => format!("forgotten {why}"),
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

fn question_line(asked: &GateQuestion) -> String {
    let tool = event_line(&EventKind::ToolUse(Box::new(asked.tool.clone())));
    let current_dir = &asked.current_dir;
    format!("{} {tool} cwd={current_dir:?}", asked.request_id)
}

fn event_line(kind: &EventKind) -> String {
    match kind {
        EventKind::ToolUse(call) => {
            let parent = call.parent.as_ref();
            let parent = parent.map_or(String::new(), |parent| format!(" parent={parent}"));
            format!(
                "tool_use {} {} {:?} changes={:?} input={}{parent}",
                call.id, call.name, call.summary, call.changes_file, call.input
            )
        }
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
