//! How a session's conversation is kept in the state directory: the spawn thread writes, and what
//! it could not write is reported to the caller and tried again.

use std::time::Instant;

use super::slot::{Context, Slot};
use super::spawner::Job;
use crate::event::{EventKind, TurnId};
use crate::notice::NoticeCode;
use crate::store::Record;

impl Slot {
    /// Has the conversation written down, if that has not been done.
    pub(super) fn remember(&mut self, agent_session_id: String, context: &mut Context<'_>) {
        let known = self.recording.conversation.as_ref() == Some(&agent_session_id);
        let Some(key) = self.record_key.clone().filter(|_| !known) else {
            return;
        };
        let record = Record {
            namespace: Some(context.shared.namespace.clone()),
            session_id: self.session.id().as_str().to_owned(),
            agent_session_id: agent_session_id.clone(),
            provider: context.shared.spawn_config.provider.name().to_owned(),
            work_dir: self.spawn_key.work_dir.clone(),
        };
        self.recording.conversation = Some(agent_session_id);
        let job = Job::SaveRecord(self.session.id().clone(), key, record);
        self.recording.under_way += usize::from(context.jobs.send(job).is_ok());
    }

    /// What could not be written when it was to be is tried once more with each turn. Where that is not
    /// known yet, it is tried as soon as it is.
    pub(super) fn save_again(&mut self, context: &Context<'_>) {
        self.recording.wanted_again = self.recording.under_way > 0;
        if let Some(key) = self.record_key.clone().filter(|_| self.recording.failed) {
            self.recording.failed = false;
            let job = Job::SaveAgain(self.session.id().clone(), key);
            self.recording.under_way += usize::from(context.jobs.send(job).is_ok());
        }
    }

    /// The spawn thread has written a record, or says why it could not.
    pub(super) fn record_saved(&mut self, outcome: Result<(), String>, context: &mut Context<'_>) {
        self.recording.under_way = self.recording.under_way.saturating_sub(1);
        self.recording.failed = outcome.is_err();
        if let Err(trouble) = outcome {
            self.report_write_failure(trouble, context);
        }
        if self.recording.under_way == 0 && self.recording.wanted_again {
            self.save_again(context);
        }
    }

    /// A session forgotten before its record is written would begin anew at the next prompt.
    pub(super) fn awaits_record(&self) -> bool {
        self.recording.under_way > 0
    }

    /// What the caller's own thread found when it looked the session up.
    pub(super) fn report_arrival(&mut self, turn: TurnId, notices: Vec<EventKind>, now: Instant) {
        for notice in notices {
            self.recording.told = Some(turn);
            self.deliver(turn, notice, now);
        }
    }

    /// A conversation that is not written down may not be found again. Said once a turn.
    fn report_write_failure(&mut self, trouble: String, context: &mut Context<'_>) {
        let turn = self.session.running_turn().or(self.last_turn());
        if turn.is_some() && std::mem::replace(&mut self.recording.told, turn) == turn {
            return;
        }
        let kind = EventKind::warning(NoticeCode::StateUnwritable, trouble);
        match turn {
            Some(turn) => self.deliver(turn, kind, context.now),
            None => self.deliver_in_background(kind, context),
        }
    }
}
