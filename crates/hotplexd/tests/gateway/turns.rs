//! `hotplexd run`: one turn from a shell, with a daemon and without.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::client::get;
use crate::daemon::{Stage, lives, until};

fn done(mut command: Command) -> Output {
    command.output().expect("it runs")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// `run` with an engine of its own.
fn alone(stage: &Stage, arguments: &[&str]) -> Command {
    let mut command = stage.hotplexd(&["run", "--engine-options", &stage.engine(&json!({}))]);
    command.args(arguments);
    command
}

#[test]
fn without_a_daemon_a_turn_runs_in_the_process_itself_and_leaves_nothing() {
    let stage = Stage::new("alone");
    let output = done(alone(&stage, &["hello"]));
    assert!(output.status.success(), "{}", err(&output));
    assert_eq!(
        (out(&output), err(&output)),
        ("echo: hello\n".to_owned(), String::new())
    );
    let output = done(alone(&stage, &["!pid"]));
    let pid = out(&output).trim().parse().expect("a number");
    until("no agent is left", || !lives(pid));
}

#[test]
fn a_conversation_goes_on_by_its_name() {
    let stage = Stage::new("goes-on");
    assert!(
        done(alone(&stage, &["-s", "talk", "first"]))
            .status
            .success()
    );
    let output = done(alone(&stage, &["-s", "talk", "history"]));
    assert_eq!(out(&output), "history: 1\n", "{}", err(&output));
}

#[test]
fn a_daemon_that_runs_gets_the_turn_and_its_session_keeps_its_directory() {
    let stage = Stage::new("with-daemon");
    let daemon = stage.serve(&[], &json!({}));
    let output = done(stage.hotplexd(&["run", "-s", "s", "hello"]));
    assert_eq!(out(&output), "echo: hello\n", "{}", err(&output));
    let elsewhere = stage.root.join("work/elsewhere");
    std::fs::create_dir(&elsewhere).expect("a directory");
    let mut command = stage.hotplexd(&["run", "-s", "s", "!cwd"]);
    command.current_dir(&elsewhere);
    assert_eq!(out(&done(command)), format!("{}\n", stage.work()));
    let list = done(stage.hotplexd(&["sessions", "--json"]));
    let list: Value = serde_json::from_str(&out(&list)).expect("JSON");
    assert_eq!(
        (&list[0]["session_id"], &list[0]["turns"]),
        (&json!("s"), &json!(2))
    );
    let port = daemon.port;
    drop(daemon);
    let output = done(stage.hotplexd(&["sessions"]));
    assert_eq!(output.status.code(), Some(4), "{}", err(&output));
    let url = format!("http://127.0.0.1:{port}");
    let output = done(stage.hotplexd(&["run", "--url", &url, "hello"]));
    assert_eq!(output.status.code(), Some(4), "{}", err(&output));
}

#[test]
fn a_daemon_that_was_killed_is_not_taken_for_one_that_runs() {
    let stage = Stage::new("stale");
    let mut daemon = stage.serve(&[], &json!({}));
    daemon.signal(Signal::KILL);
    daemon.ended();
    assert!(stage.root.join("state/hotplex/hotplexd.json").exists());
    // Somebody else has the port now, and must not be shown the token.
    let output = done(stage.hotplexd(&["sessions"]));
    assert_eq!(output.status.code(), Some(4), "{}", err(&output));
    assert!(err(&output).contains("no daemon runs"));
}

#[test]
fn json_is_one_object_and_stream_a_line_for_each_event() {
    let stage = Stage::new("json");
    let output = done(alone(&stage, &["--json", "hello"]));
    let object: Value = serde_json::from_str(&out(&output)).expect("JSON");
    assert_eq!(
        (&object["outcome"], &object["answer"]),
        (&json!("completed"), &json!("echo: hello"))
    );
    assert_eq!(object["stats"]["is_error"], false);
    let output = done(alone(&stage, &["--json", "!die 3"]));
    let object: Value = serde_json::from_str(&out(&output)).expect("JSON");
    assert_eq!(
        (&object["outcome"], &object["error"]["kind"]),
        (&json!("crashed"), &json!("crashed"))
    );
    let output = done(alone(&stage, &["--stream", "!think hm\n!text done"]));
    let text = out(&output);
    let events: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let names: Vec<_> = events
        .iter()
        .filter_map(|event| event["event"].as_str())
        .collect();
    for name in ["session_start", "thinking", "answer", "turn_end"] {
        assert!(names.contains(&name), "{names:?}");
    }
    assert_eq!(names.last(), Some(&"completed"));
}

#[test]
fn stdin_follows_the_prompt() {
    let stage = Stage::new("stdin");
    let mut command = alone(&stage, &["--stdin", "look:"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut input = child.stdin.take().expect("its input");
    input.write_all(b"one\ntwo\n").expect("it is written");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(out(&output), "echo: look:\n\none\ntwo\n");
}

#[test]
fn the_exit_code_tells_how_it_went_and_stderr_why() {
    let stage = Stage::new("exit-codes");
    let table = [
        (
            ["!die 3"].as_slice(),
            1,
            "hotplexd: the agent exited with status 3",
        ),
        (&["!status 500"], 1, "500"),
        (
            &["--timeout", "300ms", "!hang-soft"],
            1,
            "took longer than 300 ms",
        ),
        (&[""], 2, "empty"),
        (&["-C", "/nowhere/at/all", "x"], 2, "/nowhere/at/all"),
        (&["please run rm -rf / now"], 3, "blocked"),
    ];
    for (arguments, code, part) in table {
        let output = done(alone(&stage, arguments));
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}: {}",
            err(&output)
        );
        assert!(
            err(&output).contains(part),
            "{arguments:?}: {}",
            err(&output)
        );
        assert_eq!(out(&output), "", "{arguments:?}");
    }
}

#[test]
fn ctrl_c_interrupts_the_turn_and_the_program_ends_with_130() {
    let stage = Stage::new("ctrl-c");
    let mut command = alone(&stage, &["--stream", "!text begun\n!hang-soft"]);
    let file = stage.root.join("out");
    let child = command
        .stdout(std::fs::File::create(&file).expect("a file"))
        .spawn();
    let mut child = child.expect("it runs");
    let said = || std::fs::read_to_string(&file).expect("the file");
    until("the turn runs", || said().contains("begun"));
    kill_process(Pid::from_child(&child), Signal::INT).expect("a signal");
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    assert!(said().contains("\"outcome\":\"cancelled\""), "{}", said());
}

#[test]
fn where_nobody_can_answer_a_question_is_denied() {
    let stage = Stage::new("nobody");
    let options = stage.engine(&json!({"permission_mode": "default"}));
    let tool = "!tool Bash {\"command\":\"true\"}\n!text on";
    let output = done(stage.hotplexd(&["run", "--stream", "--engine-options", &options, tool]));
    assert!(output.status.success(), "{}", err(&output));
    assert!(out(&output).contains("nobody is there"), "{}", out(&output));
    // The answer alone goes to stdout, and why something is missing in it to stderr.
    let output = done(stage.hotplexd(&["run", "--engine-options", &options, tool]));
    assert_eq!(out(&output), "on\n");
    assert!(
        err(&output).contains("denied: Bash: nobody is there"),
        "{}",
        err(&output)
    );
}

#[test]
fn sessions_are_listed_followed_and_killed() {
    let stage = Stage::new("kill");
    let daemon = stage.serve(&[], &json!({}));
    for name in ["a/b", "c"] {
        assert!(
            done(stage.hotplexd(&["run", "-s", name, "hello"]))
                .status
                .success()
        );
    }
    let list = out(&done(stage.hotplexd(&["sessions"])));
    let rows: Vec<Vec<&str>> = list
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    assert_eq!(rows[0][..2], ["SESSION", "STATE"]);
    assert_eq!(rows[1][..3], ["a/b", "ready", "default"]);
    assert_eq!(rows.len(), 3);
    let pid = rows[1][3].parse().expect("a number");

    let told = done(stage.hotplexd(&["tail", "--no-follow", "a/b"]));
    let names: Vec<String> = out(&told)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["event"].to_string())
        .collect();
    assert!(names.contains(&"\"prompt\"".to_owned()), "{names:?}");
    assert!(names.contains(&"\"turn_end\"".to_owned()), "{names:?}");
    assert_eq!(
        done(stage.hotplexd(&["tail", "--no-follow", "none"]))
            .status
            .code(),
        Some(1)
    );

    let output = done(stage.hotplexd(&["kill", "a/b", "none"]));
    assert_eq!(
        (output.status.code(), out(&output)),
        (Some(1), "a/b\tended\n".to_owned())
    );
    assert!(err(&output).contains("no session none"), "{}", err(&output));
    until("its agent has ended", || !lives(pid));
    let output = done(stage.hotplexd(&["kill", "--all"]));
    assert_eq!(out(&output), "c\tended\n", "{}", err(&output));
    drop(daemon);
}

#[test]
fn spares_are_made_for_a_directory() {
    let stage = Stage::new("prewarm");
    let daemon = stage.serve(&["--no-token"], &json!({}));
    let output = done(stage.hotplexd(&["prewarm", "-n", "2"]));
    assert_eq!(out(&output), "2 started\n", "{}", err(&output));
    until("they are there", || {
        let list = get(&daemon, "/api/v1/spares").json();
        list["spares"].as_array().map(Vec::len) == Some(2)
    });
    assert_eq!(
        done(stage.hotplexd(&["prewarm", "-n", "0"])).status.code(),
        Some(2)
    );
    let output = done(stage.hotplexd(&["prewarm", "-C", "/"]));
    assert_eq!(output.status.code(), Some(1));
}
