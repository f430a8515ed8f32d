//! Ways to an open engine.

use std::path::PathBuf;
use std::time::Duration;

use super::config::{EngineOptions, GuardConfig, InheritEnv};
use super::engine::Engine;
use crate::error::Error;
use crate::jail::Jail;
use crate::project::Project;

impl Engine {
    /// Begins to put an engine together.
    pub fn builder() -> EngineBuilder {
        EngineBuilder::default()
    }
}

impl EngineOptions {
    /// Opens an engine with these options.
    ///
    /// # Errors
    /// As [`EngineBuilder::open`].
    pub fn open(self) -> Result<Engine, Error> {
        Engine::open(self)
    }
}

/// Puts an engine together, one option after the other.
///
/// ```no_run
/// use std::time::Duration;
///
/// let engine = hotplex::Engine::builder()
///     .permission_mode("acceptEdits")
///     .idle_timeout(Duration::from_secs(600))
///     .max_processes(20)
///     .open()?;
/// # Ok::<(), hotplex::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "nothing happens until open"]
pub struct EngineBuilder {
    options: EngineOptions,
}

/// One setter a line: the option's own documentation stands at [`EngineOptions`].
macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $type:ty;)*) => {
        $($(#[$doc])*
        pub fn $name(mut self, $name: $type) -> EngineBuilder {
            self.options.$name = $name.into();
            self
        })*
    };
}

impl EngineBuilder {
    setters! {
        /// Sets [`EngineOptions::namespace`].
        namespace: impl Into<String>;
        /// Sets [`EngineOptions::state_dir`].
        state_dir: PathBuf;
        /// Sets [`EngineOptions::inherit_env`].
        inherit_env: InheritEnv;
        /// Sets [`EngineOptions::turn_timeout`].
        turn_timeout: Duration;
        /// Sets [`EngineOptions::idle_timeout`].
        idle_timeout: Duration;
        /// Sets [`EngineOptions::background_timeout`].
        background_timeout: Duration;
        /// Sets [`EngineOptions::start_timeout`].
        start_timeout: Duration;
        /// Sets [`EngineOptions::silence_timeout`].
        silence_timeout: Duration;
        /// Sets [`EngineOptions::approval_timeout`].
        approval_timeout: Duration;
        /// Sets [`EngineOptions::kill_grace`].
        kill_grace: Duration;
        /// Sets [`EngineOptions::max_processes`].
        max_processes: usize;
        /// Sets [`EngineOptions::queue_turns`].
        queue_turns: usize;
        /// Sets [`EngineOptions::window_bytes`].
        window_bytes: u64;
        /// Sets [`EngineOptions::max_line_bytes`].
        max_line_bytes: usize;
        /// Sets [`EngineOptions::partial_messages`].
        partial_messages: bool;
        /// Sets [`EngineOptions::guard`].
        guard: GuardConfig;
        /// Sets [`EngineOptions::jail`].
        jail: Jail;
        /// Sets [`EngineOptions::project`].
        project: Project;
        /// Sets [`EngineOptions::trust_without_jail`].
        trust_without_jail: bool;
    }

    /// Sets [`EngineOptions::provider`].
    pub fn provider(mut self, name: impl Into<String>) -> EngineBuilder {
        self.options.provider = name.into();
        self
    }

    /// Sets [`EngineOptions::program`].
    pub fn program(mut self, program: impl Into<String>) -> EngineBuilder {
        self.options.program = Some(program.into());
        self
    }

    /// Adds to [`EngineOptions::program_args`].
    pub fn program_args<T: Into<String>>(mut self, args: impl IntoIterator<Item = T>) -> Self {
        self.options
            .program_args
            .extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets [`EngineOptions::permission_mode`].
    pub fn permission_mode(mut self, mode: impl Into<String>) -> EngineBuilder {
        self.options.permission_mode = Some(mode.into());
        self
    }

    /// Adds to [`EngineOptions::allowed_tools`].
    pub fn allowed_tools<T: Into<String>>(mut self, tools: impl IntoIterator<Item = T>) -> Self {
        self.options
            .allowed_tools
            .extend(tools.into_iter().map(Into::into));
        self
    }

    /// Adds to [`EngineOptions::disallowed_tools`].
    pub fn disallowed_tools<T: Into<String>>(mut self, tools: impl IntoIterator<Item = T>) -> Self {
        self.options
            .disallowed_tools
            .extend(tools.into_iter().map(Into::into));
        self
    }

    /// Adds to [`EngineOptions::jail_roots`].
    pub fn jail_roots<T: Into<PathBuf>>(mut self, roots: impl IntoIterator<Item = T>) -> Self {
        self.options
            .jail_roots
            .extend(roots.into_iter().map(Into::into));
        self
    }

    /// Sets [`EngineOptions::base_system_prompt`].
    pub fn base_system_prompt(mut self, prompt: impl Into<String>) -> EngineBuilder {
        self.options.base_system_prompt = Some(prompt.into());
        self
    }

    /// Sets [`EngineOptions::model`].
    pub fn model(mut self, model: impl Into<String>) -> EngineBuilder {
        self.options.model = Some(model.into());
        self
    }

    /// Sets a variable in the agents' environment; see [`EngineOptions::env`].
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> EngineBuilder {
        self.options.env.insert(name.into(), Some(value.into()));
        self
    }

    /// Removes a variable from the agents' environment; see [`EngineOptions::env`].
    pub fn env_remove(mut self, name: impl Into<String>) -> EngineBuilder {
        self.options.env.insert(name.into(), None);
        self
    }

    /// The earlier name of [`EngineBuilder::max_processes`].
    #[deprecated(note = "the bound is on processes: use `max_processes`")]
    pub fn max_sessions(self, max_processes: usize) -> EngineBuilder {
        self.max_processes(max_processes)
    }

    /// The options as they stand.
    pub fn options(&self) -> &EngineOptions {
        &self.options
    }

    /// Opens the engine: finds the agent's program and starts three threads, but no agent yet.
    ///
    /// # Errors
    /// `InvalidArgument` for an option that can never work, such as a jail that the kernel cannot
    /// hold, `SpawnFailed` if the program is not
    /// there (with the places looked at) or the threads or the watchdog cannot be started.
    pub fn open(self) -> Result<Engine, Error> {
        Engine::open(self.options)
    }
}

impl From<EngineOptions> for EngineBuilder {
    fn from(options: EngineOptions) -> EngineBuilder {
        EngineBuilder { options }
    }
}
