//! What can wake the loop from outside, and the sender that callers hold.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::hook_socket::HookListener;
use super::keys::{ChildKey, SlotKey};
use crate::channel::{TurnReceipt, TurnSender};
use crate::error::{Error, ErrorKind};
use crate::event::{Decision, EventKind, SessionId, TurnId};
use crate::inode::SeenDir;
use crate::process::{Launched, Mark, Tree};
use crate::project::Project;
use crate::provider::Protocol;
use crate::repository::Watching;
use crate::session::turn::QueuedTurn;
use crate::stats::{EngineInfo, SessionInfo, SessionStats};
use hotplex_guard::Verdict;

/// What binds when a process starts. Only a spare with the very same setting fits a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SpawnKey {
    pub(crate) work_dir: PathBuf,
    pub(crate) model: Option<String>,
    pub(crate) project: Project,
}

/// An accepted turn on its way to its session.
pub(crate) struct AcceptedTurn {
    pub(crate) session: SessionId,
    pub(crate) spawn_key: SpawnKey,
    pub(crate) queued: QueuedTurn,
    pub(crate) accepted: Instant,
    /// The caller's own number of the turn.
    pub(crate) tag: u64,
    /// What the caller must hear first of the session's state.
    pub(crate) notices: Vec<EventKind>,
}

impl AcceptedTurn {
    /// What identifies the turn to its caller.
    pub(crate) fn receipt(&self) -> TurnReceipt {
        TurnReceipt {
            turn: self.queued.turn,
            session: self.session.clone(),
            at: self.accepted,
            tag: self.tag,
        }
    }
}

/// A process that runs.
pub(crate) struct Spawned {
    pub(crate) child: Launched,
    /// Where it works, without symbolic links.
    pub(crate) work_dir: PathBuf,
    /// What that was at its start.
    pub(crate) seen_dir: SeenDir,
    /// By which a change there is seen.
    pub(crate) repository: Option<Watching>,
    /// What it alone has in its jail.
    pub(crate) private: Option<PathBuf>,
    pub(crate) mark: Mark,
    /// The protocol that is spoken with it, before its first byte.
    pub(crate) protocol: Box<dyn Protocol>,
    /// When that may begin, if not at once.
    pub(crate) handshake_at: Option<Instant>,
    /// Where its hooks ask, if it has any.
    pub(crate) hooks: Option<HookListener>,
    /// What of git's the jail opened for it.
    pub(crate) git_dirs: Vec<PathBuf>,
    /// What the caller should know of the start.
    pub(crate) notices: Vec<EventKind>,
}

/// Whose permission request is answered.
pub(crate) enum Asker {
    Turn(TurnId),
    /// The session that asks, in a turn or in the background.
    Session(SessionId),
}

/// One request to the loop, from a caller or from another thread of the engine.
pub(crate) enum Command {
    Prompt(Box<AcceptedTurn>, TurnSender),
    WarmUp(SpawnKey, usize),
    Cancel(TurnId, Option<Sender<bool>>),
    Decide {
        asker: Asker,
        request_id: String,
        decision: Decision,
        answer: Sender<bool>,
    },
    Stop {
        session: SessionId,
        reason: String,
        answer: Sender<bool>,
    },
    ListSessions(Sender<Vec<SessionInfo>>),
    Inform(Sender<EngineInfo>),
    InformOfSession(SessionId, Sender<Option<SessionStats>>),
    /// A caller took enough of the session's events for its agent to be read again.
    Resume(SlotKey),
    /// From the spawn thread: the process asked for, or why there is none.
    Spawned(SlotKey, Box<Result<Spawned, Error>>),
    /// From the spawn thread: the tree below a process that is about to be signalled.
    TreeNoted(ChildKey, Tree),
    /// From the spawn thread: what the path of a process's work directory leads to now.
    WorkDirFound(ChildKey, Option<SeenDir>),
    /// From the spawn thread: a record of the session is written, or why it could not be.
    RecordSaved(SessionId, Result<(), String>),
    /// From the judge thread: the verdict on the slot's question of this number.
    Judged(SlotKey, u64, Box<Verdict>),
    /// From the spawn thread: nothing of this engine is left, or these are.
    Swept(Vec<u32>),
    /// End everything within this time.
    Close(Duration),
}

/// Wakes the loop if it sleeps, once for any number of commands.
///
/// A wake costs a system call and another pass of the loop. A loop that is awake checks the queue
/// before it sleeps again, so it needs no wake. No command is missed: the loop arms the waker and then
/// checks the queue, a sender queues and then checks whether the waker is armed, and all of it is
/// sequentially consistent.
pub(crate) struct LoopWaker {
    waker: mio::Waker,
    armed: AtomicBool,
}

impl LoopWaker {
    pub(crate) fn new(waker: mio::Waker) -> LoopWaker {
        LoopWaker {
            waker,
            armed: AtomicBool::new(false),
        }
    }

    fn wake(&self) {
        if self.armed.swap(false, Ordering::SeqCst)
            && let Err(error) = self.waker.wake()
        {
            log::error!("the io thread could not be woken: {error}");
        }
    }

    /// The loop is about to sleep. It must check its queue after this and before it waits.
    pub(crate) fn arm(&self) {
        self.armed.store(true, Ordering::SeqCst);
    }

    /// The loop is awake.
    pub(crate) fn disarm(&self) {
        self.armed.store(false, Ordering::SeqCst);
    }
}

/// Sends commands: sending and waking are one act.
///
/// There is one queue and not one for urgent matters besides: the loop empties it at every pass,
/// and a cancel must never overtake the prompt it is meant for. The number of prompts in it is
/// bounded where turns are admitted.
#[derive(Clone)]
pub(crate) struct CommandSender {
    commands: Sender<Command>,
    waker: Arc<LoopWaker>,
}

impl CommandSender {
    pub(crate) fn new(waker: Arc<LoopWaker>) -> (CommandSender, Receiver<Command>) {
        let (commands, receiver) = unbounded();
        (CommandSender { commands, waker }, receiver)
    }

    /// # Errors
    /// `Closed` if the loop has ended.
    pub(crate) fn send(&self, command: Command) -> Result<(), Error> {
        if self.commands.send(command).is_err() {
            return Err(closed());
        }
        self.waker.wake();
        Ok(())
    }

    /// Sends a question and waits for the answer. The loop never blocks, so that is a matter of
    /// microseconds.
    pub(crate) fn ask<T>(&self, question: impl FnOnce(Sender<T>) -> Command) -> Result<T, Error> {
        let (sender, answer) = crossbeam_channel::bounded(1);
        self.send(question(sender))?;
        answer.recv().map_err(|_| closed())
    }
}

fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the engine is closed")
}
