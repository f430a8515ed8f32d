//! Stop, close and drop leave nothing of what an agent has started, wherever it has put it.

use std::time::Duration;

use crate::common::{PATIENCE, Stage, until};
use crate::processes::{await_pid, lives, stays};
use hotplex::Engine;

/// How an agent starts what it leaves; `CMD` stands for the command.
const LEFTOVERS: &[&str] = &[
    "!child CMD",
    "!child-stdout CMD",
    "!setsid CMD",
    // A tool at work, in a session of its own as Claude Code starts it.
    "!bash CMD",
    // What a tool leaves behind in yet another session, at work and after its end.
    "!bash setsid sh -c QUOTED_CMD & wait",
    "!bash setsid sh -c QUOTED_CMD > /dev/null 2>&1 &",
    // Found by its parent alone: it has wiped the mark off its environment.
    "!setsid exec env -i sh -c QUOTED_CMD",
    // Nothing can be asked of the agent itself any more.
    "!child CMD\n!hang",
    "!child CMD\n!sigstop",
];

#[test]
fn after_a_stop() {
    for leftover in LEFTOVERS {
        let stage = Stage::new();
        let engine = engine(&stage);
        let left = leave(&stage, &engine, leftover);
        engine
            .stop_session("a", "test")
            .expect("the session is there");
        let gone = until(PATIENCE, || is_gone(&stage, &left));
        assert!(gone, "{leftover}: {left:?} of {:?}", stage.living());
        stage.echo(&engine, "a", "again");
    }
}

#[test]
fn when_close_returns() {
    for leftover in LEFTOVERS {
        let stage = Stage::new();
        let engine = engine(&stage);
        let left = leave(&stage, &engine, leftover);
        engine.close(Duration::from_secs(1)).expect("closed");
        assert!(is_gone(&stage, &left), "{leftover}: {:?}", stage.living());
    }
}

#[test]
fn when_drop_returns() {
    for leftover in LEFTOVERS {
        let stage = Stage::new();
        let engine = engine(&stage);
        let left = leave(&stage, &engine, leftover);
        drop(engine);
        assert!(is_gone(&stage, &left), "{leftover}: {:?}", stage.living());
    }
}

#[test]
fn of_an_agent_that_is_deaf_to_everything_but_kill() {
    let stage = Stage::new();
    let builder = stage.builder().kill_grace(Duration::from_millis(200));
    let builder = builder.env("STAND_IN_IGNORE_TERM", "1");
    let engine = builder.env("STAND_IN_IGNORE_EOF", "1").open();
    let engine = engine.expect("an engine");
    for session in ["stopped", "closed"] {
        stage.echo(&engine, session, "hello");
    }
    assert_eq!(stage.living().len(), 2);
    engine.stop_session("stopped", "test").expect("it is there");
    let limit = Duration::from_secs(5);
    assert!(until(limit, || stage.living().len() == 1));
    engine.close(Duration::from_millis(200)).expect("closed");
    assert!(stage.living().is_empty());
}

/// An agent that dies by itself leaves as much as one that is ended.
#[test]
fn after_the_agents_own_death() {
    let stage = Stage::new();
    let engine = engine(&stage);
    let file = stage.path("pid");
    // The tool waits until the other is there, so that the death comes after it.
    let wait = format!(
        "until test -s {}; do sleep 0.01; done",
        crate::common::quoted(&file)
    );
    let script = format!("!setsid {}\n!bash {wait}\n!die 1", stays(&file));
    let turn = stage.execute(&engine, "a", &script);
    let left = await_pid(&file);
    crate::common::finish(turn).assert_outcome(hotplex::Outcome::Crashed);
    assert!(until(PATIENCE, || !lives(left)));
}

fn engine(stage: &Stage) -> Engine {
    let builder = stage.builder().permission_mode("bypassPermissions");
    let builder = builder.kill_grace(Duration::from_millis(600));
    builder.open().expect("an engine")
}

/// Lets the agent leave something, and waits until it is there.
fn leave(stage: &Stage, engine: &Engine, leftover: &str) -> u32 {
    let file = stage.path("pid");
    let command = stays(&file);
    let prompt = leftover.replace("QUOTED_CMD", &crate::common::quoted(&command));
    let prompt = prompt.replace("CMD", &command);
    let turn = stage.execute(engine, "a", &prompt);
    let left = await_pid(&file);
    assert!(lives(left), "{leftover}");
    // A dropped turn is cancelled; this one shall be at work when the end comes.
    std::mem::forget(turn);
    left
}

fn is_gone(stage: &Stage, left: &u32) -> bool {
    !lives(*left) && stage.living().is_empty()
}
