//! Limits on time: what they end, what they spare, and that a good turn follows.

use std::time::Duration;

use crate::common::{Stage, session, until};
use hotplex::Outcome;

const SHORT: Duration = Duration::from_millis(300);

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
