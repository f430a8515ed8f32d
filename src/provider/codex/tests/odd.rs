//! What Codex should not say: it costs no turn, no word, and no call its judge.

use serde_json::{Value, json};

use super::talk::{at_work, command, note};
use super::{decoded, replies, written};
use crate::event::{Decision, EventKind, TurnId};
use crate::message::{Message, TurnResult};
use crate::provider::Protocol;
use crate::provider::codex::protocol::CodexProtocol;
use crate::provider::listing::listed;
use crate::provider::permission::Mode;

fn completed() -> String {
    let turn = json!({"id": "u", "status": "completed"});
    note("turn/completed", json!({"threadId": "t", "turn": turn}))
}

fn ended(protocol: &mut CodexProtocol) -> TurnResult {
    match decoded(protocol, completed()).pop() {
        Some(Message::TurnResult(result)) => *result,
        other => panic!("not over: {other:?}"),
    }
}

fn item(method: &str, item: Value) -> String {
    note(
        method,
        json!({"threadId": "t", "turnId": "u", "item": item}),
    )
}

#[test]
fn messages_in_an_array_are_messages_and_other_arrays_are_none() {
    let mut protocol = at_work(Mode::Default);
    for line in ["[3]", r#"["3"]"#, "[]", "[{},7]"] {
        let messages = decoded(&mut protocol, line);
        assert!(
            matches!(&messages[..], [Message::Event(EventKind::Raw(raw))] if raw == line),
            "{line}: {messages:?}"
        );
    }
    let answer = json!({"type": "agentMessage", "id": "i", "text": "a"});
    let batch = [item("item/completed", answer), completed()];
    let told = listed(&decoded(&mut protocol, format!("[{}]", batch.join(","))));
    assert!(told.contains(&"answer \"a\"".to_owned()), "{told:?}");
    assert!(
        told.last().unwrap().starts_with("result error=false"),
        "{told:?}"
    );
}

#[test]
fn a_notification_that_wants_an_answer_is_one_and_answered() {
    let mut protocol = at_work(Mode::Default);
    let mut asked: Value = serde_json::from_str(&completed()).unwrap();
    asked["id"] = json!("u");
    let messages = decoded(&mut protocol, asked.to_string());
    assert_eq!(replies(&messages), [json!({"id": "u", "result": null})]);
    let is_end = |message: &Message| matches!(message, Message::TurnResult(_));
    assert!(messages.iter().any(is_end), "{messages:?}");
}

fn named(id: Value) -> String {
    let mut asked: Value = serde_json::from_str(&command()).unwrap();
    asked["id"] = id;
    asked.to_string()
}

fn asked(messages: &[Message]) -> Option<&str> {
    messages.iter().find_map(|message| match message {
        Message::ApprovalAsked(asked) => Some(asked.request_id.as_str()),
        _ => None,
    })
}

#[test]
fn a_number_and_the_text_of_it_name_two_questions() {
    let mut protocol = at_work(Mode::Default);
    for (id, name) in [(json!(7), "7"), (json!("7"), "\"7\"")] {
        let messages = decoded(&mut protocol, named(id));
        assert_eq!(asked(&messages), Some(name));
    }
    let resolved = note("serverRequest/resolved", json!({"requestId": "7"}));
    let told = listed(&decoded(&mut protocol, resolved));
    assert_eq!(told, ["approval_withdrawn \"7\""]);
    let mut out = Vec::new();
    protocol.write_decision("7", &Decision::allow(), &mut out);
    assert_eq!(written(&out)[0]["id"], 7);
}

#[test]
fn of_two_open_questions_of_one_name_neither_gets_leave() {
    let mut protocol = at_work(Mode::Default);
    decoded(&mut protocol, named(json!(7)));
    let messages = decoded(&mut protocol, named(json!(7)));
    assert_eq!(asked(&messages), None);
    let decisions = replies(&messages);
    assert_eq!(decisions.len(), 2, "{messages:?}");
    for reply in decisions {
        assert_eq!(reply["result"]["decision"], "decline");
    }
    let mut out = Vec::new();
    protocol.write_decision("7", &Decision::allow(), &mut out);
    assert!(out.is_empty(), "leave for nothing");
    assert_eq!(asked(&decoded(&mut protocol, named(json!(7)))), Some("7"));
}

#[test]
fn a_call_that_begins_or_ends_twice_is_one_call() {
    let mut protocol = at_work(Mode::Default);
    let call =
        json!({"type": "commandExecution", "id": "c", "command": "ls", "status": "completed"});
    let mut told = Vec::new();
    for method in [
        "item/started",
        "item/started",
        "item/completed",
        "item/completed",
    ] {
        told.extend(listed(&decoded(&mut protocol, item(method, call.clone()))));
    }
    let kinds: Vec<_> = told
        .iter()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(
        kinds[2..],
        ["tool_use", "raw", "tool_result", "raw"],
        "{told:?}"
    );
}

#[test]
fn numbers_that_are_none_cost_no_turn_and_no_other_number() {
    let mut protocol = at_work(Mode::Default);
    for input in [
        json!(u64::MAX),
        json!(1e300),
        json!(-5),
        json!("NaN"),
        json!(2.0),
    ] {
        let last = json!({"inputTokens": input, "outputTokens": 3, "cachedInputTokens": 1});
        let usage = json!({"threadId": "t", "turnId": "u", "tokenUsage": {"last": last}});
        decoded(&mut protocol, note("thread/tokenUsage/updated", usage));
    }
    let usage = ended(&mut protocol).usage;
    assert_eq!((usage.input_tokens, usage.output_tokens), (u64::MAX, 15));
}

/// A prompt that was refused and worked on all the same: what comes of it has a name that nobody was told,
/// and comes before the answer to the next prompt.
#[test]
fn what_comes_of_a_refused_prompt_is_not_of_the_next() {
    let mut protocol = at_work(Mode::Default);
    ended(&mut protocol);
    protocol.write_prompt(TurnId(5), "refused", &mut Vec::new());
    let error = json!({"code": 1, "message": "twofold"});
    let refusal = json!({"id": 4, "error": error, "result": {"turn": {"id": "v"}}});
    decoded(&mut protocol, refusal.to_string());
    protocol.write_prompt(TurnId(6), "next", &mut Vec::new());
    let of_refused = |method: &str, more: Value| {
        let mut params =
            json!({"threadId": "t", "turnId": "v", "turn": {"id": "v", "status": "completed"}});
        params["item"] = more;
        note(method, params)
    };
    let answer = json!({"type": "agentMessage", "id": "i", "text": "so far"});
    for line in [
        of_refused("turn/started", Value::Null),
        of_refused("item/completed", answer),
        of_refused("turn/completed", Value::Null),
    ] {
        for message in decoded(&mut protocol, &line) {
            let is_raw = matches!(message, Message::Event(EventKind::Raw(_)));
            assert!(is_raw, "{line}: {message:?}");
        }
    }
    decoded(
        &mut protocol,
        super::talk::answer(5, json!({"turn": {"id": "u"}})),
    );
    let answer = json!({"type": "agentMessage", "id": "j", "text": "own"});
    let told = listed(&decoded(&mut protocol, item("item/completed", answer)));
    assert!(told.contains(&"answer \"own\"".to_owned()), "{told:?}");
    assert_eq!(ended(&mut protocol).text.as_deref(), Some("own"));
}
