//! Deadlines of slots. Before one fires, output that the agent wrote in time is read.
//!
//! A host that was stopped, suspended or starved finds expired timers and readable pipes at once. A
//! poll that a stop has interrupted reports no pipe at all. So before any timer fires every pipe is
//! polled and read, and a slot with more to read is read to the end first.

use std::io;
use std::time::{Duration, Instant};

use super::child_io::ChildIo;
use super::event_loop::Loop;
use super::resources::MOST_EVENTS;
use super::slot::{Context, Slot};
use crate::stats::SessionState;

impl Loop {
    pub(super) fn fire_timers(&mut self) -> io::Result<()> {
        if self
            .state
            .timers
            .next()
            .is_none_or(|at| at > self.resources.now)
            || !self.read_everything_pending()?
        {
            return Ok(());
        }
        while let Some((key, at)) = self.state.timers.pop_due(self.resources.now) {
            self.with_slot(key, |slot, context| {
                slot.armed.fired(at);
                slot.on_time(context);
            });
        }
        Ok(())
    }

    /// Looks into every pipe once more, and at what callers want. False if that was interrupted.
    fn read_everything_pending(&mut self) -> io::Result<bool> {
        self.resources.now = Instant::now();
        loop {
            match self
                .resources
                .poll
                .poll(&mut self.resources.events, Some(Duration::ZERO))
            {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(false),
                Err(error) => return Err(error),
            }
            self.mark_ready();
            if self.resources.events.iter().count() < MOST_EVENTS {
                break;
            }
        }
        self.take_commands();
        self.visit_ready();
        Ok(true)
    }
}

impl Slot {
    /// When something of the slot is due next.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let deadline = self.session.deadline();
        let waits = self.postponed.until;
        let deadline = deadline.map(|deadline| waits.map_or(deadline, |until| until.max(deadline)));
        let handshake = self.child.as_ref().and_then(|child| child.handshake_at);
        [deadline, self.tool_gate.deadline(), handshake]
            .into_iter()
            .flatten()
            .min()
    }

    /// Time has passed: whatever is due is done, once the agent's output was read.
    fn on_time(&mut self, context: &mut Context<'_>) {
        self.begin_handshake(context);
        self.expire_verdict(context);
        let now = context.now;
        let Some(at) = self.session.deadline().filter(|at| *at <= now) else {
            return self.postponed.is_over();
        };
        // A process that is being ended is not waited for. What was said behind a call that is still
        // judged was said.
        let ends = self.session.state() == SessionState::Closing;
        let has_output = self.child.as_ref().is_some_and(ChildIo::has_output);
        let is_readable = has_output || self.tool_gate.is_open();
        if ends || !self.postponed.waits(at, is_readable, now) {
            if self.session.turn_is_due(now) {
                self.tell_unfinished(context);
            }
            self.session.on_time(now, context.actions);
        }
    }
}
