//! What it takes for a turn to be accepted, on the caller's thread.

use std::sync::atomic::Ordering;
use std::time::{Instant, SystemTime};

use super::engine::{Inner, some_limit};
use super::jail;
use super::request::{Request, WarmUp};
use crate::audit::AuditEntry;
use crate::error::Error;
use crate::event::{SessionId, TurnId};
use crate::io::command::{Prompt, Setting};
use crate::io::gate::Place;
use crate::record::Remembered;
use crate::session::admission::Binding;
use crate::session::turn::Ticket;

impl Inner {
    /// Everything about a turn but where its events go.
    pub(super) fn accept(&self, request: Request) -> Result<Prompt, Error> {
        let accepted = Instant::now();
        request.check()?;
        let session = SessionId::new(&request.session_id)?;
        let setting = self.setting(&request.work)?;
        self.judge_prompt(&request.prompt, &session, &setting)?;
        // The spawn thread looks again, since a directory can change until then.
        if !self.shared.admission.lock().knows(&session) {
            jail::check_work_dir(&setting.work_dir, &self.shared.surroundings.homes)?;
        }
        let known = {
            let mut admission = self.shared.admission.lock();
            let binding = Binding {
                work_dir: &setting.work_dir,
                model: setting.model.as_deref(),
                project: setting.project,
                names_project: request.work.project.is_some(),
            };
            admission.admit(&session, &binding)?
        };
        let turn = TurnId(self.next_turn.fetch_add(1, Ordering::Relaxed));
        let limit = request.turn_timeout.unwrap_or(self.turn_timeout);
        Ok(Prompt {
            setting,
            ticket: Ticket {
                turn,
                prompt: request.full_prompt().into(),
                limit: some_limit(limit),
                retried: false,
            },
            accepted,
            remembered: (!known).then(|| self.look_up(&session)),
            session,
        })
    }

    pub(super) fn setting(&self, work: &WarmUp) -> Result<Setting, Error> {
        let project = work.project.unwrap_or(self.project);
        self.trust.check(project)?;
        Ok(Setting {
            work_dir: work.absolute_work_dir()?,
            model: work.model.clone().or_else(|| self.model.clone()),
            project,
        })
    }

    /// A refused prompt is told to the caller by the error, and to the operator.
    fn judge_prompt(
        &self,
        prompt: &str,
        session: &SessionId,
        setting: &Setting,
    ) -> Result<(), Error> {
        let verdict = self.shared.gate.judge_prompt(
            prompt,
            &Place {
                work_dir: &setting.work_dir,
                real_work_dir: None,
                current_dir: None,
            },
        );
        if verdict.is_plain_allow() {
            return Ok(());
        }
        let entry = AuditEntry {
            at: SystemTime::now(),
            session: session.clone(),
            turn: None,
            tool: None,
            verdict,
        };
        self.shared.surroundings.audit.add(&entry);
        match entry.verdict.is_blocked() {
            true => Err(Error::blocked(entry.verdict)),
            false => Ok(()),
        }
    }

    fn look_up(&self, session: &SessionId) -> Remembered {
        let surroundings = &self.shared.surroundings;
        let provider = &surroundings.provider;
        let key = provider.conversation_id(&self.shared.namespace, session.as_str());
        surroundings.records.load(&key, provider.name())
    }
}
