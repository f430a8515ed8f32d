//! One session as the hub knows it.

use std::collections::VecDeque;
use std::sync::Arc;

use super::clock::now_ms;
use super::log::{Activity, Asked, Log, first_number};
use crate::access::roots::Approved;
use crate::engines::Served;

/// A question that waits for an answer.
#[derive(Clone, Debug)]
pub(crate) struct Approval {
    pub(crate) turn: u64,
    pub(crate) asked: Asked,
    /// What was decided, and by whom, while the engine is being told: the turn may be over before
    /// that is done.
    pub(super) answered: Option<(&'static str, String)>,
}

pub(super) struct HubSession {
    /// The engine's name of it.
    pub(super) key: Arc<str>,
    /// `None` for one that was only asked about.
    pub(super) engine: Option<Arc<Served>>,
    pub(super) work_dir: String,
    /// The directory of its last turn.
    pub(super) approved: Option<Approved>,
    pub(super) log: Log,
    /// The feeds that follow it.
    pub(super) followers: Vec<u64>,
    /// Turns that have not ended, in order.
    pub(super) line: VecDeque<u64>,
    pub(super) has_process: bool,
    pub(super) stopping: bool,
    pub(super) shown: Activity,
    pub(super) shown_queued: usize,
    pub(super) approvals: Vec<Approval>,
    /// The turns whose events are held back. More than one: when the first is interrupted its end is held
    /// back, too, and the next one begins.
    pub(super) held: Vec<u64>,
    pub(super) title: String,
    pub(super) turns: u64,
    pub(super) cost_usd: f64,
    pub(super) tokens: u64,
    pub(super) created_ms: u64,
    pub(super) last_active_ms: u64,
}

impl HubSession {
    pub(super) fn new(key: Arc<str>) -> HubSession {
        let now = now_ms();
        HubSession {
            key,
            engine: None,
            work_dir: String::new(),
            approved: None,
            log: Log::new(first_number(now)),
            followers: Vec::new(),
            line: VecDeque::new(),
            has_process: false,
            stopping: false,
            shown: Activity::Ended,
            shown_queued: 0,
            approvals: Vec::new(),
            held: Vec::new(),
            title: String::new(),
            turns: 0,
            cost_usd: 0.0,
            tokens: 0,
            created_ms: now,
            last_active_ms: now,
        }
    }

    /// No client follows it and no turn is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.line.is_empty() && self.followers.is_empty()
    }

    pub(super) fn state(&self) -> Activity {
        match (self.line.is_empty(), self.has_process) {
            (false, _) if self.stopping => Activity::Stopping,
            (false, false) => Activity::Starting,
            (false, true) if !self.approvals.is_empty() => Activity::Waiting,
            (false, true) => Activity::Working,
            (true, true) => Activity::Ready,
            (true, false) => Activity::Ended,
        }
    }

    /// Turns behind the current one.
    pub(super) fn queued(&self) -> usize {
        self.line.len().saturating_sub(1)
    }
}
