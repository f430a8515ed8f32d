//! What no agent should say, and some do: it costs no turn, no word, and no call its judge.

use serde_json::{Value, json};

use super::permission::{OPTIONS, ask, call};
use super::{answer, decoded, ready, replies, update, written};
use crate::event::{Decision, EventKind, TurnId};
use crate::message::{Message, TurnResult};
use crate::provider::Protocol;
use crate::provider::acp::calls::effects_by_kind;
use crate::provider::acp::protocol::AcpProtocol;
use crate::provider::listing::listed;
use crate::provider::permission::Mode;

fn at_work() -> AcpProtocol {
    let mut protocol = ready("acp", Mode::Default);
    protocol.write_prompt(TurnId(1), "p", &mut Vec::new());
    protocol
}

fn chunk(text: &str) -> Value {
    json!({"sessionUpdate": "agent_message_chunk", "content": {"type": "text", "text": text}})
}

fn ended(protocol: &mut AcpProtocol, end: Value) -> (Vec<String>, TurnResult) {
    let request = protocol.peer.last();
    let messages = decoded(protocol, answer(request, end));
    let told = listed(&messages);
    match messages.into_iter().last() {
        Some(Message::TurnResult(result)) => (told, *result),
        _ => panic!("not over: {told:?}"),
    }
}

fn end_turn() -> Value {
    json!({"stopReason": "end_turn"})
}

#[test]
fn messages_in_an_array_are_messages() {
    let mut protocol = at_work();
    let batch = [
        update(chunk("a")),
        ask(7, call("execute", "/w"), OPTIONS),
        answer(protocol.peer.last(), end_turn()),
    ];
    let messages = decoded(&mut protocol, format!("[{}]", batch.join(",")));
    let told = listed(&messages).join("\n");
    for part in ["answer \"a\"", "approval_asked 7", "result error=false"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

/// Serde reads an array as the members of a message, one after the other.
#[test]
fn an_array_of_anything_else_is_no_message() {
    let mut protocol = at_work();
    let number = protocol.peer.last();
    for line in [
        format!("[{number}]"),
        format!("[\"{number}\"]"),
        format!("[{number},null,null,{{\"stopReason\":\"end_turn\"}}]"),
        "[]".to_owned(),
        "[{},7]".to_owned(),
    ] {
        let messages = decoded(&mut protocol, &line);
        let [Message::Event(EventKind::Raw(raw))] = &messages[..] else {
            panic!("{line}: {messages:?}");
        };
        assert_eq!(*raw, line);
    }
    assert!(!ended(&mut protocol, end_turn()).1.is_error);
}

#[test]
fn a_byte_order_mark_and_a_carriage_return_change_nothing() {
    let mut protocol = at_work();
    decoded(&mut protocol, format!("\u{feff}{}\r", update(chunk("a"))));
    assert_eq!(ended(&mut protocol, end_turn()).0[0], "answer \"a\"");
}

#[test]
fn an_update_that_wants_an_answer_is_an_update_and_answered() {
    let mut protocol = at_work();
    let mut asked: Value = serde_json::from_str(&update(chunk("a"))).unwrap();
    asked["id"] = json!("u");
    let messages = decoded(&mut protocol, asked.to_string());
    assert_eq!(
        replies(&messages),
        [json!({"jsonrpc": "2.0", "id": "u", "result": null})]
    );
    asked["params"]["update"] = json!({"sessionUpdate": 7});
    let messages = decoded(&mut protocol, asked.to_string());
    assert!(replies(&messages)[0]["error"].is_object(), "{messages:?}");
    assert_eq!(ended(&mut protocol, end_turn()).0[0], "answer \"a\"");
}

fn named(id: Value) -> String {
    let mut asked: Value = serde_json::from_str(&ask(0, call("execute", "/w"), OPTIONS)).unwrap();
    asked["id"] = id;
    asked.to_string()
}

fn asked(messages: &[Message]) -> Option<&str> {
    messages.iter().find_map(|message| match message {
        Message::ApprovalAsked(asked) => Some(asked.request_id.as_str()),
        _ => None,
    })
}

/// Leave for the one would be leave for the other.
#[test]
fn a_number_and_the_text_of_it_name_two_questions() {
    let ids = [
        json!(7),
        json!("7"),
        json!("seven"),
        json!(-1),
        json!("-1"),
        json!(1e30),
        json!("18446744073709551616"),
        json!("a\"b"),
        json!(""),
    ];
    let mut protocol = at_work();
    let mut names = Vec::new();
    for id in &ids {
        let messages = decoded(&mut protocol, named(id.clone()));
        names.push(asked(&messages).expect("it is asked about").to_owned());
    }
    assert_eq!(&names[..3], ["7", "\"7\"", "seven"]);
    for (name, id) in names.iter().zip(&ids).rev() {
        let mut out = Vec::new();
        protocol.write_decision(name, &Decision::allow(), &mut out);
        assert_eq!(written(&out)[0]["id"], *id);
    }
}

#[test]
fn of_two_open_questions_of_one_name_neither_gets_leave() {
    let mut protocol = at_work();
    decoded(&mut protocol, named(json!(7)));
    let messages = decoded(&mut protocol, named(json!(7)));
    assert_eq!(asked(&messages), None);
    for reply in replies(&messages) {
        assert_eq!(reply["result"]["outcome"], json!({"outcome": "cancelled"}));
    }
    assert_eq!(replies(&messages).len(), 2, "{messages:?}");
    let is_withdrawn =
        |message: &Message| matches!(message, Message::ApprovalWithdrawn(id) if id == "7");
    assert!(messages.iter().any(is_withdrawn), "{messages:?}");
    let mut out = Vec::new();
    protocol.write_decision("7", &Decision::allow(), &mut out);
    assert!(out.is_empty(), "leave for nothing");
    // A name that was answered may be used again.
    assert_eq!(asked(&decoded(&mut protocol, named(json!(7)))), Some("7"));
}

/// Seen with claude-agent-acp 0.101.0 in its mode `auto`.
#[test]
fn what_is_added_to_a_call_that_has_ended_is_no_other_call() {
    let mut protocol = at_work();
    let tell = |protocol: &mut AcpProtocol, what: &str, status: Value| {
        let call = json!({"sessionUpdate": what, "toolCallId": "c", "kind": "execute", "title": "ls", "status": status});
        listed(&decoded(protocol, update(call)))
    };
    let kinds = |told: &[String]| -> Vec<String> {
        let word = |line: &String| line.split(' ').next().unwrap_or_default().to_owned();
        told.iter().map(word).collect()
    };
    tell(&mut protocol, "tool_call", json!("in_progress"));
    let told = tell(&mut protocol, "tool_call_update", json!("completed"));
    assert_eq!(kinds(&told), ["tool_result"]);
    for status in [json!("completed"), json!("failed"), json!(null)] {
        let told = tell(&mut protocol, "tool_call_update", status);
        assert_eq!(kinds(&told), ["raw"]);
    }
    let (told, _) = ended(&mut protocol, end_turn());
    assert_eq!(kinds(&told), ["result"], "{told:?}");
    // A call that begins under the name is another one.
    protocol.write_prompt(TurnId(2), "p", &mut Vec::new());
    let told = tell(&mut protocol, "tool_call", json!("completed"));
    assert_eq!(kinds(&told)[1..], ["tool_use", "tool_result"]);
}

/// Ten thousand calls that never end.
#[test]
fn a_call_that_is_given_up_was_told() {
    let mut protocol = at_work();
    let mut told = 0;
    let mut count = |messages: &[Message]| {
        let is_call = |message: &&Message| matches!(message, Message::Event(EventKind::ToolUse(_)));
        told += messages.iter().filter(is_call).count();
    };
    for number in 0..10_000 {
        let call = json!({"sessionUpdate": "tool_call", "toolCallId": number.to_string()});
        count(&decoded(&mut protocol, update(call)));
    }
    let request = protocol.peer.last();
    count(&decoded(&mut protocol, answer(request, end_turn())));
    assert_eq!(told, 10_000);
}

#[test]
fn numbers_that_are_none_cost_no_turn_and_no_other_number() {
    for (input, expected) in [
        (json!(1e300), u64::MAX),
        (json!(-5), 0),
        (json!(2.0), 2),
        (json!("NaN"), 0),
        (json!(null), 0),
        (json!({}), 0),
    ] {
        let mut protocol = at_work();
        let cost =
            json!({"sessionUpdate": "usage_update", "cost": {"amount": input, "currency": "USD"}});
        decoded(&mut protocol, update(cost));
        let usage = json!({"inputTokens": input, "outputTokens": 3});
        let end = json!({"stopReason": "end_turn", "usage": usage});
        let (_, result) = ended(&mut protocol, end);
        let usage = result.usage;
        assert_eq!((usage.input_tokens, usage.output_tokens), (expected, 3));
        assert!(result.cost_usd >= 0.0 && result.cost_usd.is_finite());
    }
}

#[test]
fn a_character_that_is_cut_in_two_is_put_together() {
    let piece = |literal: &str, message: Value| {
        let content = json!({"type": "text", "text": "TEXT"});
        let told = json!({"sessionUpdate": "agent_message_chunk", "content": content, "messageId": message});
        update(told).replace("\"TEXT\"", literal)
    };
    let table: &[(&[&str], &str)] = &[
        (&[r#""a\ud83d""#, r#""\ude00b""#], "a\u{1f600}b"),
        (
            &[r#""\ud83d""#, r#""\ude00\ud83d""#, r#""\ude01""#],
            "\u{1f600}\u{1f601}",
        ),
        (&[r#""a\ud83d""#, r#""b""#], "a\u{fffd}b"),
        (&[r#""a\ud83d""#], "a\u{fffd}"),
        (&[r#""\ude00b""#, r#""c""#], "\u{fffd}bc"),
        (&[r#""a\\ud83d""#, r#""b""#], "a\\ud83db"),
        (&[r#""a\ud83d""#, r#""""#, r#""b""#], "a\u{fffd}b"),
    ];
    for (pieces, expected) in table {
        let mut protocol = at_work();
        for literal in *pieces {
            decoded(&mut protocol, piece(literal, json!("m")));
        }
        let (told, _) = ended(&mut protocol, end_turn());
        assert_eq!(told[0], format!("answer {expected:?}"), "{pieces:?}");
    }
    // Halves of two messages make no character.
    let mut protocol = at_work();
    decoded(&mut protocol, piece(r#""a\ud83d""#, json!("m")));
    let told = listed(&decoded(&mut protocol, piece(r#""\ude00b""#, json!("n"))));
    assert_eq!(told, ["answer \"a\u{fffd}\""]);
    let (told, _) = ended(&mut protocol, end_turn());
    assert_eq!(told[0], "answer \"\u{fffd}b\"");
}

/// To hold each of them against all others would hold up the thread that serves every session.
#[test]
fn a_call_that_names_a_hundred_thousand_files_is_read_in_time_and_does_not_run() {
    let paths = |from: usize, to: usize| -> Value {
        (from..to)
            .map(|number| json!({"path": format!("/w/{number}")}))
            .collect()
    };
    for (count, may_run) in [(1000, true), (1001, false), (100_000, false)] {
        let mut protocol = at_work();
        let mut told = call("edit", "/w/0");
        told["locations"] = paths(0, count);
        let messages = decoded(&mut protocol, ask(7, told, OPTIONS));
        let asked = messages.iter().find_map(|message| match message {
            Message::ApprovalAsked(asked) => Some(&asked.tool),
            _ => None,
        });
        let asked = asked.expect("it asks");
        assert_eq!(effects_by_kind(asked).is_ok(), may_run, "{count}");
    }
}

/// As Qwen Code does: a piece that is empty, after each answer of its model, sub-agents' as well.
#[test]
fn tokens_that_are_told_beside_a_piece_are_added_up_for_their_turn_alone() {
    let beside = |input: u64| {
        let mut piece = chunk("");
        piece["_meta"] = json!({"usage": {
            "inputTokens": input, "outputTokens": 5, "totalTokens": 9, "cachedReadTokens": 40,
        }});
        update(piece)
    };
    let mut protocol = at_work();
    decoded(&mut protocol, update(chunk("a")));
    decoded(&mut protocol, beside(100));
    decoded(&mut protocol, beside(u64::MAX));
    let (told, result) = ended(&mut protocol, end_turn());
    assert_eq!(told[0], "answer \"a\"");
    let usage = result.usage;
    assert_eq!((usage.input_tokens, usage.output_tokens), (u64::MAX, 10));
    assert_eq!(usage.cache_read_tokens, 80);
    // What is told with the end is of the whole turn.
    for (end, expected) in [
        (
            json!({"stopReason": "end_turn", "usage": {"inputTokens": 7}}),
            7,
        ),
        (end_turn(), 60),
    ] {
        protocol.write_prompt(TurnId(2), "p", &mut Vec::new());
        decoded(&mut protocol, beside(100));
        let (_, result) = ended(&mut protocol, end);
        assert_eq!(result.usage.input_tokens, expected);
    }
    protocol.write_prompt(TurnId(3), "p", &mut Vec::new());
    assert_eq!(ended(&mut protocol, end_turn()).1.usage.input_tokens, 0);
}

#[test]
fn an_error_that_says_that_the_conversation_is_not_known_ends_no_turn_and_another_one_does() {
    for (why, is_forgotten) in [
        ("Session not found: s-17", true),
        ("session not found", true),
        ("Not initialized", true),
        ("Resource not found: s", true),
        ("model not found: gpt", false),
        ("the file of s is damaged", false),
        ("Internal error", false),
    ] {
        let mut protocol = at_work();
        protocol.session = "s".to_owned();
        let request = protocol.peer.last();
        let told = listed(&decoded(&mut protocol, super::fault(request, why)));
        let is_told = told.iter().any(|told| told.starts_with("forgotten"));
        let has_ended = told
            .iter()
            .any(|told| told.starts_with("result error=true"));
        assert_eq!(
            (is_told, has_ended),
            (is_forgotten, !is_forgotten),
            "{why}: {told:?}"
        );
    }
}

/// A message that goes on is the turn's that began it, and pieces without a name are whose turn it is.
#[test]
fn what_an_ended_turn_still_says_under_the_name_of_its_message_is_told_as_it_stands() {
    let named = |name: &str, text: &str| {
        let mut piece = chunk(text);
        piece["messageId"] = json!(name);
        update(piece)
    };
    let mut protocol = at_work();
    decoded(&mut protocol, named("m1", "early"));
    ended(&mut protocol, end_turn());
    protocol.write_prompt(TurnId(2), "p", &mut Vec::new());
    for line in [
        named("m1", "late"),
        named("m1", "\\ud83d").replace("\\\\ud83d", "\\ud83d"),
    ] {
        let told = listed(&decoded(&mut protocol, &line));
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("raw"), "{told:?}");
    }
    decoded(&mut protocol, named("m2", "own"));
    let (told, result) = ended(&mut protocol, end_turn());
    assert_eq!(told[0], "answer \"own\"");
    assert_eq!(result.text.as_deref(), Some("own"));
}
