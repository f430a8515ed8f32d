//! When to look at which slot again. Pure: the time is an argument.
//!
//! A slot has one deadline, the earliest of its session's. It usually moves away from now, so an
//! entry is left where it is and moved on when it fires: a turn that is over long before its limit
//! costs no work here, and the heap holds about one entry a slot.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

/// The entry of a slot that fires next; kept in the slot.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Armed(Option<Instant>);

/// All entries of all slots.
pub(crate) struct Timers<K> {
    heap: BinaryHeap<Reverse<(Instant, K)>>,
}

impl<K: Copy + Ord> Timers<K> {
    pub(crate) fn new() -> Timers<K> {
        Timers {
            heap: BinaryHeap::new(),
        }
    }

    /// Makes sure that an entry fires no later than the deadline.
    pub(crate) fn arm(&mut self, key: K, armed: &mut Armed, deadline: Option<Instant>) {
        let Some(deadline) = deadline else {
            return;
        };
        if armed.0.is_none_or(|at| deadline < at) {
            armed.0 = Some(deadline);
            self.heap.push(Reverse((deadline, key)));
        }
    }

    /// When the first entry fires.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes an entry that is due. Its slot must be armed again.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<(K, Instant)> {
        if self.next()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse((at, key))| (key, at))
    }
}

impl Armed {
    /// The entry that was due at this time has fired; a later one stands.
    pub(crate) fn fired(&mut self, at: Instant) {
        if self.0 == Some(at) {
            self.0 = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn an_entry_fires_no_later_than_the_deadline_and_a_moved_deadline_adds_none() {
        let start = Instant::now();
        let at = |s| start + Duration::from_secs(s);
        let (mut timers, mut armed) = (Timers::new(), Armed::default());
        for seconds in 300..400 {
            timers.arm(7, &mut armed, Some(at(seconds)));
        }
        assert_eq!(timers.heap.len(), 1);
        timers.arm(7, &mut armed, Some(at(5)));
        assert_eq!(timers.pop_due(at(4)), None);
        assert_eq!(timers.pop_due(at(5)), Some((7, at(5))));
        armed.fired(at(5));
        timers.arm(7, &mut armed, Some(at(400)));
        assert_eq!(timers.next(), Some(at(300)));
    }
}
