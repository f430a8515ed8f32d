//! How Codex is started: arguments, pins, and where it keeps its state.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::approvals;
use super::hook_setting;
use super::protocol::{CodexProtocol, Wanted};
use crate::error::Error;
use crate::event::ToolUse;
use crate::message::ExitCause;
use crate::project::{Project, ProjectFiles};
use crate::provider::options::ProviderOptions;
use crate::provider::permission::{Mode, Policy};
use crate::provider::{EngineFile, Protocol, Provider, Start, SystemPrompt, User};
use crate::provider::{conversation, hooks, system_prompt};
use crate::state::{Kept, Row, State};
use crate::stats::{Capabilities, ToolGate};
use hotplex_guard::ToolEffect;

const NAME: &str = "codex";

/// Names the directory that is `~/.codex` otherwise.
const HOME: &str = "CODEX_HOME";

const PROJECT_FILES: ProjectFiles = ProjectFiles {
    instructions: &["AGENTS.md", "AGENTS.override.md"],
    others: &[
        (".codex/config.toml", "settings, servers, hooks"),
        (".codex/hooks.json", "hooks"),
        (".codex/rules", "permissions"),
        (".codex/prompts", "commands"),
        (".codex/skills", "skills"),
        (".agents/skills", "skills"),
    ],
    above: &[
        ("AGENTS.md", "instructions"),
        (".codex", "settings, servers, hooks, permissions"),
    ],
};

/// Databases and lists that it writes in place. In a jail each process has its own.
const UNLINKED: &[&str] = &[
    ".sqlite",
    ".sqlite-wal",
    ".sqlite-shm",
    ".jsonl",
    ".lock",
    "installation_id",
    "version.json",
];

/// Directories of a process that end with it. What is in `skills/.system` it writes at each start. Without
/// a place for its locks (0.171.0) no thread is begun.
const OWN: [&str; 9] = [
    "log",
    "tmp",
    ".tmp",
    "shell_snapshots",
    "memories",
    "cache",
    "generated_images",
    "plugins",
    "thread-writer-locks",
];

/// Codex with the options of one engine.
#[derive(Debug)]
pub(in crate::provider) struct Codex {
    policy: Policy,
    base_system_prompt: Option<String>,
    deltas: bool,
}

impl Codex {
    /// # Errors
    /// `InvalidArgument` for a permission mode that would not be held.
    pub(in crate::provider) fn new(options: ProviderOptions) -> Result<Codex, Error> {
        let mode = Mode::named(NAME, options.permission_mode.as_deref())?;
        if mode == Mode::Plan {
            let message = "permission_mode \"plan\" cannot be held by codex";
            return Err(Error::invalid(message));
        }
        Ok(Codex {
            policy: Policy {
                mode,
                gate: ToolGate::EveryCall,
                has_allow_list: !options.allowed_tools.is_empty(),
            },
            base_system_prompt: options.base_system_prompt,
            deltas: options.partial_messages,
        })
    }
}

/// Whether the project's settings are loaded. As an inline table, since a dotted name is split wrong
/// where the path has a dot. Without an entry a writable sandbox makes Codex note the directory as
/// trusted in the user's own settings.
fn trust(start: &Start<'_>) -> String {
    let level = match start.project {
        Project::Trusted => "trusted",
        _ => "untrusted",
    };
    let mut paths = vec![start.work_dir, start.real_work_dir];
    paths.dedup();
    // A text of JSON is one of TOML.
    let entry = |path: &&Path| {
        let path = json!(path.to_string_lossy());
        format!("{path}={{trust_level=\"{level}\"}}")
    };
    let entries: Vec<String> = paths.iter().map(entry).collect();
    format!("projects={{{}}}", entries.join(","))
}

impl Provider for Codex {
    fn name(&self) -> &'static str {
        NAME
    }

    fn default_program(&self) -> &'static str {
        "codex"
    }

    fn tested_versions(&self) -> &'static [&'static str] {
        &["0.169.0", "0.171.0"]
    }

    fn system_prompt(&self, instructions: &str) -> String {
        system_prompt::compose(self.base_system_prompt.as_deref(), instructions)
    }

    fn arguments(&self, start: &Start<'_>) -> Vec<String> {
        let mut arguments = vec!["app-server".to_owned()];
        let mut pin = |setting: &str| arguments.extend(["-c".to_owned(), setting.to_owned()]);
        pin(&trust(start));
        // What is typed into a running program is never asked about.
        pin("features.unified_exec_tty=false");
        hook_setting::settings()
            .iter()
            .for_each(|setting| pin(setting));
        if start.project != Project::Trusted {
            // The instructions reach the model as text, without what a link brings in.
            pin("project_doc_max_bytes=0");
        }
        arguments
    }

    fn environment(&self) -> Vec<(&'static str, Option<&'static str>)> {
        Vec::new()
    }

    fn pinned(&self, _: Project) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    fn has_engine_files(&self) -> bool {
        true
    }

    fn engine_files(&self, _: &Start<'_>) -> Vec<EngineFile> {
        vec![hooks::program()]
    }

    fn has_hooks(&self) -> bool {
        true
    }

    fn process_variables(&self, start: &Start<'_>) -> Vec<(&'static str, OsString)> {
        hook_setting::variables(start)
    }

    fn project_files(&self) -> ProjectFiles {
        PROJECT_FILES
    }

    fn asks_nothing_in(&self, permission_mode: &str) -> bool {
        permission_mode == "bypassPermissions"
    }

    /// Settings, rules, prompts and skills stand there beside conversations and databases. A jailed
    /// process has a directory of its own: conversations are the user's, the rest is read.
    fn state(&self, user: &User<'_>) -> Option<State> {
        let home = || Some((user.variable)("HOME")?.join(".codex"));
        let users = (user.variable)(HOME).or_else(home)?;
        let row = |name: &str, kept: Kept| Row {
            name: name.to_owned(),
            kept,
        };
        let mut rows = vec![row("", Kept::Own)];
        rows.extend(OWN.map(|name| row(name, Kept::Own)));
        rows.push(row("sessions", Kept::Users));
        rows.push(row("archived_sessions", Kept::Users));
        rows.push(row("auth.json", Kept::Returned));
        Some(State {
            variable: HOME,
            below: None,
            users,
            rows,
            unlinked: UNLINKED,
            temporary: &["TMPDIR"],
            in_place: Vec::new(),
            read: Vec::new(),
        })
    }

    fn conversation_id(&self, namespace: &str, session: &str) -> String {
        conversation::name(namespace, session)
    }

    fn fresh_conversation_id(&self) -> String {
        conversation::fresh_name()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            provider: NAME,
            tool_gate: true,
            gate: ToolGate::EveryCall,
            denial_reason: true,
            updated_input: false,
            interrupt: true,
            resume: true,
            deltas: true,
        }
    }

    fn effects(&self, tool: &ToolUse) -> Result<Vec<ToolEffect>, String> {
        approvals::effects(tool)
    }

    fn scratch_dirs(&self) -> &'static [&'static str] {
        &[]
    }

    fn own_directory(&self, home: &Path) -> PathBuf {
        home.join(".codex")
    }

    fn protocol(&self, start: &Start<'_>) -> Box<dyn Protocol> {
        let system_prompt = match start.system_prompt {
            SystemPrompt::Given(text) => text.to_owned(),
            SystemPrompt::InFile(_) => String::new(),
        };
        let wanted = Wanted {
            work_dir: start.work_dir.to_owned(),
            conversation: start.conversation.clone(),
            model: start.model.map(str::to_owned),
            system_prompt,
            // Its own sandbox cannot be set up inside ours.
            sandbox: match start.jailed {
                true => "danger-full-access",
                false => "workspace-write",
            },
            hooked: true,
        };
        let limit = start.max_line_bytes;
        Box::new(CodexProtocol::new(wanted, self.policy, self.deltas, limit))
    }

    fn exit_cause(&self, _: &str) -> ExitCause {
        ExitCause::Other
    }
}
