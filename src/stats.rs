//! Figures about turns, sessions and the engine. Layer 0: imports nothing of ours.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::spelled::spelled;

/// Tokens of one turn, as the agent counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// Tokens read by the model that no cache held.
    pub input_tokens: u64,
    /// Tokens the model wrote.
    pub output_tokens: u64,
    /// Tokens written to the provider's prompt cache.
    pub cache_write_tokens: u64,
    /// Tokens read from the provider's prompt cache.
    pub cache_read_tokens: u64,
}

impl Usage {
    /// Numbers that an agent makes up end at the limit, and not at nothing.
    pub(crate) fn add(&mut self, other: &Usage) {
        let add = |sum: &mut u64, part: u64| *sum = sum.saturating_add(part);
        add(&mut self.input_tokens, other.input_tokens);
        add(&mut self.output_tokens, other.output_tokens);
        add(&mut self.cache_write_tokens, other.cache_write_tokens);
        add(&mut self.cache_read_tokens, other.cache_read_tokens);
    }

    /// Tokens that no cache held, and those that the model wrote.
    pub(crate) fn total(&self) -> u64 {
        self.input_tokens.saturating_add(self.output_tokens)
    }
}

/// What one turn took. Every figure is of this turn alone, never summed over the session.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct TurnStats {
    /// When the prompt was handed to the agent; `None` if it never was.
    pub started: Option<SystemTime>,
    /// When the turn ended.
    pub ended: Option<SystemTime>,
    /// From the prompt's hand-over to the end, approvals by the caller included.
    pub total: Duration,
    /// While the model thought.
    pub thinking: Duration,
    /// While at least one tool ran: wall time, so that tools that run at once count once.
    pub tools: Duration,
    /// While the model wrote its answer.
    pub generation: Duration,
    /// Tokens of the turn.
    pub usage: Usage,
    /// How many tool calls the turn made.
    pub tool_calls: u64,
    /// Names of the tools used, each once, in order of first use; the first 1000.
    pub tools_used: Vec<String>,
    /// Files that the turn's tools changed, each once, in order of first change; the first 1000.
    pub file_paths: Vec<String>,
    /// What the turn cost in US dollars, as the agent reckons it.
    pub cost_usd: f64,
    /// The model that answered, if the agent said so.
    pub model: Option<String>,
}

spelled! {
    /// What a session is doing now.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum SessionState {
        /// No process: it waits for one to be free, or for its next prompt.
        Dead = "dead",
        /// Its process is being started or has not answered the handshake yet.
        Starting = "starting",
        /// Its process waits for a prompt.
        Ready = "ready",
        /// It works on a turn.
        Busy = "busy",
        /// It waits for the caller's answer to a permission request.
        Waiting = "awaiting_approval",
        /// Its turn was cancelled or timed out; it waits for the agent to let go.
        Stopping = "stopping",
        /// Its process is being ended.
        Closing = "closing",
    }
}

/// One session as the pool holds it now.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SessionInfo {
    /// The caller's name of the session; empty for a spare.
    pub session_id: String,
    /// The agent's own name of the conversation.
    pub agent_session_id: Option<String>,
    /// Name of the provider.
    pub provider: &'static str,
    /// What it is doing.
    pub state: SessionState,
    /// Process number of the agent, also the number of its process group.
    pub pid: Option<u32>,
    /// Directory the agent works in.
    pub work_dir: PathBuf,
    /// The jail of its agent, and in brackets what the kernel enforces of it, such as
    /// `write (landlock 7: writing, moves and hard links, truncation, ...)`; `off` without one.
    pub jail: String,
    /// Where the jail lets its agent write of what git keeps outside of the work directory: for a
    /// linked worktree or a submodule, whose `.git` is a file. Empty without a jail.
    pub git_dirs: Vec<PathBuf>,
    /// When the session came into the pool.
    pub created: SystemTime,
    /// When it last got a prompt or ended a turn.
    pub last_active: SystemTime,
    /// Turns ended since it came into the pool.
    pub turns: u64,
    /// Turns that wait behind the current one.
    pub queued: usize,
    /// Memory resident for the agent's own process, in bytes; 0 if unknown.
    pub resident_bytes: u64,
    /// Bytes of events that wait for the caller.
    pub buffered_bytes: u64,
    /// True for a prewarmed process that no session has taken yet.
    pub spare: bool,
    /// What its agent runs in the background. A session with such tasks is not idle.
    pub background_tasks: Vec<BackgroundTask>,
}

/// Something that an agent runs in the background, while turns come and go.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct BackgroundTask {
    /// The agent's name of the task.
    pub id: String,
    /// What kind of task, in the agent's words: `local_bash`, `local_agent`; empty if it did not say.
    pub kind: String,
    /// What it does, in the agent's words; empty if it did not say.
    pub description: String,
}

/// What a session has done since it came into the pool.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SessionStats {
    /// The caller's name of the session.
    pub session_id: String,
    /// Turns ended.
    pub turns: u64,
    /// Turns that ended as completed.
    pub turns_completed: u64,
    /// From each prompt's hand-over to its end, added up.
    pub total: Duration,
    /// Tokens of all turns.
    pub usage: Usage,
    /// Tool calls of all turns.
    pub tool_calls: u64,
    /// What all turns cost in US dollars, as the agent reckons it.
    pub cost_usd: f64,
    /// The figures of the turn that ended last.
    pub last_turn: Option<TurnStats>,
}

impl SessionStats {
    pub(crate) fn add(&mut self, turn: &TurnStats, completed: bool) {
        self.turns += 1;
        self.turns_completed += u64::from(completed);
        self.total += turn.total;
        self.usage.add(&turn.usage);
        self.tool_calls += turn.tool_calls;
        self.cost_usd += turn.cost_usd;
        self.last_turn = Some(turn.clone());
    }
}

/// What an engine has done since it opened, and holds now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct EngineInfo {
    /// Agent processes alive.
    pub live_processes: usize,
    /// Sessions in the pool.
    pub sessions: usize,
    /// Spares that answered their handshake and wait for a session.
    pub ready_spares: usize,
    /// Agent processes started.
    pub spawned: u64,
    /// Turns that ended as completed.
    pub turns_completed: u64,
    /// Turns that ended in any other way.
    pub turns_not_completed: u64,
    /// New sessions that a spare served.
    pub spare_hits: u64,
    /// New sessions that found spares, but none with their options and work directory.
    pub spare_misses: u64,
    /// Idle sessions whose process was ended to make room for another.
    pub hibernated: u64,
    /// Events of no turn that were dropped because nobody took them.
    pub lost_background_events: u64,
}

spelled! {
    /// How many of its agent's calls of tools an engine can deny before they run.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum ToolGate {
        /// Every one, as the agent is about to run it. Hooks of a project at
        /// [`Project::Trusted`](crate::Project::Trusted) come after that with Claude Code: what they make of
        /// a call is not judged but in `bypassPermissions`, and not even there if they answer for the caller.
        EveryCall = "every_call",
        /// Those for which the agent asks for permission by itself, and no others.
        AsksOnly = "asks_only",
        /// None.
        None = "none",
    }
}

/// What a provider's agent lets an engine do and enforce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// The name of the provider.
    pub provider: &'static str,
    /// Its agent asks before each call of a tool, whatever its permissions say: the guard judges
    /// what is about to run, and lists of tools hold. Without it the guard sees prompts alone, and
    /// an engine with a list of tools does not open.
    pub tool_gate: bool,
    /// The same in full: `tool_gate` is true for [`ToolGate::EveryCall`] alone.
    pub gate: ToolGate,
    /// The reason of a denial reaches the model.
    pub denial_reason: bool,
    /// An answer to a permission request may change the tool's input. Where it may not, an answer
    /// that does is a denial.
    pub updated_input: bool,
    /// A turn can be ended without the end of its process.
    pub interrupt: bool,
    /// A conversation outlives the process that led it.
    pub resume: bool,
    /// The agent tells its answers piece by piece; see
    /// [`EngineOptions::partial_messages`](crate::EngineOptions::partial_messages).
    pub deltas: bool,
}

/// An agent that engines can run, and whether it is there.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProviderInfo {
    /// The name in [`EngineOptions::provider`](crate::EngineOptions::provider).
    pub name: &'static str,
    /// The program that is looked for; empty where the caller has to name one.
    pub default_program: &'static str,
    /// Where the program was found; `None` if it was not.
    pub program: Option<PathBuf>,
    /// Where it was looked for in vain.
    pub looked_at: Vec<PathBuf>,
    /// The version of that program, as it says by `--version`; `None` if there is no program or it
    /// said none in time.
    pub version: Option<String>,
    /// The releases with which what is said of the provider was shown.
    pub tested_versions: &'static [&'static str],
    /// What its agent lets an engine do and enforce.
    pub capabilities: Capabilities,
}
