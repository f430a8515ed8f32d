//! What is made of calls that are told without their input, and of a conversation that is told behind
//! the answer.

use std::path::Path;

use serde_json::{Value, json};

use super::{answer, decoded, new_protocol, ready, update, wanted};
use crate::event::{Decision, EventKind, ToolUse, TurnId};
use crate::message::{Conversation, Message};
use crate::project::Project;
use crate::provider::acp::AcpAgent;
use crate::provider::acp::protocol::AcpProtocol;
use crate::provider::listing::listed;
use crate::provider::options::ProviderOptions;
use crate::provider::permission::Mode;
use crate::provider::{Protocol, Provider, Start, SystemPrompt};
use hotplex_guard::ToolEffect;

fn call(id: &str, kind: &str, title: &str, paths: &[&str], text: &str) -> Value {
    let locations: Value = paths.iter().map(|path| json!({"path": path})).collect();
    let content = json!([{"type": "content", "content": {"type": "text", "text": text}}]);
    let content = if text.is_empty() { json!([]) } else { content };
    json!({
        "toolCallId": id, "status": "pending", "title": title, "kind": kind,
        "locations": locations, "content": content,
    })
}

fn ask(protocol: &mut AcpProtocol, call: &Value) -> Vec<Message> {
    let options = json!([
        {"optionId": "proceed_always", "kind": "allow_always"},
        {"optionId": "proceed_once", "kind": "allow_once"},
        {"optionId": "cancel", "kind": "reject_once"},
    ]);
    let params = json!({"sessionId": "s", "toolCall": call, "options": options});
    let method = "session/request_permission";
    let line = json!({"jsonrpc": "2.0", "id": 0, "method": method, "params": params});
    decoded(protocol, line.to_string())
}

/// Who is asked about the call in the mode `default`, and what it is.
fn asked(call: &Value) -> (&'static str, ToolUse) {
    let messages = ask(&mut ready("gemini", Mode::Default), call);
    let found = messages.into_iter().find_map(|message| match message {
        Message::GateAsked(question) => Some(("gate", question.tool)),
        Message::ApprovalAsked(request) => Some(("caller", request.tool)),
        _ => None,
    });
    found.expect("a question")
}

fn effects(tool: &ToolUse) -> Result<Vec<ToolEffect>, String> {
    let agent = AcpAgent::new(super::profile("gemini"), ProviderOptions::default());
    agent.unwrap().effects(tool)
}

#[test]
fn a_call_is_known_by_the_name_that_the_agent_gives_it() {
    let run = |text: &str| vec![ToolEffect::Run(text.to_owned())];
    let here = "[current working directory /w] (run a command)";
    let there = "[in a b/c] (a [command])";
    let table = [
        (
            call("run_shell_command__1", "execute", "ls >x", &[], here),
            ("caller", "Bash", run("ls >x")),
        ),
        (
            call("run_shell_command__1", "execute", "rm -r ..", &[], there),
            ("caller", "Bash", run("cd 'a b/c' && {\nrm -r ..\n}")),
        ),
        // The model chooses what follows the tool's name.
        (
            call(
                "run_shell_command__read_file__1",
                "execute",
                "ls",
                &[],
                here,
            ),
            ("caller", "Bash", run("ls")),
        ),
        (
            call("write_file__1", "edit", "Writing to a", &["/w/a"], ""),
            (
                "caller",
                "Write",
                vec![ToolEffect::Write("/w/a".to_owned())],
            ),
        ),
        (
            call("replace__1", "edit", "a: x => y", &["/w/a"], ""),
            ("caller", "Edit", vec![ToolEffect::Write("/w/a".to_owned())]),
        ),
        (
            call("read_file__1", "read", "a", &["/w/a"], ""),
            ("gate", "Read", vec![ToolEffect::Read("/w/a".to_owned())]),
        ),
        (
            call("glob__1", "search", "'*.txt'", &[], ""),
            ("gate", "Glob", vec![]),
        ),
        (
            call("google_web_search__1", "search", "words", &[], ""),
            ("caller", "WebSearch", vec![]),
        ),
        (
            call("write_todos__1", "other", "Set 1 todo(s)", &[], ""),
            ("gate", "TodoWrite", vec![]),
        ),
        (
            call("mcp_srv_run__1", "other", "run", &[], r#"{"command":"ls"}"#),
            ("caller", "mcp_srv_run", run("ls")),
        ),
    ];
    for (call, (who, name, expected)) in table {
        let (asked, tool) = asked(&call);
        assert_eq!((asked, tool.name.as_str()), (who, name), "{call}");
        assert_eq!(effects(&tool).unwrap(), expected, "{call}");
    }
}

#[test]
fn a_servers_tool_whose_input_is_too_long_to_be_told_must_not_run() {
    let text = "[Payload omitted due to length with parameters: command]";
    let (_, tool) = asked(&call("mcp_srv_run__1", "other", "run", &[], text));
    let why = effects(&tool).unwrap_err();
    assert!(why.contains("500 characters"), "{why}");
}

#[test]
fn of_a_call_that_was_denied_the_caller_hears_the_end() {
    let mut protocol = ready("gemini", Mode::Default);
    protocol.write_prompt(TurnId(1), "p", &mut Vec::new());
    ask(
        &mut protocol,
        &call("write_file__1", "edit", "Writing to a", &["/w/a"], ""),
    );
    protocol.write_decision("0", &Decision::deny("no"), &mut Vec::new());
    let ended = decoded(&mut protocol, answer(3, json!({"stopReason": "end_turn"})));
    let denied = ended.iter().any(|message| {
        let Message::Event(EventKind::ToolResult(result)) = message else {
            return false;
        };
        result.is_error && result.id == "write_file__1" && result.name == "Write"
    });
    assert!(denied, "{ended:?}");
}

/// It would be told as the answer of the next turn.
#[test]
fn nothing_is_asked_before_the_earlier_turns_are_told() {
    let resumed = Conversation::Resume("s".to_owned());
    let mut protocol = new_protocol("gemini", Mode::Default, wanted(resumed));
    protocol.write_handshake(&mut Vec::new());
    let able = json!({"protocolVersion": 1, "agentCapabilities": {"loadSession": true}});
    decoded(&mut protocol, answer(1, able));
    assert!(decoded(&mut protocol, answer(2, json!({}))).is_empty());
    let earlier = json!({"type": "text", "text": "earlier"});
    for kind in ["user_message_chunk", "agent_message_chunk"] {
        let told = update(json!({"sessionUpdate": kind, "content": earlier}));
        assert!(decoded(&mut protocol, told).is_empty(), "{kind}");
    }
    let last = json!({"sessionUpdate": "available_commands_update", "availableCommands": []});
    let ready = listed(&decoded(&mut protocol, update(last)));
    assert_eq!(ready.last().map(String::as_str), Some("ready"), "{ready:?}");
}

/// A policy that is not found is no error to the agent: it would not ask.
#[test]
fn no_process_starts_with_a_policy_that_the_agent_would_not_find() {
    let agent = AcpAgent::new(super::profile("gemini"), ProviderOptions::default()).unwrap();
    let conversation = Conversation::New("n".to_owned());
    for (directory, expected) in [("/state/run/1/engine", true), ("/a,b/run/1/engine", false)] {
        let start = Start {
            conversation: &conversation,
            work_dir: Path::new("/w"),
            real_work_dir: Path::new("/w"),
            jailed: true,
            model: None,
            project: Project::default(),
            system_prompt: SystemPrompt::Given(""),
            skills: None,
            max_line_bytes: 1024,
            engine_dir: Some(Path::new(directory)),
            hooks: None,
            tools: &[],
            environment: &[],
        };
        assert_eq!(
            agent.cannot_start(&start).is_none(),
            expected,
            "{directory}"
        );
        let arguments = agent.arguments(&start);
        let policy = format!("{directory}/{}", agent.engine_files(&start)[0].name);
        let at = arguments.iter().position(|flag| flag == "--admin-policy");
        assert_eq!(arguments[at.unwrap() + 1], policy);
    }
}
