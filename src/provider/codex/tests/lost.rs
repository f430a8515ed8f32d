//! Messages that nobody can read, where somebody waits for what they say.

use serde_json::json;

use super::talk::{at_work, ready};
use super::{decoded, new_protocol, replies};
use crate::event::TurnId;
use crate::message::{Conversation, Message, TurnResult};
use crate::provider::Protocol;
use crate::provider::permission::Mode;

fn result(messages: Vec<Message>) -> Option<TurnResult> {
    messages.into_iter().find_map(|message| match message {
        Message::TurnResult(result) => Some(*result),
        _ => None,
    })
}

/// The turn at work is `u`, of the thread `t`.
#[test]
fn an_end_of_a_turn_that_is_cut_is_one_that_failed_and_of_no_other() {
    let table = [
        (
            r#"{"method":"turn/completed","params":{"threadId":"t","turn":{"id":"u","x":"a"#,
            true,
        ),
        (
            r#"{"params":{"turn":{"items":[],"id":"u"},"threadId":"t"},"method":"turn/completed","x":"a"#,
            true,
        ),
        (
            r#"{"method":"turn/completed","params":{"threadId":"t","turn":{"id":"v","x":"a"#,
            false,
        ),
        (
            r#"{"method":"turn/completed","params":{"threadId":"s","turn":{"id":"u","x":"a"#,
            false,
        ),
        (
            r#"{"method":"turn/completed","params":{"threadId":"t","turn":{"x":"a"#,
            false,
        ),
        (
            r#"{"method":"turn/started","params":{"threadId":"t","turn":{"id":"u","x":"a"#,
            false,
        ),
    ];
    for (line, is_end) in table {
        let ended = result(decoded(&mut at_work(Mode::Default), line));
        assert_eq!(ended.is_some(), is_end, "{line}");
        if let Some(ended) = ended {
            assert!(ended.is_error, "{line}");
            assert!(ended.error.unwrap().contains("cannot be read"), "{line}");
        }
    }
}

/// The request of the prompt has the number 3.
#[test]
fn an_answer_to_the_prompt_that_is_cut_begins_its_turn_or_ends_it() {
    let end = r#"{"method":"turn/completed","params":{"threadId":"t","turn":{"id":"u","status":"completed"}}}"#;
    for (line, is_refused) in [
        (r#"{"id":3,"error":{"x":"a"#, true),
        (r#"{"id":3,"result":{"turn":{"id":"u","x":"a"#, false),
        (r#"{"id":7,"error":{"x":"a"#, false),
    ] {
        let mut protocol = ready(Mode::Default);
        protocol.write_prompt(TurnId(4), "p", &mut Vec::new());
        let refused = result(decoded(&mut protocol, line));
        assert_eq!(refused.is_some(), is_refused, "{line}");
        if line.contains("turn") {
            let ended = result(decoded(&mut protocol, end)).expect("it is over");
            assert!(!ended.is_error, "{line}");
        }
    }
}

#[test]
fn a_question_that_cannot_be_read_is_denied_or_ends_the_process() {
    let table = [
        (
            "item/commandExecution/requestApproval",
            json!({"decision": "decline"}),
        ),
        (
            "item/fileChange/requestApproval",
            json!({"decision": "decline"}),
        ),
        (
            "mcpServer/elicitation/request",
            json!({"action": "decline"}),
        ),
    ];
    for (method, expected) in table {
        let head = format!(r#""method":"{method}","params":{{"x":"a"#);
        let messages = decoded(&mut at_work(Mode::Default), format!(r#"{{"id":0,{head}"#));
        let answer = &replies(&messages)[0];
        assert_eq!(
            (&answer["id"], &answer["result"]["decision"]),
            (&json!(0), &expected["decision"])
        );
        assert_eq!(answer["result"]["action"], expected["action"]);
        let messages = decoded(&mut at_work(Mode::Default), format!("{{{head}"));
        assert!(
            matches!(messages.last(), Some(Message::ProtocolFailed(_))),
            "{messages:?}"
        );
    }
    let other = r#"{"id":0,"method":"un/heard","params":{"x":"a"#;
    let messages = decoded(&mut at_work(Mode::Default), other);
    assert_eq!(
        replies(&messages)[0]["error"]["code"],
        -32601,
        "{messages:?}"
    );
}

#[test]
fn an_answer_of_the_handshake_that_cannot_be_read_ends_the_start() {
    let mut protocol = new_protocol(Mode::Default, Conversation::New("n".to_owned()));
    protocol.write_handshake(&mut Vec::new());
    let messages = decoded(&mut protocol, r#"{"id":1,"result":{"x":"a"#);
    assert!(
        matches!(messages.last(), Some(Message::HandshakeRefused(_))),
        "{messages:?}"
    );
}
