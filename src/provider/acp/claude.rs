//! Claude Code's tools as its hook names them, behind ACP.

use serde_json::Value;

use crate::event::ToolUse;
use crate::provider::codex;

/// What is known of tools, as the protocol names kinds. Those that are not named ask the caller.
const KINDS: [(&str, &str); 14] = [
    ("Bash", "execute"),
    ("Read", "read"),
    ("Glob", "search"),
    ("Grep", "search"),
    ("LS", "search"),
    ("Write", "edit"),
    ("Edit", "edit"),
    ("MultiEdit", "edit"),
    ("NotebookEdit", "edit"),
    ("WebFetch", "fetch"),
    ("WebSearch", "fetch"),
    ("TodoWrite", "think"),
    ("Task", "think"),
    ("Agent", "think"),
];

pub(super) fn kind(name: &str) -> &'static str {
    let known = KINDS.iter().find(|(known, _)| *known == name);
    known.map_or("other", |(_, kind)| kind)
}

/// The file that a call changes or reads.
pub(super) fn paths(tool: &ToolUse) -> Vec<String> {
    let members = ["file_path", "notebook_path"].into_iter();
    let paths = members.filter_map(|member| tool.input.get(member)?.as_str());
    paths.map(str::to_owned).collect()
}

/// A question about a call that the hook has asked about, told as it would run now.
pub(super) fn asked(hooked: &ToolUse, input: &Value) -> (ToolUse, bool) {
    let tool = codex::call(hooked.id.clone(), hooked.name.clone(), input.clone());
    let is_same = tool.input == hooked.input;
    (tool, is_same)
}
