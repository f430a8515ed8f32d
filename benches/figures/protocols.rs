//! A hot turn over each protocol beside the same over Claude Code's, which is the floor here: what a
//! protocol's own words cost. Without a bar: the stand-in's own share differs between the protocols
//! and is in both figures.

use crate::Outcome;
use crate::engine::Bench;
use crate::host;
use crate::report::show;
use crate::series::{Pair, Round, Series};

const ROUNDS: usize = 9;
const TURNS: usize = 300;

pub(crate) fn measure() -> Outcome {
    host::pin_to_one_core()?;
    for name in ["acp", "codex"] {
        let claude = Bench::open()?;
        let other =
            Bench::open_with(|options| options.provider(name).program_args(["--speak", name]))?;
        let floor = || Round::of(TURNS, || claude.echo("hot"));
        let engine = || Round::of(TURNS, || other.echo("hot"));
        // The first round of each warms up.
        floor()?;
        engine()?;
        let pair = Pair::measure(ROUNDS, floor, engine)?;
        let side = |series: &Series| format!("p50 {:.1} us", series.median(Round::p50));
        let title = format!("hot echo turn over {name}, beside Claude Code's protocol");
        show(&title, &side(&pair.engine), &side(&pair.floor), None);
        claude.close()?;
        other.close()?;
    }
    Ok(())
}
