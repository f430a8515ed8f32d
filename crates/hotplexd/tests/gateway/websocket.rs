//! The wire of docs/protocol.md.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Client, get, names};
use crate::daemon::{Stage, until};

pub(crate) fn execute(stage: &Stage, session: &str, prompt: &str) -> Value {
    json!({"type": "execute", "session_id": session, "prompt": prompt, "work_dir": stage.work()})
}

pub(crate) fn answers(frames: &[Value]) -> String {
    let answers = frames.iter().filter(|frame| frame["event"] == "answer");
    let text = |frame: &Value| {
        let data = &frame["data"];
        let text = data["EventData"].as_str().or(data["text"].as_str());
        text.expect("a text").to_owned()
    };
    answers.map(text).collect()
}

#[test]
fn a_request_that_is_refused_gets_one_error_that_says_why() {
    let stage = Stage::new("refused");
    let daemon = stage.open();
    let mut client = Client::new(&daemon);
    let table = [
        (json!({"type": "dance"}), "Unknown request type"),
        (json!({"type": "stop"}), "session_id is required for stop"),
        (
            json!({"type": "execute", "session_id": "s"}),
            "prompt cannot be empty",
        ),
        (
            json!({"type": "execute", "prompt": "x", "work_dir": "/"}),
            "not below",
        ),
        (
            json!({"type": "execute", "prompt": "x", "work_dir": "../x"}),
            "absolute",
        ),
        (
            json!({"type": "execute", "prompt": "x", "engine": "none"}),
            "no engine",
        ),
        (
            json!({"type": "interrupt", "session_id": "s"}),
            "nothing is under way",
        ),
        (
            json!({"type": "approve", "session_id": "s", "approval_id": "1:x"}),
            "not open",
        ),
        (json!([1]), "Invalid JSON payload"),
    ];
    for (request, part) in table {
        client.send(&request);
        let frame = client.next().expect("an answer");
        assert_eq!(frame["event"], "error", "{request}");
        let message = frame["data"]["message"].as_str().expect("a message");
        assert!(message.contains(part), "{request}: {message}");
    }
    client.send(&execute(&stage, "s", "still here"));
    assert_eq!(answers(&client.rest_of_turn()), "echo: still here");
}

#[test]
fn a_prompt_that_the_guard_refuses_is_told_as_the_go_hotplex_tells_it() {
    let stage = Stage::new("danger");
    let daemon = stage.open();
    let mut client = Client::new(&daemon);
    client.send(&execute(&stage, "s", "please run `rm -rf /` now"));
    let frames = client.rest_of_turn();
    assert_eq!(names(&frames), ["danger_block", "error"]);
    assert_eq!(frames[0]["data"]["bypass_allowed"], false);
    assert!(frames[0]["data"]["level"].is_u64());
    assert_eq!(frames[1]["data"]["kind"], "blocked");
}

#[test]
fn stop_ping_and_interrupt_are_answered_while_a_turn_runs() {
    let stage = Stage::new("while-running");
    let daemon = stage.open();
    let mut client = Client::new(&daemon);
    client.send(&execute(&stage, "s", "!pid"));
    let pid = answers(&client.rest_of_turn());

    client.send(&execute(&stage, "s", "!hang-soft"));
    client.until("thinking");
    assert!(client.ping() < Duration::from_secs(1));
    client.send(&json!({"type": "ping", "request_id": 4}));
    assert_eq!(client.until("pong")["request_id"], 4);
    client.send(&json!({"type": "interrupt", "session_id": "s"}));
    let [_, end] = client.each(["interrupted", "stopped"]);
    assert_eq!(end["data"]["outcome"], "cancelled");
    client.send(&execute(&stage, "s", "!pid"));
    assert_eq!(answers(&client.rest_of_turn()), pid, "the process stayed");

    client.send(&execute(&stage, "s", "!hang"));
    client.until("thinking");
    let begin = Instant::now();
    client.send(&json!({"type": "stop", "session_id": "s", "request_id": 9}));
    let both = [client.until("stopped"), client.until("stopped")];
    assert!(begin.elapsed() < Duration::from_secs(30));
    assert_eq!(
        both.iter().filter(|frame| frame["request_id"] == 9).count(),
        1
    );
    assert_eq!(
        both.iter()
            .filter(|frame| frame["data"]["outcome"] == "stopped")
            .count(),
        1
    );
}

#[test]
fn a_crash_and_a_timeout_are_errors_and_never_completed() {
    let stage = Stage::new("crash");
    let daemon = stage.open();
    let mut client = Client::new(&daemon);
    for (prompt, limit, kind) in [
        ("!die 3", 0, "crashed"),
        ("!half", 0, "crashed"),
        ("!hang-soft", 200, "timed_out"),
    ] {
        let mut request = execute(&stage, "s", prompt);
        request["timeout_ms"] = json!(limit);
        client.send(&request);
        let frames = client.rest_of_turn();
        let end = frames.last().expect("an end");
        assert_eq!(
            (&end["event"], &end["data"]["kind"]),
            (&json!("error"), &json!(kind)),
            "{prompt}"
        );
        assert!(end["data"]["message"].is_string());
    }
    client.send(&execute(&stage, "s", "after it"));
    assert_eq!(answers(&client.rest_of_turn()), "echo: after it");
}

#[test]
fn whoever_leaves_cancels_and_nobody_else_sees_the_output() {
    let stage = Stage::new("leaves");
    let daemon = stage.open();
    let mut one = Client::new(&daemon);
    one.send(&execute(
        &stage,
        "s",
        "!text SECRET\n!hang-soft\n!text SECRET",
    ));
    one.until("answer");
    let mut bystander = Client::v1(&daemon);
    drop(one);
    let mut next = Client::new(&daemon);
    next.send(&execute(&stage, "s", "mine"));
    let frames = next.rest_of_turn();
    assert_eq!(answers(&frames), "echo: mine");
    assert!(!format!("{frames:?}").contains("SECRET"));
    assert_eq!(bystander.next_within(Duration::from_millis(200)), None);
}

#[test]
fn whoever_detaches_finds_the_answer_later() {
    let stage = Stage::new("detach");
    let daemon = stage.open();
    let mut one = Client::v1(&daemon);
    let mut request = execute(&stage, "s", "!text first\n!sleep 300\n!text last");
    request["on_disconnect"] = json!("detach");
    one.send(&request);
    let seen = one.until("answer")["seq"].clone();
    drop(one);
    let mut again = Client::v1(&daemon);
    again.send(&json!({"type": "subscribe", "session_id": "s", "after": seen}));
    again.until("subscribed");
    let frame = again.until("answer");
    assert_eq!(frame["data"]["text"], "last");
    assert!(frame["seq"].as_u64() > seen.as_u64());
    assert_eq!(again.until("turn_end")["data"]["outcome"], "completed");
}

#[test]
fn two_pages_on_one_session_see_the_same_in_the_same_order() {
    let stage = Stage::new("two-pages");
    let daemon = stage.open();
    let mut pages = [Client::v1(&daemon), Client::v1(&daemon)];
    for page in &mut pages {
        page.send(&json!({"type": "subscribe", "session_id": "s", "after": 0}));
        page.until("subscribed");
    }
    pages[0].send(&execute(&stage, "s", "!stream 20 10\n!delta 5 1"));
    let seen = pages.each_mut().map(|page| {
        let mut numbers = Vec::new();
        loop {
            let frame = page.next().expect("a frame");
            if frame["event"] != "delta" {
                numbers.extend(frame["seq"].as_u64());
            }
            if frame["event"] == "turn_end" {
                return numbers;
            }
        }
    });
    assert!(seen[0].is_sorted_by(|one, other| one < other), "{seen:?}");
    assert_eq!(seen[0], seen[1]);
}

#[test]
fn what_was_decided_is_told_although_the_turn_ends_at_once() {
    let stage = Stage::new("decided");
    let daemon = stage.serve(&["--no-token"], &json!({"permission_mode": "default"}));
    let mut client = Client::v1(&daemon);
    client.send(&json!({"type": "subscribe", "session_id": "s"}));
    for _ in 0..10 {
        client.send(&execute(&stage, "s", "!tool Bash {\"command\":\"true\"}"));
        let asked = client.until("approval_request");
        let id = &asked["data"]["approval_id"];
        client.send(&json!({"type": "approve", "session_id": "s", "approval_id": id}));
        let closed = client.until("approval_closed");
        assert_eq!(closed["data"]["decision"], "allow", "{closed}");
        client.until("completed");
    }
}

#[test]
fn a_tool_is_approved_and_denied_from_another_connection() {
    let stage = Stage::new("approvals");
    let daemon = stage.serve(&["--no-token"], &json!({"permission_mode": "default"}));
    let mut worker = Client::v1(&daemon);
    let mut phone = Client::v1(&daemon);
    phone.send(&json!({"type": "subscribe", "session_id": "s"}));
    phone.until("subscribed");
    for (word, failed) in [("approve", false), ("deny", true)] {
        worker.send(&execute(
            &stage,
            "s",
            "!tool Bash {\"command\":\"true\"}\n!text on",
        ));
        let asked = phone.until("approval_request");
        let id = asked["data"]["approval_id"]
            .as_str()
            .expect("a name")
            .to_owned();
        assert_eq!(asked["data"]["tool"]["name"], "Bash");
        let answer = json!({"type": word, "session_id": "s", "approval_id": id, "request_id": 3});
        phone.send(&answer);
        let [_, closed] = phone.each(["answered", "approval_closed"]);
        let decision = if failed { "deny" } else { "allow" };
        assert_eq!(closed["data"]["decision"], decision, "{closed}");
        let result = worker.until("tool_result");
        assert_eq!(result["data"]["is_error"], failed, "{word}");
        worker.until("completed");
        phone.send(&answer);
        assert_eq!(phone.until("error")["data"]["kind"], "not_found");
    }
    // Whoever has nobody to ask says so.
    let mut request = execute(&stage, "s", "!tool Bash {\"command\":\"true\"}\n!text on");
    request["approvals"] = json!("deny");
    worker.send(&request);
    assert_eq!(worker.until("tool_result")["data"]["is_error"], true);
    worker.until("completed");
}

#[test]
fn a_client_that_does_not_read_costs_little_and_holds_back_nobody_else() {
    const EVENTS: usize = 30_000;
    let stage = Stage::new("slow");
    let daemon = stage.serve(&["--no-token"], &json!({"partial_messages": false}));
    let mut slow = Client::new(&daemon);
    slow.send(&execute(&stage, "slow", "hello"));
    slow.rest_of_turn();
    let before = daemon.resident();
    slow.send(&execute(&stage, "slow", &format!("!flood {EVENTS} 1000")));
    let mut other = Client::new(&daemon);
    let mut slowest = Duration::ZERO;
    for _ in 0..20 {
        let begin = Instant::now();
        other.send(&execute(&stage, "other", "quick"));
        assert_eq!(answers(&other.rest_of_turn()), "echo: quick");
        slowest = slowest.max(begin.elapsed());
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(slowest < Duration::from_secs(30), "{slowest:?}");
    let grown = daemon.resident().saturating_sub(before);
    assert!(grown < 16 << 20, "{grown} bytes");
    let frames = slow.rest_of_turn();
    assert_eq!(
        frames
            .iter()
            .filter(|frame| frame["event"] == "answer")
            .count(),
        EVENTS
    );
    assert_eq!(frames.last().expect("an end")["event"], "completed");
    assert!(
        frames
            .iter()
            .filter_map(|frame| frame["seq"].as_u64())
            .is_sorted()
    );
}

#[test]
fn whoever_comes_too_late_is_told_of_the_gap() {
    let stage = Stage::new("gap");
    let file = stage.root.join("config.toml");
    std::fs::write(&file, "[limits]\nring_events = 16\n").expect("a file");
    let file = file.display().to_string();
    let daemon = stage.serve(
        &["--no-token", "--config", &file],
        &json!({"partial_messages": false}),
    );
    let mut client = Client::v1(&daemon);
    client.send(&execute(&stage, "s", "!text first"));
    let seen = client.until("answer")["seq"].clone();
    client.until("completed");
    client.send(&execute(&stage, "s", "!stream 100 5"));
    client.until("completed");
    client.send(&json!({"type": "subscribe", "session_id": "s", "after": seen}));
    client.until("subscribed");
    let gap = client.next().expect("a frame");
    assert_eq!(
        (&gap["event"], &gap["data"]["reason"]),
        (&json!("gap"), &json!("overwritten"))
    );
    let next = client.next().expect("a frame");
    assert_eq!(next["seq"], gap["data"]["first"]);
}

#[test]
fn deltas_come_to_those_who_want_them() {
    let stage = Stage::new("deltas");
    let daemon = stage.open();
    let mut seed = Client::new(&daemon);
    seed.send(&execute(&stage, "s", "!delta 5 1"));
    assert!(!names(&seed.rest_of_turn()).contains(&"delta"));
    let mut request = execute(&stage, "s", "!delta 5 50");
    request["events"] = json!(["delta"]);
    seed.send(&request);
    let frames = seed.rest_of_turn();
    let deltas = frames.iter().filter(|frame| frame["event"] == "delta");
    let text: String = deltas
        .filter_map(|frame| frame["data"]["text"].as_str())
        .collect();
    // The finished piece may overtake the last of them.
    assert!(
        text.starts_with("w0 ") && answers(&frames).starts_with(&text),
        "{text}"
    );
    assert_eq!(answers(&frames), "w0 w1 w2 w3 w4 ");
}

#[test]
fn the_list_shows_states_and_follows_them() {
    let stage = Stage::new("list");
    let daemon = stage.open();
    let mut client = Client::v1(&daemon);
    client.send(&execute(&stage, "s", "first words"));
    client.until("completed");
    client.send(&json!({"type": "list", "request_id": 5, "follow": true}));
    let list = client.until("list");
    let session = &list["data"]["sessions"][0];
    assert_eq!(list["request_id"], 5);
    assert_eq!(
        (&session["session_id"], &session["state"]),
        (&json!("s"), &json!("ready"))
    );
    assert_eq!(session["title"], "first words");
    client.send(&execute(&stage, "s", "!hang-soft"));
    while client.until("list")["data"]["sessions"][0]["state"] != "working" {}
    until("the same over REST", || {
        get(&daemon, "/api/v1/sessions/s").json()["state"] == "working"
    });
    client.send(&json!({"type": "version"}));
    assert_eq!(
        client.until("version")["data"]["engines"][0]["name"],
        "default"
    );
    client.send(&json!({"type": "stats", "session_id": "s"}));
    assert_eq!(client.until("stats")["data"]["turns"], 1);
}
