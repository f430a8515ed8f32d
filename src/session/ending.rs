//! How a process ends, and what follows for the turns that still want one.

use std::time::{Duration, Instant};

use super::ended::{Ended, StopReason};
use super::state::{State, Step};
use super::turn::{QueuedTurn, RunningTurn};
use super::{Action, Process, Session, cancelled};
use crate::error::{Error, ErrorKind};
use crate::event::{EventKind, Outcome, TurnId};
use crate::message::{Conversation, ExitCause};
use crate::notice::NoticeCode;

/// A process that survives KILL (it hangs inside the kernel) is sent it again this often.
const KILL_AGAIN: Duration = Duration::from_secs(1);

/// Of those that start at once one makes the files, and the next to start finds them: more than a few
/// failures in a row have another reason.
const CONTENDED_STARTS_AT_MOST: u8 = 5;

/// Longest piece of stderr in an error, in characters: its line is meant for a person.
const TAIL_AT_MOST: usize = 1000;

impl Session {
    /// The session's process is to end, and every turn of it.
    pub(crate) fn stop(&mut self, reason: &StopReason, now: Instant, actions: &mut Vec<Action>) {
        let error = match reason {
            StopReason::Hibernate => return self.hibernate(now, actions),
            StopReason::Requested(why) => {
                let message = format!("the session was stopped: {why}");
                Error::new(ErrorKind::Stopped, message)
            }
            StopReason::EngineCloses(grace) => {
                self.limits.grace = *grace;
                Error::new(ErrorKind::Closed, "the engine was closed")
            }
        };
        self.disown_held(actions);
        let interrupt = self.end_current(&error, now, actions);
        self.fail_waiting(Outcome::Stopped, &error, actions);
        self.close_process(interrupt, now, actions);
    }

    fn hibernate(&mut self, now: Instant, actions: &mut Vec<Action>) {
        if self.is_idle() {
            self.close_process(false, now, actions);
        }
    }

    /// Ends the turn at work as stopped. True if the agent is at work on one.
    fn end_current(&mut self, error: &Error, now: Instant, actions: &mut Vec<Action>) -> bool {
        match &self.state {
            State::Busy(running) => {
                let end = running.end(Outcome::Stopped, error.clone(), now, self.limits.calendar);
                self.end_turn(running.turn(), end, actions);
                true
            }
            State::Stopping {
                running,
                report_at,
                interrupted,
                ..
            } => {
                let (turn, interrupt) = (running.turn(), !interrupted);
                if report_at.is_some() {
                    let end = cancelled(running, now, self.limits.calendar);
                    self.end_turn(turn, end, actions);
                }
                interrupt
            }
            _ => false,
        }
    }

    /// Begins the ladder: (interrupt), end of input, TERM, KILL, half of the grace for each step.
    ///
    /// End of input alone is no stop: Claude Code then waits for its tools. Without the grace the
    /// tail of its transcript is lost.
    pub(super) fn close_process(
        &mut self,
        interrupt: bool,
        now: Instant,
        actions: &mut Vec<Action>,
    ) {
        match &mut self.state {
            State::Dead => return,
            State::Starting { deadline: None } if self.process.pid.is_none() => {
                self.state = State::Closing {
                    step: Step::BeforeLaunch,
                    until: None,
                };
                return;
            }
            State::Closing {
                step: Step::BeforeLaunch,
                ..
            } if self.process.pid.is_some() => {}
            State::Closing { until, .. } => {
                // The grace may have become shorter since the ladder was entered.
                let sooner = now + self.limits.grace / 2;
                *until = until.map(|until| until.min(sooner));
                return;
            }
            _ => {}
        }
        if interrupt {
            actions.push(Action::WriteInterrupt);
        }
        actions.push(Action::CloseInput);
        if self.limits.outlives_input && !interrupt {
            actions.push(Action::Terminate);
            return self.enter(Step::Terminated, now, actions);
        }
        self.enter(Step::InputClosed, now, actions);
    }

    /// The agent did not let go of a turn in time: its process is of no use any more.
    pub(super) fn give_up_process(&mut self, now: Instant, actions: &mut Vec<Action>) {
        self.disown_held(actions);
        if let State::Stopping {
            running,
            report_at: Some(_),
            ..
        } = &self.state
        {
            let (turn, end) = (
                running.turn(),
                cancelled(running, now, self.limits.calendar),
            );
            self.end_turn(turn, end, actions);
        }
        actions.push(Action::CloseInput);
        actions.push(Action::Terminate);
        self.enter(Step::Terminated, now, actions);
    }

    pub(super) fn start_timed_out(&mut self, now: Instant, actions: &mut Vec<Action>) {
        let limit = self.limits.start.unwrap_or_default().as_millis();
        let message = format!("the agent did not answer its handshake within {limit} ms");
        let error = Error::new(ErrorKind::TimedOut, message);
        self.tell_if_nobody_waits(&error, actions);
        self.fail_waiting(Outcome::TimedOut, &error, actions);
        actions.push(Action::CloseInput);
        actions.push(Action::Terminate);
        self.enter(Step::Terminated, now, actions);
    }

    /// Without the handshake nobody would ask before a tool runs, so nothing may run at all.
    pub(super) fn handshake_refused(&mut self, why: &str, now: Instant, actions: &mut Vec<Action>) {
        if !matches!(self.state, State::Starting { .. }) {
            return;
        }
        let message = format!("the agent refuses the handshake that sets up the gate: {why}");
        let error = Error::new(ErrorKind::SpawnFailed, message);
        self.tell_if_nobody_waits(&error, actions);
        self.fail_waiting(Outcome::Failed, &error, actions);
        self.close_process(false, now, actions);
    }

    /// What the gate did not let through has run, or is about to: the process gets no time to go on.
    pub(super) fn gate_failed(&mut self, why: &str, now: Instant, actions: &mut Vec<Action>) {
        if self.process.pid.is_none() {
            return;
        }
        let message = format!("the agent was ended, since its gate does not hold: {why}");
        self.end_at_once(Error::new(ErrorKind::AgentFailed, message), now, actions);
    }

    /// The agent waits for an answer that it will not get: its turn would never end.
    pub(super) fn protocol_failed(&mut self, why: &str, now: Instant, actions: &mut Vec<Action>) {
        if self.process.pid.is_none() {
            return;
        }
        let message = format!("the agent was ended, since its protocol failed: {why}");
        self.end_at_once(Error::new(ErrorKind::AgentFailed, message), now, actions);
    }

    /// The process is of no use any more. A prompt of which it has not begun anything is given to the next
    /// one, which takes the conversation up.
    pub(super) fn forgotten(&mut self, why: &str, now: Instant, actions: &mut Vec<Action>) {
        if self.process.pid.is_none() {
            return;
        }
        let message = format!("the agent has forgotten its conversation and was ended: {why}");
        let Some(running) = self.state.take_unread() else {
            return self.end_at_once(Error::new(ErrorKind::AgentFailed, message), now, actions);
        };
        let kind = EventKind::warning(NoticeCode::AgentEnded, message);
        actions.push(Action::Deliver(Some(running.turn()), kind));
        self.try_again(*running);
        actions.push(Action::Kill);
        self.enter(Step::Killed, now, actions);
    }

    fn end_at_once(&mut self, error: Error, now: Instant, actions: &mut Vec<Action>) {
        self.disown_held(actions);
        match &self.state {
            State::Starting { .. } => self.fail_waiting(Outcome::Failed, &error, actions),
            State::Busy(running) => {
                let end = running.end(Outcome::Failed, error, now, self.limits.calendar);
                self.end_turn(running.turn(), end, actions);
            }
            State::Stopping {
                running,
                report_at: Some(_),
                ..
            } => {
                let end = running.end(Outcome::Cancelled, error, now, self.limits.calendar);
                self.end_turn(running.turn(), end, actions);
            }
            _ => {
                let kind = EventKind::warning(NoticeCode::AgentEnded, error.message());
                actions.push(Action::Deliver(None, kind));
            }
        }
        actions.push(Action::Kill);
        self.enter(Step::Killed, now, actions);
    }

    /// The agent has closed its output. It usually ends at once; one that does not can say nothing any
    /// more, and may hear nothing either.
    pub(crate) fn output_closed(&mut self, now: Instant) {
        let grace = self.limits.grace;
        self.process.mute_until.get_or_insert(now + grace);
    }

    pub(super) fn end_mute_process(&mut self, now: Instant, actions: &mut Vec<Action>) {
        self.process.mute_until = Some(now + KILL_AGAIN);
        self.process.ended_as_mute = true;
        actions.push(Action::Kill);
    }

    /// The next rung of the ladder.
    pub(super) fn next_step(&mut self, now: Instant, actions: &mut Vec<Action>) {
        match self.state {
            State::Closing {
                step: Step::InputClosed,
                ..
            } => {
                actions.push(Action::Terminate);
                self.enter(Step::Terminated, now, actions);
            }
            State::Closing {
                step: Step::Terminated | Step::Killed,
                ..
            } => {
                actions.push(Action::Kill);
                self.enter(Step::Killed, now, actions);
            }
            _ => {}
        }
    }

    fn enter(&mut self, step: Step, now: Instant, actions: &mut Vec<Action>) {
        self.drop_questions(actions);
        self.tell_of_ended_tasks(actions);
        let wait = if step == Step::Killed {
            KILL_AGAIN
        } else {
            self.limits.grace / 2
        };
        self.state = State::Closing {
            step,
            until: Some(now + wait),
        };
    }

    /// The process has ended.
    pub(crate) fn ended(&mut self, ended: &Ended, now: Instant, actions: &mut Vec<Action>) {
        self.settle_held_at_exit(now, actions);
        self.drop_questions(actions);
        self.tell_of_ended_tasks(actions);
        let process = std::mem::take(&mut self.process);
        let ended = &process.as_it_was(ended);
        match self.state.replace(State::Dead) {
            State::Starting { .. } => self.ended_at_start(ended, actions),
            State::Busy(running) => {
                self.ended_at_work(*running, &process, ended, now, actions);
            }
            State::Stopping {
                running,
                report_at: Some(_),
                ..
            } => {
                let end = cancelled(&running, now, self.limits.calendar);
                self.end_turn(running.turn(), end, actions);
            }
            State::Ready { .. } => {
                let text = format!("the agent {} while idle{}", ended.how, tail(&ended.stderr));
                actions.push(Action::Deliver(
                    None,
                    EventKind::warning(NoticeCode::AgentEnded, text),
                ));
            }
            State::Stopping { .. } | State::Closing { .. } | State::Dead => {}
        }
        self.advance(now, actions);
    }

    fn ended_at_start(&mut self, ended: &Ended, actions: &mut Vec<Action>) {
        if self.take_other_conversation(ended, None, actions) || self.start_again(ended, actions) {
            return;
        }
        let (how, why) = (&ended.how, tail(&ended.stderr));
        let message = format!("the agent {how} before it was ready{why}");
        let error = Error::new(ErrorKind::SpawnFailed, message);
        self.tell_if_nobody_waits(&error, actions);
        self.fail_waiting(Outcome::Failed, &error, actions);
    }

    /// Another process was making the files that this one needed: once those are made it will start. No
    /// prompt was written yet, so none can run twice. False if that was not why, or too often.
    fn start_again(&mut self, ended: &Ended, actions: &mut Vec<Action>) -> bool {
        let Some(turn) = self.queue.front().map(|queued| queued.turn) else {
            return false;
        };
        let is_last = self.contended_starts >= CONTENDED_STARTS_AT_MOST;
        if ended.cause != ExitCause::StateContended || is_last {
            self.contended_starts = 0;
            return false;
        }
        self.contended_starts += 1;
        let why = tail(&ended.stderr);
        let text = format!("the agent {} and is started again{why}", ended.how);
        let kind = EventKind::info(NoticeCode::AgentEnded, text);
        actions.push(Action::Deliver(Some(turn), kind));
        true
    }

    /// A spare that never gets ready would leave no trace otherwise.
    fn tell_if_nobody_waits(&self, error: &Error, actions: &mut Vec<Action>) {
        if self.queue.is_empty() {
            let kind = EventKind::warning(NoticeCode::AgentEnded, error.message());
            actions.push(Action::Deliver(None, kind));
        }
    }

    fn ended_at_work(
        &mut self,
        running: RunningTurn,
        process: &Process,
        ended: &Ended,
        now: Instant,
        actions: &mut Vec<Action>,
    ) {
        if process.turns_done == 0 && self.take_other_conversation(ended, Some(&running), actions) {
            return self.try_again(running);
        }
        // It ended between two turns, and the prompt went into a pipe that nobody read.
        let was_idle = process.turns_done > 0 || process.waited;
        if was_idle && !running.begun && !running.queued.retried {
            return self.try_again(running);
        }
        let message = format!(
            "the agent {} in the middle of the turn{}",
            ended.how,
            tail(&ended.stderr)
        );
        let error = Error::new(ErrorKind::Crashed, message);
        let end = running.end(Outcome::Crashed, error, now, self.limits.calendar);
        self.end_turn(running.turn(), end, actions);
    }

    fn try_again(&mut self, running: RunningTurn) {
        self.queue.push_front(QueuedTurn {
            retried: true,
            ..running.queued
        });
    }

    /// What the next process is to serve, if this one could not serve the conversation it was
    /// started for. False if that was not the reason of its end.
    fn take_other_conversation(
        &mut self,
        ended: &Ended,
        running: Option<&RunningTurn>,
        actions: &mut Vec<Action>,
    ) -> bool {
        match (ended.cause, &self.conversation) {
            (ExitCause::Other | ExitCause::StateContended, _) => false,
            // The agent knows it though the record is lost. The name is this session's own.
            (ExitCause::NameInUse, Conversation::New(name)) => {
                self.conversation = Conversation::Resume(name.clone());
                true
            }
            (ExitCause::NameInUse, _) => self.take_fresh_conversation(
                "another conversation is already",
                ended,
                running,
                actions,
            ),
            (ExitCause::NoConversation, _) => {
                self.take_fresh_conversation("there is no conversation", ended, running, actions)
            }
        }
    }

    /// A conversation that cannot be taken up is given up, once, for one under a fresh name; the
    /// caller is told.
    fn take_fresh_conversation(
        &mut self,
        why: &str,
        ended: &Ended,
        running: Option<&RunningTurn>,
        actions: &mut Vec<Action>,
    ) -> bool {
        if std::mem::replace(&mut self.reset, true) {
            return false;
        }
        let text = format!("{why} {}, a fresh one was begun", self.conversation.id());
        let turn = running.map(RunningTurn::turn);
        self.tell_of_reset(text, turn, actions);
        self.conversation = Conversation::New(ended.fresh_name.clone());
        true
    }

    /// The process itself has gone over to a fresh conversation, since the one that it was to take up
    /// is not there.
    pub(super) fn conversation_lost(&mut self, why: &str, actions: &mut Vec<Action>) {
        self.reset = true;
        self.process.resumed = false;
        let lost = self.conversation.id();
        let text = format!("there is no conversation {lost} ({why}), a fresh one was begun");
        self.tell_of_reset(text, self.running_turn(), actions);
    }

    /// Reported in the next turn.
    fn tell_of_reset(&self, text: String, at_work: Option<TurnId>, actions: &mut Vec<Action>) {
        let waiting = self.queue.front().map(|queued| queued.turn);
        let kind = EventKind::warning(NoticeCode::SessionReset, text);
        actions.push(Action::Deliver(at_work.or(waiting), kind));
    }
}

impl Process {
    /// A process that was killed says nothing of why.
    fn as_it_was(&self, ended: &Ended) -> Ended {
        let mut ended = ended.clone();
        if self.ended_as_mute {
            ended.how = "closed its output, did not end and was killed".to_owned();
        }
        ended
    }
}

/// The end of stderr as a part of a sentence; nothing if there was none.
fn tail(stderr: &str) -> String {
    let lines: Vec<&str> = stderr
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let last = lines[lines.len().saturating_sub(3)..].join(" | ");
    let mut ends = last.char_indices().rev();
    let start = ends.nth(TAIL_AT_MOST - 1).map_or(0, |(start, _)| start);
    let last = last[start..].replace(char::is_control, " ");
    if last.is_empty() {
        String::new()
    } else {
        format!(": {last}")
    }
}
