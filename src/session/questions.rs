//! Permission requests between the agent's question and an answer.
//!
//! A question outlives the turn it was asked in: an agent asks for what it does in the background
//! too, and goes on with its turn meanwhile. What is left open when its turn ends is asked once
//! more, of nobody in particular, and is answered by the session's name.

use std::time::Instant;

use super::open_questions::{Asked, Question};
use super::state::State;
use super::{Action, Session};
use crate::event::{Decision, EventKind, PermissionRequest, TurnId};
use crate::notice::NoticeCode;

impl Session {
    pub(super) fn approval_asked(
        &mut self,
        request: Box<PermissionRequest>,
        now: Instant,
        actions: &mut Vec<Action>,
    ) {
        // A spare has no name that an answer could be sent to.
        let why = match self.state {
            State::Closing { .. } => Some("the session is being ended"),
            State::Stopping { .. } => Some("its turn is being ended"),
            _ if self.id.as_str().is_empty() => Some("no session is there to answer"),
            _ => None,
        };
        if let Some(why) = why {
            return refuse(request.request_id, why, actions);
        }
        self.process.questions.0.push(Question {
            request: request.clone(),
            turn: None,
            until: self.limits.approval.map(|limit| now + limit),
        });
        self.event(EventKind::PermissionRequest(request), now, actions);
    }

    /// It is clear that the question is a turn's, whose clock stands still from now on.
    pub(super) fn asked_in_turn(&mut self, turn: TurnId, request_id: &str, now: Instant) {
        let named = |question: &&mut Question| question.request.request_id == request_id;
        if let Some(question) = self.process.questions.0.iter_mut().find(named) {
            question.turn = Some(turn);
        }
        if let State::Busy(running) = &mut self.state {
            running.waiting_since.get_or_insert(now);
        }
    }

    /// The caller answers a permission request; false if nobody asked.
    pub(crate) fn decide(
        &mut self,
        asked: Asked,
        request_id: &str,
        decision: Decision,
        now: Instant,
        actions: &mut Vec<Action>,
    ) -> bool {
        if !self.may_be_answered(asked, request_id) {
            return false;
        }
        let Some(question) = self.process.questions.take(request_id) else {
            return false;
        };
        let for_good = matches!(
            decision,
            Decision::Deny {
                interrupt: true,
                ..
            }
        );
        if let Some(running) = self.state.running_mut().filter(|_| question.turn.is_some()) {
            running.denied_for_good |= for_good;
        }
        actions.push(Action::WriteDecision(request_id.to_owned(), decision));
        self.go_on_if_answered(now);
        true
    }

    /// A turn that is let go of does not get leave to go on.
    fn may_be_answered(&self, asked: Asked, request_id: &str) -> bool {
        let mut questions = self.process.questions.0.iter();
        let turn = questions
            .find(|question| question.request.request_id == request_id)
            .map(|question| question.turn);
        match (turn, asked) {
            (None, _) => false,
            (Some(turn), Asked::InTurn(_)) if turn.is_none() => false,
            (Some(Some(turn)), Asked::InTurn(named)) if turn != named => false,
            (Some(Some(_)), _) => matches!(self.state, State::Busy(_)),
            (Some(None), _) => true,
        }
    }

    /// A question could not be delivered: there was no room for one more event of no turn.
    pub(crate) fn forget_question(&mut self, request_id: &str, now: Instant) {
        self.process.questions.take(request_id);
        self.go_on_if_answered(now);
    }

    pub(super) fn approval_withdrawn(
        &mut self,
        request_id: &str,
        now: Instant,
        actions: &mut Vec<Action>,
    ) {
        let Some(question) = self.process.questions.take(request_id) else {
            return;
        };
        // That a turn's questions go with it is no news, and who was not asked yet need not hear.
        let news = question.turn.is_none() || matches!(self.state, State::Busy(_));
        if !self.unhold_question(request_id) && news {
            let text =
                format!("the agent does not wait for permission request {request_id} any more");
            let kind = EventKind::info(NoticeCode::PermissionWithdrawn, text);
            actions.push(Action::Deliver(question.turn, kind));
        }
        self.go_on_if_answered(now);
    }

    pub(super) fn questions_timed_out(&mut self, now: Instant, actions: &mut Vec<Action>) {
        let questions = &mut self.process.questions.0;
        let due = |question: &mut Question| question.until.is_some_and(|until| until <= now);
        let late: Vec<Question> = questions.extract_if(.., due).collect();
        for question in late {
            let request_id = question.request.request_id;
            self.unhold_question(&request_id);
            let text =
                format!("permission request {request_id} was not answered in time and is denied");
            let listener = question.turn.filter(|_| self.state.tells_its_turn());
            let kind = EventKind::warning(NoticeCode::PermissionTimedOut, text);
            actions.push(Action::Deliver(listener, kind));
            let decision = Decision::deny("nobody answered in time");
            actions.push(Action::WriteDecision(request_id, decision));
        }
        self.go_on_if_answered(now);
    }

    /// The turn clock starts again once the last question of the turn is answered, and an idle
    /// clock once the last of all is.
    fn go_on_if_answered(&mut self, now: Instant) {
        let questions = &self.process.questions;
        match &mut self.state {
            State::Busy(running) if !questions.are_open_in(running.turn()) => {
                if let Some(since) = running.waiting_since.take() {
                    let waited = now.saturating_duration_since(since);
                    running.deadline = running.deadline.map(|deadline| deadline + waited);
                    self.last_said = now;
                }
            }
            State::Ready { since } if questions.is_empty() => *since = now,
            _ => {}
        }
    }

    /// The turn is over and the agent still waits: from now on the question belongs to the session.
    pub(super) fn ask_again_of_nobody(&mut self, actions: &mut Vec<Action>) {
        for question in &mut self.process.questions.0 {
            if question.turn.take().is_some() {
                let kind = EventKind::PermissionRequest(question.request.clone());
                actions.push(Action::Deliver(None, kind));
            }
        }
    }

    /// The process is to end, and an end of input is a denial to it.
    pub(super) fn drop_questions(&mut self, actions: &mut Vec<Action>) {
        for question in std::mem::take(&mut self.process.questions.0) {
            if question.turn.is_none() {
                let request_id = question.request.request_id;
                let text = format!("permission request {request_id} ends with its process");
                let kind = EventKind::info(NoticeCode::PermissionWithdrawn, text);
                actions.push(Action::Deliver(None, kind));
            }
        }
    }
}

fn refuse(request_id: String, why: &str, actions: &mut Vec<Action>) {
    let text = format!("permission request {request_id} is denied: {why}");
    let kind = EventKind::warning(NoticeCode::PermissionRefused, text);
    actions.push(Action::Deliver(None, kind));
    actions.push(Action::WriteDecision(request_id, Decision::deny(why)));
}
