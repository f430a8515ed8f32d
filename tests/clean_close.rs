//! A closed engine has left no guard, no zombie, no thread and no descriptor.

mod common;
#[path = "common/processes.rs"]
mod processes;

use std::process;
use std::time::Duration;

use common::{Stage, until};
use hotplex::WarmUp;
use processes::{alone, await_guard, children_of, descriptors_and_threads};

#[test]
fn neither_guard_nor_zombie_is_left() {
    alone(|| {
        let stage = Stage::new();
        let engine = stage.engine();
        await_guard(process::id());
        for session in ["idle", "busy", "dead"] {
            stage.echo(&engine, session, "hello");
        }
        let _busy = stage.execute(&engine, "busy", "!hang");
        stage.play(&engine, "dead", "!die 1");
        engine.close(Duration::from_millis(300)).expect("closed");
        let left = children_of(process::id());
        assert!(left.is_empty(), "{left:?}");
    });
}

#[test]
fn no_zombie_is_left_by_a_hundred_stops() {
    alone(|| {
        let stage = Stage::new();
        let engine = stage.engine();
        for round in 0..100 {
            stage.echo(&engine, "a", &format!("round {round}"));
            engine.stop_session("a", "test").expect("it is there");
        }
        let guard = [await_guard(process::id())];
        let limit = Duration::from_secs(10);
        assert!(until(limit, || children_of(process::id()) == guard));
    });
}

#[test]
fn thirty_engines_leave_descriptors_and_threads_as_they_were() {
    alone(|| {
        let stage = Stage::new();
        use_once(&stage);
        let before = descriptors_and_threads();
        for _ in 0..30 {
            use_once(&stage);
        }
        assert_eq!(descriptors_and_threads(), before);
    });
}

/// Also with what is odd about it: a turn under way, a spare, an agent that has died.
fn use_once(stage: &Stage) {
    let engine = stage.engine();
    let spares = WarmUp::new(stage.work_dir());
    engine.prewarm(&spares, 1).expect("a spare");
    stage.echo(&engine, "a", "hello");
    stage.play(&engine, "b", "!die 1");
    let turn = stage.execute(&engine, "c", "!hang-soft");
    engine.close(Duration::from_secs(1)).expect("closed");
    assert_eq!(common::finish(turn).end.outcome, hotplex::Outcome::Stopped);
}
