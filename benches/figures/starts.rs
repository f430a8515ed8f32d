//! What may make a start dear: a jail around the agent, and a host with much memory. The floor is the
//! engine's own start without it, in turns with the other.

use std::time::{Duration, Instant};

use hotplex::Jail;

use crate::Outcome;
use crate::engine::Bench;
use crate::report::{Bar, show};
use crate::series::{Pair, Round};

const ROUNDS: usize = 8;
const STARTS_A_ROUND: usize = 10;

/// What a host of a database or of a model holds.
const LARGE: usize = 2 << 30;

/// An agent in a jail beside one without: its rules are handed to the kernel between fork and exec.
pub(crate) fn measure_jailed() -> Outcome {
    let free = Bench::open_with(|options| options.jail(Jail::Off))?;
    let jailed = Bench::open_with(|options| options.jail(Jail::Write))?;
    let pair = Pair::measure(ROUNDS, || starts(&free), || starts(&jailed))?;
    // Measured: the rules take a tenth of a millisecond.
    let bar = Bar::at_most(pair.excess(Round::p50) / 1000.0, " ms", 0.5);
    tell("cold start in a jail", &pair, bar);
    free.close()?;
    jailed.close()
}

/// A host with much memory beside a small one: a fork would copy the tables of its pages, which took
/// 60 ms for 2 GiB where a whole start took 3.
pub(crate) fn measure_large_host() -> Outcome {
    let bench = Bench::open()?;
    let pair = Pair::measure(
        ROUNDS,
        || starts(&bench),
        || {
            let ballast = vec![1_u8; LARGE];
            let round = starts(&bench)?;
            std::hint::black_box(ballast);
            Ok(round)
        },
    )?;
    let bar = Bar::at_most(pair.ratio(Round::p50), "x", 1.5);
    tell("cold start from a host of 2 GiB", &pair, bar);
    bench.close()
}

fn tell(name: &str, pair: &Pair, bar: Bar) {
    let milliseconds = |us: f64| format!("p50 {:.2} ms", us / 1000.0);
    let engine = milliseconds(pair.engine.median(Round::p50));
    let floor = milliseconds(pair.floor.median(Round::p50));
    show(name, &engine, &floor, Some(bar));
}

/// A round of sessions of which none has a process; none is left behind.
fn starts(bench: &Bench) -> Outcome<Round> {
    let mut number = 0;
    let round = Round::of(STARTS_A_ROUND, || {
        number += 1;
        bench.echo(&format!("start-{number}"))
    })?;
    end_all(bench)?;
    Ok(round)
}

/// Processes that are still there would take their part of the machine.
fn end_all(bench: &Bench) -> Outcome {
    for session in bench.engine.sessions()? {
        bench.engine.stop_session(&session.session_id, "measured")?;
    }
    let until = Instant::now() + Duration::from_secs(20);
    while bench.engine.info()?.live_processes > 0 {
        if Instant::now() > until {
            return Err("the agents did not end in 20 s".into());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}
