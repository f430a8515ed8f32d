//! `hotplexd doctor`.

use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::daemon::Stage;

fn findings(output: &Output) -> Vec<Value> {
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn find<'a>(findings: &'a [Value], what: &str) -> Vec<&'a Value> {
    findings.iter().filter(|one| one["what"] == what).collect()
}

#[test]
fn an_agent_that_answers_is_told_from_one_that_is_missing() {
    let stage = Stage::new("doctor");
    let options = stage.engine(&json!({}));
    let output = stage
        .hotplexd(&["doctor", "--json", "--engine-options", &options])
        .output()
        .expect("it runs");
    let all = findings(&output);
    let agent = find(&all, "agent of engine default");
    let answers = agent.iter().any(|one| {
        one["found"]
            .as_str()
            .is_some_and(|text| text.contains("answers, ready after"))
    });
    assert!(answers, "{agent:?}");
    for what in [
        "kernel",
        "Landlock",
        "descriptors",
        "processes",
        "memory",
        "state directory",
        "daemon",
    ] {
        assert_eq!(find(&all, what).len(), 1, "{what}");
    }
    for one in &all {
        let advised = one["grade"] == "ok" || one["advice"] != "";
        assert!(advised, "{one}");
    }

    let missing = r#"{"program":"/nowhere/agent"}"#;
    let output = stage
        .hotplexd(&["doctor", "--engine-options", missing])
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text
        .lines()
        .position(|line| line.contains("\"/nowhere/agent\" is not there"));
    let line = line.unwrap_or_else(|| panic!("{text}"));
    assert!(
        text.lines()
            .nth(line + 1)
            .is_some_and(|next| next.contains("-> ")),
        "{text}"
    );
    assert!(!text.contains('\x1b'), "no colours where no terminal is");
}

#[test]
fn what_a_dead_run_left_is_named_and_what_lives_is_not() {
    let stage = Stage::new("leaks");
    let daemon = stage.open();
    let run = stage
        .hotplexd(&["run", "-s", "s", "!pid"])
        .output()
        .expect("it runs");
    let alive = String::from_utf8_lossy(&run.stdout).trim().to_owned();
    let mut left = Command::new("sleep")
        .arg("60")
        .env("HOTPLEX_SPAWN_ID", "0123456789abcdef.7")
        .stdin(Stdio::null())
        .spawn()
        .expect("a process");
    let output = stage
        .hotplexd(&["doctor", "--no-start"])
        .output()
        .expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    left.kill().expect("it is ended");
    left.wait().expect("it has ended");
    assert!(text.contains(&format!("kill {}", left.id())), "{text}");
    assert!(
        !alive.is_empty() && !text.contains(&format!("kill {alive}\n")),
        "{text}"
    );
    assert!(
        text.contains("daemon: ") && text.contains(&daemon.port.to_string()),
        "{text}"
    );
}
