//! An agent that does not come up: the caller is told at once, and why.

use std::time::{Duration, Instant};

use crate::common::Stage;
use hotplex::{ErrorKind, Outcome};

#[test]
fn the_reason_from_stderr_is_told_and_no_limit_is_waited_for() {
    let stage = Stage::new();
    let builder = stage.builder();
    let engine = builder.env("STAND_IN_FAIL", "Invalid API key: please log in");
    let engine = engine.start_timeout(Duration::from_secs(100));
    let engine = engine.open().unwrap();
    for _ in 0..3 {
        let asked = Instant::now();
        let played = stage.play(&engine, "a", "hello");
        assert!(asked.elapsed() < Duration::from_secs(20));
        played.assert_outcome(Outcome::Failed);
        assert_eq!(played.error_kind(), Some(ErrorKind::SpawnFailed));
        for part in ["status 1", "Invalid API key: please log in"] {
            assert!(played.error().contains(part), "{}", played.error());
        }
    }
}

#[test]
fn every_turn_that_waits_for_the_start_ends_with_it() {
    let stage = Stage::new();
    let builder = stage.builder().env("STAND_IN_FAIL", "no licence");
    let engine = builder.env("STAND_IN_BOOT_MS", "200").open().unwrap();
    let turns: Vec<_> = (0..5)
        .map(|_| stage.execute(&engine, "a", "hello"))
        .collect();
    for turn in turns {
        let played = crate::common::finish(turn);
        played.assert_outcome(Outcome::Failed);
        assert!(played.error().contains("no licence"), "{}", played.error());
    }
}

#[test]
fn an_agent_that_never_answers_the_handshake_is_given_up() {
    let stage = Stage::new();
    let builder = stage.builder().env("STAND_IN_NO_HANDSHAKE", "1");
    let builder = builder.start_timeout(Duration::from_millis(300));
    let engine = builder.open().unwrap();
    for _ in 0..2 {
        let played = stage.play(&engine, "a", "hello");
        played.assert_outcome(Outcome::TimedOut);
        assert_eq!(played.error_kind(), Some(ErrorKind::TimedOut));
        assert!(played.error().contains("handshake"), "{}", played.error());
    }
}

#[test]
fn a_work_dir_that_cannot_be_made_fails_the_turn_and_names_it() {
    let stage = Stage::new();
    let engine = stage.engine();
    std::fs::write(stage.path("file"), "in the way").unwrap();
    let work_dir = stage.path("file").join("below");
    let request = hotplex::Request::new("a", &work_dir, "hello");
    let played = crate::common::finish(engine.execute(request).unwrap());
    played.assert_outcome(Outcome::Failed);
    let name = work_dir.display().to_string();
    assert!(played.error().contains(&name), "{}", played.error());
    stage.echo(&engine, "b", "hello");
}
