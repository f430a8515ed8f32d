//! Calls of Gemini's tools, which are told without their input. What of it can be known stands in the
//! title (a command), in the paths, or in a text for a person.
//!
//! By 0.61.0. The tool's name is how the name of the call begins; see `handlePendingFunctionCall`
//! there. The model can choose what follows, and cannot choose that. So that lists of tools and
//! callers meet the names they know, tools are called as Claude Code calls those that do the same.

use serde_json::{Map, Value, json};

use crate::event::ToolUse;
use hotplex_guard::ToolEffect;

/// The agent's names, and Claude Code's.
const NAMES: [(&str, &str); 11] = [
    ("run_shell_command", "Bash"),
    ("write_file", "Write"),
    ("replace", "Edit"),
    ("read_file", "Read"),
    ("read_many_files", "Read"),
    ("glob", "Glob"),
    ("grep_search", "Grep"),
    ("list_directory", "LS"),
    ("web_fetch", "WebFetch"),
    ("google_web_search", "WebSearch"),
    ("write_todos", "TodoWrite"),
];

/// How the tools of servers are called.
const OF_A_SERVER: &str = "mcp_";

/// A command is not run where the session is, but here; the text goes on behind the directory.
const ELSEWHERE: &str = "[in ";

/// What the agent tells of a call.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) id: &'a str,
    pub(super) kind: &'a str,
    pub(super) title: &'a str,
    pub(super) path: Option<&'a str>,
    /// The text for a person.
    pub(super) text: Option<&'a str>,
}

/// Claude Code's name of the tool, and the agent's where it has no such tool.
pub(super) fn name(call: Told<'_>) -> &str {
    let own = own_name(call);
    let known = NAMES.iter().find(|(theirs, _)| *theirs == own);
    known.map_or(own, |(_, name)| name)
}

fn own_name(call: Told<'_>) -> &str {
    let name = call.id.split_once("__").map(|(name, _)| name);
    name.filter(|name| !name.is_empty()).unwrap_or(call.kind)
}

/// A search of the web leaves the machine; a list of what is to be done needs no leave.
pub(super) fn kind(call: Told<'_>) -> &str {
    match own_name(call) {
        "google_web_search" => "fetch",
        "write_todos" => "think",
        _ => call.kind,
    }
}

/// The input, as far as it is told.
pub(super) fn input(call: Told<'_>) -> Value {
    let own = own_name(call);
    let mut members = match own.starts_with(OF_A_SERVER) {
        true => of_server(call),
        false => Map::new(),
    };
    let mut add = |name: &str, text: &str| members.insert(name.to_owned(), json!(text));
    match (own, call.path) {
        ("run_shell_command", _) => {
            add("command", call.title);
            if let Some(directory) = directory(call) {
                add("dir_path", directory);
            }
        }
        ("web_fetch" | "google_web_search", _) => {
            add("prompt", call.title);
        }
        (_, Some(path)) => {
            add("file_path", path);
        }
        _ => {}
    }
    Value::Object(members)
}

/// A long input is not told.
fn of_server(call: Told<'_>) -> Map<String, Value> {
    let told = call.text.map(serde_json::from_str);
    match told {
        Some(Ok(Value::Object(members))) => members,
        Some(_) => Map::from_iter([("not_told".to_owned(), Value::Bool(true))]),
        None => Map::new(),
    }
}

fn directory(call: Told<'_>) -> Option<&str> {
    let text = call.text?.strip_prefix(ELSEWHERE)?;
    text.split_once(']').map(|(directory, _)| directory)
}

/// # Errors
/// The input of a server's tool was too long to be told.
pub(super) fn check(tool: &ToolUse) -> Result<(), String> {
    let is_told = !tool.name.starts_with(OF_A_SERVER) || tool.input.get("not_told").is_none();
    match is_told {
        true => Ok(()),
        false => Err("the agent does not tell an input of more than 500 characters".to_owned()),
    }
}

/// A command does what it does where it runs.
pub(super) fn where_it_runs(effect: ToolEffect, tool: &ToolUse) -> ToolEffect {
    let directory = tool.input.get("dir_path").and_then(Value::as_str);
    match (effect, directory) {
        (ToolEffect::Run(command), Some(directory)) => {
            let directory = directory.replace('\'', r"'\''");
            ToolEffect::Run(format!("cd '{directory}' && {{\n{command}\n}}"))
        }
        (effect, _) => effect,
    }
}
