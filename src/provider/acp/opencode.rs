//! OpenCode's tools: what they are called, what is in their inputs, and what they do.
//!
//! By 1.18.33. So that lists of tools and callers meet the names they know, tools and what is in their
//! inputs are called as in Claude Code where that has the like.

use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::calls::{self, CallUpdate};
use super::open_hooks::{Called, HookQuestion};
use super::shell_words::quoted;
use crate::event::ToolUse;
use crate::provider::mend;
use hotplex_guard::{ToolEffect, claude_code};

/// The agent's name, Claude Code's, and the kind of tool, as the protocol names kinds.
const TOOLS: [(&str, &str, &str); 11] = [
    ("bash", "Bash", "execute"),
    ("write", "Write", "edit"),
    ("edit", "Edit", "edit"),
    (PATCH, PATCH, "edit"),
    ("read", "Read", "read"),
    ("glob", "Glob", "search"),
    ("grep", "Grep", "search"),
    ("webfetch", "WebFetch", "fetch"),
    ("task", "Task", "think"),
    ("skill", "Skill", "think"),
    ("todowrite", "TodoWrite", "think"),
];

const PATCH: &str = "apply_patch";

/// Names in inputs, and Claude Code's.
const MEMBERS: [(&str, &str); 4] = [
    ("filePath", "file_path"),
    ("oldString", "old_string"),
    ("newString", "new_string"),
    ("replaceAll", "replace_all"),
];

/// Files that are shown with the one that is read.
const BESIDE: &str = "beside";

/// Where a command runs, if that is not where the session is.
const WORK_DIR: &str = "workdir";

/// What the plugin writes.
#[derive(Deserialize)]
#[serde(untagged)]
enum Said {
    Greeting {
        hello: String,
        /// What of the project the agent would run by itself.
        #[serde(default)]
        runs: Option<String>,
    },
    Call(Called),
}

pub(super) fn read(request: &str, work_dir: &Path) -> Option<HookQuestion> {
    let value = RawValue::from_string(request.to_owned()).ok()?;
    match mend::read(&value).ok()? {
        Said::Greeting { hello, runs } => {
            log::debug!("the guard plugin is loaded in {hello}");
            Some(HookQuestion::Greeting(runs))
        }
        Said::Call(called) => Some(HookQuestion::Call(Box::new(call(called, work_dir)), None)),
    }
}

/// The plugin takes this for a yes, and all else for a no.
pub(super) fn allowed() -> String {
    json!({"allow": true}).to_string()
}

pub(super) fn denied(why: &str) -> String {
    json!({"deny": why}).to_string()
}

/// What is told of a call.
pub(super) fn call(called: Called, work_dir: &Path) -> CallUpdate {
    let known = TOOLS.iter().find(|(own, _, _)| *own == called.tool);
    let (name, kind) = known.map_or((called.tool.as_str(), "other"), |(_, name, kind)| {
        (*name, *kind)
    });
    let mut input = match called.args {
        Value::Object(members) => members,
        Value::Null => Map::new(),
        other => Map::from_iter([("input".to_owned(), other)]),
    };
    if known.is_some() {
        rename(&mut input);
    }
    if name == "Skill"
        && let Some(skill) = input.remove("name")
    {
        input.insert("skill".to_owned(), skill);
    }
    if input.get(WORK_DIR).and_then(Value::as_str).map(Path::new) == Some(work_dir) {
        input.remove(WORK_DIR);
    }
    if !called.beside.is_empty() {
        input.insert(BESIDE.to_owned(), json!(called.beside));
    }
    let input = Value::Object(input);
    let changed = changed(name, &input).unwrap_or_default();
    CallUpdate::whole(called.call, name.to_owned(), kind, input).changing(&changed)
}

fn rename(input: &mut Map<String, Value>) {
    for (own, name) in MEMBERS {
        if let Some(value) = input.remove(own) {
            input.insert(name.to_owned(), value);
        }
    }
}

fn text<'a>(input: &'a Value, member: &str) -> Option<&'a str> {
    input.get(member)?.as_str()
}

/// The files that a call changes, of those that change files.
fn changed(name: &str, input: &Value) -> Option<Vec<String>> {
    match name {
        "Write" | "Edit" => Some(vec![text(input, "file_path")?.to_owned()]),
        PATCH => Some(patched(text(input, "patchText")?)),
        _ => None,
    }
}

/// The files of a patch, by the lines that name one wherever they stand: more than the agent takes from
/// it, and never less.
fn patched(patch: &str) -> Vec<String> {
    const HEADS: [&str; 4] = ["Add File:", "Delete File:", "Update File:", "Move to:"];
    let named = |line: &str| {
        let head = line.trim_start().strip_prefix("*** ")?;
        let found = HEADS.iter().find_map(|known| head.strip_prefix(known))?;
        Some(found.trim().to_owned())
    };
    patch.split(['\n', '\r']).filter_map(named).collect()
}

/// What a call does.
///
/// # Errors
/// It is malformed, or does not name each file that it changes.
pub(super) fn effects(tool: &ToolUse) -> Result<Vec<ToolEffect>, String> {
    let input = &tool.input;
    if tool.name == PATCH {
        let changed = changed(PATCH, input).filter(|paths| !paths.is_empty());
        let changed = changed.ok_or("it changes files and names none")?;
        return Ok(changed.into_iter().map(ToolEffect::Write).collect());
    }
    if !TOOLS.iter().any(|(_, name, _)| *name == tool.name) {
        return Ok(calls::commands(input));
    }
    let mut effects = claude_code::effects(&tool.name, input)?;
    if let (Some(directory), [ToolEffect::Run(command)]) = (text(input, WORK_DIR), &mut effects[..])
    {
        *command = format!("cd {} && {{\n{command}\n}}", quoted(directory));
    }
    let beside = input.get(BESIDE).and_then(Value::as_array);
    let beside = beside.into_iter().flatten().filter_map(Value::as_str);
    effects.extend(beside.map(|path| ToolEffect::Read(path.to_owned())));
    Ok(effects)
}
