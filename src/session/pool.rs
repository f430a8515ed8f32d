//! Which session gets a process when there are not enough. Pure.
//!
//! The pool is updated when a session changes, and never scans all sessions: with thousands that
//! wait, each message of a busy agent would pay for the scan.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// Whether a session needs a process or can give up its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PoolStatus {
    /// Nothing: it is at work, or starts, or has no process and wants none.
    #[default]
    NotPooled,
    /// It wants a process.
    Waiting,
    /// Its process waits for a prompt and none is on its way.
    Idle {
        /// A prewarmed process that no session has taken yet.
        spare: bool,
        since: Instant,
    },
    /// Its process is on its way out.
    Leaving,
}

/// The pool entry of a session as last recorded; kept with the session.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PoolEntry {
    pool_status: PoolStatus,
    arrival: u64,
}

/// Those that wait for a process, and those that can give theirs.
#[derive(Debug)]
pub(crate) struct Pool<K> {
    /// Bound on live processes; 0 is none.
    limit: usize,
    arrivals: u64,
    waiting: BTreeMap<u64, K>,
    /// Spares first, then the one idle for longest.
    idle: BTreeSet<(bool, Instant, K)>,
    leaving: usize,
}

impl<K: Copy + Ord> Pool<K> {
    pub(crate) fn new(limit: usize) -> Pool<K> {
        Pool {
            limit,
            arrivals: 0,
            waiting: BTreeMap::new(),
            idle: BTreeSet::new(),
            leaving: 0,
        }
    }

    /// Records a session's status. One that goes on waiting keeps its place in the queue.
    pub(crate) fn update(&mut self, key: K, entry: &mut PoolEntry, mut pool_status: PoolStatus) {
        // Without a bound no process is ever taken away, and a hot turn is spared two entries.
        if self.limit == 0 && pool_status != PoolStatus::Waiting {
            pool_status = PoolStatus::NotPooled;
        }
        if entry.pool_status == pool_status {
            return;
        }
        self.remove(key, *entry);
        self.arrivals += 1;
        *entry = PoolEntry {
            pool_status,
            arrival: self.arrivals,
        };
        match pool_status {
            PoolStatus::NotPooled => {}
            PoolStatus::Waiting => {
                self.waiting.insert(entry.arrival, key);
            }
            PoolStatus::Idle { spare, since } => {
                self.idle.insert((!spare, since, key));
            }
            PoolStatus::Leaving => self.leaving += 1,
        }
    }

    /// Forgets a session.
    pub(crate) fn remove(&mut self, key: K, entry: PoolEntry) {
        match entry.pool_status {
            PoolStatus::NotPooled => {}
            PoolStatus::Waiting => {
                self.waiting.remove(&entry.arrival);
            }
            PoolStatus::Idle { spare, since } => {
                self.idle.remove(&(!spare, since, key));
            }
            PoolStatus::Leaving => self.leaving -= 1,
        }
    }

    /// True if there may be one process more than `live`, which counts also those that are starting
    /// or on their way out.
    pub(crate) fn has_room(&self, live: usize) -> bool {
        self.limit == 0 || live < self.limit
    }

    /// Those for whom there is room if `live` processes exist: first come, first served.
    pub(crate) fn to_start(&self, live: usize) -> Vec<K> {
        let room = match self.limit {
            0 => usize::MAX,
            limit => limit.saturating_sub(live),
        };
        self.waiting.values().take(room).copied().collect()
    }

    /// Those who give their process to the ones that still wait: one each, but for those that can
    /// count on a process on its way out. A busy one is never among them.
    pub(crate) fn to_evict(&self) -> Vec<K> {
        let wanted = self.waiting.len().saturating_sub(self.leaving);
        let victims = self.idle.iter().take(wanted);
        victims.map(|(_, _, key)| *key).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// How everybody stands, how many live, the limit, who starts and who gives way.
    type Case<'a> = (
        &'a [(&'a str, PoolStatus)],
        usize,
        usize,
        &'a [&'a str],
        &'a [&'a str],
    );

    fn pool<'a>(limit: usize, sessions: &[(&'a str, PoolStatus)]) -> Pool<&'a str> {
        let mut pool = Pool::new(limit);
        for (key, pool_status) in sessions {
            pool.update(*key, &mut PoolEntry::default(), *pool_status);
        }
        pool
    }

    #[test]
    fn a_spare_goes_first_then_the_one_idle_for_longest_and_never_a_busy_one() {
        let start = Instant::now();
        let idle = |spare, age| PoolStatus::Idle {
            spare,
            since: start - Duration::from_secs(age),
        };
        let (a, b) = (("a", PoolStatus::Waiting), ("b", PoolStatus::Waiting));
        let busy = ("busy", PoolStatus::NotPooled);
        let (old, new) = (("old", idle(false, 60)), ("new", idle(false, 1)));
        let spare = ("spare", idle(true, 0));
        let leaving = ("leaving", PoolStatus::Leaving);
        let table: [Case<'_>; 10] = [
            (&[busy, old, a, b], 2, 0, &["a", "b"], &[]),
            (&[busy, old, a], 2, 3, &["a"], &[]),
            (&[busy, new, old, a], 3, 3, &[], &["old"]),
            (&[busy, new, old, a, b], 3, 3, &[], &["old", "new"]),
            (&[busy, new, old, spare, b], 4, 4, &[], &["spare"]),
            (&[busy, old], 2, 2, &[], &[]),
            (&[busy, b, a], 1, 1, &[], &[]),
            (&[busy, b, a], 1, 2, &["b"], &[]),
            (&[busy, old, leaving, a], 3, 3, &[], &[]),
            (&[busy, old, new, leaving, a, b], 4, 4, &[], &["old"]),
        ];
        for (number, (sessions, live, limit, starts, gives_way)) in table.into_iter().enumerate() {
            let mut pool = pool(limit, sessions);
            assert_eq!(pool.to_start(live), starts, "case {number}");
            // Those who start wait no longer.
            for key in starts {
                pool.waiting.retain(|_, waits| waits != key);
            }
            assert_eq!(pool.to_evict(), gives_way, "case {number}");
        }
    }

    #[test]
    fn a_session_stands_in_one_place_and_keeps_it_while_it_waits() {
        let mut pool = Pool::new(1);
        let [mut a, mut b] = [PoolEntry::default(); 2];
        pool.update("a", &mut a, PoolStatus::Waiting);
        pool.update("b", &mut b, PoolStatus::Waiting);
        pool.update("a", &mut a, PoolStatus::Waiting);
        assert_eq!(pool.to_start(0), ["a"]);
        let since = Instant::now();
        let idle = PoolStatus::Idle {
            spare: false,
            since,
        };
        for pool_status in [
            idle,
            PoolStatus::Leaving,
            PoolStatus::NotPooled,
            PoolStatus::Waiting,
        ] {
            pool.update("a", &mut a, pool_status);
        }
        assert_eq!(pool.to_start(0), ["b"], "a came again, after b");
        pool.remove("a", a);
        pool.remove("b", b);
        assert!(pool.waiting.is_empty() && pool.idle.is_empty() && pool.leaving == 0);
    }
}
