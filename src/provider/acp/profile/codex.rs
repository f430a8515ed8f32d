//! Codex behind ACP: its hook asks the engine before each call, and with it the caller.
//!
//! Measured with codex-acp 0.16.0, which has an older Codex in it. It cannot be asked whether a hook is
//! trusted, as Codex's own server can. A hook that keeps a prompt from the model leaves no trace of it in the
//! conversation: so each session begins with such a prompt, and only a hook of ours that has seen it lets
//! the start go on.
//!
//! Told to ask about everything, it still runs by itself what it knows to be harmless, `uniq a b` among it,
//! and its `/review` asks about nothing; the hook sees all of these. A denial of a question of its own ends
//! the turn, and one of the hook does not: so the hook asks the caller as well. `exec_command` and
//! `write_stdin`, which types into a running program and has no hook, are off. So are sub-agents: the hook sees
//! their calls, but what Codex asks about them is lost on its way, and they wait for ever.

use serde_json::Value;

use super::{Plugin, Profile, SystemPromptBy, Tools, Words};
use crate::provider::{Start, codex, hooks};
use crate::stats::ToolGate;

pub(super) const PROFILE: Profile = Profile {
    name: "codex-acp",
    program: "codex-acp",
    arguments: &[],
    engine_files: &[],
    starts_beside: false,
    has_git_of_its_own: true,
    file_arguments: &[],
    start_arguments,
    tested: &["0.16.0"],
    gate: ToolGate::EveryCall,
    plugin: Some(&Plugin {
        words: Words::Codex,
        probe: "hotplex looks whether its hook is asked. Nobody has to answer this.",
        must_greet: true,
        files: |_| vec![hooks::program()],
        variables: hooks::variables,
    }),
    // Every mode of its own says another approval policy.
    mode: None,
    plan_mode: None,
    plans_unpinned: false,
    meta: |_| Value::Null,
    system_prompt: SystemPromptBy::FirstPrompt,
    tools: Tools::Codex,
    outlives_input: true,
    swallows_commands: false,
    // Measured with 0.16.0: of the prompts that were sent at once one in five had no answer.
    works_on_after_errors: true,
    no_conversation: &["Resource not found", "no rollout found"],
    contended: &[],
    project_files: codex::PROJECT_FILES,
    told_last: None,
    removed: &[],
    set: &[],
    pinned: |_| &[],
    held_empty: &[],
    obstacles: &[],
    begun_in_minute: |_, _| None,
    state: codex::state_of,
    own_directory: codex::DIRECTORY,
};

const PINNED: [&str; 4] = [
    "approval_policy=\"untrusted\"",
    // Its own sandbox needs a program that it does not bring, and cannot be set up inside ours.
    "sandbox_mode=\"danger-full-access\"",
    "features.unified_exec=false",
    "features.multi_agent=false",
];

fn start_arguments(start: &Start<'_>) -> Vec<String> {
    let pinned = PINNED.map(str::to_owned).into_iter();
    let gate = codex::settings(codex::GATE_AND_CALLER);
    let settings = pinned.chain(gate).chain(codex::held_off(start));
    settings
        .flat_map(|setting| ["-c".to_owned(), setting])
        .collect()
}
