//! How many turns find their process there, if so many sessions share so many processes.
//!
//! Each session works for a while, then thinks: a time without memory. Its process is kept until the
//! idle timeout, or until it is the one idle for longest and another session needs one. That time is
//! nearly the same for all sessions of a pool (Che's approximation of least recently used), and is the
//! one for which all sessions together hold as many processes as there are.

/// Sessions that are all alike. Times are in seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    pub(super) sessions: f64,
    /// Turns of one session in a second.
    pub(super) rate: f64,
    /// How long an agent works on a turn.
    pub(super) turn: f64,
    /// After how long without a turn a process ends.
    pub(super) idle_timeout: f64,
}

impl Load {
    /// Agents at work at once, on average.
    pub(super) fn busy(&self) -> f64 {
        self.sessions * self.rate * self.turn
    }

    /// True if a session has time for its turns.
    pub(super) fn is_possible(&self) -> bool {
        self.rate * self.turn < 1.0
    }

    /// How often a session thinks again, in a second.
    fn thinking_rate(&self) -> f64 {
        self.rate / (1.0 - self.rate * self.turn)
    }

    /// Share of turns that come before a process was idle for so long.
    fn within(&self, kept: f64) -> f64 {
        -f64::exp_m1(-self.thinking_rate() * kept)
    }

    /// Processes that all sessions hold on average, if each is kept so long after a turn.
    pub(super) fn held(&self, kept: f64) -> f64 {
        let idle = self.within(kept) / self.thinking_rate();
        self.sessions * self.rate * (self.turn + idle)
    }

    /// Share of turns that find their process, with so many of them at most.
    pub(super) fn hot_share(&self, processes: f64) -> f64 {
        self.within(self.kept(processes))
    }

    /// For how long an idle process is kept.
    fn kept(&self, processes: f64) -> f64 {
        if self.held(self.idle_timeout) <= processes {
            return self.idle_timeout;
        }
        if self.busy() >= processes {
            return 0.0;
        }
        let (mut short, mut long) = (0.0, self.idle_timeout);
        // Halved often enough for any time that a float can tell.
        for _ in 0..100 {
            let middle = f64::midpoint(short, long);
            match self.held(middle) > processes {
                true => long = middle,
                false => short = middle,
            }
        }
        short
    }

    /// The fewest processes with which this share is hot; `None` if the idle timeout forbids it.
    pub(super) fn processes_for(&self, share: f64) -> Option<u64> {
        if self.within(self.idle_timeout) < share {
            return None;
        }
        // More of them are never worse.
        let (mut too_few, mut enough) = (0, self.sessions.ceil() as u64);
        while enough - too_few > 1 {
            let middle = u64::midpoint(too_few, enough);
            match self.hot_share(middle as f64) >= share {
                true => enough = middle,
                false => too_few = middle,
            }
        }
        Some(enough)
    }
}

#[cfg(test)]
mod tests {
    use super::super::replay::{RecordedTurn, replay};
    use super::*;

    /// Numbers between 0 and 1, the same in each run.
    struct Dice(u64);

    impl Dice {
        fn throw(&mut self) -> f64 {
            // Knuth's constants; the high bits are the good ones.
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            ((self.0 >> 11) as f64 + 1.0) / (1_u64 << 53) as f64
        }
    }

    /// Each session by itself: works, thinks, works.
    fn made_up(load: &Load, hours: f64) -> Vec<RecordedTurn> {
        let mut dice = Dice(11);
        let thinking = 1.0 / load.rate - load.turn;
        let mut turns = Vec::new();
        for session in 0..load.sessions as usize {
            let mut begin = -dice.throw().ln() * thinking;
            while begin < hours * 3600.0 {
                let end = begin + load.turn;
                let session = session.to_string();
                turns.push(RecordedTurn {
                    session,
                    begin,
                    end,
                });
                begin = end - dice.throw().ln() * thinking;
            }
        }
        turns
    }

    #[test]
    fn it_agrees_with_a_pool_that_is_played() {
        let table = [
            // Sessions, turns an hour, seconds a turn, processes, minutes of idle timeout.
            (200.0, 12.0, 10.0, 20, 30.0),
            (200.0, 12.0, 10.0, 60, 30.0),
            (200.0, 12.0, 10.0, 150, 30.0),
            (100.0, 6.0, 60.0, 30, 30.0),
            (100.0, 6.0, 60.0, 80, 5.0),
            (50.0, 20.0, 30.0, 45, 60.0),
            (500.0, 2.0, 20.0, 100, 30.0),
            // Enough for all.
            (20.0, 12.0, 10.0, 20, 60.0),
        ];
        for (sessions, an_hour, turn, processes, minutes) in table {
            let load = Load {
                sessions,
                rate: an_hour / 3600.0,
                turn,
                idle_timeout: minutes * 60.0,
            };
            let played = replay(made_up(&load, 40.0), processes, load.idle_timeout).hot_share();
            let said = load.hot_share(processes as f64);
            assert!(
                (said - played).abs() < 0.03,
                "{load:?}: {said:.3}, played {played:.3}"
            );
        }
    }

    #[test]
    fn more_processes_are_never_worse_and_what_is_asked_for_is_reached() {
        let load = Load {
            sessions: 200.0,
            rate: 12.0 / 3600.0,
            turn: 10.0,
            idle_timeout: 1800.0,
        };
        let shares: Vec<f64> = (1..=200)
            .map(|count| load.hot_share(f64::from(count)))
            .collect();
        assert!(shares.is_sorted(), "{shares:?}");
        let count = load.processes_for(0.9).expect("it can be");
        assert!(load.hot_share(count as f64) >= 0.9 && load.hot_share(count as f64 - 1.0) < 0.9);
        assert_eq!(
            Load {
                idle_timeout: 60.0,
                ..load
            }
            .processes_for(0.9),
            None
        );
        // With all at work nothing is idle.
        assert!(load.hot_share(load.busy()) < 1e-9);
    }
}
