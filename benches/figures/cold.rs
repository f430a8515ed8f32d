//! A session that is new and finds no spare: from `execute` to the end of its first turn.

use std::cell::Cell;

use crate::Outcome;
use crate::agent::ECHO;
use crate::bare::{Bare, UserLine};
use crate::engine::Bench;
use crate::report::{Bar, show};
use crate::series::{Pair, Round};

const STARTS: usize = 60;

pub(crate) fn measure() -> Outcome {
    let (bench, mut line, number) = (Bench::open()?, UserLine::new(ECHO), Cell::new(0));
    let mut started = Vec::new();
    let pair = Pair::measure(
        STARTS,
        || {
            Round::of(1, || {
                let mut bare = Bare::start()?;
                bare.turn(&mut line, 1)?;
                started.push(bare);
                Ok(())
            })
        },
        || {
            number.set(number.get() + 1);
            let session = format!("cold-{}", number.get());
            Round::of(1, || bench.echo(&session))
        },
    )?;
    let milliseconds = |us: f64| us / 1000.0;
    let side = |p50: f64, min: f64| {
        format!(
            "p50 {:.2} ms, min {:.2}",
            milliseconds(p50),
            milliseconds(min)
        )
    };
    let engine = side(
        pair.engine.median(Round::p50),
        pair.engine.least(Round::p50),
    );
    let floor = side(pair.floor.median(Round::p50), pair.floor.least(Round::p50));
    let bar = Bar::at_most(milliseconds(pair.excess(Round::p50)), " ms", 1.0);
    show(
        "new session, the engine's share of the cold start",
        &engine,
        &floor,
        Some(bar),
    );
    bench.close()?;
    started.into_iter().try_for_each(Bare::end)
}
