//! A turn of a session whose agent is there and idle: what callers pay each time.

use crate::Outcome;
use crate::agent::ECHO;
use crate::bare::{Bare, UserLine};
use crate::engine::Bench;
use crate::host;
use crate::report::{Bar, show};
use crate::series::{Pair, Round, Series};

const ROUNDS: usize = 15;
const TURNS: usize = 400;

pub(crate) fn measure() -> Outcome {
    // Not pinned first: a process cannot be let loose again without knowing what it had.
    let free = turns()?;
    show_latency("hot echo turn, any core", &free, None);
    host::pin_to_one_core()?;
    let pinned = turns()?;
    let ratio = Bar::at_most(pinned.ratio(Round::p50), "x", 3.0).then(2.0);
    show_latency("hot echo turn, one core", &pinned, Some(ratio));
    let cpu = |series: &Series| format!("{:.1} us", series.median(Round::cpu));
    let ratio = Bar::at_most(pinned.ratio(Round::cpu), "x", 4.5).then(3.0);
    let (engine, floor) = (cpu(&pinned.engine), cpu(&pinned.floor));
    show(
        "CPU of a hot echo turn, one core",
        &engine,
        &floor,
        Some(ratio),
    );
    Ok(())
}

fn turns() -> Outcome<Pair> {
    let (mut bare, bench, mut line) = (Bare::start()?, Bench::open()?, UserLine::new(ECHO));
    let mut floor = || Round::of(TURNS, || bare.turn(&mut line, 1));
    let engine = || Round::of(TURNS, || bench.echo("hot"));
    // The first round of each warms up.
    floor()?;
    engine()?;
    let pair = Pair::measure(ROUNDS, floor, engine)?;
    bench.close()?;
    bare.end()?;
    Ok(pair)
}

fn show_latency(name: &str, pair: &Pair, bar: Option<Bar>) {
    let side = |series: &Series| {
        let (p50, min) = (series.median(Round::p50), series.least(Round::min));
        format!(
            "p50 {p50:.1} us, p99 {:.1}, min {min:.1}",
            series.median(Round::p99)
        )
    };
    show(name, &side(&pair.engine), &side(&pair.floor), bar);
}
