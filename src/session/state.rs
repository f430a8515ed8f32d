//! The states of a session.

use std::time::Instant;

use super::turn::RunningTurn;
use crate::event::TurnId;
use crate::stats::SessionState;

/// What the session is doing. Each state holds exactly what it needs.
#[cfg_attr(test, derive(Clone))]
#[derive(Debug)]
pub(crate) enum State {
    /// No process.
    Dead,
    /// A process was asked for. The deadline stands once it runs.
    Starting { deadline: Option<Instant> },
    /// The process waits for a prompt, and does nothing else since then.
    Ready { since: Instant },
    /// The agent works, or waits for the caller meanwhile. Boxed, so that an idle session does not
    /// keep its room.
    Busy(Box<RunningTurn>),
    /// The turn is to end; the agent has until `until` to let go.
    Stopping {
        running: Box<RunningTurn>,
        interrupted: bool,
        /// When the end of the turn is delivered; `None` if that has happened.
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
            State::Busy(running) if running.waiting_since.is_some() => SessionState::Waiting,
            State::Busy(_) => SessionState::Busy,
            State::Stopping { .. } => SessionState::Stopping,
            State::Closing { .. } => SessionState::Closing,
        }
    }

    /// True while the running turn's end has not been delivered.
    pub(crate) fn tells_its_turn(&self) -> bool {
        match self {
            State::Busy(_) => true,
            State::Stopping { report_at, .. } => report_at.is_some(),
            _ => false,
        }
    }

    /// The turn at work, to look at.
    pub(crate) fn running(&self) -> Option<&RunningTurn> {
        match self {
            State::Busy(running) | State::Stopping { running, .. } => Some(running),
            _ => None,
        }
    }

    /// The turn at work.
    pub(crate) fn running_mut(&mut self) -> Option<&mut RunningTurn> {
        match self {
            State::Busy(running) | State::Stopping { running, .. } => Some(running),
            _ => None,
        }
    }

    /// The turn at work, if its prompt was written once, the agent has not begun it, and nobody stops it.
    /// Leaves `Dead` behind.
    pub(crate) fn take_unread(&mut self) -> Option<Box<RunningTurn>> {
        match self {
            State::Busy(running) if !running.begun && !running.queued.retried => {
                let turn = running.turn();
                self.take_running(turn)
            }
            _ => None,
        }
    }

    /// The turn at work, if it is this one and is not being stopped. Leaves `Dead` behind.
    pub(crate) fn take_running(&mut self, turn: TurnId) -> Option<Box<RunningTurn>> {
        match self {
            State::Busy(running) if running.turn() == turn => {}
            _ => return None,
        }
        match self.replace(State::Dead) {
            State::Busy(running) => Some(running),
            _ => None,
        }
    }
}

pub(super) fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
