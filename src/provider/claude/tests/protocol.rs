//! What is written to Claude Code, and what it is owed for what it asks.

use serde_json::{Value, json};

use super::{decoded, listed, one_line, started};
use crate::event::{Decision, TurnId};
use crate::message::Message;
use crate::provider::Protocol;
use crate::provider::claude::protocol::ClaudeProtocol;

fn prompt(protocol: &mut ClaudeProtocol, turn: u64, text: &str) -> Value {
    let mut out = Vec::new();
    protocol.write_prompt(TurnId(turn), text, &mut out);
    one_line(&out)
}

fn decision(protocol: &mut ClaudeProtocol, decision: Decision) -> Vec<u8> {
    let mut out = Vec::new();
    protocol.write_decision("r1", &decision, &mut out);
    out
}

fn lifecycle(uuid: &str, state: &str) -> String {
    json!({"type": "command_lifecycle", "command_uuid": uuid, "state": state}).to_string()
}

fn request(id: &str, request: &str) -> String {
    format!(r#"{{"type":"control_request","request_id":"{id}","request":{request}}}"#)
}

const TOUCH: &str =
    r#"{"subtype":"can_use_tool","tool_name":"Bash","input":{"z":1.10,"command":"touch a"}}"#;

#[test]
fn a_prompt_is_one_line_whatever_it_says() {
    let long = "x\n".repeat(150_000);
    for text in [
        "hi",
        "",
        "a\nb\r\n",
        "\0\u{1b}\u{2028}\"\\",
        "{\"type\":\"user\"}\n{}",
        &long,
    ] {
        let line = prompt(&mut started(), 1, text);
        assert_eq!(line["type"], "user");
        assert_eq!(line["message"]["role"], "user");
        assert_eq!(
            line["message"]["content"],
            json!([{"type": "text", "text": text}])
        );
    }
}

#[test]
fn the_start_of_a_prompt_names_its_turn() {
    let mut protocol = started();
    for turn in [1, 2, u64::MAX >> 2] {
        let name = prompt(&mut protocol, turn, "hi")["uuid"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(
            (&name[14..15], name.len()),
            ("4", 36),
            "not the layout that the agent checks"
        );
        let begun = decoded(&mut protocol, lifecycle(&name, "started"));
        assert_eq!(
            listed(&begun),
            [format!("turn_started Some(TurnId({turn}))")]
        );
        for (state, expected) in [
            ("queued", "turn_queued"),
            ("completed", "turn_over"),
            ("cancelled", "turn_over"),
        ] {
            let told = decoded(&mut protocol, lifecycle(&name, state));
            assert_eq!(listed(&told), [format!("{expected} {turn}")]);
        }
        assert!(
            decoded(&mut started(), lifecycle(&name, "started")).is_empty(),
            "another process's"
        );
    }
}

#[test]
fn the_answer_to_the_handshake_is_readiness_once() {
    for (answer, told) in [
        (r#""success","response":{"pid":7}"#, "ready"),
        (
            r#""error","error":"unsupported""#,
            "handshake_refused unsupported",
        ),
    ] {
        let mut protocol = ClaudeProtocol::new(1 << 24);
        let mut out = Vec::new();
        protocol.write_handshake(&mut out);
        let id = one_line(&out)["request_id"].as_str().unwrap().to_owned();
        let line = format!(
            r#"{{"type":"control_response","response":{{"request_id":"{id}","subtype":{answer}}}}}"#
        );
        assert_eq!(listed(&decoded(&mut protocol, &line)), [told]);
        assert!(decoded(&mut protocol, &line).is_empty());
    }
}

#[test]
fn the_agent_is_told_to_ask_before_every_tool() {
    let mut out = Vec::new();
    ClaudeProtocol::new(1 << 24).write_handshake(&mut out);
    let hooks = json!({"PreToolUse": [{"hookCallbackIds": ["hotplex-gate"]}]});
    assert_eq!(one_line(&out)["request"]["hooks"], hooks);
}

#[test]
fn calls_of_the_gate_are_told_denied_or_none_of_ours() {
    let input = r#"{"hook_event_name":"PreToolUse","cwd":"/w/sub","tool_name":"Bash","tool_input":{"command":"ls"},"tool_use_id":"t1"}"#;
    let table = [
        (
            "hotplex-gate",
            input,
            vec![
                r#"gate_asked r1 tool_use t1 Bash "ls" changes=None input={"command":"ls"} cwd=Some("/w/sub")"#,
            ],
        ),
        (
            "another",
            input,
            vec![
                r#"reply {"type":"control_response","response":{"subtype":"success","request_id":"r1","response":{}}}"#,
            ],
        ),
        (
            "hotplex-gate",
            r#"{"tool_input":{}}"#,
            vec!["raw", "\"permissionDecision\":\"deny\""],
        ),
    ];
    for (callback, input, expected) in table {
        let line = format!(
            r#"{{"type":"control_request","request_id":"r1","request":{{"subtype":"hook_callback","callback_id":"{callback}","input":{input}}}}}"#
        );
        let told = listed(&decoded(&mut ClaudeProtocol::new(1 << 24), &line));
        assert_eq!(told.len(), expected.len(), "{told:?}");
        for (told, expected) in told.iter().zip(expected) {
            assert!(told.contains(expected), "{told}");
        }
    }
}

#[test]
fn an_answer_of_the_gate_denies_or_changes_nothing() {
    let mut protocol = ClaudeProtocol::new(1 << 24);
    let mut out = Vec::new();
    protocol.write_gate_answer("r1", None, &mut out);
    assert_eq!(one_line(&out)["response"]["response"], json!({}));
    out.clear();
    protocol.write_gate_answer("r1", Some("no \"such\"\nthing"), &mut out);
    let denial = json!({"hookSpecificOutput": {
        "hookEventName": "PreToolUse",
        "permissionDecision": "deny",
        "permissionDecisionReason": "no \"such\"\nthing",
    }});
    assert_eq!(one_line(&out)["response"]["response"], denial);
}

/// What a hook of the project made of a call is what the gate is asked about then.
#[test]
fn a_call_that_may_be_replaced_is_judged_as_it_runs() {
    let mut protocol = ClaudeProtocol::new(1 << 24);
    protocol.ask_again();
    let mut out = Vec::new();
    protocol.write_gate_answer("h1", None, &mut out);
    let said = &one_line(&out)["response"]["response"]["hookSpecificOutput"];
    assert_eq!(said["permissionDecision"], "ask");
    let reason = said["permissionDecisionReason"].as_str().unwrap();
    let with_reason = |reason: &str| {
        let asked = TOUCH.replace('}', "").replace("touch a\"", "touch a\"}");
        format!(r#"{asked},"decision_reason":"{reason}"}}"#)
    };
    for denied in [None, Some("no")] {
        let line = request("r1", &with_reason(reason));
        let told = listed(&decoded(&mut protocol, &line));
        assert!(
            matches!(&told[..], [told] if told.starts_with("gate_asked_again r1")),
            "{told:?}"
        );
        out.clear();
        protocol.write_gate_answer("r1", denied, &mut out);
        let answer = &one_line(&out)["response"]["response"];
        match denied {
            None => assert_eq!(
                *answer,
                json!({"behavior": "allow", "updatedInput": {"z": 1.10, "command": "touch a"}})
            ),
            Some(why) => assert_eq!(*answer, json!({"behavior": "deny", "message": why})),
        }
    }
    // What rules, or hooks of others, ask about is asked about as ever.
    let line = request("r2", &with_reason("a rule"));
    let told = listed(&decoded(&mut protocol, &line));
    assert!(told[0].starts_with("approval_asked r2"), "{told:?}");
    out.clear();
    protocol.write_gate_answer("h2", Some("no"), &mut out);
    let said = &one_line(&out)["response"]["response"]["hookSpecificOutput"];
    assert_eq!(said["permissionDecision"], "deny");
}

/// What a hook is called with about `command`, before or after the call `t1`.
fn hook_called(id: &str, callback: &str, command: &str) -> String {
    let input =
        json!({"tool_name": "Bash", "tool_input": {"command": command}, "tool_use_id": "t1"});
    request(
        id,
        &json!({"subtype": "hook_callback", "callback_id": callback, "input": input}).to_string(),
    )
}

#[test]
fn what_ran_is_held_against_what_was_let_pass_if_a_project_may_replace_it() {
    let (gate, ran) = ("hotplex-gate", "hotplex-ran");
    let table = [
        ("ls", None, "ls", false),
        ("ls", None, "rm x", true),
        ("ls", Some("no"), "ls", true),
    ];
    for (asked, denied, has_run, is_told) in table {
        let mut protocol = ClaudeProtocol::new(1 << 24);
        protocol.follow();
        decoded(&mut protocol, hook_called("r1", gate, asked));
        protocol.write_gate_answer("r1", denied, &mut Vec::new());
        let told = listed(&decoded(&mut protocol, hook_called("r2", ran, has_run)));
        assert!(told[0].starts_with("reply"), "it waits: {told:?}");
        let expected = format!("ran_unjudged r2 tool_use t1 Bash {has_run:?}");
        let found = told.get(1).is_some_and(|told| told.starts_with(&expected));
        assert_eq!((told.len(), found), (1 + usize::from(is_told), is_told));
    }
}

#[test]
fn what_the_caller_gave_is_what_was_let_pass() {
    let mut protocol = ClaudeProtocol::new(1 << 24);
    protocol.follow();
    let asked = TOUCH.replace("{\"sub", "{\"tool_use_id\":\"t1\",\"sub");
    let other = Decision::Allow {
        updated_input: Some(json!({"command": "true"})),
    };
    for (answer, has_run, is_told) in [
        (other.clone(), "true", false),
        (other, "touch a", true),
        (Decision::deny("no"), "touch a", true),
    ] {
        decoded(&mut protocol, request("r1", &asked));
        decision(&mut protocol, answer);
        let line = hook_called("r2", "hotplex-ran", has_run);
        let told = decoded(&mut protocol, line).len();
        assert_eq!(told, 1 + usize::from(is_told), "{has_run}");
    }
}

#[test]
fn an_agent_whose_project_is_not_loaded_is_not_asked_what_ran() {
    let hooks_of = |mut protocol: ClaudeProtocol| {
        let mut out = Vec::new();
        protocol.write_handshake(&mut out);
        let hooks = one_line(&out)["request"]["hooks"].clone();
        hooks
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    let mut followed = ClaudeProtocol::new(1 << 24);
    followed.follow();
    let all = ["PostToolUse", "PostToolUseFailure", "PreToolUse"];
    assert_eq!(hooks_of(followed), all);
    assert_eq!(hooks_of(ClaudeProtocol::new(1 << 24)), ["PreToolUse"]);
    let line = hook_called("r1", "hotplex-ran", "ls");
    let told = listed(&decoded(&mut started(), line));
    assert!(told.len() == 1 && told[0].starts_with("reply"), "{told:?}");
}

#[test]
fn an_interrupt_is_a_request_of_its_own() {
    let (mut protocol, mut first, mut second) = (started(), Vec::new(), Vec::new());
    protocol.interrupt(&mut first);
    protocol.interrupt(&mut second);
    let (first, second) = (one_line(&first), one_line(&second));
    assert_eq!(first["type"], "control_request");
    assert_eq!(first["request"], json!({"subtype": "interrupt"}));
    assert_ne!(first["request_id"], second["request_id"]);
}

#[test]
fn a_decision_answers_what_was_asked() {
    let allow = |input: Value| Decision::Allow {
        updated_input: Some(input),
    };
    let deny = Decision::Deny {
        message: "no".to_owned(),
        interrupt: true,
    };
    let table = [
        (
            Decision::allow(),
            r#"{"behavior":"allow","updatedInput":{"z":1.10,"command":"touch a"}}"#,
        ),
        (
            allow(json!({"command": "true"})),
            r#"{"behavior":"allow","updatedInput":{"command":"true"}}"#,
        ),
        (
            Decision::deny("no"),
            r#"{"behavior":"deny","message":"no"}"#,
        ),
        (
            deny,
            r#"{"behavior":"deny","message":"no","interrupt":true}"#,
        ),
    ];
    for (answer, response) in table {
        let mut protocol = started();
        decoded(&mut protocol, request("r1", TOUCH));
        let expected = format!(
            r#"{{"type":"control_response","response":{{"subtype":"success","request_id":"r1","response":{response}}}}}"#
        );
        let written = decision(&mut protocol, answer.clone());
        assert_eq!(String::from_utf8(written).unwrap(), expected + "\n");
        assert!(decision(&mut protocol, answer).is_empty(), "answered twice");
    }
}

#[test]
fn a_withdrawn_request_is_not_answered() {
    let mut protocol = started();
    decoded(&mut protocol, request("r1", TOUCH));
    let cancel = r#"{"type":"control_cancel_request","request_id":"r1"}"#;
    assert_eq!(
        listed(&decoded(&mut protocol, cancel)),
        ["approval_withdrawn r1"]
    );
    assert!(decision(&mut protocol, Decision::allow()).is_empty());
    assert!(decoded(&mut protocol, cancel).is_empty());
}

#[test]
fn requests_that_nobody_serves_are_answered_at_once() {
    let hook = request(
        "h",
        r#"{"subtype":"hook_callback","callback_id":"c","input":{}}"#,
    );
    let messages = decoded(&mut started(), hook);
    let [Message::Reply(line)] = messages.as_slice() else {
        panic!("{messages:?}")
    };
    let answer = json!({"subtype": "success", "request_id": "h", "response": {}});
    assert_eq!(one_line(line)["response"], answer);

    let mcp = request("m", r#"{"subtype":"mcp_message","server_name":"s"}"#);
    let messages = decoded(&mut started(), &mcp);
    let [Message::Event(raw), Message::Reply(line)] = messages.as_slice() else {
        panic!("{messages:?}")
    };
    assert_eq!((raw.as_str(), raw.text()), ("raw", Some(mcp.as_str())));
    assert_eq!(one_line(line)["response"]["subtype"], "error");
    assert_eq!(one_line(line)["response"]["request_id"], "m");
}

#[test]
fn requests_that_are_never_answered_do_not_add_up() {
    let mut protocol = started();
    for number in 0..256 {
        let messages = decoded(&mut protocol, request(&format!("r{number}"), TOUCH));
        assert_eq!(messages.len(), 1);
    }
    let messages = listed(&decoded(&mut protocol, request("one more", TOUCH)));
    assert!(
        messages[0].contains("too many permission requests"),
        "{}",
        messages[0]
    );
    assert_eq!(messages[1], "approval_withdrawn r0");
    assert!(messages[2].starts_with("approval_asked one more"));
}

#[test]
fn the_conversation_is_described_once_and_every_turn_starts() {
    let init = r#"{"type":"system","subtype":"init","session_id":"s","tools":["Bash"]}"#;
    let other_order = r#"{"subtype":"init","type":"system","session_id":"s","tools":["Bash"]}"#;
    let mut protocol = started();
    let first = listed(&decoded(&mut protocol, init));
    assert_eq!(
        first,
        [
            "session_start s model=None cwd=None tools=Bash",
            "turn_started None"
        ]
    );
    for line in [init, other_order] {
        assert_eq!(listed(&decoded(&mut protocol, line)), ["turn_started None"]);
    }
    // `/clear` goes over to another conversation within the process.
    let cleared = init.replace(r#""s""#, r#""t""#);
    for expected in [2, 1] {
        let told = listed(&decoded(&mut protocol, &cleared));
        assert_eq!(told.len(), expected, "{told:?}");
        assert_eq!(told[0].starts_with("session_start t"), expected == 2);
    }
}

#[test]
fn tasks_in_the_background_are_told_and_tools_of_a_turn_are_not() {
    let system = |rest: &str| format!(r#"{{"type":"system",{rest}}}"#);
    let task = r#""task_id":"b1","task_type":"local_bash","description":"a build""#;
    let known = r#"BackgroundTask { id: "b1", kind: "local_bash", description: "a build" }"#;
    for (line, expected) in [
        (
            format!(r#""subtype":"task_started","is_backgrounded":true,{task}"#),
            vec![format!("tasks Began({known})")],
        ),
        (
            format!(r#""subtype":"task_started","is_backgrounded":false,{task}"#),
            vec![],
        ),
        (
            format!(r#""subtype":"background_tasks_changed","tasks":[{{{task}}}]"#),
            vec![format!("tasks All([{known}])")],
        ),
        (
            r#""subtype":"task_notification","task_id":"b1","status":"stopped","summary":"s""#
                .to_owned(),
            vec![
                r#"tasks Ended("b1")"#.to_owned(),
                r#"notice info task_notification "stopped: s""#.to_owned(),
            ],
        ),
    ] {
        assert_eq!(listed(&decoded(&mut started(), system(&line))), expected);
    }
}
