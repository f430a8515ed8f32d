//! The REST interface against its own description, by requests that nobody thought of.

use std::process::Command;

use serde_json::json;

use crate::client::{get, http};
use crate::daemon::Stage;

#[test]
#[ignore = "`make test-openapi` gets schemathesis and names it"]
fn what_the_description_says_is_true() {
    let program = std::env::var("HOTPLEXD_SCHEMATHESIS").expect("schemathesis");
    let stage = Stage::new("openapi");
    // Answers within a moment, so that none of its cases is a turn without end.
    let daemon = stage.serve(&[], &json!({"turn_timeout_ms": 5000}));
    let body = json!({"prompt": "hello", "work_dir": stage.work()});
    let bearer = format!("Authorization: Bearer {}", stage.token());
    let path = "/api/v1/sessions/known/execute";
    let known = http(&daemon, "POST", path, &format!("{bearer}\r\n"), Some(&body));
    assert_eq!(known.status, 200, "{}", known.body);
    let url = format!("http://127.0.0.1:{}/api/v1/openapi.json", daemon.port);
    let output = Command::new(program)
        .args([
            "run",
            &url,
            "--max-examples",
            "20",
            "--generation-deterministic",
        ])
        // What follows a session does not end by itself, and takes its time.
        .args(["--exclude-path", "/api/v1/sessions/{id}/events"])
        .args(["--request-timeout", "20", "--suppress-health-check", "all"])
        // A name that nobody has is not found, and the generator knows no other.
        .args([
            "--exclude-checks",
            "positive_data_acceptance,unsupported_method",
        ])
        .env("NO_COLOR", "1")
        .current_dir(&stage.root)
        .output()
        .expect("schemathesis runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{complained}");
    assert_eq!(
        get(&daemon, "/health/ready").status,
        200,
        "it is well afterwards"
    );
}
