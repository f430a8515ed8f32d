//! What the hub holds, behind one lock. It is held for microseconds and never over an await.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::{Notify, watch};

use super::follow::FeedState;
use super::log::LogBounds;
use super::session::HubSession;
use super::turn::Turn;
use crate::config::Limits;
use crate::engines::Engines;
use crate::metrics::Metrics;

/// All that sessions hold together for those who come later; beyond it the sessions that were idle
/// for longest forget theirs.
const HELD_BYTES: usize = 64 << 20;

/// Sessions that are remembered after their last client left.
const REMEMBERED: usize = 10_000;

pub(crate) struct Hub {
    pub(super) state: Mutex<HubState>,
    pub(crate) engines: Engines,
    pub(crate) metrics: Metrics,
    pub(super) bounds: LogBounds,
    pub(super) draining: AtomicBool,
    /// Told when the last turn under way has ended.
    pub(super) idle: Notify,
    /// Counts what changes in the list of sessions.
    pub(super) changes: watch::Sender<u64>,
}

#[derive(Default)]
pub(super) struct HubState {
    /// By the engine's name of the session.
    pub(super) sessions: HashMap<Arc<str>, HubSession>,
    pub(super) turns: BTreeMap<u64, Turn>,
    pub(super) feeds: HashMap<u64, FeedState>,
    pub(super) last_turn: u64,
    pub(super) last_feed: u64,
    pub(super) held_bytes: usize,
}

impl Hub {
    pub(crate) fn new(engines: Engines, limits: &Limits) -> Arc<Hub> {
        let (changes, _) = watch::channel(0);
        Arc::new(Hub {
            state: Mutex::default(),
            engines,
            metrics: Metrics::default(),
            bounds: LogBounds {
                events: limits.ring_events,
                bytes: limits.ring_bytes,
            },
            draining: AtomicBool::new(false),
            idle: Notify::new(),
            changes,
        })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, HubState> {
        // A panic under the lock is a defect that ends one task; the others go on with what is there.
        self.state
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// No turn is accepted from now on.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::SeqCst)
    }

    /// Turns that were accepted and have not ended.
    pub(crate) fn turns_under_way(&self) -> usize {
        self.state().turns.len()
    }

    /// True while a client has not taken the end of a turn of its own.
    pub(crate) fn is_anybody_owed(&self) -> bool {
        self.state().feeds.values().any(FeedState::is_owed)
    }

    /// Returns when no turn is under way.
    pub(crate) async fn until_idle(&self) {
        loop {
            let idle = self.idle.notified();
            if self.turns_under_way() == 0 {
                return;
            }
            idle.await;
        }
    }

    /// Has every client look whether there is something for it.
    pub(crate) fn wake_all(&self) {
        for feed in self.state().feeds.values() {
            feed.wake.notify_one();
        }
    }

    /// Changes whenever the list of sessions does.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(super) fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    /// Keeps within bounds what is held for those who may come later.
    pub(super) fn forget_what_is_too_much(&self, state: &mut HubState) {
        while state.held_bytes > HELD_BYTES || state.sessions.len() > REMEMBERED {
            let held = state.held_bytes > HELD_BYTES;
            let idle = state.sessions.values().filter(|session| session.is_idle());
            let idle = idle.filter(|session| !held || session.log.bytes() > 0);
            let Some(oldest) = idle.min_by_key(|session| session.last_active_ms) else {
                return;
            };
            let key = Arc::clone(&oldest.key);
            if held {
                state.held_bytes -= oldest.log.bytes();
                if let Some(session) = state.sessions.get_mut(&key) {
                    session.log.clear();
                }
            } else if let Some(session) = state.sessions.remove(&key) {
                state.held_bytes -= session.log.bytes();
            }
        }
    }
}
