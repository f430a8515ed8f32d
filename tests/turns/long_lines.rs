//! Lines far longer than usual, on stdout and on stderr.

use crate::common::Stage;
use hotplex::Outcome;

const MIB: usize = 1024 * 1024;

#[test]
fn a_line_of_fifteen_megabytes_is_delivered_whole() {
    let stage = Stage::new();
    let engine = stage.engine();
    let played = stage.play(&engine, "a", &format!("!line {}", 15 * MIB));
    played.assert_completed();
    let answers = played.answers();
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].len(), 15 * MIB);
    let letter = |at: usize| b'a' + (at % 26) as u8;
    let mut bytes = answers[0].bytes().enumerate();
    assert!(bytes.all(|(at, byte)| byte == letter(at)));
}

#[test]
fn a_line_of_forty_megabytes_is_reported_and_survived() {
    let stage = Stage::new();
    let engine = stage.engine();
    // The result repeats the last answer, so that a short one has to come after the long line.
    let prompt = format!("!text before\n!line {}\n!text after", 40 * MIB);
    let played = stage.play(&engine, "a", &prompt);
    played.assert_completed();
    assert_eq!(played.answers(), ["before", "after"]);
    let notices = played.notices("line_too_long");
    assert_eq!(notices.len(), 1);
    assert!(notices[0].contains("4194"), "{notices:?}");
    stage.echo(&engine, "a", "next");
}

/// A result that is too long to read must not leave the turn without an end.
#[test]
fn a_turn_whose_result_is_too_long_fails_at_once_and_the_session_goes_on() {
    let stage = Stage::new();
    let builder = stage.builder().max_line_bytes(MIB);
    let engine = builder.open().unwrap();
    let played = stage.play(&engine, "a", &format!("!line {}", 2 * MIB));
    played.assert_outcome(Outcome::Failed);
    assert!(
        played.error().contains("over the limit"),
        "{}",
        played.error()
    );
    assert_eq!(played.notices("line_too_long").len(), 2);
    stage.echo(&engine, "a", "next");
}

#[test]
fn a_crash_after_a_flood_tells_the_last_of_stderr_in_bounds() {
    let stage = Stage::new();
    let engine = stage.engine();
    let prompt = format!("!stderr-line {}\n!stderr 3 5\n!die 1", 8 * MIB);
    let played = stage.play(&engine, "a", &prompt);
    played.assert_outcome(Outcome::Crashed);
    assert!(played.error().contains("abcde"), "{}", played.error());
    assert!(played.error().len() < 4096, "{}", played.error().len());
    let played = stage.play(&engine, "a", &format!("!stderr-line {}\n!die 1", 8 * MIB));
    assert!(played.error().len() < 4096, "{}", played.error().len());
}
