//! Any agent, of which nothing is known.

use super::{Profile, SystemPromptBy, Tools};
use crate::project::ProjectFiles;
use crate::stats::ToolGate;

pub(super) const PROFILE: Profile = Profile {
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
};
