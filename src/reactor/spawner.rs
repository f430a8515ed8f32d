//! The spawn thread: everything that may block on the file system or on exec.
//!
//! It owns nothing. Jobs come in over one channel, answers go back as commands. A pass over `/proc`
//! costs milliseconds and serves any number of processes, so sweeps are put off until no start
//! waits, and are then done together.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TryRecvError, bounded, unbounded};

use super::command::{Command, CommandSender, SpawnKey, Spawned};
use super::{ChildKey, SlotKey, environment};
use crate::audit::{AuditEntry, AuditTrail};
use crate::error::{Error, ErrorKind};
use crate::event::{EventKind, SessionId};
use crate::inode::Inode;
use crate::instructions::{self, Instructions};
use crate::jail::Jail;
use crate::message::Conversation;
use crate::notice::NoticeCode;
use crate::private::{Private, PrivateRoots};
use crate::process::{
    self, Confinement, Enforced, EngineMark, GitDirs, Homes, JailPaths, Launch, Mark, Orphans,
    SpawnError, Tree, Wanted, WorkDir,
};
use crate::project::{Project, ProjectFiles};
use crate::provider::{Provider, Start, SystemPrompt, User};
use crate::state_dir::{Record, StateDir};

/// How long a sweep behind one process looks again and again. What still starts new processes
/// after that is left to the sweep at the engine's end, and to the log.
const SWEEP_LIMIT: Duration = Duration::from_secs(2);

/// How long an orphan may be a zombie, in a host to which orphans come.
const REAP_EVERY: Duration = Duration::from_millis(500);

/// Between two looks at those that were killed and are about to end.
const REAP_PAUSE: Duration = Duration::from_millis(5);

/// Linux takes no single argument of 128 KiB or more; the flag's own name needs room as well.
const LONGEST_ARGUMENT: usize = 128 * 1024 - 64;

/// The program's path and name, the mark, and what the kernel adds to them.
const ROOM_FOR_THE_REST: usize = 16 * 1024;

/// What every process of an engine has in common.
pub(crate) struct SpawnConfig {
    pub(crate) provider: Box<dyn Provider>,
    pub(crate) program: PathBuf,
    pub(crate) program_arguments: Vec<String>,
    pub(crate) max_line_bytes: usize,
    pub(crate) environment: Vec<(OsString, OsString)>,
    pub(crate) mark: EngineMark,
    pub(crate) state: StateDir,
    /// The home that agents find, whether a variable names it or not.
    pub(crate) home: Option<PathBuf>,
    /// Where jailed agents get directories of their own: the first that can be written.
    pub(crate) private: Vec<PathBuf>,
    pub(crate) audit: AuditTrail,
    pub(crate) homes: Homes,
    pub(crate) enforced: Enforced,
    pub(crate) jail_paths: JailPaths,
}

/// One thing to do.
pub(crate) enum Job {
    Spawn(SlotKey, SpawnKey, Conversation),
    /// Look whether agents have changed what is the user's, and the user what is theirs.
    SyncPrivate,
    /// Note the tree below a process, before it is signalled.
    NoteTree(ChildKey, u32),
    /// Find out what the path of a process's work directory leads to.
    LookUp(ChildKey, PathBuf),
    SaveRecord(SessionId, String, Record),
    /// Try once more to write what could not be written.
    SaveAgain(SessionId, String),
    /// The pool has let go of the session with this key.
    ReleaseLock(String),
    /// Kill what a process has left.
    Sweep(Mark, Tree),
    /// Write a line to the log: loggers are foreign code, and may block.
    Log(log::Level, String),
    /// Keep a verdict for the operator.
    Audit(Box<AuditEntry>),
    /// Kill what the whole engine has left, until this time, and report.
    SweepAll(Instant),
}

/// Starts the thread; it ends when the sender is dropped, and disconnects the receiver then.
pub(crate) fn start(
    spawn_config: Arc<SpawnConfig>,
    commands: CommandSender,
) -> std::io::Result<(Sender<Job>, Receiver<()>, JoinHandle<()>)> {
    let (sender, jobs) = unbounded();
    let (running, ended) = bounded(0);
    let roots = PrivateRoots::new(&spawn_config.private);
    let spawner = Spawner {
        orphans: Orphans::new(&spawn_config.mark),
        spawn_config,
        commands,
        spawned: 0,
        leftovers: Vec::new(),
        unused: Vec::new(),
        roots,
        private: Vec::new(),
    };
    let thread = thread::Builder::new().name("hotplex-spawn".to_owned());
    let thread = thread.spawn(move || {
        let _disconnected_at_the_end = running;
        spawner.run(&jobs);
    })?;
    Ok((sender, ended, thread))
}

struct Spawner {
    spawn_config: Arc<SpawnConfig>,
    commands: CommandSender,
    spawned: u64,
    leftovers: Vec<(Mark, Tree)>,
    /// Keys of sessions that the pool has let go of.
    unused: Vec<String>,
    orphans: Orphans,
    /// Made with the first jailed agent. The directories in it stand for living processes.
    private: Vec<(Mark, Private)>,
    roots: PrivateRoots,
}

impl Spawner {
    fn run(mut self, jobs: &Receiver<Job>) {
        process::block_all_signals();
        let mut reaped = Instant::now();
        loop {
            match self.next_job(jobs) {
                Ok(job) => self.take(job),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            while let Ok(job) = jobs.try_recv() {
                self.take(job);
            }
            self.sweep();
            self.release(jobs);
            if reaped.elapsed() >= REAP_EVERY {
                self.orphans.reap();
                reaped = Instant::now();
            }
        }
        self.spawn_config.state.close();
    }

    /// Frees the locks of unused sessions as long as there is nothing else to do. What is left at
    /// the end goes with the engine's other locks.
    fn release(&mut self, jobs: &Receiver<Job>) {
        while !self.unused.is_empty() {
            match jobs.try_recv() {
                Ok(job) => self.take(job),
                Err(TryRecvError::Disconnected) => return,
                Err(TryRecvError::Empty) => {
                    let key = self.unused.pop();
                    key.into_iter()
                        .for_each(|key| self.spawn_config.state.release(&key));
                }
            }
        }
        self.sweep();
    }

    fn next_job(&mut self, jobs: &Receiver<Job>) -> Result<Job, RecvTimeoutError> {
        match self.orphans.may_come() {
            true => jobs.recv_timeout(REAP_EVERY),
            false => jobs.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    fn take(&mut self, job: Job) {
        match job {
            Job::Spawn(slot, spawn_key, conversation) => {
                let result = self.spawn(&spawn_key, &conversation);
                self.answer(Command::Spawned(slot, Box::new(result)));
            }
            Job::LookUp(child_key, work_dir) => {
                let found = fs::metadata(work_dir).ok();
                self.answer(Command::WorkDirFound(
                    child_key,
                    found.as_ref().map(Inode::of),
                ));
            }
            Job::SaveRecord(session, key, record) => {
                let outcome = self.spawn_config.state.save(&key, record);
                self.saved(session, outcome);
            }
            Job::SaveAgain(session, key) => {
                let outcome = self.spawn_config.state.save_again(&key);
                self.saved(session, outcome);
            }
            Job::ReleaseLock(key) => self.unused.push(key),
            Job::SyncPrivate => self.sync_private(),
            // The loop throws the answer away if it has let go of the process meanwhile.
            Job::NoteTree(child_key, pid) => {
                self.answer(Command::TreeNoted(child_key, process::note_tree(pid)))
            }
            Job::Sweep(mark, tree) => self.leftovers.push((mark, tree)),
            Job::Log(level, text) => log::log!(level, "{text}"),
            Job::Audit(entry) => self.spawn_config.audit.add(&entry),
            Job::SweepAll(until) => self.sweep_all(until),
        }
    }

    fn answer(&self, command: Command) {
        // The loop outlives this thread; if it does not, its children ended with it.
        let _ = self.commands.send(command);
    }

    fn spawn(
        &mut self,
        spawn_key: &SpawnKey,
        conversation: &Conversation,
    ) -> Result<Spawned, Error> {
        let config = &self.spawn_config;
        let work_dir = self.work_dir(&spawn_key.work_dir)?;
        self.spawned += 1;
        let mark = config.mark.spawn_mark(self.spawned);
        let (instructions, mut notices) = project_of(spawn_key, &config.provider.project_files());
        let is_jailed = config.enforced.jail() != Jail::Off;
        let git = match is_jailed {
            true => git_of(&work_dir, &config.homes, &mut notices),
            false => GitDirs::default(),
        };
        let real_work_dir = fs::canonicalize(&spawn_key.work_dir);
        let real_work_dir = real_work_dir.unwrap_or_else(|_| spawn_key.work_dir.clone());
        let private = match is_jailed {
            true => self.private_for(&[&spawn_key.work_dir, &real_work_dir], conversation)?,
            false => None,
        };
        let config = &self.spawn_config;
        let environment = environment::of_process(
            &config.environment,
            &spawn_key.work_dir,
            spawn_key.project,
            config.provider.as_ref(),
            private.as_ref(),
        );
        let start = Start {
            conversation,
            work_dir: &spawn_key.work_dir,
            real_work_dir: &real_work_dir,
            jailed: is_jailed,
            model: spawn_key.model.as_deref(),
            project: spawn_key.project,
            max_line_bytes: config.max_line_bytes,
            system_prompt: SystemPrompt::Given(""),
        };
        let text = config.provider.system_prompt(&instructions);
        let (arguments, file) = arguments(config, &start, &environment, &text)?;
        let protocol = config.provider.protocol(&Start {
            system_prompt: SystemPrompt::Given(&text),
            ..start
        });
        let mut jail_paths = Cow::Borrowed(&config.jail_paths);
        if let Some(file) = file {
            jail_paths.to_mut().readable.push(file);
        }
        if let Some(private) = &private {
            let jail_paths = jail_paths.to_mut();
            jail_paths.writable.extend(private.writable.iter().cloned());
            jail_paths.readable.extend(private.readable.iter().cloned());
        }
        let launch = Launch {
            program: &config.program,
            arguments: &arguments,
            environment: &environment,
            work_dir: &spawn_key.work_dir,
            mark: &mark,
            jail: is_jailed.then_some(Confinement {
                enforced: &config.enforced,
                jail_paths: &jail_paths,
                work_dir: &work_dir,
                git: &git,
            }),
        };
        let child = process::spawn(&launch).map_err(spawn_failed)?;
        self.orphans.note_agent(child.group.pid());
        let directory = private.as_ref().map(|own| own.directory().to_owned());
        self.private.extend(private.map(|own| (mark.clone(), own)));
        Ok(Spawned {
            child,
            work_dir: real_work_dir,
            inode: work_dir.inode(),
            private: directory,
            mark,
            protocol,
            git_dirs: git.paths(),
            notices,
        })
    }

    /// The directory, made if it is missing, and held so that it is the one that is looked at.
    fn work_dir(&self, path: &Path) -> Result<WorkDir, Error> {
        let made = fs::create_dir_all(path).map_err(|error| ("cannot be made: ", error));
        let homes = &self.spawn_config.homes;
        let opened = made.and_then(|()| WorkDir::open(path, homes).map_err(|error| ("", error)));
        opened.map_err(|(what, error)| {
            let message = format!("work_dir {}: {what}{error}", path.display());
            match process::is_shortage(&error) {
                true => spawn_failed(SpawnError::new(message, error)),
                false => Error::invalid(message).because(error),
            }
        })
    }

    /// What this process alone has of what its agent keeps.
    fn private_for(
        &mut self,
        work_dirs: &[&Path],
        conversation: &Conversation,
    ) -> Result<Option<Private>, Error> {
        // The copies of what is the user's are to be the latest.
        self.sync_private();
        let config = &self.spawn_config;
        let variable = |name: &str| {
            let found = config.environment.iter().find(|(set, _)| set == name);
            let value = found
                .map(|(_, value)| value)
                .filter(|value| !value.is_empty());
            let home = || config.home.clone().filter(|_| name == "HOME");
            value.map(PathBuf::from).or_else(home)
        };
        let state = config.provider.state(&User {
            variable: &variable,
            work_dirs,
            conversation,
        });
        let Some(state) = state else {
            return Ok(None);
        };
        let failed = |error| {
            let places = &self.spawn_config.private;
            let context = format!("no directory of the agent's own can be made in {places:?}");
            spawn_failed(SpawnError::new(context, error))
        };
        let made = self.roots.make(self.spawned, &state);
        made.map(Some).map_err(failed)
    }

    fn sync_private(&mut self) {
        for (_, private) in &mut self.private {
            private.sync();
        }
    }

    fn saved(&self, session: SessionId, outcome: Result<(), String>) {
        if let Err(text) = &outcome {
            log::warn!("the record of session {session} could not be written: {text}");
        }
        self.answer(Command::RecordSaved(session, outcome));
    }

    fn sweep(&mut self) {
        if self.leftovers.is_empty() {
            return;
        }
        let leftovers = std::mem::take(&mut self.leftovers);
        let marks = Wanted::spawns(leftovers.iter().map(|(mark, _)| mark));
        let wanted = leftovers
            .iter()
            .fold(marks, |wanted, (_, tree)| wanted.with_tree(tree.clone()));
        let leftover = process::sweep(&wanted, Instant::now() + SWEEP_LIMIT);
        let is_gone = |mark: &Mark| leftovers.iter().any(|(gone, _)| gone == mark);
        self.private.retain(|(mark, _)| !is_gone(mark));
        if !leftover.living.is_empty() {
            log::error!(
                "processes of ended agents resist KILL: {:?}",
                leftover.living
            );
        }
    }

    fn sweep_all(&mut self, until: Instant) {
        let trees = std::mem::take(&mut self.leftovers);
        let wanted = Wanted::engine(&self.spawn_config.mark);
        let wanted = trees
            .into_iter()
            .fold(wanted, |wanted, (_, tree)| wanted.with_tree(tree));
        let leftover = process::sweep(&wanted, until);
        while self.orphans.reap() > 0 && Instant::now() < until {
            thread::sleep(REAP_PAUSE);
        }
        self.private.clear();
        self.roots.clear();
        self.answer(Command::Swept(leftover.living));
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

/// All arguments of a process, and the file that they point to if they have not room for the system
/// prompt.
fn arguments(
    config: &SpawnConfig,
    start: &Start<'_>,
    environment: &[(OsString, OsString)],
    text: &str,
) -> Result<(Vec<String>, Option<PathBuf>), Error> {
    let with = |system_prompt| {
        let own = config.program_arguments.iter().cloned();
        let provided = config.provider.arguments(&Start {
            system_prompt,
            ..*start
        });
        own.chain(provided).collect::<Vec<String>>()
    };
    let given = with(SystemPrompt::Given(text));
    let fits = text.len() <= LONGEST_ARGUMENT
        && size_of_start(&given, environment) <= process::argument_room();
    if text.is_empty() || fits {
        return Ok((given, None));
    }
    let length = text.len();
    let refused = |why: String| {
        let message = format!(
            "the system prompt has {length} bytes, too many for an argument, and no file: {why}"
        );
        Error::new(ErrorKind::SpawnFailed, message)
    };
    let file = config.state.keep_prompt(text).map_err(refused)?;
    let path = file.to_str().ok_or("its path is not UTF-8".to_owned());
    let arguments = with(SystemPrompt::InFile(path.map_err(refused)?));
    Ok((arguments, Some(file)))
}

/// What the system counts of a program's start: each text with its zero byte and its pointer.
fn size_of_start(arguments: &[String], environment: &[(OsString, OsString)]) -> usize {
    let variables = environment
        .iter()
        .map(|(name, value)| name.len() + value.len() + 10);
    let arguments = arguments.iter().map(|argument| argument.len() + 9);
    arguments.chain(variables).sum::<usize>() + ROOM_FOR_THE_REST
}

/// What git needs outside of the work directory. What is refused is reported, since git will fail.
fn git_of(work_dir: &WorkDir, homes: &Homes, notices: &mut Vec<EventKind>) -> GitDirs {
    GitDirs::of(work_dir, homes).unwrap_or_else(|why| {
        notices.push(EventKind::warning(NoticeCode::GitNotOpened, why));
        GitDirs::default()
    })
}

fn spawn_failed(error: process::SpawnError) -> Error {
    Error::new(ErrorKind::SpawnFailed, error.to_string()).because(error)
}
