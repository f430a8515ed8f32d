//! The first turn after a pause, which is every turn of a person.

use std::time::Duration;

use crate::Outcome;
use crate::agent::ECHO;
use crate::bare::{Bare, UserLine};
use crate::engine::Bench;
use crate::report::{Bar, show};
use crate::series::{Pair, Round};

/// Longer than any timer that an engine may keep behind a turn.
const PAUSE: Duration = Duration::from_millis(2300);

/// Caches, clocks and cores fall asleep in a pause. The floor pays for that too; what an engine may
/// add beside it is what a hot turn adds, within this much.
const ALLOWANCE: f64 = 500.0;

pub(crate) fn measure() -> Outcome {
    let (mut bare, bench, mut line) = (Bare::start()?, Bench::open()?, UserLine::new(ECHO));
    let hot = Pair::measure(
        5,
        || Round::of(100, || bare.turn(&mut line, 1)),
        || Round::of(100, || bench.echo("a")),
    )?;
    let late = Pair::measure(
        5,
        || {
            // The pause is what is measured here.
            std::thread::sleep(PAUSE);
            Round::of(1, || bare.turn(&mut line, 1))
        },
        || Round::of(1, || bench.echo("a")),
    )?;
    let side = |late: f64, hot: f64| format!("{late:.0} us (hot {hot:.0})");
    let engine = side(
        late.engine.median(Round::p50),
        hot.engine.median(Round::p50),
    );
    let floor = side(late.floor.median(Round::p50), hot.floor.median(Round::p50));
    let added = late.excess(Round::p50) - hot.excess(Round::p50);
    let bar = Bar::at_most(added, " us", ALLOWANCE);
    show("added by a pause of 2.3 s", &engine, &floor, Some(bar));
    bench.close()?;
    bare.end()
}
