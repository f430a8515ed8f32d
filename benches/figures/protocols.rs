//! Each protocol beside Claude Code's, which is the floor here: what a protocol's own words cost the host,
//! a hot turn and a message of 200 bytes. Both sides have the same stand-in agent, whose own time is not
//! the host's.

use crate::Outcome;
use crate::agent::flood;
use crate::engine::Bench;
use crate::host;
use crate::report::{Bar, show};
use crate::series::{Pair, Round, Series};
use crate::streams::per_message;

const ROUNDS: usize = 9;
const TURNS: usize = 300;
const MESSAGES: usize = 20_000;
const BYTES: usize = 200;

/// What a protocol may cost beside Claude Code's lines.
const BAR: f64 = 1.3;

pub(crate) fn measure() -> Outcome {
    host::pin_to_one_core()?;
    for name in ["acp", "codex"] {
        let claude = Bench::open()?;
        let other =
            Bench::open_with(|options| options.provider(name).program_args(["--speak", name]))?;
        let turns = pair(&claude, &other, |bench| {
            Round::of(TURNS, || bench.echo("hot"))
        })?;
        report(&format!("CPU of a hot echo turn over {name}"), &turns);
        let messages = pair(&claude, &other, |bench| {
            let prompt = flood(MESSAGES, BYTES);
            per_message(MESSAGES, || bench.turn("stream", &prompt).map(drop))
        })?;
        report(
            &format!("CPU of a message of 200 bytes over {name}"),
            &messages,
        );
        claude.close()?;
        other.close()?;
    }
    Ok(())
}

/// The same work over Claude Code's protocol, as the floor, and over another.
fn pair(claude: &Bench, other: &Bench, work: impl Fn(&Bench) -> Outcome<Round>) -> Outcome<Pair> {
    // The first round of each warms up.
    work(claude)?;
    work(other)?;
    Pair::measure(ROUNDS, || work(claude), || work(other))
}

fn report(name: &str, pair: &Pair) {
    let side = |series: &Series| {
        let (cpu, wall) = (series.median(Round::cpu), series.median(Round::p50));
        format!("{cpu:.2} us ({wall:.2} us by the clock, agent included)")
    };
    let bar = Bar::at_most(pair.ratio(Round::cpu), "x", BAR);
    show(name, &side(&pair.engine), &side(&pair.floor), Some(bar));
}
