//! Deadlines of slots. Before one fires, output that the agent wrote in time is read.
//!
//! A host that was stopped, suspended or starved finds expired timers and readable pipes at once. A
//! poll that a stop has interrupted reports no pipe at all. So before any timer fires every pipe is
//! polled and read, and a slot with more to read is read to the end first.

use std::io;
use std::time::{Duration, Instant};

use super::child_io::ChildIo;
use super::slot::{Context, Slot};
use super::{Loop, MOST_EVENTS};
use crate::stats::SessionState;

/// When to check a slot again that still had output.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A timer that fires so much after its deadline: the host was not running.
const NOT_WATCHED: Duration = Duration::from_millis(100);

/// How long an agent that writes without pause can postpone its deadline.
const PUT_OFF_AT_MOST: Duration = Duration::from_millis(100);

/// The same if the host was not running: an agent whose pipe was full all the time has to be read
/// first.
const PUT_OFF_WHEN_LATE: Duration = Duration::from_secs(1);

/// A deadline that is postponed until the agent's output is read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Postponed {
    /// When bytes came last.
    pub(super) last_read: Option<Instant>,
    since: Option<Instant>,
    until: Option<Instant>,
}

impl Postponed {
    fn is_over(&mut self) {
        self.since = None;
        self.until = None;
    }

    /// True if the timer that is due at `at` has to wait; false if it fires.
    fn waits(&mut self, at: Instant, is_readable: bool, now: Instant) -> bool {
        let since = *self.since.get_or_insert(now);
        let late = since.saturating_duration_since(at) >= NOT_WATCHED;
        let talks = |last_read: Instant| now.saturating_duration_since(last_read) < LOOK_AGAIN;
        let limit = if late {
            PUT_OFF_WHEN_LATE
        } else {
            PUT_OFF_AT_MOST
        };
        let waits = now.saturating_duration_since(since) < limit
            && (is_readable || (late && self.last_read.is_some_and(talks)));
        self.until = waits.then_some(now + LOOK_AGAIN);
        if !waits {
            self.since = None;
        }
        waits
    }
}

impl Loop {
    pub(super) fn fire_timers(&mut self) -> io::Result<()> {
        if self.timers.next().is_none_or(|at| at > self.now) || !self.read_everything_pending()? {
            return Ok(());
        }
        while let Some((key, at)) = self.timers.pop_due(self.now) {
            self.with_slot(key, |slot, context| {
                slot.armed.fired(at);
                slot.on_time(context);
            });
        }
        Ok(())
    }

    /// Looks into every pipe once more, and at what callers want. False if that was interrupted.
    fn read_everything_pending(&mut self) -> io::Result<bool> {
        self.now = Instant::now();
        loop {
            match self.poll.poll(&mut self.events, Some(Duration::ZERO)) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(false),
                Err(error) => return Err(error),
            }
            self.mark_ready();
            if self.events.iter().count() < MOST_EVENTS {
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
        [deadline, self.tool_gate.deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    /// Time has passed: whatever is due is done, once the agent's output was read.
    fn on_time(&mut self, context: &mut Context<'_>) {
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
            self.session.on_time(now, context.actions);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_waits_for_an_agent_that_talks_but_not_for_ever() {
        let at = Instant::now();
        let ms = Duration::from_millis;
        // How late the timer is, when bytes came before it, whether more can be read, and until how
        // long after its first look it waits.
        let table = [
            (0, None, false, 0),
            (0, Some(0), false, 0),
            (0, None, true, 100),
            (5000, None, false, 0),
            (5000, Some(1000), false, 0),
            (5000, Some(0), false, 20),
            (5000, None, true, 1000),
        ];
        for (late, last_read, is_readable, expected) in table {
            let first = at + ms(late);
            let mut postponed = Postponed {
                last_read: last_read.map(|before| first - ms(before)),
                ..Postponed::default()
            };
            let mut waited = 0;
            while postponed.waits(at, is_readable, first + ms(waited)) {
                waited += 20;
            }
            assert_eq!(waited, expected, "{late} {last_read:?} {is_readable}");
        }
    }
}
