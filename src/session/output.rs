//! What the agent says: whose it is, and what it changes.

use std::time::Instant;

use super::state::State;
use super::turn::Work;
use super::{Action, Session, forget};
use crate::error::{Error, ErrorKind};
use crate::event::{
    Decision, EventKind, Outcome, PermissionRequest, SessionStart, TurnEnd, TurnId,
};
use crate::message::{Conversation, Message, TurnResult};
use crate::notice::NoticeCode;

/// Who is told what the agent says now.
enum Owner {
    Turn(TurnId),
    /// Nobody asked for it.
    Nobody,
    /// It is the rest of a turn that is over.
    Dropped,
}

impl Session {
    /// The agent said something.
    pub(crate) fn message(&mut self, message: Message, now: Instant, actions: &mut Vec<Action>) {
        self.last_said = now;
        match message {
            Message::Event(kind) => self.event(kind, now, actions),
            Message::Ready => self.answered_handshake(now, actions),
            Message::TurnStarted(turn) => self.turn_started(turn, actions),
            Message::HandshakeRefused(why) => self.handshake_refused(&why, now, actions),
            Message::SessionStart(start) => self.session_started(*start, now, actions),
            Message::ApprovalAsked(request) => self.approval_asked(request, now, actions),
            Message::ApprovalWithdrawn(request_id) => {
                self.approval_withdrawn(&request_id, now, actions)
            }
            Message::TurnResult(result) => self.turn_result(*result, now, actions),
            // The gate answers before anything comes here.
            Message::GateAsked(_) => {}
            Message::Reply(line) => actions.push(Action::Write(line)),
        }
    }

    fn answered_handshake(&mut self, now: Instant, actions: &mut Vec<Action>) {
        if matches!(self.state, State::Starting { .. }) {
            self.become_ready(now, actions);
        }
    }

    fn turn_started(&mut self, turn: Option<TurnId>, actions: &mut Vec<Action>) {
        let process = &mut self.process;
        let Some(work) = self.state.work_mut() else {
            // Only an agent that has worked for us starts by itself: others merely introduce
            // themselves, and nothing would ever end that.
            process.self_started = process.turns_done > 0 && turn.is_none();
            return;
        };
        process.marks_starts = true;
        process.names_turns |= turn.is_some();
        let ours = turn.map_or(!process.names_turns, |turn| turn == work.turn());
        if !ours || work.begun {
            return;
        }
        work.begun = true;
        if let State::Stopping { interrupted, .. } = &mut self.state
            && !std::mem::replace(interrupted, true)
        {
            actions.push(Action::WriteInterrupt);
        }
    }

    fn session_started(
        &mut self,
        mut start: SessionStart,
        now: Instant,
        actions: &mut Vec<Action>,
    ) {
        start.resumed = self.process.resumed;
        start.pid = self.process.pid;
        let id = start.agent_session_id.clone();
        if !id.is_empty() {
            self.conversation = Conversation::Resume(id.clone());
            actions.push(Action::Remember(id));
        }
        self.event(EventKind::SessionStart(Box::new(start)), now, actions);
    }

    fn event(&mut self, mut kind: EventKind, now: Instant, actions: &mut Vec<Action>) {
        let turn = match self.owner() {
            Owner::Turn(turn) => Some(turn),
            Owner::Nobody => None,
            Owner::Dropped => return,
        };
        if let (Some(_), Some(work)) = (turn, self.state.work_mut()) {
            work.record(&mut kind, now);
        }
        actions.push(Action::Deliver(turn, kind));
    }

    fn owner(&mut self) -> Owner {
        let marks_starts = self.process.marks_starts;
        match &mut self.state {
            State::Closing { .. }
            | State::Stopping {
                report_at: None, ..
            } => Owner::Dropped,
            State::Busy(work) | State::Waiting { work, .. } | State::Stopping { work, .. } => {
                // An agent that never says when it begins shows it by its first word.
                work.begun |= !marks_starts;
                if work.begun {
                    Owner::Turn(work.turn())
                } else {
                    Owner::Nobody
                }
            }
            _ => Owner::Nobody,
        }
    }

    fn approval_asked(
        &mut self,
        request: Box<PermissionRequest>,
        now: Instant,
        actions: &mut Vec<Action>,
    ) {
        let turn = match self.owner() {
            Owner::Turn(turn) if !matches!(self.state, State::Stopping { .. }) => turn,
            _ => {
                let refusal = Decision::deny("no caller is there to answer");
                return actions.push(Action::WriteDecision(request.request_id, refusal));
            }
        };
        let request_id = request.request_id.clone();
        actions.push(Action::Deliver(
            Some(turn),
            EventKind::PermissionRequest(request),
        ));
        self.wait_for_caller(request_id, now);
    }

    fn wait_for_caller(&mut self, request_id: String, now: Instant) {
        let until = self.limits.approval.map(|limit| now + limit);
        match self.state.replace(State::Dead) {
            State::Busy(work) => {
                let asked = vec![request_id];
                self.state = State::Waiting {
                    work,
                    asked,
                    since: now,
                    until,
                };
            }
            State::Waiting {
                work,
                mut asked,
                since,
                ..
            } => {
                asked.push(request_id);
                self.state = State::Waiting {
                    work,
                    asked,
                    since,
                    until,
                };
            }
            other => self.state = other,
        }
    }

    fn approval_withdrawn(&mut self, request_id: &str, now: Instant, actions: &mut Vec<Action>) {
        let State::Waiting { work, asked, .. } = &mut self.state else {
            return;
        };
        if forget(asked, request_id) {
            let text =
                format!("the agent does not wait for permission request {request_id} any more");
            let kind = EventKind::info(NoticeCode::PermissionWithdrawn, text);
            actions.push(Action::Deliver(Some(work.turn()), kind));
        }
        self.go_on_if_answered(now);
    }

    fn turn_result(&mut self, result: TurnResult, now: Instant, actions: &mut Vec<Action>) {
        if result.cannot_resume && self.process.turns_done == 0 {
            // The process ends next, and its end decides what follows.
            return;
        }
        if !self.is_result_of_turn() {
            return self.unrequested_result(&result, now, actions);
        }
        self.process.turns_done += 1;
        // A prompt may have been taken into what the agent had begun by itself; this ends both.
        self.process.self_started = false;
        match self.state.replace(State::Dead) {
            State::Busy(work) | State::Waiting { work, .. } => {
                self.reset &= result.is_error;
                let (turn, end) = (work.turn(), self.judge(&work, result, now));
                self.end_turn(turn, end, actions);
            }
            State::Stopping {
                work,
                report_at: Some(_),
                ..
            } => {
                let error = Some(Error::new(ErrorKind::Cancelled, "cancelled by the caller"));
                let end = work.end_with(result, Outcome::Cancelled, error, now, &self.limits.epoch);
                self.end_turn(work.turn(), end, actions);
            }
            _ => {}
        }
        self.become_ready(now, actions);
    }

    fn is_result_of_turn(&mut self) -> bool {
        let marks_starts = self.process.marks_starts;
        self.state
            .work_mut()
            .is_some_and(|work| work.begun || !marks_starts)
    }

    /// A result that ends no turn: of one the agent began by itself, or a result said twice.
    fn unrequested_result(&mut self, result: &TurnResult, now: Instant, actions: &mut Vec<Action>) {
        if matches!(self.state, State::Closing { .. }) {
            return;
        }
        let text = result
            .text
            .as_deref()
            .or(result.error.as_deref())
            .unwrap_or_default();
        let kind = EventKind::info(NoticeCode::UnrequestedResult, text);
        actions.push(Action::Deliver(None, kind));
        self.process.self_started = false;
        self.advance(now, actions);
    }

    fn judge(&self, work: &Work, result: TurnResult, now: Instant) -> TurnEnd {
        let (outcome, kind) = match (result.is_error || result.interrupted, work.denied_for_good) {
            (false, _) => {
                return work.end_with(result, Outcome::Completed, None, now, &self.limits.epoch);
            }
            (true, true) => (Outcome::Cancelled, ErrorKind::Cancelled),
            (true, false) => (Outcome::Failed, ErrorKind::AgentFailed),
        };
        let message = result.error.as_deref().or(result.text.as_deref());
        let error = Error::new(kind, message.unwrap_or("the agent reported a failure"));
        work.end_with(result, outcome, Some(error), now, &self.limits.epoch)
    }
}
