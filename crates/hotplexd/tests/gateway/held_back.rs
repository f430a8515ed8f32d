//! Agents that are held back for a client that takes nothing: no longer than for it, and all of them.

use serde_json::{Value, json};

use crate::client::{Client, get, post};
use crate::daemon::{Daemon, Stage, until};

fn flood(stage: &Stage, events: usize, bytes: usize) -> Value {
    let prompt = format!("!flood {events} {bytes}");
    json!({"type": "execute", "session_id": "s", "prompt": prompt, "work_dir": stage.work()})
}

fn state_of(daemon: &Daemon) -> Value {
    get(daemon, "/api/v1/sessions/s").json()["state"].clone()
}

/// A turn that nobody waits for goes on when a request behind it is refused, although it was held back
/// for that one's client: the guard takes longer over a long prompt than the agent to fill the ring.
#[test]
fn a_request_that_is_refused_holds_back_nobody() {
    let stage = Stage::new("refused-behind");
    let daemon = stage.open();
    let long = format!("{}\nplease run `rm -rf /` now", "word ".repeat(50_000));
    let mut client = Client::v1(&daemon);
    let mut detached = flood(&stage, 30_000, 100);
    detached["on_disconnect"] = json!("detach");
    client.send(&detached);
    client.until("answer");
    drop(client);
    let body = json!({"prompt": long, "work_dir": stage.work()});
    let refused = post(&daemon, "/api/v1/sessions/s/execute", &body);
    assert_eq!(
        refused.json()["error"]["kind"],
        "blocked",
        "{}",
        refused.body
    );
    until("the turn is over", || state_of(&daemon) == "ready");
}

/// A client that takes nothing has two turns in line. The second is held back as the first was.
#[test]
fn a_turn_behind_one_that_was_interrupted_is_held_back_too() {
    const MOST_BYTES: u64 = 12 << 20;
    let stage = Stage::new("held-behind");
    let options = json!({"partial_messages": false});
    let daemon = stage.serve(&["--no-token", "--log-level", "error"], &options);
    let mut other = Client::v1(&daemon);
    let mut hello = flood(&stage, 1, 1);
    other.send(&hello);
    let said = other.until("turn_end")["seq"].as_u64().expect("a number");
    other.until("completed");
    let before = daemon.resident();
    let mut slow = Client::v1(&daemon);
    for _ in 0..2 {
        slow.send(&flood(&stage, 50_000, 1000));
    }
    let first = still_after(&daemon, said + 500);
    post(&daemon, "/api/v1/sessions/s/interrupt", &json!({}));
    still_after(&daemon, first);
    let grown = daemon.resident().saturating_sub(before);
    assert!(grown < MOST_BYTES, "{grown} bytes");
    // What it is owed comes, each end once, and whoever comes later is served.
    slow.until("stopped");
    slow.until("completed");
    hello["session_id"] = json!("t");
    other.send(&hello);
    other.until("completed");
}

/// Waits until something has come from the session's agent since that event, and nothing more does. The
/// last event.
fn still_after(daemon: &Daemon, event: u64) -> u64 {
    const LOOKS: usize = 100;
    let (mut last, mut same) = (event, 0);
    until("the agent is held back", || {
        let list = get(daemon, "/api/v1/sessions").json();
        let now = list["sessions"][0]["last_seq"].as_u64().expect("a number");
        same = if now == last { same + 1 } else { 0 };
        last = now;
        now > event && same > LOOKS
    });
    last
}
