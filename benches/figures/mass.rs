//! 200 sessions that start at once, and a hot session that works meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use crate::Outcome;
use crate::agent::ECHO;
use crate::bare::{Bare, UserLine};
use crate::engine::{Bench, finish};
use crate::floor_crowd::FloorCrowd;
use crate::host::cpu_time;
use crate::report::{Bar, show};
use crate::series::{Pair, Round, Series, microseconds};

const STARTS: usize = 200;
const ROUNDS: usize = 5;

pub(crate) fn measure() -> Outcome {
    measure_in("", Bench::open)
}

/// Each start in a jail makes some twenty directories of its own, so that this tells how much of it
/// all is the disk's.
pub(crate) fn measure_in_memory() -> Outcome {
    measure_in(", no disk", Bench::open_in_memory)
}

fn measure_in(place: &str, open: fn() -> Outcome<Bench>) -> Outcome {
    let mut hot = Pair::default();
    let starts = {
        let (floor_hot, engine_hot) = (&mut hot.floor, &mut hot.engine);
        Pair::measure(
            ROUNDS,
            || floor(&mut *floor_hot),
            || engine(open()?, &mut *engine_hot),
        )?
    };
    let side = |series: &Series| {
        let (all, each) = (series.median(Round::p50), series.median(Round::cpu));
        format!("{:.2} s, CPU {each:.0} us a start", all / 1e6)
    };
    let bar = Bar::at_most(starts.ratio(Round::p50), "x", 2.0);
    show(
        &format!("200 cold starts at once{place}"),
        &side(&starts.engine),
        &side(&starts.floor),
        Some(bar),
    );
    let milliseconds = |us: f64| us / 1000.0;
    let side = |series: &Series| {
        let [p50, p99, max] = [Round::p50, Round::p99, Round::max]
            .map(|of: fn(&Round) -> f64| milliseconds(series.median(of)));
        format!("p50 {p50:.2} ms, p99 {p99:.2}, max {max:.2}")
    };
    let bar = Bar::at_most(milliseconds(hot.engine.median(Round::p99)), " ms", 5.0);
    show(
        &format!("a hot session's p99 meanwhile{place}"),
        &side(&hot.engine),
        &side(&hot.floor),
        Some(bar),
    );
    Ok(())
}

fn floor(hot: &mut Series) -> Outcome<Round> {
    let (mut bare, mut line) = (Bare::start()?, UserLine::new(ECHO));
    bare.turn(&mut line, 1)?;
    let mut crowd = None;
    let round = beside_hot(
        hot,
        || bare.turn(&mut line, 1),
        || {
            let mut started = FloorCrowd::start(STARTS, ECHO)?;
            started.turns(1)?;
            crowd = Some(started);
            Ok(())
        },
    )?;
    crowd.map_or(Ok(()), FloorCrowd::end)?;
    bare.end()?;
    Ok(round)
}

fn engine(bench: Bench, hot: &mut Series) -> Outcome<Round> {
    bench.echo("hot")?;
    let round = beside_hot(
        hot,
        || bench.echo("hot"),
        || {
            let names = (0..STARTS).map(|number| format!("cold-{number}"));
            let turns = names.map(|name| bench.send(&name, ECHO));
            let turns: Vec<_> = turns.collect::<Outcome<_>>()?;
            turns
                .into_iter()
                .try_for_each(|turn| finish(turn).map(drop))
        },
    )?;
    bench.close()?;
    Ok(round)
}

/// Starts all while another thread takes one hot turn after the other.
fn beside_hot(
    hot: &mut Series,
    mut hot_turn: impl FnMut() -> Outcome + Send,
    start_all: impl FnOnce() -> Outcome,
) -> Outcome<Round> {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let hot_thread = scope.spawn(|| {
            let mut latencies = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let start = Instant::now();
                hot_turn().map_err(|error| error.to_string())?;
                latencies.push(microseconds(start.elapsed()));
            }
            Ok::<_, String>(latencies)
        });
        let (start, cpu) = (Instant::now(), cpu_time());
        let started = start_all();
        let (took, cpu) = (start.elapsed(), cpu_time() - cpu);
        over.store(true, Ordering::Relaxed);
        let latencies = hot_thread
            .join()
            .map_err(|_| "the hot session panicked")??;
        hot.push(Round::new(latencies, 0.0));
        started?;
        let cpu = microseconds(cpu) / STARTS as f64;
        Ok(Round::new(vec![microseconds(took)], cpu))
    })
}
