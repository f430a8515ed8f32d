//! Limits on time: what they end, what they spare, and that a good turn follows.

use std::time::Duration;

use hotplex::{ErrorKind, Outcome};

use crate::common::{PATIENCE, finish, pid, session, until};
use crate::speakers::{await_text, each, open};

const SHORT: Duration = Duration::from_millis(400);

#[test]
fn a_turn_that_hangs_times_out_and_a_good_one_follows() {
    each(|stage, builder, _| {
        let engine = open(builder.kill_grace(SHORT));
        // Deaf ones are killed, the other lets go when interrupted and keeps its process.
        for (prompt, keeps_process) in [("!hang", false), ("!hang-soft", true), ("!sigstop", false)]
        {
            stage.echo(&engine, "a", "hello");
            let before = pid(&engine, "a");
            let request = stage.request("a", prompt).turn_timeout(SHORT);
            let played = finish(engine.execute(request).expect("accepted"));
            played.assert_outcome(Outcome::TimedOut);
            assert_eq!(played.error_kind(), Some(ErrorKind::TimedOut));
            assert!(played.error().contains("400 ms"), "{}", played.error());
            stage.echo(&engine, "a", "again");
            assert_eq!(pid(&engine, "a") == before, keeps_process, "{prompt}");
        }
    });
}

#[test]
fn silence_is_given_up_and_talking_is_not() {
    each(|stage, builder, _| {
        let engine = open(builder.silence_timeout(SHORT).kill_grace(SHORT));
        // It talks for three times the limit.
        let talk = "!sleep 100\n!text on\n".repeat(12);
        let played = stage.play(&engine, "a", &talk);
        played.assert_completed();
        assert_eq!(played.answers().len(), 12);
        let played = stage.play(&engine, "a", "!text begun\n!hang");
        played.assert_outcome(Outcome::TimedOut);
        assert!(
            played.error().contains("said nothing"),
            "{}",
            played.error()
        );
        assert_eq!(played.answers(), ["begun"]);
        stage.echo(&engine, "a", "again");
    });
}

/// Whether pieces are wanted or not, and whatever ends the turn.
#[test]
fn what_was_said_of_an_unfinished_message_is_told() {
    each(|stage, builder, speaker| {
        if !speaker.says_what_it_has_begun() {
            return;
        }
        for deltas in [true, false] {
            let builder = builder.clone().partial_messages(deltas).kill_grace(SHORT);
            let engine = open(builder.namespace(format!("deltas-{deltas}")));
            for (end, outcome) in [
                ("!hang-soft", Outcome::TimedOut),
                ("!hang", Outcome::TimedOut),
                ("!die 3", Outcome::Crashed),
            ] {
                let prompt = format!("!text whole\n!piece so far\n{end}");
                let request = stage.request("a", &prompt).turn_timeout(2 * SHORT);
                let played = finish(engine.execute(request).expect("accepted"));
                played.assert_outcome(outcome);
                assert_eq!(played.answers(), ["whole", "so far"], "{end}: {played:?}");
                stage.echo(&engine, "a", "again");
            }
            // One that lets go when asked ends its turn itself.
            let mut turn = stage.execute(&engine, "a", "!text whole\n!piece so far\n!hang-soft");
            await_text(&mut turn, "whole");
            turn.cancel();
            let played = finish(turn);
            played.assert_outcome(Outcome::Cancelled);
            assert!(played.answers().ends_with(&["so far"]), "{played:?}");
            stage.echo(&engine, "a", "again");
        }
    });
}

#[test]
fn an_idle_session_is_collected_and_one_at_work_is_not() {
    each(|stage, builder, _| {
        let engine = open(builder.idle_timeout(SHORT));
        let first = stage.execute(&engine, "a", "!sleep 1000\n!text done");
        let second = stage.execute(&engine, "a", "!sleep 500\n!text done too");
        assert_eq!(finish(first).answers(), ["done"]);
        assert_eq!(finish(second).answers(), ["done too"]);
        assert!(until(PATIENCE, || session(&engine, "a").is_none()));
        assert!(until(PATIENCE, || stage.living().is_empty()));
        // Its conversation is not.
        assert_eq!(
            stage.play(&engine, "a", "history").answers(),
            ["history: 2"]
        );
    });
}

/// Who does not read cannot say that the other is silent.
#[test]
fn an_agent_that_waits_for_its_caller_is_not_silent() {
    each(|stage, builder, _| {
        let builder = builder.window_bytes(32 * 1024).kill_grace(SHORT);
        let engine = open(builder.silence_timeout(SHORT));
        let turn = stage.execute(&engine, "a", "!flood 3000 500\n!hang");
        let given_up = || engine.info().expect("figures").turns_not_completed > 0;
        assert!(!until(4 * SHORT, given_up), "it was ended while it waited");
        let played = finish(turn);
        assert_eq!(played.answers().len(), 3000, "all that it said");
        // Silent it is at last.
        played.assert_outcome(Outcome::TimedOut);
        assert!(
            played.error().contains("said nothing"),
            "{}",
            played.error()
        );
    });
}
