//! The poll loop: one pass of it.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

use mio::Events;

use super::keys::ChildKey;
use super::loop_state::{Closing, LoopState, list};
use super::resources::{Parts, Resources};
use crate::error::{Error, ErrorKind};
use crate::process;

/// The io thread's own: what it works with, and what it knows.
pub(crate) struct Loop {
    pub(super) resources: Resources,
    pub(super) state: LoopState,
}

impl Loop {
    pub(crate) fn new(parts: Parts) -> Loop {
        Loop {
            state: LoopState::new(parts.options.max_processes),
            resources: Resources::new(parts),
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
        self.leave_alive();
        self.resources.shared.admission.lock().close();
        std::mem::take(&mut self.state.left_alive)
    }

    fn run_until_closed(&mut self) -> io::Result<()> {
        while self.state.closing != Closing::Done {
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
        self.state.unpolled = has_work && self.state.ready.is_empty() && !self.state.unpolled;
        let outcome = if self.state.unpolled {
            self.resources.events.clear();
            Ok(())
        } else {
            let timeout = if has_work {
                Some(Duration::ZERO)
            } else {
                self.until_next_timer()
            };
            self.resources
                .poll
                .poll(&mut self.resources.events, timeout)
        };
        self.resources.waker.disarm();
        self.resources.now = Instant::now();
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
        if !self.state.ready.is_empty() || !self.resources.commands.is_empty() {
            return true;
        }
        if std::mem::take(&mut self.state.visited) {
            thread::yield_now();
        }
        self.resources.waker.arm();
        !self.resources.commands.is_empty()
    }

    fn until_next_timer(&self) -> Option<Duration> {
        let timers = self.state.timers.next().into_iter();
        let next = timers.chain(self.state.closing.due()).min()?;
        Some(next.saturating_duration_since(Instant::now()))
    }

    pub(super) fn mark_ready(&mut self) {
        let events = std::mem::replace(&mut self.resources.events, Events::with_capacity(0));
        for event in &events {
            let (token, stream) = ChildKey::read(event.token());
            let Some(&key) = self.state.by_child.get(&token) else {
                continue;
            };
            if let Some(slot) = self.state.slots.get_mut(&key)
                && let Some(child) = &mut slot.child
            {
                child.wake(stream, event.is_read_closed());
                list(&mut self.state.ready, key, slot);
            }
        }
        self.resources.events = events;
    }

    /// Visits each slot of the list once; those with more to read go to the end of the next list.
    pub(super) fn visit_ready(&mut self) {
        self.state.visited |= !self.state.ready.is_empty();
        for _ in 0..self.state.ready.len() {
            let Some(key) = self.state.ready.pop_front() else {
                return;
            };
            self.with_slot(key, |slot, context| {
                slot.listed = false;
                slot.visit(context);
            });
        }
    }
}

pub(super) fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the engine was closed")
}
