//! What is particular to each agent: a row of data.
//!
//! To add an agent is to add a row, and to name it in [`table`]. A row whose gate is [`ToolGate::EveryCall`] claims that, with
//! what the row pins, nothing runs without a question; that has to be shown with the real program,
//! with a hostile project (`tests/real`). Until then the gate is [`ToolGate::AsksOnly`].

mod any;
mod claude;
mod codex;
mod gemini;
mod opencode;
pub(in crate::provider) mod table;

use std::ffi::OsString;
use std::time::SystemTime;

use serde_json::Value;

use crate::agent_files::AgentFiles;
use crate::project::{Project, ProjectFiles};
use crate::provider::{EngineFile, FileOfProject, Obstacle, Start, User};
use crate::stats::ToolGate;

/// One agent.
pub(in crate::provider) struct Profile {
    /// The name in options.
    pub(in crate::provider) name: &'static str,
    /// The program; empty where the caller has to name it.
    pub(super) program: &'static str,
    pub(super) arguments: &'static [&'static str],
    /// Files of the engine's own for each process: name and content.
    pub(super) engine_files: &'static [(&'static str, &'static str)],
    /// Flags that are followed by the path of one of these files.
    pub(super) file_arguments: &'static [(&'static str, &'static str)],
    /// Whether a project below `trusted` would be obeyed by the agent's runtime where it is started.
    pub(super) starts_beside: bool,
    /// Whether it asks git about its work directory by itself: see
    /// [`Provider::has_git_of_its_own`](crate::provider::Provider::has_git_of_its_own).
    pub(super) has_git_of_its_own: bool,
    /// Arguments that differ from process to process.
    pub(super) start_arguments: fn(&Start<'_>) -> Vec<String>,
    /// The releases with which the row was shown to hold.
    pub(super) tested: &'static [&'static str],
    pub(super) gate: ToolGate,
    /// Asks before each call, where the agent itself does not.
    pub(super) plugin: Option<&'static Plugin>,
    /// The agent's own mode that is set at each start; what is asked in it is judged by us.
    pub(super) mode: Option<&'static str>,
    /// The agent's own mode in which it only plans.
    pub(super) plan_mode: Option<&'static str>,
    /// In that mode its own git is not held off what a repository names: the jail alone holds it.
    pub(super) plans_unpinned: bool,
    /// What is sent as `_meta` with each session, if anything is.
    pub(super) meta: fn(Project) -> Value,
    pub(super) system_prompt: SystemPromptBy,
    pub(super) tools: Tools,
    /// A prompt that begins with a slash and names no command of the agent's ends without an answer.
    pub(super) swallows_commands: bool,
    /// An error that answers a prompt comes before the agent has ended its work on it, and a prompt that comes
    /// then is taken into that work: nobody answers it. A cancel ends the work.
    pub(super) works_on_after_errors: bool,
    /// The agent does not end when its input does.
    pub(super) outlives_input: bool,
    /// A part of the error that says that a conversation is not there.
    pub(super) no_conversation: &'static [&'static str],
    /// Parts of what it writes to stderr and ends, if others start at the same time.
    pub(super) contended: &'static [&'static str],
    pub(super) project_files: ProjectFiles,
    /// What the agent tells last of a conversation that it has taken up, if that comes after its answer.
    pub(super) told_last: Option<&'static str>,
    /// Variables that the agent must not inherit.
    pub(super) removed: &'static [&'static str],
    /// Variables that are set unless the caller sets them.
    pub(super) set: &'static [(&'static str, &'static str)],
    /// Variables that hold the agent off the project, or let it have it.
    pub(super) pinned: fn(Project) -> &'static [(&'static str, &'static str)],
    /// Variables that a project below `trusted` would fill.
    pub(super) held_empty: &'static [&'static str],
    pub(super) obstacles: &'static [Obstacle],
    /// A file that tells that a conversation was begun in this clock minute, in which it cannot be
    /// taken up.
    pub(super) begun_in_minute: fn(&User<'_>, SystemTime) -> Option<FileOfProject>,
    pub(super) state: fn(&User<'_>) -> Option<AgentFiles>,
    /// The agent's own directory in a home.
    pub(super) own_directory: &'static str,
}

/// Something of ours that runs in the agent, or that it runs, and that asks over a socket before each
/// call of a tool.
pub(super) struct Plugin {
    pub(super) words: Words,
    /// A prompt that it keeps from the model, and greets by that; empty where it greets by itself.
    pub(super) probe: &'static str,
    /// The agent asks about less without it: it gets no prompt before that has greeted.
    pub(super) must_greet: bool,
    pub(super) files: fn(&Start<'_>) -> Vec<EngineFile>,
    /// How the agent is made to load it.
    pub(super) variables: fn(&Start<'_>) -> Vec<(&'static str, OsString)>,
}

/// In which words a plugin asks and is answered, and what the agent does about it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// Those of the plugin for OpenCode. What it forbids does not run, and it cannot be passed over once
    /// it has greeted.
    OpenCode,
    /// Those of Claude Code's hooks. Rules have it ask again about every call, also where a hook failed,
    /// and it tells what came of one that was denied.
    ClaudeCode,
    /// Those of Codex's hooks. Codex asks again by itself about some calls, says nothing of one that was
    /// denied, and takes a hook that failed for one that has nothing against the call.
    Codex,
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
    /// They are Codex's.
    Codex,
    /// They are Gemini's, told by Claude Code's names.
    Gemini,
    /// They are OpenCode's, told by Claude Code's names.
    OpenCode,
}
