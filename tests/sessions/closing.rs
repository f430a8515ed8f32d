//! Closing an engine ends every turn exactly once, and lets nothing in after it.

use std::time::{Duration, Instant};

use crate::common::{Stage, until};
use hotplex::{Engine, ErrorKind, EventKind, Outcome, Turn, TurnEnd, WarmUp};

/// The ends among all events of a turn that has nothing more to give.
fn ends(turn: Turn) -> Vec<TurnEnd> {
    let end = |kind| match kind {
        EventKind::TurnEnd(end) => Some(*end),
        _ => None,
    };
    turn.filter_map(|event| end(event.kind)).collect()
}

/// Turns in every state: starting, at work, waiting behind another, asking, deaf, unread.
fn turns_in_every_state(stage: &Stage, engine: &Engine) -> Vec<Turn> {
    let mut turns = Vec::new();
    let asking = r#"!tool Write {"file_path":"/tmp/a"}"#;
    let prompts = [
        "!hang",
        "!hang-soft",
        "!late 50 LATE",
        asking,
        "!flood 100000 500",
    ];
    for (number, prompt) in prompts.into_iter().enumerate() {
        let session = format!("s{number}");
        let mut turn = stage.execute(engine, &session, &format!("!text begun\n{prompt}"));
        crate::common::await_answer(&mut turn, "begun");
        turns.push(turn);
        turns.push(stage.execute(engine, &session, "queued"));
    }
    turns.push(stage.execute(engine, "starting", "hello"));
    turns
}

#[test]
fn every_turn_that_runs_ends_once_as_stopped() {
    let stage = Stage::new();
    let engine = stage.engine();
    let turns = turns_in_every_state(&stage, &engine);
    let asked = Instant::now();
    engine.close(Duration::from_millis(500)).unwrap();
    assert!(
        asked.elapsed() < Duration::from_secs(20),
        "{:?}",
        asked.elapsed()
    );
    for turn in turns {
        let name = turn.session_id().clone();
        let ends = ends(turn);
        assert_eq!(ends.len(), 1, "{name}");
        assert_eq!(ends[0].outcome, Outcome::Stopped, "{name}");
        let error = ends[0].error.as_ref().unwrap();
        assert_eq!(error.kind(), ErrorKind::Closed, "{name}: {error}");
    }
    assert!(
        stage.living().is_empty(),
        "nothing is left when close returns"
    );
}

#[test]
fn dropping_the_last_handle_closes_it() {
    let stage = Stage::new();
    let builder = stage.builder().kill_grace(Duration::from_millis(300));
    let engine = builder.open().unwrap();
    let turns = turns_in_every_state(&stage, &engine);
    let other = engine.clone();
    drop(engine);
    assert_eq!(other.info().unwrap().sessions, 6);
    drop(other);
    for turn in turns {
        assert_eq!(ends(turn).len(), 1);
    }
    assert!(stage.living().is_empty());
}

#[test]
fn a_closed_engine_says_so() {
    let stage = Stage::new();
    let engine = stage.engine();
    stage.echo(&engine, "a", "hello");
    engine.close(Duration::from_secs(1)).unwrap();
    engine.close(Duration::from_secs(1)).unwrap();
    let refusals = [
        engine.execute(stage.request("a", "hello")).map(drop),
        engine.execute(stage.request("b", "hello")).map(drop),
        engine.prewarm(&WarmUp::new(stage.work_dir()), 1),
        engine.stop_session("a", "closed"),
        engine.sessions().map(drop),
        engine.info().map(drop),
        engine.cancel(hotplex::TurnId::from(1)),
    ];
    for refusal in refusals {
        assert_eq!(refusal.unwrap_err().kind(), ErrorKind::Closed);
    }
}

#[test]
fn callers_that_race_with_the_close_get_a_refusal_or_an_end() {
    let stage = Stage::new();
    for _ in 0..10 {
        let engine = stage.engine();
        stage.echo(&engine, "s0", "hello");
        std::thread::scope(|scope| {
            for caller in 0..4 {
                let (stage, engine) = (&stage, engine.clone());
                scope.spawn(move || prompt_until_closed(stage, &engine, caller));
            }
            assert!(until(crate::common::PATIENCE, || {
                engine.info().unwrap().turns_completed > 20
            }));
            engine.close(Duration::from_millis(200)).unwrap();
        });
        assert!(stage.living().is_empty());
    }
}

fn prompt_until_closed(stage: &Stage, engine: &Engine, caller: usize) {
    loop {
        let request = stage.request(&format!("s{caller}"), "hello");
        match engine.execute(request) {
            Ok(turn) => {
                let outcome = crate::common::finish(turn).end.outcome;
                assert!(matches!(outcome, Outcome::Completed | Outcome::Stopped));
            }
            Err(error) => return assert_eq!(error.kind(), ErrorKind::Closed),
        }
    }
}

#[test]
fn a_stopped_session_ends_its_turns_at_once_and_can_be_prompted_again() {
    let stage = Stage::new();
    let engine = stage.engine();
    let mut current = stage.execute(&engine, "a", "!text begun\n!hang");
    let queued = stage.execute(&engine, "a", "queued");
    crate::common::await_answer(&mut current, "begun");
    engine.stop_session("a", "enough of it").unwrap();
    let next = stage.execute(&engine, "a", "next");
    for turn in [current, queued] {
        let played = crate::common::finish(turn);
        played.assert_outcome(Outcome::Stopped);
        assert!(
            played.error().contains("enough of it"),
            "{}",
            played.error()
        );
    }
    assert_eq!(crate::common::finish(next).answers(), ["echo: next"]);
    let unknown = engine.stop_session("nobody", "why not");
    assert_eq!(unknown.unwrap_err().kind(), ErrorKind::NotFound);
}
