//! Output that is not what it should be: it is told, and nothing else is harmed by it.

use crate::common::{Played, Stage};
use hotplex::EventKind;

fn raw(played: &Played) -> Vec<&str> {
    played
        .kinds()
        .filter_map(|kind| match kind {
            EventKind::Raw(line) => Some(line.as_str()),
            _ => None,
        })
        .collect()
}

#[test]
fn lines_that_are_not_json_are_notices() {
    let stage = Stage::new();
    let engine = stage.engine();
    let table = [
        "Welcome to the agent!",
        "{\"type\":\"assistant\",",
        "}{",
        "\u{1b}[31mred\u{1b}[0m",
        "null null",
    ];
    for line in table {
        let played = stage.play(&engine, "a", &format!("!raw {line}\n!text went on"));
        played.assert_completed();
        assert_eq!(played.notices("not_json"), [line]);
        assert_eq!(played.answers(), ["went on"]);
    }
}

#[test]
fn json_that_nobody_knows_is_passed_on_as_it_is() {
    let stage = Stage::new();
    let engine = stage.engine();
    let table = [
        r#"{"type":"telemetry","n":1.50}"#,
        r#"{"no":"type"}"#,
        r#"{"type":7}"#,
        "[1,2]",
        "\"text\"",
        "null",
        r#"{"type":"system","subtype":"of_tomorrow","x":{}}"#,
        r#"{"type":"assistant","message":{"content":[{"type":"hologram"}]}}"#,
    ];
    for line in table {
        let played = stage.play(&engine, "a", &format!("!raw {line}\n!text went on"));
        played.assert_completed();
        assert_eq!(raw(&played), [line]);
        assert_eq!(played.answers(), ["went on"]);
    }
}

#[test]
fn blank_lines_are_nothing() {
    let stage = Stage::new();
    let engine = stage.engine();
    // Newlines, blanks and a carriage return.
    let played = stage.play(&engine, "a", "!bytes 0a 0a 20 20 0a 0d 0a\n!text went on");
    played.assert_completed();
    assert_eq!(raw(&played), [""; 0]);
    assert!(played.notices("not_json").is_empty());
    assert_eq!(played.answers(), ["went on"]);
}

#[test]
fn bytes_that_are_not_utf8_are_replaced() {
    let stage = Stage::new();
    let engine = stage.engine();
    let head = r#"{"type":"assistant","message":{"content":[{"type":"text","text":"a"#;
    let tail = r#"b"}]},"parent_tool_use_id":null}"#;
    for (bytes, expected) in [
        ("ff", "a\u{fffd}b"),
        ("c3 28", "a\u{fffd}(b"),
        // A bare control character is no JSON, and nothing else is wrong with it.
        ("00", "a\0b"),
    ] {
        let line = format!("{}{bytes}{}0a", hexadecimal(head), hexadecimal(tail));
        let prompt = format!("!bytes {line}\n!text went on");
        let played = stage.play(&engine, "a", &prompt);
        played.assert_completed();
        assert_eq!(played.answers(), [expected, "went on"]);
    }
}

fn hexadecimal(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn retries_are_notices_and_an_api_error_fails_the_turn_alone() {
    let stage = Stage::new();
    let engine = stage.engine();
    let played = stage.play(&engine, "a", "!retry 2\n!status 529");
    played.assert_outcome(hotplex::Outcome::Failed);
    assert_eq!(played.error_kind(), Some(hotplex::ErrorKind::AgentFailed));
    assert!(played.error().contains("529"), "{}", played.error());
    assert_eq!(played.notices("api_retry").len(), 2);
    // The error's text comes in the model's name and is no answer.
    assert!(played.answers().is_empty(), "{played:?}");
    let before = crate::common::pid(&engine, "a");
    stage.echo(&engine, "a", "next");
    assert_eq!(crate::common::pid(&engine, "a"), before);
}
