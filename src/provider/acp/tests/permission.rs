//! Who is asked, in which mode, and what the agent is answered.

use serde_json::{Value, json};

use super::{decoded, profile, ready, replies, written};
use crate::event::{Decision, EventKind, ToolUse, TurnId};
use crate::message::Message;
use crate::provider::acp::AcpAgent;
use crate::provider::permission::Mode;
use crate::provider::registry::ProviderOptions;
use crate::provider::{Protocol, Provider};
use hotplex_guard::ToolEffect;

pub(super) const OPTIONS: &str = r#"[{"optionId":"a","kind":"allow_always"},{"optionId":"y","kind":"allow_once"},{"optionId":"n","kind":"reject_once"}]"#;

pub(super) fn ask(id: u64, call: Value, options: &str) -> String {
    let options: Value = serde_json::from_str(options).unwrap();
    let params = json!({"sessionId": "s", "toolCall": call, "options": options});
    json!({"jsonrpc": "2.0", "id": id, "method": "session/request_permission", "params": params})
        .to_string()
}

pub(super) fn call(kind: &str, path: &str) -> Value {
    json!({"toolCallId": "c", "title": "t", "kind": kind, "locations": [{"path": path}]})
}

/// Who was asked for leave: the gate, the caller, or nobody.
fn asked(messages: &[Message]) -> &'static str {
    let of = |message: &Message| match message {
        Message::GateAsked(_) => Some("gate"),
        Message::ApprovalAsked(_) => Some("caller"),
        _ => None,
    };
    messages.iter().find_map(of).unwrap_or("nobody")
}

#[test]
fn the_mode_says_whose_leave_a_call_takes() {
    use Mode::{AcceptEdits, Bypass, Default, DontAsk};
    let table = [
        ("claude-agent-acp", Default, "read", "/w/a", "gate"),
        ("claude-agent-acp", Default, "read", "/etc/a", "caller"),
        ("claude-agent-acp", Default, "read", "/w/../etc/a", "caller"),
        ("claude-agent-acp", Default, "edit", "/w/a", "caller"),
        ("claude-agent-acp", Default, "execute", "/w", "caller"),
        ("claude-agent-acp", AcceptEdits, "edit", "/w/a", "gate"),
        ("claude-agent-acp", AcceptEdits, "edit", "/etc/a", "caller"),
        ("claude-agent-acp", AcceptEdits, "execute", "/w", "caller"),
        ("claude-agent-acp", Bypass, "execute", "/w", "gate"),
        ("claude-agent-acp", DontAsk, "execute", "/w", "gate"),
        ("claude-agent-acp", DontAsk, "read", "/w/a", "gate"),
        // An agent that asks by itself has a reason to ask about reading.
        ("acp", Default, "read", "/w/a", "caller"),
        ("acp", Bypass, "read", "/w/a", "gate"),
    ];
    for (name, mode, kind, path, expected) in table {
        let mut protocol = ready(name, mode);
        let messages = decoded(&mut protocol, ask(7, call(kind, path), OPTIONS));
        assert_eq!(asked(&messages), expected, "{name} {mode:?} {kind} {path}");
        // What the gate lets through is denied all the same where nobody is there to agree.
        if expected == "gate" {
            let mut out = Vec::new();
            protocol.write_gate_answer("7", None, &mut out);
            let option = &written(&out)[0]["result"]["outcome"]["optionId"];
            let is_denied = mode == DontAsk && kind == "execute";
            assert_eq!(option, if is_denied { "n" } else { "y" }, "{mode:?} {kind}");
        }
    }
}

/// Claude's own tools name where they look in their input alone.
#[test]
fn a_search_elsewhere_takes_the_callers_leave() {
    let table = [
        (json!({"pattern": "*.rs"}), "gate"),
        (json!({"pattern": "x", "path": "/w/src"}), "gate"),
        (json!({"pattern": "x", "path": "/etc"}), "caller"),
        (json!({"pattern": "/etc/*"}), "caller"),
        (json!({"pattern": "~/.ssh/*"}), "caller"),
        (json!({"pattern": "../*"}), "caller"),
        (json!({"pattern": "x", "path": "~"}), "caller"),
    ];
    for (input, expected) in table {
        let mut protocol = ready("claude-agent-acp", Mode::Default);
        let call = json!({"toolCallId": "c", "name": "Grep", "kind": "search", "rawInput": input});
        let messages = decoded(&mut protocol, ask(7, call, OPTIONS));
        assert_eq!(asked(&messages), expected, "{input}");
    }
}

fn answered(decision: &Decision, options: &str) -> (Vec<Value>, Vec<Message>) {
    let mut protocol = ready("acp", Mode::Default);
    protocol.write_prompt(TurnId(1), "p", &mut Vec::new());
    decoded(&mut protocol, ask(7, call("execute", "/w"), options));
    let mut out = Vec::new();
    protocol.write_decision("7", decision, &mut out);
    let mut again = Vec::new();
    protocol.write_decision("7", decision, &mut again);
    assert!(again.is_empty(), "a question is answered once");
    let later = decoded(&mut protocol, "{}");
    (written(&out), later)
}

#[test]
fn an_answer_is_for_one_call_and_never_for_always() {
    let outcome = |messages: &[Value]| messages[0]["result"]["outcome"].clone();
    let (out, _) = answered(&Decision::allow(), OPTIONS);
    assert_eq!(
        outcome(&out),
        json!({"outcome": "selected", "optionId": "y"})
    );
    let (out, _) = answered(&Decision::deny("no"), OPTIONS);
    assert_eq!(
        outcome(&out),
        json!({"outcome": "selected", "optionId": "n"})
    );
    let only_allow = r#"[{"optionId":"y","kind":"allow_once"}]"#;
    let (out, _) = answered(&Decision::deny("no"), only_allow);
    assert_eq!(outcome(&out), json!({"outcome": "cancelled"}));
}

#[test]
fn a_denial_that_ends_the_turn_cancels_it() {
    let decision = Decision::Deny {
        message: "no".to_owned(),
        interrupt: true,
    };
    let (out, _) = answered(&decision, OPTIONS);
    assert_eq!(out[0]["result"]["outcome"], json!({"outcome": "cancelled"}));
    assert_eq!(out[1]["method"], "session/cancel");
}

#[test]
fn another_input_than_asked_about_is_a_denial_and_told() {
    let decision = Decision::Allow {
        updated_input: Some(json!({"command": "other"})),
    };
    let (out, later) = answered(&decision, OPTIONS);
    assert_eq!(out[0]["result"]["outcome"]["optionId"], "n");
    let told = |message: &Message| matches!(message, Message::Event(EventKind::Notice(notice)) if notice.code == "permission_refused");
    assert!(later.iter().any(told), "{later:?}");
}

#[test]
fn a_question_that_could_only_be_answered_for_always_or_not_be_read_is_denied() {
    let only_always =
        r#"[{"optionId":"a","kind":"allow_always"},{"optionId":"n","kind":"reject_once"}]"#;
    let lines = [
        ask(7, call("execute", "/w"), only_always),
        ask(7, json!({}), OPTIONS),
        r#"{"jsonrpc":"2.0","id":7,"method":"session/request_permission"}"#.to_owned(),
        r#"{"jsonrpc":"2.0","id":"7","method":"session/request_permission","params":{"toolCall":7}}"#.to_owned(),
    ];
    for line in lines {
        let mut protocol = ready("acp", Mode::Bypass);
        let messages = decoded(&mut protocol, &line);
        assert_eq!(asked(&messages), "nobody", "{line}");
        let outcome = &replies(&messages)[0]["result"]["outcome"];
        assert_eq!(*outcome, json!({"outcome": "cancelled"}), "{line}");
    }
}

#[test]
fn an_interrupt_answers_what_is_open_and_says_that_nobody_waits() {
    let mut protocol = ready("acp", Mode::Default);
    protocol.write_prompt(TurnId(1), "p", &mut Vec::new());
    decoded(&mut protocol, ask(7, call("execute", "/w"), OPTIONS));
    let mut out = Vec::new();
    protocol.interrupt(&mut out);
    let out = written(&out);
    assert_eq!(out[0]["result"]["outcome"], json!({"outcome": "cancelled"}));
    assert_eq!(out[1]["method"], "session/cancel");
    let later = decoded(&mut protocol, "{}");
    assert!(
        matches!(&later[0], Message::ApprovalWithdrawn(id) if id == "7"),
        "{later:?}"
    );
}

fn agent(name: &str, options: ProviderOptions) -> Result<AcpAgent, crate::error::Error> {
    AcpAgent::new(profile(name), options)
}

#[test]
fn a_mode_that_cannot_be_held_is_refused() {
    let table = [
        ("claude-agent-acp", "auto"),
        ("claude-agent-acp", "yolo"),
        ("claude-agent-acp", ""),
        ("gemini", "plan"),
    ];
    for (name, mode) in table {
        let options = ProviderOptions {
            permission_mode: Some(mode.to_owned()),
            ..ProviderOptions::default()
        };
        let error = agent(name, options).err().unwrap();
        assert!(error.message().contains("cannot be held"), "{error}");
    }
}

#[test]
fn what_stands_for_any_agent_needs_a_program() {
    let error = agent("acp", ProviderOptions::default()).err().unwrap();
    assert!(error.message().contains("program"), "{error}");
}

fn effects(input: Value) -> Result<Vec<ToolEffect>, String> {
    let options = ProviderOptions {
        names_program: true,
        ..ProviderOptions::default()
    };
    let tool = ToolUse {
        id: "c".to_owned(),
        name: "t".to_owned(),
        input,
        summary: String::new(),
        changes_file: None,
        parent: None,
    };
    agent("acp", options).unwrap().effects(&tool)
}

#[test]
fn a_call_is_known_by_what_it_names() {
    let acp = |kind: &str, title: &str, paths: Value| json!({"kind": kind, "title": title, "paths": paths});
    let run = |text: &str| ToolEffect::Run(text.to_owned());
    let table = [
        (
            json!({"command": "ls", "acp": acp("execute", "bash", json!([]))}),
            vec![run("ls")],
        ),
        (
            json!({"acp": acp("execute", "ls -l", json!([]))}),
            vec![run("ls -l")],
        ),
        (
            json!({"command": ["bash", "-lc", "a 'b'"], "acp": acp("execute", "x", json!([]))}),
            vec![run(r"bash -lc 'a '\''b'\'''")],
        ),
        (
            json!({"acp": acp("edit", "t", json!(["/w/a"]))}),
            vec![ToolEffect::Write("/w/a".to_owned())],
        ),
        (
            json!({"filePath": "/w/b", "acp": acp("delete", "t", json!([]))}),
            vec![ToolEffect::Write("/w/b".to_owned())],
        ),
        (
            json!({"acp": acp("read", "t", json!(["/w/a"]))}),
            vec![ToolEffect::Read("/w/a".to_owned())],
        ),
        (
            json!({"url": "http://a", "acp": acp("fetch", "t", json!([]))}),
            vec![ToolEffect::Fetch("http://a".to_owned())],
        ),
        (
            json!({"cmd": "ls", "acp": acp("other", "t", json!([]))}),
            vec![run("ls")],
        ),
        (json!({"acp": acp("think", "t", json!([]))}), vec![]),
    ];
    for (input, expected) in table {
        assert_eq!(effects(input.clone()).unwrap(), expected, "{input}");
    }
    for kind in ["execute", "edit"] {
        assert!(
            effects(json!({"acp": acp(kind, "", json!([]))})).is_err(),
            "{kind}"
        );
    }
}

/// A model that writes the protocol's own words into its input changes nothing about them.
#[test]
fn the_kind_of_a_call_is_the_agents_word_and_not_the_models() {
    let mut protocol = ready("acp", Mode::Default);
    let mut call = call("execute", "/w");
    call["rawInput"] = json!({"command": "ls", "acp": {"kind": "think"}});
    let messages = decoded(&mut protocol, ask(7, call, OPTIONS));
    let tool = messages.iter().find_map(|message| match message {
        Message::ApprovalAsked(asked) => Some(&asked.tool),
        _ => None,
    });
    assert_eq!(tool.unwrap().input["acp"]["kind"], "execute");
}
