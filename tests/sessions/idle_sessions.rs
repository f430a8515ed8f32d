//! An idle session gives its process back after a while, and its conversation goes on.

use std::time::{Duration, Instant};

use crate::common::{PATIENCE, Stage, finish, until};
use hotplex::{Engine, EngineBuilder, WarmUp};

const IDLE: Duration = Duration::from_millis(200);

#[test]
fn it_is_hibernated_and_resumed_without_a_word() {
    let stage = Stage::new();
    let engine = engine(&stage);
    for round in 0..3 {
        let played = stage.play(&engine, "a", "history");
        assert_eq!(played.answers(), [format!("history: {round}")]);
        assert!(until(PATIENCE, || is_empty(&engine)));
        assert!(stage.living().is_empty());
    }
    assert_eq!(engine.info().expect("figures").spawned, 3);
    let said = engine.background_events().try_recv();
    assert!(said.is_err(), "it is nothing to worry about: {said:?}");
}

#[test]
fn the_time_begins_anew_with_every_turn() {
    let stage = Stage::new();
    // Longer than a busy machine stalls between two turns.
    let idle = Duration::from_secs(1);
    let engine = opened(stage.builder_with_store().idle_timeout(idle));
    let begun = Instant::now();
    while begun.elapsed() < 3 * idle {
        stage.play(&engine, "a", "!sleep 20").assert_completed();
    }
    assert_eq!(engine.info().expect("figures").spawned, 1);
}

/// A prompt that comes in the moment when the process is told to end is served by the next one.
#[test]
fn a_prompt_at_the_very_end_of_the_idle_time_is_served() {
    let stage = Stage::new();
    let builder = stage
        .builder_with_store()
        .idle_timeout(Duration::from_millis(10));
    let engine = opened(builder);
    for round in 0..40 {
        let asked = Instant::now();
        until(Duration::from_millis(10 + round % 4), || {
            asked.elapsed() > IDLE
        });
        let played = finish(stage.execute(&engine, "a", "history"));
        assert_eq!(
            played.answers(),
            [format!("history: {round}")],
            "{played:?}"
        );
    }
}

/// A spare waits for its session for as long as it takes.
#[test]
fn a_spare_is_not_idle() {
    let stage = Stage::new();
    let engine = engine(&stage);
    let spares = WarmUp::new(stage.work_dir());
    engine.prewarm(&spares, 1).expect("a spare");
    assert!(until(PATIENCE, || engine
        .info()
        .expect("figures")
        .ready_spares
        == 1));
    stage.echo(&engine, "elsewhere", "takes it");
    engine.prewarm(&spares, 1).expect("a spare");
    assert!(until(PATIENCE, || engine.sessions().expect("a list").len() == 1));
    assert!(!until(3 * IDLE, || is_empty(&engine)));
}

fn engine(stage: &Stage) -> Engine {
    opened(stage.builder_with_store().idle_timeout(IDLE))
}

fn is_empty(engine: &Engine) -> bool {
    engine.info().expect("figures").live_processes == 0
}

fn opened(builder: EngineBuilder) -> Engine {
    builder.open().expect("an engine")
}
