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
