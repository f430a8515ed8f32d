//! Pipes that are full, or held by others: nobody waits for them but whose they are.

use std::time::Duration;

use hotplex::{Engine, Outcome, Turn};

use crate::common::{PATIENCE, Stage, finish, pid, signal};
use crate::speakers::{each, open};

/// Far more than the 64 KiB that the pipe takes without a reader.
fn large_prompt() -> String {
    "x".repeat(300 * 1024)
}

/// A turn with a large prompt in a session whose agent was stopped while it was idle.
fn stuck_turn(stage: &Stage, engine: &Engine, limit: Duration) -> Turn {
    stage.echo(engine, "stuck", "hello");
    signal("STOP", pid(engine, "stuck"));
    let request = stage.request("stuck", &large_prompt()).turn_timeout(limit);
    engine.execute(request).expect("accepted")
}

#[test]
fn an_agent_that_reads_nothing_holds_up_nobody_else() {
    each(|stage, builder, _| {
        let engine = open(builder.kill_grace(Duration::from_millis(300)));
        let mut stuck = stuck_turn(stage, &engine, Duration::from_secs(100));
        for round in 0..20 {
            stage.echo(&engine, "other", &format!("round {round}"));
        }
        assert!(stuck.try_recv().is_none() && !stuck.has_ended());
        engine
            .stop_session("stuck", "the test is over")
            .expect("it is there");
        finish(stuck).assert_outcome(Outcome::Stopped);
    });
}

#[test]
fn its_turn_ends_in_time_by_the_limit_and_by_a_cancel_and_the_session_recovers() {
    each(|stage, builder, _| {
        let engine = open(builder.kill_grace(Duration::from_millis(500)));
        let stuck = stuck_turn(stage, &engine, Duration::from_millis(400));
        let waiting = stage.execute(&engine, "stuck", "next");
        finish(stuck).assert_outcome(Outcome::TimedOut);
        assert_eq!(finish(waiting).answers(), ["echo: next"]);
        let stuck = stuck_turn(stage, &engine, Duration::ZERO);
        stuck.cancel();
        finish(stuck).assert_outcome(Outcome::Cancelled);
        stage.echo(&engine, "stuck", "next");
    });
}

#[test]
fn one_that_wakes_up_in_time_gets_the_whole_prompt() {
    each(|stage, builder, _| {
        let engine = open(builder);
        let mut stuck = stuck_turn(stage, &engine, Duration::ZERO);
        assert!(stuck.recv_timeout(Duration::from_millis(200)).is_none());
        signal("CONT", pid(&engine, "stuck"));
        let played = finish(stuck);
        played.assert_completed();
        assert_eq!(played.answers(), [format!("echo: {}", large_prompt())]);
    });
}

#[test]
fn a_slow_reader_loses_nothing_and_holds_up_nobody_else() {
    each(|stage, builder, _| {
        let engine = open(builder.window_bytes(64 * 1024));
        let flood = stage.execute(&engine, "slow", "!flood 3000 1000\n!text the end");
        for round in 0..10 {
            stage.echo(&engine, "other", &format!("round {round}"));
        }
        let played = finish(flood);
        played.assert_completed();
        let answers = played.answers();
        assert_eq!((answers.len(), answers[3000]), (3001, "the end"));
        assert!(answers[..3000].iter().all(|answer| answer.len() == 1000));
    });
}

#[test]
fn a_child_that_holds_the_pipes_of_a_dead_agent_delays_no_end() {
    each(|stage, builder, _| {
        let engine = open(builder.kill_grace(Duration::from_millis(500)));
        for prompt in [
            "!text so far\n!child-stdout sleep 600\n!die 3",
            "!text so far\n!child-stdout exec setsid sleep 600\n!die 3",
        ] {
            let played = stage.play(&engine, "a", prompt);
            played.assert_outcome(Outcome::Crashed);
            assert_eq!(played.answers(), ["so far"]);
            stage.echo(&engine, "a", "next");
        }
        let only_the_agent = || stage.living() == [pid(&engine, "a")];
        assert!(
            crate::common::until(PATIENCE, only_the_agent),
            "{:?}",
            stage.living()
        );
    });
}
