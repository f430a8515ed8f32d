//! The states of a session, and when each of them has lasted long enough.

use std::time::Instant;

use super::turn::Work;
use crate::event::TurnId;
use crate::stats::SessionState;

/// What the session is doing. Each state holds exactly what it needs.
#[derive(Debug)]
pub(crate) enum State {
    /// No process.
    Dead,
    /// A process was asked for. The deadline stands once it runs.
    Starting { deadline: Option<Instant> },
    /// The process waits for a prompt.
    Ready { until: Option<Instant> },
    /// The agent works.
    Busy(Work),
    /// The agent waits for the caller; the turn clock stands still since `since`.
    Waiting {
        work: Work,
        asked: Vec<String>,
        since: Instant,
        until: Option<Instant>,
    },
    /// The turn is to end; the agent has until `until` to let go.
    Stopping {
        work: Work,
        interrupted: bool,
        /// When the caller is told that the turn is over; `None` if that has happened.
        report_at: Option<Instant>,
        until: Instant,
    },
    /// The process is to end.
    Closing { step: Step, until: Option<Instant> },
}

/// How far the process has been pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is not there yet: it ends as soon as it has started.
    BeforeLaunch,
    /// Its stdin is closed.
    InputClosed,
    /// It was sent TERM.
    Terminated,
    /// It was sent KILL.
    Killed,
}

impl State {
    pub(crate) fn replace(&mut self, state: State) -> State {
        std::mem::replace(self, state)
    }

    /// The name that listings show.
    pub(crate) fn name(&self) -> SessionState {
        match self {
            State::Dead => SessionState::Dead,
            State::Starting { .. } => SessionState::Starting,
            State::Ready { .. } => SessionState::Ready,
            State::Busy(_) => SessionState::Busy,
            State::Waiting { .. } => SessionState::Waiting,
            State::Stopping { .. } => SessionState::Stopping,
            State::Closing { .. } => SessionState::Closing,
        }
    }

    /// When something is due. `silence` is when the agent has said nothing for too long.
    pub(crate) fn deadline(&self, silence: Option<Instant>) -> Option<Instant> {
        match self {
            State::Dead => None,
            State::Starting { deadline } => *deadline,
            State::Ready { until }
            | State::Waiting { until, .. }
            | State::Closing { until, .. } => *until,
            State::Busy(work) => earlier(work.deadline, silence),
            State::Stopping {
                report_at, until, ..
            } => earlier(*report_at, Some(*until)),
        }
    }

    /// The turn at work, to look at.
    pub(crate) fn work(&self) -> Option<&Work> {
        match self {
            State::Busy(work) | State::Waiting { work, .. } | State::Stopping { work, .. } => {
                Some(work)
            }
            _ => None,
        }
    }

    /// The turn at work.
    pub(crate) fn work_mut(&mut self) -> Option<&mut Work> {
        match self {
            State::Busy(work) | State::Waiting { work, .. } | State::Stopping { work, .. } => {
                Some(work)
            }
            _ => None,
        }
    }

    /// The turn at work, if it is this one and has not been told to end. Leaves `Dead` behind.
    pub(crate) fn take_work_of(&mut self, turn: TurnId) -> Option<Work> {
        match self {
            State::Busy(work) | State::Waiting { work, .. } if work.turn() == turn => {}
            _ => return None,
        }
        match self.replace(State::Dead) {
            State::Busy(work) | State::Waiting { work, .. } => Some(work),
            _ => None,
        }
    }
}

fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
