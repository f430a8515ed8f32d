//! Sessions as the pool holds them, and the engine's figures.

use std::borrow::Cow;

use serde::Serialize;

use super::turn::StatsOf;
use super::{milliseconds, text_of, unix};
use crate::stats::{BackgroundTask, EngineInfo, SessionInfo, SessionStats};

#[derive(Serialize)]
struct SessionJson<'a> {
    session_id: &'a str,
    agent_session_id: Option<&'a str>,
    provider: &'a str,
    state: &'a str,
    pid: Option<u32>,
    /// An agent leads its group.
    pgid: Option<u32>,
    work_dir: &'a str,
    created_ms: u64,
    last_active_ms: u64,
    turns: u64,
    queued: usize,
    rss_bytes: u64,
    buffered_bytes: u64,
    spare: bool,
    jail: &'a str,
    git_dirs: Vec<Cow<'a, str>>,
    background_tasks: &'a [BackgroundTask],
}

impl Serialize for SessionInfo {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let session = SessionJson {
            session_id: &self.session_id,
            agent_session_id: self.agent_session_id.as_deref(),
            provider: self.provider,
            state: self.state.as_str(),
            pid: self.pid,
            pgid: self.pid,
            work_dir: &self.work_dir.to_string_lossy(),
            created_ms: milliseconds(unix(self.created)),
            last_active_ms: milliseconds(unix(self.last_active)),
            turns: self.turns,
            queued: self.queued,
            rss_bytes: self.resident_bytes,
            buffered_bytes: self.buffered_bytes,
            spare: self.spare,
            jail: &self.jail,
            git_dirs: self
                .git_dirs
                .iter()
                .map(|path| path.to_string_lossy())
                .collect(),
            background_tasks: &self.background_tasks,
        };
        session.serialize(serializer)
    }
}

impl SessionInfo {
    /// The session as a JSON object. Times are milliseconds since 1970.
    pub fn to_json(&self) -> String {
        text_of(self)
    }

    /// Sessions as a JSON array.
    pub fn list_to_json(sessions: &[SessionInfo]) -> String {
        text_of(&sessions)
    }
}

#[derive(Serialize)]
struct TotalsJson<'a> {
    session_id: &'a str,
    turns: u64,
    turns_completed: u64,
    total_duration_ms: u64,
    input_tokens: u64,
    output_tokens: u64,
    cache_write_tokens: u64,
    cache_read_tokens: u64,
    total_tokens: u64,
    tool_call_count: u64,
    total_cost_usd: f64,
    last_turn: Option<StatsOf<'a>>,
}

impl SessionStats {
    /// The figures as a JSON object, under the names that those of a turn have; `last_turn` is
    /// those of the turn that ended last.
    pub fn to_json(&self) -> String {
        text_of(&TotalsJson {
            session_id: &self.session_id,
            turns: self.turns,
            turns_completed: self.turns_completed,
            total_duration_ms: milliseconds(self.total),
            input_tokens: self.usage.input_tokens,
            output_tokens: self.usage.output_tokens,
            cache_write_tokens: self.usage.cache_write_tokens,
            cache_read_tokens: self.usage.cache_read_tokens,
            total_tokens: self.usage.total(),
            tool_call_count: self.tool_calls,
            total_cost_usd: self.cost_usd,
            last_turn: self.last_turn.as_ref().map(StatsOf::figures),
        })
    }
}

impl EngineInfo {
    /// The figures as a JSON object, under the names of the fields.
    pub fn to_json(&self) -> String {
        text_of(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::SessionState;
    use serde_json::{Value, json};
    use std::time::{Duration, SystemTime};

    #[test]
    fn a_session_has_every_key() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1234);
        let session = SessionInfo {
            session_id: "s".to_owned(),
            agent_session_id: None,
            provider: "claude-code",
            state: SessionState::Waiting,
            pid: Some(5),
            work_dir: "/w".into(),
            created: at,
            last_active: at,
            turns: 1,
            queued: 2,
            resident_bytes: 3,
            buffered_bytes: 4,
            spare: false,
            jail: "off".into(),
            git_dirs: vec!["/g/objects".into()],
            background_tasks: vec![BackgroundTask {
                id: "b1".to_owned(),
                kind: "local_bash".to_owned(),
                description: "build".to_owned(),
            }],
        };
        let expected = json!([{
            "session_id": "s", "agent_session_id": null, "provider": "claude-code",
            "state": "awaiting_approval", "pid": 5, "pgid": 5, "work_dir": "/w",
            "created_ms": 1234, "last_active_ms": 1234, "turns": 1, "queued": 2,
            "rss_bytes": 3, "buffered_bytes": 4, "spare": false, "jail": "off", "git_dirs": ["/g/objects"],
            "background_tasks": [{"id": "b1", "kind": "local_bash", "description": "build"}],
        }]);
        let list = SessionInfo::list_to_json(&[session]);
        assert_eq!(serde_json::from_str::<Value>(&list).unwrap(), expected);
    }
}
