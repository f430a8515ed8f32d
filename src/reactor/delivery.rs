//! What a slot hands to callers: the events of its open turns, their ends, and the events of no turn.

use std::time::Instant;

use super::slot::{Context, Slot};
use super::spawner::{Job, UPKEEP_EVERY};
use crate::channel::EVENT_WEIGHT;
use crate::error::ErrorKind;
use crate::event::{Decision, Event, EventKind, Outcome, TurnEnd, TurnId};

impl Slot {
    /// Wakes the callers of turns that have new events.
    pub(super) fn wake_callers(&mut self) {
        for open_turn in &mut self.open_turns {
            open_turn.events.flush();
        }
    }

    /// The turn that was accepted last and has not ended.
    pub(super) fn last_turn(&self) -> Option<TurnId> {
        self.open_turns.last().map(|open_turn| open_turn.turn)
    }

    pub(crate) fn has_turn(&self, turn: TurnId) -> bool {
        self.open_turns
            .iter()
            .any(|open_turn| open_turn.turn == turn)
    }

    pub(super) fn deliver(&mut self, turn: TurnId, kind: EventKind, now: Instant) {
        if self.session.is_winding_down() && self.window.is_full() {
            return;
        }
        let weight = EVENT_WEIGHT + kind.payload_bytes() as u64;
        self.send(turn, kind, weight, now);
    }

    fn send(&mut self, turn: TurnId, kind: EventKind, weight: u64, now: Instant) {
        let Some(open_turn) = self
            .open_turns
            .iter_mut()
            .find(|open_turn| open_turn.turn == turn)
        else {
            return;
        };
        let event = Event {
            turn: Some(turn),
            tag: open_turn.tag,
            session: self.session.id().clone(),
            at: now.saturating_duration_since(open_turn.accepted),
            kind,
        };
        open_turn.events.send(self.window.charge(event, weight));
    }

    pub(super) fn deliver_in_background(&mut self, kind: EventKind, context: &mut Context<'_>) {
        let event = Event {
            turn: None,
            tag: 0,
            session: self.session.id().clone(),
            at: context.now.saturating_duration_since(context.shared.opened),
            kind,
        };
        let asked = match &event.kind {
            EventKind::PermissionRequest(request) => Some(request.request_id.clone()),
            _ => None,
        };
        if context.background.send(event) {
            return;
        }
        context.counters.lost_background_events += 1;
        if let Some(request_id) = asked {
            self.deny_undeliverable(&request_id, context);
        }
    }

    /// Events of no turn have no receiver, so no answer can come.
    fn deny_undeliverable(&mut self, request_id: &str, context: &mut Context<'_>) {
        self.session.forget_question(request_id, context.now);
        let decision = Decision::deny("nobody takes the events that the request came with");
        if let Some(child) = &mut self.child {
            child.write(context.registry, |protocol, out| {
                protocol.write_decision(request_id, &decision, out);
            });
        }
    }

    pub(super) fn end_turn(&mut self, turn: TurnId, end: Box<TurnEnd>, context: &mut Context<'_>) {
        match end.outcome {
            Outcome::Completed => context.counters.turns_completed += 1,
            _ => context.counters.turns_not_completed += 1,
        }
        self.stats
            .add(&end.stats, end.outcome == Outcome::Completed);
        // Before the caller sees the end: it may send the next turn at once.
        context
            .shared
            .admission
            .lock()
            .turn_ended(self.session.id());
        // Agents refresh the user's credentials while they work.
        if context.now >= *context.next_upkeep {
            *context.next_upkeep = context.now + UPKEEP_EVERY;
            let _ = context.jobs.send(Job::Upkeep);
        }
        self.send(turn, EventKind::TurnEnd(end), 0, context.now);
        self.open_turns.retain(|open_turn| open_turn.turn != turn);
        self.window.detach_backlog();
    }

    /// Ends every turn at once, because the state machine itself cannot be trusted any more.
    pub(crate) fn fail(&mut self, message: &str, context: &mut Context<'_>) {
        let turns = self.open_turns.iter().map(|open_turn| open_turn.turn);
        for turn in turns.collect::<Vec<_>>() {
            let end = TurnEnd::without_work(Outcome::Failed, ErrorKind::Internal, message);
            self.end_turn(turn, Box::new(end), context);
        }
    }
}
