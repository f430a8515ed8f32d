//! What it takes for a turn to be accepted, on the caller's thread.

use std::borrow::Cow;
use std::sync::atomic::Ordering;
use std::time::{Instant, SystemTime};

use super::engine::{Inner, some_limit};
use super::jail;
use super::request::{Request, WarmUp};
use crate::error::{Error, ErrorKind};
use crate::event::{EventKind, SessionId, TurnId};
use crate::notice::NoticeCode;
use crate::process;
use crate::reactor::command::{AcceptedTurn, SpawnKey};
use crate::reactor::gate::SessionDirs;
use crate::session::admission::{Admitted, Binding};
use crate::session::turn::QueuedTurn;
use crate::store::{AuditEntry, Claim, InUse, Names, Remembered};

impl Inner {
    /// Everything about a turn but where its events go.
    pub(super) fn accept(&self, request: Request) -> Result<AcceptedTurn, Error> {
        let accepted = Instant::now();
        request.check()?;
        let session = SessionId::new(&request.session_id)?;
        let spawn_key = self.spawn_key(&request.work)?;
        self.judge_prompt(&request.prompt, &session, &spawn_key)?;
        let binding = Binding {
            work_dir: &spawn_key.work_dir,
            model: spawn_key.model.as_deref(),
            project: spawn_key.project,
            names_project: request.work.project.is_some(),
        };
        self.shared.spawn_config.state.look_at_locks(accepted);
        let notices = self.admit(&session, &binding)?;
        let work_dir = self.shared.spawn_config.see(&spawn_key.work_dir);
        let turn = TurnId(self.next_turn.fetch_add(1, Ordering::Relaxed));
        let limit = request.turn_timeout.unwrap_or(self.turn_timeout);
        Ok(AcceptedTurn {
            spawn_key,
            queued: QueuedTurn {
                turn,
                prompt: request.full_prompt().into(),
                limit: some_limit(limit),
                work_dir,
                retried: false,
            },
            accepted,
            tag: request.tag,
            notices,
            session,
        })
    }

    /// Has the turn let in, and what must be known of a new session looked up before that. Gives
    /// what the caller must hear of it.
    fn admit(&self, session: &SessionId, binding: &Binding<'_>) -> Result<Vec<EventKind>, Error> {
        let state = &self.shared.spawn_config.state;
        let is_known = self.shared.admission.lock().knows(session);
        if is_known && !state.lacks_a_lock() {
            match self.ask_admission(session, binding, None)? {
                Admitted::Unknown => {}
                Admitted::Known | Admitted::New => return Ok(Vec::new()),
            }
        }
        let key = self.key_of(session);
        let claim = process::without_signals_of_writes(|| state.claim(&key));
        let mut claim = claim.map_err(|held| in_use(session, &held))?;
        let trouble = claim.trouble.take();
        let mut notices: Vec<EventKind> = trouble.into_iter().map(unwritable).collect();
        // The spawn thread looks again, since a directory can change until then.
        jail::check_work_dir(binding.work_dir, &self.shared.spawn_config.homes)?;
        let arrival = self.look_up(session, &claim);
        notices.extend((arrival == Remembered::Foreign).then(foreign));
        if self.ask_admission(session, binding, Some(arrival))? == Admitted::New {
            claim.keep();
        }
        Ok(notices)
    }

    fn ask_admission(
        &self,
        session: &SessionId,
        binding: &Binding<'_>,
        arrival: Option<Remembered>,
    ) -> Result<Admitted, Error> {
        let mut admission = self.shared.admission.lock();
        admission.admit(session, binding, arrival)
    }

    pub(super) fn spawn_key(&self, work: &WarmUp) -> Result<SpawnKey, Error> {
        let project = work.project.unwrap_or(self.project);
        self.trust.check(project)?;
        Ok(SpawnKey {
            work_dir: self.base_dir.told("work_dir", &work.work_dir)?,
            model: work.model.clone().or_else(|| self.model.clone()),
            project,
        })
    }

    /// A refused prompt is an error for the caller, and a log and audit line for the operator.
    fn judge_prompt(
        &self,
        prompt: &str,
        session: &SessionId,
        spawn_key: &SpawnKey,
    ) -> Result<(), Error> {
        let verdict = self.shared.gate.judge_prompt(
            prompt,
            &SessionDirs {
                work_dir: Cow::Borrowed(&spawn_key.work_dir),
                real_work_dir: None,
                private: None,
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
        process::without_signals_of_writes(|| self.shared.spawn_config.audit.add(&entry));
        match entry.verdict.is_blocked() {
            true => Err(Error::blocked(entry.verdict)),
            false => Ok(()),
        }
    }

    /// The name under which the session's state is kept.
    fn key_of(&self, session: &SessionId) -> String {
        let provider = &self.shared.spawn_config.provider;
        provider.conversation_id(&self.shared.namespace, session.as_str())
    }

    fn look_up(&self, session: &SessionId, claim: &Claim<'_>) -> Remembered {
        claim.load(Names {
            namespace: &self.shared.namespace,
            session: session.as_str(),
            provider: self.shared.spawn_config.provider.name(),
        })
    }
}

fn unwritable(trouble: String) -> EventKind {
    EventKind::warning(NoticeCode::StateUnwritable, trouble)
}

fn foreign() -> EventKind {
    let text =
        "what is kept under the name of this session is another's, a fresh conversation was begun";
    EventKind::warning(NoticeCode::SessionReset, text)
}

/// Names the holder, so that the reader can look up that process.
fn in_use(session: &SessionId, held: &InUse) -> Error {
    let holder = match held.holder.split_whitespace().next() {
        Some(pid) if pid == std::process::id().to_string() => {
            format!("another engine of this process ({pid})")
        }
        Some(pid) => format!("another engine, that of process {pid}"),
        None => "another engine, of a process that could not write its number".to_owned(),
    };
    let message = format!("session {session} is in use by {holder}");
    Error::new(ErrorKind::InUse, message)
}
