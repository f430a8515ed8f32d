//! Turns: how they begin, are interrupted, and are answered.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use hotplex::{Decision, ErrorKind, Request, TurnId};

use super::feed::Feed;
use super::log::Prompt;
use super::session::HubSession;
use super::state::{Hub, HubState};
use super::turn::{Execute, Turn};
use crate::access::Principal;
use crate::access::roots::Approved;
use crate::engines::Served;
use crate::refusal::Refusal;

/// A longer prompt is judged by the guard on a thread of its own: that takes longer than others may
/// wait.
const JUDGED_AT_ONCE: usize = 16 << 10;

/// How many characters of a prompt make a session's title.
const TITLE: usize = 80;

impl Hub {
    /// Begins a turn whose events go to `feed`. Its number.
    ///
    /// # Errors
    /// Why it is refused; nothing is left of it then.
    pub(crate) async fn execute(
        self: &Arc<Self>,
        feed: &Feed,
        principal: &Arc<Principal>,
        wanted: Execute,
    ) -> Result<u64, Refusal> {
        if self.is_draining() {
            return Err(Refusal::new("closed", "the daemon is ending"));
        }
        if wanted.prompt.trim().is_empty() {
            return Err(Refusal::new("invalid_argument", "prompt cannot be empty"));
        }
        let key: Arc<str> = principal.key_of(&wanted.session).into();
        hotplex::SessionId::new(&key)?;
        let (served, work_dir) = self.place(principal, &key, &wanted)?;
        principal
            .quota
            .begin()
            .map_err(|message| Refusal::new("quota", message))?;
        let (turn, hot) = self.enlist(feed, principal, &key, &served, &work_dir, &wanted);
        let request = request(&key, &work_dir, &wanted).tag(turn);
        if hot && wanted.prompt.len() <= JUDGED_AT_ONCE {
            let submitted = served.engine.submit(request);
            return self.settle(turn, hot, submitted);
        }
        // In a task of its own: if the client leaves meanwhile the turn must be settled all the same.
        let hub = Arc::clone(self);
        let settled = tokio::spawn(async move {
            let engine = served.engine.clone();
            let submitted = tokio::task::spawn_blocking(move || engine.submit(request)).await;
            match submitted {
                Ok(submitted) => hub.settle(turn, hot, submitted),
                Err(error) => {
                    hub.withdraw(turn);
                    Err(Refusal::new("internal", error.to_string()))
                }
            }
        });
        let settled = settled.await;
        settled.map_err(|error| Refusal::new("internal", error.to_string()))?
    }

    /// Records the engine's answer to a turn.
    fn settle(
        &self,
        turn: u64,
        hot: bool,
        submitted: Result<TurnId, hotplex::Error>,
    ) -> Result<u64, Refusal> {
        match submitted {
            Ok(id) => {
                self.metrics.turn_began(hot);
                self.accepted(turn, id);
                Ok(turn)
            }
            Err(error) => {
                self.withdraw(turn);
                if let Some(verdict) = error.verdict() {
                    self.metrics.blocked(&verdict.rule);
                }
                Err(error.into())
            }
        }
    }

    /// The engine and the work directory of a turn.
    fn place(
        &self,
        principal: &Principal,
        key: &Arc<str>,
        wanted: &Execute,
    ) -> Result<(Arc<Served>, String), Refusal> {
        let forbidden = |message| Refusal::new("forbidden", message);
        let known = {
            let state = self.state();
            let session = state.sessions.get(key);
            session.and_then(|session| {
                let engine = session.engine.clone()?;
                Some((engine, session.work_dir.clone(), session.has_process))
            })
        };
        let served = match (&known, wanted.engine.as_deref()) {
            (Some((served, ..)), None) => Arc::clone(served),
            (_, name) => self.engines.find(principal, name).map_err(forbidden)?,
        };
        if let Some((bound, _, true)) = &known
            && bound.name != served.name
        {
            let message = format!("the session is one of engine {:?}", bound.name);
            return Err(Refusal::new("invalid_argument", message));
        }
        let work_dir = match (wanted.work_dir.as_deref(), known) {
            (Some(wanted), _) if !wanted.is_empty() => wanted.to_owned(),
            (_, Some((_, work_dir, _))) if !work_dir.is_empty() => work_dir,
            _ => match principal.roots.first() {
                Some(root) => root.display().to_string(),
                None => return Err(forbidden("this key has no work directory".to_owned())),
            },
        };
        let real = self.real_work_dir(key, &work_dir, &principal.roots);
        Ok((served, real.map_err(forbidden)?))
    }

    /// The directory that a path leads to, looked up anew unless it is that of the session's last turn.
    fn real_work_dir(
        &self,
        key: &Arc<str>,
        wanted: &str,
        roots: &[PathBuf],
    ) -> Result<String, String> {
        let last = |state: &HubState| {
            let session = state.sessions.get(key)?;
            session.approved.clone().filter(|_| session.has_process)
        };
        let last = last(&self.state());
        if let Some(real) = last.as_ref().and_then(|last| last.again(wanted, roots)) {
            return Ok(real.display().to_string());
        }
        let (real, approved) = Approved::check(wanted, roots)?;
        if let Some(session) = self.state().sessions.get_mut(key) {
            session.approved = approved;
        }
        Ok(real.display().to_string())
    }

    /// Puts the turn in line, before the engine knows of it: its first event may come before the
    /// engine's answer. The turn's number, and whether the session has a process.
    fn enlist(
        &self,
        feed: &Feed,
        principal: &Arc<Principal>,
        key: &Arc<str>,
        served: &Arc<Served>,
        work_dir: &str,
        wanted: &Execute,
    ) -> (u64, bool) {
        let mut state = self.state();
        state.last_turn += 1;
        let turn = state.last_turn;
        let session = state.session(key);
        session.line.push_back(turn);
        let hot = session.has_process;
        if !hot {
            session.engine = Some(Arc::clone(served));
            work_dir.clone_into(&mut session.work_dir);
        }
        state.turns.insert(
            turn,
            Turn {
                session: Arc::clone(key),
                served: Arc::clone(served),
                id: None,
                principal: Arc::clone(principal),
                feed: Some(feed.id()),
                detach: wanted.detach,
                ask: wanted.ask,
                cancelled: false,
                prompt: Some(Prompt {
                    text: wanted.prompt.clone(),
                    work_dir: work_dir.to_owned(),
                    engine: served.name.clone(),
                    client: principal.name.clone(),
                }),
                began: Instant::now(),
                is_silent: true,
            },
        );
        state.follow_turn(feed.id(), key, turn, wanted.request_id);
        (turn, hot)
    }

    /// The engine has taken the turn.
    fn accepted(&self, turn: u64, id: TurnId) {
        let mut state = self.state();
        self.tell_of_begin(&mut state, turn);
        let Some(entry) = state.turns.get_mut(&turn) else {
            return;
        };
        entry.id = Some(id);
        let cancel = entry.cancelled.then(|| entry.served.engine.clone());
        drop(state);
        if let Some(engine) = cancel {
            let _ = engine.cancel(id);
        }
        self.changed();
    }

    /// Tells the followers of the session, once, that a turn was accepted.
    pub(super) fn tell_of_begin(&self, state: &mut HubState, turn: u64) {
        let Some(entry) = state.turns.get_mut(&turn) else {
            return;
        };
        let Some(prompt) = entry.prompt.take() else {
            return;
        };
        let key = Arc::clone(&entry.session);
        if let Some(session) = state.sessions.get_mut(&key)
            && session.title.is_empty()
        {
            session.title = prompt.text.chars().take(TITLE).collect();
        }
        self.push(state, &key, turn, super::log::What::Prompt(prompt));
        self.show_state(state, &key);
    }

    /// Takes a turn out of its line: the engine refused it.
    fn withdraw(&self, turn: u64) {
        let mut state = self.state();
        let Some(entry) = state.turns.remove(&turn) else {
            return;
        };
        entry.principal.quota.never_began();
        if let Some(session) = state.sessions.get_mut(&entry.session) {
            session.line.retain(|one| *one != turn);
        }
        if let Some(feed) = entry.feed {
            state.unfollow_turn(feed, &entry.session, turn);
            // Other followers may have been held back for this one.
            self.relieve(&mut state, &entry.session);
        }
        self.show_state(&mut state, &entry.session);
        if state.turns.is_empty() {
            self.idle.notify_waiters();
        }
        self.forget_what_is_too_much(&mut state);
    }

    /// Asks the agent to let go of a session's current turn, or of the one of this number. The turns
    /// that are meant.
    ///
    /// # Errors
    /// There is none.
    pub(crate) async fn interrupt(
        &self,
        key: &str,
        turn: Option<u64>,
    ) -> Result<Vec<u64>, Refusal> {
        let found = {
            let mut state = self.state();
            let line = state.sessions.get(key).map(|session| &session.line);
            let found = line.and_then(|line| match turn {
                None => line.front().copied(),
                Some(turn) => line.iter().copied().find(|one| *one == turn),
            });
            found.and_then(|turn| state.cancel(turn).map(|order| (turn, order)))
        };
        let Some((turn, order)) = found else {
            return Err(Refusal::new(
                "not_found",
                "nothing is under way in this session",
            ));
        };
        carry_out(order).await;
        Ok(vec![turn])
    }

    /// Ends a session's process; its turns end as stopped. False if there is none.
    pub(crate) async fn stop(&self, key: &str, reason: &str) -> Result<bool, Refusal> {
        let engine = {
            let mut state = self.state();
            let session = state.sessions.get_mut(key);
            session.and_then(|session| {
                session.stopping = !session.line.is_empty();
                Some(session.engine.as_ref()?.engine.clone())
            })
        };
        let Some(engine) = engine else {
            return Ok(false);
        };
        let (name, reason) = (key.to_owned(), reason.to_owned());
        let stopped =
            tokio::task::spawn_blocking(move || engine.stop_session(&name, &reason)).await;
        let stopped = stopped.map_err(|error| Refusal::new("internal", error.to_string()))?;
        {
            let mut state = self.state();
            let key: Arc<str> = key.into();
            if let Some(session) = state.sessions.get_mut(&key)
                && session.line.is_empty()
            {
                session.has_process = false;
            }
            self.show_state(&mut state, &key);
        }
        match stopped {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Answers a question of an agent. The first answer counts.
    ///
    /// # Errors
    /// It is not open, or not any more.
    pub(crate) async fn answer(
        &self,
        key: &str,
        approval_id: &str,
        decision: Decision,
        by: &str,
    ) -> Result<(), Refusal> {
        let gone = || Refusal::new("not_found", format!("approval {approval_id} is not open"));
        let word = match decision {
            Decision::Allow { .. } => "allow",
            _ => "deny",
        };
        let (turn, engine, id, request_id) = {
            let mut state = self.state();
            let HubState {
                sessions, turns, ..
            } = &mut *state;
            let session = sessions.get_mut(key).ok_or_else(gone)?;
            let mut open = session.approvals.iter_mut();
            let open = open.find(|one| one.asked.approval_id == approval_id);
            // The first answer counts.
            let open = open.filter(|one| one.answered.is_none()).ok_or_else(gone)?;
            let turn = turns.get(&open.turn).ok_or_else(gone)?;
            let id = turn.id.ok_or_else(gone)?;
            let request_id = open.asked.request.request_id.clone();
            open.answered = Some((word, by.to_owned()));
            (open.turn, turn.served.engine.clone(), id, request_id)
        };
        let answered =
            tokio::task::spawn_blocking(move || engine.respond(id, &request_id, decision));
        let answered = answered.await;
        let answered = answered
            .map_err(|error| Refusal::new("internal", error.to_string()))
            .and_then(|told| {
                told.map_err(|error| match error.kind() {
                    ErrorKind::NotFound => gone(),
                    _ => error.into(),
                })
            });
        let mut state = self.state();
        match answered {
            Ok(()) => self.close_approval(&mut state, &key.into(), turn, approval_id, word, by),
            Err(_) => state.reopen(key, approval_id),
        }
        answered
    }
}

/// Something that the engine is to be told once the lock is let go.
pub(super) type DueCancel = Option<(hotplex::Engine, TurnId)>;

async fn carry_out(order: DueCancel) {
    if let Some((engine, id)) = order {
        // A turn that is over needs no cancelling.
        let _ = tokio::task::spawn_blocking(move || engine.cancel(id)).await;
    }
}

impl HubState {
    /// The engine could not be told: another client may answer.
    fn reopen(&mut self, key: &str, approval_id: &str) {
        let session = self.sessions.get_mut(key);
        let open = session
            .into_iter()
            .flat_map(|session| &mut session.approvals);
        for one in open.filter(|one| one.asked.approval_id == approval_id) {
            one.answered = None;
        }
    }

    pub(super) fn session(&mut self, key: &Arc<str>) -> &mut HubSession {
        let make = || HubSession::new(Arc::clone(key));
        self.sessions.entry(Arc::clone(key)).or_insert_with(make)
    }

    /// Marks a turn as cancelled; what the engine is to be told, if it knows the turn already.
    /// `None` if there is no such turn.
    pub(super) fn cancel(&mut self, turn: u64) -> Option<DueCancel> {
        let entry = self.turns.get_mut(&turn)?;
        entry.cancelled = true;
        Some(entry.id.map(|id| (entry.served.engine.clone(), id)))
    }
}

fn request(key: &str, work_dir: &str, wanted: &Execute) -> Request {
    let mut request = Request::new(key, work_dir, wanted.prompt.clone());
    if let Some(instructions) = &wanted.instructions {
        request = request.task_system_prompt(instructions.clone());
    }
    if let Some(model) = &wanted.model {
        request = request.model(model.clone());
    }
    match wanted.timeout {
        Some(limit) => request.turn_timeout(limit),
        None => request,
    }
}
