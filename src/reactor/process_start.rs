//! The start of one process, step by step, and what its jail opens. Runs on the spawn thread.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use super::arguments::arguments;
use super::command::{SpawnKey, Spawned};
use super::hook_socket::HookListener;
use super::spawn_config::SpawnConfig;
use super::{environment, preconditions};
use crate::error::{Error, ErrorKind};
use crate::event::EventKind;
use crate::inode::SeenDir;
use crate::instructions::{self, Instructions};
use crate::jail::Jail;
use crate::message::Conversation;
use crate::notice::NoticeCode;
use crate::private::{Private, PrivateRoots};
use crate::process::{
    self, Confinement, GitDirs, Homes, JailPaths, Launch, Launched, Launcher, Mark, SpawnError,
    WorkDir,
};
use crate::project::{Project, ProjectFiles, Skills};
use crate::provider::{HookAddress, Start, SystemPrompt, User};
use crate::repository::{GitSetting, Watching};

type Environment = Vec<(OsString, OsString)>;

/// One start that is to be.
pub(super) struct ProcessStart<'a> {
    pub(super) config: &'a SpawnConfig,
    /// Counts all starts of the engine.
    pub(super) number: u64,
    pub(super) spawn_key: &'a SpawnKey,
    pub(super) conversation: &'a Conversation,
}

/// Where the process works.
pub(super) struct PreparedWorkDir {
    work_dir: WorkDir,
    pub(super) real: PathBuf,
    git: GitDirs,
    /// What the agent's own git is told beyond what its tools' is.
    git_of_agent: Vec<GitSetting>,
    /// By which a change of that is seen.
    repository: Option<Watching>,
    /// Variables for what its tools start; empty if the agent's own will do.
    pub(super) git_of_tools: Environment,
}

impl PreparedWorkDir {
    fn seen(&self) -> SeenDir {
        SeenDir {
            inode: self.work_dir.inode(),
            git: self.repository.as_ref().map(|watching| watching.number),
        }
    }
}

impl ProcessStart<'_> {
    /// Starts the process. What it has to itself must be kept for as long as it lives.
    pub(super) fn carry_out(
        &self,
        roots: &mut PrivateRoots,
    ) -> Result<(Spawned, Option<Private>), Error> {
        let config = self.config;
        self.nothing_in_its_way()?;
        let launcher = config.launcher.as_ref();
        let work_dir = open_work_dir(launcher, &self.spawn_key.work_dir, &config.homes)?;
        let (instructions, mut notices) =
            project_of(self.spawn_key, &config.provider.project_files());
        let skills = self.skills();
        let prepared = self.prepare(work_dir, &mut notices)?;
        let mut private = self.private(&prepared, roots)?;
        let engine_dir = self.engine_dir(&prepared, private.as_ref());
        let socket = engine_dir.as_ref().map(|directory| directory.join("hooks"));
        let hooks = self.listen_for_hooks(socket.as_deref())?;
        let address = hooks.as_ref().zip(socket.as_deref());
        let start = Start {
            engine_dir: engine_dir.as_deref(),
            hooks: address.map(hook_address),
            ..self.start(&prepared, &skills)
        };
        self.can_be_held(&start)?;
        self.write_engine_files(&start, private.as_ref())?;
        let environment = self.environment(&start, &prepared, private.as_ref());
        let text = config.provider.system_prompt(&instructions);
        let (arguments, prompt) = arguments(config, &start, &environment, &text)?;
        let protocol = config.provider.protocol(&Start {
            system_prompt: SystemPrompt::Given(&text),
            ..start
        });
        let mark = config.mark.spawn_mark(self.number);
        let jail_paths = self.jail_paths(prompt, private.as_ref());
        let child = self.launch(
            &prepared,
            &start,
            &arguments,
            &environment,
            &mark,
            &jail_paths,
        )?;
        private.iter_mut().for_each(Private::started);
        let own = private.as_ref().filter(|_| self.is_jailed());
        let handshake_at = self.handshake_at(&prepared.real);
        let spawned = Spawned {
            child,
            seen_dir: prepared.seen(),
            repository: prepared.repository,
            work_dir: prepared.real,
            private: own.map(|own| own.directory().to_owned()),
            mark,
            protocol,
            hooks,
            handshake_at,
            git_dirs: prepared.git.paths(),
            notices,
        };
        Ok((spawned, private))
    }

    /// By all that it is given.
    fn can_be_held(&self, start: &Start<'_>) -> Result<(), Error> {
        let why = self.config.provider.cannot_start(start);
        why.map_or(Ok(()), |why| Err(Error::new(ErrorKind::SpawnFailed, why)))
    }

    pub(super) fn is_jailed(&self) -> bool {
        self.config.enforced.jail() != Jail::Off
    }

    fn prepare(
        &self,
        work_dir: WorkDir,
        notices: &mut Vec<EventKind>,
    ) -> Result<PreparedWorkDir, Error> {
        let git = match self.is_jailed() {
            true => git_of(&work_dir, &self.config.homes, notices),
            false => GitDirs::default(),
        };
        let named = &self.spawn_key.work_dir;
        let real = fs::canonicalize(named).unwrap_or_else(|_| named.clone());
        let (git_of_agent, repository) = self.git_of_agent(&real)?.unzip();
        let git_of_agent = git_of_agent.unwrap_or_default();
        let git_of_tools = match git_of_agent.is_empty() {
            true => Environment::new(),
            false => environment::git_of_tools(&self.config.environment),
        };
        Ok(PreparedWorkDir {
            work_dir,
            real,
            git,
            git_of_agent,
            repository,
            git_of_tools,
        })
    }

    /// What keeps the agent's own git from starting what the repository names.
    fn git_of_agent(
        &self,
        real_work_dir: &Path,
    ) -> Result<Option<(Vec<GitSetting>, Watching)>, Error> {
        let provider = &self.config.provider;
        let is_trusted = self.spawn_key.project == Project::Trusted;
        if is_trusted || !provider.has_git_of_its_own() {
            return Ok(None);
        }
        let home = self.variable("HOME");
        let named = &self.spawn_key.work_dir;
        let watched = self
            .config
            .repositories
            .watch(named, real_work_dir, home.as_deref());
        watched.map(Some).map_err(|why| {
            let name = provider.name();
            let message = format!("{name} would ask git about a repository of which cannot be told what git starts: {why}");
            Error::new(ErrorKind::SpawnFailed, message)
        })
    }

    fn listen_for_hooks(&self, socket: Option<&Path>) -> Result<Option<HookListener>, Error> {
        let Some(socket) = socket.filter(|_| self.config.provider.has_hooks()) else {
            return Ok(None);
        };
        let listening = HookListener::bind(socket, self.config.max_line_bytes);
        listening.map(Some).map_err(|error| {
            let context = format!("no socket can be made at {}", socket.display());
            spawn_failed(SpawnError::new(context, error))
        })
    }

    /// Neither what would undo the gate, nor what would keep the start waiting until its time is over.
    fn nothing_in_its_way(&self) -> Result<(), Error> {
        let provider = self.config.provider.as_ref();
        preconditions::no_obstacle(provider.obstacles())?;
        let found = instructions::waited_for(&self.spawn_key.work_dir, &provider.project_files());
        found.map_or(Ok(()), |path| {
            let (name, path) = (provider.name(), path.display());
            let message = format!("{path} is no file, and {name} would wait for it: remove it");
            Err(Error::new(ErrorKind::SpawnFailed, message))
        })
    }

    fn skills(&self) -> Skills {
        let files = self.config.provider.project_files();
        instructions::skills(&self.spawn_key.work_dir, &files)
    }

    fn start<'a>(&'a self, prepared: &'a PreparedWorkDir, skills: &'a Skills) -> Start<'a> {
        Start {
            conversation: self.conversation,
            work_dir: &self.spawn_key.work_dir,
            real_work_dir: &prepared.real,
            jailed: self.is_jailed(),
            model: self.spawn_key.model.as_deref(),
            project: self.spawn_key.project,
            skills: Some(skills),
            tools: &prepared.git_of_tools,
            environment: &self.config.environment,
            max_line_bytes: self.config.max_line_bytes,
            system_prompt: SystemPrompt::Given(""),
            engine_dir: None,
            hooks: None,
        }
    }

    fn environment(
        &self,
        start: &Start<'_>,
        prepared: &PreparedWorkDir,
        private: Option<&Private>,
    ) -> Environment {
        let provider = self.config.provider.as_ref();
        let mut environment = environment::of_process(
            &self.config.environment,
            start.work_dir,
            start.project,
            provider,
            private,
        );
        environment::tell_git(&mut environment, &prepared.git_of_agent);
        environment::lay_over(&mut environment, provider.process_variables(start));
        environment
    }

    pub(super) fn state(&self, real_work_dir: &Path) -> Option<crate::agent_files::AgentFiles> {
        self.of_user(real_work_dir, |user| self.config.provider.state(user))
    }

    /// When the agent may be spoken to, if not at once.
    ///
    /// The clock is asked once: if it is set back meanwhile, the wait is no longer.
    fn handshake_at(&self, real_work_dir: &Path) -> Option<Instant> {
        let (now, date) = (Instant::now(), SystemTime::now());
        let provider = &self.config.provider;
        let file = self.of_user(real_work_dir, |user| provider.begun_in_minute(user, date));
        Some(now + preconditions::rest_of_minute(&file?, date)?)
    }

    /// What the provider says of the user for whom the agent runs.
    fn of_user<T>(&self, real_work_dir: &Path, say: impl FnOnce(&User<'_>) -> T) -> T {
        say(&User {
            variable: &|name| self.variable(name),
            work_dirs: &[&self.spawn_key.work_dir, real_work_dir],
            conversation: self.conversation,
        })
    }

    /// A variable of the agent's without a jail, as a path.
    pub(super) fn variable(&self, name: &str) -> Option<PathBuf> {
        let config = self.config;
        let found = config.environment.iter().find(|(set, _)| set == name);
        let value = found
            .map(|(_, value)| value)
            .filter(|value| !value.is_empty());
        let home = || config.home.clone().filter(|_| name == "HOME");
        value.map(PathBuf::from).or_else(home)
    }

    fn jail_paths(&self, prompt: Option<PathBuf>, private: Option<&Private>) -> Cow<'_, JailPaths> {
        let mut jail_paths = Cow::Borrowed(&self.config.jail_paths);
        if let Some(file) = prompt {
            jail_paths.to_mut().readable.push(file);
        }
        if let Some(private) = private {
            let jail_paths = jail_paths.to_mut();
            jail_paths.writable.extend(private.writable.iter().cloned());
            jail_paths.readable.extend(private.readable.iter().cloned());
        }
        jail_paths
    }

    fn launch(
        &self,
        prepared: &PreparedWorkDir,
        start: &Start<'_>,
        arguments: &[String],
        environment: &Environment,
        mark: &Mark,
        jail_paths: &JailPaths,
    ) -> Result<Launched, Error> {
        let start_dir = self.config.provider.start_dir(start);
        let confinement = Confinement {
            enforced: &self.config.enforced,
            jail_paths,
            homes: &self.config.homes,
            work_dir: &prepared.work_dir,
            git: &prepared.git,
        };
        let launch = Launch {
            program: &self.config.program,
            arguments,
            environment,
            work_dir: start_dir.unwrap_or(start.work_dir),
            mark,
            jail: self.is_jailed().then_some(confinement),
        };
        self.config.launcher.spawn(&launch).map_err(spawn_failed)
    }
}

/// The directory, made if it is missing, and held so that it is the one that is looked at.
fn open_work_dir(launcher: &dyn Launcher, path: &Path, homes: &Homes) -> Result<WorkDir, Error> {
    let made = launcher.make_work_dir(path);
    let made = made.map_err(|error| ("cannot be made: ", error));
    let open = || launcher.open_work_dir(path, homes);
    let opened = made.and_then(|()| open().map_err(|error| ("", error)));
    opened.map_err(|(what, error)| {
        let message = format!("work_dir {}: {what}{error}", path.display());
        match process::is_shortage(&error) {
            true => spawn_failed(SpawnError::new(message, error)),
            false => Error::invalid(message).because(error),
        }
    })
}

fn hook_address<'a>((listener, socket): (&'a HookListener, &'a Path)) -> HookAddress<'a> {
    HookAddress {
        socket,
        secret: &listener.secret,
    }
}

/// The project's instructions for the model, and notices about what is not loaded.
fn project_of(spawn_key: &SpawnKey, files: &ProjectFiles) -> (String, Vec<EventKind>) {
    let mut notices = Vec::new();
    if spawn_key.project == Project::Trusted {
        return (String::new(), notices);
    }
    let mut told = Instructions::default();
    let mut ignored = instructions::ignored(&spawn_key.work_dir, files);
    match spawn_key.project {
        Project::None => ignored.extend(instructions::names(&spawn_key.work_dir, files)),
        _ => told = Instructions::read(&spawn_key.work_dir, files, process::hold),
    }
    if !ignored.is_empty() {
        let level = spawn_key.project.as_str();
        let list = ignored.join(", ");
        let text = format!("project is {level:?}, not loaded: {list}");
        notices.push(EventKind::warning(NoticeCode::ProjectIgnored, text));
    }
    if !told.refused.is_empty() {
        let list = told.refused.join(", ");
        let text = format!("instructions that do not reach the model: {list}");
        notices.push(EventKind::warning(NoticeCode::InstructionsRefused, text));
    }
    (told.text, notices)
}

/// What git needs outside of the work directory. What is refused is reported, since git will fail.
fn git_of(work_dir: &WorkDir, homes: &Homes, notices: &mut Vec<EventKind>) -> GitDirs {
    GitDirs::of(work_dir, homes).unwrap_or_else(|why| {
        notices.push(EventKind::warning(NoticeCode::GitNotOpened, why));
        GitDirs::default()
    })
}

pub(super) fn spawn_failed(error: process::SpawnError) -> Error {
    Error::new(ErrorKind::SpawnFailed, error.to_string()).because(error)
}
