//! The options of an engine: one struct for Rust callers and, under the same names, for JSON.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::environment_paths::is_variable;
use crate::error::Error;
use crate::inode::read_regular;
use crate::jail::Jail;
use crate::process;
use crate::project::Project;
use crate::provider::Provider;
use crate::provider::registry::{self, ProviderOptions};
use crate::reactor::gate::Gate;
use crate::store::AuditTrail;
use hotplex_guard::{Guard, GuardOptions, ToolLists};

/// The options of an engine, set when it opens.
///
/// Times of zero mean "no limit" unless said otherwise. As JSON, times are integers of
/// milliseconds under a name that ends in `_ms` (`turn_timeout_ms`), and an unknown key is an
/// error.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EngineOptions {
    /// Which agent: `claude-code`, `claude-agent-acp`, `gemini`, `opencode`, `codex`,
    /// `codex-acp`, `aider`, or `acp` for any that
    /// speaks the Agent Client Protocol; [`providers`](crate::providers) lists them.
    pub provider: String,
    /// Path or name of the agent's program; by default the provider's, looked up on `PATH`.
    pub program: Option<String>,
    /// Arguments put before the provider's own.
    pub program_args: Vec<String>,
    /// Keeps the conversations of one application apart from another's.
    pub namespace: String,
    /// The agent's permission mode: `default`, `acceptEdits`, `plan`, `bypassPermissions`, ...
    pub permission_mode: Option<String>,
    /// The only tools that may run, and without asking: names such as `Read` and `mcp__shelf__*`, or
    /// a name and its use, as `Bash(git:*)`. Empty is no list. What is not on the list is denied,
    /// whatever the permission mode.
    pub allowed_tools: Vec<String>,
    /// Tools that may not run, in the same spelling; they win over `allowed_tools`.
    pub disallowed_tools: Vec<String>,
    /// Appended to the agent's own system prompt.
    pub base_system_prompt: Option<String>,
    /// The model, by the agent's name for it.
    pub model: Option<String>,
    /// Variables to set in the agents' environment, or with `None` to remove.
    pub env: BTreeMap<String, Option<String>>,
    /// Which of the host's variables agents see.
    pub inherit_env: InheritEnv,
    /// Where the state of sessions is kept. A relative path, here and in every other option, starts
    /// from the directory that the host was in when it opened the engine. By default `$XDG_STATE_HOME/hotplex`, else
    /// `~/.local/state/hotplex`.
    pub state_dir: Option<PathBuf>,
    /// How long an agent may work on one turn. Waiting for the caller's approval does not count.
    #[serde(rename = "turn_timeout_ms", deserialize_with = "milliseconds")]
    pub turn_timeout: Duration,
    /// After how long without a turn a session's process ends; the conversation is kept.
    #[serde(rename = "idle_timeout_ms", deserialize_with = "milliseconds")]
    pub idle_timeout: Duration,
    /// How long a session's agent may work in the background (on tasks that it started, or on what
    /// it began by itself) without a turn. Until then such a session is not idle. Then its process
    /// ends, and an event of no turn tells what ended with it.
    #[serde(rename = "background_timeout_ms", deserialize_with = "milliseconds")]
    pub background_timeout: Duration,
    /// How long an agent may take to answer its handshake.
    #[serde(rename = "start_timeout_ms", deserialize_with = "milliseconds")]
    pub start_timeout: Duration,
    /// After how long without output from the agent a turn is given up. While the agent is not read
    /// because its events are not taken, it does not count as silent.
    #[serde(rename = "silence_timeout_ms", deserialize_with = "milliseconds")]
    pub silence_timeout: Duration,
    /// After how long an unanswered permission request is denied.
    #[serde(rename = "approval_timeout_ms", deserialize_with = "milliseconds")]
    pub approval_timeout: Duration,
    /// How long an agent may take to stop a turn, and to exit. Zero kills
    /// at once. Claude Code needs 1.6 s to clean up a running tool.
    #[serde(rename = "kill_grace_ms", deserialize_with = "milliseconds")]
    pub kill_grace: Duration,
    /// Bound on live processes, spares included; 0 is none. Over it the session that was idle for
    /// longest is hibernated. Its name before was `max_sessions`, which JSON still takes.
    #[serde(alias = "max_sessions")]
    pub max_processes: usize,
    /// Turns that may wait behind a session's current one, and sessions that may wait for a
    /// process when all are busy.
    pub queue_turns: usize,
    /// Bytes of events a session may hold for its caller before its agent is not read any more.
    pub window_bytes: u64,
    /// The longest line of an agent that is taken; a longer one is skipped and reported.
    pub max_line_bytes: usize,
    /// Asks the agent for deltas.
    pub partial_messages: bool,
    /// The danger guard.
    pub guard: GuardConfig,
    /// How far agents reach into the file system. `None` is [`Jail::Write`] where the kernel can
    /// hold it, and else none, with a notice `jail_unavailable` in the first turn of a session.
    pub jail: Option<Jail>,
    /// Further directories and files that jailed agents may write to.
    pub jail_roots: Vec<PathBuf>,
    /// How much of the project in the work directory agents obey. A request can say otherwise.
    pub project: Project,
    /// Says a second time that a project may be [`Project::Trusted`] although neither the jail nor
    /// permissions hold its programs: without it that level is refused in `bypassPermissions`
    /// without a jail.
    pub trust_without_jail: bool,
}

impl Default for EngineOptions {
    fn default() -> EngineOptions {
        EngineOptions {
            provider: "claude-code".to_owned(),
            program: None,
            program_args: Vec::new(),
            namespace: "default".to_owned(),
            permission_mode: None,
            allowed_tools: Vec::new(),
            disallowed_tools: Vec::new(),
            base_system_prompt: None,
            model: None,
            env: BTreeMap::new(),
            inherit_env: InheritEnv::All,
            state_dir: None,
            turn_timeout: Duration::from_secs(300),
            idle_timeout: Duration::from_secs(1800),
            background_timeout: Duration::from_secs(4 * 3600),
            start_timeout: Duration::from_secs(30),
            silence_timeout: Duration::ZERO,
            approval_timeout: Duration::ZERO,
            kill_grace: Duration::from_secs(5),
            max_processes: 0,
            queue_turns: 16,
            window_bytes: 1024 * 1024,
            max_line_bytes: 16 * 1024 * 1024,
            partial_messages: false,
            guard: GuardConfig::default(),
            jail: None,
            jail_roots: Vec::new(),
            project: Project::default(),
            trust_without_jail: false,
        }
    }
}

/// How the danger guard of an engine is set.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GuardConfig {
    /// `false` is the admin bypass: whatever the agent asks for may run. It is logged as a warning.
    pub enabled: bool,
    /// A file of further rules, `regex|description|level|category` a line, read when the engine
    /// opens.
    pub rules_file: Option<PathBuf>,
    /// Ids of rules that are not to be looked at. Critical ones cannot be switched off.
    pub disabled_rules: Vec<String>,
    /// Ids of rules that block although by themselves they only flag.
    pub promoted_rules: Vec<String>,
    /// Directories, besides the work directory, in which agents may do as they like.
    pub extra_roots: Vec<PathBuf>,
    /// Where a line of JSON is added for each verdict that is not a plain allow.
    pub audit_file: Option<PathBuf>,
}

impl Default for GuardConfig {
    fn default() -> GuardConfig {
        GuardConfig {
            enabled: true,
            rules_file: None,
            disabled_rules: Vec::new(),
            promoted_rules: Vec::new(),
            extra_roots: Vec::new(),
            audit_file: None,
        }
    }
}

impl GuardConfig {
    /// From the JSON object that stands under `guard` in an engine's options.
    ///
    /// # Errors
    /// `InvalidArgument` for an unknown key or a value of the wrong kind, with its name.
    pub fn from_json(json: &str) -> Result<GuardConfig, Error> {
        read_object("guard", json)
    }

    /// The guard that is meant, with its rules read.
    pub(crate) fn make(&self) -> Result<Guard, Error> {
        if !self.enabled {
            log::warn!("the danger guard is switched off: agents run whatever a model asks for");
        }
        let rules = match &self.rules_file {
            Some(path) => read_rules(path).map_err(cannot_use("rules_file", path))?,
            None => String::new(),
        };
        let roots = self.extra_roots.iter();
        let mut options = GuardOptions::default();
        options.enabled = self.enabled;
        options.rules = rules;
        options.disabled_rules.clone_from(&self.disabled_rules);
        options.promoted_rules.clone_from(&self.promoted_rules);
        options.extra_roots = roots.map(|root| root.display().to_string()).collect();
        Ok(Guard::new(options)?)
    }

    pub(crate) fn audit_trail(&self) -> Result<AuditTrail, Error> {
        let path = self.audit_file.as_deref();
        let awaited = path.map_or(Ok(()), process::check_pipe);
        awaited
            .and_then(|()| AuditTrail::open(path))
            .map_err(cannot_use("audit_file", path.unwrap_or(Path::new(""))))
    }
}

fn read_rules(path: &Path) -> io::Result<String> {
    let is_no_text = |error| io::Error::new(io::ErrorKind::InvalidData, error);
    String::from_utf8(read_regular(path)?).map_err(is_no_text)
}

fn cannot_use(option: &'static str, path: &Path) -> impl Fn(io::Error) -> Error {
    let path = path.display().to_string();
    move |error| Error::invalid(format!("guard.{option} {path}: {error}")).because(error)
}

/// Which of the host's environment variables agents see. As JSON: `true`, `false`, or an array of
/// names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum InheritEnv {
    /// All of them.
    #[default]
    All,
    /// These, as far as they are set.
    Named(Vec<String>),
}

impl<'de> Deserialize<'de> for InheritEnv {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<InheritEnv, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum FlagOrNames {
            Flag(bool),
            Names(Vec<String>),
        }
        Ok(match FlagOrNames::deserialize(deserializer)? {
            FlagOrNames::Flag(true) => InheritEnv::All,
            FlagOrNames::Flag(false) => InheritEnv::Named(Vec::new()),
            FlagOrNames::Names(names) => InheritEnv::Named(names),
        })
    }
}

fn milliseconds<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_millis)
}

impl EngineOptions {
    /// Options from the JSON object that the C ABI takes. Keys left out have their defaults.
    ///
    /// # Errors
    /// `InvalidArgument` for an unknown key or a value of the wrong kind, with its name.
    pub fn from_json(json: &str) -> Result<EngineOptions, Error> {
        read_object("options", json)
    }

    pub(crate) fn make_provider(&self) -> Result<Box<dyn Provider>, Error> {
        let options = ProviderOptions {
            names_program: self.program.is_some(),
            permission_mode: self.permission_mode.clone(),
            allowed_tools: self.allowed_tools.clone(),
            disallowed_tools: self.disallowed_tools.clone(),
            base_system_prompt: self.base_system_prompt.clone(),
            partial_messages: self.partial_messages,
        };
        registry::make(&self.provider, options)
    }

    /// The guard and the lists of tools, as the options set them.
    pub(crate) fn make_gate(
        &self,
        provider: &dyn Provider,
        environment: &[(OsString, OsString)],
    ) -> Result<Gate, Error> {
        let guard = self.guard.make()?;
        let tools = ToolLists::new(&self.allowed_tools, &self.disallowed_tools)?;
        for gap in tools.gaps() {
            log::warn!("{gap}");
        }
        if !provider.capabilities().tool_gate {
            let name = provider.name();
            log::warn!(
                "{name} does not ask before each call of a tool: the guard sees prompts, and the calls that it asks about"
            );
        }
        Gate::new(guard, tools, provider, environment)
    }

    /// The agents' environment: what is inherited, then the provider's variables, then the caller's.
    pub(crate) fn environment(&self, provider: &dyn Provider) -> Vec<(OsString, OsString)> {
        let inherited = std::env::vars_os().filter(|(name, _)| match &self.inherit_env {
            InheritEnv::All => true,
            InheritEnv::Named(names) => names.iter().any(|wanted| name == wanted.as_str()),
        });
        let mut variables: BTreeMap<OsString, OsString> = inherited.collect();
        let wishes = provider.environment().into_iter();
        let wishes = wishes.map(|(name, value)| (name.to_owned(), value.map(str::to_owned)));
        for (name, value) in wishes.chain(self.env.clone()) {
            match value {
                Some(value) => variables.insert(name.into(), value.into()),
                None => variables.remove(&OsString::from(name)),
            };
        }
        // Each process gets its own, from the engine.
        variables.remove(&OsString::from("PWD"));
        variables.into_iter().collect()
    }

    /// True if `env` says what a variable is; what is inherited it does not say.
    pub(super) fn names(&self, variable: &str) -> bool {
        let set = self.env.iter().filter(|(_, value)| value.is_some());
        set.map(|(name, _)| OsString::from(name))
            .any(|name| is_variable(&name, variable))
    }

    pub(crate) fn state_directory(&self) -> Result<PathBuf, Error> {
        if let Some(directory) = &self.state_dir {
            return Ok(directory.clone());
        }
        let of_variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let state = of_variable("XDG_STATE_HOME").map(PathBuf::from);
        // The specification of that variable: a relative path counts as none.
        let state = state.filter(|state| state.is_absolute());
        let state = state.or_else(|| home().map(|home| home.join(".local/state")));
        state.map(|state| state.join("hotplex")).ok_or_else(|| {
            Error::invalid(
                "state_dir is not set, and neither XDG_STATE_HOME nor HOME tells where it could be",
            )
        })
    }
}

/// The user's home directory, as the environment names it.
pub(crate) fn home() -> Option<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    // A relative one, or an empty one, would be another with each change of directory.
    home.filter(|home| home.is_absolute())
}

/// Reads a JSON object. An array would do as well for serde, by position, which nobody means.
pub(super) fn read_object<T: DeserializeOwned>(what: &str, json: &str) -> Result<T, Error> {
    if !json.trim_start().starts_with('{') {
        return Err(Error::invalid(format!("{what}: not a JSON object")));
    }
    serde_json::from_str(json)
        .map_err(|error| Error::invalid(format!("{what}: {error}")).because(error))
}
