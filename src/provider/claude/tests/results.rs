//! What model and tools say, and how a turn ends.

use super::{decoded, listed, only_event, only_result, started};
use crate::event::TurnId;
use crate::message::Origin;
use crate::provider::Protocol;

fn result(rest: &str) -> String {
    format!(r#"{{"type":"result","subtype":"success","is_error":false,{rest}}}"#)
}

fn said(speaker: &str, parent: &str, block: &str) -> String {
    format!(
        r#"{{"type":"{speaker}","message":{{"model":"m","content":[{block}]}},"parent_tool_use_id":{parent}}}"#
    )
}

#[test]
fn the_output_of_a_tool_is_text_in_every_form() {
    let table = [
        (r#""plain""#, "plain"),
        (
            r#"[{"type":"text","text":"a"},{"type":"text","text":"b"}]"#,
            "a\nb",
        ),
        (
            r#"[{"type":"text","text":"a"},{"type":"image","source":{}}]"#,
            "a\n[image]",
        ),
        ("[]", ""),
        ("null", ""),
    ];
    for (content, text) in table {
        let block = format!(r#"{{"type":"tool_result","tool_use_id":"t","content":{content}}}"#);
        assert_eq!(
            only_event(said("user", "null", &block)),
            ("tool_result", text.to_owned())
        );
    }
    let without = r#"{"type":"tool_result","tool_use_id":"t"}"#;
    assert_eq!(
        only_event(said("user", "null", without)),
        ("tool_result", String::new())
    );
}

#[test]
fn a_sub_agent_acts_but_does_not_answer() {
    let text = r#"{"type":"text","text":"from below"}"#;
    let call = r#"{"type":"tool_use","id":"t","name":"Write","input":{"file_path":"/w/a"}}"#;
    let line = said("assistant", "\"toolu_1\"", text);
    assert_eq!(only_event(&line), ("raw", line.clone()));
    assert_eq!(
        only_event(said("assistant", "\"toolu_1\"", call)).0,
        "tool_use"
    );
    let delta = r#"{"type":"stream_event","event":{"type":"content_block_delta","delta":{"type":"text_delta","text":"x"}},"parent_tool_use_id":"toolu_1"}"#;
    assert!(decoded(&mut started(), delta).is_empty());
}

#[test]
fn a_block_of_an_unknown_kind_shows_the_whole_line_once() {
    let blocks =
        r#"{"type":"text","text":"hi"},{"type":"new"},{"type":"redacted_thinking","data":"x"}"#;
    let line = said("assistant", "null", blocks);
    let events = listed(&decoded(&mut started(), &line));
    assert_eq!(
        events,
        ["answer \"hi\"".to_owned(), format!("raw {line:?}")]
    );
}

#[test]
fn an_api_error_is_no_answer() {
    let line = r#"{"type":"assistant","message":{"model":"<synthetic>","content":[{"type":"text","text":"API Error: 500"}]},"error":"server_error"}"#;
    assert_eq!(only_event(line), ("notice", "API Error: 500".to_owned()));
}

#[test]
fn echoes_of_the_user_are_not_told() {
    let echo = r#"{"type":"user","message":{"content":"my prompt"},"isReplay":true}"#;
    let note = r#"{"type":"user","message":{"content":"[Request interrupted by user]"}}"#;
    let other = r#"{"type":"user","message":{"content":"<task done>"}}"#;
    assert!(decoded(&mut started(), echo).is_empty());
    assert!(decoded(&mut started(), note).is_empty());
    assert_eq!(only_event(other), ("raw", other.to_owned()));
}

#[test]
fn cost_is_that_of_the_turn() {
    let own = |cost: f64| {
        format!(
            r#","model_usage_since_last_result":{{"haiku":{{"costUSD":0.5}},"opus":{{"costUSD":{cost}}}}}"#
        )
    };
    let mut protocol = started();
    let table = [
        ("1.0", String::new(), 1.0),
        ("1.5", String::new(), 0.5),
        ("1.5", String::new(), 0.0),
        ("0.25", String::new(), 0.0),
        ("0.75", String::new(), 0.5),
        // A resumed conversation begins with the cost of its past.
        ("99.0", own(0.25), 0.75),
        ("99.5", String::new(), 0.5),
        ("null", String::new(), 0.0),
    ];
    for (total, own, cost) in table {
        let line = result(&format!(r#""total_cost_usd":{total}{own}"#));
        assert_eq!(only_result(&mut protocol, &line).cost_usd, cost, "{line}");
    }
}

#[test]
fn the_model_is_the_one_that_spoke_last_in_the_turn() {
    let text = r#"{"type":"text","text":"x"}"#;
    let mut protocol = started();
    decoded(&mut protocol, said("assistant", "null", text));
    decoded(
        &mut protocol,
        said("assistant", "\"toolu_1\"", text).replace(r#""m""#, r#""below""#),
    );
    decoded(
        &mut protocol,
        said("assistant", "null", text).replace(r#""m""#, r#""<synthetic>""#),
    );
    assert_eq!(
        only_result(&mut protocol, &result("\"n\":1"))
            .model
            .as_deref(),
        Some("m")
    );
    assert_eq!(only_result(&mut protocol, &result("\"n\":2")).model, None);
}

#[test]
fn is_error_decides_and_the_error_says_why() {
    let table = [
        (
            r#""is_error":true,"result":"API Error: 529\nwait""#,
            "API Error: 529 wait",
        ),
        (r#""is_error":true,"errors":["a","b"]"#, "a; b"),
        (
            r#""is_error":true,"errors":["[ede_diagnostic] x"],"terminal_reason":"aborted_tools""#,
            "aborted_tools",
        ),
        (
            r#""is_error":true,"subtype":"error_max_turns""#,
            "error_max_turns",
        ),
        (r#""is_error":true"#, "the agent gave no reason"),
    ];
    for (members, error) in table {
        let end = only_result(&mut started(), &format!(r#"{{"type":"result",{members}}}"#));
        assert!(end.is_error);
        assert_eq!((end.error.as_deref(), end.text), (Some(error), None));
    }
}

#[test]
fn a_conversation_that_is_not_there_is_told_apart() {
    let line = r#"{"type":"result","is_error":true,"errors":["No conversation found with session ID: 1"]}"#;
    assert!(only_result(&mut started(), line).cannot_resume);
    let talk = result(r#""result":"No conversation found in the logs""#);
    assert!(
        !only_result(&mut started(), &talk).cannot_resume,
        "only an answer"
    );
}

#[test]
fn a_result_with_odd_members_still_ends_the_turn() {
    for odd in [
        r#""usage":7"#,
        r#""model_usage_since_last_result":[]"#,
        r#""errors":"x""#,
        r#""result":{}"#,
    ] {
        let end = only_result(&mut started(), &result(odd));
        assert!(!end.is_error, "{odd}");
    }
    let cut = only_result(&mut started(), &result(r#""result":"cut \ud83d""#));
    assert_eq!(cut.text.as_deref(), Some("cut \u{fffd}"));
}

#[test]
fn a_result_says_whose_it_is() {
    let mut protocol = started();
    let mut written = Vec::new();
    protocol.write_prompt(TurnId(7), "hello", &mut written);
    let ours = super::one_line(&written)["uuid"].to_string();
    let other = r#""00000000-0000-4000-8000-000000000000""#;
    let notified = r#""origin":{"kind":"task-notification"}"#;
    for (members, origin) in [
        (String::new(), Origin::Unsaid),
        (r#""origin":{"kind":"human"}"#.to_owned(), Origin::Unsaid),
        (r#""origin":null"#.to_owned(), Origin::Unsaid),
        (notified.to_owned(), Origin::Itself),
        (format!(r#""user_message_uuids":[{other}]"#), Origin::Unsaid),
        (
            format!(r#""user_message_uuids":[{other},{ours}]"#),
            Origin::Turns(vec![TurnId(7)]),
        ),
        (
            format!(r#"{notified},"user_message_uuids":[{ours}]"#),
            Origin::Turns(vec![TurnId(7)]),
        ),
    ] {
        let members = format!(r#""num_turns":0,{members}"#);
        let line = result(members.trim_end_matches(','));
        assert_eq!(only_result(&mut protocol, &line).origin, origin, "{line}");
    }
}

/// A result that cannot be read would leave its turn open.
#[test]
fn numbers_that_are_none_cost_no_turn_and_no_other_number() {
    for (input, expected) in [
        ("18446744073709551616", u64::MAX),
        ("-5", 0),
        ("2.0", 2),
        ("\"NaN\"", 0),
        ("null", 0),
    ] {
        let numbers = format!(
            r#""total_cost_usd":{input},"usage":{{"input_tokens":{input},"output_tokens":3}}"#
        );
        let told = only_result(&mut started(), &result(&numbers));
        let usage = told.usage;
        assert_eq!((usage.input_tokens, usage.output_tokens), (expected, 3));
        assert!(told.cost_usd >= 0.0, "{input}: {}", told.cost_usd);
    }
}

#[test]
fn a_byte_order_mark_and_a_carriage_return_change_nothing() {
    let line = format!("\u{feff}{}\r", result(r#""result":"said""#));
    let told = only_result(&mut started(), &line);
    assert_eq!(told.text.as_deref(), Some("said"));
}
