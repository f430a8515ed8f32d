//! A turn at work while thousands wait for a process. A loop that looked through those that wait at every
//! word of an agent would answer nobody else.

use std::time::{Duration, Instant};

use crate::Outcome;
use crate::agent::{ECHO, flood};
use crate::engine::{Bench, finish};
use crate::report::{Bar, show};
use crate::series::{Pair, Round};

const ROUNDS: usize = 5;
const MESSAGES: usize = 200_000;
const CROWD: usize = 3_000;

pub(crate) fn measure() -> Outcome {
    let pair = Pair::measure(ROUNDS, || drain(0), || drain(CROWD))?;
    let milliseconds = |us: f64| format!("p50 {:.1} ms", us / 1000.0);
    let engine = milliseconds(pair.engine.median(Round::p50));
    let floor = milliseconds(pair.floor.median(Round::p50));
    let bar = Bar::at_most(pair.ratio(Round::p50), "x", 1.5);
    let name = "200 000 messages of a turn while 3000 sessions wait";
    show(name, &engine, &floor, Some(bar));
    Ok(())
}

/// Takes all that a turn says, which is stalled until the others have queued up behind it.
fn drain(waiting: usize) -> Outcome<Round> {
    let bench = Bench::open_with(|options| options.max_processes(1).queue_turns(CROWD))?;
    let mut busy = Some(bench.send("busy", &flood(MESSAGES, 100))?);
    let crowd = (0..waiting).map(|number| bench.send(&format!("waiting-{number}"), ECHO));
    let crowd = crowd.collect::<Outcome<Vec<_>>>()?;
    await_flood(&bench)?;
    let round = Round::of(1, || match busy.take().map(finish) {
        Some(Ok(MESSAGES)) => Ok(()),
        other => Err(format!("the turn said {other:?}").into()),
    })?;
    bench.engine.close(Duration::ZERO)?;
    drop(crowd);
    Ok(round)
}

/// Until the turn has said as much as it may before it is read.
fn await_flood(bench: &Bench) -> Outcome {
    let until = Instant::now() + Duration::from_secs(20);
    let mut before = 0;
    loop {
        std::thread::sleep(Duration::from_millis(50));
        let sessions = bench.engine.sessions()?;
        let buffered = sessions.iter().map(|it| it.buffered_bytes).sum();
        if buffered > 0 && buffered == before {
            return Ok(());
        }
        if Instant::now() > until {
            return Err("the flood did not come to rest in 20 s".into());
        }
        before = buffered;
    }
}
