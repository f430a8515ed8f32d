//! The list of sessions, as clients see it.

use std::collections::HashMap;
use std::sync::Arc;

use hotplex::SessionInfo;
use serde::Serialize;
use utoipa::ToSchema;

use super::log::{Activity, Asked};
use super::session::HubSession;
use super::state::Hub;
use crate::access::Principal;
use crate::blocking::blocking;
use crate::engines::Served;
use crate::refusal::Refusal;

/// A session.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listed {
    /// The client's name of it.
    pub(crate) session_id: String,
    /// Name of its engine.
    pub(crate) engine: String,
    /// `ready`, `starting`, `working`, `waiting`, `stopping` or `ended`.
    #[schema(value_type = String)]
    pub(crate) state: Activity,
    /// Turns that wait behind the current one.
    pub(crate) queued: usize,
    /// Number of the turn under way.
    pub(crate) turn: Option<u64>,
    /// Where its agent works.
    pub(crate) work_dir: String,
    /// The agent's process, also the number of its process group.
    pub(crate) pid: Option<u32>,
    /// The agent's own name of the conversation.
    pub(crate) agent_session_id: Option<String>,
    /// Turns ended since the daemon knows the session.
    pub(crate) turns: u64,
    /// Milliseconds since 1970.
    pub(crate) created_ms: u64,
    /// Milliseconds since 1970.
    pub(crate) last_active_ms: u64,
    /// Memory of the agent's own process.
    pub(crate) rss_bytes: u64,
    /// The number of its last event.
    pub(crate) last_seq: u64,
    /// Questions that wait for an answer.
    pub(crate) approvals: Vec<Open>,
    /// The begin of its first prompt.
    pub(crate) title: String,
    /// What its turns cost in US dollars, as the agent reckons it.
    pub(crate) cost_usd: f64,
    /// Tokens of its turns.
    pub(crate) tokens: u64,
    /// The jail of its agent.
    pub(crate) jail: Option<String>,
}

/// A question of an agent that waits for an answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Open {
    /// Its name, for the answer.
    pub(crate) approval_id: String,
    /// The session that it belongs to.
    pub(crate) session_id: String,
    /// The turn that it belongs to.
    pub(crate) turn: u64,
    /// The call of a tool: `id`, `name`, `input`, `summary`.
    #[schema(value_type = Object)]
    pub(crate) tool: serde_json::Value,
    /// Why it asks, if it said so.
    pub(crate) reason: Option<String>,
    /// Where the agent works.
    pub(crate) work_dir: String,
    /// When it is denied unanswered, milliseconds since 1970.
    pub(crate) expires_at_ms: Option<u64>,
}

impl Open {
    pub(crate) fn new(session: &str, turn: u64, asked: &Asked) -> Open {
        Open {
            approval_id: asked.approval_id.clone(),
            session_id: session.to_owned(),
            turn,
            tool: serde_json::to_value(&asked.request.tool).unwrap_or_default(),
            reason: asked.request.reason.clone(),
            work_dir: asked.work_dir.clone(),
            expires_at_ms: asked.expires_at_ms,
        }
    }
}

impl Hub {
    /// The sessions that a client may see, by name.
    ///
    /// # Errors
    /// An engine is closed.
    pub(crate) async fn list(&self, principal: &Principal) -> Result<Vec<Listed>, Refusal> {
        let mut pool = HashMap::new();
        for served in self.engines.of_list(principal) {
            for info in pool_of(served).await? {
                pool.insert(info.session_id.clone(), info);
            }
        }
        let mut state = self.state();
        let seen = state.sessions.values_mut().filter_map(|session| {
            let name = principal.name_of(&session.key)?;
            let info = pool.get(&*session.key);
            // An engine that ends an idle process says nothing of it.
            session.has_process &= info.is_some() || !session.line.is_empty();
            listed(name, session, info)
        });
        let mut list: Vec<Listed> = seen.collect();
        list.sort_by(|one, other| one.session_id.cmp(&other.session_id));
        Ok(list)
    }

    /// The questions that wait for an answer of this client, oldest first.
    pub(crate) fn approvals(&self, principal: &Principal) -> Vec<Open> {
        let state = self.state();
        let mut open: Vec<Open> = Vec::new();
        for session in state.sessions.values() {
            if let Some(name) = principal.name_of(&session.key) {
                let approvals = session.approvals.iter();
                open.extend(approvals.map(|one| Open::new(name, one.turn, &one.asked)));
            }
        }
        open.sort_by_key(|open| open.turn);
        open
    }

    /// Forgets what is held of a session that nobody follows and that has no turn under way.
    pub(crate) fn forget(&self, key: &str) {
        let mut state = self.state();
        let idle = state.sessions.get(key).is_some_and(HubSession::is_idle);
        if let Some(session) = idle.then(|| state.sessions.remove(key)).flatten() {
            state.held_bytes = state.held_bytes.saturating_sub(session.log.bytes());
        }
        drop(state);
        self.changed();
    }

    /// Which engine a session is served by.
    pub(crate) fn engine_of(&self, key: &str) -> Option<Arc<Served>> {
        let state = self.state();
        state.sessions.get(key)?.engine.clone()
    }

    /// What the engines hold, spares too.
    ///
    /// # Errors
    /// An engine is closed.
    pub(crate) async fn spares(
        &self,
        principal: &Principal,
    ) -> Result<Vec<(String, SessionInfo)>, Refusal> {
        let mut spares = Vec::new();
        for served in self.engines.of_list(principal) {
            let pool = pool_of(Arc::clone(&served)).await?;
            let pool = pool.into_iter().filter(|info| info.spare);
            spares.extend(pool.map(|info| (served.name.clone(), info)));
        }
        Ok(spares)
    }
}

async fn pool_of(served: Arc<Served>) -> Result<Vec<SessionInfo>, Refusal> {
    Ok(blocking(move || served.engine.sessions()).await??)
}

fn listed(name: &str, session: &HubSession, info: Option<&SessionInfo>) -> Option<Listed> {
    let engine = session.engine.as_ref()?;
    let approvals = session.approvals.iter();
    Some(Listed {
        session_id: name.to_owned(),
        engine: engine.name.clone(),
        state: session.state(),
        queued: session.queued(),
        turn: session.line.front().copied(),
        work_dir: session.work_dir.clone(),
        pid: info.and_then(|info| info.pid),
        agent_session_id: info.and_then(|info| info.agent_session_id.clone()),
        turns: session.turns,
        created_ms: session.created_ms,
        last_active_ms: session.last_active_ms,
        rss_bytes: info.map_or(0, |info| info.resident_bytes),
        last_seq: session.log.last(),
        approvals: approvals
            .map(|open| Open::new(name, open.turn, &open.asked))
            .collect(),
        title: session.title.clone(),
        cost_usd: session.cost_usd,
        tokens: session.tokens,
        jail: info.map(|info| info.jail.clone()),
    })
}
