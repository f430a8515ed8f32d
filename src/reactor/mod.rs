//! The threads of an engine: the poll loop, the spawn thread and the judge thread.
//!
//! The loop owns the poll and every process, buffer and timer. It is the only room where the others
//! meet: it passes what `provider` decodes to `session` and carries out what `session` asks for. It
//! runs no foreign code and calls nothing that can block; what may block is a job for the spawn thread.
//!
//! A pass of the loop: wait, take commands, mark who has something to read, visit each of those
//! for one budget, fire timers, find processes for those that wait.
//!
//! | file | what |
//! |---|---|
//! | `command`, `dispatch` | what comes in from outside, and what that does |
//! | `slot`, `delivery`, `recording`, `first_notices` | one session: its process, its callers, its record, its first notices |
//! | `child_io`, `outbox`, `stderr`, `ring_buffer` | the pipes of one process |
//! | `hook_socket` | where the hooks of one process ask |
//! | `scheduler` | who gets which process |
//! | `gate`, `tool_gate`, `judge`, `symlinks` | what may run, how the agent is answered, the judge thread, where paths lead |
//! | `timer`, `deadlines` | when a slot is due, and what an agent said in time |
//! | `bookkeeping` | lists, timers and names after something happened to a slot |
//! | `spawner`, `spawn_config`, `process_start`, `environment` | the spawn thread, what all starts share, one start, and what a process sees |

mod bookkeeping;
mod child_io;
pub(crate) mod command;
mod deadlines;
mod delivery;
mod dispatch;
mod environment;
mod first_notices;
pub(crate) mod gate;
mod hook_socket;
pub(crate) mod judge;
mod outbox;
mod process_start;
mod recording;
mod ring_buffer;
mod scheduler;
mod slot;
pub(crate) mod spawn_config;
pub(crate) mod spawner;
mod stderr;
mod symlinks;
mod timer;
mod tool_gate;

use std::collections::{HashMap, VecDeque};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::lock::Mutex;
use crossbeam_channel::{Receiver, Sender};
use mio::{Events, Poll};

use crate::channel::BackgroundSender;
use crate::error::{Error, ErrorKind};
use crate::event::SessionId;
use crate::message::Message;
use crate::process;
use crate::session::admission::Admission;
use crate::session::pool::Pool;
use crate::session::turn::Epoch;
use crate::session::{Action, Limits};
use crate::state_dir::Remembered;
use child_io::READ_BUDGET;
use command::{Command, CommandSender, LoopWaker};
use gate::Gate;
use judge::JudgeRequest;
use slot::Slot;
use spawn_config::SpawnConfig;
use spawner::Job;
use timer::Timers;

/// A slot's name, never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SlotKey(u64);

/// A process's name in the poll, never used again: a stale event cannot hit a new process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ChildKey(u64);

/// Which descriptor of a process an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChildFd {
    Stdin,
    Stdout,
    Stderr,
    Exit,
    /// The socket of its hooks, and all who are connected.
    Hooks,
}

/// How many events one poll gives at most.
const MOST_EVENTS: usize = 1024;

/// Wakes the loop for commands.
const WAKER: mio::Token = mio::Token(0);

impl ChildKey {
    fn of(self, stream: ChildFd) -> mio::Token {
        mio::Token(self.0 as usize * 8 + stream as usize)
    }

    fn read(token: mio::Token) -> (ChildKey, ChildFd) {
        let stream = match token.0 % 8 {
            0 => ChildFd::Stdin,
            1 => ChildFd::Stdout,
            2 => ChildFd::Stderr,
            3 => ChildFd::Exit,
            _ => ChildFd::Hooks,
        };
        (ChildKey(token.0 as u64 / 8), stream)
    }
}

/// What callers and the loop both see. Nothing here is touched between a prompt and its answer
/// but the admission's counters.
pub(crate) struct Shared {
    pub(crate) admission: Mutex<Admission<Remembered>>,
    pub(crate) spawn_config: Arc<SpawnConfig>,
    pub(crate) gate: Gate,
    pub(crate) namespace: String,
    pub(crate) epoch: Epoch,
}

/// The options that the loop itself goes by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LoopOptions {
    pub(crate) limits: Limits,
    pub(crate) max_processes: usize,
    pub(crate) window_bytes: u64,
}

/// What the loop counts.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) spawned: u64,
    pub(crate) turns_completed: u64,
    pub(crate) turns_not_completed: u64,
    pub(crate) spare_hits: u64,
    pub(crate) spare_misses: u64,
    pub(crate) hibernated: u64,
    pub(crate) lost_background_events: u64,
}

/// How far the engine's end has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Closing {
    No,
    /// Sessions are ending; at this time what is left of them is killed.
    Sessions(Instant),
    /// The last sweep is under way.
    Sweep,
    Done,
}

/// The state of the io thread.
pub(crate) struct Loop {
    poll: Poll,
    events: Events,
    waker: Arc<LoopWaker>,
    commands: Receiver<Command>,
    sender: CommandSender,
    jobs: Sender<Job>,
    to_judge: Sender<JudgeRequest>,
    background: BackgroundSender,
    shared: Arc<Shared>,
    options: LoopOptions,
    slots: HashMap<SlotKey, Slot>,
    by_session: HashMap<SessionId, SlotKey>,
    by_child: HashMap<ChildKey, SlotKey>,
    spares: Vec<SlotKey>,
    pool: Pool<SlotKey>,
    /// Slots to visit, each once.
    ready: VecDeque<SlotKey>,
    /// Slots that something was done to in this pass.
    touched: Vec<SlotKey>,
    timers: Timers<SlotKey>,
    counters: Counters,
    live_processes: usize,
    next_name: u64,
    closing: Closing,
    left_alive: Vec<u32>,
    scratch: Vec<u8>,
    actions: Vec<Action>,
    messages: Vec<Message>,
    /// A slot was visited since the loop last made way for others.
    visited: bool,
    /// The last pass did not ask the poll.
    unpolled: bool,
    now: Instant,
}

/// What the loop is made from.
pub(crate) struct Parts {
    pub(crate) poll: Poll,
    pub(crate) waker: Arc<LoopWaker>,
    pub(crate) commands: Receiver<Command>,
    pub(crate) sender: CommandSender,
    pub(crate) jobs: Sender<Job>,
    pub(crate) to_judge: Sender<JudgeRequest>,
    pub(crate) background: BackgroundSender,
    pub(crate) shared: Arc<Shared>,
    pub(crate) options: LoopOptions,
}

/// A poll and what wakes it.
pub(crate) fn new_poll() -> io::Result<(Poll, Arc<LoopWaker>)> {
    let poll = Poll::new()?;
    let waker = mio::Waker::new(poll.registry(), WAKER)?;
    Ok((poll, Arc::new(LoopWaker::new(waker))))
}

impl Loop {
    pub(crate) fn new(parts: Parts) -> Loop {
        Loop {
            poll: parts.poll,
            events: Events::with_capacity(MOST_EVENTS),
            waker: parts.waker,
            commands: parts.commands,
            sender: parts.sender,
            jobs: parts.jobs,
            to_judge: parts.to_judge,
            background: parts.background,
            shared: parts.shared,
            options: parts.options,
            slots: HashMap::new(),
            by_session: HashMap::new(),
            by_child: HashMap::new(),
            spares: Vec::new(),
            pool: Pool::new(parts.options.max_processes),
            ready: VecDeque::new(),
            touched: Vec::new(),
            timers: Timers::new(),
            counters: Counters::default(),
            live_processes: 0,
            // Token 0 is the waker's.
            next_name: 1,
            closing: Closing::No,
            left_alive: Vec::new(),
            scratch: vec![0; READ_BUDGET],
            actions: Vec::new(),
            messages: Vec::new(),
            visited: false,
            unpolled: false,
            now: Instant::now(),
        }
    }

    /// Runs until the engine is closed. Returns the numbers of processes that could not be ended.
    ///
    /// A panic of the loop itself ends every turn and kills every group: the slots are dropped.
    pub(crate) fn run(mut self) -> Vec<u32> {
        process::block_all_signals();
        let outcome = catch_unwind(AssertUnwindSafe(|| self.run_until_closed()));
        if let Err(error) = outcome.unwrap_or_else(|_| Err(io::Error::other("panic"))) {
            self.log(log::Level::Error, format!("the io thread ends: {error}"));
            self.fail_everything();
        }
        self.shared.admission.lock().close();
        std::mem::take(&mut self.left_alive)
    }

    fn run_until_closed(&mut self) -> io::Result<()> {
        while self.closing != Closing::Done {
            self.wait()?;
            self.take_commands();
            self.mark_ready();
            self.visit_ready();
            self.fire_timers()?;
            self.reconcile();
            self.start_waiting();
            self.continue_closing();
        }
        Ok(())
    }

    /// Waits until there is something to do. Commands that came in during the last pass are taken
    /// without a look into the poll, which is a system call, but not twice in a row: callers who
    /// never pause must not keep the agents from being read.
    fn wait(&mut self) -> io::Result<()> {
        let has_work = self.has_work();
        self.unpolled = has_work && self.ready.is_empty() && !self.unpolled;
        let outcome = if self.unpolled {
            self.events.clear();
            Ok(())
        } else {
            let timeout = if has_work {
                Some(Duration::ZERO)
            } else {
                self.until_next_timer()
            };
            self.poll.poll(&mut self.events, timeout)
        };
        self.waker.disarm();
        self.now = Instant::now();
        outcome.or_else(|error| match error.kind() {
            io::ErrorKind::Interrupted => Ok(()),
            _ => Err(error),
        })
    }

    /// Arms the waker if there is no work; a command that is sent from then on wakes the loop.
    ///
    /// Before that it yields to callers who were just woken: those who share this core send their next
    /// prompt before the waker is armed, which saves the wake.
    fn has_work(&mut self) -> bool {
        if !self.ready.is_empty() || !self.commands.is_empty() {
            return true;
        }
        if std::mem::take(&mut self.visited) {
            thread::yield_now();
        }
        self.waker.arm();
        !self.commands.is_empty()
    }

    fn until_next_timer(&self) -> Option<Duration> {
        let next = self.timers.next()?;
        Some(next.saturating_duration_since(Instant::now()))
    }

    fn mark_ready(&mut self) {
        let events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        for event in &events {
            let (token, stream) = ChildKey::read(event.token());
            let Some(&key) = self.by_child.get(&token) else {
                continue;
            };
            if let Some(slot) = self.slots.get_mut(&key)
                && let Some(child) = &mut slot.child
            {
                child.wake(stream, event.is_read_closed());
                list(&mut self.ready, key, slot);
            }
        }
        self.events = events;
    }

    /// Visits each slot of the list once; those with more to read go to the end of the next list.
    fn visit_ready(&mut self) {
        self.visited |= !self.ready.is_empty();
        for _ in 0..self.ready.len() {
            let Some(key) = self.ready.pop_front() else {
                return;
            };
            self.with_slot(key, |slot, context| {
                slot.listed = false;
                slot.visit(context);
            });
        }
    }
}

fn list(ready: &mut VecDeque<SlotKey>, key: SlotKey, slot: &mut Slot) {
    if !std::mem::replace(&mut slot.listed, true) {
        ready.push_back(key);
    }
}

fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the engine was closed")
}
