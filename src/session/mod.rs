//! Sessions: what to do next, given what happened. Pure: no descriptor, no clock, no JSON.
//!
//! [`Session`] is the state machine of one session; the io thread tells it what happened together
//! with the time, and carries out the [`Action`]s it asks for. `turn` is the turn at work and its
//! account, `directory` where it begins, `output` what the agent says, `ending` how a process ends and what follows, `pool` who
//! gets a process when there are not enough, `admission` who may come in at all.
//!
//! Invariants:
//! - Every ticket that came in gets exactly one [`Action::EndTurn`].
//! - At most one turn is with the agent; the others wait in the order they came.
//! - A turn's output is told apart by what the agent says when it begins a prompt, so that a late
//!   or doubled word of an earlier turn never becomes part of the next.

pub(crate) mod admission;
mod directory;
mod ending;
mod output;
pub(crate) mod pool;
mod state;
#[cfg(test)]
mod tests;
pub(crate) mod turn;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind};
use crate::event::{Decision, EventKind, Outcome, SessionId, TurnEnd, TurnId};
use crate::inode::Inode;
use crate::message::Conversation;
use crate::notice::NoticeCode;
use crate::stats::SessionState;
pub(crate) use ending::{Ended, StopReason};
use state::State;
use turn::{Epoch, Ticket, Work};

/// How long a cancelled turn waits for the agent's last word before it is reported as over. The
/// agent itself gets the whole grace: mid-stream it needs about 270 ms (Claude Code 2.1.330).
const CANCEL_REPORT: Duration = Duration::from_secs(1);

/// How long an agent that began something by itself may say nothing before it counts as idle, and
/// before a prompt that waits for it gets another process.
const SELF_STARTED_SILENCE: Duration = Duration::from_secs(60);

/// The time limits of a session; `None` is no limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) start: Option<Duration>,
    pub(crate) idle: Option<Duration>,
    pub(crate) silence: Option<Duration>,
    pub(crate) approval: Option<Duration>,
    /// How long an agent may take to let go of a turn, and to end when it is told to.
    pub(crate) grace: Duration,
    pub(crate) epoch: Epoch,
}

/// What the io thread is to do for a session, in this order.
#[derive(Debug)]
pub(crate) enum Action {
    /// Find or start a process that serves the conversation; answer with `launched` and the
    /// handshake's `Ready`, or with `launch_failed`.
    Launch(Conversation),
    /// Find out what the path of the work directory leads to now; answer with `work_dir_found`.
    LookUpWorkDir,
    /// Write a prompt.
    WritePrompt(TurnId, Arc<str>),
    /// Ask the agent to let go of its turn.
    WriteInterrupt,
    /// Answer a permission request.
    WriteDecision(String, Decision),
    /// Write a line that the protocol owes the agent.
    Write(Vec<u8>),
    /// Close the agent's stdin once all is written.
    CloseInput,
    /// Send TERM to the process group.
    Terminate,
    /// Send KILL to the process group.
    Kill,
    /// Tell the caller, or nobody in particular.
    Deliver(Option<TurnId>, EventKind),
    /// The turn is over.
    EndTurn(TurnId, Box<TurnEnd>),
    /// The agent confirmed the conversation: write the record.
    Remember(String),
}

/// What is known of the process that serves the session now.
#[derive(Debug, Default)]
struct Process {
    pid: Option<u32>,
    resumed: bool,
    /// It says when it begins a prompt.
    marks_starts: bool,
    /// It even says which prompt it begins.
    names_turns: bool,
    /// It works on something nobody asked for.
    self_started: bool,
    turns_done: u64,
    /// It has waited for a prompt, as a spare does.
    waited: bool,
    /// What the path of the work directory led to when it started.
    work_dir: Option<Inode>,
    /// The next prompt was there when it was asked for, so it started where that should be.
    started_for_next: bool,
    /// A look at the work directory is under way, and taken for done at this time.
    look_until: Option<Instant>,
}

impl Process {
    /// An agent that does not name the turns it begins must not get a prompt while it works on
    /// something of its own: nobody could tell whose answer comes first.
    fn holds_prompts_back(&self) -> bool {
        self.self_started && !self.names_turns
    }
}

/// One session.
#[derive(Debug)]
pub(crate) struct Session {
    id: SessionId,
    limits: Limits,
    /// What the next process is to serve.
    conversation: Conversation,
    state: State,
    queue: VecDeque<Ticket>,
    process: Process,
    last_said: Instant,
    /// The caller does not take what there is, so the agent is not read.
    held_back: bool,
    last_active: Instant,
    turns: u64,
    /// The conversation was given up for a fresh one and no turn has completed since.
    reset: bool,
}

impl Session {
    pub(crate) fn new(
        id: SessionId,
        conversation: Conversation,
        limits: Limits,
        now: Instant,
    ) -> Session {
        Session {
            id,
            limits,
            conversation,
            state: State::Dead,
            queue: VecDeque::new(),
            process: Process::default(),
            last_said: now,
            held_back: false,
            last_active: now,
            turns: 0,
            reset: false,
        }
    }

    pub(crate) fn id(&self) -> &SessionId {
        &self.id
    }

    /// Gives a spare to a session.
    pub(crate) fn adopt(&mut self, id: SessionId, now: Instant) {
        self.id = id;
        self.last_active = now;
    }

    pub(crate) fn conversation(&self) -> &Conversation {
        &self.conversation
    }

    pub(crate) fn turns(&self) -> u64 {
        self.turns
    }

    pub(crate) fn queued(&self) -> usize {
        self.queue.len()
    }

    pub(crate) fn last_active(&self) -> Instant {
        self.last_active
    }

    pub(crate) fn state(&self) -> SessionState {
        self.state.name()
    }

    /// The turn that the agent works on.
    pub(crate) fn turn_at_work(&self) -> Option<TurnId> {
        self.state.work().map(Work::turn)
    }

    /// True if its process waits for a prompt and none is there.
    pub(crate) fn is_idle(&self) -> bool {
        matches!(self.state, State::Ready { .. })
            && self.queue.is_empty()
            && !self.process.self_started
    }

    /// True while the agent is to end its turn or itself: what it still says must be read, since
    /// its end stands behind it, and hardly anybody wants it.
    pub(crate) fn is_letting_go(&self) -> bool {
        matches!(self.state, State::Stopping { .. } | State::Closing { .. })
    }

    /// True if there is neither a process nor anything to do: the session may be forgotten.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.state, State::Dead) && self.queue.is_empty()
    }

    /// When `on_time` wants to be called next.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Ready { .. } if self.process.look_until.is_some() => self.process.look_until,
            State::Ready { until } if self.process.self_started => {
                let fallen_silent = self.last_said + SELF_STARTED_SILENCE;
                if self.queue.is_empty() {
                    until.map(|until| until.max(fallen_silent))
                } else {
                    Some(fallen_silent)
                }
            }
            _ => {
                let silence = self.limits.silence.filter(|_| !self.held_back);
                self.state
                    .deadline(silence.map(|silence| self.last_said + silence))
            }
        }
    }

    /// The agent is not read for now, or is read again: nobody can tell meanwhile whether it says
    /// something. Its turn's limit goes on, so that a turn that nobody reads ends all the same.
    pub(crate) fn hold_back(&mut self, held_back: bool, now: Instant) {
        if std::mem::replace(&mut self.held_back, held_back) && !held_back {
            self.last_said = now;
        }
    }

    /// Starts a process ahead of any prompt: a spare.
    pub(crate) fn warm_up(&mut self, now: Instant, actions: &mut Vec<Action>) {
        if matches!(self.state, State::Dead) {
            self.launch(now, actions);
        }
    }

    /// The process of an earlier [`Action::Launch`] runs, in this directory; its handshake is
    /// written.
    pub(crate) fn launched(
        &mut self,
        pid: u32,
        work_dir: Inode,
        now: Instant,
        actions: &mut Vec<Action>,
    ) {
        self.process.pid = Some(pid);
        self.process.work_dir = Some(work_dir);
        self.last_said = now;
        match &mut self.state {
            State::Starting { deadline } => *deadline = self.limits.start.map(|limit| now + limit),
            _ => self.close_process(false, now, actions),
        }
    }

    /// An earlier [`Action::Launch`] came to nothing.
    pub(crate) fn launch_failed(&mut self, error: &Error, actions: &mut Vec<Action>) {
        self.state = State::Dead;
        self.fail_waiting(Outcome::Failed, error, actions);
    }

    /// A process that was to end at once was not even asked for.
    pub(crate) fn never_launched(&mut self) {
        self.state = State::Dead;
    }

    /// The caller does not want the turn any more; false if it is not here.
    pub(crate) fn cancel(&mut self, turn: TurnId, now: Instant, actions: &mut Vec<Action>) -> bool {
        if let Some(place) = self.queue.iter().position(|ticket| ticket.turn == turn) {
            self.queue.remove(place);
            self.process.started_for_next = false;
            let end = TurnEnd::without_work(
                Outcome::Cancelled,
                ErrorKind::Cancelled,
                "cancelled before the agent saw the prompt",
            );
            self.end_turn(turn, end, actions);
            return true;
        }
        match self.state.take_work_of(turn) {
            Some(work) => {
                let report_at = Some(now + CANCEL_REPORT.min(self.limits.grace));
                self.let_go(work, report_at, now, actions);
                true
            }
            None => false,
        }
    }

    /// The caller answers a permission request; false if nobody asked.
    pub(crate) fn decide(
        &mut self,
        turn: TurnId,
        request_id: &str,
        decision: Decision,
        now: Instant,
        actions: &mut Vec<Action>,
    ) -> bool {
        let State::Waiting { work, asked, .. } = &mut self.state else {
            return false;
        };
        if work.turn() != turn || !forget(asked, request_id) {
            return false;
        }
        if let Decision::Deny {
            interrupt: true, ..
        } = decision
        {
            work.denied_for_good = true;
        }
        actions.push(Action::WriteDecision(request_id.to_owned(), decision));
        self.go_on_if_answered(now);
        true
    }

    /// Time has passed: whatever is due is done.
    pub(crate) fn on_time(&mut self, now: Instant, actions: &mut Vec<Action>) {
        if self.deadline().is_none_or(|deadline| deadline > now) {
            return;
        }
        match &mut self.state {
            State::Starting { .. } => self.start_timed_out(now, actions),
            State::Ready { .. } => self.ready_timed_out(now, actions),
            State::Busy(_) => self.turn_timed_out(now, actions),
            State::Waiting { .. } => self.approval_timed_out(now, actions),
            State::Stopping { .. } => self.stopping_timed_out(now, actions),
            State::Closing { .. } => self.next_step(now, actions),
            State::Dead => {}
        }
    }

    /// Does what can be done about the turns that wait.
    fn advance(&mut self, now: Instant, actions: &mut Vec<Action>) {
        match self.state {
            State::Dead if !self.queue.is_empty() => self.launch(now, actions),
            State::Ready { .. } => self.begin_next(now, actions),
            _ => {}
        }
    }

    fn launch(&mut self, now: Instant, actions: &mut Vec<Action>) {
        self.state = State::Starting { deadline: None };
        self.last_said = now;
        self.process = Process {
            resumed: matches!(self.conversation, Conversation::Resume(_)),
            started_for_next: !self.queue.is_empty(),
            ..Process::default()
        };
        actions.push(Action::Launch(self.conversation.clone()));
    }

    /// The agent is free: the next turn, or idle.
    fn become_ready(&mut self, now: Instant, actions: &mut Vec<Action>) {
        self.last_active = now;
        // A spare waits for its session for ever; the pool may still end it to make room.
        let idle = self.limits.idle.filter(|_| !self.id.as_str().is_empty());
        self.state = State::Ready {
            until: idle.map(|idle| now + idle),
        };
        self.advance(now, actions);
        self.process.waited |= self.is_idle();
    }

    /// The turn clock starts again once the last question is answered.
    fn go_on_if_answered(&mut self, now: Instant) {
        if !matches!(&self.state, State::Waiting { asked, .. } if asked.is_empty()) {
            return;
        }
        if let State::Waiting {
            mut work, since, ..
        } = self.state.replace(State::Dead)
        {
            let waited = now.saturating_duration_since(since);
            work.deadline = work.deadline.map(|deadline| deadline + waited);
            self.last_said = now;
            self.state = State::Busy(work);
        }
    }

    /// Asks the agent to let go of a turn, and watches that it does.
    fn let_go(
        &mut self,
        work: Work,
        report_at: Option<Instant>,
        now: Instant,
        actions: &mut Vec<Action>,
    ) {
        // An interrupt that overtakes its own prompt inside the agent finds nothing to interrupt
        // and the prompt runs on, so it waits until the agent has begun.
        // After a time-out there is nothing left to overtake.
        let interrupted = work.begun || report_at.is_none();
        if interrupted {
            actions.push(Action::WriteInterrupt);
        }
        self.state = State::Stopping {
            work,
            interrupted,
            report_at,
            until: now + self.limits.grace,
        };
    }

    fn turn_timed_out(&mut self, now: Instant, actions: &mut Vec<Action>) {
        let State::Busy(work) = self.state.replace(State::Dead) else {
            return;
        };
        let message = match (
            work.deadline.is_some_and(|at| at <= now),
            self.limits.silence,
        ) {
            (false, Some(silence)) => {
                format!("the agent said nothing for {} ms", silence.as_millis())
            }
            _ => {
                let limit = work.ticket.limit.unwrap_or_default().as_millis();
                format!("the turn took longer than {limit} ms")
            }
        };
        let error = Error::new(ErrorKind::TimedOut, message);
        let end = work.end(Outcome::TimedOut, error, now, &self.limits.epoch);
        self.end_turn(work.turn(), end, actions);
        self.let_go(work, None, now, actions);
    }

    fn approval_timed_out(&mut self, now: Instant, actions: &mut Vec<Action>) {
        let State::Waiting { work, asked, .. } = &mut self.state else {
            return;
        };
        let turn = work.turn();
        for request_id in asked.drain(..) {
            let text =
                format!("permission request {request_id} was not answered in time and is denied");
            actions.push(Action::Deliver(
                Some(turn),
                EventKind::warning(NoticeCode::PermissionTimedOut, text),
            ));
            let decision = Decision::deny("nobody answered in time");
            actions.push(Action::WriteDecision(request_id, decision));
        }
        self.go_on_if_answered(now);
    }

    fn stopping_timed_out(&mut self, now: Instant, actions: &mut Vec<Action>) {
        let State::Stopping {
            work,
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
            let (turn, end) = (work.turn(), cancelled(work, now, &self.limits.epoch));
            self.end_turn(turn, end, actions);
        }
    }

    fn end_turn(&mut self, turn: TurnId, end: TurnEnd, actions: &mut Vec<Action>) {
        self.turns += 1;
        actions.push(Action::EndTurn(turn, Box::new(end)));
    }

    /// Ends every turn that waits, for the same reason.
    fn fail_waiting(&mut self, outcome: Outcome, error: &Error, actions: &mut Vec<Action>) {
        for ticket in std::mem::take(&mut self.queue) {
            let mut end = TurnEnd::without_work(outcome, error.kind(), "");
            end.error = Some(error.clone());
            self.end_turn(ticket.turn, end, actions);
        }
    }
}

/// The end of a turn that the caller cancelled and the agent never finished.
fn cancelled(work: &Work, now: Instant, epoch: &Epoch) -> TurnEnd {
    let error = Error::new(ErrorKind::Cancelled, "cancelled by the caller");
    work.end(Outcome::Cancelled, error, now, epoch)
}

/// Takes a request out of the list; false if it was not there.
fn forget(asked: &mut Vec<String>, request_id: &str) -> bool {
    let place = asked.iter().position(|asked| asked == request_id);
    place.map(|place| asked.remove(place)).is_some()
}
