//! What 500 idle sessions hold: threads and memory.

use std::process::Command;

use crate::Outcome;
use crate::agent::ECHO;
use crate::bare::{Bare, UserLine};
use crate::crowd::{SESSIONS, in_order};
use crate::engine::Bench;
use crate::host;
use crate::report::{Bar, show};

/// Argument that makes this program a bare host, which tells its own growth and ends.
pub(crate) const BARE_HOST: &str = "--bare-host";

/// A host without an engine needs at least somewhere to read to.
const PAGE: usize = 4096;

pub(crate) fn measure() -> Outcome {
    let bench = Bench::open()?;
    // What the first session costs is the engine's and not the session's.
    bench.echo("first")?;
    let before = host::resident_bytes()?;
    in_order(&bench, 1)?;
    let after_one = (host::resident_bytes()? - before) / SESSIONS as f64;
    let threads = host::threads()? - 1;
    in_order(&bench, 50)?;
    let after_many = (host::resident_bytes()? - before) / SESSIONS as f64;
    bench.close()?;

    let own = format!("{threads} and the caller's");
    let bar = Bar::at_most(threads as f64, "", 3.0);
    show("threads with 500 sessions", &own, "the caller's", Some(bar));
    let floor = Command::new(std::env::current_exe()?)
        .arg(BARE_HOST)
        .output()?;
    let floor = format!("{} KB", String::from_utf8(floor.stdout)?.trim());
    let kilobytes = |bytes: f64| format!("{:.1} KB", bytes / 1024.0);
    let bar = |bytes: f64| Some(Bar::at_most(bytes / 1024.0, " KB", 12.0));
    let name = "memory of an idle session after one turn";
    show(name, &kilobytes(after_one), &floor, bar(after_one));
    let name = "memory of an idle session after 50 turns";
    show(name, &kilobytes(after_many), &floor, bar(after_many));
    Ok(())
}

/// The floor, in a process whose memory nobody used before.
pub(crate) fn report_bare() -> Outcome {
    let mut line = UserLine::new(ECHO);
    let mut first = Bare::start()?;
    first.turn(&mut line, 1)?;
    let before = host::resident_bytes()?;
    let mut bares = Vec::new();
    for _ in 0..SESSIONS {
        let mut bare = Bare::start_with_buffer(PAGE)?;
        bare.await_lines(1)?;
        bare.turn(&mut line, 1)?;
        bares.push(bare);
    }
    let each = (host::resident_bytes()? - before) / SESSIONS as f64;
    println!("{:.1}", each / 1024.0);
    bares.push(first);
    bares.into_iter().try_for_each(Bare::end)
}
