//! Events: one flat object each, with `type` first.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{milliseconds, text_of};
use crate::event::{
    DangerBlock, Event, EventKind, PermissionRequest, SessionStart, ToolResult, ToolUse, TurnEnd,
};
use crate::notice::Notice;

impl Event {
    /// The event as one line of JSON, in the spelling that every binding shares.
    ///
    /// ```
    /// # use hotplex::*;
    /// fn log(event: &Event) -> String {
    ///     event.to_json() // {"type":"answer","turn":7,"session_id":"user-123","t_ms":1532,"text":"..."}
    /// }
    /// ```
    pub fn to_json(&self) -> String {
        text_of(self)
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", self.kind.as_str())?;
        map.serialize_entry("turn", &self.turn.map_or(0, |turn| turn.get()))?;
        if self.tag != 0 {
            map.serialize_entry("tag", &self.tag)?;
        }
        map.serialize_entry("session_id", self.session.as_str())?;
        map.serialize_entry("t_ms", &milliseconds(self.at))?;
        write_kind(&self.kind, &mut map)?;
        map.end()
    }
}

/// What the kind alone adds to an event's object: no `type`, and nothing about turn and session.
impl Serialize for EventKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        write_kind(self, &mut map)?;
        map.end()
    }
}

fn write_kind<M: SerializeMap>(kind: &EventKind, map: &mut M) -> Result<(), M::Error> {
    match kind {
        EventKind::Thinking(text)
        | EventKind::Answer(text)
        | EventKind::ThinkingDelta(text)
        | EventKind::AnswerDelta(text) => map.serialize_entry("text", text),
        EventKind::Raw(line) => map.serialize_entry("line", line),
        EventKind::SessionStart(start) => write_start(start, map),
        EventKind::ToolUse(call) => map.serialize_entry("tool", call.as_ref()),
        EventKind::ToolResult(result) => write_result(result, map),
        EventKind::PermissionRequest(request) => write_request(request, map),
        EventKind::DangerBlock(block) => write_block(block, map),
        EventKind::Notice(notice) => write_notice(notice, map),
        EventKind::TurnEnd(end) => write_end(end, map),
    }
}

fn write_start<M: SerializeMap>(start: &SessionStart, map: &mut M) -> Result<(), M::Error> {
    map.serialize_entry("agent_session_id", &start.agent_session_id)?;
    map.serialize_entry("resumed", &start.resumed)?;
    map.serialize_entry("model", &start.model)?;
    map.serialize_entry("tools", &start.tools)?;
    map.serialize_entry("cwd", &start.cwd)?;
    map.serialize_entry("pid", &start.pid)
}

impl Serialize for ToolUse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(5))?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("input", &self.input)?;
        map.serialize_entry("summary", &self.summary)?;
        map.serialize_entry("parent", &self.parent)?;
        map.end()
    }
}

/// A result names its call; what was called stands in the `tool_use` before it.
#[derive(serde::Serialize)]
struct CallJson<'a> {
    id: &'a str,
    name: &'a str,
}

fn write_result<M: SerializeMap>(result: &ToolResult, map: &mut M) -> Result<(), M::Error> {
    let call = CallJson {
        id: &result.id,
        name: &result.name,
    };
    map.serialize_entry("tool", &call)?;
    map.serialize_entry("text", &result.text)?;
    map.serialize_entry("is_error", &result.is_error)?;
    map.serialize_entry("duration_ms", &milliseconds(result.duration))
}

fn write_request<M: SerializeMap>(
    request: &PermissionRequest,
    map: &mut M,
) -> Result<(), M::Error> {
    map.serialize_entry("request_id", &request.request_id)?;
    map.serialize_entry("tool", &request.tool)?;
    map.serialize_entry("reason", &request.reason)
}

fn write_block<M: SerializeMap>(block: &DangerBlock, map: &mut M) -> Result<(), M::Error> {
    block.verdict.serialize_reasons(map)?;
    match &block.tool {
        Some(tool) => map.serialize_entry("tool", tool),
        None => Ok(()),
    }
}

fn write_notice<M: SerializeMap>(notice: &Notice, map: &mut M) -> Result<(), M::Error> {
    map.serialize_entry("level", notice.level.as_str())?;
    map.serialize_entry("code", notice.code.as_str())?;
    map.serialize_entry("text", &notice.text)
}

#[derive(serde::Serialize)]
struct Failure<'a> {
    kind: &'a str,
    message: &'a str,
}

fn write_end<M: SerializeMap>(end: &TurnEnd, map: &mut M) -> Result<(), M::Error> {
    map.serialize_entry("outcome", end.outcome.as_str())?;
    if let Some(error) = &end.error {
        let failure = Failure {
            kind: error.kind().as_str(),
            message: error.message(),
        };
        map.serialize_entry("error", &failure)?;
    }
    map.serialize_entry("stats", &super::turn::StatsOf::new(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, ErrorKind};
    use crate::event::{Outcome, SessionId, TurnId};
    use crate::notice::{NoticeCode, NoticeLevel};
    use crate::stats::TurnStats;
    use hotplex_guard::{Judgement, Level, Verdict};
    use serde_json::{Value, json};
    use std::time::Duration;

    fn read(kind: EventKind) -> Value {
        let event = Event {
            turn: Some(TurnId(7)),
            tag: u64::MAX,
            session: SessionId::new("user-123").unwrap(),
            at: Duration::from_micros(1_532_900),
            kind,
        };
        let mut value: Value = serde_json::from_str(&event.to_json()).unwrap();
        let head = value.as_object_mut().unwrap();
        assert_eq!(head.remove("turn"), Some(json!(7)));
        assert_eq!(head.remove("tag"), Some(json!(u64::MAX)));
        assert_eq!(head.remove("session_id"), Some(json!("user-123")));
        assert_eq!(head.remove("t_ms"), Some(json!(1532)));
        value
    }

    fn tool() -> ToolUse {
        ToolUse {
            id: "t1".to_owned(),
            name: "Bash".to_owned(),
            input: json!({"command": "ls"}),
            summary: "ls".to_owned(),
            changes_file: None,
            parent: Some("t0".to_owned()),
        }
    }

    fn verdict() -> Verdict {
        let mut verdict = Verdict::allow();
        verdict.judgement = Judgement::Block;
        verdict.level = Some(Level::High);
        (verdict.rule, verdict.category) = ("a-rule".to_owned(), "files".to_owned());
        (verdict.operation, verdict.reason) = ("an operation".to_owned(), "a reason".to_owned());
        verdict.suggestions = vec!["another way".to_owned()];
        verdict
    }

    /// Every kind, with the keys that the contract of the C ABI names.
    #[test]
    fn each_kind_has_its_keys() {
        let text = || "a \"b\"\n\u{0}".to_owned();
        let called = json!({"id": "t1", "name": "Bash", "input": {"command": "ls"}, "summary": "ls", "parent": "t0"});
        let table = [
            (
                EventKind::Thinking(text()),
                json!({"type": "thinking", "text": text()}),
            ),
            (
                EventKind::Answer(text()),
                json!({"type": "answer", "text": text()}),
            ),
            (
                EventKind::ThinkingDelta(text()),
                json!({"type": "thinking_delta", "text": text()}),
            ),
            (
                EventKind::AnswerDelta(text()),
                json!({"type": "answer_delta", "text": text()}),
            ),
            (
                EventKind::Raw(text()),
                json!({"type": "raw", "line": text()}),
            ),
            (
                EventKind::SessionStart(Box::new(SessionStart {
                    agent_session_id: "u".to_owned(),
                    resumed: true,
                    model: Some("m".to_owned()),
                    tools: vec!["Bash".to_owned()],
                    cwd: None,
                    pid: Some(12),
                })),
                json!({"type": "session_start", "agent_session_id": "u", "resumed": true,
                    "model": "m", "tools": ["Bash"], "cwd": null, "pid": 12}),
            ),
            (
                EventKind::ToolUse(Box::new(tool())),
                json!({"type": "tool_use", "tool": called}),
            ),
            (
                EventKind::ToolResult(Box::new(ToolResult {
                    id: "t1".to_owned(),
                    name: "Bash".to_owned(),
                    text: text(),
                    is_error: true,
                    duration: Duration::from_millis(5),
                })),
                json!({"type": "tool_result", "tool": {"id": "t1", "name": "Bash"}, "text": text(),
                    "is_error": true, "duration_ms": 5}),
            ),
            (
                EventKind::PermissionRequest(Box::new(PermissionRequest {
                    request_id: "r".to_owned(),
                    tool: tool(),
                    reason: None,
                })),
                json!({"type": "permission_request", "request_id": "r", "tool": called, "reason": null}),
            ),
            (
                EventKind::DangerBlock(Box::new(DangerBlock {
                    verdict: verdict(),
                    tool: Some(tool()),
                })),
                json!({"type": "danger_block", "operation": "an operation", "reason": "a reason",
                    "rule": "a-rule", "level": "high", "category": "files",
                    "suggestions": ["another way"], "tool": called}),
            ),
            (
                EventKind::Notice(Box::new(Notice {
                    level: NoticeLevel::Warning,
                    code: NoticeCode::NotJson,
                    text: text(),
                })),
                json!({"type": "notice", "level": "warning", "code": "not_json", "text": text()}),
            ),
        ];
        for (kind, expected) in table {
            assert_eq!(read(kind), expected);
        }
    }

    #[test]
    fn an_end_has_the_figures_of_its_turn() {
        let stats = TurnStats {
            total: Duration::from_millis(20),
            ..TurnStats::default()
        };
        let end = TurnEnd {
            outcome: Outcome::Crashed,
            error: Some(Error::new(ErrorKind::Crashed, "it died")),
            result: None,
            stats,
        };
        let value = read(EventKind::TurnEnd(Box::new(end)));
        assert_eq!(value["outcome"], "crashed");
        assert_eq!(
            value["error"],
            json!({"kind": "crashed", "message": "it died"})
        );
        assert_eq!(value["stats"]["total_duration_ms"], 20);
        assert_eq!(value["stats"]["is_error"], true);
        assert_eq!(value["stats"]["error_message"], "it died");
    }

    #[test]
    fn what_belongs_to_no_turn_has_turn_0() {
        let event = Event {
            turn: None,
            tag: 0,
            session: SessionId::of_no_session(),
            at: Duration::ZERO,
            kind: EventKind::Raw(String::new()),
        };
        let expected = r#"{"type":"raw","turn":0,"session_id":"","t_ms":0,"line":""}"#;
        assert_eq!(event.to_json(), expected);
    }
}
