//! Notices that a session gives once, with its first turn: a missing jail, what of the project its
//! agent was not given, and a release of the agent that was never tested. Then what a turn is told that waits for
//! the clock. Runs on the io thread.

use std::time::Instant;

use super::slot::{Context, Slot};
use crate::event::{EventKind, TurnId};
use crate::notice::NoticeCode;

impl Slot {
    /// The agent has said which release it is. One that was never tested is not refused, since most
    /// work; but whoever sees something odd should know.
    pub(super) fn note_version(&mut self, version: &str, context: &Context<'_>) {
        let provider = context.shared.spawn_config.provider.as_ref();
        self.untested_version.note(version, provider);
        self.report_version(context.now);
    }

    pub(super) fn report_version(&mut self, now: Instant) {
        let Some(turn) = self.open_turns.first().map(|open_turn| open_turn.turn) else {
            return;
        };
        if let Some(notice) = self.untested_version.take() {
            self.deliver(turn, notice, now);
        }
    }

    /// A turn that waits for the clock would look as if it hung.
    pub(super) fn report_wait(&mut self, turn: TurnId, now: Instant) {
        let at = self.child.as_ref().and_then(|child| child.handshake_at);
        let wait = at.map(|at| at.saturating_duration_since(now));
        if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
            let text = format!(
                "the agent takes no conversation up in the clock minute in which it was begun: it is spoken to in {} s",
                wait.as_secs() + 1
            );
            self.deliver(turn, EventKind::info(NoticeCode::StartDelayed, text), now);
        }
    }

    /// A caller that relies on the default jail must be told that there is none.
    pub(super) fn report_missing_jail(&mut self, turn: TurnId, context: &Context<'_>) {
        let missing = context.shared.spawn_config.enforced.missing();
        if let Some(missing) = missing.filter(|_| !self.jail_reported) {
            self.jail_reported = true;
            let kind = EventKind::warning(NoticeCode::JailUnavailable, missing);
            self.deliver(turn, kind, context.now);
        }
    }

    /// What was found at the start of the process: the user must not have to search for the reason why
    /// files of the project are not loaded. A spare's is delivered with the first turn of the session that takes it.
    pub(crate) fn note_project(&mut self, notices: Vec<EventKind>, now: Instant) {
        if let Some(waiting) = &mut self.project_notices {
            *waiting = notices;
            self.report_project(now);
        }
    }

    pub(super) fn report_project(&mut self, now: Instant) {
        let Some(turn) = self.open_turns.first().map(|open_turn| open_turn.turn) else {
            return;
        };
        let has_news = |notices: &mut Vec<_>| !notices.is_empty();
        for notice in self.project_notices.take_if(has_news).into_iter().flatten() {
            self.deliver(turn, notice, now);
        }
    }
}
