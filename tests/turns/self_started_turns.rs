//! A turn that the agent begins by itself belongs to no caller, and never answers a prompt.

use crate::common::{PATIENCE, Stage, background, session, until};
use hotplex::{Engine, EventKind};

const OWN: &str = "this turn started by itself";

fn is_own_answer(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Answer(text) if text == OWN)
}

#[test]
fn it_is_told_as_events_of_no_turn() {
    let stage = Stage::new();
    for engine in stage.engines() {
        let played = stage.play(&engine, "a", "!self-turn 100\n!text mine");
        assert_eq!(played.answers(), ["mine"]);
        let event = background(&engine, is_own_answer);
        assert_eq!((event.turn, event.session.as_str()), (None, "a"));
        background(&engine, |kind| {
            crate::common::is_notice(kind, "unrequested_result")
        });
        stage.echo(&engine, "a", "next");
        assert_eq!(session(&engine, "a").unwrap().turns, 2);
    }
}

#[test]
fn a_prompt_that_comes_while_it_runs_gets_its_own_answer() {
    let stage = Stage::new();
    for engine in stage.engines() {
        for round in 0..10 {
            let played = stage.play(&engine, "a", "!self-turn 30\n!text mine");
            assert_eq!(played.answers(), ["mine"]);
            background(&engine, |kind| {
                crate::common::is_notice(kind, "task_notification")
            });
            stage.echo(&engine, "a", &format!("round {round}"));
            background(&engine, is_own_answer);
        }
    }
}

#[test]
fn a_prompt_written_before_it_begins_gets_its_own_answer() {
    let stage = Stage::new();
    prompt_first(&stage, &stage.engine());
}

fn prompt_first(stage: &Stage, engine: &Engine) {
    for round in 0..10 {
        let played = stage.play(engine, "a", "!self-turn 30\n!text mine");
        assert_eq!(played.answers(), ["mine"]);
        stage.echo(engine, "a", &format!("round {round}"));
    }
    let first = stage.execute(engine, "b", "!sleep 100\n!self-turn 50\n!text mine");
    let others: Vec<_> = (0..5)
        .map(|number| stage.execute(engine, "b", &format!("turn {number}")))
        .collect();
    assert_eq!(crate::common::finish(first).answers(), ["mine"]);
    for (number, turn) in others.into_iter().enumerate() {
        let played = crate::common::finish(turn);
        played.assert_completed();
        assert_eq!(played.answers(), [format!("echo: turn {number}")]);
    }
}

/// Nobody has to listen: what does not fit any more is dropped and counted.
#[test]
fn background_events_that_nobody_takes_are_bounded_and_counted() {
    let stage = Stage::new();
    let engine = stage.engine();
    let line = r#"{"type":"system","subtype":"task_notification","status":"done","summary":"x"}"#;
    stage.echo(&engine, "a", "hello");
    // Said after the turn's end, when the agent is idle again.
    let child = format!("!child-stdout for i in $(seq 5000); do echo '{line}'; done");
    stage.play(&engine, "a", &child);
    let lost = || engine.info().unwrap().lost_background_events > 0;
    assert!(until(PATIENCE, lost));
    assert_eq!(engine.background_events().len(), 4096);
    stage.echo(&engine, "a", "next");
}
