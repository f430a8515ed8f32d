//! What the agent says, and what its end of a turn comes to.

use std::time::Instant;

use super::state::State;
use super::turn::RunningTurn;
use super::{Action, Session};
use crate::error::{Error, ErrorKind};
use crate::event::{EventKind, Outcome, SessionStart, TurnEnd};
use crate::message::{Conversation, Message, TurnResult};

impl Session {
    /// The agent said something.
    pub(crate) fn message(&mut self, message: Message, now: Instant, actions: &mut Vec<Action>) {
        self.last_said = now;
        match message {
            Message::Event(kind) => self.event(kind, now, actions),
            Message::Ready => self.answered_handshake(now, actions),
            Message::NamesTurns => self.will_name_turns(),
            Message::InterruptsInOrder => self.process.interrupts_in_order = true,
            Message::ConversationLost(why) => self.conversation_lost(&why, actions),
            Message::TurnQueued(turn) => self.turn_queued(turn),
            Message::TurnStarted(turn) => self.turn_started(turn, actions),
            Message::TurnOver(turn) => self.turn_over(turn),
            Message::HandshakeRefused(why) => self.handshake_refused(&why, now, actions),
            Message::SessionStart(start) => self.session_started(*start, actions),
            Message::ApprovalAsked(request) => self.approval_asked(request, now, actions),
            Message::ApprovalWithdrawn(request_id) => {
                self.approval_withdrawn(&request_id, now, actions)
            }
            Message::TurnResult(result) => self.turn_result(*result, now, actions),
            Message::Tasks(change) => self.tasks_changed(change, now),
            // The gate and the first notices take these before they come here.
            Message::GateAsked(_)
            | Message::GateAskedAgain(_)
            | Message::RanUnjudged(_)
            | Message::ProgramVersion(_) => {}
            Message::GateFailed(why) => self.gate_failed(&why, now, actions),
            Message::ProtocolFailed(why) => self.protocol_failed(&why, now, actions),
            Message::Forgotten(why) => self.forgotten(&why, now, actions),
            Message::Reply(line) => actions.push(Action::Write(line)),
        }
    }

    /// What has come of an answer is told before its turn is ended. It is no sign of life.
    pub(crate) fn unfinished(&mut self, kind: EventKind, now: Instant, actions: &mut Vec<Action>) {
        self.event(kind, now, actions);
    }

    fn answered_handshake(&mut self, now: Instant, actions: &mut Vec<Action>) {
        if matches!(self.state, State::Starting { .. }) {
            self.become_ready(now, actions);
        }
    }

    /// The conversation that the next process is to take up: the one the agent reported last. It is
    /// said to the turn at work, whether that has begun or not, since it is no answer of anything.
    fn session_started(&mut self, mut start: SessionStart, actions: &mut Vec<Action>) {
        let is_first = !std::mem::replace(&mut self.process.introduced, true);
        start.resumed = self.process.resumed && is_first;
        start.pid = self.process.pid;
        let id = start.agent_session_id.clone();
        if !id.is_empty() {
            self.conversation = Conversation::Resume(id.clone());
            actions.push(Action::Remember(id));
        }
        let listener = self.running_turn().filter(|_| self.state.tells_its_turn());
        if !matches!(self.state, State::Closing { .. }) {
            let kind = EventKind::SessionStart(Box::new(start));
            actions.push(Action::Deliver(listener, kind));
        }
    }

    /// Ends the turn at work with the result that is its own.
    pub(super) fn turn_ended(
        &mut self,
        result: TurnResult,
        now: Instant,
        actions: &mut Vec<Action>,
    ) {
        self.process.turns_done += 1;
        // A prompt may have been taken into what the agent had begun by itself; this ends both.
        self.process.self_started = false;
        match self.state.replace(State::Dead) {
            State::Busy(running) => {
                self.reset &= result.is_error;
                let (turn, end) = (running.turn(), self.judge(&running, result, now));
                self.end_turn(turn, end, actions);
            }
            State::Stopping {
                running,
                report_at: Some(_),
                ..
            } => {
                let error = Some(Error::new(ErrorKind::Cancelled, "cancelled by the caller"));
                let end =
                    running.end_with(result, Outcome::Cancelled, error, now, self.limits.calendar);
                self.end_turn(running.turn(), end, actions);
            }
            _ => {}
        }
    }

    fn judge(&self, running: &RunningTurn, result: TurnResult, now: Instant) -> TurnEnd {
        let (outcome, kind) = match (
            result.is_error || result.interrupted,
            running.denied_for_good,
        ) {
            (false, _) => {
                return running.end_with(
                    result,
                    Outcome::Completed,
                    None,
                    now,
                    self.limits.calendar,
                );
            }
            (true, true) => (Outcome::Cancelled, ErrorKind::Cancelled),
            (true, false) => (Outcome::Failed, ErrorKind::AgentFailed),
        };
        let message = result.error.as_deref().or(result.text.as_deref());
        let error = Error::new(kind, message.unwrap_or("the agent reported a failure"));
        running.end_with(result, outcome, Some(error), now, self.limits.calendar)
    }
}
