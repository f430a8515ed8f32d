//! What a hostile or unlucky client does over HTTP.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::client::{get, http, opened, post, raw};
use crate::daemon::{Daemon, Stage, until};

/// A daemon with short limits and without a token.
fn impatient(stage: &Stage) -> Daemon {
    let file = stage.root.join("config.toml");
    let text = "[limits]\nheader_timeout = \"500ms\"\nbody_timeout = \"1s\"\nwrite_timeout = \"1s\"\nbody_bytes = 65536\n";
    std::fs::write(&file, text).expect("a file");
    let file = file.display().to_string();
    let options = json!({"partial_messages": false});
    stage.serve(&["--no-token", "--config", &file], &options)
}

fn read_some(stream: &mut impl Read) -> String {
    let mut bytes = [0; 4096];
    let length = stream.read(&mut bytes).expect("an answer");
    String::from_utf8_lossy(&bytes[..length]).into_owned()
}

fn read_all(stream: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    // A server that refuses may reset what it did not read.
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

const CHECK: &str = "POST /api/v1/guard/check HTTP/1.1\r\nHost: localhost\r\n";

#[test]
fn old_rare_and_doubtful_forms_of_a_request_get_one_clear_answer() {
    let stage = Stage::new("forms");
    let daemon = stage.open();
    let text = r#"{"kind":"prompt","text":"hello"}"#;
    let length = text.len();
    let upgrade = "GET /ws/v1/agent HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let table = [
        ("HTTP/1.0 with a host", "GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n".to_owned(), "200"),
        ("HTTP/1.0 without", "GET /health HTTP/1.0\r\n\r\n".to_owned(), "400"),
        ("chunks in HTTP/1.0", "POST /api/v1/guard/check HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(), "400"),
        ("HTTP/2 by prior knowledge", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), "400"),
        ("TLS on a plain port", "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n".to_owned(), "400"),
        ("CONNECT", "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n".to_owned(), "400"),
        ("OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".to_owned(), "404"),
        ("TRACE", "TRACE /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".to_owned(), "405"),
        ("a body where none is read", format!("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{text}"), "200"),
        ("an offer of HTTP/2 beside a body", format!("{CHECK}Connection: close, Upgrade\r\nUpgrade: h2c\r\nContent-Length: {length}\r\n\r\n{text}"), "200"),
        ("a WebSocket with a body", format!("{upgrade}Content-Length: {length}\r\n\r\n{text}"), "400"),
        ("a WebSocket with chunks", format!("{upgrade}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), "400"),
        ("two Expect", format!("{CHECK}Connection: close\r\nExpect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n{text}"), "200"),
        ("a NUL in a header", "GET /health HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n".to_owned(), "400"),
        ("a folded header", "GET /health HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n".to_owned(), "400"),
        ("a space before the colon", "GET /health HTTP/1.1\r\nHost : localhost\r\n\r\n".to_owned(), "400"),
        ("an empty line first", "\r\nGET /health HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), "400"),
        ("nesting beyond measure", format!("{CHECK}Connection: close\r\nContent-Length: 20001\r\n\r\n{{{}", "[".repeat(20_000)), "400"),
    ];
    for (name, text, status) in table {
        let answer = raw(&daemon, &text);
        let found = answer.lines().filter(|line| line.starts_with("HTTP/1."));
        let found: Vec<_> = found.filter_map(|line| line.split(' ').nth(1)).collect();
        let last = found.last().copied().unwrap_or_default();
        assert_eq!(last, status, "{name}: {answer:?}");
        assert!(
            found.iter().filter(|it| **it != "100").count() == 1,
            "{name}: {answer:?}"
        );
    }
    // Some clients and proxies say that nothing follows.
    let mut stream = opened(&daemon, &format!("{upgrade}Content-Length: 0\r\n\r\n"));
    assert!(read_some(&mut stream).starts_with("HTTP/1.1 101"));
    // A ping, masked by zeros.
    stream.write_all(b"\x89\x82\0\0\0\0hi").expect("a ping");
    assert_eq!(read_some(&mut stream), "\u{fffd}\x02hi", "a pong");
}

#[test]
fn requests_in_one_packet_are_answered_in_their_order() {
    let stage = Stage::new("pipelined");
    let daemon = stage.open();
    let body = r#"{"kind":"prompt","text":"hello"}"#;
    let length = body.len();
    let host = "Host: localhost\r\n";
    let text = format!(
        "GET /nowhere HTTP/1.1\r\n{host}\r\n{CHECK}Content-Length: {length}\r\n\r\n{body}\
         {CHECK}Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n\
         GET /health/live HTTP/1.1\r\n{host}\r\nPUT /health HTTP/1.1\r\n{host}Connection: close\r\n\r\n"
    );
    for split in [1, 3, text.len()] {
        let mut stream = opened(&daemon, "");
        for piece in text.as_bytes().chunks(split) {
            stream.write_all(piece).expect("it is sent");
        }
        let answer = read_all(&mut stream);
        let found: Vec<_> = answer
            .match_indices("HTTP/1.1 ")
            .map(|(at, _)| &answer[at + 9..at + 12])
            .collect();
        assert_eq!(found, ["404", "200", "200", "200", "405"], "{answer}");
    }
}

#[test]
fn a_client_that_waits_to_send_is_told_to_go_on_or_refused() {
    let stage = Stage::new("expect");
    let daemon = stage.serve(&[], &json!({}));
    let body = r#"{"kind":"prompt","text":"hello"}"#;
    let head = |more: &str| {
        format!(
            "{CHECK}Connection: close\r\nExpect: 100-continue\r\n{more}Content-Length: {}\r\n\r\n",
            body.len()
        )
    };
    let mut stream = opened(
        &daemon,
        &head(&format!("Authorization: Bearer {}\r\n", stage.token())),
    );
    assert_eq!(read_some(&mut stream), "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(body.as_bytes()).expect("it is sent");
    assert!(read_all(&mut stream).starts_with("HTTP/1.1 200"));
    let refused = read_all(&mut opened(&daemon, &head("")));
    assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
}

#[test]
fn a_body_that_says_that_it_is_too_large_is_refused_before_it_is_sent() {
    let stage = Stage::new("announced");
    let daemon = stage.open();
    for more in ["", "Expect: 100-continue\r\n"] {
        let head = format!("{CHECK}Connection: close\r\n{more}Content-Length: 90000000\r\n\r\n");
        let mut stream = opened(&daemon, &head);
        let patience = Some(Duration::from_secs(30));
        stream.set_read_timeout(patience).expect("a time limit");
        let answer = read_some(&mut stream);
        assert!(answer.starts_with("HTTP/1.1 413"), "{more} {answer:?}");
    }
    // Whoever sends it all the same is not cut off before it can read the answer.
    let body = vec![b'x'; 20 << 20];
    let head = format!("{CHECK}Content-Length: {}\r\n\r\n", body.len());
    let mut stream = opened(&daemon, &head);
    stream.write_all(&body).expect("all of it is taken");
    let answer = read_some(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer:?}");
}

#[test]
fn a_body_that_has_no_end_or_does_not_come_is_cut() {
    let stage = Stage::new("bodies");
    let daemon = impatient(&stage);
    let before = daemon.resident();
    let mut stream = opened(
        &daemon,
        &format!("{CHECK}Transfer-Encoding: chunked\r\n\r\n"),
    );
    let piece = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    // 100 MB, until it is cut.
    for _ in 0..1600 {
        if stream.write_all(piece.as_bytes()).is_err() {
            break;
        }
    }
    let answer = read_all(&mut stream);
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 413"),
        "{answer}"
    );
    let grown = daemon.resident().saturating_sub(before);
    assert!(grown < 8 << 20, "{grown} bytes");

    for rest in [
        "Content-Length: 100\r\n\r\n{",
        "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    ] {
        let begin = Instant::now();
        let answer = read_all(&mut opened(&daemon, &format!("{CHECK}{rest}")));
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer:?}");
        assert!(
            begin.elapsed() < Duration::from_secs(30),
            "{:?}",
            begin.elapsed()
        );
    }
    assert_eq!(get(&daemon, "/health").status, 200);
}

#[test]
fn the_host_is_one_that_the_daemon_has_however_it_is_written() {
    let stage = Stage::new("hosts");
    let daemon = stage.open();
    let table = [
        ("localhost", 200),
        ("LocalHost:1", 200),
        ("localhost:", 200),
        ("127.0.0.1:65535", 200),
        ("[::1]", 200),
        ("[::1]:8080", 200),
        // Not the same name to every resolver.
        ("localhost.", 403),
        ("localhost.:8080", 403),
        ("localhost:80:80", 403),
        ("localhost:port", 403),
        ("localhost:80@evil.example", 403),
        ("evil.example@localhost", 403),
        ("[::1]evil.example", 403),
        ("[::1]:evil.example", 403),
        ("::1", 403),
        ("127.1", 403),
        ("2130706433", 403),
        ("0.0.0.0", 403),
        ("[::]", 403),
        ("[::ffff:127.0.0.1]", 403),
        ("localhost.evil.example", 403),
        ("localhost, evil.example", 403),
        ("xn--localhost", 403),
        ("", 403),
    ];
    for (host, status) in table {
        let answer = http(
            &daemon,
            "GET",
            "/health",
            &format!("Host: {host}\r\n"),
            None,
        );
        assert_eq!(answer.status, status, "{host:?}");
    }
    for origin in [
        "null",
        "",
        "http://",
        "http://127.0.0.1",
        "file://",
        "http://127.0.0.1:1",
    ] {
        let answer = http(
            &daemon,
            "GET",
            "/health",
            &format!("Origin: {origin}\r\n"),
            None,
        );
        assert_eq!(answer.status, 403, "{origin:?}");
    }
}

#[test]
fn tokens_that_contradict_each_other_are_no_token() {
    let stage = Stage::new("tokens");
    let daemon = stage.serve(&[], &json!({}));
    let token = stage.token();
    let right = format!("Authorization: Bearer {token}\r\n");
    let key = format!("X-API-Key: {token}\r\n");
    let table = [
        (format!("{right}{key}"), 200),
        (format!("Authorization: bearer  {token}\r\n"), 200),
        (format!("{right}{right}"), 200),
        (format!("{right}X-API-Key: wrong\r\n"), 401),
        (format!("Authorization: Bearer wrong\r\n{key}"), 401),
        (format!("{right}Authorization: Bearer wrong\r\n"), 401),
        (format!("{key}X-API-Key: wrong\r\n"), 401),
        (
            format!("{right}Sec-WebSocket-Protocol: hotplex-api-wrong\r\n"),
            401,
        ),
        (format!("Authorization: Bearer {token}x\r\n"), 401),
        (format!("Authorization: Bearer {}\r\n", &token[1..]), 401),
        (format!("Authorization: {token}\r\n"), 401),
        ("Authorization: Bearer \r\n".to_owned(), 401),
        ("X-API-Key: \r\n".to_owned(), 401),
        // A proxy's own password beside the token.
        (format!("Authorization: Basic YTpi\r\n{key}"), 200),
        ("Authorization: Basic YTpi\r\n".to_owned(), 401),
    ];
    for (headers, status) in table {
        let answer = http(&daemon, "GET", "/api/v1/sessions", &headers, None);
        assert_eq!(
            answer.status,
            status,
            "{}",
            headers.replace(&token, "TOKEN")
        );
    }
}

#[test]
fn names_and_places_that_make_no_sense_are_refused_by_name() {
    let stage = Stage::new("places");
    let daemon = stage.open();
    for id in ["%00", "%0a", "%1b%5b31m", "%ff", "%7f", &"x".repeat(5000)] {
        let path = format!("/api/v1/sessions/{id}/execute");
        let body = json!({"prompt": "hello", "work_dir": stage.work()});
        let answer = post(&daemon, &path, &body);
        assert!(
            matches!(answer.status, 400 | 414 | 431),
            "{id:.20}: {}",
            answer.status
        );
    }
    for last in [
        "junk",
        "-1",
        "1.5",
        "",
        "99999999999999999999",
        "1, 2",
        "0x10",
    ] {
        let answer = http(
            &daemon,
            "GET",
            "/api/v1/sessions/s/events",
            &format!("Last-Event-ID: {last}\r\n"),
            None,
        );
        assert_eq!(answer.status, 400, "{last:?}");
    }
    let mut beyond = opened(
        &daemon,
        "GET /api/v1/sessions/s/events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 18446744073709551615\r\n\r\n",
    );
    let mut seen = String::new();
    while !seen.contains("restarted") {
        seen += &read_some(&mut beyond);
    }
    let file = stage.root.join("work/file");
    std::fs::write(&file, "").expect("a file");
    std::os::unix::fs::symlink("/etc", stage.root.join("work/out")).expect("a link");
    std::os::unix::fs::symlink("loop", stage.root.join("work/loop")).expect("a link");
    let table = [
        ("file", 400),
        ("file/below", 403),
        ("out", 403),
        ("out/new", 403),
        ("loop", 403),
        ("loop/new", 403),
        ("a\0b", 403),
        ("\u{202e}gnp", 200),
        ("über 日本 🦀 '\"$(x)", 200),
        (&"d".repeat(300), 403),
    ];
    for (name, status) in table {
        let body = json!({"prompt": "hello", "work_dir": format!("{}/{name}", stage.work()), "timeout_ms": u64::MAX});
        let session = format!("/api/v1/sessions/w{}-{status}/execute", name.len());
        let answer = post(&daemon, &session, &body);
        assert_eq!(answer.status, status, "{name:?}: {}", answer.body);
    }
}

#[test]
fn a_work_directory_that_is_gone_is_told_and_the_session_goes_on() {
    let stage = Stage::new("removed");
    let daemon = stage.open();
    let dir = stage.root.join("work/gone");
    std::fs::create_dir(&dir).expect("a directory");
    let body = json!({"prompt": "hello", "work_dir": dir});
    let path = "/api/v1/sessions/s/execute";
    assert_eq!(post(&daemon, path, &body).status, 200);
    std::fs::remove_dir_all(&dir).expect("removed");
    let hot = post(&daemon, path, &body);
    assert_eq!(hot.status, 200, "{}", hot.body);
    assert_eq!(
        post(&daemon, "/api/v1/sessions/s/stop", &json!({})).status,
        200
    );
    std::fs::remove_dir_all(&dir).ok();
    let cold = post(&daemon, path, &body);
    assert_eq!(cold.status, 200, "{}", cold.body);
}

#[test]
fn a_stream_that_nobody_takes_is_given_up_and_its_turn_with_it() {
    let stage = Stage::new("stalled");
    let daemon = impatient(&stage);
    let body = json!({"prompt": "!flood 30000 1000", "work_dir": stage.work(), "stream": true})
        .to_string();
    let head = format!(
        "POST /api/v1/sessions/s/execute HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let stalled = opened(&daemon, &head);
    until("the turn is given up", || {
        let session = get(&daemon, "/api/v1/sessions/s").json();
        session["state"] == "ready" || session["state"] == "ended"
    });
    let body = json!({"prompt": "next", "work_dir": stage.work()});
    let next = post(&daemon, "/api/v1/sessions/s/execute", &body);
    assert_eq!(next.json()["answer"], "echo: next");
    drop(stalled);
}

#[test]
fn an_upgrade_and_a_body_that_readers_may_understand_differently_are_refused_with_the_reason() {
    let stage = Stage::new("doubtful");
    let daemon = stage.open();
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let version = "Sec-WebSocket-Version: 13\r\n";
    let wanted = "GET /ws/v1/agent HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
    let table = [
        (format!("{key}{key}{version}"), "Sec-WebSocket-Key"),
        (
            format!("Sec-WebSocket-Key: x\r\n{version}"),
            "Sec-WebSocket-Key",
        ),
        (
            format!("Sec-WebSocket-Key: {}==\r\n{version}", "*".repeat(22)),
            "Sec-WebSocket-Key",
        ),
        (format!("{key}{version}{version}"), "Sec-WebSocket-Version"),
        (
            format!("{key}Sec-WebSocket-Version: 8\r\n"),
            "Sec-WebSocket-Version",
        ),
        (version.to_owned(), "Sec-WebSocket-Key"),
    ];
    for (headers, why) in table {
        let said = raw(&daemon, &format!("{wanted}{headers}\r\n"));
        assert!(said.starts_with("HTTP/1.1 400"), "{headers}: {said}");
        assert!(
            said.contains("invalid_argument") && said.contains(why),
            "{said}"
        );
    }
    let body = json!({"kind": "command", "text": "ls"});
    for (encoding, status) in [("gzip", 400), ("identity", 200)] {
        let headers = format!("Content-Encoding: {encoding}\r\n");
        let answer = http(
            &daemon,
            "POST",
            "/api/v1/guard/check",
            &headers,
            Some(&body),
        );
        assert_eq!(answer.status, status, "{encoding}: {}", answer.body);
    }
}
