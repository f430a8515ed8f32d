//! Clients that come, prompt, vanish and come back, over agents that crash. At the end nothing is left
//! over, and every turn that was accepted has ended once. `make soak` takes minutes, this one 20 s.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::client::{Client, get, http, post};
use crate::daemon::{Daemon, Stage, lives, until};

/// Fewer sessions than clients: they meet in them.
const SESSIONS: u64 = 24;

/// What a client may cost that has gone: nothing. This is for what allocators keep.
const KEPT_BYTES: u64 = 48 << 20;

fn number(variable: &str, default: u64) -> u64 {
    let text = std::env::var(variable).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// What one client draws, the same in each run.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        // Knuth's constants; the high bits are the good ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn prompt(dice: &mut Dice) -> &'static str {
    let prompts = [
        "hello",
        "!stream 20 5",
        "!delta 20 2",
        "!tool Bash {\"command\":\"true\"}\n!text on",
        "!text begun\n!sleep 100\n!text done",
        "!flood 500 200",
        "!die 3",
        "!text begun\n!signal KILL",
        "!half",
        "!status 500",
        "!stderr-line 10 noise",
    ];
    prompts[dice.throw(prompts.len() as u64) as usize]
}

#[derive(Default)]
struct Seen {
    requests: AtomicU64,
    ends: AtomicU64,
    vanished: AtomicU64,
}

/// One life of a client: some turns, whose ends are counted, and a way to go.
fn life(daemon: &Daemon, stage: &Stage, dice: &mut Dice, seen: &Seen) {
    let mut client = match dice.throw(2) {
        0 => Client::new(daemon),
        _ => Client::v1(daemon),
    };
    let session = format!("s{}", dice.throw(SESSIONS));
    if dice.throw(4) == 0 {
        client.send(&json!({"type": "subscribe", "session_id": session, "after": 0}));
    }
    let turns = 1 + dice.throw(4);
    for id in 1..=turns {
        let detach = if dice.throw(3) == 0 {
            "detach"
        } else {
            "cancel"
        };
        client.send(&json!({
            "type": "execute", "session_id": session, "prompt": prompt(dice), "request_id": id,
            "work_dir": stage.work(), "on_disconnect": detach, "approvals": "deny",
        }));
    }
    match dice.throw(12) {
        0 => client.send(&json!({"type": "stop", "session_id": session, "request_id": 1000})),
        1 => client.send(&json!({"type": "interrupt", "session_id": session, "request_id": 1001})),
        _ => {}
    }
    if dice.throw(3) == 0 {
        // In the middle of it all.
        std::thread::sleep(Duration::from_millis(dice.throw(200)));
        seen.vanished.fetch_add(turns, Relaxed);
        return;
    }
    let mut ends: HashMap<u64, u64> = HashMap::new();
    while ends.len() < turns as usize {
        let frame = client.next().expect("the daemon stays");
        count(&frame, &mut ends, turns);
    }
    // None has a second end.
    while let Some(frame) = client.next_within(Duration::from_millis(20)) {
        count(&frame, &mut ends, turns);
    }
    assert!(ends.values().all(|count| *count == 1), "{ends:?}");
    seen.requests.fetch_add(turns, Relaxed);
    seen.ends.fetch_add(ends.values().sum(), Relaxed);
}

fn count(frame: &Value, ends: &mut HashMap<u64, u64>, turns: u64) {
    let is_end = ["completed", "error", "stopped"]
        .iter()
        .any(|end| frame["event"] == *end);
    if let (true, Some(id)) = (
        is_end,
        frame["request_id"].as_u64().filter(|id| *id <= turns),
    ) {
        *ends.entry(id).or_default() += 1;
    }
}

fn descriptors(daemon: &Daemon) -> usize {
    let listed = std::fs::read_dir(format!("/proc/{}/fd", daemon.pid()));
    listed.expect("the daemon's descriptors").count()
}

/// The sum of a counter over its labels.
fn counter(daemon: &Daemon, name: &str) -> u64 {
    let text = http(daemon, "GET", "/metrics", "", None).body;
    let lines = text.lines().filter(|line| {
        line.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with(['{', ' ']))
    });
    let values = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok());
    values.sum()
}

fn stop_all(daemon: &Daemon) {
    let list = get(daemon, "/api/v1/sessions").json();
    for session in list["sessions"].as_array().into_iter().flatten() {
        let name = session["session_id"].as_str().expect("a name");
        post(daemon, &format!("/api/v1/sessions/{name}/stop"), &json!({}));
    }
}

#[test]
fn nothing_is_left_over_and_every_turn_ends_once() {
    let seconds = number("HOTPLEXD_SOAK_SECONDS", 20);
    let clients = number("HOTPLEXD_SOAK_CLIENTS", 40);
    let stage = Stage::new("soak");
    let mut daemon = stage.serve(&["--no-token", "--log-level", "error"], &json!({}));
    // What is made once is made before it is counted.
    let mut dice = Dice(7);
    for _ in 0..5 {
        life(&daemon, &stage, &mut dice, &Seen::default());
    }
    stop_all(&daemon);
    let (before, memory) = (descriptors(&daemon), daemon.resident());

    let seen = Seen::default();
    let over = Instant::now() + Duration::from_secs(seconds);
    std::thread::scope(|scope| {
        for number in 0..clients {
            let (daemon, stage, seen) = (&daemon, &stage, &seen);
            scope.spawn(move || {
                let mut dice = Dice(number + 1);
                while Instant::now() < over {
                    life(daemon, stage, &mut dice, seen);
                }
            });
        }
    });
    let (requests, ends) = (seen.requests.load(Relaxed), seen.ends.load(Relaxed));
    assert!(
        requests > clients && requests == ends,
        "{requests} requests, {ends} ends"
    );
    assert!(seen.vanished.load(Relaxed) > 0);

    until("turns without a client end too", || {
        counter(&daemon, "hotplex_turns_begun_total") == counter(&daemon, "hotplex_turns_total")
    });
    let list = get(&daemon, "/api/v1/sessions").json();
    let sessions = list["sessions"].as_array().expect("a list");
    let agents: Vec<u64> = sessions
        .iter()
        .filter_map(|one| one["pid"].as_u64())
        .collect();
    stop_all(&daemon);
    for agent in agents {
        until("its agent has ended", || !lives(agent));
    }
    until("no connection is left but the one that asks", || {
        get(&daemon, "/metrics")
            .body
            .contains("hotplex_connections 1\n")
    });
    until("no descriptor is left", || {
        descriptors(&daemon) <= before + 2
    });
    let grown = daemon.resident().saturating_sub(memory);
    assert!(grown < KEPT_BYTES, "{grown} bytes");
    daemon.signal(Signal::TERM);
    assert!(daemon.ended().success());
}
