//! A host that was not running: what the agent said in time counts before any limit that has
//! passed meanwhile.

mod common;
#[path = "common/processes.rs"]
mod processes;

use std::process::{Child, Command};
use std::time::Duration;

use common::{PATIENCE, Stage, await_answer, background, finish, is_notice, session, until};
use hotplex::EngineBuilder;
use processes::alone;

/// Every limit; the agents below say in a third of it what they have to say.
const LIMIT: Duration = Duration::from_millis(900);

/// Stops this process for twice the limit; it is not running before this returns.
struct Pause(Child);

impl Pause {
    fn begin() -> Pause {
        let script = "kill -STOP $PPID; sleep 2; kill -CONT $PPID";
        let pause = Command::new("/bin/sh").args(["-c", script]).spawn();
        Pause(pause.expect("a shell"))
    }

    fn wait(mut self) {
        let status = self.0.wait();
        assert!(status.is_ok_and(|status| status.success()));
    }
}

/// Plays a prompt while the host is stopped, and expects it to complete.
fn completes(change: impl FnOnce(EngineBuilder) -> EngineBuilder, warm: bool, prompt: &str) {
    let stage = Stage::new();
    let engine = change(stage.builder()).open().expect("an engine");
    if warm {
        stage.echo(&engine, "a", "hello");
    }
    let turn = stage.execute(&engine, "a", prompt);
    // It is with the agent before the host stops.
    let begun = until(PATIENCE, || {
        session(&engine, "a").is_some_and(|session| session.pid.is_some())
    });
    assert!(begun);
    let pause = Pause::begin();
    let played = finish(turn);
    pause.wait();
    played.assert_completed();
    assert!(played.notices("permission_timed_out").is_empty());
}

#[test]
fn the_limit_of_a_turn() {
    alone(|| {
        completes(
            |builder| builder.turn_timeout(LIMIT),
            true,
            "!sleep 300\n!text in time",
        )
    });
}

#[test]
fn the_limit_of_a_turn_whose_pipe_was_full() {
    alone(|| {
        let prompt = "!sleep 300\n!flood 400 4096\n!text in time";
        completes(|builder| builder.turn_timeout(LIMIT), true, prompt);
    });
}

#[test]
fn the_limit_of_silence() {
    alone(|| {
        let prompt = "!stream 3 10 300\n!text in time";
        completes(|builder| builder.silence_timeout(LIMIT), true, prompt);
    });
}

#[test]
fn the_limit_of_a_start() {
    alone(|| {
        let slow = |builder: EngineBuilder| {
            let builder = builder.env("STAND_IN_BOOT_MS", "300");
            builder.start_timeout(LIMIT)
        };
        completes(slow, false, "hello");
    });
}

#[test]
fn the_limit_of_an_approval() {
    alone(|| {
        let asks = |builder: EngineBuilder| builder.approval_timeout(LIMIT);
        completes(asks, true, "!withdraw 300\n!text in time");
    });
}

#[test]
fn the_limit_of_idleness() {
    alone(|| {
        let stage = Stage::new();
        let engine = stage
            .builder()
            .idle_timeout(LIMIT)
            .open()
            .expect("an engine");
        finish(stage.execute(&engine, "a", "!self-turn 300")).assert_completed();
        let before = common::pid(&engine, "a");
        Pause::begin().wait();
        background(&engine, |kind| is_notice(kind, "unrequested_result"));
        assert_eq!(common::pid(&engine, "a"), before, "it was at work in time");
    });
}

#[test]
fn a_limit_that_the_agent_did_not_meet_still_holds() {
    alone(|| {
        let stage = Stage::new();
        let engine = stage
            .builder()
            .turn_timeout(LIMIT)
            .open()
            .expect("an engine");
        stage.echo(&engine, "a", "hello");
        let mut turn = stage.execute(&engine, "a", "!text begun\n!hang-soft");
        await_answer(&mut turn, "begun");
        let pause = Pause::begin();
        let played = finish(turn);
        pause.wait();
        played.assert_outcome(hotplex::Outcome::TimedOut);
    });
}
