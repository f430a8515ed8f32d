//! What is due when, and what is done about it.

use std::time::{Duration, Instant};

use super::state::{State, earlier};
use super::{Action, Session, cancelled};
use crate::error::{Error, ErrorKind};
use crate::event::Outcome;

/// How long an agent that began something by itself may say nothing before it counts as idle, and
/// before a prompt that waits for it gets another process.
const SELF_STARTED_SILENCE: Duration = Duration::from_secs(60);

impl Session {
    /// When `on_time` wants to be called next.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let questions = self.process.questions.deadline();
        let held = self.held_until();
        let state = earlier(self.process.mute_until, self.state_deadline());
        earlier(earlier(questions, held), state)
    }

    /// True if the turn that the agent works on is to be ended by `on_time`.
    pub(crate) fn turn_is_due(&self, now: Instant) -> bool {
        let due = self.state_deadline().is_some_and(|at| at <= now);
        due && self.state.tells_its_turn()
    }

    /// When it is clear that no start follows what was held. Nobody can tell while the agent is not
    /// read.
    fn held_until(&self) -> Option<Instant> {
        let running = self.state.running().filter(|_| !self.held_back);
        running
            .and_then(|running| running.held.as_ref())
            .map(|held| held.until)
    }

    fn state_deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Dead => None,
            State::Starting { deadline } => *deadline,
            State::Ready { .. } if self.process.look_until.is_some() => self.process.look_until,
            State::Ready { since } => self.ready_until(*since),
            // The clock stands still while the caller thinks.
            State::Busy(running) if running.waiting_since.is_some() => None,
            State::Busy(running) => {
                let silence = self.limits.silence.filter(|_| !self.held_back);
                earlier(
                    running.deadline,
                    silence.map(|limit| self.last_said + limit),
                )
            }
            State::Stopping {
                report_at, until, ..
            } => earlier(*report_at, Some(*until)),
            State::Closing { until, .. } => *until,
        }
    }

    /// An agent at work in the background is not idle, but may not go on for ever. A spare waits
    /// for its session for ever; the pool may still end it to make room.
    fn ready_until(&self, since: Instant) -> Option<Instant> {
        let fallen_silent = self.last_said + SELF_STARTED_SILENCE;
        let self_started = self.process.self_started;
        if self_started && !self.queue.is_empty() {
            return Some(fallen_silent);
        }
        if self.id.as_str().is_empty() {
            return None;
        }
        let idle = self.limits.idle.map(|limit| since + limit);
        if !self.is_at_work_in_background() {
            return idle;
        }
        let absolute = self.limits.background.map(|limit| self.last_active + limit);
        let idle = idle.filter(|_| !self.has_tasks_or_questions());
        earlier(idle.map(|idle| idle.max(fallen_silent)), absolute)
    }

    /// Time has passed: whatever is due is done.
    pub(crate) fn on_time(&mut self, now: Instant, actions: &mut Vec<Action>) {
        let is_due = |deadline: Option<Instant>| deadline.is_some_and(|deadline| deadline <= now);
        if is_due(self.process.questions.deadline()) {
            self.questions_timed_out(now, actions);
        }
        if is_due(self.held_until()) {
            self.no_start_followed(now, actions);
        }
        if is_due(self.process.mute_until) {
            self.end_mute_process(now, actions);
        }
        if !is_due(self.state_deadline()) {
            return;
        }
        match &mut self.state {
            State::Starting { .. } => self.start_timed_out(now, actions),
            State::Ready { .. } => self.ready_timed_out(now, actions),
            State::Busy(_) => self.turn_timed_out(now, actions),
            State::Stopping { .. } => self.stopping_timed_out(now, actions),
            State::Closing { .. } => self.next_step(now, actions),
            State::Dead => {}
        }
    }

    fn turn_timed_out(&mut self, now: Instant, actions: &mut Vec<Action>) {
        self.disown_held(actions);
        let State::Busy(running) = self.state.replace(State::Dead) else {
            return;
        };
        let message = match (
            running.deadline.is_some_and(|at| at <= now),
            self.limits.silence,
        ) {
            (false, Some(silence)) => {
                format!("the agent said nothing for {} ms", silence.as_millis())
            }
            _ => {
                let limit = running.queued.limit.unwrap_or_default().as_millis();
                format!("the turn took longer than {limit} ms")
            }
        };
        let error = Error::new(ErrorKind::TimedOut, message);
        let end = running.end(Outcome::TimedOut, error, now, self.limits.calendar);
        self.end_turn(running.turn(), end, actions);
        self.interrupt(running, None, now, actions);
    }

    fn stopping_timed_out(&mut self, now: Instant, actions: &mut Vec<Action>) {
        let State::Stopping {
            running,
            interrupted,
            report_at,
            until,
        } = &mut self.state
        else {
            return;
        };
        if *until <= now {
            return self.give_up_process(now, actions);
        }
        if !std::mem::replace(interrupted, true) {
            actions.push(Action::WriteInterrupt);
        }
        if report_at.take().is_some() {
            let (turn, end) = (
                running.turn(),
                cancelled(running, now, self.limits.calendar),
            );
            self.end_turn(turn, end, actions);
        }
    }
}
