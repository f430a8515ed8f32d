//! A host that is killed takes everything with it, at once.

mod common;
#[path = "common/processes.rs"]
mod processes;

use std::time::Duration;

use common::{PATIENCE, Stage, await_answer, quoted, until};
use hotplex::{Engine, WarmUp};
use processes::{Host, Remains, await_guard, await_pid, lives, stay_to_be_killed, stays};

/// How long what it leaves may live on, on a busy machine. By itself it would stay for a quarter of an hour.
const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn an_idle_agent() {
    kill_host_and_watch(Host::start(|| {
        as_host(|stage, engine| stage.echo(engine, "a", "hello"));
    }));
}

#[test]
fn a_hung_agent() {
    kill_host_and_watch(Host::start(|| {
        as_host(|stage, engine| begin(stage, engine, "a", "!hang"))
    }));
}

#[test]
fn a_stopped_agent() {
    kill_host_and_watch(Host::start(|| {
        as_host(|stage, engine| begin(stage, engine, "a", "!sigstop"));
    }));
}

#[test]
fn a_tool_at_work_and_what_it_put_into_another_session() {
    kill_host_and_watch(Host::start(|| {
        as_host(|stage, engine| {
            let outer = stage.path("outer");
            let inner = quoted(stays(&stage.path("inner")));
            let tool = format!("setsid sh -c {inner} & {}", stays(&outer));
            begin(stage, engine, "a", &format!("!bash {tool}"));
            await_pid(&outer);
            await_pid(&stage.path("inner"));
        });
    }));
}

#[test]
fn many_sessions_and_a_spare() {
    kill_host_and_watch(Host::start(|| {
        as_host(|stage, engine| {
            for session in ["a", "b", "c", "d"] {
                begin(stage, engine, session, "!child sleep 1000\n!hang");
            }
            let spares = WarmUp::new(stage.work_dir());
            engine.prewarm(&spares, 1).expect("a spare");
        });
    }));
}

/// Begins a turn, and waits until the agent is at work on it.
fn begin(stage: &Stage, engine: &Engine, session: &str, script: &str) {
    let mut turn = stage.execute(engine, session, &format!("!text begun\n{script}"));
    await_answer(&mut turn, "begun");
    // A dropped turn is cancelled; this one shall be at work when the kill comes.
    std::mem::forget(turn);
}

/// The part of the host: an engine at work, until the kill.
fn as_host(play: impl FnOnce(&Stage, &Engine)) {
    let stage = Stage::new();
    let builder = stage.builder().permission_mode("bypassPermissions");
    let builder = builder.env("STAND_IN_IGNORE_EOF", "1");
    let engine = builder.open().expect("an engine");
    play(&stage, &engine);
    stay_to_be_killed(&stage);
}

fn kill_host_and_watch(mut host: Host) {
    let _remains = Remains(host.hear().into());
    let guard = await_guard(host.pid());
    assert!(!host.brood().is_empty(), "there must be something to end");
    host.kill();
    assert!(
        until(LIMIT, || host.brood().is_empty()),
        "{:?}",
        host.brood()
    );
    assert!(until(PATIENCE, || !lives(guard)), "the guard stays");
}
