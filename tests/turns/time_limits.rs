//! Limits on time: what they end, what they spare, and that a good turn follows.

use std::time::Duration;

use crate::common::{Stage, session, until};
use hotplex::{ErrorKind, Outcome};

const SHORT: Duration = Duration::from_millis(300);

#[test]
fn a_turn_that_hangs_times_out_and_a_good_one_follows() {
    let stage = Stage::new();
    let engine = stage.builder().turn_timeout(SHORT).open().unwrap();
    // Deaf ones are killed, the other lets go when interrupted and keeps its process.
    for (prompt, keeps_process) in [("!hang", false), ("!hang-soft", true), ("!sigstop", false)] {
        stage.echo(&engine, "a", "hello");
        let before = crate::common::pid(&engine, "a");
        let request = stage.request("a", prompt);
        let played = crate::common::finish(engine.execute(request).unwrap());
        played.assert_outcome(Outcome::TimedOut);
        assert_eq!(played.error_kind(), Some(ErrorKind::TimedOut));
        assert!(played.error().contains("300 ms"), "{}", played.error());
        stage.echo(&engine, "a", "again");
        assert_eq!(crate::common::pid(&engine, "a") == before, keeps_process);
    }
}

#[test]
fn the_limit_of_a_request_goes_before_that_of_the_engine() {
    let stage = Stage::new();
    let engine = stage.builder().turn_timeout(SHORT).open().unwrap();
    let none = stage
        .request("a", "!sleep 800")
        .turn_timeout(Duration::ZERO);
    crate::common::finish(engine.execute(none).unwrap()).assert_completed();
    let shorter = stage.request("a", "!hang-soft").turn_timeout(SHORT / 3);
    let played = crate::common::finish(engine.execute(shorter).unwrap());
    played.assert_outcome(Outcome::TimedOut);
    assert!(played.error().contains("100 ms"), "{}", played.error());
}

#[test]
fn silence_is_given_up_and_talking_is_not() {
    let stage = Stage::new();
    let engine = stage.builder().silence_timeout(SHORT).open().unwrap();
    // It talks for three times the limit.
    let played = stage.play(&engine, "a", "!stream 9 10 100");
    played.assert_completed();
    assert_eq!(played.answers().len(), 9);
    let played = stage.play(&engine, "a", "!text begun\n!hang");
    played.assert_outcome(Outcome::TimedOut);
    assert!(
        played.error().contains("said nothing"),
        "{}",
        played.error()
    );
    assert_eq!(played.answers(), ["begun"]);
    stage.echo(&engine, "a", "again");
}

/// Who does not read cannot say that the other is silent.
#[test]
fn an_agent_that_waits_for_its_caller_is_not_silent() {
    let stage = Stage::new();
    let builder = stage.builder().window_bytes(32 * 1024);
    let engine = builder.silence_timeout(SHORT).open().unwrap();
    let turn = stage.execute(&engine, "a", "!flood 3000 500\n!hang");
    let given_up = || engine.info().unwrap().turns_not_completed > 0;
    assert!(!until(4 * SHORT, given_up), "it was ended while it waited");
    let played = crate::common::finish(turn);
    assert_eq!(played.answers().len(), 3000, "all that it said");
    // Silent it is at last.
    played.assert_outcome(Outcome::TimedOut);
    assert!(
        played.error().contains("said nothing"),
        "{}",
        played.error()
    );
}

#[test]
fn a_turn_longer_than_the_idle_time_is_not_collected_as_idle() {
    let stage = Stage::new();
    let engine = stage.builder().idle_timeout(SHORT).open().unwrap();
    let first = stage.execute(&engine, "a", "!sleep 1000\n!text done");
    let second = stage.execute(&engine, "a", "!sleep 500\n!text done too");
    let played = crate::common::finish(first);
    played.assert_completed();
    assert_eq!(played.answers(), ["done"]);
    crate::common::finish(second).assert_completed();
    // What is idle indeed is collected.
    assert!(until(crate::common::PATIENCE, || session(&engine, "a").is_none()));
    assert!(stage.living().is_empty());
    stage.echo(&engine, "a", "again");
}

#[test]
fn a_slow_start_is_not_charged_to_the_turn() {
    let stage = Stage::new();
    let builder = stage.builder().env("STAND_IN_BOOT_MS", "1200");
    let engine = builder.turn_timeout(SHORT * 2).open().unwrap();
    let played = stage.play(&engine, "a", "hello");
    played.assert_completed();
    assert_eq!(played.answers(), ["echo: hello"]);
    assert!(played.end.stats.total < SHORT * 2, "{:?}", played.end.stats);
}
