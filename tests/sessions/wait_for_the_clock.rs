//! Gemini takes no conversation up in the clock minute in which it was begun. Who waits for that is told.

use std::fs;
use std::process::Command;

use hotplex::{EventKind, Jail, Outcome, Turn};

use crate::common::{Stage, finish, next_that, pid, signal};

/// As the agent names the file of a conversation that was begun then.
fn minute(at: &str) -> String {
    let date = Command::new("date")
        .args(["-u", "-d", at, "+%Y-%m-%dT%H-%M"])
        .output();
    let said = date.expect("date").stdout;
    String::from_utf8(said)
        .expect("a date")
        .trim_end()
        .to_owned()
}

/// Begun in this minute, and in the next, which may have come by then.
fn lay_file_of_conversation(stage: &Stage, conversation: &str) {
    let chats = stage.home().join(".gemini/tmp/a-project/chats");
    fs::create_dir_all(&chats).expect("a directory");
    let id: String = conversation.chars().take(8).collect();
    for at in ["now", "now + 1 minute"] {
        let name = format!("session-{}-{id}.jsonl", minute(at));
        fs::write(chats.join(name), "").expect("a file");
    }
}

fn told_to_wait(turn: &mut Turn) -> String {
    let notice = next_that(
        turn,
        |kind| matches!(kind, EventKind::Notice(notice) if notice.code == "start_delayed"),
    );
    notice.text().expect("a notice has a text").to_owned()
}

#[test]
fn each_turn_that_waits_is_told_how_long() {
    let stage = Stage::new();
    let store = stage.path("store").display().to_string();
    let builder = stage.builder().provider("gemini").jail(Jail::Off);
    let builder = builder.program_args(["--speak", "acp"]);
    let engine = builder
        .env("STAND_IN_STORE", store)
        .open()
        .expect("an engine");
    let played = stage.play(&engine, "a", "hello");
    played.assert_completed();
    assert!(played.notices("start_delayed").is_empty(), "{played:?}");
    let start = played.kinds().find_map(|kind| match kind {
        EventKind::SessionStart(start) => Some(start.agent_session_id.clone()),
        _ => None,
    });
    lay_file_of_conversation(&stage, &start.expect("it has a name"));
    signal("KILL", pid(&engine, "a"));
    let mut first = stage.execute(&engine, "a", "one");
    let text = told_to_wait(&mut first);
    let seconds = text
        .split(' ')
        .rev()
        .nth(1)
        .and_then(|word| word.parse::<u64>().ok());
    assert!(
        seconds.is_some_and(|seconds| (1..=70).contains(&seconds)),
        "{text}"
    );
    let mut second = stage.execute(&engine, "a", "two");
    told_to_wait(&mut second);
    for turn in [first, second] {
        turn.cancel();
        finish(turn).assert_outcome(Outcome::Cancelled);
    }
}
