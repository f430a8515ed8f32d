//! Cancelled turns: each ends once, soon, and alone.

use std::time::{Duration, Instant};

use crate::common::{PATIENCE, Stage, pid, until};
use hotplex::{ErrorKind, Outcome};

#[test]
fn the_current_turn_lets_go_and_the_process_stays() {
    let stage = Stage::new();
    for engine in stage.engines() {
        for _ in 0..10 {
            let mut turn = stage.execute(&engine, "a", "!text begun\n!hang-soft");
            crate::common::await_answer(&mut turn, "begun");
            let before = pid(&engine, "a");
            turn.cancel();
            let played = crate::common::finish(turn);
            played.assert_outcome(Outcome::Cancelled);
            assert_eq!(played.error_kind(), Some(ErrorKind::Cancelled));
            stage.echo(&engine, "a", "next");
            assert_eq!(pid(&engine, "a"), before);
        }
    }
}

/// An interrupt that overtakes its own prompt would be lost, and the turn would run on.
#[test]
fn a_turn_cancelled_right_after_it_was_accepted_ends_as_cancelled() {
    let stage = Stage::new();
    for engine in stage.engines() {
        stage.echo(&engine, "a", "hello");
        for round in 0..50 {
            let turn = stage.execute(&engine, "a", "!hang-soft");
            turn.cancel();
            crate::common::finish(turn).assert_outcome(Outcome::Cancelled);
            stage.echo(&engine, "a", &format!("round {round}"));
        }
    }
}

#[test]
fn a_queued_turn_goes_without_the_agent_hearing_of_it() {
    let stage = Stage::new();
    let engine = stage.engine();
    let first = stage.execute(&engine, "a", "!sleep 300\n!text first");
    let queued = stage.execute(&engine, "a", "queued");
    let third = stage.execute(&engine, "a", "history");
    engine.cancel(queued.id()).unwrap();
    let played = crate::common::finish(queued);
    played.assert_outcome(Outcome::Cancelled);
    assert!(played.events.is_empty(), "{played:?}");
    assert_eq!(played.end.stats.started, None);
    assert_eq!(crate::common::finish(first).answers(), ["first"]);
    // The agent has had one turn before this one.
    assert_eq!(crate::common::finish(third).answers(), ["history: 1"]);
}

#[test]
fn a_turn_cancelled_while_the_agent_starts_never_reaches_it() {
    let stage = Stage::new();
    let builder = stage.builder().env("STAND_IN_BOOT_MS", "300");
    let engine = builder.open().unwrap();
    let turn = stage.execute(&engine, "a", "hello");
    turn.cancel();
    crate::common::finish(turn).assert_outcome(Outcome::Cancelled);
    let played = stage.play(&engine, "a", "history");
    assert_eq!(played.answers(), ["history: 0"]);
}

#[test]
fn dropping_a_turn_cancels_it() {
    let stage = Stage::new();
    let engine = stage.engine();
    let mut turn = stage.execute(&engine, "a", "!text begun\n!hang-soft");
    crate::common::await_answer(&mut turn, "begun");
    let before = pid(&engine, "a");
    drop(turn);
    stage.echo(&engine, "a", "next");
    assert_eq!(pid(&engine, "a"), before);
    let info = engine.info().unwrap();
    assert_eq!((info.turns_completed, info.turns_not_completed), (1, 1));
}

/// The caller is told long before the agent is given up, which is after the grace.
#[test]
fn a_deaf_agent_does_not_hold_the_cancelled_turn() {
    let stage = Stage::new();
    let open = |grace| stage.builder().kill_grace(grace).open().unwrap();
    for (grace, waits_for_next) in [
        (Duration::from_secs(100), false),
        (Duration::from_secs(1), true),
    ] {
        let engine = open(grace);
        let mut turn = stage.execute(&engine, "a", "!text begun\n!hang");
        crate::common::await_answer(&mut turn, "begun");
        let cancelled = Instant::now();
        turn.cancel();
        crate::common::finish(turn).assert_outcome(Outcome::Cancelled);
        assert!(cancelled.elapsed() < Duration::from_secs(20));
        if waits_for_next {
            stage.echo(&engine, "a", "next");
        }
        engine.close(Duration::ZERO).unwrap();
    }
}

#[test]
fn a_turn_that_is_over_cannot_be_cancelled() {
    let stage = Stage::new();
    let engine = stage.engine();
    let turn = stage.execute(&engine, "a", "hello");
    let id = turn.id();
    crate::common::finish(turn).assert_completed();
    for id in [id, hotplex::TurnId::from(4711), hotplex::TurnId::from(0)] {
        let error = engine.cancel(id).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    }
}

#[test]
fn cancelling_again_and_again_ends_the_turn_once() {
    let stage = Stage::new();
    let engine = stage.engine();
    let mut turn = stage.execute(&engine, "a", "!text begun\n!late 100 LATE");
    crate::common::await_answer(&mut turn, "begun");
    for _ in 0..20 {
        turn.cancel();
    }
    crate::common::finish(turn).assert_outcome(Outcome::Cancelled);
    let counted = || engine.info().unwrap().turns_not_completed == 1;
    assert!(until(PATIENCE, counted));
    stage.echo(&engine, "a", "next");
}
