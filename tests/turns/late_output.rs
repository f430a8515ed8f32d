//! What an agent says too late, after its turn was timed out or cancelled, is never seen in a later
//! turn of the session.

use std::time::Duration;

use crate::common::{Played, Stage};
use hotplex::{Engine, EventKind, Outcome, Turn};

/// How the first turn is brought to its end.
#[derive(Clone, Copy, Debug, PartialEq)]
enum By {
    TimeOut,
    Cancel,
}

/// Every way the stand-in can be late: in the same turn or after its result, soon or after the
/// turn was reported as over, in the habit of new and old versions.
const PROMPTS: [&str; 5] = [
    "!text EARLY\n!late 0 LATE",
    "!text EARLY\n!late 700 LATE",
    "!text EARLY\n!late-after-result 0 LATE",
    "!text EARLY\n!late-after-result 700 LATE",
    // Not even an interrupt stops it before it has said all.
    "!text EARLY\n!flood 20000 200",
];

#[test]
fn five_turns_after_a_timed_out_one_have_their_own_answers() {
    every_variant(By::TimeOut);
}

#[test]
fn five_turns_after_a_cancelled_one_have_their_own_answers() {
    every_variant(By::Cancel);
}

fn every_variant(by: By) {
    let stage = Stage::new();
    for (version, builder) in stage.generations().into_iter().enumerate() {
        let engine = builder.open().expect("an engine");
        for (number, prompt) in PROMPTS.iter().enumerate() {
            let session = format!("{version}-{number}");
            one_late_turn(&stage, &engine, &session, prompt, by);
            five_own_answers(&stage, &engine, &session);
            assert_nobody_was_told(&engine, prompt);
        }
    }
}

fn one_late_turn(stage: &Stage, engine: &Engine, session: &str, prompt: &str, by: By) {
    let limit = match by {
        By::TimeOut => Duration::from_millis(150),
        By::Cancel => Duration::ZERO,
    };
    let request = stage.request(session, prompt).turn_timeout(limit);
    let mut turn = engine.execute(request).expect("a request that is accepted");
    crate::common::await_answer(&mut turn, "EARLY");
    let outcome = end(turn, by);
    let expected = match by {
        By::TimeOut => Outcome::TimedOut,
        By::Cancel => Outcome::Cancelled,
    };
    // The flood may be through before it is stopped.
    if !prompt.contains("flood") {
        assert_eq!(outcome, expected, "{prompt}");
    }
}

fn end(turn: Turn, by: By) -> Outcome {
    if by == By::Cancel {
        turn.cancel();
    }
    crate::common::finish(turn).end.outcome
}

fn five_own_answers(stage: &Stage, engine: &Engine, session: &str) {
    let turns: Vec<_> = (0..5)
        .map(|number| stage.execute(engine, session, &format!("turn {number}")))
        .collect();
    for (number, turn) in turns.into_iter().enumerate() {
        let id = turn.id();
        let played = crate::common::finish(turn);
        played.assert_completed();
        assert_eq!(played.answers(), [format!("echo: turn {number}")]);
        assert_eq!(played.end.result, Some(format!("echo: turn {number}")));
        only_its_own(&played, id);
    }
}

fn only_its_own(played: &Played, id: hotplex::TurnId) {
    for event in &played.events {
        assert_eq!(event.turn, Some(id), "{event:?}");
        let told_once = matches!(event.kind, EventKind::SessionStart(_));
        assert!(told_once || event.kind.as_str() == "answer", "{event:?}");
    }
}

/// The rest of a turn that is over is not an event of no turn either. What the agent says after
/// the result it owes is one: nothing tells it from a turn that it began by itself.
fn assert_nobody_was_told(engine: &Engine, prompt: &str) {
    let told = engine.background_events().try_iter();
    let mut answers = told.filter(|event| matches!(event.kind, EventKind::Answer(_)));
    let answer = answers.next();
    assert!(
        answer.is_none() || prompt.contains("after-result"),
        "{answer:?}"
    );
}

/// The peer's worst fault: after one time-out every later answer belonged to the turn before.
#[test]
fn time_outs_in_a_row_do_not_shift_the_answers() {
    let stage = Stage::new();
    for builder in stage.generations() {
        let engine = builder.open().unwrap();
        for round in 0..4 {
            let request = stage.request("a", &format!("!sleep 250\n!text LATE {round}"));
            let request = request.turn_timeout(Duration::from_millis(60));
            let slow = engine.execute(request).unwrap();
            let quick = stage.execute(&engine, "a", &format!("quick {round}"));
            assert_eq!(slow.wait().outcome, Outcome::TimedOut);
            let played = crate::common::finish(quick);
            assert_eq!(played.answers(), [format!("echo: quick {round}")]);
        }
    }
}
