//! Turns that are cancelled or out of time, in every state, and what the agent says too late.

use std::time::Duration;

use hotplex::{Engine, EventKind, Outcome, Turn};

use crate::common::{Stage, finish, pid};
use crate::speakers::{await_text, each, each_engine, open};

#[test]
fn a_turn_is_cancelled_wherever_it_is_and_the_process_lives() {
    each_engine(|stage, engine| {
        stage.echo(engine, "a", "warm");
        let before = pid(engine, "a");
        for prompt in [
            "!hang-soft",
            "!text word\n!hang-soft",
            "!bash ls",
            "!delta 100000 5",
        ] {
            let mut turn = stage.execute(engine, "a", prompt);
            if prompt.starts_with("!text") {
                await_text(&mut turn, "word");
            }
            turn.cancel();
            finish(turn).assert_outcome(Outcome::Cancelled);
            stage.echo(engine, "a", "after");
        }
        assert_eq!(pid(engine, "a"), before);
    });
}

#[test]
fn in_the_middle_of_a_tool() {
    each_engine(|stage, engine| {
        let (turn, request) = crate::approvals::asked(stage, engine, "!bash sleep 600");
        turn.respond(&request.request_id, hotplex::Decision::allow())
            .expect("it is open");
        turn.cancel();
        finish(turn).assert_outcome(Outcome::Cancelled);
        stage.echo(engine, "a", "after");
    });
}

#[test]
fn a_turn_that_waits_in_the_queue_is_cancelled_and_leaves_no_trace() {
    each_engine(|stage, engine| {
        let mut first = stage.execute(engine, "a", "!text at work\n!hang-soft");
        await_text(&mut first, "at work");
        let [second, third] = ["second", "third"].map(|prompt| stage.execute(engine, "a", prompt));
        second.cancel();
        let played = finish(second);
        played.assert_outcome(Outcome::Cancelled);
        assert!(played.answers().is_empty(), "{played:?}");
        first.cancel();
        finish(first).assert_outcome(Outcome::Cancelled);
        assert_eq!(finish(third).answers(), ["echo: third"]);
    });
}

#[test]
fn an_agent_that_ignores_the_interrupt_is_replaced() {
    each(|stage, builder, _| {
        let engine = open(builder.kill_grace(Duration::from_millis(400)));
        for prompt in [
            "!text deaf\n!hang",
            "!text deaf\n!sigstop",
            // No signal to its group reaches it, and one to the group it has left does not fail.
            "!text deaf\n!leave-group",
        ] {
            let mut turn = stage.execute(&engine, "a", prompt);
            await_text(&mut turn, "deaf");
            let before = pid(&engine, "a");
            turn.cancel();
            finish(turn).assert_outcome(Outcome::Cancelled);
            stage.echo(&engine, "a", "after");
            assert_ne!(pid(&engine, "a"), before, "{prompt}");
        }
    });
}

/// How the first turn is brought to its end.
#[derive(Clone, Copy, Debug, PartialEq)]
enum By {
    TimeOut,
    Cancel,
}

#[test]
fn what_comes_late_after_an_interrupt_reaches_no_other_turn() {
    each_engine(|stage, engine| {
        for by in [By::Cancel, By::TimeOut] {
            // Within a moment, after the turn was told as over, and past all listening.
            for (number, prompt) in [
                "!text EARLY\n!lag 0 LATE",
                "!text EARLY\n!lag 700 LATE",
                "!text EARLY\n!flood 20000 200",
            ]
            .iter()
            .enumerate()
            {
                let session = format!("{by:?}-{number}");
                let limit = match by {
                    By::TimeOut => Duration::from_millis(300),
                    By::Cancel => Duration::ZERO,
                };
                let request = stage.request(&session, prompt).turn_timeout(limit);
                let mut turn = engine.execute(request).expect("accepted");
                // The limit ends it by itself, on a busy machine before it has said anything.
                if by == By::Cancel {
                    await_text(&mut turn, "EARLY");
                }
                let outcome = end(turn, by);
                // The flood may be through before it is stopped.
                if !prompt.contains("flood") {
                    assert_ne!(outcome, Outcome::Completed, "{by:?}: {prompt}");
                }
                five_own_answers(stage, engine, &session);
            }
        }
        let told = engine.background_events().try_iter();
        let late = |kind: &EventKind| matches!(kind, EventKind::Answer(text) if text == "LATE");
        let late: Vec<_> = told.filter(|event| late(&event.kind)).collect();
        assert!(late.is_empty(), "the rest of a turn that is over: {late:?}");
    });
}

fn end(turn: Turn, by: By) -> Outcome {
    if by == By::Cancel {
        turn.cancel();
    }
    finish(turn).end.outcome
}

fn five_own_answers(stage: &Stage, engine: &Engine, session: &str) {
    let turns: Vec<_> = (0..5)
        .map(|number| stage.execute(engine, session, &format!("turn {number}")))
        .collect();
    for (number, turn) in turns.into_iter().enumerate() {
        let id = turn.id();
        let played = finish(turn);
        played.assert_completed();
        assert_eq!(
            played.answers(),
            [format!("echo: turn {number}")],
            "{session}"
        );
        assert!(played.events.iter().all(|event| event.turn == Some(id)));
    }
}

#[test]
fn time_outs_in_a_row_do_not_shift_the_answers() {
    each_engine(|stage, engine| {
        stage.echo(engine, "a", "warm");
        for round in 0..4 {
            let request = stage.request("a", &format!("!sleep 400\n!text LATE {round}"));
            let request = request.turn_timeout(Duration::from_millis(60));
            let slow = engine.execute(request).expect("accepted");
            let quick = stage.execute(engine, "a", &format!("quick {round}"));
            assert_eq!(slow.wait().outcome, Outcome::TimedOut);
            assert_eq!(finish(quick).answers(), [format!("echo: quick {round}")]);
        }
    });
}
