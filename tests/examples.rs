//! The examples do what they say, driven as a user drives them, and leave no process behind.

mod common;
mod example_programs;

use common::Stage;
use example_programs::{Example, claude};

const STAND_IN: &str = env!("CARGO_BIN_EXE_stand-in-agent");

/// Answers `--version` as the real program does, then is the stand-in agent.
fn like_claude(settings: &str) -> String {
    format!(
        "test \"$1\" = --version && echo '0.0.0 (test)' && exit\n{settings} exec '{STAND_IN}' \"$@\""
    )
}

fn chat(stage: &Stage) -> Example {
    let mut chat = Example::start(stage, "chat", &[STAND_IN], &[]);
    chat.see("chat> ");
    chat
}

/// Lets the quickstart run to its end, with this on `PATH` as `claude`.
fn quickstart(script: &str) -> String {
    let stage = Stage::new();
    let bin = claude(&stage, script);
    let (status, screen) = Example::start(&stage, "quickstart", &[], &[&bin]).end();
    assert!(status.success(), "{screen}");
    assert!(screen.contains("first words"), "no table:\n{screen}");
    screen
}

/// The cold and the hot milliseconds of whole turns, one pair a turn.
fn whole_turns(screen: &str) -> Vec<(u64, u64)> {
    let rows = screen
        .lines()
        .filter(|line| line.matches(" ms").count() == 4);
    let numbers = |row: &str| {
        let words = row.split_whitespace();
        words
            .filter_map(|word| word.parse().ok())
            .collect::<Vec<u64>>()
    };
    rows.map(|row| (numbers(row)[3], numbers(row)[4])).collect()
}

fn assert_fell_back(screen: &str) {
    assert!(
        screen.contains("a stand-in that this example carries"),
        "{screen}"
    );
    assert_eq!(whole_turns(screen).len(), 3, "{screen}");
}

#[test]
fn quickstart_without_claude_shows_that_hot_turns_skip_the_start() {
    let stage = Stage::new();
    let (status, screen) = Example::start(&stage, "quickstart", &[], &[]).end();
    assert!(status.success(), "{screen}");
    assert!(screen.contains("No agent is on PATH"), "{screen}");
    assert!(screen.contains("npm install -g"), "{screen}");
    assert_fell_back(&screen);
    for (cold, hot) in whole_turns(&screen) {
        assert!(
            cold >= 600 && hot < cold,
            "cold {cold} ms, hot {hot} ms:\n{screen}"
        );
    }
    assert!(
        screen.contains("prompt 3"),
        "one session serves all three:\n{screen}"
    );
}

#[test]
fn quickstart_uses_the_claude_on_the_path() {
    let screen = quickstart(&like_claude(""));
    assert!(
        screen.contains("Agent: claude-code (claude 0.0.0)"),
        "{screen}"
    );
    assert!(screen.contains("echo: Say hello"), "{screen}");
    assert!(!screen.contains("stand-in"), "{screen}");
}

/// Each with the agent that is named, and with no other.
#[test]
fn every_example_asks_the_provider_that_is_named() {
    for (name, says) in [
        ("quickstart", "echo: Say hello"),
        ("basic", "echo: What is"),
        ("fan_out", "echo: Name one river"),
    ] {
        let stage = Stage::new();
        let arguments = ["--provider", "acp", STAND_IN, "--speak", "acp"];
        let (status, screen) = Example::start(&stage, name, &arguments, &[]).end();
        assert!(
            status.success() && screen.contains(says),
            "{name}: {screen}"
        );
        let arguments = ["--provider", "nobody"];
        let (status, screen) = Example::start(&stage, name, &arguments, &[]).end();
        assert!(!status.success(), "{name}: {screen}");
    }
}

#[test]
fn quickstart_says_how_to_install_the_provider_that_is_not_there() {
    let stage = Stage::new();
    let arguments = ["--provider", "gemini"];
    let (status, screen) = Example::start(&stage, "quickstart", &arguments, &[]).end();
    assert!(!status.success(), "{screen}");
    assert!(
        screen.contains("npm install -g @google/gemini-cli"),
        "{screen}"
    );
}

#[test]
fn quickstart_falls_back_when_claude_does_not_start() {
    let screen = quickstart(&like_claude("STAND_IN_FAIL='no licence for you'"));
    assert!(screen.contains("cannot be used"), "{screen}");
    assert!(screen.contains("no licence for you"), "{screen}");
    assert_fell_back(&screen);
}

#[test]
fn quickstart_falls_back_when_claude_is_not_logged_in() {
    let script = r#"
test "$1" = --version && echo '0.0.0 (test)' && exit
read -r handshake
id=$(expr "$handshake" : '.*"request_id":"\([^"]*\)"')
echo '{"type":"control_response","response":{"subtype":"success","request_id":"'"$id"'","response":{}}}'
read -r prompt
echo '{"type":"system","subtype":"init","session_id":"s","tools":[]}'
echo '{"type":"result","subtype":"success","is_error":true,"result":"Not logged in"}'
cat >/dev/null"#;
    let screen = quickstart(script);
    assert!(screen.contains("cannot be used: Not logged in"), "{screen}");
    assert_fell_back(&screen);
}

#[test]
fn quickstart_falls_back_when_claude_hangs_at_once() {
    let screen = quickstart("exec sleep 600");
    assert!(screen.contains("did not answer"), "{screen}");
    assert_fell_back(&screen);
}

#[test]
fn quickstart_falls_back_when_claude_never_gets_ready() {
    assert_fell_back(&quickstart(&like_claude("STAND_IN_NO_HANDSHAKE=1")));
}

#[test]
fn basic_keeps_its_session_in_one_process() {
    let stage = Stage::new();
    let (status, screen) = Example::start(&stage, "basic", &[STAND_IN], &[]).end();
    assert!(status.success(), "{screen}");
    let starts = screen.matches("[new]").count() + screen.matches("[resumed]").count();
    assert_eq!(starts, 1, "{screen}");
    assert!(screen.contains("basic: 2 turns in one process"), "{screen}");
}

#[test]
fn full_takes_its_conversation_up_again() {
    let stage = Stage::new();
    let store = stage.work_dir().join("store");
    std::fs::create_dir_all(&store).expect("where the agent keeps conversations");
    let script = like_claude(&format!("STAND_IN_STORE={}", common::quoted(&store)));
    let bin = claude(&stage, &script);
    let (status, screen) = Example::start(&stage, "full", &[], &[&bin]).end();
    assert!(status.success(), "{screen}");
    let starts: Vec<_> = screen
        .lines()
        .filter(|line| matches!(*line, "[new]" | "[resumed]"))
        .collect();
    assert_eq!(starts, ["[new]", "[resumed]", "[resumed]"], "{screen}");
    assert_eq!(screen.matches("echo: ").count(), 3, "{screen}");
}

#[test]
fn fan_out_takes_every_session_to_its_end() {
    let stage = Stage::new();
    let (status, screen) = Example::start(&stage, "fan_out", &[STAND_IN], &[]).end();
    assert!(status.success(), "{screen}");
    for session in ["rivers", "mountains", "islands"] {
        assert!(
            screen.contains(&format!("{session}: echo: Name one")),
            "{screen}"
        );
        assert!(
            screen.contains(&format!("{session}: completed")),
            "{screen}"
        );
    }
}

#[test]
fn chat_answers_line_by_line_and_leaves_at_the_end_of_input() {
    let stage = Stage::new();
    let mut chat = chat(&stage);
    chat.type_line("hello");
    chat.see("echo: hello");
    chat.type_line("!delta 4 1");
    chat.see("w0 w1 w2 w3");
    chat.hang_up();
    assert!(chat.end().0.success());
}

#[test]
fn chat_interrupts_an_answer_and_goes_on() {
    let stage = Stage::new();
    let mut chat = chat(&stage);
    chat.type_line("!delta 100000 10");
    chat.see("w3 ");
    chat.interrupt();
    chat.see("[cancelled]");
    chat.type_line("still there?");
    chat.see("echo: still there?");
    chat.see("chat> ");
    chat.interrupt();
    assert!(chat.end().0.success(), "a second one, at rest, leaves");
}

#[test]
fn chat_asks_before_a_tool_runs() {
    let stage = Stage::new();
    let mut chat = chat(&stage);
    chat.type_line("!bash echo from-the-tool > said");
    chat.see("may it run? [y/n]");
    chat.type_line("n");
    chat.see("the user said no");
    chat.see("chat> ");
    let said = stage.work_dir().join("said");
    assert!(!said.exists(), "a tool that was refused did not run");
    chat.type_line("!bash echo from-the-tool > said");
    chat.see("may it run? [y/n]");
    chat.type_line("y");
    chat.see("chat> ");
    assert!(said.exists(), "a tool that was allowed did run");
    chat.type_line("/quit");
    assert!(chat.end().0.success());
}

#[test]
fn chat_lists_and_stops_sessions() {
    let stage = Stage::new();
    let mut chat = chat(&stage);
    chat.type_line("/session other");
    chat.see("other> ");
    chat.type_line("hello");
    chat.see("other> ");
    chat.type_line("/sessions");
    chat.see("other");
    chat.see("ready");
    chat.type_line("/stop");
    chat.see("stopped");
    chat.type_line("/quit");
    assert!(chat.end().0.success());
}
