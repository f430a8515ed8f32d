//! How Codex is started: arguments, pins, and where it keeps its state.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::approvals;
use super::hook_setting;
use super::protocol::{CodexProtocol, Wanted};
use crate::agent_files::{AgentFiles, Kept, Row};
use crate::error::Error;
use crate::event::ToolUse;
use crate::project::{Project, ProjectFiles, Skills};
use crate::provider::agent_options::AgentOptions;
use crate::provider::options::ProviderOptions;
use crate::provider::{EngineFile, Protocol, Provider, Start, User, hooks};
use crate::stats::{Capabilities, ToolGate};
use hotplex_guard::ToolEffect;

const NAME: &str = "codex";

/// Codex's own directory in a home.
pub(in crate::provider) const DIRECTORY: &str = ".codex";

/// Names the directory that is `~/.codex` otherwise.
const HOME: &str = "CODEX_HOME";

pub(in crate::provider) const PROJECT_FILES: ProjectFiles = ProjectFiles {
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
    skills: &[".agents/skills", ".codex/skills"],
    opened: &[".codex/config.toml", ".codex/hooks.json"],
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
pub(in crate::provider) struct Codex(AgentOptions);

impl Codex {
    /// # Errors
    /// `InvalidArgument` for a permission mode that would not be held.
    pub(in crate::provider) fn new(options: ProviderOptions) -> Result<Codex, Error> {
        let options = AgentOptions::new(NAME, ToolGate::EveryCall, false, options)?;
        Ok(Codex(options))
    }
}

/// What holds a process off the project, as far as it is not trusted.
pub(in crate::provider) fn held_off(start: &Start<'_>) -> Vec<String> {
    let mut settings = vec![trust(start)];
    if start.project != Project::Trusted {
        // The instructions reach the model as text, without what a link brings in.
        settings.push("project_doc_max_bytes=0".to_owned());
        settings.extend(start.skills.and_then(without_skills));
    }
    settings.extend(start.tools.iter().map(of_tools));
    settings
}

/// A variable of what tools start. It comes after those that Codex leaves out because of their names.
fn of_tools((name, value): &(OsString, OsString)) -> String {
    let (name, value) = (name.to_string_lossy(), json!(value.to_string_lossy()));
    format!("shell_environment_policy.set.{name}={value}")
}

/// Codex lists a project's skills to its model whatever it is told of the project, and gives the text of
/// one that a prompt mentions; measured with 0.171.0. The user's stay, if it is known which those are.
fn without_skills(skills: &Skills) -> Option<String> {
    let entry = |path: &PathBuf| {
        let path = json!(path.to_string_lossy());
        format!("{{path={path},enabled=false}}")
    };
    let entries: Vec<String> = skills.files.iter().map(entry).collect();
    match (skills.is_whole, entries.is_empty()) {
        (false, _) => Some("skills.include_instructions=false".to_owned()),
        (true, true) => None,
        (true, false) => Some(format!("skills.config=[{}]", entries.join(","))),
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

/// Settings, rules, prompts and skills stand there beside conversations and databases. A jailed
/// process has a directory of its own: conversations are the user's, the rest is read.
pub(in crate::provider) fn state_of(user: &User<'_>) -> Option<AgentFiles> {
    let home = || Some((user.variable)("HOME")?.join(DIRECTORY));
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
    Some(AgentFiles {
        variable: HOME,
        below: None,
        users,
        rows,
        unlinked: UNLINKED,
        temporary: &[],
        in_place: Vec::new(),
        read: Vec::new(),
    })
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
        self.0.system_prompt(instructions)
    }

    fn arguments(&self, start: &Start<'_>) -> Vec<String> {
        let mut arguments = vec!["app-server".to_owned()];
        let mut pinned = held_off(start);
        // What is typed into a running program is never asked about.
        pinned.push("features.unified_exec_tty=false".to_owned());
        pinned.extend(hook_setting::settings(hook_setting::GATE));
        let pinned = pinned.into_iter();
        arguments.extend(pinned.flat_map(|setting| ["-c".to_owned(), setting]));
        arguments
    }

    fn environment(&self) -> Vec<(&'static str, Option<&'static str>)> {
        Vec::new()
    }

    fn pinned(&self, _: Project) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    fn has_git_of_its_own(&self) -> bool {
        true
    }

    fn has_engine_files(&self, _: bool) -> bool {
        true
    }

    fn engine_files(&self, _: &Start<'_>) -> Vec<EngineFile> {
        vec![hooks::program()]
    }

    fn has_hooks(&self) -> bool {
        true
    }

    fn process_variables(&self, start: &Start<'_>) -> Vec<(&'static str, OsString)> {
        hooks::variables(start)
    }

    fn project_files(&self) -> ProjectFiles {
        PROJECT_FILES
    }

    fn state(&self, user: &User<'_>) -> Option<AgentFiles> {
        state_of(user)
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

    fn own_directory(&self, home: &Path) -> PathBuf {
        home.join(DIRECTORY)
    }

    fn protocol(&self, start: &Start<'_>) -> Box<dyn Protocol> {
        let wanted = Wanted {
            work_dir: start.work_dir.to_owned(),
            conversation: start.conversation.clone(),
            model: start.model.map(str::to_owned),
            system_prompt: start.system_prompt.text(),
            // Its own sandbox cannot be set up inside ours.
            sandbox: match start.jailed {
                true => "danger-full-access",
                false => "workspace-write",
            },
            hooked: true,
        };
        let limit = start.max_line_bytes;
        let AgentOptions { policy, deltas, .. } = self.0;
        Box::new(CodexProtocol::new(wanted, policy, deltas, limit))
    }
}
