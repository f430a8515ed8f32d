//! What the engines tell, booked and passed on.

use std::sync::Arc;

use hotplex::{Decision, Event, EventKind, PermissionRequest, TurnEnd};

use super::clock::now_ms;
use super::log::{Asked, What};
use super::session::Approval;
use super::state::{Hub, HubState};
use super::turn::Ask;
use crate::engines::Served;

/// What an agent is told whose questions are denied at once.
pub(crate) const NOBODY_TO_ASK: &str = "nobody is there to approve it";

impl Hub {
    /// Takes one event of an engine.
    pub(crate) fn happened(&self, served: &Served, event: Event) {
        let mut state = self.state();
        match event.turn {
            Some(id) if state.turns.contains_key(&event.tag) => {
                if let Some(turn) = state.turns.get_mut(&event.tag) {
                    turn.id.get_or_insert(id);
                    if std::mem::take(&mut turn.is_silent) {
                        self.metrics.first_event(turn.began.elapsed());
                    }
                }
                self.tell_of_begin(&mut state, event.tag);
                self.of_turn(&mut state, served, event.tag, event.kind);
            }
            // A turn that is not ours is one that was struck out.
            Some(_) => {}
            None => self.of_no_turn(&mut state, event),
        }
    }

    fn of_turn(&self, state: &mut HubState, served: &Served, turn: u64, kind: EventKind) {
        let Some(key) = state.turns.get(&turn).map(|turn| Arc::clone(&turn.session)) else {
            return;
        };
        if let Some(session) = state.sessions.get_mut(&key)
            && !matches!(kind, EventKind::TurnEnd(_))
        {
            session.has_process = true;
        }
        match kind {
            EventKind::TurnEnd(end) => self.ended(state, &key, turn, end),
            EventKind::PermissionRequest(request) => {
                self.asked(state, served, &key, turn, *request);
            }
            kind => {
                self.look_at(state, &key, turn, &kind);
                self.push(state, &key, turn, What::Agent(kind));
            }
        }
        self.show_state(state, &key);
    }

    /// What an event says beside its own meaning.
    fn look_at(&self, state: &mut HubState, key: &Arc<str>, turn: u64, kind: &EventKind) {
        match kind {
            EventKind::DangerBlock(block) => self.metrics.blocked(&block.verdict.rule),
            EventKind::Notice(notice) => {
                let decision = match notice.code.as_str() {
                    "permission_timed_out" => "expired",
                    "permission_withdrawn" => "withdrawn",
                    _ => return,
                };
                for id in state.open_approvals(key, turn) {
                    let request_id = id.split_once(':').map_or("", |(_, id)| id);
                    if notice
                        .text
                        .split_whitespace()
                        .any(|word| word == request_id)
                    {
                        self.close_approval(state, key, turn, &id, decision, "");
                    }
                }
            }
            _ => {}
        }
    }

    fn asked(
        &self,
        state: &mut HubState,
        served: &Served,
        key: &Arc<str>,
        turn: u64,
        request: PermissionRequest,
    ) {
        let Some(entry) = state.turns.get(&turn) else {
            return;
        };
        if let (Ask::Deny, Some(id)) = (entry.ask, entry.id) {
            let refusal = Decision::deny(NOBODY_TO_ASK);
            // Not open any more is as good as denied.
            let _ = served.engine.respond(id, &request.request_id, refusal);
            return;
        }
        let work_dir = state.session(key).work_dir.clone();
        let timeout = served.approval_timeout;
        let asked = Asked {
            approval_id: format!("{turn}:{}", request.request_id),
            request: Arc::new(request),
            work_dir,
            expires_at_ms: (!timeout.is_zero()).then(|| now_ms() + timeout.as_millis() as u64),
        };
        state.session(key).approvals.push(Approval {
            turn,
            asked: asked.clone(),
            answered: None,
        });
        self.push(state, key, turn, What::Asked(asked));
        self.changed();
    }

    /// A question is not open any more.
    pub(super) fn close_approval(
        &self,
        state: &mut HubState,
        key: &Arc<str>,
        turn: u64,
        approval_id: &str,
        decision: &'static str,
        by: &str,
    ) {
        let Some(session) = state.sessions.get_mut(key) else {
            return;
        };
        let mut open = session.approvals.iter();
        let at = open.position(|one| one.asked.approval_id == approval_id);
        if let Some(approval) = at.map(|at| session.approvals.remove(at)) {
            let answered = approval.answered.filter(|_| decision == "turn_over");
            let told = || (decision, by.to_owned());
            let (decision, by) = answered.unwrap_or_else(told);
            let closed = What::Closed {
                approval_id: approval_id.to_owned(),
                decision,
                by,
            };
            self.push(state, key, turn, closed);
            self.show_state(state, key);
            self.changed();
        }
    }

    fn ended(&self, state: &mut HubState, key: &Arc<str>, turn: u64, end: Box<TurnEnd>) {
        for id in state.open_approvals(key, turn) {
            self.close_approval(state, key, turn, &id, "turn_over", "");
        }
        self.metrics.turn_ended(end.outcome);
        if let Some(session) = state.sessions.get_mut(key) {
            session.line.retain(|one| *one != turn);
            session.turns += 1;
            session.cost_usd += end.stats.cost_usd;
            let usage = &end.stats.usage;
            let tokens = usage.input_tokens.saturating_add(usage.output_tokens);
            session.tokens = session.tokens.saturating_add(tokens);
            session.last_active_ms = now_ms();
            session.stopping &= !session.line.is_empty();
            use hotplex::Outcome::{Crashed, Stopped};
            if matches!(end.outcome, Crashed | Stopped) {
                session.has_process = false;
            }
            session.held.retain(|one| *one != turn);
        }
        if let Some(entry) = state.turns.remove(&turn) {
            entry.principal.quota.end(end.stats.cost_usd);
        }
        self.push(state, key, turn, What::End(end));
        self.show_state(state, key);
        if state.turns.is_empty() {
            self.idle.notify_waiters();
        }
        self.forget_what_is_too_much(state);
        self.changed();
    }

    fn of_no_turn(&self, state: &mut HubState, event: Event) {
        let key: Arc<str> = event.session.as_str().into();
        let Some(session) = state.sessions.get_mut(&key) else {
            return;
        };
        if let EventKind::Notice(notice) = &event.kind
            && notice.code.as_str() == "agent_ended"
        {
            session.has_process = false;
        }
        self.push(state, &key, 0, What::Agent(event.kind));
        self.show_state(state, &key);
        self.changed();
    }

    /// Adds to a session's log and wakes those who follow it. If a client that is owed the events has
    /// not taken those that are there, the agent is held back.
    pub(super) fn push(&self, state: &mut HubState, key: &Arc<str>, turn: u64, what: What) {
        let owed = state.owed(key);
        let began = state.turns.get(&turn).map(|turn| turn.began);
        let turn_ms = began.map_or(0, |began| began.elapsed().as_millis() as u64);
        let Some(session) = state.sessions.get_mut(key) else {
            return;
        };
        let before = session.log.bytes();
        session.log.push(turn, (now_ms(), turn_ms), what);
        let fits = session.log.trim(self.bounds, owed);
        let after = session.log.bytes();
        state.held_bytes = (state.held_bytes + after).saturating_sub(before);
        for feed in &session.followers {
            if let Some(feed) = state.feeds.get(feed) {
                feed.wake.notify_one();
            }
        }
        if !fits
            && turn != 0
            && !session.held.contains(&turn)
            && let Some(entry) = state.turns.get(&turn)
            && let Some(id) = entry.id
            && entry.served.engine.pause_turn(id).is_ok()
        {
            session.held.push(turn);
        }
    }

    /// A client took events, or left: what is not owed any more is forgotten, and an agent that was
    /// held back may go on.
    pub(super) fn relieve(&self, state: &mut HubState, key: &Arc<str>) {
        let owed = state.owed(key);
        let Some(session) = state.sessions.get_mut(key) else {
            return;
        };
        let before = session.log.bytes();
        session.log.trim(self.bounds, owed);
        state.held_bytes = (state.held_bytes + session.log.bytes()).saturating_sub(before);
        if session.held.is_empty() {
            return;
        }
        let (bytes, events) = owed.map_or((0, 0), |owed| session.log.owed_after(owed));
        if bytes > self.bounds.bytes / 2 || events > self.bounds.events / 2 {
            return;
        }
        for held in std::mem::take(&mut session.held) {
            if let Some(turn) = state.turns.get(&held)
                && let Some(id) = turn.id
            {
                // Over is as good as resumed.
                let _ = turn.served.engine.resume_turn(id);
            }
        }
    }

    /// Tells what the session does now, if that is something else than what was told last.
    pub(super) fn show_state(&self, state: &mut HubState, key: &Arc<str>) {
        let Some(session) = state.sessions.get_mut(key) else {
            return;
        };
        let (now, queued) = (session.state(), session.queued());
        if (now, queued) != (session.shown, session.shown_queued) {
            (session.shown, session.shown_queued) = (now, queued);
            // That of the turn it is about, so that the client that began it gets it.
            let turn = session.line.front().copied().unwrap_or(0);
            self.push(state, key, turn, What::State { state: now, queued });
            self.changed();
        }
    }
}

impl HubState {
    fn open_approvals(&self, key: &Arc<str>, turn: u64) -> Vec<String> {
        let session = self.sessions.get(key);
        let open = session.into_iter().flat_map(|session| &session.approvals);
        let open = open.filter(|one| one.turn == turn);
        open.map(|one| one.asked.approval_id.clone()).collect()
    }
}
