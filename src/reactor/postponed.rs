//! How long a deadline waits for output that the agent wrote in time.

use std::time::{Duration, Instant};

/// When to check a slot again that still had output.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A timer that fires so much after its deadline: the host was not running.
const NOT_WATCHED: Duration = Duration::from_millis(100);

/// How long an agent that writes without pause can postpone its deadline.
const PUT_OFF_AT_MOST: Duration = Duration::from_millis(100);

/// The same if the host was not running: an agent whose pipe was full all the time has to be read
/// first.
const PUT_OFF_WHEN_LATE: Duration = Duration::from_secs(1);

/// A deadline that is postponed until the agent's output is read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Postponed {
    /// When bytes came last.
    pub(super) last_read: Option<Instant>,
    since: Option<Instant>,
    pub(super) until: Option<Instant>,
}

impl Postponed {
    pub(super) fn is_over(&mut self) {
        self.since = None;
        self.until = None;
    }

    /// True if the timer that is due at `at` has to wait; false if it fires.
    pub(super) fn waits(&mut self, at: Instant, is_readable: bool, now: Instant) -> bool {
        let since = *self.since.get_or_insert(now);
        let late = since.saturating_duration_since(at) >= NOT_WATCHED;
        let talks = |last_read: Instant| now.saturating_duration_since(last_read) < LOOK_AGAIN;
        let limit = if late {
            PUT_OFF_WHEN_LATE
        } else {
            PUT_OFF_AT_MOST
        };
        let waits = now.saturating_duration_since(since) < limit
            && (is_readable || (late && self.last_read.is_some_and(talks)));
        self.until = waits.then_some(now + LOOK_AGAIN);
        if !waits {
            self.since = None;
        }
        waits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_waits_for_an_agent_that_talks_but_not_for_ever() {
        let at = Instant::now();
        let ms = Duration::from_millis;
        // How late the timer is, when bytes came before it, whether more can be read, and until how
        // long after its first look it waits.
        let table = [
            (0, None, false, 0),
            (0, Some(0), false, 0),
            (0, None, true, 100),
            (5000, None, false, 0),
            (5000, Some(1000), false, 0),
            (5000, Some(0), false, 20),
            (5000, None, true, 1000),
        ];
        for (late, last_read, is_readable, expected) in table {
            let first = at + ms(late);
            let mut postponed = Postponed {
                last_read: last_read.map(|before| first - ms(before)),
                ..Postponed::default()
            };
            let mut waited = 0;
            while postponed.waits(at, is_readable, first + ms(waited)) {
                waited += 20;
            }
            assert_eq!(waited, expected, "{late} {last_read:?} {is_readable}");
        }
    }
}
