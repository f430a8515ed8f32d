//! An agent that dies in the middle of a turn: the turn says so, and the session goes on.

use crate::common::Stage;
use hotplex::{ErrorKind, Outcome};

#[test]
fn the_turn_tells_the_status_and_the_last_of_stderr() {
    let stage = Stage::new();
    let engine = stage.engine();
    let played = stage.play(&engine, "a", "!text so far\n!stderr-line 40\n!die 3");
    played.assert_outcome(Outcome::Crashed);
    assert_eq!(played.answers(), ["so far"]);
    assert_eq!(played.error_kind(), Some(ErrorKind::Crashed));
    for part in ["status 3", "abcdefghijklmnopqrstuvwxyz"] {
        assert!(played.error().contains(part), "{}", played.error());
    }
}

#[test]
fn every_way_to_die_is_a_crash_that_is_named() {
    let stage = Stage::new();
    let engine = stage.engine();
    let table = [
        ("!die 0", "status 0"),
        ("!die 255", "status 255"),
        ("!signal KILL", "signal 9"),
        ("!signal SEGV", "signal 11"),
        ("!half", "status 1"),
    ];
    for (prompt, how) in table {
        let played = stage.play(&engine, "a", prompt);
        played.assert_outcome(Outcome::Crashed);
        assert!(played.error().contains(how), "{prompt}: {}", played.error());
        assert!(played.answers().is_empty(), "{prompt}: {played:?}");
        stage.echo(&engine, "a", prompt.trim_start_matches('!'));
    }
}

#[test]
fn the_next_turn_works_at_once_sixty_times_in_a_row() {
    let stage = Stage::new();
    let engine = stage.engine();
    for round in 0..60 {
        let played = stage.play(&engine, "a", "!die 9");
        played.assert_outcome(Outcome::Crashed);
        stage.echo(&engine, "a", &format!("round {round}"));
    }
    let info = engine.info().expect("figures");
    assert_eq!((info.turns_completed, info.turns_not_completed), (60, 60));
    assert_eq!(info.live_processes, 1);
}
