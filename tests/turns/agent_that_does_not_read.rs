//! A prompt larger than the pipe, to an agent that does not read: nobody waits for it but its turn.

use std::time::{Duration, Instant};

use crate::common::{Stage, pid, signal};
use hotplex::{Engine, Outcome, Turn};

/// Far more than the 64 KiB that the pipe takes without a reader.
fn large_prompt() -> String {
    "x".repeat(300 * 1024)
}

/// Long for a busy machine, and short beside a limit that a call would wait for.
const SOON: Duration = Duration::from_secs(10);

/// A turn with a large prompt in a session whose agent was stopped while it was idle.
fn stuck_turn(stage: &Stage, engine: &Engine, limit: Duration) -> Turn {
    stage.echo(engine, "stuck", "hello");
    signal("STOP", pid(engine, "stuck"));
    let request = stage.request("stuck", &large_prompt()).turn_timeout(limit);
    let asked = Instant::now();
    let turn = engine.execute(request).expect("a request that is accepted");
    // The call does not wait for the agent, which reads nothing until the limit.
    assert!(limit < SOON || asked.elapsed() < SOON);
    turn
}

#[test]
fn other_sessions_answer_as_before() {
    let stage = Stage::new();
    let engine = stage.builder().kill_grace(Duration::from_millis(200));
    let engine = engine.open().unwrap();
    let mut stuck = stuck_turn(&stage, &engine, Duration::from_secs(100));
    for round in 0..50 {
        stage.echo(&engine, "other", &format!("round {round}"));
    }
    // New sessions and questions to the engine do not wait either.
    stage.echo(&engine, "new", "hello");
    assert_eq!(engine.sessions().unwrap().len(), 3);
    assert!(stuck.try_recv().is_none() && !stuck.has_ended());
    engine.stop_session("stuck", "the test is over").unwrap();
    crate::common::finish(stuck).assert_outcome(Outcome::Stopped);
}

#[test]
fn the_turn_times_out_and_the_session_recovers() {
    let stage = Stage::new();
    let engine = stage.builder().kill_grace(Duration::from_millis(500));
    let engine = engine.open().unwrap();
    let stuck = stuck_turn(&stage, &engine, Duration::from_millis(400));
    let waiting = stage.execute(&engine, "stuck", "next");
    crate::common::finish(stuck).assert_outcome(Outcome::TimedOut);
    assert_eq!(crate::common::finish(waiting).answers(), ["echo: next"]);
}

#[test]
fn an_agent_that_wakes_up_in_time_gets_the_whole_prompt() {
    let stage = Stage::new();
    let engine = stage.engine();
    let mut stuck = stuck_turn(&stage, &engine, Duration::ZERO);
    assert!(stuck.recv_timeout(Duration::from_millis(200)).is_none());
    signal("CONT", pid(&engine, "stuck"));
    let played = crate::common::finish(stuck);
    played.assert_completed();
    assert_eq!(played.answers(), [format!("echo: {}", large_prompt())]);
}

#[test]
fn a_prompt_can_be_cancelled_while_it_is_half_written() {
    let stage = Stage::new();
    let engine = stage.builder().kill_grace(Duration::from_millis(500));
    let engine = engine.open().unwrap();
    let stuck = stuck_turn(&stage, &engine, Duration::ZERO);
    stuck.cancel();
    crate::common::finish(stuck).assert_outcome(Outcome::Cancelled);
    stage.echo(&engine, "stuck", "next");
}

#[test]
fn an_agent_that_reads_never_again_times_out_and_is_replaced() {
    let stage = Stage::new();
    let limit = Duration::from_millis(400);
    let builder = stage.builder().kill_grace(Duration::from_millis(500));
    let engine = builder.turn_timeout(limit).open().unwrap();
    stage
        .play(&engine, "a", "!stop-reading\n!text last")
        .assert_completed();
    let before = pid(&engine, "a");
    let played = stage.play(&engine, "a", &large_prompt());
    played.assert_outcome(Outcome::TimedOut);
    stage.echo(&engine, "a", "next");
    assert_ne!(pid(&engine, "a"), before);
}
