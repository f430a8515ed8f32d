//! What an engine is opened with: the options, made into all that its processes have in common.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use super::base_dir::BaseDir;
use super::config::{EngineOptions, home};
use super::engine::Engine;
use super::jail;
use super::possible::check_options;
use crate::error::{Error, ErrorKind};
use crate::process::{self, EngineMark, Launcher, Local};
use crate::provider::Provider;
use crate::reactor::spawn_config::SpawnConfig;
use crate::repository::Repositories;
use crate::store::{Holders, StateDir};

impl Engine {
    pub(super) fn open(options: EngineOptions) -> Result<Engine, Error> {
        Engine::open_with(options, Box::new(Local))
    }

    /// An engine whose agents run where this launcher starts them.
    pub(super) fn open_with(
        options: EngineOptions,
        launcher: Box<dyn Launcher>,
    ) -> Result<Engine, Error> {
        process::without_signals_of_writes(|| Engine::open_shielded(options, launcher))
    }

    fn open_shielded(options: EngineOptions, launcher: Box<dyn Launcher>) -> Result<Engine, Error> {
        check_options(&options)?;
        process::check_proc().map_err(|lacks| Error::new(ErrorKind::SpawnFailed, lacks))?;
        let base_dir = BaseDir::here();
        let options = base_dir.anchor(options)?;
        let provider = options.make_provider()?;
        let mut environment = options.environment(provider.as_ref());
        let program = find_program(launcher.as_ref(), &options, provider.as_ref(), &environment)?;
        let enforced = jail::enforced(&options)?;
        let state_dir = state_dir(&options)?;
        let state = options.state_directory()?;
        let jail_paths = jail::jail_paths(&options, &enforced, &program, &state, &mut environment)?;
        let spawn_config = Arc::new(SpawnConfig {
            program,
            program_arguments: options.program_args.clone(),
            max_line_bytes: options.max_line_bytes,
            repositories: Repositories::new(process::hold),
            homes: jail::homes(&environment),
            home: jail::home_of_agents(&environment),
            private: jail::private_places(&state, &environment),
            environment,
            enforced,
            jail_paths,
            mark: EngineMark::new(),
            state: state_dir,
            audit: options.guard.audit_trail()?,
            provider,
            launcher,
        });
        Engine::start(options, base_dir, spawn_config)
    }
}

fn state_dir(options: &EngineOptions) -> Result<StateDir, Error> {
    let holders = Holders {
        own: process::own_identity(),
        has_ended: process::has_ended,
    };
    let user = process::effective_user();
    let state = StateDir::new(options.state_directory()?, home().as_deref(), user, holders);
    match state.check() {
        Ok(()) => Ok(state),
        Err(refusal_reason) => Err(Error::invalid(format!("state_dir: {refusal_reason}"))),
    }
}

/// Where the agent's program is, looked for at once so that a missing one is an error of `open`.
fn find_program(
    launcher: &dyn Launcher,
    options: &EngineOptions,
    provider: &dyn Provider,
    environment: &[(OsString, OsString)],
) -> Result<PathBuf, Error> {
    let name = options
        .program
        .as_deref()
        .unwrap_or(provider.default_program());
    let path = environment.iter().find(|(variable, _)| variable == "PATH");
    let found = launcher.find_program(name, path.map(|(_, path)| path.as_os_str()));
    found.map_err(|places| {
        let places: Vec<_> = places
            .iter()
            .map(|place| place.display().to_string())
            .collect();
        let message = format!(
            "agent program {name:?} is not there or not executable; looked at: {}",
            places.join(", ")
        );
        Error::new(ErrorKind::SpawnFailed, message)
    })
}
