//! Claude behind ACP: its hook asks first, and its rules ask again, or alone where the hook failed.

use std::path::Path;

use serde_json::{Value, json};

use super::{ready, update};
use crate::event::Decision;
use crate::message::{Conversation, Message};
use crate::project::Project;
use crate::provider::acp::AcpAgent;
use crate::provider::acp::protocol::AcpProtocol;
use crate::provider::options::ProviderOptions;
use crate::provider::permission::Mode;
use crate::provider::recorded::{decoded, replies, written};
use crate::provider::{Protocol, Provider, Start, SystemPrompt};

const NAME: &str = "claude-agent-acp";

fn hook(protocol: &mut AcpProtocol, tool: &str, input: &Value) -> Vec<Message> {
    let asked = json!({"hook_event_name": "PreToolUse", "tool_use_id": "c", "tool_name": tool,
        "tool_input": input, "cwd": "/w"});
    let mut messages = Vec::new();
    let line = protocol.hook_asked("h", &asked.to_string(), &mut messages);
    assert_eq!(line, None, "it is answered once somebody has decided");
    messages
}

fn ask(input: &Value) -> String {
    let options =
        json!([{"optionId": "y", "kind": "allow_once"}, {"optionId": "n", "kind": "reject_once"}]);
    let call = json!({"toolCallId": "c", "title": "t", "kind": "execute", "rawInput": input,
        "_meta": {"claudeCode": {"toolName": "Bash"}}});
    let params = json!({"sessionId": "s", "toolCall": call, "options": options});
    json!({"jsonrpc": "2.0", "id": 7, "method": "session/request_permission", "params": params})
        .to_string()
}

fn who(messages: &[Message]) -> &'static str {
    match messages.last() {
        Some(Message::GateAskedAgain(_)) => "gate again",
        Some(Message::GateAsked(_)) => "gate",
        Some(Message::ApprovalAsked(_)) => "caller",
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_rules_ask_again_after_the_hook_and_alone_without_it() {
    let (seen, changed) = (json!({"command": "ls"}), json!({"command": "touch a"}));
    for (hooked, asked, expected) in [
        (Some(Decision::allow()), &seen, "gate again"),
        // Another hook of the user's has changed it.
        (Some(Decision::allow()), &changed, "caller"),
        (Some(Decision::deny("no")), &seen, "caller"),
        (None, &seen, "caller"),
    ] {
        let mut protocol = ready(NAME, Mode::Default);
        if let Some(decision) = &hooked {
            assert_eq!(who(&hook(&mut protocol, "Bash", &seen)), "caller");
            let line = protocol.hook_answer("h", decision);
            assert_eq!(line.is_empty(), *decision == Decision::allow());
        }
        let messages = decoded(&mut protocol, ask(asked));
        assert_eq!(who(&messages), expected, "{hooked:?} {asked}");
    }
    let mut protocol = ready(NAME, Mode::Default);
    hook(&mut protocol, "Bash", &seen);
    protocol.hook_answer("h", &Decision::allow());
    decoded(&mut protocol, ask(&seen));
    let mut out = Vec::new();
    protocol.write_gate_answer("7", None, &mut out);
    assert_eq!(written(&out)[0]["result"]["outcome"]["optionId"], "y");
}

#[test]
fn the_mode_says_whose_leave_a_call_takes() {
    let file = |path: &str| json!({"file_path": path});
    for (mode, tool, input, expected) in [
        (Mode::Default, "Read", file("/w/a"), "gate"),
        (Mode::Default, "Read", file("/etc/a"), "caller"),
        (
            Mode::Default,
            "Glob",
            json!({"pattern": "/etc/*"}),
            "caller",
        ),
        (Mode::Default, "Write", file("/w/a"), "caller"),
        (Mode::AcceptEdits, "Write", file("/w/a"), "gate"),
        (Mode::AcceptEdits, "Write", file("/etc/a"), "caller"),
        (
            Mode::AcceptEdits,
            "Bash",
            json!({"command": "ls"}),
            "caller",
        ),
        (Mode::Default, "ToolSearch", json!({}), "caller"),
        (Mode::Bypass, "Bash", json!({"command": "ls"}), "gate"),
    ] {
        let mut protocol = ready(NAME, mode);
        let came = who(&hook(&mut protocol, tool, &input));
        assert_eq!(came, expected, "{mode:?} {tool} {input}");
    }
}

/// A hook is answered on a socket of its own, so the turn is cancelled with what the agent says next.
#[test]
fn a_denial_that_ends_the_turn_cancels_it() {
    let mut protocol = ready(NAME, Mode::Default);
    hook(&mut protocol, "Bash", &json!({"command": "ls"}));
    let decision = Decision::Deny {
        message: "stop".to_owned(),
        interrupt: true,
    };
    assert_eq!(protocol.hook_answer("h", &decision), "stop");
    let title = json!({"sessionUpdate": "session_info_update"});
    let messages = decoded(&mut protocol, update(title));
    assert_eq!(replies(&messages)[0]["method"], "session/cancel");
}

/// There it asks git without what git is told.
#[test]
fn where_it_only_plans_it_starts_in_a_jail_or_in_a_trusted_project() {
    let conversation = Conversation::New("n".to_owned());
    for (mode, jailed, project, expected) in [
        ("plan", true, Project::Instructions, true),
        ("plan", false, Project::Instructions, false),
        ("plan", false, Project::None, false),
        ("plan", false, Project::Trusted, true),
        ("default", false, Project::Instructions, true),
    ] {
        let options = ProviderOptions {
            permission_mode: Some(mode.to_owned()),
            ..ProviderOptions::default()
        };
        let agent = AcpAgent::new(super::profile(NAME), options).unwrap();
        let start = Start {
            conversation: &conversation,
            work_dir: Path::new("/w"),
            real_work_dir: Path::new("/w"),
            jailed,
            model: None,
            project,
            system_prompt: SystemPrompt::Given(""),
            skills: None,
            max_line_bytes: 1024,
            engine_dir: Some(Path::new("/state/run/1/engine")),
            hooks: None,
            tools: &[],
            environment: &[],
        };
        let why = agent.cannot_start(&start);
        assert_eq!(
            why.is_none(),
            expected,
            "{mode} {jailed} {project:?}: {why:?}"
        );
    }
}
