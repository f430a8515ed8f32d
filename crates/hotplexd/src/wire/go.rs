//! Events as the Go hotplex spells them: 0.6 without tags on its struct, 0.7 and later with them.
//! Both are written, so that every client finds its own.

use hotplex::{EventKind, Level, Outcome, ToolResult, ToolUse, Verdict};
use serde::Serialize;

use super::outgoing_event::{OutgoingEvent, stats};
use super::spelling::{data_of, name_of};
use crate::hub::log::{Asked, What};

/// How many characters of a tool's output go into its summary.
const SUMMARY: usize = 500;

/// How many characters of what was judged are shown.
const OPERATION: usize = 100;

#[derive(Clone, Default, Serialize)]
struct Meta<'a> {
    duration_ms: u64,
    total_duration_ms: u64,
    tool_name: &'a str,
    tool_id: &'a str,
    status: &'a str,
    error_msg: &'a str,
    input_tokens: u64,
    output_tokens: u64,
    cache_write_tokens: u64,
    cache_read_tokens: u64,
    input_summary: &'a str,
    output_summary: &'a str,
    file_path: &'a str,
    line_count: u64,
    progress: u64,
    total_steps: u64,
    current_step: u64,
}

#[derive(Serialize)]
struct EventWithMeta<'a> {
    #[serde(rename = "EventType")]
    upper_type: &'a str,
    #[serde(rename = "EventData")]
    upper_data: &'a str,
    #[serde(rename = "Meta")]
    upper_meta: &'a Meta<'a>,
    event_type: &'a str,
    event_data: &'a str,
    meta: &'a Meta<'a>,
}

impl<'a> EventWithMeta<'a> {
    fn new(kind: &'a str, data: &'a str, meta: &'a Meta<'a>) -> EventWithMeta<'a> {
        EventWithMeta {
            upper_type: kind,
            upper_data: data,
            upper_meta: meta,
            event_type: kind,
            event_data: data,
            meta,
        }
    }
}

/// The frames of one event.
pub(super) fn frames(outgoing: &OutgoingEvent<'_>) -> Vec<String> {
    match &outgoing.entry.what {
        What::Prompt(_) if outgoing.mine => {
            vec![outgoing.with_meta("thinking", "ai.thinking", running())]
        }
        What::Agent(kind) => of_agent(outgoing, kind),
        What::End(end) if outgoing.mine => {
            let mut frames = Vec::new();
            let figures = stats(outgoing.session, end);
            let worked = end.stats.started.is_some();
            if worked && !matches!(end.outcome, Outcome::Crashed) {
                frames.push(outgoing.frame("session_stats", &figures));
            }
            frames.push(outgoing.terminal(end, &figures));
            frames
        }
        what => vec![outgoing.frame(name_of(what), data_of(what))],
    }
}

fn running<'a>() -> Meta<'a> {
    Meta {
        status: "running",
        ..Meta::default()
    }
}

fn of_agent(outgoing: &OutgoingEvent<'_>, kind: &EventKind) -> Vec<String> {
    match kind {
        EventKind::Thinking(text) => vec![outgoing.with_meta("thinking", text, running())],
        EventKind::Answer(text) | EventKind::Raw(text) => {
            vec![outgoing.with_meta(kind.as_str(), text, running())]
        }
        EventKind::Notice(notice) => vec![outgoing.with_meta("notice", &notice.text, running())],
        EventKind::ToolUse(call) => vec![tool_use(outgoing, call)],
        EventKind::ToolResult(result) => vec![tool_result(outgoing, result)],
        EventKind::DangerBlock(block) => {
            vec![outgoing.frame("danger_block", danger(&block.verdict))]
        }
        // Clients of 0.6.1 take what they do not know for noise: it is sent to those who ask.
        EventKind::SessionStart(_) if !outgoing.subscribed => Vec::new(),
        _ => {
            let what = &outgoing.entry.what;
            vec![outgoing.frame(name_of(what), data_of(what))]
        }
    }
}

/// A question to a client that did not ask for those, in the words of the Go hotplex 0.36: it hears what
/// its turn waits for. Clients that do not know the words pass over them.
///
/// Nothing is told of a question that ended as the agent goes on by itself.
pub(super) fn unasked(outgoing: &OutgoingEvent<'_>) -> Vec<String> {
    match &outgoing.entry.what {
        What::Asked(asked) if outgoing.mine => vec![waits(outgoing, asked)],
        What::Closed { decision, by, .. } if outgoing.mine => {
            let why = match (*decision, by.as_str()) {
                ("expired", _) => "denied: nobody answered in time".to_owned(),
                ("deny", "") => "denied".to_owned(),
                ("deny", by) => format!("denied by {by}"),
                _ => return Vec::new(),
            };
            let meta = Meta {
                status: "error",
                error_msg: &why,
                ..Meta::default()
            };
            vec![outgoing.with_meta("permission_denied", &why, meta)]
        }
        _ => Vec::new(),
    }
}

fn waits(outgoing: &OutgoingEvent<'_>, asked: &Asked) -> String {
    let tool = &asked.request.tool;
    let limit = asked.expires_at_ms.map_or_else(String::new, |at| {
        let seconds = at.saturating_sub(outgoing.entry.at_ms).div_ceil(1000);
        format!("; denied if nobody answers within {seconds} s")
    });
    let text = format!(
        "waits for leave to use {}: {}{limit}",
        tool.name, tool.summary
    );
    let meta = Meta {
        tool_name: &tool.name,
        tool_id: &tool.id,
        status: "waiting",
        input_summary: &tool.summary,
        ..Meta::default()
    };
    outgoing.with_meta("permission_request", &text, meta)
}

fn tool_use(outgoing: &OutgoingEvent<'_>, call: &ToolUse) -> String {
    let meta = Meta {
        tool_name: &call.name,
        tool_id: &call.id,
        input_summary: &call.summary,
        file_path: call.changes_file.as_deref().unwrap_or_default(),
        ..running()
    };
    outgoing.with_meta("tool_use", &call.name, meta)
}

fn tool_result(outgoing: &OutgoingEvent<'_>, result: &ToolResult) -> String {
    let summary: String = result.text.chars().take(SUMMARY).collect();
    let meta = Meta {
        duration_ms: result.duration.as_millis() as u64,
        tool_name: &result.name,
        tool_id: &result.id,
        status: if result.is_error { "error" } else { "success" },
        error_msg: if result.is_error { &summary } else { "" },
        output_summary: &summary,
        ..Meta::default()
    };
    outgoing.with_meta("tool_result", &result.text, meta)
}

impl OutgoingEvent<'_> {
    fn with_meta(&self, kind: &str, data: &str, meta: Meta<'_>) -> String {
        let meta = Meta {
            total_duration_ms: self.entry.turn_ms,
            ..meta
        };
        self.frame(kind, EventWithMeta::new(kind, data, &meta))
    }
}

/// What the guard kept from happening.
#[derive(Serialize)]
pub(super) struct Danger<'a> {
    operation: String,
    reason: &'a str,
    pattern_matched: &'a str,
    level: u8,
    category: &'a str,
    bypass_allowed: bool,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    suggestions: &'a [String],
}

pub(super) fn danger(verdict: &Verdict) -> Danger<'_> {
    Danger {
        operation: verdict.operation.chars().take(OPERATION).collect(),
        reason: &verdict.reason,
        pattern_matched: &verdict.rule,
        level: match verdict.level {
            Some(Level::Critical) | None => 0,
            Some(Level::High) => 1,
            Some(_) => 2,
        },
        category: &verdict.category,
        bypass_allowed: false,
        suggestions: &verdict.suggestions,
    }
}
