//! Close and drop return within a bound, whoever calls and whatever the agents do.

use std::time::{Duration, Instant};

use crate::common::{Stage, await_answer};
use hotplex::Engine;

/// What closing may take beyond the grace, on a busy machine. The agents stay for ever.
const MARGIN: Duration = Duration::from_secs(20);

#[test]
fn two_threads_that_close_both_find_everything_gone() {
    let stage = Stage::new();
    let engine = engine_of_deaf_agents(&stage);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                engine.close(Duration::from_millis(200)).expect("closed");
                assert!(stage.living().is_empty());
            });
        }
    });
}

#[test]
fn within_the_grace_and_a_margin() {
    for grace in [0, 100, 500].map(Duration::from_millis) {
        let stage = Stage::new();
        let engine = engine_of_deaf_agents(&stage);
        let asked = Instant::now();
        engine.close(grace).expect("closed");
        assert!(asked.elapsed() < grace + MARGIN, "{:?}", asked.elapsed());
        assert!(stage.living().is_empty());
    }
}

#[test]
fn an_engine_whose_agents_obey_is_closed_long_before_the_grace_is_over() {
    let stage = Stage::new();
    let engine = stage.engine();
    for session in ["a", "b", "c"] {
        stage.echo(&engine, session, "hello");
    }
    let asked = Instant::now();
    engine.close(Duration::from_secs(200)).expect("closed");
    assert!(asked.elapsed() < MARGIN, "{:?}", asked.elapsed());
}

#[test]
fn a_drop_takes_no_longer_than_the_engines_own_grace() {
    let stage = Stage::new();
    let engine = engine_of_deaf_agents(&stage);
    let asked = Instant::now();
    drop(engine);
    assert!(asked.elapsed() < Duration::from_millis(300) + MARGIN);
    assert!(stage.living().is_empty());
}

#[test]
fn the_longest_time_there_is_means_no_limit_and_no_panic() {
    let stage = Stage::new();
    let builder = stage
        .builder()
        .turn_timeout(Duration::MAX)
        .idle_timeout(Duration::MAX);
    let builder = builder
        .start_timeout(Duration::MAX)
        .silence_timeout(Duration::MAX);
    let builder = builder
        .approval_timeout(Duration::MAX)
        .kill_grace(Duration::MAX);
    let engine = builder.open().expect("an engine");
    stage.echo(&engine, "a", "hello");
    let mut turn = stage.execute(&engine, "a", "!text begun\n!hang-soft");
    await_answer(&mut turn, "begun");
    turn.cancel();
    crate::common::finish(turn).assert_outcome(hotplex::Outcome::Cancelled);
    stage.echo(&engine, "a", "again");
    engine.close(Duration::MAX).expect("closed");
}

/// Two agents in the middle of a turn that hear nothing but KILL.
fn engine_of_deaf_agents(stage: &Stage) -> Engine {
    let builder = stage.builder().env("STAND_IN_IGNORE_TERM", "1");
    let builder = builder.kill_grace(Duration::from_millis(300));
    let engine = builder.open().expect("an engine");
    for session in ["a", "b"] {
        let mut turn = stage.execute(&engine, session, "!text begun\n!hang");
        await_answer(&mut turn, "begun");
    }
    engine
}
