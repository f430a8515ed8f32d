//! Any agent, of which nothing is known.

use serde_json::Value;

use super::{Profile, SystemPromptBy, Tools};
use crate::project::ProjectFiles;
use crate::stats::ToolGate;

pub(super) const PROFILE: Profile = Profile {
    name: "acp",
    program: "",
    arguments: &[],
    engine_files: &[],
    starts_beside: false,
    has_git_of_its_own: false,
    start_arguments: |_| Vec::new(),
    file_arguments: &[],
    tested: &[],
    gate: ToolGate::AsksOnly,
    plugin: None,
    mode: None,
    plan_mode: Some("plan"),
    plans_unpinned: false,
    meta: |_| Value::Null,
    system_prompt: SystemPromptBy::FirstPrompt,
    tools: Tools::ByKind,
    outlives_input: false,
    swallows_commands: false,
    works_on_after_errors: false,
    no_conversation: &["not found", "No previous sessions", "no rollout found"],
    contended: &[],
    project_files: ProjectFiles {
        instructions: &[],
        others: &[],
        above: &[],
        skills: &[],
        opened: &[],
    },
    told_last: None,
    removed: &[],
    set: &[],
    pinned: |_| &[],
    held_empty: &[],
    obstacles: &[],
    begun_in_minute: |_, _| None,
    state: |_| None,
    own_directory: "",
};
