//! The words of Codex's hooks: a question in JSON, answered by a line that is empty for a yes.

use serde_json::Value;

use super::calls::CallUpdate;
use super::codex;
use super::open_hooks::Asked;
use crate::provider::codex::call_of;
use crate::provider::summary::one_line;

/// Longest reason of a denial, in characters.
const REASON_AT_MOST: usize = 2000;

pub(super) fn read(request: &str) -> Option<Asked> {
    let asked: Value = serde_json::from_str(request).ok()?;
    if asked.get("hook_event_name")?.as_str()? == "UserPromptSubmit" {
        return Some(Asked::Prompt);
    }
    let (tool, current_dir) = call_of(&asked)?;
    let paths = codex::paths(&tool);
    let kind = codex::kind(&tool.name);
    let update = CallUpdate::whole(tool.id, tool.name, kind, tool.input).changing(&paths);
    Some(Asked::Call(Box::new(update), current_dir))
}

pub(super) fn allowed() -> String {
    String::new()
}

pub(super) fn denied(why: &str) -> String {
    match one_line(why, REASON_AT_MOST) {
        reason if reason.is_empty() => "denied".to_owned(),
        reason => reason,
    }
}
