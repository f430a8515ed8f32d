//! The program as a person and a script meet it.

use std::process::{Command, Output, Stdio};

fn hotplexd(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hotplexd"));
    command
        .args(arguments)
        .stdin(Stdio::null())
        .env_remove("PORT")
        .env_remove("IDLE_TIMEOUT");
    command.output().expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_guard_is_asked_and_the_exit_code_tells() {
    let table = [
        (["check", "ls -l"].as_slice(), 0, "allow"),
        (&["check", "rm -rf /etc"], 3, "block"),
        (
            &["check", "--json", "rm -rf /etc"],
            3,
            "\"verdict\":\"block\"",
        ),
        (&["check", "--prompt", "what does ls do?"], 0, "allow"),
    ];
    for (arguments, code, part) in table {
        let output = hotplexd(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert!(
            text(&output.stdout).contains(part),
            "{arguments:?}: {}",
            text(&output.stdout)
        );
    }
}

#[test]
fn wrong_usage_and_configuration_end_with_2_and_say_where() {
    let table = [
        (["serve", "--prot", "1"].as_slice(), "--prot"),
        (
            &["serve", "--no-token", "--listen", "0.0.0.0:0"],
            "loopback",
        ),
        (
            &["serve", "--no-token", "--engine-options", "{\"modle\":1}"],
            "modle",
        ),
        (
            &["serve", "--no-token", "--config", "/nowhere.toml"],
            "/nowhere.toml",
        ),
        (
            &["serve", "--no-token", "--work-root", "/nowhere/at/all"],
            "/nowhere/at/all",
        ),
        (&["serve", "--no-token", "--idle-timeout", "30"], "30"),
        (&["dance"], "dance"),
    ];
    for (arguments, part) in table {
        let output = hotplexd(arguments);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?} {}",
            text(&output.stderr)
        );
        assert!(
            text(&output.stderr).contains(part),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
    }
}

#[test]
fn settings_completions_manual_and_description_are_written() {
    let table = [
        (
            ["serve", "--no-token", "--print-config", "--port", "7"].as_slice(),
            "127.0.0.1:7",
        ),
        (&["completions", "bash"], "hotplexd"),
        (&["completions", "zsh"], "#compdef"),
        (&["completions", "fish"], "complete"),
        (&["man"], ".TH"),
        (&["man"], "\\-\\-allowed\\-tools"),
        (&["man"], "\\-\\-no\\-follow"),
        (&["man"], "Exit codes"),
        (&["openapi"], "\"openapi\""),
        (&["--version"], env!("CARGO_PKG_VERSION")),
    ];
    for (arguments, part) in table {
        let output = hotplexd(arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
        assert!(text(&output.stdout).contains(part), "{arguments:?}");
    }
}

#[test]
fn capacity_says_what_to_set_and_where_the_figures_come_from() {
    let load = [
        "--sessions",
        "200",
        "--turns-per-hour",
        "12",
        "--turn",
        "10s",
    ];
    let output = hotplexd(&[&["capacity", "--memory", "8G"], load.as_slice()].concat());
    let document = include_str!("../../../../docs/capacity.md");
    let shown = text(&output.stdout);
    assert!(
        output.status.success() && document.contains(&shown),
        "{shown}"
    );

    let output = hotplexd(&["capacity", "--memory", "8G", "--rss", "500M", "--json"]);
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        (told["max_processes"].as_u64(), told["rss_from"].as_str()),
        (Some(14), Some("as you said"))
    );

    let table = [
        (
            ["capacity", "--memory", "512M"].as_slice(),
            1,
            "no agent fits",
        ),
        (
            &["capacity", "--memory", "8G", "--engine", "swift"],
            2,
            "claude-code",
        ),
        (
            &["capacity", "--memory", "8G", "--turn", "10m"],
            2,
            "so many turns",
        ),
        (
            &["capacity", "--memory", "8G", "--trace", "/nowhere"],
            2,
            "/nowhere",
        ),
        (&["capacity", "--memory", "8G", "--rss", "0"], 2, "nothing"),
        (&["capacity", "--memory", "much"], 2, "much"),
        (&["capacity"], 2, "--memory"),
    ];
    for (arguments, code, part) in table {
        let output = hotplexd(arguments);
        let said = text(&output.stderr);
        assert!(
            output.status.code() == Some(code) && said.contains(part),
            "{arguments:?}: {said}"
        );
    }
}

#[test]
fn capacity_plays_a_load_that_was_recorded() {
    let stage = crate::daemon::Stage::new("capacity");
    let _daemon = stage.open();
    for session in ["one", "two", "one"] {
        let done = stage
            .hotplexd(&["run", "-s", session, "hello"])
            .output()
            .expect("it runs");
        assert!(done.status.success(), "{}", text(&done.stderr));
    }
    let mut recorded = Vec::new();
    for session in ["one", "two"] {
        let mut tail = stage.hotplexd(&["tail", "--no-follow", "--json", session]);
        recorded.extend(tail.output().expect("it runs").stdout);
    }
    let file = stage.root.join("load.jsonl");
    std::fs::write(&file, recorded).expect("a file");
    let file = file.display().to_string();
    let play = |memory: &str| {
        let output = hotplexd(&[
            "capacity",
            "--memory",
            memory,
            "--reserve",
            "0",
            "--rss",
            "1G",
            "--json",
            "--trace",
            &file,
        ]);
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(told["load"], "3 turns of 2 sessions, recorded");
        told["hot_share"].as_f64().expect("a share")
    };
    assert_eq!((play("1G"), play("2G")), (0.0, 1.0 / 3.0));
}
