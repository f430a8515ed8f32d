//! Rounds of the same work, and the two sides of a comparison in turns.

use std::time::{Duration, Instant};

use crate::Outcome;
use crate::host::cpu_time;

/// One round of one side.
pub(crate) struct Round {
    /// Microseconds of each piece of work, sorted.
    latencies: Vec<f64>,
    /// Microseconds of CPU time a piece.
    cpu: f64,
}

impl Round {
    /// Does the work so many times.
    pub(crate) fn of(times: usize, mut work: impl FnMut() -> Outcome) -> Outcome<Round> {
        let mut latencies = Vec::with_capacity(times);
        let cpu = cpu_time();
        for _ in 0..times {
            let start = Instant::now();
            work()?;
            latencies.push(microseconds(start.elapsed()));
        }
        let cpu = microseconds(cpu_time() - cpu) / times as f64;
        Ok(Round::new(latencies, cpu))
    }

    pub(crate) fn new(mut latencies: Vec<f64>, cpu: f64) -> Round {
        latencies.sort_by(f64::total_cmp);
        Round { latencies, cpu }
    }

    pub(crate) fn min(&self) -> f64 {
        self.percentile(0.0)
    }

    pub(crate) fn p50(&self) -> f64 {
        self.percentile(0.5)
    }

    pub(crate) fn p99(&self) -> f64 {
        self.percentile(0.99)
    }

    pub(crate) fn max(&self) -> f64 {
        self.percentile(1.0)
    }

    pub(crate) fn cpu(&self) -> f64 {
        self.cpu
    }

    fn percentile(&self, part: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let place = (last as f64 * part).round() as usize;
        self.latencies.get(place).copied().unwrap_or(f64::NAN)
    }
}

/// All rounds of one side.
#[derive(Default)]
pub(crate) struct Series(Vec<Round>);

impl Series {
    pub(crate) fn push(&mut self, round: Round) {
        self.0.push(round);
    }

    /// The median over rounds of what each round says.
    pub(crate) fn median(&self, of: fn(&Round) -> f64) -> f64 {
        Round::new(self.0.iter().map(of).collect(), 0.0).p50()
    }

    /// The best that any round says.
    pub(crate) fn least(&self, of: fn(&Round) -> f64) -> f64 {
        self.0.iter().map(of).fold(f64::INFINITY, f64::min)
    }
}

/// Floor and engine, measured in turns so that both see the same weather.
#[derive(Default)]
pub(crate) struct Pair {
    pub(crate) floor: Series,
    pub(crate) engine: Series,
}

impl Pair {
    pub(crate) fn measure(
        rounds: usize,
        mut floor: impl FnMut() -> Outcome<Round>,
        mut engine: impl FnMut() -> Outcome<Round>,
    ) -> Outcome<Pair> {
        let mut pair = Pair::default();
        for _ in 0..rounds {
            pair.floor.push(floor()?);
            pair.engine.push(engine()?);
        }
        Ok(pair)
    }

    /// How many times the floor the engine takes.
    pub(crate) fn ratio(&self, of: fn(&Round) -> f64) -> f64 {
        self.engine.median(of) / self.floor.median(of)
    }

    /// How much more than the floor the engine takes.
    pub(crate) fn excess(&self, of: fn(&Round) -> f64) -> f64 {
        self.engine.median(of) - self.floor.median(of)
    }
}

pub(crate) fn microseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
