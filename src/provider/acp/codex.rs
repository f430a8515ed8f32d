//! What Codex behind ACP tells of a call, in the words of its hook.
//!
//! By 0.16.0: `rawInput` and `rawOutput` are Codex's own events.

use serde_json::{Value, json};

use super::shell_words;
use crate::event::ToolUse;
use crate::provider::codex;

/// What is known of tools by their names in hooks, as the protocol names kinds.
const KINDS: [(&str, &str); 7] = [
    ("Bash", "execute"),
    (PATCH, "edit"),
    ("view_image", "read"),
    ("update_plan", "think"),
    ("get_goal", "think"),
    ("tool_search", "think"),
    ("request_user_input", "think"),
];

const PATCH: &str = "apply_patch";

pub(super) fn kind(name: &str) -> &'static str {
    let known = KINDS.iter().find(|(known, _)| *known == name);
    known.map_or("other", |(_, kind)| kind)
}

/// The files that a call of this name changes or reads, by what its hook says.
pub(super) fn paths(tool: &ToolUse) -> Vec<String> {
    let text = |member: &str| tool.input.get(member).and_then(Value::as_str);
    match tool.name.as_str() {
        PATCH => {
            let effects = codex::patched(text("command").unwrap_or_default());
            let effects = effects.unwrap_or_default().into_iter();
            let path = |effect| match effect {
                hotplex_guard::ToolEffect::Write(path) => Some(path),
                _ => None,
            };
            effects.filter_map(path).collect()
        }
        _ => text("path").map(str::to_owned).into_iter().collect(),
    }
}

/// Name and input of the call that such an event is of; `None` if it is of none that has a hook.
pub(super) fn told(event: &Value) -> Option<(String, Value)> {
    if let Some(words) = event.get("command").and_then(Value::as_array) {
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        let command = match words[..] {
            [_, "-lc" | "-c", text] => text.to_owned(),
            _ => shell_words::command(words),
        };
        let input = json!({"command": command, "cwd": event.get("cwd")});
        return Some(("Bash".to_owned(), input));
    }
    if let Some(changes) = event.get("changes").and_then(Value::as_object) {
        let change = |(path, kind): (&String, &Value)| json!({"path": path, "kind": kind});
        let changes: Vec<Value> = changes.iter().map(change).collect();
        return Some((PATCH.to_owned(), json!({"changes": changes})));
    }
    let text = |member: &str| event.get(member)?.as_str();
    let (server, tool) = (text("server")?, text("tool")?);
    let input = event.get("arguments").cloned().unwrap_or_default();
    Some((format!("mcp__{server}__{tool}"), input))
}

/// A question of Codex's own about a call that its hook has let pass: what would run by it, and whether
/// that is what the hook saw, in other words. `hooked` is the call as the hook told it.
pub(super) fn asked(hooked: &ToolUse, event: &Value) -> Option<(ToolUse, bool)> {
    if let Some(input) = event.pointer("/request/_meta/tool_params") {
        let tool = codex::call(hooked.id.clone(), hooked.name.clone(), input.clone());
        let is_same = tool.input == hooked.input;
        return Some((tool, is_same));
    }
    let (name, input) = told(event)?;
    let command = |input: &Value| input.get("command").cloned();
    // A patch that a shell applies is a command for the hook.
    let is_same = name == PATCH || name == hooked.name && command(&input) == command(&hooked.input);
    let tool = codex::call(hooked.id.clone(), name, input);
    Some((tool, is_same))
}
