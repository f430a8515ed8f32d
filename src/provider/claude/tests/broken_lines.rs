//! No bytes make the decoder panic, and none are lost: what cannot be read is told as it came.

use std::fs;

use super::golden::all_recordings;
use super::{decoded, only_event, started};
use crate::message::Message;

/// Real lines of every kind.
fn lines() -> Vec<String> {
    let texts = all_recordings()
        .into_iter()
        .map(|path| fs::read_to_string(path).unwrap());
    texts
        .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

#[test]
fn a_line_cut_anywhere_is_told_as_text() {
    for line in lines() {
        // Long lines are lists of like things: a sample of cuts reaches every place in their shape.
        let step = 1 + line.len() / 100;
        for end in (1..line.len()).step_by(step) {
            let messages = decoded(&mut started(), &line.as_bytes()[..end]);
            let Some((Message::Event(kind), follows)) = messages.split_first() else {
                panic!("cut at {end} of {line}: {messages:?}");
            };
            assert!(
                follows.iter().all(is_of_loss),
                "cut at {end} of {line}: {messages:?}"
            );
            let cut = String::from_utf8_lossy(&line.as_bytes()[..end]);
            assert_eq!((kind.as_str(), kind.text()), ("notice", Some(cut.as_ref())));
        }
    }
}

/// What follows from it that an end of a turn or a question is lost.
fn is_of_loss(message: &Message) -> bool {
    match message {
        Message::TurnResult(result) => result.is_error,
        Message::Event(kind) => kind.as_str() == "notice",
        Message::Reply(_) | Message::ProtocolFailed(_) | Message::HandshakeRefused(_) => true,
        _ => false,
    }
}

#[test]
fn a_line_with_wrong_bytes_never_panics() {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % below as u64) as usize
    };
    let lines = lines();
    // One protocol for all, so that broken lines also meet the state that others left.
    let mut protocol = started();
    for _ in 0..20_000 {
        let mut line = lines[next(lines.len())].clone().into_bytes();
        for _ in 0..=next(4) {
            let at = next(line.len());
            line[at] = next(256) as u8;
        }
        decoded(&mut protocol, line);
    }
}

#[test]
fn what_is_no_known_line_is_passed_on_whole() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let table = [
        ("hello", "notice"),
        ("{\"type\":\"assistant\"", "notice"),
        ("[1,2]", "raw"),
        // Serde reads an array as the members of a message, one after the other.
        ("[\"result\"]", "raw"),
        ("[\"keep_alive\"]", "raw"),
        ("null", "raw"),
        ("{}", "raw"),
        ("{\"type\":7}", "raw"),
        ("{\"type\":\"assistant\"}", "raw"),
        ("{\"type\":\"news\",\"text\":\"hot\"}", "raw"),
        ("{\"type\":\"system\",\"subtype\":\"news\"}", "raw"),
        (&deep, "raw"),
    ];
    for (line, kind) in table {
        assert_eq!(only_event(line), (kind, line.to_owned()));
    }
}

#[test]
fn blank_lines_say_nothing() {
    for line in ["", " ", "\t", "\r"] {
        assert!(decoded(&mut started(), line).is_empty(), "{line:?}");
    }
}

#[test]
fn invalid_utf8_is_replaced_and_read() {
    let line = b"{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"a\xffb\"}]}}";
    assert_eq!(only_event(line), ("answer", "a\u{fffd}b".to_owned()));
    assert_eq!(only_event(b"caf\xe9"), ("notice", "caf\u{fffd}".to_owned()));
}

#[test]
fn half_a_character_does_not_lose_the_line() {
    let answer =
        r#"{"type":"assistant","message":{"content":[{"type":"text","text":"cut \ud83d"}]}}"#;
    let output = r#"{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t","content":"cut \ud83d"}]}}"#;
    assert_eq!(only_event(answer), ("answer", "cut \u{fffd}".to_owned()));
    assert_eq!(
        only_event(output),
        ("tool_result", "cut \u{fffd}".to_owned())
    );
}
