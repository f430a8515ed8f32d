//! `hotplexd chat`, and `run` before a person.

use serde_json::json;

use crate::client::{Client, get};
use crate::daemon::{Stage, lives, until};
use crate::terminal::Terminal;

fn chat(stage: &Stage, more: &[&str]) -> Terminal {
    let options = stage.engine(&json!({"permission_mode": "default"}));
    let arguments = ["chat", "-s", "talk", "--engine-options", &options];
    Terminal::new(stage, &[&arguments, more].concat())
}

#[test]
fn a_conversation_is_held_with_markdown_and_tool_cards() {
    let stage = Stage::new("chat");
    let mut terminal = chat(&stage, &[]);
    terminal.until("an engine of its own");
    terminal.line("!text first **bold** \x1b[2Jword");
    terminal.until("first \x1b[1mbold\x1b[0m");
    let rest = terminal.until("completed in");
    assert!(
        !rest.contains("\x1b[2J"),
        "an agent gives the terminal no orders: {rest:?}"
    );
    terminal.line("!delta 5 20");
    terminal.until("w0 w1 w2 w3 w4");
    terminal.line("history");
    terminal.until("history: 2");
    terminal.line("/help");
    terminal.until("/sessions");
    terminal.line("/sessions");
    terminal.until("talk");
    terminal.line("/dance");
    terminal.until("there is no /dance");
    terminal.line("/stop");
    terminal.until("has ended");
    terminal.line("history");
    terminal.until("history: 3");
    terminal.line("/model swift");
    terminal.until("model swift");
    terminal.line("!args");
    terminal.until("swift");
    terminal.line("/new");
    terminal.until("session ");
    terminal.line("history");
    terminal.until("history: 0");
    terminal.line("/quit");
    assert!(terminal.ended().success());
}

#[test]
fn a_tool_is_allowed_and_denied() {
    let stage = Stage::new("chat-approvals");
    let mut terminal = chat(&stage, &[]);
    let tool = "!tool Bash {\"command\":\"touch made\"}";
    terminal.line(tool);
    terminal.until("\x1b[1m* Bash");
    let card = terminal.until("Allow it?");
    assert!(
        card.contains("touch made") && card.contains(&stage.work()),
        "{card}"
    );
    terminal.press("what?\r");
    terminal.until("Allow it?");
    terminal.press("y\r");
    terminal.until("ran Bash");
    terminal.until("completed in");
    terminal.line(tool);
    terminal.until("* Bash");
    terminal.until("Allow it?");
    terminal.press("n not today\r");
    terminal.until("not today");
    terminal.until("completed in");
    // The end of input at a question is no consent.
    terminal.line(tool);
    terminal.until("Allow it?");
    terminal.press("\x04");
    terminal.until("denied");
    terminal.line("/quit");
    assert!(terminal.ended().success());
}

#[test]
fn ctrl_c_interrupts_the_turn_and_the_conversation_goes_on() {
    let stage = Stage::new("chat-interrupt");
    let mut terminal = chat(&stage, &[]);
    terminal.line("!text begun\n!hang-soft".replace('\n', "\\\r").as_str());
    terminal.until("begun");
    terminal.press("\x03");
    terminal.until("cancelled in");
    // One that does not listen is ended by the second.
    terminal.line("!text deaf\\\r!hang");
    terminal.until("deaf");
    terminal.press("\x03");
    terminal.press("\x03");
    terminal.until("in ");
    terminal.line("still there?");
    terminal.until("echo: still there?");
    // While nothing runs it ends nothing.
    terminal.until("> ");
    terminal.press("\x03");
    terminal.until("/quit leaves");
    terminal.until("> ");
    terminal.press("\x04");
    assert!(terminal.ended().success());
}

#[test]
fn lines_are_remembered_for_the_next_time() {
    let stage = Stage::new("chat-history");
    let mut terminal = chat(&stage, &[]);
    terminal.line("remember me");
    terminal.until("echo: remember me");
    terminal.line(" not this");
    terminal.until("echo:  not this");
    terminal.line("/quit");
    assert!(terminal.ended().success());
    let mut terminal = chat(&stage, &[]);
    terminal.until("> ");
    terminal.press("\x1b[A\x1b[A");
    terminal.until("remember me");
    terminal.press("\r");
    terminal.until("echo: remember me");
    terminal.line("/quit");
    assert!(terminal.ended().success());
    let mode = std::fs::metadata(stage.root.join("state/hotplex/chat_history")).expect("a file");
    assert_eq!(
        std::os::unix::fs::MetadataExt::mode(&mode) & 0o077,
        0,
        "nobody else reads it"
    );
}

#[test]
fn with_a_daemon_the_chat_goes_there_and_outlives_its_restart() {
    let stage = Stage::new("chat-daemon");
    let daemon = stage.serve(&[], &json!({"permission_mode": "default"}));
    let mut terminal = Terminal::new(&stage, &["chat", "-s", "talk"]);
    terminal.until("the daemon at");
    terminal.line("hello");
    terminal.until("echo: hello");
    // Somebody else answers first.
    terminal.line("!tool Bash {\"command\":\"true\"}");
    terminal.until("Allow it?");
    let token = format!("Bearer {}", stage.token());
    let headers = [
        ("authorization", token.as_str()),
        ("sec-websocket-protocol", "hotplex.v1"),
    ];
    let mut other = Client::with(&daemon, &headers).expect("the upgrade");
    other.send(&json!({"type": "list"}));
    let list = other.until("list");
    let id = &list["data"]["sessions"][0]["approvals"][0]["approval_id"];
    other.send(&json!({"type": "approve", "session_id": "talk", "approval_id": id}));
    terminal.until("not open any more");
    terminal.until("completed in");
    let listen = format!("127.0.0.1:{}", daemon.port);
    drop(daemon);
    terminal.line("anybody?");
    terminal.until("! ");
    let flags = ["--listen", listen.as_str()];
    let _again = stage.serve(&flags, &json!({"permission_mode": "default"}));
    terminal.line("history");
    terminal.until("history: 2");
    terminal.line("/quit");
    assert!(terminal.ended().success());
}

#[test]
fn run_asks_a_person() {
    let stage = Stage::new("run-asks");
    let daemon = stage.serve(&["--no-token"], &json!({"permission_mode": "default"}));
    let tool = "!tool Bash {\"command\":\"true\"}\n!text on";
    let mut terminal = Terminal::new(&stage, &["run", "-s", "s", tool]);
    // Typed ahead is no consent to what nobody had seen.
    terminal.press("y\r");
    terminal.until("Allow it?");
    // It is asked again: what was typed before would have been read before this.
    terminal.press("what?\r");
    terminal.until("Allow it?");
    assert_eq!(
        get(&daemon, "/api/v1/sessions/s").json()["state"],
        "waiting"
    );
    terminal.press("y\r");
    terminal.until("on\r\n");
    assert!(terminal.ended().success());
}

#[test]
fn a_terminal_that_goes_away_takes_its_agent_along() {
    let stage = Stage::new("hangup");
    let mut terminal = chat(&stage, &[]);
    terminal.line("!pid");
    terminal.until("completed in");
    let pids = std::fs::read_dir("/proc").expect("/proc").flatten();
    let own = stage.root.display().to_string();
    let agents: Vec<u64> = pids
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| {
            let name = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            let text = String::from_utf8_lossy(&environment);
            String::from_utf8_lossy(&name).contains("stand-in-agent") && text.contains(&own)
        })
        .collect();
    assert!(!agents.is_empty());
    drop(terminal);
    for pid in agents {
        until("the agent has ended", || !lives(pid));
    }
}
