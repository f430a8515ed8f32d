//! The hook: that it is known to run, what it asks, and that nothing gets past it.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::talk::{answer, ask, at_work_with, note, thread};
use super::{decoded, protocol_of, replies, written};
use crate::event::{Decision, EventKind};
use crate::message::{Conversation, Message};
use crate::provider::codex::Codex;
use crate::provider::codex::hook_setting;
use crate::provider::codex::protocol::CodexProtocol;
use crate::provider::listing::listed;
use crate::provider::options::ProviderOptions;
use crate::provider::permission::Mode;
use crate::provider::{Protocol, Provider, hooks};
use hotplex_guard::ToolEffect;

pub(super) fn hook_listing(change: impl FnOnce(&mut Value)) -> Value {
    let mut hook = json!({
        "key": "/<session-flags>/config.toml:pre_tool_use:0:0", "eventName": "preToolUse",
        "handlerType": "command", "command": hooks::COMMAND, "async": false, "matcher": null,
        "timeoutSec": 30, "source": "sessionFlags", "enabled": true, "trustStatus": "trusted",
    });
    change(&mut hook);
    json!({"data": [{"cwd": "/w", "hooks": [{"key": "another"}, hook]}]})
}

/// The hash in the settings is that of the definition beside it.
#[test]
fn codex_is_told_the_hash_of_what_it_is_told() {
    for (hooks, command, events) in [
        (hook_setting::GATE, hooks::COMMAND, &["pre_tool_use"][..]),
        (
            hook_setting::GATE_AND_CALLER,
            hooks::PATIENT_COMMAND,
            &["pre_tool_use", "user_prompt_submit"],
        ),
    ] {
        let settings = hook_setting::settings(hooks);
        let (trust, definitions) = settings[1..].split_last().unwrap();
        assert_eq!(definitions.len(), events.len());
        for (event, definition) in events.iter().zip(definitions) {
            let timeout = definition.rsplit_once("timeout=").unwrap().1;
            let timeout: u32 = timeout.trim_end_matches(['}', ']']).parse().unwrap();
            let handler =
                json!({"async": false, "command": command, "timeout": timeout, "type": "command"});
            let hash = hash(&json!({"event_name": event, "hooks": [handler]}).to_string());
            let entry = format!(
                "\"/<session-flags>/config.toml:{event}:0:0\"={{trusted_hash=\"sha256:{hash}\"}}"
            );
            assert!(trust.contains(&entry), "{trust}: {entry}");
        }
    }
}

fn hash(text: &str) -> String {
    let mut program = Command::new("sha256sum")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = program.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).unwrap();
    drop(stdin);
    let output = program.wait_with_output().unwrap().stdout;
    let hash = String::from_utf8(output).unwrap();
    hash.split(' ').next().unwrap().to_owned()
}

#[test]
fn a_hook_that_would_not_run_ends_the_start() {
    let changed = |member: &str, value: Value| hook_listing(|hook| hook[member] = value);
    let table = [
        (hook_listing(|_| {}), None),
        (
            changed("trustStatus", json!("untrusted")),
            Some("trustStatus"),
        ),
        (
            changed("trustStatus", json!("modified")),
            Some("trustStatus"),
        ),
        (changed("enabled", json!(false)), Some("enabled")),
        (changed("command", json!("true")), Some("command")),
        (changed("async", json!(true)), Some("async")),
        (changed("matcher", json!("Bash")), Some("matcher")),
        (changed("key", json!("other")), Some("does not list")),
        (json!({"data": []}), Some("does not list")),
        (json!(null), Some("does not list")),
    ];
    for (listing, refused) in table {
        let mut protocol = protocol_of(Mode::Default, Conversation::Resume("c".to_owned()), true);
        protocol.write_handshake(&mut Vec::new());
        let asked = replies(&decoded(&mut protocol, answer(1, json!({}))));
        assert_eq!(asked[1]["method"], "hooks/list");
        assert_eq!(asked[1]["params"], json!({"cwds": ["/w"]}));
        let told = decoded(&mut protocol, answer(2, listing.clone()));
        match refused {
            None => assert_eq!(replies(&told)[0]["method"], "thread/resume"),
            Some(why) => assert!(
                matches!(&told[..], [Message::HandshakeRefused(told)] if told.contains(why)),
                "{listing}: {told:?}"
            ),
        }
    }
    let mut protocol = protocol_of(Mode::Default, Conversation::New("n".to_owned()), true);
    protocol.write_handshake(&mut Vec::new());
    decoded(&mut protocol, answer(1, json!({})));
    let unknown = json!({"id": 2, "error": {"code": -32600, "message": "unknown variant"}});
    let told = decoded(&mut protocol, unknown.to_string());
    assert!(
        matches!(&told[..], [Message::HandshakeRefused(_)]),
        "{told:?}"
    );
}

fn hooked(mode: Mode) -> CodexProtocol {
    let mut protocol = protocol_of(mode, Conversation::New("n".to_owned()), true);
    protocol.write_handshake(&mut Vec::new());
    decoded(&mut protocol, answer(1, json!({})));
    decoded(&mut protocol, answer(2, hook_listing(|_| {})));
    decoded(&mut protocol, answer(3, thread("untrusted")));
    at_work_with(protocol, 4)
}

/// What a hook asks about a call named `i`.
fn question(tool: &str, input: Value) -> String {
    json!({
        "session_id": "t", "turn_id": "u", "cwd": "/w/below", "hook_event_name": "PreToolUse",
        "tool_name": tool, "tool_input": input, "tool_use_id": "i",
    })
    .to_string()
}

fn asked(protocol: &mut CodexProtocol, request: &str) -> (Option<String>, Vec<Message>) {
    let mut messages = Vec::new();
    let line = protocol.hook_asked("hook-1", request, &mut messages);
    (line, messages)
}

fn allow(protocol: &mut CodexProtocol, tool: &str, input: Value) {
    let (line, told) = asked(protocol, &question(tool, input));
    assert_eq!(line, None);
    assert!(
        matches!(told.last(), Some(Message::GateAsked(_))),
        "{told:?}"
    );
    assert_eq!(protocol.hook_answer("hook-1", &Decision::allow()), "");
}

#[test]
fn a_hook_asks_the_gate_what_would_be_done_and_where() {
    let patch = "*** Begin Patch\n*** Add File: a\n+hi\n*** Update File: b\n*** Move to: /c\n@@\n-x\n+y\n*** Delete File: d\n*** End Patch\n";
    let write = |path: &str| ToolEffect::Write(path.to_owned());
    let table = [
        (
            "Bash",
            json!({"command": "ls"}),
            vec![ToolEffect::Run("ls".to_owned())],
        ),
        (
            "apply_patch",
            json!({"command": patch}),
            ["a", "b", "/c", "d"].map(write).into(),
        ),
        (
            "view_image",
            json!({"path": "p.png"}),
            vec![ToolEffect::Read("p.png".to_owned())],
        ),
        (
            "mcp__s__run",
            json!({"cmd": "ls"}),
            vec![ToolEffect::Run("ls".to_owned())],
        ),
        ("spawn_agent", json!({"message": "look"}), Vec::new()),
    ];
    let codex = Codex::new(ProviderOptions::default()).unwrap();
    for (name, input, effects) in table {
        let (line, told) = asked(&mut hooked(Mode::Default), &question(name, input));
        let Some(Message::GateAsked(asked)) = told.last() else {
            panic!("{name}: {line:?} {told:?}");
        };
        assert_eq!(
            (asked.request_id.as_str(), asked.tool.id.as_str()),
            ("hook-1", "i")
        );
        assert_eq!(asked.current_dir.as_deref(), Some("/w/below"));
        assert_eq!(codex.effects(&asked.tool), Ok(effects), "{name}");
    }
    for (name, input) in [
        ("Bash", json!({})),
        ("apply_patch", json!({})),
        (
            "apply_patch",
            json!({"command": "*** Begin Patch\n*** End Patch\n"}),
        ),
        (
            "apply_patch",
            json!({"command": "*** Begin Patch\n*** Add File: \n"}),
        ),
        ("view_image", json!({})),
    ] {
        let (_, told) = asked(&mut hooked(Mode::Default), &question(name, input.clone()));
        let Some(Message::GateAsked(asked)) = told.last() else {
            panic!("{name}: {told:?}");
        };
        assert!(codex.effects(&asked.tool).is_err(), "{name} {input}");
    }
}

#[test]
fn a_hook_that_is_not_understood_is_denied_and_told() {
    for request in [
        "7".to_owned(),
        "{}".to_owned(),
        question("", json!({})),
        question("Bash", json!({"command": "ls"})).replace("PreToolUse", "PostToolUse"),
        question("Bash", json!({"command": "ls"})).replace("tool_use_id", "id"),
    ] {
        let (line, told) = asked(&mut hooked(Mode::Bypass), &request);
        assert!(line.is_some_and(|line| !line.is_empty()), "{request}");
        assert_eq!(listed(&told).len(), 1, "{request}: {told:?}");
        assert!(
            matches!(told[0], Message::Event(EventKind::Notice(_))),
            "{request}"
        );
    }
}

#[test]
fn the_line_for_a_hook_is_the_reason_of_a_denial() {
    let other = Decision::Allow {
        updated_input: Some(json!({})),
    };
    let table = [
        (Decision::allow(), ""),
        (Decision::deny("no\nnot this"), "no not this"),
        (Decision::deny(""), "denied"),
        (other, "this agent runs a tool as it asked or not at all"),
    ];
    for (decision, expected) in table {
        let mut protocol = hooked(Mode::Default);
        asked(&mut protocol, &question("Bash", json!({"command": "ls"})));
        assert_eq!(protocol.hook_answer("hook-1", &decision), expected);
    }
}

fn item(kind: &str) -> String {
    let item = json!({
        "type": kind, "id": "i", "command": "ls", "server": "s", "tool": "t", "query": "q",
        "changes": [{"path": "/w/a"}],
    });
    note(
        "item/started",
        json!({"threadId": "t", "turnId": "u", "item": item}),
    )
}

fn failed(messages: &[Message]) -> bool {
    messages
        .iter()
        .any(|message| matches!(message, Message::GateFailed(_)))
}

#[test]
fn a_call_that_begins_without_the_leave_of_the_hook_ends_the_process() {
    for kind in ["commandExecution", "fileChange", "mcpToolCall"] {
        let mut unasked = hooked(Mode::Bypass);
        assert!(failed(&decoded(&mut unasked, item(kind))), "{kind}");
        let completed = item(kind).replace("item/started", "item/completed");
        assert!(
            failed(&decoded(&mut hooked(Mode::Bypass), completed)),
            "{kind}"
        );

        let mut denied = hooked(Mode::Bypass);
        asked(&mut denied, &question("Bash", json!({"command": "ls"})));
        assert!(
            failed(&decoded(&mut denied, item(kind))),
            "{kind}: before the answer"
        );
        denied.hook_answer("hook-1", &Decision::deny("no"));
        assert!(
            failed(&decoded(&mut denied, item(kind))),
            "{kind}: against the answer"
        );

        let mut allowed = hooked(Mode::Bypass);
        allow(&mut allowed, "Bash", json!({"command": "ls"}));
        assert!(!failed(&decoded(&mut allowed, item(kind))), "{kind}");
    }
    // Of these no hook is asked.
    let typed =
        item("commandExecution").replace("\"id\"", "\"source\":\"unifiedExecInteraction\",\"id\"");
    for line in [item("webSearch"), typed] {
        assert!(
            !failed(&decoded(&mut hooked(Mode::Bypass), &line)),
            "{line}"
        );
    }
}

#[test]
fn once_something_got_past_the_hook_nothing_is_allowed_any_more() {
    let mut protocol = hooked(Mode::Bypass);
    allow(&mut protocol, "Bash", json!({"command": "ls"}));
    decoded(&mut protocol, item("fileChange").replace("\"i\"", "\"j\""));
    let (line, told) = asked(&mut protocol, &question("Bash", json!({"command": "ls"})));
    assert!(line.is_some() && told.is_empty(), "{told:?}");
    let params = json!({"turnId": "u", "itemId": "i", "command": "ls"});
    let told = decoded(
        &mut protocol,
        ask("item/commandExecution/requestApproval", params),
    );
    assert_eq!(replies(&told)[0]["result"]["decision"], "decline");
}

#[test]
fn what_codex_asks_after_the_hook_is_judged_again_and_told_once() {
    let command = |item: &str| {
        let params = json!({"turnId": "u", "itemId": item, "command": "sh -c ls", "cwd": "/w"});
        ask("item/commandExecution/requestApproval", params)
    };
    let mut protocol = hooked(Mode::Bypass);
    allow(&mut protocol, "Bash", json!({"command": "ls"}));
    let told = decoded(&mut protocol, command("i"));
    let Some(Message::GateAskedAgain(question)) = told.last() else {
        panic!("{told:?}");
    };
    let judged = &question.tool.input["command"];
    assert_eq!(
        judged, "ls",
        "lists go by the command, not by the shell around it"
    );
    let mut out = Vec::new();
    protocol.write_gate_answer("7", None, &mut out);
    assert_eq!(written(&out)[0]["result"]["decision"], "accept");

    let told = decoded(&mut hooked(Mode::Bypass), command("i"));
    assert!(failed(&told), "{told:?}");
    assert_eq!(replies(&told)[0]["result"]["decision"], "decline");

    let mut protocol = hooked(Mode::Bypass);
    allow(&mut protocol, "mcp__s__t", json!({"a": 1}));
    let meta =
        json!({"codex_approval_kind": "mcp_tool_call", "tool_name": "t", "tool_params": {"a": 1}});
    let params = json!({"turnId": "u", "serverName": "s", "_meta": meta});
    let told = decoded(&mut protocol, ask("mcpServer/elicitation/request", params));
    assert!(
        matches!(told.last(), Some(Message::GateAskedAgain(_))),
        "{told:?}"
    );
}

fn completed(status: &str, source: &str) -> String {
    let run = json!({
        "id": "pre-tool-use:0:/<session-flags>/config.toml:i", "eventName": "preToolUse",
        "source": source, "status": status, "entries": [{"kind": "feedback", "text": "why"}],
    });
    note(
        "hook/completed",
        json!({"threadId": "t", "turnId": "u", "run": run}),
    )
}

#[test]
fn what_a_hook_came_to_is_believed_only_if_it_is_what_was_answered() {
    let decided = |decision: Option<Decision>, status, source| {
        let mut protocol = hooked(Mode::Default);
        if let Some(decision) = decision {
            asked(&mut protocol, &question("Bash", json!({"command": "ls"})));
            protocol.hook_answer("hook-1", &decision);
        }
        decoded(&mut protocol, completed(status, source))
    };
    let ours = "sessionFlags";
    let allowed = || Some(Decision::allow());
    let denied = || Some(Decision::deny("no"));
    for (decision, status, source, is_failure) in [
        (allowed(), "completed", ours, false),
        (allowed(), "failed", ours, true),
        (denied(), "completed", ours, true),
        (denied(), "failed", ours, true),
        (denied(), "blocked", ours, false),
        (None, "completed", ours, true),
        (None, "failed", "user", false),
        (None, "completed", "user", false),
    ] {
        let told = decided(decision, status, source);
        assert_eq!(failed(&told), is_failure, "{status} {source}: {told:?}");
    }
    let told = listed(&decided(denied(), "blocked", ours));
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("tool_use i Bash"), "{told:?}");
    assert_eq!(told[1], "tool_result i Bash error=true \"why\"");
    let told = listed(&decided(None, "blocked", ours));
    assert!(told.concat().contains("permission_denied"), "{told:?}");
}

/// What another hook made of the call is judged as it is.
#[test]
fn a_command_is_told_as_its_hook_has_it_if_it_is_the_same() {
    for (plain, told, expected) in [
        ("ls", "/bin/bash -lc ls", "ls"),
        ("echo 'a b'", r#"/bin/bash -lc "echo 'a b'""#, "echo 'a b'"),
        ("ls", "ls", "ls"),
        ("ls", "/bin/bash -lc 'rm a; ls'", "/bin/bash -lc 'rm a; ls'"),
        ("ls", "rm abc ls", "rm abc ls"),
        ("ls", "/bin/bash -lc 'rm a'", "/bin/bash -lc 'rm a'"),
    ] {
        let mut protocol = hooked(Mode::Bypass);
        allow(&mut protocol, "Bash", json!({"command": plain}));
        let item = json!({"type": "commandExecution", "id": "i", "command": told, "cwd": "/w"});
        let item = note(
            "item/started",
            json!({"threadId": "t", "turnId": "u", "item": item}),
        );
        let messages = decoded(&mut protocol, item);
        let Some(Message::Event(EventKind::ToolUse(tool))) = messages.last() else {
            panic!("{messages:?}");
        };
        assert_eq!(
            tool.input,
            json!({"command": expected, "cwd": "/w"}),
            "{told}"
        );
        assert_eq!(tool.summary, expected);
    }
}
