//! What a plugin in the agent asks, and that nothing is written to an agent without one.

use serde_json::{Value, json};

use super::{answer, fault, new_protocol, update, wanted};
use crate::event::{Decision, EventKind, ToolUse};
use crate::message::{Conversation, Message};
use crate::project::Project;
use crate::provider::Protocol;
use crate::provider::acp::calls::{CallUpdate, Calls};
use crate::provider::acp::opencode;
use crate::provider::acp::profile::Tools;
use crate::provider::acp::protocol::{AcpProtocol, Wanted};
use crate::provider::permission::Mode;
use crate::provider::recorded::{decoded, written};
use hotplex_guard::ToolEffect;

const GREETING: &str = r#"{"hello": "/w"}"#;

fn starting(mode: Mode) -> AcpProtocol {
    let wanted = wanted(Conversation::New("n".to_owned()));
    let mut protocol = new_protocol("opencode", mode, wanted);
    protocol.write_handshake(&mut Vec::new());
    protocol
}

fn ready(mode: Mode) -> AcpProtocol {
    let mut protocol = starting(mode);
    decoded(&mut protocol, answer(1, json!({"protocolVersion": 1})));
    ask(&mut protocol, "hook-1", GREETING);
    let messages = decoded(&mut protocol, answer(2, json!({"sessionId": "s"})));
    assert!(
        matches!(messages.last(), Some(Message::Ready)),
        "{messages:?}"
    );
    protocol
}

fn ask(protocol: &mut AcpProtocol, id: &str, request: &str) -> (Option<Value>, Vec<Message>) {
    let mut messages = Vec::new();
    let line = protocol.hook_asked(id, request, &mut messages);
    let line = line.map(|line| serde_json::from_str(&line).unwrap());
    (line, messages)
}

fn answered(protocol: &mut AcpProtocol, id: &str, decision: &Decision) -> Value {
    serde_json::from_str(&protocol.hook_answer(id, decision)).unwrap()
}

fn call(tool: &str, args: Value) -> String {
    json!({"tool": tool, "call": "c", "session": "s", "args": args, "beside": []}).to_string()
}

#[test]
fn an_agent_whose_plugin_has_not_greeted_gets_no_prompt() {
    let mut protocol = starting(Mode::Bypass);
    // Before the session it is another instance of the agent that has loaded it.
    let (line, _) = ask(&mut protocol, "hook-1", GREETING);
    assert_eq!(line, Some(json!({"allow": true})));
    decoded(&mut protocol, answer(1, json!({"protocolVersion": 1})));
    let messages = decoded(&mut protocol, answer(2, json!({"sessionId": "s"})));
    let [Message::HandshakeRefused(why)] = &messages[..] else {
        panic!("{messages:?}");
    };
    assert!(why.contains("guard plugin"), "{why}");
}

/// The agent loads its plugins with the first session that it is asked for, be that there or not.
#[test]
fn a_greeting_before_a_conversation_that_is_lost_holds_for_the_new_one() {
    let wanted = wanted(Conversation::Resume("old".to_owned()));
    let mut protocol = new_protocol("opencode", Mode::Default, wanted);
    protocol.write_handshake(&mut Vec::new());
    let capabilities = json!({"sessionCapabilities": {"resume": {}}});
    let initialized = json!({"protocolVersion": 1, "agentCapabilities": capabilities});
    decoded(&mut protocol, answer(1, initialized));
    ask(&mut protocol, "hook-1", GREETING);
    let messages = decoded(
        &mut protocol,
        fault(2, "Internal error: OpenCode service failure"),
    );
    assert!(
        matches!(messages[0], Message::ConversationLost(_)),
        "{messages:?}"
    );
    let messages = decoded(&mut protocol, answer(3, json!({"sessionId": "s"})));
    assert!(
        matches!(messages.last(), Some(Message::Ready)),
        "{messages:?}"
    );
}

/// Whatever it is told the agent would run it, so it gets no prompt.
#[test]
fn a_plugin_of_the_project_ends_the_start_unless_the_project_is_trusted() {
    for (project, is_ready) in [(Project::Instructions, false), (Project::Trusted, true)] {
        let wanted = Wanted {
            project,
            ..wanted(Conversation::New("n".to_owned()))
        };
        let mut protocol = new_protocol("opencode", Mode::Default, wanted);
        protocol.write_handshake(&mut Vec::new());
        decoded(&mut protocol, answer(1, json!({"protocolVersion": 1})));
        let greeting = r#"{"hello": "/w", "runs": "/w/.opencode/plugin/x.js"}"#;
        ask(&mut protocol, "hook-1", greeting);
        let messages = decoded(&mut protocol, answer(2, json!({"sessionId": "s"})));
        let ready = matches!(messages.last(), Some(Message::Ready));
        assert_eq!(ready, is_ready, "{project:?}: {messages:?}");
    }
}

#[test]
fn a_call_is_told_and_judged_with_its_whole_input() {
    let mut protocol = ready(Mode::Default);
    let request = call("bash", json!({"command": "> f", "workdir": "/w"}));
    let (line, messages) = ask(&mut protocol, "hook-2", &request);
    assert_eq!(line, None, "it is answered once it is judged");
    let [
        Message::Event(EventKind::ToolUse(told)),
        Message::ApprovalAsked(asked),
    ] = &messages[..]
    else {
        panic!("{messages:?}");
    };
    assert_eq!(
        (told.name.as_str(), &told.input),
        ("Bash", &json!({"command": "> f"}))
    );
    assert_eq!(
        (asked.tool.id.as_str(), asked.request_id.as_str()),
        ("c", "hook-2")
    );
    assert_eq!(
        answered(&mut protocol, "hook-2", &Decision::allow()),
        json!({"allow": true})
    );
    // The agent's own words about it come later, and belong to the same call.
    let end = json!({"sessionUpdate": "tool_call_update", "toolCallId": "c", "status": "completed",
        "rawOutput": {"output": "done"}});
    let messages = decoded(&mut protocol, update(end));
    let [Message::Event(EventKind::ToolResult(result))] = &messages[..] else {
        panic!("{messages:?}");
    };
    assert_eq!(
        (result.name.as_str(), result.text.as_str()),
        ("Bash", "done")
    );
}

#[test]
fn whatever_is_not_a_plain_yes_is_a_no_with_its_reason() {
    let mut protocol = ready(Mode::Default);
    let changed = Decision::Allow {
        updated_input: Some(json!({})),
    };
    for (decision, why) in [
        (Decision::deny("not now"), "not now"),
        (changed, "as it asked"),
    ] {
        ask(
            &mut protocol,
            "hook-2",
            &call("bash", json!({"command": "ls"})),
        );
        let answer = answered(&mut protocol, "hook-2", &decision);
        assert!(answer["deny"].as_str().unwrap().contains(why), "{answer}");
    }
    let answer = answered(&mut protocol, "hook-9", &Decision::allow());
    assert!(answer["deny"].is_string(), "nobody asked: {answer}");
    for junk in ["3", "{}", r#"{"tool": "bash"}"#, r#"{"call": "c"}"#] {
        let (line, _) = ask(&mut protocol, "hook-3", junk);
        assert!(line.unwrap()["deny"].is_string(), "{junk}");
    }
}

#[test]
fn the_mode_says_whose_leave_a_call_takes() {
    let reading = call("read", json!({"filePath": "/w/a"}));
    let outside = call("read", json!({"filePath": "/etc/a"}));
    let writing = call("write", json!({"filePath": "/w/a", "content": ""}));
    for (mode, request, is_asked) in [
        (Mode::Default, &reading, false),
        (Mode::Default, &outside, true),
        (Mode::Default, &writing, true),
        (Mode::AcceptEdits, &writing, false),
        (Mode::Bypass, &outside, false),
    ] {
        let mut protocol = ready(mode);
        let (_, messages) = ask(&mut protocol, "hook-2", request);
        let asked = matches!(messages.last(), Some(Message::ApprovalAsked(_)));
        assert_eq!(asked, is_asked, "{mode:?} {request}");
    }
    let mut protocol = ready(Mode::DontAsk);
    ask(&mut protocol, "hook-2", &writing);
    let answer = answered(&mut protocol, "hook-2", &Decision::allow());
    assert!(answer["deny"].is_string(), "{answer}");
}

#[test]
fn an_interrupt_withdraws_what_is_asked() {
    let mut protocol = ready(Mode::Default);
    ask(
        &mut protocol,
        "hook-2",
        &call("bash", json!({"command": "ls"})),
    );
    protocol.interrupt(&mut Vec::new());
    let title = json!({"sessionUpdate": "session_info_update"});
    let messages = decoded(&mut protocol, update(title));
    assert!(
        matches!(&messages[..], [Message::ApprovalWithdrawn(id)] if id == "hook-2"),
        "{messages:?}"
    );
}

#[test]
fn a_slash_that_begins_no_command_is_hidden_from_the_agent() {
    let mut protocol = ready(Mode::Default);
    let commands = json!({"sessionUpdate": "available_commands_update",
        "availableCommands": [{"name": "review", "description": ""}]});
    decoded(&mut protocol, update(commands));
    for (text, sent) in [
        ("/review now", "/review now"),
        ("/compact", "/compact"),
        ("say /x", "say /x"),
        (" /etc/hosts?", "\u{200b} /etc/hosts?"),
    ] {
        let mut out = Vec::new();
        protocol.write_prompt(crate::event::TurnId(1), text, &mut out);
        assert_eq!(written(&out)[0]["params"]["prompt"][0]["text"], sent);
    }
}

#[test]
fn what_a_call_does_is_told_by_its_input() {
    let patch = "*** Begin Patch\n*** Add File: a\n+x\n*** Update File: b\n*** Move to: /c\n*** Delete File: d\n*** End Patch";
    let write = |path: &str| ToolEffect::Write(path.to_owned());
    let read = |path: &str| ToolEffect::Read(path.to_owned());
    let run = |text: &str| ToolEffect::Run(text.to_owned());
    let table = [
        ("bash", json!({"command": "ls"}), vec![run("ls")]),
        (
            "bash",
            json!({"command": "ls", "workdir": "/a b"}),
            vec![run("cd '/a b' && {\nls\n}")],
        ),
        ("write", json!({"filePath": "/f"}), vec![write("/f")]),
        ("edit", json!({"filePath": "/f"}), vec![write("/f")]),
        (
            "apply_patch",
            json!({"patchText": patch}),
            vec![write("a"), write("b"), write("/c"), write("d")],
        ),
        ("read", json!({"filePath": "/f"}), vec![read("/f")]),
        (
            "grep",
            json!({"pattern": "x", "path": "/d"}),
            vec![read("/d")],
        ),
        (
            "webfetch",
            json!({"url": "http://x"}),
            vec![ToolEffect::Fetch("http://x".to_owned())],
        ),
        (
            "skill",
            json!({"name": "s"}),
            vec![ToolEffect::Use("s".to_owned())],
        ),
        (
            "task",
            json!({"subagent_type": "general"}),
            vec![ToolEffect::Use("general".to_owned())],
        ),
        ("server_tool", json!({"cmd": "ls"}), vec![run("ls")]),
        ("todowrite", json!({"todos": []}), vec![]),
    ];
    for (name, args, expected) in table {
        let tool = told(name, &args, &[]);
        assert_eq!(opencode::effects(&tool), Ok(expected), "{name} {args}");
    }
    for (name, args) in [
        ("bash", json!({})),
        ("write", json!({"filePath": 3})),
        ("apply_patch", json!({"patchText": "nothing"})),
    ] {
        assert!(
            opencode::effects(&told(name, &args, &[])).is_err(),
            "{name}"
        );
    }
    let beside = told("read", &json!({"filePath": "/w/d/f"}), &["/w/d/AGENTS.md"]);
    let effects = opencode::effects(&beside);
    assert_eq!(effects, Ok(vec![read("/w/d/f"), read("/w/d/AGENTS.md")]));
}

fn told(name: &str, args: &Value, beside: &[&str]) -> ToolUse {
    let called = json!({"tool": name, "call": "c", "args": args, "beside": beside});
    let called = serde_json::from_value(called).unwrap();
    let mut update: CallUpdate = opencode::call(called, std::path::Path::new("/w"));
    let (mut calls, tools) = (Calls::default(), Tools::OpenCode);
    calls.merge(&mut update, tools, &mut Vec::new()).tool(tools)
}
