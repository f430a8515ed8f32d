//! The words of hooks that are commands, of Claude Code's and of Codex's: a question in JSON, answered by a
//! line that is empty for a yes.

use serde_json::Value;

use super::calls::CallUpdate;
use super::open_hooks::HookQuestion;
use crate::event::ToolUse;
use crate::provider::codex::call_of;
use crate::provider::summary::one_line;

/// Longest reason of a denial, in characters.
const REASON_AT_MOST: usize = 2000;

/// `kind` and `paths` say what is known of a tool, and which files its call names.
pub(super) fn read(
    request: &str,
    kind: fn(&str) -> &'static str,
    paths: fn(&ToolUse) -> Vec<String>,
) -> Option<HookQuestion> {
    let asked: Value = serde_json::from_str(request).ok()?;
    if asked.get("hook_event_name")?.as_str()? == "UserPromptSubmit" {
        return Some(HookQuestion::Prompt);
    }
    let (tool, current_dir) = call_of(&asked)?;
    let (kind, paths) = (kind(&tool.name), paths(&tool));
    let update = CallUpdate::whole(tool.id, tool.name, kind, tool.input).changing(&paths);
    Some(HookQuestion::Call(Box::new(update), current_dir))
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
