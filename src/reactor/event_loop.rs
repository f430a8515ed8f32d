//! The poll loop: its state, and one pass of it.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use mio::{Events, Poll};

use super::child_io::READ_BUDGET;
use super::command::{Command, CommandSender, LoopWaker};
use super::counters::Counters;
use super::judge::JudgeRequest;
use super::keys::{ChildKey, SlotKey};
use super::shared::Shared;
use super::slot::Slot;
use super::spawner::Job;
use super::timer::Timers;
use crate::channel::BackgroundSender;
use crate::error::{Error, ErrorKind};
use crate::event::SessionId;
use crate::message::Message;
use crate::process;
use crate::session::pool::Pool;
use crate::session::{Action, Limits};

/// How many events one poll gives at most.
pub(super) const MOST_EVENTS: usize = 1024;

/// Wakes the loop for commands.
const WAKER: mio::Token = mio::Token(0);

/// The options that the loop itself goes by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LoopOptions {
    pub(crate) limits: Limits,
    pub(crate) max_processes: usize,
    pub(crate) window_bytes: u64,
}

/// How far the engine's end has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closing {
    No,
    /// Sessions are ending; at this time what is left of them is killed.
    Sessions(Instant),
    /// The last sweep is under way.
    Sweep,
    Done,
}

/// The state of the io thread.
pub(crate) struct Loop {
    pub(super) poll: Poll,
    pub(super) events: Events,
    pub(super) waker: Arc<LoopWaker>,
    pub(super) commands: Receiver<Command>,
    pub(super) sender: CommandSender,
    pub(super) jobs: Sender<Job>,
    pub(super) to_judge: Sender<JudgeRequest>,
    pub(super) background: BackgroundSender,
    pub(super) shared: Arc<Shared>,
    pub(super) options: LoopOptions,
    pub(super) slots: HashMap<SlotKey, Slot>,
    pub(super) by_session: HashMap<SessionId, SlotKey>,
    pub(super) by_child: HashMap<ChildKey, SlotKey>,
    pub(super) spares: Vec<SlotKey>,
    pub(super) pool: Pool<SlotKey>,
    /// Slots to visit, each once.
    pub(super) ready: VecDeque<SlotKey>,
    /// Slots that something was done to in this pass.
    pub(super) touched: Vec<SlotKey>,
    pub(super) timers: Timers<SlotKey>,
    pub(super) counters: Counters,
    pub(super) live_processes: usize,
    pub(super) next_name: u64,
    pub(super) closing: Closing,
    pub(super) left_alive: Vec<u32>,
    pub(super) scratch: Vec<u8>,
    pub(super) actions: Vec<Action>,
    pub(super) messages: Vec<Message>,
    /// A slot was visited since the loop last made way for others.
    pub(super) visited: bool,
    /// The last pass did not ask the poll.
    pub(super) unpolled: bool,
    pub(super) now: Instant,
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

    pub(super) fn mark_ready(&mut self) {
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
    pub(super) fn visit_ready(&mut self) {
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

pub(super) fn list(ready: &mut VecDeque<SlotKey>, key: SlotKey, slot: &mut Slot) {
    if !std::mem::replace(&mut slot.listed, true) {
        ready.push_back(key);
    }
}

pub(super) fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the engine was closed")
}
