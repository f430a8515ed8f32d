//! What must hold in every state: one end a turn, and each answer where it belongs.

use super::super::*;
use crate::event::TurnEnd;

/// What was said and told so far, by turn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Ledger {
    /// Turns that were accepted: 1 up to this one.
    pub(super) turns: u64,
    pub(super) ended: Vec<(u64, Outcome)>,
    /// Turns whose own answer they were told.
    answered: Vec<u64>,
    /// Answers that the agent gave, without late ones.
    given: Vec<u64>,
    /// Answers that nobody in particular was told.
    astray: Vec<u64>,
    pub(super) cancelled: Vec<u64>,
    pub(super) result_said: Vec<u64>,
    pub(super) question: Question,
}

/// What became of the one question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Question {
    #[default]
    NotAsked,
    Open,
    Settled,
}

impl Ledger {
    pub(super) fn has_ended(&self, turn: u64) -> bool {
        self.ended.iter().any(|(ended, _)| *ended == turn)
    }

    pub(super) fn agent_answers(&mut self, turn: u64) {
        note(&mut self.given, turn);
    }

    pub(super) fn told(&mut self, listener: Option<TurnId>, kind: &EventKind) {
        if let Some(listener) = listener {
            assert!(
                !self.has_ended(listener.0),
                "turn {} is told something after its end",
                listener.0
            );
        }
        match kind {
            EventKind::Answer(text) => self.told_answer(listener, text),
            EventKind::Notice(notice) if notice.code == "permission_withdrawn" => {
                self.question = Question::Settled;
            }
            EventKind::PermissionRequest(_) => self.question = Question::Open,
            _ => {}
        }
    }

    fn told_answer(&mut self, listener: Option<TurnId>, text: &str) {
        let owner: Option<u64> = text.parse().ok();
        match (listener, owner) {
            (Some(listener), Some(owner)) => {
                assert_eq!(listener.0, owner, "an answer reaches another turn");
                note(&mut self.answered, owner);
            }
            (Some(listener), None) => panic!("turn {} is told what is nobody's", listener.0),
            (None, Some(owner)) => note(&mut self.astray, owner),
            (None, None) => {}
        }
    }

    pub(super) fn ends(&mut self, turn: u64, end: &TurnEnd) {
        assert!(!self.has_ended(turn), "turn {turn} ends twice");
        self.ended.push((turn, end.outcome));
        self.ended.sort_by_key(|(turn, _)| *turn);
        if end.outcome != Outcome::Completed {
            return;
        }
        let result = end.result.as_deref();
        assert_eq!(result, Some(turn.to_string().as_str()), "another's result");
        assert!(
            self.answered.contains(&turn),
            "turn {turn} completes without the answer"
        );
    }

    /// An answer is told, or kept until it is clear whose it is, or its turn is over.
    pub(super) fn nothing_is_lost(&self, session: &Session) {
        let state = &session.state;
        let holds = state
            .running()
            .is_some_and(|running| running.held.is_some());
        for turn in &self.given {
            let told = self.answered.contains(turn) || self.astray.contains(turn);
            let late = self.has_ended(*turn) || self.cancelled.contains(turn);
            assert!(told || late || holds, "the answer of turn {turn} is lost");
        }
        let open = !session.process.questions.is_empty();
        let known = match self.question {
            Question::Open => true,
            // It is told when it is clear whose it is.
            Question::NotAsked => open && holds,
            Question::Settled => false,
        };
        assert_eq!(open, known, "a question is lost");
    }

    /// Once the agent has said the end of a turn, that turn does not go on.
    pub(super) fn nothing_hangs(&self, session: &Session, owes: impl Fn(u64) -> bool) {
        let Some(running) = session.state.running() else {
            return;
        };
        let turn = running.turn().0;
        let over = self.result_said.contains(&turn) && !owes(turn);
        let waits = running.held.is_some() || running.waiting_since.is_some();
        assert!(
            !over || waits,
            "turn {turn} goes on though its end was said"
        );
    }
}

fn note(list: &mut Vec<u64>, turn: u64) {
    if !list.contains(&turn) {
        list.push(turn);
        list.sort_unstable();
    }
}
