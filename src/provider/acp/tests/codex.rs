//! Codex behind ACP: its hook has to show itself, asks about each call, and nothing gets past it.

use serde_json::{Value, json};

use super::{answer, new_protocol, update, wanted};
use crate::event::{Decision, EventKind, TurnId};
use crate::message::{Conversation, Message};
use crate::provider::Protocol;
use crate::provider::acp::protocol::AcpProtocol;
use crate::provider::permission::Mode;
use crate::provider::recorded::{decoded, replies, written};

fn starting(mode: Mode) -> AcpProtocol {
    let wanted = wanted(Conversation::New("n".to_owned()));
    let mut protocol = new_protocol("codex-acp", mode, wanted);
    protocol.write_handshake(&mut Vec::new());
    decoded(&mut protocol, answer(1, json!({"protocolVersion": 1})));
    let messages = decoded(&mut protocol, answer(2, json!({"sessionId": "s"})));
    let probe = &replies(&messages)[0];
    assert_eq!(probe["method"], "session/prompt");
    protocol
}

fn ready(mode: Mode) -> AcpProtocol {
    let mut protocol = starting(mode);
    let (line, _) = hook(&mut protocol, "probe", &prompt());
    assert!(!line.unwrap().is_empty(), "it is kept from the model");
    let messages = decoded(&mut protocol, answer(3, json!({"stopReason": "end_turn"})));
    assert!(
        matches!(messages.last(), Some(Message::Ready)),
        "{messages:?}"
    );
    protocol
}

fn prompt() -> Value {
    json!({"hook_event_name": "UserPromptSubmit", "prompt": "p"})
}

fn call(name: &str, input: Value) -> Value {
    json!({"hook_event_name": "PreToolUse", "tool_use_id": "c", "tool_name": name,
        "tool_input": input, "cwd": "/w/sub"})
}

fn touch() -> Value {
    call("Bash", json!({"command": "touch a"}))
}

fn hook(protocol: &mut AcpProtocol, id: &str, asked: &Value) -> (Option<String>, Vec<Message>) {
    let mut messages = Vec::new();
    let line = protocol.hook_asked(id, &asked.to_string(), &mut messages);
    (line, messages)
}

/// What the agent tells of a command.
fn ran(command: &str) -> String {
    update(
        json!({"sessionUpdate": "tool_call", "toolCallId": "c", "title": "t", "kind": "execute",
        "status": "in_progress", "rawInput": {"command": ["/bin/bash", "-lc", command]}}),
    )
}

fn ask(raw: Value) -> String {
    let options = json!([{"optionId": "approved", "kind": "allow_once"}, {"optionId": "abort", "kind": "reject_once"}]);
    let call = json!({"toolCallId": "c", "title": "t", "rawInput": raw});
    let params = json!({"sessionId": "s", "toolCall": call, "options": options});
    json!({"jsonrpc": "2.0", "id": "q", "method": "session/request_permission", "params": params})
        .to_string()
}

fn failed(messages: &[Message]) -> bool {
    let is_failure = |message: &Message| matches!(message, Message::GateFailed(_));
    messages.iter().any(is_failure)
}

#[test]
fn an_agent_whose_hook_was_not_asked_gets_no_prompt() {
    let mut protocol = starting(Mode::Bypass);
    let messages = decoded(&mut protocol, answer(3, json!({"stopReason": "end_turn"})));
    assert!(
        matches!(&messages[..], [Message::HandshakeRefused(why)] if why.contains("has not reported")),
        "{messages:?}"
    );
}

#[test]
fn a_call_takes_the_callers_leave_by_its_hook_and_is_judged_again_when_the_agent_asks() {
    let mut protocol = ready(Mode::Default);
    let (line, messages) = hook(&mut protocol, "h", &touch());
    assert_eq!(line, None, "it is answered once somebody has decided");
    let [
        Message::Event(EventKind::ToolUse(told)),
        Message::ApprovalAsked(asked),
    ] = &messages[..]
    else {
        panic!("{messages:?}");
    };
    assert_eq!((told.id.as_str(), told.name.as_str()), ("c", "Bash"));
    assert_eq!(asked.request_id, "h");
    assert_eq!(protocol.hook_answer("h", &Decision::allow()), "");
    assert!(decoded(&mut protocol, ran("touch a")).is_empty());
    let raw = json!({"command": ["/bin/bash", "-lc", "touch a"], "cwd": "/w"});
    let messages = decoded(&mut protocol, ask(raw));
    let [Message::GateAskedAgain(again)] = &messages[..] else {
        panic!("{messages:?}");
    };
    assert_eq!(again.tool.input["command"], "touch a");
    let mut out = Vec::new();
    protocol.write_gate_answer("q", None, &mut out);
    assert_eq!(
        written(&out)[0]["result"]["outcome"]["optionId"],
        "approved"
    );
}

/// A hook of somebody else's may change a call after ours has seen it.
#[test]
fn another_call_than_the_hook_saw_takes_the_callers_leave_anew() {
    let patch = json!({"changes": {"/w/a": {"type": "add"}}});
    let command = |text: &str| json!({"command": ["/bin/bash", "-lc", text]});
    for (mode, raw, expected) in [
        (Mode::Default, command("touch a"), "again"),
        (Mode::Default, command("touch b"), "caller"),
        (Mode::Bypass, command("touch b"), "gate"),
        (Mode::Default, json!({"command": ["touch", "b"]}), "caller"),
        // A shell that applies a patch.
        (Mode::Default, patch, "again"),
        (Mode::Default, json!({"what": 1}), "denied"),
    ] {
        let mut protocol = ready(mode);
        hook(&mut protocol, "h", &touch());
        protocol.hook_answer("h", &Decision::allow());
        let messages = decoded(&mut protocol, ask(raw.clone()));
        let came = match messages.last() {
            Some(Message::GateAskedAgain(_)) => "again",
            Some(Message::GateAsked(_)) => "gate",
            Some(Message::ApprovalAsked(_)) => "caller",
            Some(Message::Reply(_)) => "denied",
            other => panic!("{other:?}"),
        };
        assert_eq!(came, expected, "{raw}");
    }
}

#[test]
fn a_denial_has_its_reason_on_one_line_and_its_result_is_told() {
    let mut protocol = ready(Mode::Default);
    hook(&mut protocol, "h", &touch());
    let line = protocol.hook_answer("h", &Decision::deny("not\nnow"));
    assert_eq!(line, "not now");
    let messages = decoded(
        &mut protocol,
        update(json!({"sessionUpdate": "session_info_update"})),
    );
    let [Message::Event(EventKind::ToolResult(result))] = &messages[..] else {
        panic!("{messages:?}");
    };
    assert!(result.is_error && result.id == "c" && result.name == "Bash");
    for decision in [
        Decision::deny(""),
        Decision::Allow {
            updated_input: Some(json!({})),
        },
    ] {
        hook(&mut protocol, "h2", &touch());
        assert_ne!(protocol.hook_answer("h2", &decision), "", "{decision:?}");
    }
    assert_ne!(protocol.hook_answer("nobody", &Decision::allow()), "");
    let (line, _) = hook(&mut protocol, "h3", &json!({"hook_event_name": "Stop"}));
    assert_ne!(line.unwrap(), "", "what is not known is denied");
}

#[test]
fn what_begins_without_leave_ends_the_process_and_nothing_is_allowed_after() {
    let mcp = json!({"sessionUpdate": "tool_call", "toolCallId": "m", "status": "in_progress",
        "rawInput": {"server": "s", "tool": "t", "arguments": {}}});
    let search = json!({"sessionUpdate": "tool_call", "toolCallId": "ws", "kind": "fetch",
        "status": "in_progress", "rawInput": {"query": "x"}});
    let raw = json!({"command": ["/bin/bash", "-lc", "touch a"]});
    for (line, is_failure) in [
        (ran("touch a"), true),
        (update(mcp), true),
        (ask(raw), true),
        // The model's own, which no tool of this machine does.
        (update(search), false),
    ] {
        let mut protocol = ready(Mode::Bypass);
        let messages = decoded(&mut protocol, &line);
        assert_eq!(failed(&messages), is_failure, "{line}: {messages:?}");
        let (line, _) = hook(&mut protocol, "h", &touch());
        assert_eq!(line.is_some(), is_failure, "{line:?}");
    }
    let mut protocol = ready(Mode::Bypass);
    hook(&mut protocol, "h", &touch());
    protocol.hook_answer("h", &Decision::deny("no"));
    assert!(failed(&decoded(&mut protocol, ran("touch a"))), "denied");
}

/// A hook that failed keeps a prompt from the model, and the agent says nothing of it.
#[test]
fn a_turn_whose_prompt_the_hook_did_not_see_ends_the_process() {
    for (text, seen, reason, expected) in [
        ("p", true, "end_turn", false),
        ("p", false, "end_turn", true),
        ("p", false, "cancelled", false),
        ("/compact", false, "end_turn", false),
    ] {
        let mut protocol = ready(Mode::Default);
        protocol.write_prompt(TurnId(1), text, &mut Vec::new());
        if seen {
            let (line, _) = hook(&mut protocol, "h", &prompt());
            assert_eq!(line.as_deref(), Some(""), "it goes on to the model");
        }
        let messages = decoded(&mut protocol, answer(4, json!({"stopReason": reason})));
        assert_eq!(failed(&messages), expected, "{text} {reason}: {messages:?}");
    }
}

#[test]
fn the_mode_says_whose_leave_a_call_takes() {
    let patch = |path: &str| {
        let text = format!("*** Begin Patch\n*** Add File: {path}\n+x\n*** End Patch");
        call("apply_patch", json!({"command": text}))
    };
    let image = |path: &str| call("view_image", json!({"path": path}));
    let plan = call("update_plan", json!({"plan": []}));
    for (mode, asked, takes_caller) in [
        (Mode::Default, &touch(), true),
        (Mode::Default, &patch("a"), true),
        (Mode::AcceptEdits, &patch("a"), false),
        (Mode::AcceptEdits, &patch("/etc/a"), true),
        (Mode::Default, &image("/w/a.png"), false),
        (Mode::Default, &image("/etc/a.png"), true),
        (Mode::Default, &plan, false),
        (Mode::Default, &call("mcp__s__t", json!({})), true),
        (Mode::Bypass, &touch(), false),
    ] {
        let mut protocol = ready(mode);
        let (_, messages) = hook(&mut protocol, "h", asked);
        let came = match messages.last() {
            Some(Message::ApprovalAsked(_)) => true,
            Some(Message::GateAsked(question)) => {
                assert_eq!(question.current_dir.as_deref(), Some("/w/sub"));
                false
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(came, takes_caller, "{mode:?} {asked}");
    }
    let mut protocol = ready(Mode::DontAsk);
    hook(&mut protocol, "h", &touch());
    let line = protocol.hook_answer("h", &Decision::allow());
    assert!(line.contains("nobody is asked"), "{line}");
}

/// A prompt that follows at once would be taken into work that nobody hears the end of.
#[test]
fn work_that_failed_is_ended_before_its_error_is_told() {
    let mut protocol = ready(Mode::Default);
    protocol.write_prompt(TurnId(1), "p", &mut Vec::new());
    let messages = decoded(&mut protocol, super::fault(4, "overloaded"));
    let place = |is: fn(&Message) -> bool| messages.iter().position(is);
    let reply = place(|message| matches!(message, Message::Reply(_)));
    let end = place(|message| matches!(message, Message::TurnResult(_)));
    assert!(reply.is_some() && reply < end, "{messages:?}");
    assert_eq!(replies(&messages)[0]["method"], "session/cancel");
}
