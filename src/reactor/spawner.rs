//! The spawn thread: everything that may block on the file system or on exec.
//!
//! It owns nothing. Jobs come in over one channel, answers go back as commands. A pass over `/proc`
//! costs milliseconds and serves any number of processes, so sweeps are put off until no start
//! waits, and are then done together.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TryRecvError, bounded, unbounded};

use super::command::{Command, CommandSender, SpawnKey, Spawned};
use super::keys::{ChildKey, SlotKey};
use super::process_start::ProcessStart;
use super::spawn_config::SpawnConfig;
use crate::error::{Error, ErrorKind};
use crate::event::SessionId;
use crate::message::Conversation;
use crate::private::{Private, PrivateRoots};
use crate::process::{self, HostWatch, Mark, Orphans, SweepTargets, Tree};
use crate::store::{AuditEntry, Record};

/// How long a sweep behind one process looks again and again. What still starts new processes
/// after that is left to the sweep at the engine's end, and to the log.
const SWEEP_LIMIT: Duration = Duration::from_secs(2);

/// How long an orphan may be a zombie, in a host to which orphans come.
const REAP_EVERY: Duration = Duration::from_millis(500);

/// After so long of turns that end, it is looked once whether agents have changed what is the user's.
/// A look at each end would wake the thread for each turn (a seventh of the CPU of an echo turn), and
/// looks at the files of all processes.
pub(crate) const UPKEEP_EVERY: Duration = Duration::from_secs(1);

/// By so much is the look later than the end of what it stands for.
const SYNC_SLACK: Duration = Duration::from_millis(200);

/// Between two looks at those that were killed and are about to end.
const REAP_PAUSE: Duration = Duration::from_millis(5);

/// One thing to do.
pub(crate) enum Job {
    Spawn(SlotKey, SpawnKey, Conversation),
    /// Look whether agents have changed what is the user's, and the user what is theirs, and whether
    /// the host is still watched: once `UPKEEP_EVERY` is over.
    Upkeep,
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
    watchdog: Arc<dyn HostWatch>,
) -> std::io::Result<(Sender<Job>, Receiver<()>, JoinHandle<()>)> {
    let (sender, jobs) = unbounded();
    let (running, ended) = bounded(0);
    let roots = PrivateRoots::new(&spawn_config.private);
    let spawner = Spawner {
        orphans: Orphans::new(&spawn_config.mark),
        spawn_config,
        commands,
        watchdog,
        spawned: 0,
        leftovers: Vec::new(),
        unused: Vec::new(),
        roots,
        private: Vec::new(),
        sync_due: None,
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
    watchdog: Arc<dyn HostWatch>,
    spawned: u64,
    leftovers: Vec<(Mark, Tree)>,
    /// Keys of sessions that the pool has let go of.
    unused: Vec<String>,
    orphans: Orphans,
    /// Made with the first jailed agent. The directories in it stand for living processes.
    private: Vec<(Mark, Private)>,
    /// When those are to be looked at.
    sync_due: Option<Instant>,
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
            if self
                .sync_due
                .take_if(|due| Instant::now() >= *due)
                .is_some()
            {
                self.sync_private();
                if let Err(error) = self.watchdog.renew() {
                    log::error!("nobody would end the agents with their host: {error}");
                }
            }
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
        let reap = self.orphans.may_come().then_some(REAP_EVERY);
        let sync = self.sync_due;
        let sync = sync.map(|due| due.saturating_duration_since(Instant::now()));
        match reap.into_iter().chain(sync).min() {
            Some(limit) => jobs.recv_timeout(limit),
            None => jobs.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    fn take(&mut self, job: Job) {
        match job {
            Job::Spawn(slot, spawn_key, conversation) => {
                let result = self.spawn(&spawn_key, &conversation);
                self.answer(Command::Spawned(slot, Box::new(result)));
            }
            Job::LookUp(child_key, work_dir) => {
                let found = self.spawn_config.see(&work_dir);
                self.answer(Command::WorkDirFound(child_key, found));
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
            Job::Upkeep => {
                let due = Instant::now() + UPKEEP_EVERY + SYNC_SLACK;
                self.sync_due.get_or_insert(due);
            }
            // The loop throws the answer away if it has let go of the process meanwhile.
            Job::NoteTree(child_key, pid) => self.answer(Command::TreeNoted(
                child_key,
                self.spawn_config.launcher.note_tree(pid),
            )),
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
        self.spawned += 1;
        self.watchdog.renew().map_err(|error| {
            let message = format!("nobody would end the agent with its host: {error}");
            Error::new(ErrorKind::SpawnFailed, message)
        })?;
        // The copies of what is the user's are to be the latest.
        self.sync_private();
        let start = ProcessStart {
            config: &self.spawn_config,
            number: self.spawned,
            spawn_key,
            conversation,
        };
        let (spawned, private) = start.carry_out(&mut self.roots)?;
        self.orphans.note_agent(spawned.child.group.pid());
        let mark = spawned.mark.clone();
        self.private.extend(private.map(|own| (mark, own)));
        Ok(spawned)
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
        let marks = SweepTargets::spawns(leftovers.iter().map(|(mark, _)| mark));
        let wanted = leftovers
            .iter()
            .fold(marks, |wanted, (_, tree)| wanted.with_tree(tree.clone()));
        let leftover = self
            .spawn_config
            .launcher
            .sweep(&wanted, Instant::now() + SWEEP_LIMIT);
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
        let wanted = SweepTargets::engine(&self.spawn_config.mark);
        let wanted = trees
            .into_iter()
            .fold(wanted, |wanted, (_, tree)| wanted.with_tree(tree));
        let leftover = self.spawn_config.launcher.sweep(&wanted, until);
        while self.orphans.reap() > 0 && Instant::now() < until {
            thread::sleep(REAP_PAUSE);
        }
        self.private.clear();
        self.roots.clear();
        self.answer(Command::Swept(leftover.living));
    }
}
