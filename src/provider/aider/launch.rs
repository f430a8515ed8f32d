//! How aider is started: arguments, variables, and where it keeps its state.

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::protocol::{AiderProtocol, Wanted};
use crate::agent_files::AgentFiles;
use crate::error::Error;
use crate::event::ToolUse;
use crate::project::{Project, ProjectFiles};
use crate::provider::agent_options::AgentOptions;
use crate::provider::options::ProviderOptions;
use crate::provider::{EngineFile, Protocol, Provider, Start, SystemPrompt, User};
use crate::stats::{Capabilities, ToolGate};
use hotplex_guard::ToolEffect;

pub(in crate::provider) const NAME: &str = "aider";

/// aider's own directory in a home.
const DIRECTORY: &str = ".aider";

/// The part of ours that Python loads before aider.
const HOOK: &str = include_str!("sitecustomize.py");

/// What is appended to the system prompt, as a file of the engine's.
const SYSTEM_PROMPT: &str = "instructions.md";

/// Plain text, no question, no window, no network but the model's, no git: what the project's repository
/// tells git to run would run.
const ALWAYS: &str = "--no-pretty --no-fancy-input --no-multiline --yes-always --stream --encoding utf-8 \
    --no-git --no-check-update --no-analytics --no-show-model-warnings --no-show-release-notes \
    --no-suggest-shell-commands --no-detect-urls --no-watch-files --no-copy-paste --no-gui \
    --no-gitignore --disable-playwright --no-auto-commits --no-dirty-commits --no-git-commit-verify \
    --no-notifications --restore-chat-history";

/// What a project's settings would run or load otherwise, each with its value.
const UNLESS_TRUSTED: [(&str, &str); 7] = [
    ("--lint-cmd", "true"),
    ("--test-cmd", ""),
    ("--notifications-command", ""),
    ("--load", "/dev/null"),
    ("--env-file", "/dev/null"),
    ("--model-settings-file", "/dev/null"),
    ("--model-metadata-file", "/dev/null"),
];

const PROJECT_FILES: ProjectFiles = ProjectFiles {
    instructions: &["AGENTS.md", "CONVENTIONS.md"],
    others: &[
        (".aider.conf.yml", "settings, commands"),
        (".aider.model.settings.yml", "settings"),
        (".aider.model.metadata.json", "settings"),
        (".env", "environment"),
    ],
    above: &[
        (".aider.conf.yml", "settings, commands"),
        (".aider.model.settings.yml", "settings"),
        (".env", "environment"),
    ],
    skills: &[],
    opened: &[],
};

/// aider with the options of one engine.
#[derive(Debug)]
pub(in crate::provider) struct Aider(AgentOptions);

impl Aider {
    /// # Errors
    /// `InvalidArgument` for a permission mode that would not be held.
    pub(in crate::provider) fn new(options: ProviderOptions) -> Result<Aider, Error> {
        let options = AgentOptions::new(NAME, ToolGate::EveryCall, false, options)?;
        Ok(Aider(options))
    }
}

/// What marks the words of our part on stdout: of the secret, which stdout must not show.
fn nonce(start: &Start<'_>) -> String {
    let secret = start.hooks.map_or("", |hooks| hooks.secret);
    let name = Uuid::new_v5(&Uuid::NAMESPACE_URL, secret.as_bytes());
    name.simple().to_string()
}

/// Where our part has aider keep its conversations; it finds the same place by itself.
fn history(user: &User<'_>) -> Option<PathBuf> {
    let usual = || Some((user.variable)("HOME")?.join(".local/state"));
    let state = (user.variable)("XDG_STATE_HOME").or_else(usual)?;
    Some(state.join("hotplex-aider").join(user.conversation.id()))
}

impl Provider for Aider {
    fn name(&self) -> &'static str {
        NAME
    }

    fn default_program(&self) -> &'static str {
        "aider"
    }

    fn tested_versions(&self) -> &'static [&'static str] {
        &["0.86.2"]
    }

    fn system_prompt(&self, instructions: &str) -> String {
        self.0.system_prompt(instructions)
    }

    fn arguments(&self, start: &Start<'_>) -> Vec<String> {
        let mut arguments: Vec<String> = ALWAYS.split(' ').map(str::to_owned).collect();
        if start.project != Project::Trusted {
            arguments.extend(["--no-auto-lint", "--no-auto-test"].map(str::to_owned));
            let pairs = UNLESS_TRUSTED.iter();
            arguments
                .extend(pairs.flat_map(|(flag, value)| [(*flag).to_owned(), (*value).to_owned()]));
        }
        if let Some(model) = start.model {
            arguments.extend(["--model", model, "--weak-model", model].map(str::to_owned));
        }
        let read = match start.system_prompt {
            SystemPrompt::Given("") => None,
            SystemPrompt::Given(_) => start
                .engine_dir
                .map(|directory| directory.join(SYSTEM_PROMPT)),
            SystemPrompt::InFile(path) => Some(PathBuf::from(path)),
        };
        if let Some(path) = read {
            arguments.extend(["--read".to_owned(), path.to_string_lossy().into_owned()]);
        }
        arguments
    }

    fn environment(&self) -> Vec<(&'static str, Option<&'static str>)> {
        vec![
            ("TERM", Some("dumb")),
            ("NO_COLOR", Some("1")),
            // It would break long lines.
            ("COLUMNS", Some("4096")),
            // It would fetch a list of prices from the network.
            ("LITELLM_LOCAL_MODEL_COST_MAP", Some("True")),
        ]
    }

    /// Python is to load nothing from the work directory, and to write nothing beside its modules.
    fn pinned(&self, _: Project) -> &'static [(&'static str, &'static str)] {
        &[
            ("PYTHONSAFEPATH", "1"),
            ("PYTHONDONTWRITEBYTECODE", "1"),
            ("PYTHONUTF8", "1"),
            ("PYTHONSTARTUP", ""),
        ]
    }

    fn has_engine_files(&self, _: bool) -> bool {
        true
    }

    fn engine_files(&self, start: &Start<'_>) -> Vec<EngineFile> {
        let file = |name, content| EngineFile {
            name,
            content,
            executable: false,
        };
        let hook = Cow::Borrowed(HOOK.as_bytes());
        let empty = Cow::Borrowed(&b"{}\n"[..]);
        let mut files = vec![
            file("python/sitecustomize.py", hook),
            file("python/empty.yml", empty),
        ];
        if let SystemPrompt::Given(text) = start.system_prompt
            && !text.is_empty()
        {
            files.push(file(SYSTEM_PROMPT, Cow::Owned(text.as_bytes().to_vec())));
        }
        files
    }

    fn has_hooks(&self) -> bool {
        true
    }

    fn process_variables(&self, start: &Start<'_>) -> Vec<(&'static str, OsString)> {
        let directory = start.engine_dir.unwrap_or(Path::new(""));
        let mut variables: Vec<(&'static str, OsString)> = vec![
            ("PYTHONPATH", directory.join("python").into()),
            ("HOTPLEX_AIDER_NONCE", nonce(start).into()),
            ("HOTPLEX_AIDER_CONVERSATION", start.conversation.id().into()),
            ("HOTPLEX_AIDER_PROJECT", start.project.as_str().into()),
        ];
        if start.jailed {
            variables.push(("HOTPLEX_AIDER_JAILED", "1".into()));
        }
        if let Some(hooks) = &start.hooks {
            variables.push(("HOTPLEX_HOOK_SOCKET", hooks.socket.into()));
            variables.push(("HOTPLEX_HOOK_SECRET", hooks.secret.into()));
        }
        variables
    }

    fn cannot_start(&self, start: &Start<'_>) -> Option<String> {
        let directory = start.engine_dir?.to_str();
        let is_whole = directory.is_some_and(|path| !path.contains(':'));
        (!is_whole).then(|| {
            "PYTHONPATH cannot name a path with a colon, or one that is no text: name a state_dir elsewhere"
                .to_owned()
        })
    }

    fn project_files(&self) -> ProjectFiles {
        PROJECT_FILES
    }

    /// Of `~/.aider` a jailed process writes caches alone: keys that lie there are obeyed.
    fn state(&self, user: &User<'_>) -> Option<AgentFiles> {
        let users = (user.variable)("HOME")?.join(DIRECTORY);
        let caches = users.join("caches");
        Some(AgentFiles {
            variable: "HOTPLEX_AIDER_HOME",
            below: None,
            users,
            rows: Vec::new(),
            unlinked: &[],
            temporary: &[],
            in_place: history(user).into_iter().chain([caches]).collect(),
            read: Vec::new(),
        })
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            provider: NAME,
            tool_gate: true,
            gate: ToolGate::EveryCall,
            denial_reason: false,
            updated_input: false,
            interrupt: true,
            resume: true,
            deltas: true,
        }
    }

    fn effects(&self, tool: &ToolUse) -> Result<Vec<ToolEffect>, String> {
        hotplex_guard::claude_code::effects(&tool.name, &tool.input)
    }

    fn own_directory(&self, home: &Path) -> PathBuf {
        home.join(DIRECTORY)
    }

    fn protocol(&self, start: &Start<'_>) -> Box<dyn Protocol> {
        let wanted = Wanted {
            work_dir: start.work_dir.to_owned(),
            real_work_dir: start.real_work_dir.to_owned(),
            conversation: start.conversation.clone(),
            nonce: nonce(start),
            max_line_bytes: start.max_line_bytes,
        };
        let AgentOptions { policy, deltas, .. } = self.0;
        Box::new(AiderProtocol::new(wanted, policy, deltas))
    }
}
