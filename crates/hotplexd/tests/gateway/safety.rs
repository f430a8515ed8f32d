//! Who is let in, and what nobody can do.

use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

use serde_json::json;
use tungstenite::Message;

use crate::client::{Client, get, http, opened, post, raw};
use crate::daemon::Stage;

#[test]
fn without_the_token_nothing_is_done() {
    let stage = Stage::new("token");
    let daemon = stage.serve(&[], &json!({}));
    let mode = std::fs::metadata(stage.root.join("token"))
        .expect("the file")
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let token = stage.token();
    for headers in [
        "",
        "Authorization: Bearer wrong\r\n",
        "X-API-Key: wrong\r\n",
        "Authorization: Basic x\r\n",
    ] {
        for path in [
            "/api/v1/sessions",
            "/api/v1/approvals",
            "/metrics",
            "/api/v1/engines",
        ] {
            assert_eq!(
                http(&daemon, "GET", path, headers, None).status,
                401,
                "{headers} {path}"
            );
        }
    }
    for path in [
        "/health",
        "/health/live",
        "/health/ready",
        "/",
        "/api/v1/openapi.json",
    ] {
        assert_eq!(get(&daemon, path).status, 200, "{path}");
    }
    let bearer = format!("Authorization: Bearer {token}\r\n");
    assert_eq!(
        http(&daemon, "GET", "/api/v1/sessions", &bearer, None).status,
        200
    );
    let key = format!("X-API-Key: {token}\r\n");
    assert_eq!(
        http(&daemon, "GET", "/api/v1/sessions", &key, None).status,
        200
    );

    assert_eq!(Client::with(&daemon, &[]).err(), Some(401));
    assert_eq!(
        Client::with(&daemon, &[("x-api-key", "wrong")]).err(),
        Some(401)
    );
    let protocol = "sec-websocket-protocol";
    let offer = format!("hotplex.v1, hotplex-api-{token}");
    assert!(Client::with(&daemon, &[(protocol, &offer)]).is_ok());
    let alone = format!("hotplex-api-{token}");
    assert!(Client::with(&daemon, &[(protocol, &alone)]).is_ok());
    let mut refused = Client::v1(&daemon);
    assert_eq!(refused.closed(), 4401);
    assert!(!daemon.log().contains(&token), "the token is in the log");
}

#[test]
fn foreign_pages_and_names_are_turned_away_on_every_route() {
    let stage = Stage::new("site");
    let daemon = stage.open();
    let own = format!("http://127.0.0.1:{}", daemon.port);
    for path in [
        "/",
        "/health",
        "/api/v1/sessions",
        "/ws/v1/agent",
        "/nowhere",
    ] {
        for headers in [
            "Host: evil.example\r\n",
            "Host: evil.example\r\nOrigin: http://evil.example\r\n",
            "Origin: https://evil.example\r\n",
            "Origin: null\r\n",
        ] {
            assert_eq!(
                http(&daemon, "GET", path, headers, None).status,
                403,
                "{path} {headers}"
            );
        }
    }
    let same = format!("Origin: {own}\r\n");
    assert_eq!(
        http(&daemon, "GET", "/api/v1/sessions", &same, None).status,
        200
    );
    assert_eq!(
        Client::with(&daemon, &[("origin", "https://evil.example")]).err(),
        Some(403)
    );
    assert_eq!(
        Client::with(&daemon, &[("host", "evil.example")]).err(),
        Some(403)
    );
    assert!(Client::with(&daemon, &[("origin", &own)]).is_ok());
}

#[test]
fn requests_that_two_readers_understand_differently_get_400() {
    let stage = Stage::new("strict");
    let daemon = stage.open();
    let post = "POST /api/v1/guard/check HTTP/1.1\r\nHost: localhost\r\n";
    let table = [
        format!("{post}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{{}}"),
        format!("{post}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}"),
        format!("{post}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        format!("{post}Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n"),
        "GET /health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n".to_owned(),
        "GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n".to_owned(),
        "GET http://evil.example/health HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(),
        "GET /health HTTP/1.1\r\n\r\n".to_owned(),
        // The second of two on one connection is looked at as well.
        "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".to_owned(),
    ];
    for text in table {
        let answer = raw(&daemon, &text);
        assert!(answer.contains("HTTP/1.1 400"), "{text:?}: {answer:?}");
    }
    let chunked = format!(
        "{post}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n"
    );
    assert!(
        raw(&daemon, &chunked).contains("missing field"),
        "a chunked body is read"
    );
}

#[test]
fn what_takes_up_too_much_is_cut() {
    let stage = Stage::new("limits");
    let file = stage.root.join("config.toml");
    let text = "[limits]\nheader_timeout = \"500ms\"\nconnections = 8\nframe_bytes = 65536\nbody_bytes = 65536\n";
    std::fs::write(&file, text).expect("a file");
    let file = file.display().to_string();
    let daemon = stage.serve(&["--no-token", "--config", &file], &json!({}));

    let begin = Instant::now();
    let mut half = opened(&daemon, "GET / HTTP/1.1\r\nHost: loc");
    let mut answer = Vec::new();
    let _ = half.read_to_end(&mut answer);
    assert!(
        begin.elapsed() < Duration::from_secs(30),
        "half a head is closed"
    );

    let large = json!({"kind": "prompt", "text": "x".repeat(70_000)});
    assert_eq!(post(&daemon, "/api/v1/guard/check", &large).status, 413);

    let mut client = Client::new(&daemon);
    // The server may close while it is still being sent.
    let _ = client.send_message(Message::text("x".repeat(70_000)));
    assert_eq!(client.closed(), 1009);

    let held: Vec<_> = (0..8).map(|_| opened(&daemon, "")).collect();
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(
        raw(&daemon, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ""
    );
    drop(held);
}

#[test]
fn each_key_has_its_own_sessions_roots_and_quota() {
    let stage = Stage::new("keys");
    let own = stage.root.join("own");
    std::fs::create_dir_all(&own).expect("a directory");
    let file = stage.root.join("config.toml");
    let text = format!(
        "[keys.ann]\ntoken_file = {ann:?}\n[keys.bob]\ntoken_file = {bob:?}\nwork_roots = [{own:?}]\nturns_per_day = 2\nturns_at_once = 1\n",
        ann = stage.root.join("ann"),
        bob = stage.root.join("bob"),
    );
    std::fs::write(&file, text).expect("a file");
    let file = file.display().to_string();
    let daemon = stage.serve(&["--config", &file], &json!({}));
    let header = |name: &str| {
        let token = std::fs::read_to_string(stage.root.join(name)).expect("a token");
        format!("Authorization: Bearer {}\r\n", token.trim())
    };
    let (ann, bob, owner) = (header("ann"), header("bob"), header("token"));
    let execute = |who: &str, dir: &str, prompt: &str| {
        let body = json!({"prompt": prompt, "work_dir": dir});
        http(
            &daemon,
            "POST",
            "/api/v1/sessions/s/execute",
            who,
            Some(&body),
        )
    };
    let (work, own) = (stage.work(), own.display().to_string());
    assert_eq!(execute(&ann, &work, "of ann").status, 200);
    assert_eq!(execute(&bob, &work, "of bob").status, 403);
    assert_eq!(
        execute(&bob, &own, "history").json()["answer"],
        "history: 0",
        "his own conversation"
    );
    let list = |who: &str| http(&daemon, "GET", "/api/v1/sessions", who, None).body;
    assert!(
        list(&bob).contains("history") && !list(&bob).contains("of ann"),
        "{}",
        list(&bob)
    );
    assert!(list(&owner).contains("ann:s") && list(&owner).contains("bob:s"));
    let history = http(&daemon, "GET", "/api/v1/sessions/ann:s/history", &bob, None);
    assert_eq!(history.status, 404);
    assert_eq!(execute(&bob, &own, "second").status, 200);
    let third = execute(&bob, &own, "third");
    assert_eq!(
        (third.status, third.json()["error"]["kind"].as_str()),
        (429, Some("quota"))
    );
}

/// Whoever names no engine gets one that he may use.
#[test]
fn a_key_without_the_default_engine_has_its_first_one_as_default() {
    let stage = Stage::new("key-engine");
    let file = stage.root.join("config.toml");
    let options: serde_json::Value =
        serde_json::from_str(&stage.engine(&json!({}))).expect("options");
    let text = format!(
        "default_engine = \"main\"\n[keys.ann]\ntoken_file = {ann:?}\nengines = [\"careful\"]\n\
         [engines.main]\n[engines.careful]\nprogram = {program}\nstate_dir = {state}\njail_roots = {roots}\n\
         [engines.careful.env]\nSTAND_IN_STORE = {store}\n",
        ann = stage.root.join("ann"),
        program = options["program"],
        state = options["state_dir"],
        roots = options["jail_roots"],
        store = options["env"]["STAND_IN_STORE"],
    );
    std::fs::write(&file, text).expect("a file");
    let file = file.display().to_string();
    let daemon = stage.serve(&["--config", &file], &json!({}));
    let token = std::fs::read_to_string(stage.root.join("ann")).expect("a token");
    let ann = format!("Authorization: Bearer {}\r\n", token.trim());
    let body = json!({"prompt": "hello", "work_dir": stage.work()});
    let answer = http(
        &daemon,
        "POST",
        "/api/v1/sessions/s/execute",
        &ann,
        Some(&body),
    );
    assert_eq!(answer.status, 200, "{}", answer.body);
    let listed = http(&daemon, "GET", "/api/v1/engines", &ann, None).json();
    let first = &listed["engines"][0];
    assert_eq!(
        (&first["name"], &first["default"]),
        (&json!("careful"), &json!(true))
    );
}

#[test]
fn two_holders_of_one_token_are_refused_with_line_and_key() {
    let stage = Stage::new("one-token");
    let write = |name: &str, text: &str| {
        let path = stage.root.join(name);
        std::fs::write(&path, text).expect("a file");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&path, mode).expect("its mode");
        path
    };
    let long = "0123456789abcdef";
    let own = write("own", long);
    let same = write("same", &format!("{long}\n"));
    let other = write("other", "fedcba9876543210");
    let short = write("short", "123");
    let table = [
        // One file for two keys, and two files with one text.
        (
            [&other, &other],
            "line 4: keys.bob.token_file",
            "the key ann",
        ),
        (
            [&same, &other],
            "line 2: keys.ann.token_file",
            "the daemon itself",
        ),
        (
            [&other, &own],
            "line 4: keys.bob.token_file",
            "the daemon itself",
        ),
        // Every other mistake of a token is told with its place, too.
        (
            [&other, &short],
            "line 4: keys.bob.token_file",
            "16 characters",
        ),
    ];
    for ([ann, bob], place, why) in table {
        let text = format!("[keys.ann]\ntoken_file = {ann:?}\n[keys.bob]\ntoken_file = {bob:?}\n");
        let config = write("config.toml", &text).display().to_string();
        let own = own.display().to_string();
        let flags = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--config",
            &config,
            "--token-file",
            &own,
        ];
        let output = stage.hotplexd(&flags).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(place) && said.contains(why), "{said}");
        assert!(!said.contains(long), "{said}");
    }
}
