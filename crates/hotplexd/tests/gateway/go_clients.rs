//! Clients of the Go hotplex, by what its contract says of them: they know no token, no subprotocol, and
//! nothing of what came later.

use serde_json::json;

use crate::client::{Client, get, names, post};
use crate::daemon::Stage;
use crate::websocket::{answers, execute};

/// What `full_websocket/client.js` of the Go hotplex does: a connection for each step, one session.
#[test]
fn the_full_client_of_the_go_hotplex_runs() {
    let stage = Stage::new("full-client");
    let daemon = stage.serve(&["--no-token", "--allowed-tools", "Bash,Edit"], &json!({}));
    let id = "ws-full-demo-session";
    let mut first = Client::new(&daemon);
    first.send(&execute(
        &stage,
        id,
        "!think hm\n!tool Bash {\"command\":\"true\"}\n!text done",
    ));
    let frames = first.rest_of_turn();
    let expected = [
        "thinking",
        "thinking",
        "tool_use",
        "tool_result",
        "answer",
        "session_stats",
        "completed",
    ];
    assert_eq!(names(&frames), expected);
    assert_eq!(frames[0]["data"]["EventData"], "ai.thinking");
    assert_eq!(frames[2]["data"]["EventData"], "Bash");
    assert_eq!(frames[4]["data"]["EventData"], "done");
    assert_eq!(frames[6]["data"]["session_id"], id);
    first.close();

    let mut second = Client::new(&daemon);
    second.send(&execute(&stage, id, "history"));
    assert!(answers(&second.rest_of_turn()).contains("history: 1"));
    second.close();

    let mut third = Client::new(&daemon);
    third.send(&json!({"type": "stop", "session_id": id, "reason": "demo is over"}));
    assert_eq!(third.until("stopped")["data"]["session_id"], id);
}

/// What `websocket_client/client.js` of the Go hotplex does: no session, `EventData` if it is there.
#[test]
fn the_small_client_of_the_go_hotplex_learns_the_name_of_its_session() {
    let stage = Stage::new("small-client");
    let daemon = stage.open();
    let mut client = Client::new(&daemon);
    client.send(&json!({"type": "execute", "prompt": "hello", "work_dir": stage.work()}));
    let frames = client.rest_of_turn();
    assert_eq!(answers(&frames), "echo: hello");
    let id = frames.last().expect("an end")["data"]["session_id"]
        .as_str()
        .expect("a name");
    assert_eq!(id.len(), 36, "{id}");
}

#[test]
fn events_are_spelled_in_both_ways_of_the_go_hotplex() {
    let stage = Stage::new("spelling");
    let daemon = stage.open();
    let mut client = Client::new(&daemon);
    client.send(
        &json!({"type": "execute", "session_id": "s", "prompt": "hello", "request_id": 7,
        "instructions": "be brief", "work_dir": stage.work()}),
    );
    let frames = client.rest_of_turn();
    for frame in &frames {
        assert_eq!(frame["request_id"], 7, "{frame}");
    }
    let data = &frames[1]["data"];
    assert_eq!(data["EventData"], "echo: [be brief]\n\nhello");
    for (upper, lower) in [
        ("EventType", "event_type"),
        ("EventData", "event_data"),
        ("Meta", "meta"),
    ] {
        assert_eq!(data[upper], data[lower]);
    }
    assert_eq!(data["Meta"].as_object().expect("an object").len(), 17);
    let stats = &frames[2]["data"];
    for key in [
        "session_id",
        "start_time",
        "total_duration_ms",
        "tools_used",
        "total_cost_usd",
        "is_error",
    ] {
        assert!(!stats[key].is_null(), "{key} in {stats}");
    }
    assert_eq!(frames[3]["data"]["stats"]["session_id"], "s");
}

#[test]
fn a_client_that_knows_no_approvals_hears_what_its_turn_waits_for_and_how_it_ended() {
    let stage = Stage::new("waits");
    let options = json!({"permission_mode": "default", "approval_timeout_ms": 1500});
    let daemon = stage.serve(&["--no-token"], &options);
    let prompt = "!tool Bash {\"command\":\"true\"}\n!text on";
    // Nobody answers; somebody else denies; somebody else allows.
    let table = [
        (None, Some("denied: nobody answered in time"), true),
        (Some("deny"), Some("denied"), true),
        (Some("allow"), None, false),
    ];
    for (answer, denied, is_error) in table {
        let mut client = Client::new(&daemon);
        client.send(&execute(&stage, "s", prompt));
        let asked = client.until("permission_request");
        let data = &asked["data"];
        let text = data["EventData"].as_str().expect("a text");
        assert!(
            text.contains("Bash: true") && text.contains("within 2 s"),
            "{text}"
        );
        assert_eq!(data["Meta"].as_object().expect("an object").len(), 17);
        let meta = ["tool_name", "input_summary", "status"].map(|key| data["meta"][key].clone());
        assert_eq!(meta, ["Bash", "true", "waiting"]);
        if let Some(decision) = answer {
            let open = get(&daemon, "/api/v1/approvals").json();
            let id = open["approvals"][0]["approval_id"]
                .as_str()
                .expect("a name");
            let body = json!({"decision": decision});
            let answered = post(&daemon, &format!("/api/v1/approvals/{id}"), &body);
            assert_eq!(answered.status, 200, "{}", answered.body);
        }
        let frames = client.rest_of_turn();
        let found = frames
            .iter()
            .find(|frame| frame["event"] == "permission_denied");
        let why = found.map(|frame| frame["data"]["EventData"].as_str().expect("a text"));
        assert_eq!(why, denied, "{frames:?}");
        let result = frames.iter().find(|frame| frame["event"] == "tool_result");
        let status = if is_error { "error" } else { "success" };
        assert_eq!(result.expect("a result")["data"]["Meta"]["status"], status);
        assert_eq!(frames.last().expect("an end")["event"], "completed");
    }
    // Whoever asked for the newer words gets those, and each thing once.
    let mut client = Client::new(&daemon);
    let mut request = execute(&stage, "s", prompt);
    request["events"] = json!(["approval_request"]);
    client.send(&request);
    let frames = client.rest_of_turn();
    let names = names(&frames);
    assert!(
        names.contains(&"approval_request") && names.contains(&"approval_closed"),
        "{names:?}"
    );
    assert!(
        !names.iter().any(|name| name.starts_with("permission_")),
        "{names:?}"
    );
}
