//! Stop, close and drop leave nothing of what an agent has started, and wait for nobody too long.

use std::time::Duration;

use hotplex::{Engine, Outcome};

use crate::common::{PATIENCE, Stage, finish, until};
use crate::speakers::{await_text, each, open};

/// What an agent leaves, and how it is then.
const LEFTOVERS: [&str; 6] = [
    "!child sleep 600",
    "!child-stdout sleep 600",
    "!setsid sleep 600",
    "!setsid sleep 600\n!text left\n!hang",
    "!child sleep 600\n!text left\n!sigstop",
    "!text left\n!leave-group",
];

/// Has the agent leave it. The turn goes on where the agent does not end it.
fn leave(stage: &Stage, engine: &Engine, leftover: &str) {
    let mut turn = stage.execute(engine, "a", leftover);
    if leftover.contains("!text") {
        await_text(&mut turn, "left");
        // A dropped turn is cancelled; this one shall be at work when the end comes.
        std::mem::forget(turn);
    } else {
        finish(turn).assert_completed();
    }
    assert!(until(PATIENCE, || stage.living().len() > 1), "{leftover}");
}

#[test]
fn after_a_stop_a_close_and_a_drop() {
    let ends: [fn(Engine); 3] = [
        |engine| {
            engine.stop_session("a", "test").expect("it is there");
            let gone = || engine.info().is_ok_and(|info| info.live_processes == 0);
            assert!(until(PATIENCE, gone), "the stopped session lives");
        },
        |engine| engine.close(Duration::from_millis(500)).expect("closed"),
        drop,
    ];
    each(|stage, builder, _| {
        let builder = builder.kill_grace(Duration::from_millis(500));
        for end in ends {
            for leftover in LEFTOVERS {
                let engine = open(builder.clone());
                leave(stage, &engine, leftover);
                end(engine);
                let nothing = until(PATIENCE, || stage.living().is_empty());
                assert!(nothing, "{leftover}: {:?}", stage.living());
            }
        }
    });
}

#[test]
fn of_agents_that_hear_neither_the_end_of_input_nor_sigterm() {
    each(|stage, builder, _| {
        let builder = builder.env("STAND_IN_IGNORE_TERM", "1");
        let builder = builder.env("STAND_IN_IGNORE_EOF", "1");
        let engine = open(builder.kill_grace(Duration::from_millis(200)));
        for session in ["stopped", "closed"] {
            stage.echo(&engine, session, "hello");
        }
        engine.stop_session("stopped", "test").expect("it is there");
        assert!(until(PATIENCE, || stage.living().len() == 1));
        let turn = stage.execute(&engine, "closed", "!text there\n!hang-soft");
        engine.close(Duration::from_millis(200)).expect("closed");
        finish(turn).assert_outcome(Outcome::Stopped);
        assert!(stage.living().is_empty());
    });
}
