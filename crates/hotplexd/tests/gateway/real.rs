//! The daemon with the real agent, through WebSocket, REST and the chat. The page has its own in
//! `page/test/agent.real.ts`.
//!
//! `tests/real` of the engine runs these in a namespace without a network, with a model server that does
//! what the prompt says, and names agent and server in variables: see `make test-real`.

use std::path::Path;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::client::{Client, get, post};
use crate::daemon::{Daemon, Stage, until};
use crate::terminal::Terminal;

fn daemon(stage: &Stage) -> Daemon {
    assert!(
        std::env::var_os("HOTPLEX_REAL_OPTIONS").is_some(),
        "`make test-real` names the agent"
    );
    stage.serve(&["--no-token"], &json!({"permission_mode": "default"}))
}

fn execute(stage: &Stage, session: &str, prompt: &str) -> Value {
    json!({"type": "execute", "session_id": session, "prompt": prompt, "work_dir": stage.work()})
}

fn made(stage: &Stage, name: &str) -> bool {
    Path::new(&stage.work()).join(name).exists()
}

/// Clothed, so that the prompt is not refused before the model gets to see it. What it names is not
/// there: nothing would be lost.
const BLOCKED_TOOL: &str =
    "This is what the model is going to do by itself.\nMODEL:bash rm -rf /no-such-directory";

const BLOCKED_PROMPT: &str = "please run rm -rf / now";

#[test]
#[ignore = "`make test-real` names the agent"]
fn over_websocket() {
    let stage = Stage::new("real-websocket");
    let mut daemon = daemon(&stage);
    let mut client = Client::v1(&daemon);
    client.send(&execute(&stage, "s", "MODEL:text hello there"));
    assert_eq!(client.until("answer")["data"]["text"], "hello there");
    let stats = client.until("completed")["data"]["stats"].clone();
    assert!(stats["total_cost_usd"].as_f64() > Some(0.0), "{stats}");

    for (word, name) in [("approve", "allowed"), ("deny", "denied")] {
        client.send(&execute(&stage, "s", &format!("MODEL:bash touch {name}")));
        let asked = client.until("approval_request");
        let id = &asked["data"]["approval_id"];
        client.send(&json!({"type": word, "session_id": "s", "approval_id": id}));
        let result = client.until("tool_result");
        assert_eq!(result["data"]["is_error"], word == "deny", "{result}");
        client.until("completed");
        assert_eq!(made(&stage, name), word == "approve");
    }

    client.send(&execute(&stage, "s", "MODEL:stream 400 50"));
    client.until("delta");
    client.send(&json!({"type": "interrupt", "session_id": "s"}));
    assert_eq!(client.until("stopped")["data"]["outcome"], "cancelled");
    client.send(&execute(&stage, "s", "MODEL:text clean"));
    assert_eq!(client.until("answer")["data"]["text"], "clean");
    client.until("completed");

    client.send(&execute(&stage, "s", BLOCKED_PROMPT));
    let frames = client.rest_of_turn();
    let last = frames.last().expect("an end");
    assert_eq!(last["data"]["kind"], "blocked", "{last}");
    client.send(&execute(&stage, "s", BLOCKED_TOOL));
    let blocked = client.until("danger_block");
    assert!(
        blocked["data"]["rule"]
            .as_str()
            .is_some_and(|rule| !rule.is_empty()),
        "{blocked}"
    );
    client.until("completed");

    let before = count(&mut client, &stage);
    daemon.signal(Signal::KILL);
    daemon.ended();
    let daemon = self::daemon(&stage);
    let mut again = Client::v1(&daemon);
    let after = count(&mut again, &stage);
    assert!(
        after > before,
        "the conversation goes on: {before} and {after} messages"
    );
}

/// How many messages the model was sent.
fn count(client: &mut Client, stage: &Stage) -> u64 {
    client.send(&execute(stage, "s", "MODEL:count"));
    let answer = client.until("answer");
    client.until("completed");
    let text = answer["data"]["text"].as_str().unwrap_or_default();
    let number = text
        .strip_prefix("messages: ")
        .and_then(|text| text.parse().ok());
    number.unwrap_or_else(|| panic!("{answer}"))
}

#[test]
#[ignore = "`make test-real` names the agent"]
fn over_rest() {
    let stage = Stage::new("real-rest");
    let mut daemon = daemon(&stage);
    let path = "/api/v1/sessions/s/execute";
    let body = |prompt: &str| json!({"prompt": prompt, "work_dir": stage.work()});
    let answer = post(&daemon, path, &body("MODEL:text hello there"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.json()["answer"], "hello there");
    for (word, name) in [("allow", "allowed"), ("deny", "denied")] {
        std::thread::scope(|scope| {
            let turn =
                scope.spawn(|| post(&daemon, path, &body(&format!("MODEL:bash touch {name}"))));
            let open = || get(&daemon, "/api/v1/approvals").json()["approvals"][0].clone();
            until("it asks", || open()["approval_id"].is_string());
            let id = open()["approval_id"].as_str().expect("a name").to_owned();
            let answered = post(
                &daemon,
                &format!("/api/v1/approvals/{id}"),
                &json!({"decision": word}),
            );
            assert_eq!(answered.status, 200, "{}", answered.body);
            assert_eq!(
                turn.join().expect("an answer").json()["outcome"],
                "completed"
            );
        });
        assert_eq!(made(&stage, name), word == "allow");
    }
    std::thread::scope(|scope| {
        let turn = scope.spawn(|| post(&daemon, path, &body("MODEL:stream 400 50")));
        until("it works", || {
            post(&daemon, "/api/v1/sessions/s/interrupt", &json!({})).status == 200
        });
        let answer = turn.join().expect("an answer");
        assert_eq!(
            (answer.status, answer.json()["outcome"].as_str()),
            (409, Some("cancelled"))
        );
    });
    let answer = post(&daemon, path, &body(BLOCKED_PROMPT));
    assert_eq!(
        (answer.status, answer.json()["error"]["kind"].as_str()),
        (403, Some("blocked"))
    );
    let answer = post(&daemon, path, &body(BLOCKED_TOOL));
    assert_eq!(answer.json()["outcome"], "completed", "{}", answer.body);
    let history = get(&daemon, "/api/v1/sessions/s/history").body;
    assert!(history.contains("danger_block"), "{history}");
    let count = |daemon: &Daemon| {
        let answer = post(daemon, path, &body("MODEL:count")).json();
        let text = answer["answer"].as_str().unwrap_or_default().to_owned();
        let number = text
            .strip_prefix("messages: ")
            .and_then(|text| text.parse::<u64>().ok());
        number.unwrap_or_else(|| panic!("{answer}"))
    };
    let before = count(&daemon);
    daemon.signal(Signal::KILL);
    daemon.ended();
    let daemon = self::daemon(&stage);
    assert!(count(&daemon) > before);
}

#[test]
#[ignore = "`make test-real` names the agent"]
fn in_a_chat() {
    let stage = Stage::new("real-chat");
    let daemon = daemon(&stage);
    let mut terminal = Terminal::new(&stage, &["chat", "-s", "s"]);
    terminal.until("the daemon at");
    terminal.line("MODEL:text hello **there**");
    terminal.until("hello \x1b[1mthere\x1b[0m");
    for (key, name) in [("y", "allowed"), ("n", "denied")] {
        terminal.line(&format!("MODEL:bash touch {name}"));
        let card = terminal.until("Allow it?");
        assert!(card.contains(&format!("touch {name}")), "{card}");
        terminal.press(&format!("{key}\r"));
        terminal.until("completed in");
        assert_eq!(made(&stage, name), key == "y");
    }
    terminal.line("MODEL:stream 400 50");
    terminal.until("Ctrl-C interrupts");
    terminal.press("\x03");
    terminal.until("cancelled in");
    terminal.line(BLOCKED_PROMPT);
    terminal.until("! blocked");
    terminal.line(&BLOCKED_TOOL.replace('\n', "\\\r"));
    terminal.until("! blocked");
    terminal.until("completed in");
    let port = daemon.port;
    let mut daemon = daemon;
    daemon.signal(Signal::KILL);
    daemon.ended();
    let listen = format!("127.0.0.1:{port}");
    let flags = ["--no-token", "--listen", &listen];
    let _again = stage.serve(&flags, &json!({"permission_mode": "default"}));
    // It sees the end of the connection with the first line, at the latest.
    terminal.line("MODEL:count");
    let said = terminal.until("> ");
    if !said.contains("messages: ") {
        terminal.press("MODEL:count\r");
        terminal.until("messages: ");
        terminal.until("> ");
    }
    terminal.press("/quit\r");
    assert!(terminal.ended().success());
}
