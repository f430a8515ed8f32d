//! What the loop knows: its slots, their names, and who is to be looked at.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use super::counters::Counters;
use super::keys::{ChildKey, SlotKey};
use super::slot::Slot;
use super::timer::Timers;
use crate::event::SessionId;
use crate::session::pool::Pool;

/// How far the engine's end has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closing {
    No,
    /// Sessions are ending; at this time what is left of them is killed.
    Sessions(Instant),
    /// The last sweep is under way, and has until this time.
    Sweep(Instant),
    Done,
}

/// How long a process may take to end once it was killed. One that hangs in the kernel, on a file system
/// that does not answer, takes for ever.
pub(super) const DEATH_TAKES: Duration = Duration::from_secs(1);

/// How late the answer to the last sweep may be.
const SWEEP_SLACK: Duration = Duration::from_millis(500);

impl Closing {
    /// When the engine goes on with its end, whatever has not ended by then.
    pub(super) fn due(self) -> Option<Instant> {
        match self {
            Closing::Sessions(until) => Some(until + DEATH_TAKES),
            Closing::Sweep(until) => Some(until + SWEEP_SLACK),
            Closing::No | Closing::Done => None,
        }
    }
}

/// The sessions and processes of an engine, as the loop holds them.
pub(super) struct LoopState {
    /// Boxed, because a table keeps room for twice as many as it holds.
    pub(super) slots: HashMap<SlotKey, Box<Slot>>,
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
    /// A slot was visited since the loop last made way for others.
    pub(super) visited: bool,
    /// The last pass did not ask the poll.
    pub(super) unpolled: bool,
}

impl LoopState {
    pub(super) fn new(max_processes: usize) -> LoopState {
        LoopState {
            slots: HashMap::new(),
            by_session: HashMap::new(),
            by_child: HashMap::new(),
            spares: Vec::new(),
            pool: Pool::new(max_processes),
            ready: VecDeque::new(),
            touched: Vec::new(),
            timers: Timers::new(),
            counters: Counters::default(),
            live_processes: 0,
            // Token 0 is the waker's.
            next_name: 1,
            closing: Closing::No,
            left_alive: Vec::new(),
            visited: false,
            unpolled: false,
        }
    }
}

/// Puts a slot into the list of those to visit, once.
pub(super) fn list(ready: &mut VecDeque<SlotKey>, key: SlotKey, slot: &mut Slot) {
    if !std::mem::replace(&mut slot.listed, true) {
        ready.push_back(key);
    }
}
