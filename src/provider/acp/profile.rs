//! What is particular to each agent: a row of data.
//!
//! To add an agent is to add a row. A row whose gate is [`ToolGate::EveryCall`] claims that, with
//! what the row pins, nothing runs without a question; that has to be shown with the real program,
//! with a hostile project (`tests/real`). Until then the gate is [`ToolGate::AsksOnly`].

use super::super::claude;
use crate::project::{Project, ProjectFiles};
use crate::provider::User;
use crate::state::State;
use crate::stats::ToolGate;

/// One agent.
pub(in crate::provider) struct Profile {
    /// The name in options.
    pub(in crate::provider) name: &'static str,
    /// The program; empty where the caller has to name it.
    pub(super) program: &'static str,
    pub(super) arguments: &'static [&'static str],
    /// The releases with which the row was shown to hold.
    pub(super) tested: &'static [&'static str],
    pub(super) gate: ToolGate,
    /// The agent's own mode that is set at each start; what is asked in it is judged by us.
    pub(super) mode: Option<&'static str>,
    /// The agent's own mode in which it only plans.
    pub(super) plan_mode: Option<&'static str>,
    /// What is sent as `_meta` with each session, as JSON; empty for nothing.
    pub(super) meta: fn(Project) -> &'static str,
    pub(super) system_prompt: SystemPromptBy,
    pub(super) tools: Tools,
    /// A part of the error that says that a conversation is not there.
    pub(super) no_conversation: &'static [&'static str],
    pub(super) project_files: ProjectFiles,
    /// Variables that the agent must not inherit.
    pub(super) removed: &'static [&'static str],
    /// Variables that hold the agent off the project.
    pub(super) pinned: &'static [(&'static str, &'static str)],
    pub(super) state: fn(&User<'_>) -> Option<State>,
    /// The agent's own directory in a home.
    pub(super) own_directory: &'static str,
}

/// How the words for the system prompt reach the agent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum SystemPromptBy {
    /// Before the first prompt of a new conversation.
    FirstPrompt,
    /// As the parameter `systemPrompt` of each session.
    SessionParameter,
}

/// What is known of the agent's tools.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tools {
    /// Their kind, as the protocol tells it.
    ByKind,
    /// They are Claude Code's, by its names.
    ClaudeCode,
}

/// The agents that are known, and under `acp` all others.
pub(in crate::provider) static PROFILES: [Profile; 2] = [
    Profile {
        name: "acp",
        program: "",
        arguments: &[],
        tested: &[],
        gate: ToolGate::AsksOnly,
        mode: None,
        plan_mode: Some("plan"),
        meta: |_| "",
        system_prompt: SystemPromptBy::FirstPrompt,
        tools: Tools::ByKind,
        no_conversation: &["not found", "No previous sessions", "no rollout found"],
        project_files: ProjectFiles {
            instructions: &[],
            others: &[],
            above: &[],
        },
        removed: &[],
        pinned: &[],
        state: |_| None,
        own_directory: "",
    },
    // 0.101.0. By itself it starts in the mode `auto`, in which it asks for nothing.
    Profile {
        name: "claude-agent-acp",
        program: "claude-agent-acp",
        arguments: &[],
        tested: &["0.101.0"],
        gate: ToolGate::EveryCall,
        mode: Some("default"),
        plan_mode: Some("plan"),
        meta: |project| match project {
            Project::Trusted => CLAUDE_TRUSTED,
            _ => CLAUDE_PINNED,
        },
        system_prompt: SystemPromptBy::SessionParameter,
        tools: Tools::ClaudeCode,
        no_conversation: &["Resource not found"],
        project_files: claude::PROJECT_FILES,
        removed: &claude::INHERITED_FROM_AN_OUTER_AGENT,
        pinned: claude::PINNED,
        state: claude::state_of,
        own_directory: ".claude",
    },
];

/// Two switches, of which each sends every call to `session/request_permission`: rules of the
/// highest source, which no other source takes back, and a hook that says `ask`, for tools that have
/// no rule. Without the project's sources its servers, hooks and environment are not loaded.
const CLAUDE_PINNED: &str = r#"{"claudeCode":{"options":{"settingSources":["user"],"strictMcpConfig":true,"settings":{"hooks":{"PreToolUse":[{"matcher":"","hooks":[{"type":"command","command":"echo '{\"hookSpecificOutput\":{\"hookEventName\":\"PreToolUse\",\"permissionDecision\":\"ask\"}}'"}]}]}},"managedSettings":{"permissions":{"ask":["Bash","PowerShell","Monitor","Write","Edit","MultiEdit","NotebookEdit","Read","Glob","Grep","LS","WebFetch","WebSearch","Agent","Task","Skill","SlashCommand","mcp__*"],"disableBypassPermissionsMode":"disable"}}}}}"#;

/// The same with all that the project brings.
const CLAUDE_TRUSTED: &str = r#"{"claudeCode":{"options":{"settingSources":["user","project","local"],"settings":{"hooks":{"PreToolUse":[{"matcher":"","hooks":[{"type":"command","command":"echo '{\"hookSpecificOutput\":{\"hookEventName\":\"PreToolUse\",\"permissionDecision\":\"ask\"}}'"}]}]}},"managedSettings":{"permissions":{"ask":["Bash","PowerShell","Monitor","Write","Edit","MultiEdit","NotebookEdit","Read","Glob","Grep","LS","WebFetch","WebSearch","Agent","Task","Skill","SlashCommand","mcp__*"],"disableBypassPermissionsMode":"disable"}}}}}"#;
