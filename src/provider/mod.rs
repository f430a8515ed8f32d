//! Providers: how each agent program is launched and spoken to.
//!
//! Pure: bytes in, [`Message`]s and bytes out; no descriptor, no clock, no session. The io thread
//! holds one [`Provider`] an engine and one [`Protocol`] a process. [`registry`] knows all providers
//! by their names; [`lines`] cuts the output of those that speak in lines.

mod acp;
mod agent_options;
mod aider;
mod claude;
mod codex;
mod conversation;
mod count;
mod ended;
pub(crate) mod hooks;
mod json_line;
mod json_rpc;
pub(crate) mod lines;
#[cfg(test)]
mod listing;
mod mend;
mod options;
pub(crate) mod outline;
mod permission;
#[cfg(test)]
mod recorded;
pub(crate) mod registry;
mod summary;
mod surrogates;
mod system_prompt;
pub(crate) mod tree_size;

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::agent_files::AgentFiles;
use crate::event::{Decision, EventKind, ToolUse, TurnId};
use crate::message::{Conversation, ExitCause, Message};
use crate::project::{Project, ProjectFiles, Skills};
use crate::stats::Capabilities;
use hotplex_guard::ToolEffect;

/// One kind of agent program, with the options of the engine applied.
pub(crate) trait Provider: Send + Sync {
    /// Name in options and session listings.
    fn name(&self) -> &'static str;

    /// Name of the program, looked up on `PATH` unless the caller names another.
    fn default_program(&self) -> &'static str;

    /// The releases of the program with which what is said of it here was shown.
    fn tested_versions(&self) -> &'static [&'static str];

    /// What is appended to the agent's own system prompt: the caller's words, and then the project's
    /// `instructions`, which are empty if there are none.
    fn system_prompt(&self, instructions: &str) -> String;

    /// Arguments for a process that serves `conversation`, without the program itself.
    fn arguments(&self, start: &Start<'_>) -> Vec<String>;

    /// Variables to set (or, with `None`, to remove) in the agent's environment. The caller's own
    /// settings win over these.
    fn environment(&self) -> Vec<(&'static str, Option<&'static str>)>;

    /// Variables that hold the agent off what a project of this level must not tell it, where no
    /// argument does. They win over the caller's.
    fn pinned(&self, project: Project) -> &'static [(&'static str, &'static str)];

    /// True if a process is given files of the engine's own: see [`Provider::engine_files`].
    /// `tools_differ` says whether there is something in [`Start::tools`].
    fn has_engine_files(&self, _tools_differ: bool) -> bool {
        false
    }

    /// True if the agent asks git about its work directory by itself, and its tools can have other
    /// variables than it has: see [`Start::tools`].
    fn has_git_of_its_own(&self) -> bool {
        false
    }

    /// Files that a process reads or runs and never writes, in [`Start::engine_dir`]: settings that
    /// win over the project's, hooks.
    fn engine_files(&self, _: &Start<'_>) -> Vec<EngineFile> {
        Vec::new()
    }

    /// True if a hook or plugin in the agent asks on a socket of ours: see [`Protocol::hook_asked`].
    fn has_hooks(&self) -> bool {
        false
    }

    /// Variables of one process. They win over all others.
    fn process_variables(&self, _: &Start<'_>) -> Vec<(&'static str, OsString)> {
        Vec::new()
    }

    /// Variables that a file of the project would fill where nobody has set them: a process at this
    /// level finds them empty then.
    fn held_empty(&self, _: Project) -> &'static [&'static str] {
        &[]
    }

    /// Where the process is started, for a program that obeys what it finds there before it hears of its
    /// work directory; `None` for the work directory.
    fn start_dir<'a>(&self, _: &Start<'a>) -> Option<&'a Path> {
        None
    }

    /// Why a process with these circumstances would not be held by what it is given, if so.
    fn cannot_start(&self, _: &Start<'_>) -> Option<String> {
        None
    }

    /// True if an idle process does not end when its input does.
    fn outlives_input(&self) -> bool {
        false
    }

    /// Files of the machine with which the agent would not be held by what its process is given.
    fn obstacles(&self) -> &'static [Obstacle] {
        &[]
    }

    /// A file that is there if this conversation was begun in the clock minute of `now`, if the agent
    /// cannot take one up then.
    fn begun_in_minute(&self, _: &User<'_>, _now: SystemTime) -> Option<FileOfProject> {
        None
    }

    /// Where the agent looks for what a project tells it.
    fn project_files(&self) -> ProjectFiles;

    /// True if in this permission mode the agent asks nobody before it does something.
    fn asks_nothing_in(&self, permission_mode: &str) -> bool {
        permission_mode == "bypassPermissions"
    }

    /// What the agent keeps outside of its work directory and how a jail lets it have that, by the
    /// variables it would see without one; `None` if it keeps nothing.
    fn state(&self, user: &User<'_>) -> Option<AgentFiles>;

    /// The agent's name for the conversation of this session, always the same.
    fn conversation_id(&self, namespace: &str, session: &str) -> String {
        conversation::name(namespace, session)
    }

    /// A name for a conversation that no session derives: for spares and for second tries.
    fn fresh_conversation_id(&self) -> String {
        conversation::fresh_name()
    }

    /// What the agent lets an engine do and enforce.
    fn capabilities(&self) -> Capabilities;

    /// What a call of a tool does, as far as its input tells: a malformed one is an error.
    fn effects(&self, tool: &ToolUse) -> Result<Vec<ToolEffect>, String>;

    /// Directories below the agent's own that its tools keep notes in. Nothing that lies there may
    /// make the agent, or anything else, run a command.
    fn scratch_dirs(&self) -> &'static [&'static str] {
        &[]
    }

    /// The agent's own directory of a user with this home, if no variable says otherwise.
    fn own_directory(&self, home: &Path) -> PathBuf;

    /// The state of one process's protocol, before its first byte. What the agent takes as words of
    /// its protocol, and not as arguments, is in `start`: there the system prompt is given as text,
    /// however long.
    fn protocol(&self, start: &Start<'_>) -> Box<dyn Protocol>;

    /// Why a process ended before its first turn did, judged by the tail of its stderr.
    fn exit_cause(&self, _stderr: &str) -> ExitCause {
        ExitCause::Other
    }
}

/// What a process is started for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start<'a> {
    pub(crate) conversation: &'a Conversation,
    pub(crate) work_dir: &'a Path,
    /// The same without links.
    pub(crate) real_work_dir: &'a Path,
    /// The process is in a jail of ours.
    pub(crate) jailed: bool,
    pub(crate) model: Option<&'a str>,
    /// What of the project the agent may load by itself.
    pub(crate) project: Project,
    /// The project's skills, in [`ProjectFiles::skills`].
    pub(crate) skills: Option<&'a Skills>,
    /// What is appended to the agent's own system prompt; see [`Provider::system_prompt`].
    pub(crate) system_prompt: SystemPrompt<'a>,
    /// The longest message of the agent that is taken, in bytes.
    pub(crate) max_line_bytes: usize,
    /// Variables that hold for its tools alone: what the agent has under these names is meant for the
    /// agent itself. Empty unless the provider [has git of its own](Provider::has_git_of_its_own).
    pub(crate) tools: &'a [(OsString, OsString)],
    /// The variables of the engine's agents, before what is particular to this process.
    pub(crate) environment: &'a [(OsString, OsString)],
    /// Where the engine's own files for this process lie, which no jail lets it write; `None` if the
    /// provider has none.
    pub(crate) engine_dir: Option<&'a Path>,
    /// Where its hooks ask; `None` if the provider has none.
    pub(crate) hooks: Option<HookAddress<'a>>,
}

/// Where hooks ask, and how they show that they are ours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HookAddress<'a> {
    /// The path of a Unix socket.
    pub(crate) socket: &'a Path,
    pub(crate) secret: &'a str,
}

/// A file of the engine's own for one process.
#[derive(Clone, Debug)]
pub(crate) struct EngineFile {
    /// Below the directory; it may name directories on the way.
    pub(crate) name: &'static str,
    pub(crate) content: Cow<'static, [u8]>,
    pub(crate) executable: bool,
}

/// Files with which no process of an agent starts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Obstacle {
    pub(crate) directory: &'static str,
    /// How their names end.
    pub(crate) ending: &'static str,
    pub(crate) why: &'static str,
}

/// A file that the agent keeps for one of its projects, whichever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileOfProject {
    /// Holds a directory for each project.
    pub(crate) projects: PathBuf,
    /// Below that directory.
    pub(crate) file: String,
}

/// How the words for the system prompt reach the agent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SystemPrompt<'a> {
    /// As an argument; empty for none.
    Given(&'a str),
    /// In a file with this path, since they are too long for an argument.
    InFile(&'a str),
}

impl SystemPrompt<'_> {
    /// The words, for an agent that is told them in its protocol; see [`Provider::protocol`].
    fn text(self) -> String {
        match self {
            SystemPrompt::Given(text) => text.to_owned(),
            SystemPrompt::InFile(_) => String::new(),
        }
    }
}

/// For whom and what an agent keeps its state.
pub(crate) struct User<'a> {
    /// The variables that the agent would see, as paths.
    pub(crate) variable: &'a dyn Fn(&str) -> Option<PathBuf>,
    /// What the work directory is called: as the caller names it, and without links.
    pub(crate) work_dirs: &'a [&'a Path],
    pub(crate) conversation: &'a Conversation,
}

/// How an agent is asked to let go of its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interrupt {
    /// By what was appended.
    Written,
    /// By SIGINT to its process group.
    Signal,
}

/// The protocol with one process. Every `write_*` appends whole messages to `out`.
///
/// The handshake may take several messages each way: what is to be written meanwhile is a
/// [`Message::Reply`]. Requests of the agent that concern neither tools nor their permission are
/// answered in the same way.
pub(crate) trait Protocol: Send {
    /// The handshake, written straight after the start; its end decodes to [`Message::Ready`].
    fn write_handshake(&mut self, out: &mut Vec<u8>);

    /// A prompt. At most one is under way.
    fn write_prompt(&mut self, turn: TurnId, text: &str, out: &mut Vec<u8>);

    /// Asks the agent to let go of the turn.
    fn interrupt(&mut self, out: &mut Vec<u8>) -> Interrupt;

    /// Answers a permission request. Does nothing for one that is not pending.
    fn write_decision(&mut self, request_id: &str, decision: &Decision, out: &mut Vec<u8>);

    /// Answers a question of the gate: `None` leaves the call to the agent's permissions, a text
    /// denies it and is what the model is told.
    /// By itself a question of the gate is answered as one of permission is.
    fn write_gate_answer(&mut self, request_id: &str, denied: Option<&str>, out: &mut Vec<u8>) {
        let decision = denied.map_or_else(Decision::allow, Decision::deny);
        self.write_decision(request_id, &decision, out);
    }

    /// Takes what a hook of the agent asks; `request` is a JSON value. What is asked about a tool goes
    /// to `messages` under the name `id`, and is answered later; what is not, like a greeting, is
    /// answered by the line that is returned. To a provider without hooks nobody asks anything.
    fn hook_asked(
        &mut self,
        _id: &str,
        _request: &str,
        _messages: &mut Vec<Message>,
    ) -> Option<String> {
        Some(String::new())
    }

    /// The line that answers a hook.
    fn hook_answer(&mut self, _id: &str, _decision: &Decision) -> String {
        String::new()
    }

    /// Takes the next bytes of output, wherever they are cut, and appends what they mean. Never
    /// panics, whatever the bytes: what it does not know becomes a raw event or a notice.
    fn feed(&mut self, chunk: &[u8], messages: &mut Vec<Message>);

    /// What has come of an answer or a thought that is told once it is whole, as it stands: the turn is
    /// about to be ended for the agent.
    fn unfinished(&mut self) -> Vec<EventKind> {
        Vec::new()
    }

    /// The output is over: takes what has come of a message that is not whole.
    fn finish(&mut self, messages: &mut Vec<Message>);
}
