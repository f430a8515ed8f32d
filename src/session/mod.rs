//! Sessions: what to do next, given what happened. Pure: no descriptor, no clock, no JSON.
//!
//! [`Session`] is the state machine of one session; the io thread tells it what happened together
//! with the time, and carries out the [`Action`]s it asks for. `turn` is the turn at work and its
//! account, `directory` where it begins, `output` what the agent says and `ownership` whose that is,
//! `questions` what it waits to be allowed, `tasks` its background tasks, `time` what is due
//! when, `ending` how a process ends and what follows, `pool` who gets a process when there are not
//! enough, `admission` who may come in at all. `evidence`, `open_questions` and `ended` hold the types
//! that several of these share.
//!
//! Invariants:
//! - Every queued turn gets exactly one [`Action::EndTurn`].
//! - At most one turn is with the agent; the others wait in the order they came.
//! - Nothing is attributed to a turn without evidence that it is that turn's, so that neither late
//!   output of an earlier turn nor work of the agent's own becomes part of it. What can belong to no
//!   one else belongs to the turn.

pub(crate) mod admission;
mod directory;
mod ended;
mod ending;
mod evidence;
mod open_questions;
mod output;
mod ownership;
pub(crate) mod pool;
mod questions;
mod state;
mod tasks;
#[cfg(test)]
mod tests;
mod time;
pub(crate) mod turn;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind};
use crate::event::{Decision, EventKind, Outcome, SessionId, TurnEnd, TurnId};
use crate::inode::SeenDir;
use crate::message::Conversation;
use crate::stats::{BackgroundTask, SessionState};
pub(crate) use ended::{Ended, StopReason};
use evidence::Marks;
pub(crate) use open_questions::Asked;
use open_questions::Questions;
use state::State;
use turn::{Calendar, QueuedTurn, RunningTurn};

/// How long a cancelled turn waits for the agent's result before its end is delivered. The
/// agent itself gets the whole grace: mid-stream it needs about 270 ms (Claude Code 2.1.330).
const CANCEL_REPORT: Duration = Duration::from_secs(1);

/// The limits of a session; `None` is no limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) start: Option<Duration>,
    pub(crate) idle: Option<Duration>,
    pub(crate) silence: Option<Duration>,
    pub(crate) approval: Option<Duration>,
    /// How long a session may work in the background, without a turn.
    pub(crate) background: Option<Duration>,
    /// How long an agent may take to stop a turn, and to exit.
    pub(crate) grace: Duration,
    /// The agent is known to stay when its input ends: while it is idle nothing is waited for then.
    pub(crate) outlives_input: bool,
    pub(crate) calendar: Calendar,
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
    /// Deliver an event: to the caller of a turn, or as one of no turn.
    Deliver(Option<TurnId>, EventKind),
    /// The turn is over.
    EndTurn(TurnId, Box<TurnEnd>),
    /// The agent confirmed the conversation: write the record.
    Remember(String),
}

/// What is known of the process that serves the session now.
#[cfg_attr(test, derive(Clone))]
#[derive(Debug, Default)]
struct Process {
    pid: Option<u32>,
    resumed: bool,
    /// How it says that it begins a prompt.
    marks: Marks,
    /// It may be interrupted as soon as it has a prompt.
    interrupts_in_order: bool,
    /// It has reported which conversation it serves.
    introduced: bool,
    /// It works on something that it began by itself.
    self_started: bool,
    turns_done: u64,
    /// It has waited for a prompt, as a spare does.
    waited: bool,
    /// What the path of the work directory led to when it started.
    work_dir: Option<SeenDir>,
    /// The next prompt was there when it was asked for, so it started where that should be.
    started_for_next: bool,
    /// A look at the work directory is under way, and taken for done at this time.
    look_until: Option<Instant>,
    /// What it waits to be allowed.
    questions: Questions,
    /// Its background tasks.
    tasks: Vec<BackgroundTask>,
    /// It has closed its output, and is killed if it has not ended by then.
    mute_until: Option<Instant>,
    /// It was killed for that.
    ended_as_mute: bool,
}

impl Process {
    /// An agent that does not name the turns it begins must not get a prompt while it works on
    /// something of its own: nobody could tell whose answer comes first.
    fn holds_prompts_back(&self) -> bool {
        self.self_started && self.marks != Marks::Names
    }
}

/// One session.
#[cfg_attr(test, derive(Clone))]
#[derive(Debug)]
pub(crate) struct Session {
    id: SessionId,
    limits: Limits,
    /// What the next process is to serve.
    conversation: Conversation,
    state: State,
    queue: VecDeque<QueuedTurn>,
    process: Process,
    last_said: Instant,
    /// The caller does not take what there is, so the agent is not read.
    held_back: bool,
    last_active: Instant,
    turns: u64,
    /// The conversation was given up for a fresh one and no turn has completed since.
    reset: bool,
    /// Starts in a row that failed because others started too.
    contended_starts: u8,
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
            contended_starts: 0,
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
    pub(crate) fn running_turn(&self) -> Option<TurnId> {
        self.state.running().map(RunningTurn::turn)
    }

    /// True if its process waits for a prompt and none is there.
    pub(crate) fn is_idle(&self) -> bool {
        matches!(self.state, State::Ready { .. })
            && self.queue.is_empty()
            && !self.is_at_work_in_background()
    }

    /// True while the agent is to end its turn or itself. What it still says must be read, since
    /// its end stands behind it; few callers need it.
    pub(crate) fn is_winding_down(&self) -> bool {
        matches!(self.state, State::Stopping { .. } | State::Closing { .. })
    }

    /// True if there is neither a process nor anything to do: the session may be forgotten.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.state, State::Dead) && self.queue.is_empty()
    }

    /// The agent is not read for now, or is read again: nobody can tell meanwhile whether it says
    /// something. Its turn's limit goes on, so that a turn that nobody reads ends all the same.
    pub(crate) fn hold_back(&mut self, held_back: bool, now: Instant) {
        if std::mem::replace(&mut self.held_back, held_back) && !held_back {
            self.last_said = now;
            self.wait_anew_for_start(now);
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
        work_dir: SeenDir,
        now: Instant,
        actions: &mut Vec<Action>,
    ) {
        self.process.pid = Some(pid);
        self.process.work_dir = Some(work_dir);
        if self.process.started_for_next {
            self.saw_no_directory_yet(work_dir);
        }
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
        if let Some(place) = self.queue.iter().position(|queued| queued.turn == turn) {
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
        match self.state.take_running(turn) {
            Some(running) => {
                let report_at = Some(now + CANCEL_REPORT.min(self.limits.grace));
                self.interrupt(running, report_at, now, actions);
                true
            }
            None => false,
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
        self.contended_starts = 0;
        self.state = State::Ready { since: now };
        self.ask_again_of_nobody(actions);
        self.advance(now, actions);
        self.process.waited |= self.is_idle();
    }

    /// Asks the agent to let go of a turn, and watches that it does.
    fn interrupt(
        &mut self,
        running: Box<RunningTurn>,
        report_at: Option<Instant>,
        now: Instant,
        actions: &mut Vec<Action>,
    ) {
        // An interrupt that overtakes its own prompt inside the agent finds nothing to interrupt
        // and the prompt runs on, so it waits until the agent has begun.
        // After a time-out there is nothing left to overtake.
        let in_order = self.process.interrupts_in_order;
        let interrupted = running.begun || in_order || report_at.is_none();
        if interrupted {
            actions.push(Action::WriteInterrupt);
        }
        self.state = State::Stopping {
            running,
            interrupted,
            report_at,
            until: now + self.limits.grace,
        };
    }

    fn end_turn(&mut self, turn: TurnId, end: TurnEnd, actions: &mut Vec<Action>) {
        self.turns += 1;
        actions.push(Action::EndTurn(turn, Box::new(end)));
    }

    /// Ends every turn that waits, for the same reason.
    fn fail_waiting(&mut self, outcome: Outcome, error: &Error, actions: &mut Vec<Action>) {
        for queued in std::mem::take(&mut self.queue) {
            let mut end = TurnEnd::without_work(outcome, error.kind(), "");
            end.error = Some(error.clone());
            self.end_turn(queued.turn, end, actions);
        }
    }
}

/// The end of a turn that the caller cancelled and the agent never finished.
fn cancelled(running: &RunningTurn, now: Instant, calendar: Calendar) -> TurnEnd {
    let error = Error::new(ErrorKind::Cancelled, "cancelled by the caller");
    running.end(Outcome::Cancelled, error, now, calendar)
}
