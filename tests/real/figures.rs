//! What the pool saves, on the real program.

use std::time::{Duration, Instant};

use hotplex::{Engine, WarmUp};

use crate::common;
use crate::common::skipped::say;
use crate::site::Site;

pub(crate) fn cold_prewarmed_and_hot(site: &Site) {
    let engine = site.engine();
    let cold = time(site, &engine, "cold");
    let mut hot: Vec<Duration> = (0..20).map(|_| time(site, &engine, "cold")).collect();
    hot.sort();
    let hot_processes = engine.info().expect("figures").spawned;
    let memory = memory_of(&site.stage.living()) / 1024;
    let warm_up = WarmUp::new(site.stage.work_dir());
    engine.prewarm(&warm_up, 1).expect("a spare");
    let ready = || engine.info().is_ok_and(|info| info.ready_spares == 1);
    assert!(common::until(common::PATIENCE, ready), "the spare is ready");
    let prewarmed = time(site, &engine, "new");
    assert_eq!(engine.info().expect("figures").spare_hits, 1);
    let [cold_ms, prewarmed_ms, least, median, most] =
        [cold, prewarmed, hot[0], hot[10], hot[19]].map(|time| time.as_millis());
    say(&format!(
        "{} {}: cold {cold_ms} ms, first turn of a prewarmed session {prewarmed_ms} ms, \
         hot {median} ms ({least} to {most}), memory of a session {memory} MB\n",
        site.release.provider, site.release.version,
    ));
    assert_eq!(hot_processes, 1, "hot turns have no process of their own");
}

/// What the processes would free by their end, in KB: memory that they share is divided among those who
/// share it.
fn memory_of(processes: &[u32]) -> u64 {
    let of = |pid: &u32| {
        let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    processes.iter().filter_map(of).sum()
}

fn time(site: &Site, engine: &Engine, session: &str) -> Duration {
    let began = Instant::now();
    site.ask(engine, session, "MODEL:text tick", "tick");
    began.elapsed()
}
