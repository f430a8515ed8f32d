//! How much a key may use: turns at once, turns and dollars a day.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};

/// Bounds of one key; `None` is none.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bounds {
    pub(crate) turns_at_once: Option<usize>,
    pub(crate) turns_per_day: Option<u64>,
    pub(crate) cost_usd_per_day: Option<f64>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    under_way: usize,
    /// Days since 1970 (UTC), of which the two below are.
    day: u64,
    turns: u64,
    cost_usd: f64,
}

/// What one key has used of its bounds. Counts of the day live as long as the daemon.
#[derive(Debug)]
pub(crate) struct Quota {
    bounds: Bounds,
    counts: Arc<Mutex<Counts>>,
}

impl Quota {
    pub(crate) fn new(bounds: Bounds) -> Quota {
        Quota {
            bounds,
            counts: Arc::default(),
        }
    }

    /// Counts the begin of a turn.
    ///
    /// # Errors
    /// Which bound is reached. Nothing is booked then.
    pub(crate) fn begin(&self) -> Result<(), String> {
        self.begin_on(today())
    }

    fn begin_on(&self, today: u64) -> Result<(), String> {
        let mut counts = self.counts(today);
        let Bounds {
            turns_at_once,
            turns_per_day,
            cost_usd_per_day,
        } = self.bounds;
        if turns_at_once.is_some_and(|most| counts.under_way >= most) {
            return Err(format!(
                "{} turns of this key are under way",
                counts.under_way
            ));
        }
        if turns_per_day.is_some_and(|most| counts.turns >= most) {
            return Err(format!("this key has begun {} turns today", counts.turns));
        }
        if cost_usd_per_day.is_some_and(|most| counts.cost_usd >= most) {
            return Err(format!(
                "this key has used {:.2} US dollars today",
                counts.cost_usd
            ));
        }
        counts.under_way += 1;
        counts.turns += 1;
        Ok(())
    }

    /// Counts the end of a turn. Its cost is that of the day on which it ends.
    pub(crate) fn end(&self, cost_usd: f64) {
        self.end_on(today(), cost_usd);
    }

    fn end_on(&self, today: u64, cost_usd: f64) {
        let mut counts = self.counts(today);
        counts.under_way = counts.under_way.saturating_sub(1);
        counts.cost_usd += cost_usd;
    }

    /// Takes back a begin: the turn was refused.
    pub(crate) fn never_began(&self) {
        let mut counts = self.counts(today());
        counts.under_way = counts.under_way.saturating_sub(1);
        counts.turns = counts.turns.saturating_sub(1);
    }

    /// The counts go on after the configuration was read again, for the turns under way and for the
    /// connections of before as well.
    pub(crate) fn take_over(&mut self, earlier: &Quota) {
        self.counts = Arc::clone(&earlier.counts);
    }

    fn counts(&self, today: u64) -> MutexGuard<'_, Counts> {
        // A panic while it is held leaves nothing half done.
        let mut counts = self
            .counts
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if counts.day < today {
            *counts = Counts {
                under_way: counts.under_way,
                ..Counts::default()
            };
        }
        // A clock that is set back gives nothing back; nor does one that was far ahead keep all days
        // until then.
        counts.day = today;
        counts
    }
}

fn today() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs() / 86_400
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bound_holds_by_itself() {
        let at_once = Quota::new(Bounds {
            turns_at_once: Some(1),
            ..Bounds::default()
        });
        at_once.begin().expect("the first");
        at_once.begin().expect_err("a second beside it");
        at_once.end(0.0);
        at_once.begin().expect("one after it");

        let a_day = Quota::new(Bounds {
            turns_per_day: Some(2),
            ..Bounds::default()
        });
        a_day.begin().expect("the first");
        a_day.never_began();
        a_day.begin().expect("a refused one does not count");
        a_day.end(0.0);
        a_day.begin().expect("the second");
        a_day.begin().expect_err("a third");

        let cost = Quota::new(Bounds {
            cost_usd_per_day: Some(0.5),
            ..Bounds::default()
        });
        cost.begin().expect("nothing is used yet");
        cost.end(0.5);
        cost.begin().expect_err("all is used");
    }

    #[test]
    fn at_midnight_the_counts_of_the_day_begin_anew_and_what_is_under_way_goes_on() {
        let quota = Quota::new(Bounds {
            turns_at_once: Some(2),
            turns_per_day: Some(2),
            cost_usd_per_day: Some(1.0),
        });
        quota.begin_on(1).expect("the first");
        quota.begin_on(1).expect("the second, exactly at the limit");
        quota.end_on(1, 0.9);
        quota.begin_on(1).expect_err("a third of the day");
        quota.begin_on(2).expect("the next day");
        quota
            .begin_on(2)
            .expect_err("one of yesterday is under way");
        quota.end_on(2, 1.0);
        quota.begin_on(2).expect_err("what ends today costs today");
        quota.begin_on(3).expect("nothing of that is left");
    }

    #[test]
    fn a_clock_that_is_set_gives_no_second_day_and_takes_none() {
        let quota = Quota::new(Bounds {
            turns_per_day: Some(2),
            ..Bounds::default()
        });
        quota.begin_on(9).expect("the first, by a clock far ahead");
        quota.begin_on(3).expect("the second, set back");
        quota.begin_on(3).expect_err("a third of the same day");
        quota
            .begin_on(2)
            .expect_err("nor by a clock set back again");
        quota.begin_on(4).expect("the next day");
    }

    #[test]
    fn another_reading_of_the_configuration_goes_on_counting() {
        let bounds = |turns_per_day| Bounds {
            turns_per_day: Some(turns_per_day),
            ..Bounds::default()
        };
        let old = Quota::new(bounds(3));
        old.begin().expect("the first");
        let mut new = Quota::new(bounds(2));
        new.take_over(&old);
        new.begin().expect("the second");
        new.begin().expect_err("a third, by its own bound");
        old.begin().expect("by the bound of before");
        old.begin().expect_err("what the new one began counts");
    }
}
