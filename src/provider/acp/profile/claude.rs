//! Claude behind ACP.

use serde_json::{Value, json};

use super::{Plugin, Profile, SystemPromptBy, Tools, Words};
use crate::project::Project;
use crate::provider::{claude, hooks};
use crate::stats::ToolGate;

/// 0.101.0. By itself it starts in the mode `auto`, in which it asks for nothing.
pub(super) const PROFILE: Profile = Profile {
    name: "claude-agent-acp",
    program: "claude-agent-acp",
    arguments: &[],
    engine_files: &[],
    starts_beside: false,
    has_git_of_its_own: true,
    start_arguments: |_| Vec::new(),
    file_arguments: &[],
    tested: &["0.101.0"],
    gate: ToolGate::EveryCall,
    plugin: Some(&Plugin {
        words: Words::ClaudeCode,
        probe: "",
        must_greet: false,
        files: |start| {
            let tools = claude::tool_variables::file(start);
            tools.into_iter().chain([hooks::program()]).collect()
        },
        variables: |start| {
            let tools = claude::tool_variables::variables(start);
            tools.into_iter().chain(hooks::variables(start)).collect()
        },
    }),
    mode: Some("default"),
    plan_mode: Some("plan"),
    // It asks for one more status there, and clears the environment of what git is told (0.101.0).
    plans_unpinned: true,
    meta,
    system_prompt: SystemPromptBy::SessionParameter,
    tools: Tools::ClaudeCode,
    outlives_input: false,
    swallows_commands: false,
    works_on_after_errors: false,
    no_conversation: &["Resource not found"],
    contended: &[],
    project_files: claude::PROJECT_FILES,
    told_last: None,
    removed: &claude::INHERITED_FROM_AN_OUTER_AGENT,
    set: &[],
    pinned: |project| match project {
        Project::Trusted => &[],
        _ => claude::PINNED,
    },
    held_empty: &[],
    obstacles: &[],
    begun_in_minute: |_, _| None,
    state: claude::state_of,
    own_directory: ".claude",
};

/// Two switches, of which each sends every call to `session/request_permission`: rules of the
/// highest source, which no other source takes back, and a hook that says `ask`, for tools that have
/// no rule. Without the project's sources its servers, hooks and environment are not loaded.
///
/// A second hook asks the engine and the caller, and denies with their reason, which goes before an `ask`. It
/// may fail, and Claude Code passes over one that does: then the switches ask alone.
fn meta(project: Project) -> Value {
    let sources: &[&str] = match project {
        Project::Trusted => &["user", "project", "local"],
        _ => &["user"],
    };
    let asks = json!({"type": "command", "command": format!("echo '{ASK}'")});
    let gate = json!({"type": "command", "command": hooks::PATIENT_COMMAND, "timeout": TIMEOUT});
    let mut options = json!({
        "settingSources": sources,
        "settings": {"hooks": {"PreToolUse": [{"matcher": "", "hooks": [asks, gate]}]}},
        "managedSettings": {"permissions": {
            "ask": ASKED_ABOUT,
            "disableBypassPermissionsMode": "disable",
        }},
    });
    if project != Project::Trusted {
        options["strictMcpConfig"] = json!(true);
    }
    json!({"claudeCode": {"options": options}})
}

/// What a hook says that has nothing against a call.
const ASK: &str =
    r#"{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"ask"}}"#;

/// How long Claude Code waits for the hook, in seconds. The command is through before.
const TIMEOUT: u32 = 604_830;

/// Without them a call that the hook failed on would run unasked.
const ASKED_ABOUT: [&str; 18] = [
    "Bash",
    "PowerShell",
    "Monitor",
    "Write",
    "Edit",
    "MultiEdit",
    "NotebookEdit",
    "Read",
    "Glob",
    "Grep",
    "LS",
    "WebFetch",
    "WebSearch",
    "Agent",
    "Task",
    "Skill",
    "SlashCommand",
    "mcp__*",
];
