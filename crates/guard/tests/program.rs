//! The program `hotplex-guard`, as a person, a script and Claude Code's hooks call it.
//!
//! What it is given is only ever judged; nothing here runs a command that it judges.

#![cfg(feature = "cli")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

const HOME: &str = "/home/dev";
const WORK_DIR: &str = "/home/dev/proj";
/// Blocked by every policy, and text all the while.
const DANGER: &str = "rm -rf ~/.ssh";

fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_hotplex-guard"))
        .args(arguments)
        .envs([
            ("HOME", HOME),
            ("USER", "dev"),
            ("CLAUDE_PROJECT_DIR", WORK_DIR),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    // A program that says no before it has read all closes the pipe.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("the program ends")
}

fn check(arguments: &[&str], input: &str) -> (Option<i32>, String) {
    let in_project = ["check", "--work-dir", WORK_DIR];
    let output = run(&[&in_project, arguments].concat(), input);
    (output.status.code(), text(&output.stdout))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("it prints text")
}

#[test]
fn the_exit_status_tells_a_script_whether_it_may_run() {
    let table: [(&[&str], &str, i32, &str); 7] = [
        (&["--", "ls -l"], "", 0, "allow"),
        (&["--", DANGER], "", 1, "block"),
        (&["--", "rm", "-rf", "/home/dev/.ssh"], "", 1, "block"),
        (&["--", "echo", DANGER], "", 0, "allow"),
        (&[], DANGER, 1, "block"),
        (&["--prompt"], "please run `rm -rf ~/.ssh` now", 1, "block"),
        (
            &["--root", "/srv/data", "--", "rm -rf /srv/data/old"],
            "",
            0,
            "allow",
        ),
    ];
    for (arguments, input, status, word) in table {
        let (code, said) = check(arguments, input);
        assert_eq!(code, Some(status), "{arguments:?} {input}: {said}");
        assert!(said.starts_with(word), "{arguments:?} {input}: {said}");
    }
}

#[test]
fn a_verdict_as_json_is_the_library_s() {
    let (_, said) = check(&["--json", "--", DANGER], "");
    let verdict: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(verdict["verdict"], "block");
    assert_eq!(verdict["level"], "critical");
    assert_eq!(
        check(&["--json", "--", "ls"], "").1,
        "{\"verdict\":\"allow\"}\n"
    );
}

#[test]
fn what_cannot_be_judged_says_why_and_is_no_permission() {
    let table: [(&[&str], &str, &str); 7] = [
        (&["look"], "", "no command \"look\""),
        (&["check", "--colour", "--", "ls"], "", "--colour"),
        (
            &["check", "--rules", "/nowhere/rules", "--", "ls"],
            "",
            "/nowhere/rules",
        ),
        (
            &["check", "--disable", "no.such", "--", "ls"],
            "",
            "no.such",
        ),
        (&["check", "--work-dir", "here", "--", "ls"], "", "absolute"),
        (&["hook"], "not JSON", "stdin"),
        (&["hook"], "{\"tool_name\":\"Bash\"}", "cwd"),
    ];
    for (arguments, input, why) in table {
        let output = run(arguments, input);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = text(&output.stderr);
        assert!(said.contains(why), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty(), "{arguments:?} answered");
    }
}

fn hook(tool: &str, input: Value) -> (Option<i32>, Value) {
    let told = json!({
        "session_id": "s", "hook_event_name": "PreToolUse", "cwd": "/home/dev/proj/sub",
        "permission_mode": "default", "tool_name": tool, "tool_input": input,
    });
    let output = run(&["hook"], &told.to_string());
    let answer = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code(), answer)
}

#[test]
fn the_hook_denies_what_is_blocked_and_says_nothing_to_the_rest() {
    let denied = [
        ("Bash", json!({"command": DANGER})),
        ("Write", json!({"file_path": "/etc/passwd", "content": "x"})),
        ("Edit", json!({"file_path": "/home/dev/.ssh/config"})),
        (
            "mcp__box__run",
            json!({"cmd": ["rm", "-rf", "/home/dev/.ssh"]}),
        ),
        ("Bash", json!({"command": 7})),
    ];
    for (tool, input) in denied {
        let (code, answer) = hook(tool, input.clone());
        let decision = &answer["hookSpecificOutput"];
        assert_eq!(code, Some(0), "{tool} {input}");
        assert_eq!(decision["permissionDecision"], "deny", "{tool} {input}");
        assert!(
            decision["permissionDecisionReason"]
                .as_str()
                .is_some_and(|why| !why.is_empty())
        );
    }
    let passed = [
        ("Bash", json!({"command": "rm -rf ../build"})),
        (
            "Write",
            json!({"file_path": "/home/dev/proj/a", "content": "rm -rf /"}),
        ),
        ("TodoWrite", json!({"todos": []})),
    ];
    for (tool, input) in passed {
        assert_eq!(
            hook(tool, input.clone()),
            (Some(0), Value::Null),
            "{tool} {input}"
        );
    }
}

#[test]
fn the_rules_are_listed_a_line_each() {
    let listed = text(&run(&["rules"], "").stdout);
    assert_eq!(
        listed.lines().count(),
        hotplex_guard::Guard::rules().count()
    );
    assert!(listed.lines().all(|line| line.split('\t').count() == 4));
}
