//! How a figure is taken and shown.

use std::fs;
use std::time::{Duration, Instant};

use hotplex::{Engine, EngineOptions, Request};
use serde_json::{Value, json};

use crate::client::Client;
use crate::daemon::{Daemon, Stage};

/// One row: what it is, of the daemon, of the floor, and the bar that the daemon must not pass.
pub(crate) fn show(name: &str, value: f64, floor: f64, unit: &str, bar: f64) {
    let verdict = if value <= bar { "passed" } else { "MISSED" };
    println!("| {name} | {value:.1} {unit} | {floor:.1} {unit} | {bar:.1} {unit} | {verdict} |");
}

pub(crate) fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

pub(crate) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

pub(crate) fn timed(work: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    work();
    begin.elapsed()
}

/// Time that the threads of a process have had on a core. To the nanosecond: its clock counts in
/// hundredths of a second.
pub(crate) fn cpu_of(pid: u32) -> Duration {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).expect("its threads");
    let times = threads.flatten().filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(times.sum())
}

pub(crate) fn execute(stage: &Stage, session: &str, prompt: &str) -> Value {
    json!({"type": "execute", "session_id": session, "prompt": prompt, "work_dir": stage.work()})
}

pub(crate) fn turn(client: &mut Client, request: &Value) {
    client.send(request);
    client.until("completed");
}

pub(crate) fn daemon(stage: &Stage) -> Daemon {
    let options = json!({"partial_messages": false, "max_processes": 120});
    stage.serve(&["--no-token", "--log-level", "error"], &options)
}

/// The same engine without a daemon around it.
pub(crate) fn engine(stage: &Stage) -> Engine {
    let mut options: Value = serde_json::from_str(&stage.engine(&json!({}))).expect("options");
    options["state_dir"] = json!(stage.root.join("floor"));
    options["partial_messages"] = json!(false);
    let options = EngineOptions::from_json(&options.to_string()).expect("options");
    options.open().expect("an engine")
}

pub(crate) fn alone(engine: &Engine, stage: &Stage, prompt: &str) {
    let turn = engine.execute(Request::new("s", stage.work(), prompt));
    turn.expect("it is accepted").wait();
}
