//! Which turn an agent's output belongs to.
//!
//! An agent works on more than prompts: it takes up the end of a background task by itself, and it
//! was seen to send output of an earlier turn late. So nothing is attributed to a turn without
//! evidence. There are three kinds, and versions differ in which they give: a result that names
//! prompts or says that none was its cause; a named start; a start without a name.
//!
//! Output and results without any are held for a moment. If a start follows, they belonged to
//! something else; if none does, they can only be the turn's.

use std::time::{Duration, Instant};

use super::evidence::{Held, Marks};
use super::state::State;
use super::{Action, Session};
use crate::event::{EventKind, TurnId};
use crate::message::{Origin, TurnResult};
use crate::notice::NoticeCode;

/// How long a start may follow the first output of an agent of which it is not known that it marks
/// every turn. It comes within some ten milliseconds of the prompt.
const START_FOLLOWS: Duration = Duration::from_secs(1);

/// The same for an agent that has marked every turn so far.
const START_SURELY_FOLLOWS: Duration = Duration::from_secs(10);

/// More messages than this are not held back: the agent is working on something.
const WORDS_AT_MOST: usize = 256;

/// Nor are more bytes than this, and what came last.
const BYTES_AT_MOST: usize = 1024 * 1024;

/// Who receives the agent's output now.
enum Owner {
    Turn(TurnId),
    /// The agent began it by itself.
    Nobody,
    /// It is not clear yet.
    Unclear,
    /// It is the rest of a turn that is over.
    Dropped,
}

impl Session {
    /// The agent will name each start of a prompt.
    pub(super) fn will_name_turns(&mut self) {
        self.process.marks = Marks::Names;
    }

    /// The agent has a prompt. Of the versions that say so all name the start as well, and what was
    /// begun before was something else.
    pub(super) fn turn_queued(&mut self, turn: TurnId) {
        let new = matches!(self.process.marks, Marks::Unknown | Marks::Once);
        let Some(running) = self
            .state
            .running_mut()
            .filter(|running| running.turn() == turn)
        else {
            return;
        };
        if new {
            self.process.marks = Marks::Names;
            self.process.self_started |= std::mem::take(&mut running.begun);
        }
    }

    pub(super) fn turn_started(&mut self, turn: Option<TurnId>, actions: &mut Vec<Action>) {
        let Some(at_work) = self.running_turn() else {
            // Only an agent that has worked for us starts by itself: others merely introduce
            // themselves, and nothing would ever end that. A prompt that is begun after its turn
            // is nobody's work either.
            self.process.self_started = self.process.turns_done > 0 || turn.is_some();
            if self.process.self_started {
                self.note_start(turn);
            }
            return;
        };
        self.note_start(turn);
        let ours = match turn {
            Some(turn) => turn == at_work,
            None => self.process.marks != Marks::Names,
        };
        if ours || turn.is_none() {
            self.disown_held(actions);
        }
        let Some(running) = self.state.running_mut() else {
            return;
        };
        if !ours {
            self.process.self_started |= !running.begun;
            return;
        }
        if std::mem::replace(&mut running.begun, true) {
            return;
        }
        // An interrupt before this was for nothing.
        if let State::Stopping { interrupted, .. } = &mut self.state {
            *interrupted = true;
            actions.push(Action::WriteInterrupt);
        }
    }

    fn note_start(&mut self, turn: Option<TurnId>) {
        let marks = &mut self.process.marks;
        *marks = match (*marks, turn) {
            (_, Some(_)) | (Marks::Names, None) => Marks::Names,
            (Marks::Unknown | Marks::Never, None) => Marks::Once,
            (Marks::Once | Marks::Each, None) => Marks::Each,
        };
    }

    /// The agent is through with a prompt.
    pub(super) fn turn_over(&mut self, turn: TurnId) {
        if let Some(running) = self
            .state
            .running_mut()
            .filter(|running| running.turn() == turn)
        {
            running.over = true;
        }
    }

    pub(super) fn event(&mut self, mut kind: EventKind, now: Instant, actions: &mut Vec<Action>) {
        let is_word = is_word(&kind);
        let owner = self.owner(is_word);
        if is_word && matches!(owner, Owner::Turn(_) | Owner::Dropped) {
            // A result that was followed by this was not the turn's.
            self.disown_held(actions);
        }
        match owner {
            Owner::Turn(turn) => {
                if let Some(running) = self.state.running_mut() {
                    running.spoken |= is_word;
                    running.record(&mut kind, now);
                }
                if let EventKind::PermissionRequest(request) = &kind {
                    self.asked_in_turn(turn, &request.request_id, now);
                }
                actions.push(Action::Deliver(Some(turn), kind));
            }
            Owner::Nobody => actions.push(Action::Deliver(None, kind)),
            Owner::Unclear => self.hold_word(kind, now, actions),
            Owner::Dropped => {}
        }
    }

    fn owner(&mut self, is_word: bool) -> Owner {
        let process = &self.process;
        let (marks, self_started) = (process.marks, process.self_started);
        let told = self.state.tells_its_turn();
        match &mut self.state {
            State::Closing { .. } => Owner::Dropped,
            State::Busy(running) | State::Stopping { running, .. } => {
                let unmarked = matches!(marks, Marks::Unknown | Marks::Never);
                running.begun |= unmarked && is_word;
                let has_result = running
                    .held
                    .as_ref()
                    .is_some_and(|held| held.result.is_some());
                match () {
                    () if !running.begun && !unmarked && is_word && !self_started => Owner::Unclear,
                    // Its result may be there: what is the turn's would be marked by a start.
                    () if running.begun && !unmarked && has_result => Owner::Nobody,
                    () if !told => Owner::Dropped,
                    () if running.begun || unmarked => Owner::Turn(running.turn()),
                    () => Owner::Nobody,
                }
            }
            _ => Owner::Nobody,
        }
    }

    fn patience(&self) -> Duration {
        match self.process.marks {
            Marks::Each | Marks::Names => START_SURELY_FOLLOWS,
            Marks::Unknown | Marks::Never | Marks::Once => START_FOLLOWS,
        }
    }

    fn hold(&mut self, now: Instant) -> Option<&mut Held> {
        let until = now + self.patience();
        let running = self.state.running_mut()?;
        Some(running.held.get_or_insert_with(|| Held {
            words: Vec::new(),
            bytes: 0,
            result: None,
            until,
        }))
    }

    fn hold_word(&mut self, kind: EventKind, now: Instant, actions: &mut Vec<Action>) {
        let Some(held) = self.hold(now) else {
            return;
        };
        held.bytes += kind.payload_bytes();
        held.words.push(kind);
        if held.words.len() >= WORDS_AT_MOST || held.bytes >= BYTES_AT_MOST {
            self.no_start_followed(now, actions);
        }
    }

    /// Of two results in a row one at most is the turn's.
    pub(super) fn hold_result(
        &mut self,
        result: TurnResult,
        now: Instant,
        actions: &mut Vec<Action>,
    ) {
        let running = self.state.running();
        let second = running.is_some_and(|running| {
            let held = running.held.as_ref();
            held.is_some_and(|held| held.result.is_some())
        });
        if second && self.process.marks == Marks::Once {
            self.no_start_followed(now, actions);
            return self.unrequested_result(&result, now, actions);
        }
        if second {
            self.disown_held(actions);
        }
        if let Some(held) = self.hold(now) {
            held.result = Some((result, now));
        }
    }

    /// Takes a question out of what is held; false if it is not there.
    pub(super) fn unhold_question(&mut self, request_id: &str) -> bool {
        let Some(held) = self
            .state
            .running_mut()
            .and_then(|running| running.held.as_mut())
        else {
            return false;
        };
        let before = held.words.len();
        held.words.retain(|word| {
            !matches!(word, EventKind::PermissionRequest(asked) if asked.request_id == request_id)
        });
        held.words.len() < before
    }

    /// The agent was not read meanwhile, or the words had to wait for another reason.
    pub(super) fn wait_anew_for_start(&mut self, now: Instant) {
        let until = now + self.patience();
        if let Some(held) = self
            .state
            .running_mut()
            .and_then(|running| running.held.as_mut())
        {
            held.until = until;
        }
    }

    /// What was held can be of no one else.
    pub(super) fn no_start_followed(&mut self, now: Instant, actions: &mut Vec<Action>) {
        self.process.marks = Marks::Never;
        if let Some(running) = self.state.running_mut() {
            running.begun = true;
        }
        if let Some((result, at)) = self.give_held_to_turn(now, actions) {
            self.turn_ended(result, at, actions);
            self.become_ready(now, actions);
        }
    }

    /// The words go to the turn; the result is given back.
    pub(super) fn give_held_to_turn(
        &mut self,
        now: Instant,
        actions: &mut Vec<Action>,
    ) -> Option<(TurnResult, Instant)> {
        let held = self.state.running_mut()?.held.take()?;
        for word in held.words {
            self.event(word, now, actions);
        }
        held.result
    }

    /// A process has ended, and nothing will make clear any more what was held: nobody gets it who
    /// may have to get another's. Unless it is sure that the prompt was not begun, it is not sent
    /// again.
    pub(super) fn settle_held_at_exit(&mut self, now: Instant, actions: &mut Vec<Action>) {
        let marks = self.process.marks;
        let Some(running) = self
            .state
            .running_mut()
            .filter(|running| running.held.is_some())
        else {
            return;
        };
        let says_nothing = running.held.as_ref().is_some_and(Held::says_nothing);
        running.begun |= matches!(marks, Marks::Unknown | Marks::Once) && !says_nothing;
        if marks != Marks::Unknown || says_nothing {
            return self.disown_held(actions);
        }
        if let Some((result, at)) = self.give_held_to_turn(now, actions) {
            self.turn_ended(result, at, actions);
        }
    }

    /// What was held was of something else.
    pub(super) fn disown_held(&mut self, actions: &mut Vec<Action>) {
        let Some(held) = self
            .state
            .running_mut()
            .and_then(|running| running.held.take())
        else {
            return;
        };
        for word in held.words {
            actions.push(Action::Deliver(None, word));
        }
        if let Some((result, _)) = held.result {
            actions.push(Action::Deliver(None, unrequested(&result)));
        }
    }

    pub(super) fn turn_result(
        &mut self,
        result: TurnResult,
        now: Instant,
        actions: &mut Vec<Action>,
    ) {
        if result.cannot_resume && self.process.turns_done == 0 {
            // The process ends next, and its end decides what follows.
            return;
        }
        match self.owner_of(&result) {
            Owner::Turn(_) => {
                self.give_held_to_nobody_or_turn(now, actions);
                self.turn_ended(result, now, actions);
                self.become_ready(now, actions);
            }
            Owner::Unclear => self.hold_result(result, now, actions),
            Owner::Nobody | Owner::Dropped => self.unrequested_result(&result, now, actions),
        }
    }

    /// A result that names the turn came without a start: the words before it were the turn's.
    fn give_held_to_nobody_or_turn(&mut self, now: Instant, actions: &mut Vec<Action>) {
        if let Some(running) = self.state.running_mut() {
            running.begun = true;
        }
        if let Some((earlier, _)) = self.give_held_to_turn(now, actions) {
            actions.push(Action::Deliver(None, unrequested(&earlier)));
        }
    }

    fn owner_of(&mut self, result: &TurnResult) -> Owner {
        let process = &self.process;
        let Some(running) = self.state.running_mut() else {
            return Owner::Nobody;
        };
        let turn = Owner::Turn(running.turn());
        match &result.origin {
            Origin::Turns(turns) if turns.contains(&running.turn()) => return turn,
            Origin::Turns(_) => return Owner::Nobody,
            // A prompt can be taken into it, and is through then.
            Origin::Itself if running.begun && running.over => return turn,
            Origin::Itself => {
                // A start without a name was not the turn's.
                running.begun &= process.marks == Marks::Names;
                return Owner::Nobody;
            }
            Origin::Unsaid => {}
        }
        let says_nothing = !result.is_error
            && !result.interrupted
            && !running.spoken
            && result.text.as_deref().unwrap_or_default().is_empty();
        let first = process.turns_done == 0 && process.marks != Marks::Names;
        match process.marks {
            // What a resumed agent has to say to itself comes first, and is nothing.
            _ if running.begun && first && process.resumed && says_nothing => Owner::Unclear,
            _ if running.begun => turn,
            Marks::Unknown if first && !result.is_error => Owner::Unclear,
            Marks::Unknown | Marks::Never => turn,
            _ if process.self_started => Owner::Nobody,
            _ => Owner::Unclear,
        }
    }

    /// A result that ends no turn: of one the agent began by itself, or a result said twice.
    fn unrequested_result(&mut self, result: &TurnResult, now: Instant, actions: &mut Vec<Action>) {
        if matches!(self.state, State::Closing { .. }) {
            return;
        }
        actions.push(Action::Deliver(None, unrequested(result)));
        self.process.self_started = false;
        if let State::Ready { since } = &mut self.state {
            *since = now;
        }
        self.advance(now, actions);
    }
}

fn unrequested(result: &TurnResult) -> EventKind {
    let text = result.text.as_deref().or(result.error.as_deref());
    EventKind::info(NoticeCode::UnrequestedResult, text.unwrap_or_default())
}

/// What a model or a tool says; anything else is said about them, and begins nothing.
fn is_word(kind: &EventKind) -> bool {
    !matches!(kind, EventKind::Notice(_) | EventKind::Raw(_))
}
