//! Claude behind ACP.

use super::{Profile, SystemPromptBy, Tools};
use crate::project::Project;
use crate::provider::claude;
use crate::stats::ToolGate;

/// 0.101.0. By itself it starts in the mode `auto`, in which it asks for nothing.
pub(super) const PROFILE: Profile = Profile {
    name: "claude-agent-acp",
    program: "claude-agent-acp",
    arguments: &[],
    engine_files: &[],
    start_arguments: |_| Vec::new(),
    file_arguments: &[],
    tested: &["0.101.0"],
    gate: ToolGate::EveryCall,
    plugin: None,
    mode: Some("default"),
    plan_mode: Some("plan"),
    meta: |project| match project {
        Project::Trusted => CLAUDE_TRUSTED,
        _ => CLAUDE_PINNED,
    },
    system_prompt: SystemPromptBy::SessionParameter,
    tools: Tools::ClaudeCode,
    outlives_input: false,
    swallows_commands: false,
    no_conversation: &["Resource not found"],
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
const CLAUDE_PINNED: &str = r#"{"claudeCode":{"options":{"settingSources":["user"],"strictMcpConfig":true,"settings":{"hooks":{"PreToolUse":[{"matcher":"","hooks":[{"type":"command","command":"echo '{\"hookSpecificOutput\":{\"hookEventName\":\"PreToolUse\",\"permissionDecision\":\"ask\"}}'"}]}]}},"managedSettings":{"permissions":{"ask":["Bash","PowerShell","Monitor","Write","Edit","MultiEdit","NotebookEdit","Read","Glob","Grep","LS","WebFetch","WebSearch","Agent","Task","Skill","SlashCommand","mcp__*"],"disableBypassPermissionsMode":"disable"}}}}}"#;

/// The same with all that the project brings.
const CLAUDE_TRUSTED: &str = r#"{"claudeCode":{"options":{"settingSources":["user","project","local"],"settings":{"hooks":{"PreToolUse":[{"matcher":"","hooks":[{"type":"command","command":"echo '{\"hookSpecificOutput\":{\"hookEventName\":\"PreToolUse\",\"permissionDecision\":\"ask\"}}'"}]}]}},"managedSettings":{"permissions":{"ask":["Bash","PowerShell","Monitor","Write","Edit","MultiEdit","NotebookEdit","Read","Glob","Grep","LS","WebFetch","WebSearch","Agent","Task","Skill","SlashCommand","mcp__*"],"disableBypassPermissionsMode":"disable"}}}}}"#;
