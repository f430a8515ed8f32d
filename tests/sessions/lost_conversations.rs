//! When record and agent disagree about a conversation, the turn succeeds all the same: in the old
//! conversation if there is a way to it, else in a fresh one, and then the caller is told.

use std::fs;
use std::path::PathBuf;

use crate::common::{Played, Stage};
use hotplex::{Engine, EventKind};

#[test]
fn a_record_that_cannot_be_read_is_no_loss() {
    let whole =
        r#"{"session_id":"a","agent_session_id":"x","provider":"claude-code","work_dir":"/"}"#;
    let table: [(&str, &[u8]); 6] = [
        ("empty", b""),
        ("half-written", &whole.as_bytes()[..40]),
        ("no text", &[0xff, 0, 0xfe, b'{']),
        ("another shape", b"[1, 2, 3]"),
        ("a field missing", br#"{"session_id":"a"}"#),
        ("zeroes after a power cut", &[0; 200]),
    ];
    for (name, bytes) in table {
        let stage = stage_with_a_turn();
        fs::write(record(&stage), bytes).expect("a damaged record");
        assert_goes_on(&stage, name);
        assert_goes_on_after(&stage, 2, name);
    }
}

#[test]
fn a_directory_in_place_of_the_record_is_no_loss_either() {
    let stage = stage_with_a_turn();
    let record = record(&stage);
    fs::remove_file(&record).expect("a record");
    fs::create_dir(&record).expect("a directory in its place");
    assert_goes_on(&stage, "a directory");
}

/// The state is gone, but the agent's own files are not: the name of the conversation, which is
/// always the same for a session, is in use, and that conversation is taken up.
#[test]
fn a_record_that_is_gone_is_no_loss() {
    for lost in ["state", "state/sessions"] {
        let stage = stage_with_a_turn();
        fs::remove_dir_all(stage.path(lost)).expect("the state");
        assert_goes_on(&stage, lost);
        assert_goes_on_after(&stage, 2, lost);
    }
}

/// The agent's own files are gone, but the state is not.
#[test]
fn a_conversation_that_is_gone_gives_a_fresh_one() {
    let stage = stage_with_a_turn();
    fs::remove_dir_all(stage.path("store")).expect("the store");
    assert_begins_anew(&stage, "no conversation");
}

#[test]
fn turns_that_wait_go_into_the_fresh_conversation_in_order() {
    let stage = stage_with_a_turn();
    fs::remove_dir_all(stage.path("store")).expect("the store");
    let engine = engine(&stage);
    let turns: Vec<_> = (0..4)
        .map(|_| stage.execute(&engine, "a", "history"))
        .collect();
    for (number, turn) in turns.into_iter().enumerate() {
        let played = crate::common::finish(turn);
        assert_eq!(played.answers(), [format!("history: {number}")]);
        let told = played.notices("session_reset").len();
        assert_eq!(told, usize::from(number == 0), "{played:?}");
    }
}

#[test]
fn a_state_directory_that_cannot_be_written_costs_no_turn() {
    let stage = Stage::new();
    fs::write(stage.path("state"), "a file where a directory should be").expect("a file");
    let engine = engine(&stage);
    for round in 0..3 {
        let played = stage.play(&engine, "a", "history");
        played.assert_completed();
        assert_eq!(played.answers(), [format!("history: {round}")]);
    }
    engine.stop_session("a", "test").expect("it is there");
    assert_eq!(
        stage.play(&engine, "a", "history").answers(),
        ["history: 3"]
    );
}

/// A stage where session `a` had one turn.
fn stage_with_a_turn() -> Stage {
    let stage = Stage::new();
    let played = stage.play(&engine(&stage), "a", "history");
    assert_eq!(played.answers(), ["history: 0"]);
    stage
}

fn engine(stage: &Stage) -> Engine {
    stage.builder_with_store().open().expect("an engine")
}

/// The one record of the stage.
fn record(stage: &Stage) -> PathBuf {
    let records = fs::read_dir(stage.path("state/sessions")).expect("records");
    let mut paths = records.map(|entry| entry.expect("a record").path());
    let record = paths.next().expect("a record");
    assert_eq!(paths.next(), None, "nothing half-written stays");
    record
}

fn assert_goes_on(stage: &Stage, how: &str) {
    assert_goes_on_after(stage, 1, how);
}

fn assert_goes_on_after(stage: &Stage, turns: usize, how: &str) {
    let played = stage.play(&engine(stage), "a", "history");
    played.assert_completed();
    assert_eq!(played.answers(), [format!("history: {turns}")], "{how}");
    assert!(played.notices("session_reset").is_empty(), "{how}");
}

/// The first turn is told of the fresh conversation, and the next engine takes that one up.
fn assert_begins_anew(stage: &Stage, why: &str) {
    let played = stage.play(&engine(stage), "a", "history");
    played.assert_completed();
    assert_eq!(played.answers(), ["history: 0"]);
    let notices = played.notices("session_reset");
    assert_eq!(notices.len(), 1, "{played:?}");
    assert!(notices[0].contains(why), "{notices:?}");
    assert_eq!(starts(&played), 1, "{played:?}");
    assert_goes_on(stage, why);
}

fn starts(played: &Played) -> usize {
    let is_start = |kind: &EventKind| matches!(kind, EventKind::SessionStart(_));
    played
        .events
        .iter()
        .filter(|event| is_start(&event.kind))
        .count()
}
