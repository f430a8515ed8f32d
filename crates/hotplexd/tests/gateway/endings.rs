//! How the daemon ends, and what comes after it.

use std::io::Read;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::client::{Client, get, opened, post};
use crate::daemon::{Stage, lives, until};

fn execute(stage: &Stage, prompt: &str) -> Value {
    json!({"type": "execute", "session_id": "s", "prompt": prompt, "work_dir": stage.work()})
}

fn agent_of(daemon: &crate::daemon::Daemon) -> u64 {
    let session = get(daemon, "/api/v1/sessions/s").json();
    session["pid"].as_u64().expect("a process")
}

#[test]
fn term_ends_at_once_whatever_is_open() {
    let stage = Stage::new("term");
    let mut daemon = stage.open();
    let mut client = Client::v1(&daemon);
    client.send(&execute(&stage, "hello"));
    client.until("completed");
    let agent = agent_of(&daemon);
    let mut stream = opened(
        &daemon,
        "GET /api/v1/sessions/s/events HTTP/1.1\r\nHost: localhost\r\n\r\n",
    );
    let mut first = [0; 16];
    stream.read_exact(&mut first).expect("the stream's head");
    let _half = opened(&daemon, "GET / HTTP/1.1\r\nHo");
    let _idle = opened(&daemon, "");
    let begin = Instant::now();
    daemon.signal(Signal::TERM);
    assert_eq!(client.closed(), 1012);
    assert!(daemon.ended().success());
    assert!(
        begin.elapsed() < Duration::from_secs(30),
        "{:?}",
        begin.elapsed()
    );
    until("no agent is left", || !lives(agent));
}

#[test]
fn a_running_turn_gets_the_grace_and_no_new_one_begins() {
    let stage = Stage::new("grace");
    let mut daemon = stage.open();
    let mut client = Client::v1(&daemon);
    client.send(&execute(&stage, "!sleep 800\n!text done"));
    client.until("session_start");
    daemon.signal(Signal::TERM);
    std::thread::sleep(Duration::from_millis(100));
    client.send(&json!({"type": "execute", "session_id": "t", "prompt": "x", "request_id": 5}));
    let refused = client.until("error");
    assert_eq!(
        (&refused["request_id"], &refused["data"]["kind"]),
        (&json!(5), &json!("closed"))
    );
    assert_eq!(client.until("answer")["data"]["text"], "done");
    client.until("completed");
    assert_eq!(client.closed(), 1012);
    assert!(daemon.ended().success());
}

#[test]
fn after_the_grace_a_turn_ends_as_stopped_and_a_second_term_does_not_wait() {
    let stage = Stage::new("second-term");
    for (flags, terms) in [
        (["--no-token", "--grace", "1s"], 1),
        (["--no-token", "--grace", "60s"], 2),
    ] {
        let mut daemon = stage.serve(&flags, &json!({}));
        let mut client = Client::v1(&daemon);
        client.send(&execute(&stage, "!hang"));
        client.until("session_start");
        let agent = agent_of(&daemon);
        let begin = Instant::now();
        for _ in 0..terms {
            daemon.signal(Signal::TERM);
            std::thread::sleep(Duration::from_millis(100));
        }
        assert_eq!(client.until("stopped")["data"]["outcome"], "stopped");
        assert_eq!(client.closed(), 1012);
        assert!(daemon.ended().success());
        assert!(
            begin.elapsed() < Duration::from_secs(30),
            "{:?}",
            begin.elapsed()
        );
        until("no agent is left", || !lives(agent));
    }
}

#[test]
fn a_killed_daemon_leaves_no_agent_and_the_next_one_goes_on() {
    let stage = Stage::new("killed");
    let mut daemon = stage.open();
    let mut client = Client::v1(&daemon);
    client.send(&execute(&stage, "first"));
    let seen = client.until("answer")["seq"].clone();
    client.until("completed");
    let agent = agent_of(&daemon);
    client.send(&execute(&stage, "!hang"));
    client.until("state");
    daemon.signal(Signal::KILL);
    daemon.ended();
    until("no agent is left", || !lives(agent));

    let daemon = stage.open();
    let mut again = Client::v1(&daemon);
    again.send(&json!({"type": "subscribe", "session_id": "s", "after": seen}));
    again.until("subscribed");
    let gap = again.until("gap");
    assert_eq!(gap["data"]["reason"], "restarted");
    again.send(&execute(&stage, "history"));
    let answer = again.until("answer");
    assert!(
        answer["seq"].as_u64() > seen.as_u64(),
        "numbers never go back"
    );
    let text = answer["data"]["text"].as_str().expect("a text");
    assert!(
        text.starts_with("history: ") && text != "history: 0",
        "{text}"
    );
}

#[test]
fn hup_reads_the_configuration_again_and_a_mistake_changes_nothing() {
    let stage = Stage::new("hup");
    let file = stage.root.join("config.toml");
    std::fs::write(&file, "").expect("a file");
    let path = file.display().to_string();
    let daemon = stage.serve(&["--no-token", "--config", &path], &json!({}));
    let origin = "https://app.example";
    let allowed = || Client::with(&daemon, &[("origin", origin)]).is_ok();
    assert!(!allowed());
    std::fs::write(&file, format!("origins = [{origin:?}]\n")).expect("a file");
    daemon.signal(Signal::HUP);
    until("it is read", allowed);
    std::fs::write(&file, "orgins = []\n").expect("a file");
    daemon.signal(Signal::HUP);
    until("it is refused", || daemon.log().contains("orgins"));
    assert!(allowed());
    let body = json!({"prompt": "still here", "work_dir": stage.work()});
    assert_eq!(
        post(&daemon, "/api/v1/sessions/s/execute", &body).status,
        200
    );
}
