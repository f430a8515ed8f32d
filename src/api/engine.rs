//! The engine in the caller's hands.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::lock::Mutex;
use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::base_dir::BaseDir;
use super::config::{EngineOptions, GuardConfig};
use super::jail;
use super::request::{Request, WarmUp};
use super::threads::{self, Running};
use super::trust::Trust;
use super::turn::Turn;
use crate::channel::{EventHub, HubReceiver, turn_channel};
use crate::error::{Error, ErrorKind};
use crate::event::{Event, SessionId};
use crate::process::{self, OwnProcess};
use crate::project::Project;
use crate::reactor::command::{Command, CommandSender};
use crate::reactor::spawn_config::SpawnConfig;
use crate::reactor::{LoopOptions, Shared, date_of};
use crate::session::Limits;
use crate::session::admission::{Admission, Bounds};
use crate::stats::{Capabilities, EngineInfo, SessionInfo, SessionStats};
use hotplex_guard::Guard;

/// What closing takes beyond the agents' grace: the last sweep and the threads' ends.
const CLOSE_MARGIN: Duration = Duration::from_secs(3);

/// Longer than any host lives, and short enough for every clock.
const A_CENTURY: Duration = Duration::from_secs(100 * 366 * 86_400);

/// Keeps agents hot: takes prompts for sessions by name, and gives their events.
///
/// An engine is a handle: clone it and use it from any thread. When the last handle is dropped the
/// engine is closed, as [`Engine::close`] does it with the engine's own grace.
///
/// It owns three threads (`hotplex-io`, `hotplex-spawn`, `hotplex-judge`), which block every signal,
/// and one tiny watchdog process, which ends the agents if the host is killed. It installs no signal handler and
/// no logger, and prints nothing; what it has to say to an operator goes through the `log` crate.
#[derive(Clone)]
pub struct Engine {
    /// Of the process that opened it; children that it forks do not touch it.
    pub(super) inner: OwnProcess<Arc<Inner>>,
    /// What children get in place of the background events: over already.
    nothing: Receiver<Event>,
}

pub(super) struct Inner {
    pub(super) commands: CommandSender,
    pub(super) shared: Arc<Shared>,
    pub(super) base_dir: BaseDir,
    pub(super) model: Option<String>,
    pub(super) project: Project,
    pub(super) trust: Trust,
    pub(super) turn_timeout: Duration,
    kill_grace: Duration,
    background: Receiver<Event>,
    pub(super) event_hub: EventHub,
    pub(super) hub_receiver: Mutex<Option<HubReceiver>>,
    pub(super) next_turn: AtomicU64,
    running: Mutex<Option<Running>>,
}

impl Engine {
    pub(super) fn start(
        options: EngineOptions,
        base_dir: BaseDir,
        spawn_config: Arc<SpawnConfig>,
    ) -> Result<Engine, Error> {
        let trust = Trust::new(
            &options,
            &spawn_config.enforced,
            spawn_config.provider.as_ref(),
        );
        trust.check(options.project)?;
        let gate = options.make_gate(spawn_config.provider.as_ref(), &spawn_config.environment)?;
        let shared = Arc::new(Shared {
            admission: Mutex::new(Admission::new(Bounds {
                queue_turns: options.queue_turns,
                max_processes: options.max_processes,
            })),
            spawn_config,
            gate,
            namespace: options.namespace.clone(),
            opened: Instant::now(),
        });
        let started = threads::start(&shared, loop_options(&shared, &options))?;
        let inner = Inner {
            commands: started.commands,
            shared,
            base_dir,
            model: options.model,
            project: options.project,
            trust,
            turn_timeout: options.turn_timeout,
            kill_grace: options.kill_grace,
            background: started.background,
            event_hub: started.event_hub,
            hub_receiver: Mutex::new(Some(started.hub_receiver)),
            next_turn: AtomicU64::new(1),
            running: Mutex::new(Some(started.running)),
        };
        Ok(Engine {
            inner: OwnProcess::new(Arc::new(inner)),
            nothing: crossbeam_channel::bounded(0).1,
        })
    }

    /// Sends a prompt into its session and returns at once.
    ///
    /// A session that is not in the pool gets a process: a spare's if one fits, else one of its
    /// own, in which its earlier conversation goes on if there was one. Turns of one session run
    /// one after the other, in the order of the calls. For a session that is not in the pool the
    /// work directory and two small files are looked up on the caller's thread.
    ///
    /// # Errors
    /// `Forked` in a child of `fork`, from this and every other method that can fail;
    /// `InvalidArgument` for an empty prompt, a bad session id, a work directory that is the root, a
    /// home or above one, or that differs from that of the session's live process; `Blocked` if the
    /// guard refuses the prompt; `Busy` if too many turns of the session, or too many sessions,
    /// wait; `InUse` if another engine uses the session; `Closed` after [`Engine::close`]. No turn
    /// exists then.
    pub fn execute(&self, request: Request) -> Result<Turn, Error> {
        let prompt = self.own()?.accept(request)?;
        let (events, receiver) = turn_channel();
        let accepted = prompt.receipt();
        let commands = self.inner.commands.clone();
        commands.send(Command::Prompt(Box::new(prompt), events))?;
        Ok(Turn::new(accepted, receiver, commands))
    }

    /// Starts `count` spares ahead of the sessions that will need them. Returns at once;
    /// [`EngineInfo::ready_spares`] tells when they are ready. Over the bound on live processes
    /// none is started.
    ///
    /// # Errors
    /// `InvalidArgument` for a bad work directory, `Closed` after [`Engine::close`].
    pub fn prewarm(&self, spares: &WarmUp, count: usize) -> Result<(), Error> {
        spares.check()?;
        let spawn_key = self.own()?.spawn_key(spares)?;
        jail::check_work_dir(&spawn_key.work_dir, &self.inner.shared.spawn_config.homes)?;
        self.inner.commands.send(Command::WarmUp(spawn_key, count))
    }

    /// Stops a session: its turns end as stopped at once, its process is ended politely (end of
    /// input, TERM, KILL, within the grace). The conversation is kept; the next prompt takes it up
    /// again.
    ///
    /// # Errors
    /// `NotFound` if the pool holds no such session, `Closed` after [`Engine::close`].
    pub fn stop_session(&self, session_id: &str, reason: &str) -> Result<(), Error> {
        let session = SessionId::new(session_id)?;
        let found = self.own()?.commands.ask(|answer| Command::Stop {
            session,
            reason: reason.to_owned(),
            answer,
        })?;
        if found {
            Ok(())
        } else {
            Err(no_session(session_id))
        }
    }

    /// The sessions and spares that the pool holds now.
    ///
    /// # Errors
    /// `Closed` after [`Engine::close`].
    pub fn sessions(&self) -> Result<Vec<SessionInfo>, Error> {
        let mut sessions = self.own()?.commands.ask(Command::ListSessions)?;
        sessions.sort_by(|one, other| one.session_id.cmp(&other.session_id));
        for session in &mut sessions {
            session.resident_bytes = session.pid.map_or(0, process::resident_bytes);
        }
        Ok(sessions)
    }

    /// What the engine has done so far, and holds now.
    ///
    /// # Errors
    /// `Closed` after [`Engine::close`].
    pub fn info(&self) -> Result<EngineInfo, Error> {
        self.own()?.commands.ask(Command::Inform)
    }

    /// What a session has done since it came into the pool.
    ///
    /// # Errors
    /// `NotFound` if the pool holds no such session, `Closed` after [`Engine::close`].
    pub fn session_stats(&self, session_id: &str) -> Result<SessionStats, Error> {
        let session = SessionId::new(session_id)?;
        let commands = &self.own()?.commands;
        let stats = commands.ask(|answer| Command::InformOfSession(session, answer))?;
        stats.ok_or_else(|| no_session(session_id))
    }

    /// The guard that judges what the engine's agents are about to do, to be asked beforehand.
    pub fn guard(&self) -> Arc<Guard> {
        self.inner.shared.gate.guard()
    }

    /// Puts another guard in place of the engine's, from the next prompt and the next call of a tool
    /// on. The audit file stays the one the engine was opened with.
    ///
    /// # Errors
    /// `InvalidArgument` for settings that [`EngineBuilder::open`](crate::EngineBuilder::open)
    /// would refuse; the guard stays as it was then.
    pub fn set_guard(&self, config: &GuardConfig) -> Result<(), Error> {
        let own = self.own()?;
        let config = own.base_dir.anchor_guard(config)?;
        own.shared.gate.set_guard(config.make()?);
        Ok(())
    }

    /// What the engine's provider lets the engine enforce.
    pub fn capabilities(&self) -> Capabilities {
        self.inner.shared.spawn_config.provider.capabilities()
    }

    /// Events that belong to no turn: what agents do by themselves, and what happens to idle
    /// processes. In a child of `fork` nothing comes. 4096 of them wait; what comes on top is dropped
    /// and counted in [`EngineInfo::lost_background_events`].
    pub fn background_events(&self) -> &Receiver<Event> {
        match self.inner.is_own() {
            true => &self.inner.background,
            false => &self.nothing,
        }
    }

    /// The engine, unless this is a child of the process that opened it.
    pub(super) fn own(&self) -> Result<&Inner, Error> {
        match self.inner.is_own() {
            true => Ok(&self.inner),
            false => Err(Error::forked()),
        }
    }

    /// Ends every turn (as stopped), every session and every process, and the engine's threads.
    ///
    /// Agents get `grace` to end by themselves. When it returns, nothing of the engine is left;
    /// it returns within the grace and a few seconds. Closing again, or from two threads, is
    /// harmless: the second call waits for the first.
    ///
    /// # Errors
    /// `Internal` if a process could not be ended; the message has its number.
    pub fn close(&self, grace: Duration) -> Result<(), Error> {
        self.own()?.close(grace)
    }
}

impl Inner {
    /// Has the loop begin to close. Sent again it can only shorten the grace.
    pub(super) fn begin_close(&self, grace: Duration) {
        self.shared.admission.lock().close();
        // The loop has ended already if this fails, and so has everything else.
        let _ = self.commands.send(Command::Close(bounded(grace)));
    }

    pub(super) fn close(&self, grace: Duration) -> Result<(), Error> {
        let grace = bounded(grace);
        self.begin_close(grace);
        let mut running = self.running.lock();
        let Some(Running {
            io,
            spawn,
            judge,
            threads,
            watchdog,
        }) = running.take()
        else {
            return Ok(());
        };
        let left_alive = io.recv_timeout(grace + CLOSE_MARGIN);
        // These two may hang in a file system; nothing of ours can be done about that.
        let until = Instant::now() + CLOSE_MARGIN;
        let has_ended =
            |thread: Receiver<()>| thread.recv_deadline(until) != Err(RecvTimeoutError::Timeout);
        let ended = has_ended(spawn) & has_ended(judge);
        drop(watchdog);
        if ended && left_alive.is_ok() {
            // They have finished their work, and a host that counts threads must find them gone.
            let _ = threads.map(JoinHandle::join);
        }
        let problem = match left_alive {
            Ok(living) if living.is_empty() && ended => return Ok(()),
            Ok(living) if ended => format!("processes {living:?} could not be ended"),
            Ok(_) => "the spawn thread or the judge thread did not end in time".to_owned(),
            Err(_) => "the io thread did not end in time".to_owned(),
        };
        Err(Error::new(ErrorKind::Internal, problem))
    }
}

fn loop_options(shared: &Shared, options: &EngineOptions) -> LoopOptions {
    LoopOptions {
        limits: Limits {
            start: some_limit(options.start_timeout),
            idle: some_limit(options.idle_timeout),
            background: some_limit(options.background_timeout),
            silence: some_limit(options.silence_timeout),
            approval: some_limit(options.approval_timeout),
            grace: bounded(options.kill_grace),
            outlives_input: shared.spawn_config.provider.outlives_input(),
            calendar: date_of,
        },
        max_processes: options.max_processes,
        window_bytes: options.window_bytes,
    }
}

/// Zero is no limit.
pub(super) fn some_limit(limit: Duration) -> Option<Duration> {
    Some(bounded(limit)).filter(|limit| !limit.is_zero())
}

/// A time that can be added to any clock: callers say `Duration::MAX` for "as long as it takes".
fn bounded(limit: Duration) -> Duration {
    limit.min(A_CENTURY)
}

fn no_session(session_id: &str) -> Error {
    let message = format!("no session {session_id} is in the pool");
    Error::new(ErrorKind::NotFound, message)
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Err(error) = self.close(self.kill_grace) {
            log::error!("closing the engine: {error}");
        }
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}
