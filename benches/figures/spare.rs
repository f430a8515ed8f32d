//! The first turn of a new session that takes a prewarmed process.

use std::time::{Duration, Instant};

use hotplex::WarmUp;

use crate::Outcome;
use crate::engine::Bench;
use crate::report::{Bar, show};
use crate::series::{Round, Series};

const SPARES: usize = 20;
const BOOT_MILLISECONDS: &str = "800";

/// A first turn begins the conversation: it is looked up and written down, and its start is told.
/// That may cost this much beside a hot turn.
const ALLOWANCE: f64 = 0.5;

pub(crate) fn measure() -> Outcome {
    let bench = Bench::open_with(|options| options.env("STAND_IN_BOOT_MS", BOOT_MILLISECONDS))?;
    bench
        .engine
        .prewarm(&WarmUp::new(bench.work_dir()), SPARES)?;
    await_spares(&bench)?;
    let (mut first, mut hot) = (Series::default(), Series::default());
    for number in 0..SPARES {
        let session = format!("new-{number}");
        first.push(Round::of(1, || bench.echo(&session))?);
        hot.push(Round::of(50, || bench.echo(&session))?);
    }
    let [first_p50, hot_p50] = [&first, &hot].map(|series| series.median(Round::p50));
    let engine = format!("p50 {first_p50:.0} us, min {:.0}", first.least(Round::p50));
    let floor = format!("hot turn {hot_p50:.0} us");
    let bar = Bar::at_most((first_p50 - hot_p50) / 1000.0, " ms", ALLOWANCE);
    show(
        "first turn of a new session from a spare (boot 800 ms)",
        &engine,
        &floor,
        Some(bar),
    );
    let hits = bench.engine.info()?.spare_hits;
    if hits != SPARES as u64 {
        return Err(format!("only {hits} of {SPARES} sessions took a spare").into());
    }
    bench.close()
}

fn await_spares(bench: &Bench) -> Outcome {
    let until = Instant::now() + Duration::from_secs(20);
    while bench.engine.info()?.ready_spares < SPARES {
        if Instant::now() > until {
            return Err("the spares were not ready in 20 s".into());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}
