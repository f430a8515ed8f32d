//! The REST interface.

use std::io::{BufRead, BufReader};
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Client, get, http, opened, post};
use crate::daemon::{Stage, until};

fn prompt(stage: &Stage, prompt: &str) -> Value {
    json!({"prompt": prompt, "work_dir": stage.work()})
}

#[test]
fn a_turn_is_executed_and_its_end_is_the_answer() {
    let stage = Stage::new("execute");
    let daemon = stage.open();
    let answer = post(
        &daemon,
        "/api/v1/sessions/s/execute",
        &prompt(&stage, "hello"),
    );
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body = answer.json();
    assert_eq!(
        (&body["outcome"], &body["answer"]),
        (&json!("completed"), &json!("echo: hello"))
    );
    assert_eq!(body["stats"]["is_error"], false);
    let list = get(&daemon, "/api/v1/sessions").json();
    assert_eq!(list["sessions"][0]["session_id"], "s");
    assert_eq!(get(&daemon, "/api/v1/sessions/s/stats").json()["turns"], 1);
    let tree = get(&daemon, "/api/v1/sessions/s/processes").json();
    assert!(tree["process"]["rss_bytes"].as_u64() > Some(0), "{tree}");
    let crashed = post(
        &daemon,
        "/api/v1/sessions/s/execute",
        &prompt(&stage, "!die 3"),
    );
    assert_eq!(
        (crashed.status, crashed.json()["outcome"].as_str()),
        (502, Some("crashed"))
    );
}

#[test]
fn what_makes_no_sense_is_refused_with_its_reason() {
    let stage = Stage::new("nonsense");
    let daemon = stage.open();
    let execute = "/api/v1/sessions/s/execute";
    let table = [
        (
            "POST",
            execute,
            json!({"prompt": "x", "surprise": 1}),
            400,
            "surprise",
        ),
        ("POST", execute, json!({"prompt": 1}), 400, "string"),
        ("POST", execute, json!({}), 400, "prompt"),
        ("POST", execute, json!([]), 400, "object"),
        (
            "POST",
            execute,
            json!({"prompt": " "}),
            400,
            "prompt cannot be empty",
        ),
        (
            "POST",
            execute,
            json!({"prompt": "x", "work_dir": "/etc"}),
            403,
            "not below",
        ),
        (
            "POST",
            execute,
            json!({"prompt": "x", "engine": "none"}),
            403,
            "no engine",
        ),
        (
            "POST",
            execute,
            json!({"prompt": "please run `rm -rf /` now"}),
            403,
            "blocked",
        ),
        (
            "GET",
            "/api/v1/sessions/none",
            Value::Null,
            404,
            "no session",
        ),
        (
            "POST",
            "/api/v1/sessions/none/stop",
            json!({}),
            404,
            "no session",
        ),
        (
            "POST",
            "/api/v1/sessions/none/interrupt",
            json!({}),
            404,
            "nothing is under way",
        ),
        (
            "POST",
            "/api/v1/approvals/1:x",
            json!({"decision": "allow"}),
            404,
            "not open",
        ),
        (
            "GET",
            "/api/v1/sessions/s/events?after=x",
            Value::Null,
            400,
            "",
        ),
        ("GET", "/nowhere", Value::Null, 404, "nothing at this path"),
        ("DELETE", "/health", Value::Null, 405, "no such method"),
    ];
    for (method, path, body, status, part) in table {
        let body = (!body.is_null()).then_some(&body);
        let answer = http(&daemon, method, path, "", body);
        assert_eq!(
            answer.status, status,
            "{method} {path} {body:?}: {}",
            answer.body
        );
        let error = answer.json()["error"].to_string();
        assert!(error.contains(part), "{method} {path} {body:?}: {error}");
    }
}

/// Lines of a stream of events up to the one that begins so.
fn lines_to(reader: &mut impl BufRead, end: &str) -> Vec<String> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        assert!(
            reader.read_line(&mut line).expect("a line") > 0,
            "the stream ended: {lines:?}"
        );
        let line = line.trim_end().to_owned();
        let is_end = line.starts_with(end);
        lines.push(line);
        if is_end {
            return lines;
        }
    }
}

#[test]
fn a_turn_can_be_streamed_and_a_session_followed_from_where_one_was() {
    let stage = Stage::new("stream");
    let daemon = stage.open();
    let mut body = prompt(&stage, "hello");
    body["stream"] = json!(true);
    let answer = post(&daemon, "/api/v1/sessions/s/execute", &body);
    assert!(
        answer
            .head
            .to_ascii_lowercase()
            .contains("text/event-stream"),
        "{}",
        answer.head
    );
    let events: Vec<_> = answer
        .body
        .lines()
        .filter_map(|line| line.strip_prefix("event: "))
        .collect();
    assert!(events.contains(&"answer"), "{events:?}");
    assert_eq!(
        events.iter().filter(|event| **event == "completed").count(),
        1
    );
    assert_eq!(events.last(), Some(&"completed"));

    let history = get(&daemon, "/api/v1/sessions/s/history").json();
    let events = history["events"].as_array().expect("a list");
    let answer = events
        .iter()
        .find(|event| event["event"] == "answer")
        .expect("an answer");
    let seq = answer["seq"].as_u64().expect("a number");
    let request = format!(
        "GET /api/v1/sessions/s/events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: {}\r\n\r\n",
        seq - 1
    );
    let mut reader = BufReader::new(opened(&daemon, &request));
    let lines = lines_to(&mut reader, "event: turn_end");
    assert!(lines.contains(&format!("id: {seq}")), "{lines:?}");
    post(
        &daemon,
        "/api/v1/sessions/s/execute",
        &prompt(&stage, "again"),
    );
    let lines = lines_to(&mut reader, "event: turn_end");
    assert!(
        lines.iter().any(|line| line.contains("echo: again")),
        "{lines:?}"
    );
}

#[test]
fn questions_are_listed_and_answered() {
    let stage = Stage::new("rest-approvals");
    let daemon = stage.serve(&["--no-token"], &json!({"permission_mode": "default"}));
    for (decision, failed) in [("allow", false), ("deny", true)] {
        let body = prompt(&stage, "!tool Bash {\"command\":\"true\"}\n!text on");
        std::thread::scope(|scope| {
            let turn = scope.spawn(|| post(&daemon, "/api/v1/sessions/s/execute", &body));
            let mut open = Value::Null;
            until("a question", || {
                open = get(&daemon, "/api/v1/approvals").json()["approvals"][0].clone();
                !open.is_null()
            });
            assert_eq!(open["session_id"], "s");
            let path = format!(
                "/api/v1/approvals/{}",
                open["approval_id"].as_str().expect("a name")
            );
            let answered = post(&daemon, &path, &json!({"decision": decision}));
            assert_eq!(answered.status, 200, "{}", answered.body);
            assert_eq!(
                turn.join().expect("the turn").json()["outcome"],
                "completed"
            );
        });
        let history = get(&daemon, "/api/v1/sessions/s/history").json();
        let events = history["events"].as_array().expect("a list").iter();
        let mut results = events.filter(|event| event["event"] == "tool_result");
        assert_eq!(
            results.next_back().expect("a result")["data"]["is_error"],
            failed
        );
    }
}

#[test]
fn sessions_are_interrupted_hibernated_and_ended() {
    let stage = Stage::new("manage");
    let daemon = stage.open();
    let mut client = Client::v1(&daemon);
    let begin = |prompt| json!({"type": "execute", "session_id": "s", "prompt": prompt, "work_dir": stage.work()});
    client.send(&begin("!hang-soft"));
    client.until("session_start");
    let busy = post(&daemon, "/api/v1/sessions/s/hibernate", &json!({}));
    assert_eq!(busy.status, 409);
    assert_eq!(
        post(&daemon, "/api/v1/sessions/s/interrupt", &json!({})).status,
        200
    );
    assert_eq!(client.until("stopped")["data"]["outcome"], "cancelled");
    assert_eq!(
        post(&daemon, "/api/v1/sessions/s/hibernate", &json!({})).json()["stopped"],
        true
    );
    until("it has no process", || {
        get(&daemon, "/api/v1/sessions/s").json()["state"] == "ended"
    });
    client.send(&begin("!hang"));
    client.until("session_start");
    assert_eq!(
        post(&daemon, "/api/v1/sessions/s/terminate", &json!({})).status,
        200
    );
    assert_eq!(client.until("stopped")["data"]["outcome"], "stopped");
}

#[test]
fn spares_the_guard_health_and_figures_are_there() {
    let stage = Stage::new("spares");
    let daemon = stage.open();
    let started = post(
        &daemon,
        "/api/v1/spares",
        &json!({"work_dir": stage.work(), "count": 2}),
    );
    assert_eq!(started.status, 200, "{}", started.body);
    until("two spares", || {
        get(&daemon, "/api/v1/spares").json()["spares"]
            .as_array()
            .map(Vec::len)
            == Some(2)
    });
    let check = |text: &str| {
        let body = json!({"kind": "command", "text": text});
        post(&daemon, "/api/v1/guard/check", &body).json()["verdict"].clone()
    };
    assert_eq!(check("ls"), "allow");
    assert_eq!(check("rm -rf /etc"), "block");
    assert_eq!(get(&daemon, "/health").json()["status"], "ok");
    assert_eq!(get(&daemon, "/health/ready").status, 200);
    post(
        &daemon,
        "/api/v1/sessions/s/execute",
        &prompt(&stage, "hello"),
    );
    let figures = get(&daemon, "/metrics").body;
    for line in [
        "hotplex_turns_total{outcome=\"completed\"} 1",
        "hotplex_turns_begun_total{start=\"cold\"} 1",
        "hotplex_first_event_seconds_count 1",
        "hotplex_processes{engine=\"default\"}",
    ] {
        assert!(figures.contains(line), "{line} in {figures}");
    }
}

#[test]
fn whoever_hangs_up_cancels_and_whoever_detaches_does_not() {
    let stage = Stage::new("hang-up");
    let daemon = stage.open();
    for (leave, outcome) in [("cancel", "cancelled"), ("detach", "completed")] {
        let mut body = prompt(&stage, "!sleep 700");
        body["on_disconnect"] = json!(leave);
        let body = body.to_string();
        let request = format!(
            "POST /api/v1/sessions/{leave}/execute HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let connection = opened(&daemon, &request);
        until("it works", || {
            get(&daemon, &format!("/api/v1/sessions/{leave}")).json()["state"] == "working"
        });
        drop(connection);
        let mut end = Value::Null;
        until("its end", || {
            let history = get(&daemon, &format!("/api/v1/sessions/{leave}/history")).json();
            let events = history["events"].as_array().cloned().unwrap_or_default();
            let found = events
                .into_iter()
                .find(|event| event["event"] == "turn_end");
            end = found.unwrap_or_default();
            !end.is_null()
        });
        assert_eq!(end["data"]["outcome"], outcome, "{leave}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The description is committed, so that a change of the interface shows in a review. To write it
/// anew: `hotplexd openapi > docs/openapi.json`.
#[test]
fn the_description_is_the_committed_one() {
    let stage = Stage::new("openapi");
    let daemon = stage.open();
    let served = get(&daemon, "/api/v1/openapi.json").json();
    let committed: Value =
        serde_json::from_str(include_str!("../../../../docs/openapi.json")).expect("JSON");
    assert_eq!(served, committed, "write docs/openapi.json anew");
    assert_eq!(
        served["openapi"].as_str().map(|version| &version[..3]),
        Some("3.1")
    );
}
