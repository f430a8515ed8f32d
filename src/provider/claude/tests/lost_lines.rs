//! Lines that nobody can read, where somebody waits for what they say.

use serde_json::json;

use super::{decoded, one_line, only_result, started};
use crate::event::TurnId;
use crate::message::{Message, Origin};
use crate::provider::Protocol;
use crate::provider::listing::listed;

/// Each of these is cut in the middle of a text.
#[test]
fn an_end_of_a_turn_that_is_cut_is_one_that_failed() {
    let mut protocol = started();
    let mut out = Vec::new();
    protocol.write_prompt(TurnId(3), "hi", &mut out);
    let name = one_line(&out)["uuid"].as_str().unwrap().to_owned();
    let table = [
        (
            r#"{"type":"result","subtype":"success","result":"a"#.to_owned(),
            Origin::Unsaid,
        ),
        (
            r#"{"duration_api_ms":1,"result":"a"#.to_owned(),
            Origin::Unsaid,
        ),
        (
            r#"{"origin":{"kind":"task-notification"},"type":"result","x":"a"#.to_owned(),
            Origin::Itself,
        ),
        (
            format!(r#"{{"type":"result","user_message_uuids":["{name}"],"x":"a"#),
            Origin::Turns(vec![TurnId(3)]),
        ),
    ];
    for (line, origin) in table {
        let result = only_result(&mut protocol, &line);
        assert!(result.is_error && !result.interrupted, "{line}");
        assert_eq!(result.origin, origin, "{line}");
        let error = result.error.unwrap();
        assert!(error.contains("cannot be read: it is not JSON"), "{error}");
    }
}

#[test]
fn a_result_is_read_whatever_else_stands_in_it() {
    let table = [
        (
            json!({"type": "result", "is_error": false, "subtype": 7, "result": "a"}),
            false,
        ),
        (
            json!({"type": "result", "is_error": null, "usage": [], "result": "a"}),
            false,
        ),
        (
            json!({"type": "result", "is_error": "no", "subtype": "success", "result": "a"}),
            false,
        ),
        (
            json!({"type": "result", "is_error": "no", "subtype": "error_max_turns"}),
            true,
        ),
        (json!({"type": "result", "is_error": 1}), true),
        (
            json!({"type": "result", "is_error": true, "terminal_reason": {}}),
            true,
        ),
    ];
    for (line, is_error) in table {
        let result = only_result(&mut started(), &line.to_string());
        assert_eq!(result.is_error, is_error, "{line}");
        assert_eq!(result.text.as_deref(), (!is_error).then_some("a"), "{line}");
    }
}

#[test]
fn a_question_that_cannot_be_read_is_denied_or_ends_the_process() {
    let head = r#"{"type":"control_request","request_id":"r","request":{"subtype":"#;
    let table = [
        (
            format!(r#"{head}"can_use_tool","input":{{"a"#),
            "\"behavior\":\"deny\"",
        ),
        (
            format!(r#"{head}"can_use_tool","tool_name":"Bash","input":{{}},"tool_use_id":7}}}}"#),
            "\"behavior\":\"deny\"",
        ),
        (
            format!(r#"{head}"hook_callback","callback_id":"hotplex-gate","x":"a"#),
            "\"permissionDecision\":\"deny\"",
        ),
        (
            format!(r#"{head}"hook_callback","x":"a"#),
            "\"permissionDecision\":\"deny\"",
        ),
        (
            format!(r#"{head}"hook_callback","callback_id":"other","x":"a"#),
            "\"response\":{}",
        ),
        (
            format!(r#"{head}"elicitation","x":"a"#),
            "\"subtype\":\"error\"",
        ),
        // Of these nobody knows what they are, or how they are called.
        (format!("{head}\"can_us"), "protocol_failed"),
        (
            r#"{"type":"control_request","request":{"subtype":"can_use_tool","x":"a"#.to_owned(),
            "protocol_failed",
        ),
        (
            r#"{"type":"control_request","request_id":7,"request":{"subtype":"can_use_tool"}}"#
                .to_owned(),
            "protocol_failed",
        ),
    ];
    for (line, expected) in table {
        let messages = decoded(&mut started(), &line);
        let written = messages.iter().find_map(|message| match message {
            Message::Reply(written) => Some(String::from_utf8_lossy(written).into_owned()),
            _ => None,
        });
        let told = written.unwrap_or_else(|| listed(&messages).join("\n"));
        assert!(told.contains(expected), "{line}: {told}");
    }
}

/// A call that took the place of another may have much to say.
#[test]
fn a_call_of_which_cannot_be_read_what_ran_is_told_where_it_may_be_another() {
    let head = r#"{"type":"control_request","request_id":"r","request":{"subtype":"#;
    let line = format!(r#"{head}"hook_callback","callback_id":"hotplex-ran","x":"a"#);
    for is_followed in [true, false] {
        let mut protocol = started();
        if is_followed {
            protocol.follow();
        }
        let told = listed(&decoded(&mut protocol, &line)).join("\n");
        assert!(told.contains("\"response\":{}"), "it waits: {told}");
        assert_eq!(told.contains("guard.unjudged"), is_followed, "{told}");
    }
}

#[test]
fn an_answer_to_the_handshake_that_cannot_be_read_ends_the_start() {
    let head = r#"{"type":"control_response","response":{"request_id":"hotplex-1","x":"#;
    let messages = decoded(&mut started(), format!("{head}\"a"));
    assert!(
        matches!(messages.last(), Some(Message::HandshakeRefused(_))),
        "{messages:?}"
    );
    let other = r#"{"type":"control_response","response":{"request_id":"hotplex-7","x":"a"#;
    assert_eq!(decoded(&mut started(), other).len(), 1);
}

#[test]
fn other_lines_that_are_lost_are_told_and_nothing_else() {
    for line in [
        r#"{"type":"assistant","message":{"type":"result","x":"a"#,
        r#"{"message":{"duration_api_ms":1},"x":"a"#,
        r#"{"type":"system","subtype":"init","x":"a"#,
        r#"{"type":["result"],"x":"a"#,
    ] {
        assert_eq!(decoded(&mut started(), line).len(), 1, "{line}");
    }
}
