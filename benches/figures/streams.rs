//! Many messages in one turn: what reading, decoding and handing over a message costs.

use std::time::Instant;

use crate::Outcome;
use crate::agent::flood;
use crate::bare::{Bare, UserLine};
use crate::engine::Bench;
use crate::host::{cpu_time, pin_to_one_core};
use crate::report::{Bar, show};
use crate::series::{Pair, Round, Series, microseconds};

const ROUNDS: usize = 5;

/// Texts of 200 bytes; the lines have about 564.
pub(crate) fn measure_small() -> Outcome {
    let pair = streams(200_000, 200)?;
    let bar = Bar::at_most(pair.engine.median(Round::cpu), " us", 1.6).then(1.0);
    show_streams("CPU of a message of 200 bytes, one core", &pair, bar);
    Ok(())
}

pub(crate) fn measure_large() -> Outcome {
    let pair = streams(2_000, 64 * 1024)?;
    let bar = Bar::at_most(pair.engine.median(Round::cpu), " us", 60.0).then(40.0);
    show_streams("CPU of a message of 64 KiB, one core", &pair, bar);
    Ok(())
}

fn streams(messages: usize, bytes: usize) -> Outcome<Pair> {
    pin_to_one_core()?;
    let (mut bare, bench, prompt) = (Bare::start()?, Bench::open()?, flood(messages, bytes));
    let mut line = UserLine::new(&prompt);
    // A short flood first: it moves the agent's reading to a thread of its own.
    bare.turn(&mut UserLine::new(&flood(10, bytes)), 10)?;
    bench.turn("stream", &flood(10, bytes))?;
    let pair = Pair::measure(
        ROUNDS,
        || per_message(messages, || bare.turn(&mut line, messages)),
        || {
            per_message(messages, || match bench.turn("stream", &prompt)? {
                answers if answers == messages => Ok(()),
                answers => Err(format!("{answers} of {messages} messages came").into()),
            })
        },
    )?;
    bench.close()?;
    bare.end()?;
    Ok(pair)
}

pub(crate) fn per_message(messages: usize, work: impl FnOnce() -> Outcome) -> Outcome<Round> {
    let (start, cpu) = (Instant::now(), cpu_time());
    work()?;
    let each = |total: f64| total / messages as f64;
    let cpu = each(microseconds(cpu_time() - cpu));
    Ok(Round::new(vec![each(microseconds(start.elapsed()))], cpu))
}

fn show_streams(name: &str, pair: &Pair, bar: Bar) {
    let side = |series: &Series| {
        let (median, least) = (series.median(Round::cpu), series.least(Round::cpu));
        let wall = series.median(Round::p50);
        format!("{median:.2} us, min {least:.2} ({wall:.2} us by the clock, agent included)")
    };
    show(name, &side(&pair.engine), &side(&pair.floor), Some(bar));
}
