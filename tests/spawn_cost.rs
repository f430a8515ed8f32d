//! A large host starts agents as fast as a small one: nothing of its memory is copied for a start.

mod common;
#[path = "common/processes.rs"]
mod processes;

use std::io::BufRead;
use std::time::{Duration, Instant};

use common::skipped::skip;
use common::{PATIENCE, Stage, await_answer, until};
use processes::{Host, field, say};

const LARGE: usize = 2 << 30;
const SMALL: usize = 1 << 20;

/// Cold starts in each host; the hosts take turns, so that a busy machine slows both.
const STARTS: usize = 40;

/// A fork from 2 GiB took 60 ms on the machine where a whole cold start took 3.
const BAR: f64 = 1.5;

#[test]
fn a_start_from_a_host_of_two_gibibytes_costs_what_a_small_hosts_costs() {
    if available_kilobytes() * 1024 < 2 * LARGE {
        return skip("there is no room for a host of 2 GiB");
    }
    let mut hosts = [LARGE, SMALL].map(|resident| {
        let mut host = Host::start(|| serve_starts(std::io::stdin().lock()));
        host.tell(&resident.to_string());
        assert_eq!(host.hear(), "ready");
        host
    });
    // A machine that others use as well gets three chances.
    let mut ratios = Vec::new();
    let passes = (0..3).any(|_| {
        ratios.push(ratio(&mut hosts));
        ratios.last() <= Some(&BAR)
    });
    assert!(passes, "{ratios:?}");
}

fn ratio([large, small]: &mut [Host; 2]) -> f64 {
    let mut times = [const { Vec::new() }; 2];
    for _ in 0..STARTS {
        times[0].push(one_start(large));
        times[1].push(one_start(small));
    }
    let [large, small] = times.map(median);
    large.as_secs_f64() / small.as_secs_f64()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn one_start(host: &mut Host) -> Duration {
    host.tell("start");
    let nanoseconds = host.hear().parse().expect("a time");
    Duration::from_nanos(nanoseconds)
}

/// The part of the hosts: so many bytes resident as the first line of input says, then a cold start
/// for every line, and how long it took.
fn serve_starts(input: impl BufRead) {
    let mut lines = input.lines().map_while(Result::ok);
    let resident = lines.next().and_then(|line| line.parse().ok());
    let resident = resident.expect("a number of bytes");
    let ballast = vec![1_u8; resident];
    let stage = Stage::new();
    let engine = stage.engine();
    stage.echo(&engine, "first", "hello");
    assert!(
        resident_kilobytes() * 1024 >= resident,
        "{} kB",
        resident_kilobytes()
    );
    say("ready");
    for _ in lines {
        let asked = Instant::now();
        let mut turn = stage.execute(&engine, "a", "hello");
        await_answer(&mut turn, "echo: hello");
        let took = asked.elapsed();
        common::finish(turn).assert_completed();
        engine.stop_session("a", "test").expect("it is there");
        let one_left = || engine.info().is_ok_and(|info| info.live_processes == 1);
        assert!(until(PATIENCE, one_left));
        say(&took.as_nanos().to_string());
    }
    drop(ballast);
}

fn available_kilobytes() -> usize {
    kilobytes("/proc/meminfo", "MemAvailable")
}

fn resident_kilobytes() -> usize {
    kilobytes("/proc/self/status", "VmRSS")
}

fn kilobytes(path: &str, name: &str) -> usize {
    let value = field(path, name);
    let number = value
        .split(' ')
        .next()
        .and_then(|number| number.parse().ok());
    number.expect(name)
}
