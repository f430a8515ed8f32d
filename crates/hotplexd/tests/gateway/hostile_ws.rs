//! What a hostile or unlucky client does over WebSocket.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::client::{Client, get, http, names, opened, post};
use crate::daemon::{Daemon, Stage, until};

const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const LAST: u8 = 0x80;

/// A connection that sends bytes as they are, and the client that reads what comes back.
fn upgraded(daemon: &Daemon) -> (TcpStream, Client) {
    let head = "GET /ws/v1/agent HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                Sec-WebSocket-Protocol: hotplex.v1\r\n\r\n";
    let stream = opened(daemon, head);
    let writer = stream.try_clone().expect("a second end");
    (writer, Client::after_upgrade(stream))
}

/// A frame, masked by zeros.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..126 => bytes.push(0x80 | length as u8),
        length @ 126..0x1_0000 => {
            bytes.push(0x80 | 126);
            bytes.extend((length as u16).to_be_bytes());
        }
        length => {
            bytes.push(0x80 | 127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

fn execute(stage: &Stage, session: &str, prompt: &str) -> Value {
    json!({"type": "execute", "session_id": session, "prompt": prompt, "work_dir": stage.work()})
}

fn state_of(daemon: &Daemon, session: &str) -> String {
    let session = get(daemon, &format!("/api/v1/sessions/{session}")).json();
    session["state"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_request_in_pieces_is_one_request() {
    let stage = Stage::new("pieces");
    let daemon = stage.open();
    let (mut writer, mut client) = upgraded(&daemon);
    let request = execute(&stage, "s", "über 🦀").to_string();
    for byte in frame(LAST | TEXT, request.as_bytes()) {
        writer.write_all(&[byte]).expect("a byte");
    }
    assert_eq!(client.until("answer")["data"]["text"], "echo: über 🦀");
    client.until("completed");
    // One byte a fragment, which cuts letters in two, with pings and empty fragments between.
    for (at, byte) in request.as_bytes().iter().enumerate() {
        let opcode = if at == 0 { TEXT } else { 0 };
        let mut bytes = frame(opcode, &[*byte]);
        bytes.extend(frame(LAST | PING, b"here"));
        bytes.extend(frame(0, b""));
        writer.write_all(&bytes).expect("a fragment");
    }
    writer.write_all(&frame(LAST, b"")).expect("the last one");
    assert_eq!(client.until("answer")["data"]["text"], "echo: über 🦀");
    client.until("completed");
}

#[test]
fn what_breaks_the_protocol_is_closed_with_its_code() {
    let stage = Stage::new("codes");
    let daemon = stage.open();
    let half = frame(TEXT, b"{");
    let table: [(&str, Vec<u8>, u16); 12] = [
        ("no mask", b"\x81\x02{}".to_vec(), 1002),
        ("a reserved bit", frame(LAST | 0x40 | TEXT, b"{}"), 1002),
        ("an unknown opcode", frame(LAST | 3, b"{}"), 1002),
        ("an unknown control opcode", frame(LAST | 11, b""), 1002),
        ("a fragmented ping", frame(PING, b"a"), 1002),
        (
            "a ping of 126 bytes",
            frame(LAST | PING, &[b'a'; 126]),
            1002,
        ),
        ("a fragment of nothing", frame(LAST, b"{}"), 1002),
        (
            "a text in a text",
            [half, frame(LAST | TEXT, b"{}")].concat(),
            1002,
        ),
        ("no UTF-8", frame(LAST | TEXT, b"\"\xff\""), 1007),
        (
            "half a letter at the end",
            frame(LAST | TEXT, b"\"\xc3"),
            1007,
        ),
        (
            "a frame beyond measure",
            b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0".to_vec(),
            1009,
        ),
        ("a close", frame(LAST | CLOSE, &1000u16.to_be_bytes()), 1000),
    ];
    for (name, bytes, code) in table {
        let (mut writer, mut client) = upgraded(&daemon);
        writer.write_all(&bytes).expect("it is sent");
        assert_eq!(client.closed(), code, "{name}");
    }
    // Whoever sends on all the same is told, and not cut off before it can read that.
    let (mut writer, mut client) = upgraded(&daemon);
    let large = frame(LAST | TEXT, &vec![b'x'; 20 << 20]);
    writer.write_all(&large).expect("all of it is taken");
    assert_eq!(client.closed(), 1009, "20 MiB");
    for text in [
        "\"\\ud800\"",
        "{\"type\":\"execute\",\"prompt\":\"\\ud800\"}",
        &"[".repeat(50_000),
        "\0",
        "nul",
    ] {
        let (mut writer, mut client) = upgraded(&daemon);
        writer
            .write_all(&frame(LAST | TEXT, text.as_bytes()))
            .expect("it is sent");
        let error = client.next().expect("a frame");
        assert_eq!(error["event"], "error", "{text:.40}");
        client.send(&json!({"type": "ping"}));
        client.until("pong");
    }
}

#[test]
fn a_close_during_a_turn_cancels_it_and_is_answered() {
    let stage = Stage::new("close");
    let daemon = stage.open();
    let (mut writer, mut client) = upgraded(&daemon);
    client.send(&execute(&stage, "s", "!text begun\n!hang-soft"));
    client.until("answer");
    // What comes after a close is not looked at.
    let mut bytes = frame(LAST | CLOSE, &1001u16.to_be_bytes());
    bytes.extend(frame(
        LAST | TEXT,
        execute(&stage, "late", "x").to_string().as_bytes(),
    ));
    writer.write_all(&bytes).expect("it is sent");
    assert_eq!(client.closed(), 1001);
    until("the turn is cancelled", || {
        state_of(&daemon, "s") == "ready"
    });
    assert_eq!(get(&daemon, "/api/v1/sessions/late").status, 404);
}

#[test]
fn two_requests_of_one_number_are_two_requests() {
    let stage = Stage::new("numbers");
    let daemon = stage.open();
    let mut client = Client::new(&daemon);
    for prompt in ["first", "second"] {
        let mut request = execute(&stage, "s", prompt);
        request["request_id"] = json!(7);
        client.send(&request);
    }
    let frames = [client.rest_of_turn(), client.rest_of_turn()];
    let mut turns = Vec::new();
    for (frames, answer) in frames.iter().zip(["echo: first", "echo: second"]) {
        let end = frames.last().expect("an end");
        assert_eq!(
            (&end["event"], &end["request_id"]),
            (&json!("completed"), &json!(7))
        );
        let said: Vec<_> = frames
            .iter()
            .filter(|frame| frame["event"] == "answer")
            .collect();
        assert_eq!(said.len(), 1, "{:?}", names(frames));
        assert_eq!(
            (&said[0]["data"]["event_data"], &said[0]["turn"]),
            (&json!(answer), &end["turn"])
        );
        turns.push(end["turn"].clone());
    }
    assert_ne!(turns[0], turns[1]);
}

#[test]
fn pings_that_nobody_takes_the_answers_of_cost_no_memory() {
    let stage = Stage::new("pings");
    let daemon = stage.open();
    let (mut writer, client) = upgraded(&daemon);
    let before = daemon.resident();
    let many = frame(LAST | PING, &[b'x'; 125]).repeat(1000);
    let limit = Some(Duration::from_secs(1));
    writer.set_write_timeout(limit).expect("a time limit");
    // 130 MB, unless the daemon stops reading before.
    for _ in 0..1000 {
        if writer.write_all(&many).is_err() {
            break;
        }
    }
    let grown = daemon.resident().saturating_sub(before);
    assert!(grown < 4 << 20, "{grown} bytes");
    drop(client);
}

#[test]
fn names_that_were_only_asked_about_are_not_kept() {
    let stage = Stage::new("asked");
    let daemon = stage.open();
    let mut client = Client::v1(&daemon);
    let mut refused = 0;
    for number in 0..3000 {
        client.send(&json!({"type": "subscribe", "session_id": format!("n{number}")}));
        let frame = client.next().expect("an answer");
        refused += usize::from(frame["event"] == "error");
    }
    assert!(refused > 0, "one connection follows so many sessions");
    drop(client);
    let mut client = Client::v1(&daemon);
    client.send(&json!({"type": "subscribe", "session_id": "n1"}));
    client.until("subscribed");
    let before = daemon.resident();
    for number in 0..30_000 {
        let name = format!("{number}{}", "x".repeat(100));
        client.send(&json!({"type": "subscribe", "session_id": name}));
        client.send(&json!({"type": "unsubscribe", "session_id": name}));
        client.until("unsubscribed");
    }
    let grown = daemon.resident().saturating_sub(before);
    assert!(grown < 4 << 20, "{grown} bytes");
}

/// A daemon with the keys ann and bob.
fn with_keys(stage: &Stage, more: &str) -> Daemon {
    write_keys(stage, &["ann", "bob"], more);
    let file = stage.root.join("config.toml").display().to_string();
    stage.serve(&["--config", &file], &json!({}))
}

fn write_keys(stage: &Stage, names: &[&str], more: &str) {
    let keys = names.iter().map(|name| {
        let token = stage.root.join(name);
        format!("[keys.{name}]\ntoken_file = {token:?}\n{more}\n")
    });
    std::fs::write(stage.root.join("config.toml"), keys.collect::<String>()).expect("a file");
}

fn token_of(stage: &Stage, name: &str) -> String {
    let text = std::fs::read_to_string(stage.root.join(name)).expect("a token");
    text.trim().to_owned()
}

fn client_of(stage: &Stage, daemon: &Daemon, name: &str) -> Client {
    let protocols = format!("hotplex.v1, hotplex-api-{}", token_of(stage, name));
    Client::with(daemon, &[("sec-websocket-protocol", &protocols)]).expect("the upgrade")
}

#[test]
fn a_key_that_is_taken_away_loses_its_connections_and_turns() {
    let stage = Stage::new("revoked");
    let daemon = with_keys(&stage, "");
    let (mut ann, mut bob) = (
        client_of(&stage, &daemon, "ann"),
        client_of(&stage, &daemon, "bob"),
    );
    ann.send(&execute(&stage, "s", "!text begun\n!hang-soft"));
    ann.until("answer");
    let head = format!(
        "GET /api/v1/sessions/s/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n",
        token_of(&stage, "ann")
    );
    let mut stream = opened(&daemon, &head);
    write_keys(&stage, &["bob"], "");
    daemon.signal(Signal::HUP);
    assert_eq!(ann.closed(), 4401);
    let mut rest = Vec::new();
    std::io::Read::read_to_end(&mut stream, &mut rest).expect("the stream ends");
    let bearer = format!("Authorization: Bearer {}\r\n", stage.token());
    until("the turn is cancelled", || {
        let session = http(&daemon, "GET", "/api/v1/sessions/ann:s", &bearer, None).json();
        session["state"] == "ready"
    });
    // The others are not moved.
    bob.send(&execute(&stage, "s", "still here"));
    assert_eq!(bob.until("answer")["data"]["text"], "echo: still here");
    bob.until("completed");
    // A new token under the old name is another key.
    std::fs::remove_file(stage.root.join("bob")).expect("removed");
    daemon.signal(Signal::HUP);
    assert_eq!(bob.closed(), 4401);
    client_of(&stage, &daemon, "bob");
}

#[test]
fn what_a_key_has_used_and_may_use_is_the_same_on_every_connection_after_hup() {
    let stage = Stage::new("requota");
    let daemon = with_keys(&stage, "turns_per_day = 3\nturns_at_once = 1");
    let mut old = client_of(&stage, &daemon, "ann");
    old.send(&execute(&stage, "s", "!text begun\n!hang-soft"));
    old.until("answer");
    daemon.signal(Signal::HUP);
    until("it is read", || daemon.log().contains("was read again"));
    let mut new = client_of(&stage, &daemon, "ann");
    let refused = |client: &mut Client| {
        client.send(&execute(&stage, "t", "hello"));
        let frames = client.rest_of_turn();
        frames.last().expect("an end")["data"]["kind"].clone()
    };
    assert_eq!(refused(&mut new), "quota", "one is under way");
    old.send(&json!({"type": "interrupt", "session_id": "s"}));
    old.until("stopped");
    for client in [&mut old, &mut new] {
        client.send(&execute(&stage, "t", "hello"));
        client.until("completed");
    }
    assert_eq!(
        (refused(&mut old), refused(&mut new)),
        (json!("quota"), json!("quota"))
    );
    // Rights that were narrowed hold at once.
    let own = stage.root.join("own");
    std::fs::create_dir(&own).expect("a directory");
    write_keys(&stage, &["ann", "bob"], &format!("work_roots = [{own:?}]"));
    daemon.signal(Signal::HUP);
    until("they hold", || refused(&mut old) == "forbidden");
}

#[test]
fn a_broken_file_at_hup_changes_nothing_for_those_who_are_there() {
    let stage = Stage::new("broken");
    let daemon = with_keys(&stage, "");
    let mut ann = client_of(&stage, &daemon, "ann");
    for text in [
        "[keys.ann\n",
        "\0",
        "[keys.ann]\ntoken_file = \"/proc/version\"\n",
    ] {
        let before = daemon.log().matches("was not taken over").count();
        std::fs::write(stage.root.join("config.toml"), text).expect("a file");
        daemon.signal(Signal::HUP);
        until("it is refused", || {
            daemon.log().matches("was not taken over").count() > before
        });
    }
    std::fs::remove_file(stage.root.join("config.toml")).expect("removed");
    daemon.signal(Signal::HUP);
    ann.send(&execute(&stage, "s", "hello"));
    ann.until("completed");
}

#[test]
fn two_daemons_on_one_state_directory_do_not_share_a_session() {
    let stage = Stage::new("two");
    let (first, second) = (stage.open(), stage.open());
    let body = json!({"prompt": "hello", "work_dir": stage.work()});
    assert_eq!(
        post(&first, "/api/v1/sessions/s/execute", &body).status,
        200
    );
    let refused = post(&second, "/api/v1/sessions/s/execute", &body);
    assert_eq!(
        (refused.status, &refused.json()["error"]["kind"]),
        (409, &json!("in_use"))
    );
    assert_eq!(
        post(&second, "/api/v1/sessions/t/execute", &body).status,
        200
    );
    drop(first);
    let history = json!({"prompt": "history", "work_dir": stage.work()});
    let taken = post(&second, "/api/v1/sessions/s/execute", &history);
    assert_eq!(taken.json()["answer"], "history: 1");
}

#[test]
fn a_full_disk_under_the_audit_is_told_and_stops_nothing_else() {
    let stage = Stage::new("full");
    let options = json!({"guard": {"audit_file": "/dev/full"}});
    let daemon = stage.serve(&["--no-token"], &options);
    let body = json!({"prompt": "please run `rm -rf /` now", "work_dir": stage.work()});
    let refused = post(&daemon, "/api/v1/sessions/s/execute", &body);
    assert_eq!(refused.json()["error"]["kind"], "blocked");
    until("it is in the log", || {
        daemon.log().contains("the audit file could not be written")
    });
    let body = json!({"prompt": "hello", "work_dir": stage.work()});
    let next = post(&daemon, "/api/v1/sessions/s/execute", &body);
    assert_eq!(next.json()["answer"], "echo: hello");
}
