//! 500 sessions at once, 50 turns each.

use std::thread;
use std::time::Instant;

use crate::Outcome;
use crate::agent::ECHO;
use crate::engine::{Bench, finish};
use crate::floor_crowd::FloorCrowd;
use crate::host::cpu_time;
use crate::report::{Bar, show};
use crate::series::{Pair, Round, Series, microseconds};

pub(crate) const SESSIONS: usize = 500;
const TURNS: usize = 50;
const ROUNDS: usize = 5;

pub(crate) fn measure() -> Outcome {
    let (mut bare, bench) = (FloorCrowd::start(SESSIONS, ECHO)?, Bench::open()?);
    bare.turns(1)?;
    in_order(&bench, 1)?;
    let pair = Pair::measure(
        ROUNDS,
        || all(|| bare.turns(TURNS)),
        || all(|| in_order(&bench, TURNS)),
    )?;
    let bar = Bar::at_least(1.0 / pair.ratio(Round::p50), "x", 0.5);
    show_crowd("500 sessions at once, one caller thread", &pair, Some(bar));
    let pair = Pair::measure(
        ROUNDS,
        || all(|| bare.turns(TURNS)),
        || all(|| each_its_thread(&bench)),
    )?;
    // No bar: what is measured here is mostly the host's own 500 threads taking turns.
    show_crowd("500 sessions at once, 500 caller threads", &pair, None);
    bench.close()?;
    bare.end()
}

fn all(work: impl FnOnce() -> Outcome) -> Outcome<Round> {
    let (start, cpu) = (Instant::now(), cpu_time());
    work()?;
    let turns = (SESSIONS * TURNS) as f64;
    let cpu = microseconds(cpu_time() - cpu) / turns;
    Ok(Round::new(vec![microseconds(start.elapsed()) / turns], cpu))
}

/// One thread that always has a turn of every session under way.
pub(crate) fn in_order(bench: &Bench, turns: usize) -> Outcome {
    let names: Vec<String> = (0..SESSIONS)
        .map(|number| format!("crowd-{number}"))
        .collect();
    let mut under_way = Vec::with_capacity(SESSIONS);
    for name in &names {
        under_way.push(bench.send(name, ECHO)?);
    }
    for _ in 1..turns {
        for (turn, name) in under_way.iter_mut().zip(&names) {
            while turn.recv().is_some() {}
            *turn = bench.send(name, ECHO)?;
        }
    }
    under_way
        .into_iter()
        .try_for_each(|turn| finish(turn).map(drop))
}

fn each_its_thread(bench: &Bench) -> Outcome {
    let caller = |number: usize| {
        let session = format!("crowd-{number}");
        (0..TURNS).try_for_each(|_| bench.echo(&session).map_err(|error| error.to_string()))
    };
    thread::scope(|scope| {
        let callers: Vec<_> = (0..SESSIONS)
            .map(|number| scope.spawn(move || caller(number)))
            .collect();
        for caller in callers {
            caller.join().map_err(|_| "a caller panicked")??;
        }
        Ok(())
    })
}

fn show_crowd(name: &str, pair: &Pair, bar: Option<Bar>) {
    let side = |series: &Series| {
        let (a_turn, cpu) = (series.median(Round::p50), series.median(Round::cpu));
        format!("{:.0} turns/s, CPU {cpu:.1} us a turn", 1e6 / a_turn)
    };
    show(name, &side(&pair.engine), &side(&pair.floor), bar);
}
