//! How much an event keeps alive. Queues between an agent and its caller are bounded by that.

use std::mem::size_of;

use serde_json::Value;

use crate::event::{DangerBlock, EventKind, PermissionRequest, SessionStart, ToolUse, TurnEnd};

/// Room for eleven members with their names, taken with the first of them (`BTreeMap`).
const MAP_NODE: usize = 11 * (size_of::<String>() + size_of::<Value>()) + 16;

/// So many members fill a node on average when they come in order: full ones are split.
const IN_A_NODE: usize = 6;

impl EventKind {
    /// About how many bytes the kind keeps alive besides the event itself.
    pub fn payload_bytes(&self) -> usize {
        match self {
            EventKind::ToolUse(call) => tool_use(call),
            EventKind::ToolResult(result) => {
                result.id.len() + result.name.len() + result.text.len()
            }
            EventKind::PermissionRequest(request) => permission_request(request),
            EventKind::DangerBlock(block) => danger_block(block),
            EventKind::SessionStart(start) => session_start(start),
            EventKind::TurnEnd(end) => turn_end(end),
            EventKind::Notice(notice) => notice.text.len(),
            EventKind::Thinking(text)
            | EventKind::Answer(text)
            | EventKind::ThinkingDelta(text)
            | EventKind::AnswerDelta(text)
            | EventKind::Raw(text) => text.len(),
        }
    }
}

/// What a call keeps alive.
fn tool_use(call: &ToolUse) -> usize {
    let texts = call.id.len() + call.name.len() + call.summary.len();
    texts + optional(&call.changes_file) + optional(&call.parent) + json(&call.input)
}

/// What a question keeps alive.
fn permission_request(request: &PermissionRequest) -> usize {
    request.request_id.len() + optional(&request.reason) + tool_use(&request.tool)
}

fn danger_block(block: &DangerBlock) -> usize {
    let verdict = &block.verdict;
    let tool = block.tool.as_ref().map_or(0, tool_use);
    tool + verdict.reason.len() + verdict.operation.len()
}

fn session_start(start: &SessionStart) -> usize {
    let texts = start.agent_session_id.len() + optional(&start.model) + optional(&start.cwd);
    texts + list(&start.tools)
}

fn turn_end(end: &TurnEnd) -> usize {
    let error = end.error.as_ref().map_or(0, |error| error.message().len());
    let lists = list(&end.stats.tools_used) + list(&end.stats.file_paths);
    error + optional(&end.result) + lists
}

fn optional(text: &Option<String>) -> usize {
    text.as_ref().map_or(0, String::len)
}

fn list(texts: &[String]) -> usize {
    let bytes = texts.iter().map(|text| size_of::<String>() + text.len());
    bytes.sum()
}

/// What a value keeps alive. A tree takes far more room than its text: an object of one member, 7 bytes
/// long, takes one node of a map.
fn json(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(values) => {
            let inner: usize = values.iter().map(json).sum();
            values.capacity() * size_of::<Value>() + inner
        }
        Value::Object(map) => {
            let inner = map.iter().map(|(name, value)| name.len() + json(value));
            map.len().div_ceil(IN_A_NODE) * MAP_NODE + inner.sum::<usize>()
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::error::ErrorKind;
    use crate::event::{Outcome, ToolResult};
    use crate::notice::NoticeCode;
    use hotplex_guard::Verdict;

    fn call(set: impl FnOnce(&mut ToolUse)) -> ToolUse {
        let mut call = ToolUse {
            id: String::new(),
            name: String::new(),
            input: Value::Null,
            summary: String::new(),
            changes_file: None,
            parent: None,
        };
        set(&mut call);
        call
    }

    fn asked(request_id: &str, reason: Option<&str>, tool: ToolUse) -> EventKind {
        EventKind::PermissionRequest(Box::new(PermissionRequest {
            request_id: request_id.to_owned(),
            tool,
            reason: reason.map(str::to_owned),
        }))
    }

    fn started(set: impl FnOnce(&mut SessionStart)) -> EventKind {
        let mut start = SessionStart::default();
        set(&mut start);
        EventKind::SessionStart(Box::new(start))
    }

    fn gave(id: &str, name: &str, text: &str) -> EventKind {
        EventKind::ToolResult(Box::new(ToolResult {
            id: id.to_owned(),
            name: name.to_owned(),
            text: text.to_owned(),
            is_error: false,
            duration: Duration::ZERO,
        }))
    }

    fn ended(result: Option<&str>, why: &str) -> EventKind {
        let mut end = TurnEnd::without_work(Outcome::Failed, ErrorKind::Internal, why);
        end.result = result.map(str::to_owned);
        EventKind::TurnEnd(Box::new(end))
    }

    #[test]
    fn whatever_member_of_an_event_is_long_it_counts() {
        let long = "x".repeat(100_000);
        let text = || long.clone();
        let used = |set: fn(&mut ToolUse, String)| {
            EventKind::ToolUse(Box::new(call(|call| set(call, text()))))
        };
        let blocked = EventKind::DangerBlock(Box::new(DangerBlock {
            verdict: Verdict::failure("", ""),
            tool: Some(call(|call| call.id = text())),
        }));
        let table = [
            EventKind::Thinking(text()),
            EventKind::Answer(text()),
            EventKind::ThinkingDelta(text()),
            EventKind::AnswerDelta(text()),
            EventKind::Raw(text()),
            EventKind::info(NoticeCode::NotJson, text()),
            used(|call, text| call.id = text),
            used(|call, text| call.name = text),
            used(|call, text| call.summary = text),
            used(|call, text| call.changes_file = Some(text)),
            used(|call, text| call.parent = Some(text)),
            used(|call, text| call.input = json!({"a": [text]})),
            used(|call, text| call.input = json!({text: 1})),
            gave(&long, "", ""),
            gave("", &long, ""),
            gave("", "", &long),
            asked(&long, None, call(|_| {})),
            asked("", Some(&long), call(|_| {})),
            asked("", None, call(|call| call.name = text())),
            blocked,
            started(|start| start.agent_session_id = text()),
            started(|start| start.model = Some(text())),
            started(|start| start.cwd = Some(text())),
            started(|start| start.tools = vec![text()]),
            ended(Some(&long), ""),
            ended(None, &long),
        ];
        for kind in table {
            let bytes = kind.payload_bytes();
            let name = kind.as_str();
            assert!((100_000..110_000).contains(&bytes), "{name}: {bytes}");
        }
    }

    #[test]
    fn a_tree_counts_for_what_it_takes_and_not_for_its_text() {
        let objects = Value::Array(vec![json!({"a": 1}); 1000]);
        let numbers = Value::Array(vec![Value::from(0); 1000]);
        for (tree, at_least) in [(objects, 1000 * 600), (numbers, 1000 * 32)] {
            assert!(json(&tree) >= at_least, "{}", json(&tree));
        }
    }
}
