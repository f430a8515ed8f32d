//! Turns: an echo, and one whose client does not read.

use std::time::Duration;

use crate::client::Client;
use crate::daemon::Stage;
use crate::measure::{alone, cpu_of, daemon, engine, execute, median, micros, show, timed, turn};

const ROUNDS: usize = 5;
const TURNS: usize = 400;

/// In rounds, in turns with the floor: on a shared machine the same work takes twice as long a
/// minute later.
pub(crate) fn echo() {
    let stage = Stage::new("bench-turn");
    let daemon = daemon(&stage);
    let engine = engine(&stage);
    let mut client = Client::new(&daemon);
    let request = execute(&stage, "s", "hello");
    for _ in 0..TURNS {
        turn(&mut client, &request);
        alone(&engine, &stage, "hello");
    }
    let (mut times, mut floors) = (Vec::new(), Vec::new());
    let (mut cpu, mut cpu_floors) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let before = cpu_of(daemon.pid());
        let round = (0..TURNS).map(|_| timed(|| turn(&mut client, &request)));
        times.push(median(round.collect()));
        cpu.push((cpu_of(daemon.pid()) - before) / TURNS as u32);
        let before = cpu_of(std::process::id());
        let round = (0..TURNS).map(|_| timed(|| alone(&engine, &stage, "hello")));
        floors.push(median(round.collect()));
        cpu_floors.push((cpu_of(std::process::id()) - before) / TURNS as u32);
    }
    let floor = micros(median(floors));
    show(
        "echo turn over WebSocket, p50",
        micros(median(times)),
        floor,
        "us",
        150.0,
    );
    show(
        "CPU of the daemon for it",
        micros(median(cpu)),
        micros(median(cpu_floors)),
        "us",
        60.0,
    );
    engine.close(Duration::from_secs(1)).expect("it closes");
}

/// 100 MB that a client asked for and does not read, while another one works.
pub(crate) fn unread() {
    let stage = Stage::new("bench-unread");
    let daemon = daemon(&stage);
    let (mut slow, mut other) = (Client::new(&daemon), Client::new(&daemon));
    // The guard makes its tables with the first prompt that looks like a command: 2.6 MB, once.
    turn(&mut slow, &execute(&stage, "slow", "!flood 1 1000"));
    let request = execute(&stage, "other", "hello");
    let round = |other: &mut Client| {
        let times = (0..TURNS).map(|_| timed(|| turn(other, &request)));
        median(times.collect())
    };
    round(&mut other);
    let calm = round(&mut other);
    let before = daemon.resident();
    slow.send(&execute(&stage, "slow", "!flood 100000 1000"));
    std::thread::sleep(Duration::from_secs(2));
    let grown = daemon.resident().saturating_sub(before) as f64 / 1e6;
    show("100 MB unread: memory grows by", grown, 0.0, "MB", 4.0);
    let beside = micros(round(&mut other));
    let calm = micros(calm);
    show("echo turn beside it, p50", beside, calm, "us", 2.0 * calm);
    slow.until("completed");
}
