//! Parameters in a query: one that nobody knows, or that stands there twice, is an error on every route,
//! as an unknown key of a body is.

use serde_json::{Value, json};

use crate::client::{get, http};
use crate::daemon::{Daemon, Stage};

/// Every route of the description, with something in the place of its names.
fn routes() -> Vec<(String, String)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let text = std::fs::read_to_string(path).expect("the description");
    let described: Value = serde_json::from_str(&text).expect("JSON");
    let paths = described["paths"].as_object().expect("paths");
    let routes = paths.iter().flat_map(|(path, item)| {
        let path = path.replace("{id}", "s").replace("{approval_id}", "1:a");
        let methods = item.as_object().into_iter().flat_map(|item| item.keys());
        methods.map(move |method| (method.to_uppercase(), path.clone()))
    });
    routes.collect()
}

fn ask(daemon: &Daemon, method: &str, path: &str) -> (u16, String) {
    let body = (method == "POST").then(|| json!({}));
    let answer = http(daemon, method, path, "", body.as_ref());
    (answer.status, answer.body)
}

#[test]
fn a_parameter_that_nobody_knows_is_an_error_on_every_route() {
    let stage = Stage::new("unknown-parameter");
    let daemon = stage.open();
    let routes = routes();
    assert!(routes.len() > 20, "{routes:?}");
    let of_interface = |path: &str| path.starts_with("/api/");
    for (method, path) in routes.iter().filter(|(_, path)| of_interface(path)) {
        for query in [
            "nobody=1",
            "nobody",
            "limits=5",
            "after=0&nobody=1",
            "AFTER=0",
        ] {
            let (status, body) = ask(&daemon, method, &format!("{path}?{query}"));
            assert_eq!(status, 400, "{method} {path}?{query}: {body}");
            assert!(body.contains("invalid_argument"), "{body}");
        }
    }
    assert_eq!(ask(&daemon, "GET", "/api/v1/openapi.json?x=1").0, 400);
    // Who looks whether it is well may add what keeps caches away.
    for path in [
        "/health?t=1",
        "/health/live?t=1",
        "/metrics?t=1",
        "/?session=a&x=1",
    ] {
        assert_eq!(ask(&daemon, "GET", path).0, 200, "{path}");
    }
}

#[test]
fn a_parameter_that_stands_there_twice_is_an_error() {
    let stage = Stage::new("twice");
    let daemon = stage.open();
    let table = [
        ("/api/v1/audit?limit=5&limit=6", 400),
        // There is no audit here to be shown.
        ("/api/v1/audit?limit=5", 404),
        ("/api/v1/sessions/s/events?after=1&after=1", 400),
        ("/api/v1/sessions/s/history?after=1&limit=5&after=2", 400),
    ];
    for (path, status) in table {
        assert_eq!(get(&daemon, path).status, status, "{path}");
    }
}

#[test]
fn an_upgrade_takes_the_name_of_a_session_and_nothing_else() {
    let stage = Stage::new("upgrade-query");
    let daemon = stage.open();
    let table = [
        ("", 101),
        ("?session=a", 101),
        ("?session=%C3%BC%20x", 101),
        ("?session=a&session=a", 400),
        ("?sesion=a", 400),
        ("?session=a&api_key=secret", 400),
    ];
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (query, status) in table {
        let path = format!("/ws/v1/agent{query}");
        let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{upgrade}\r\n");
        let mut stream = crate::client::opened(&daemon, &head);
        let mut first = [0; 12];
        std::io::Read::read_exact(&mut stream, &mut first).expect("an answer");
        let said = String::from_utf8_lossy(&first);
        assert_eq!(said, format!("HTTP/1.1 {status}"), "{query}");
    }
}
