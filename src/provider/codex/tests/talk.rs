//! The handshake, turns, and questions.

use serde_json::{Value, json};

use super::{decoded, new_protocol, replies, written};
use crate::event::{Decision, EventKind, TurnId};
use crate::message::{Conversation, Message, Origin};
use crate::notice::NoticeCode;
use crate::project::{Project, Skills};
use crate::provider::codex::Codex;
use crate::provider::codex::protocol::CodexProtocol;
use crate::provider::listing::listed;
use crate::provider::permission::Mode;
use crate::provider::registry::ProviderOptions;
use crate::provider::{Interrupt, Protocol, Provider, Start, SystemPrompt};
use hotplex_guard::ToolEffect;

fn new() -> Conversation {
    Conversation::New("n".to_owned())
}

pub(super) fn answer(id: u64, result: Value) -> String {
    json!({"id": id, "result": result}).to_string()
}

pub(super) fn note(method: &str, params: Value) -> String {
    json!({"method": method, "params": params}).to_string()
}

pub(super) fn thread(policy: &str) -> Value {
    json!({"thread": {"id": "t"}, "model": "m", "approvalPolicy": policy})
}

pub(super) fn ready(mode: Mode) -> CodexProtocol {
    let mut protocol = new_protocol(mode, new());
    protocol.write_handshake(&mut Vec::new());
    decoded(&mut protocol, answer(1, json!({})));
    let told = decoded(&mut protocol, answer(2, thread("untrusted")));
    assert!(matches!(told.last(), Some(Message::Ready)), "{told:?}");
    protocol
}

/// A turn that the agent knows under the name `u`.
pub(super) fn at_work(mode: Mode) -> CodexProtocol {
    at_work_with(ready(mode), 3)
}

/// The same for one that is ready; its next request has that number.
pub(super) fn at_work_with(protocol: CodexProtocol, request: u64) -> CodexProtocol {
    at_work_as(protocol, request, "u")
}

fn at_work_as(mut protocol: CodexProtocol, request: u64, name: &str) -> CodexProtocol {
    protocol.write_prompt(TurnId(4), "p", &mut Vec::new());
    decoded(
        &mut protocol,
        answer(request, json!({"turn": {"id": name}})),
    );
    protocol
}

#[test]
fn the_policy_is_said_with_each_thread() {
    for (conversation, method) in [
        (new(), "thread/start"),
        (Conversation::Resume("c".to_owned()), "thread/resume"),
    ] {
        let mut protocol = new_protocol(Mode::Bypass, conversation);
        protocol.write_handshake(&mut Vec::new());
        let requests = replies(&decoded(&mut protocol, answer(1, json!({}))));
        assert_eq!(requests[0], json!({"method": "initialized"}));
        assert_eq!(requests[1]["method"], method);
        let params = &requests[1]["params"];
        assert_eq!(params["approvalPolicy"], "untrusted");
        assert_eq!(params["approvalsReviewer"], "user");
        assert_eq!(params["cwd"], "/w");
        assert_eq!(params["developerInstructions"], "be brief");
        assert_eq!(requests[1].get("jsonrpc"), None);
    }
}

#[test]
fn a_policy_that_was_not_taken_ends_the_start() {
    let mut protocol = new_protocol(Mode::Default, new());
    protocol.write_handshake(&mut Vec::new());
    decoded(&mut protocol, answer(1, json!({})));
    let told = decoded(&mut protocol, answer(2, thread("never")));
    assert!(matches!(&told[..], [Message::HandshakeRefused(why)] if why.contains("never")));
}

#[test]
fn a_lost_thread_is_told_and_a_new_one_begun() {
    let mut protocol = new_protocol(Mode::Default, Conversation::Resume("c".to_owned()));
    protocol.write_handshake(&mut Vec::new());
    decoded(&mut protocol, answer(1, json!({})));
    let fault =
        json!({"id": 2, "error": {"code": -32600, "message": "no rollout found for thread id c"}});
    let told = decoded(&mut protocol, fault.to_string());
    assert!(matches!(told[0], Message::ConversationLost(_)), "{told:?}");
    assert_eq!(replies(&told)[0]["method"], "thread/start");
}

#[test]
fn what_is_pinned_stands_in_the_arguments() {
    let codex = Codex::new(ProviderOptions::default()).unwrap();
    let conversation = new();
    let start = |project| Start {
        conversation: &conversation,
        work_dir: "/w/a.b \"c".as_ref(),
        real_work_dir: "/real".as_ref(),
        jailed: true,
        model: None,
        project,
        system_prompt: SystemPrompt::Given(""),
        skills: None,
        max_line_bytes: 1024,
        engine_dir: None,
        hooks: None,
        tools: &[],
        environment: &[],
    };
    let pinned = codex.arguments(&start(Project::Instructions));
    assert_eq!(pinned[0], "app-server");
    let projects =
        r#"projects={"/w/a.b \"c"={trust_level="untrusted"},"/real"={trust_level="untrusted"}}"#;
    for setting in [
        projects,
        "features.unified_exec_tty=false",
        "features.hooks=true",
        "project_doc_max_bytes=0",
    ] {
        assert!(
            pinned.iter().any(|argument| argument == setting),
            "{setting}: {pinned:?}"
        );
    }
    let skills = |is_whole| Skills {
        files: vec!["/w/a.b \"c/.agents/skills/x/SKILL.md".into()],
        is_whole,
    };
    let named = r#"skills.config=[{path="/w/a.b \"c/.agents/skills/x/SKILL.md",enabled=false}]"#;
    for (skills, setting) in [
        (skills(true), named),
        (skills(false), "skills.include_instructions=false"),
    ] {
        let with = |project| {
            codex.arguments(&Start {
                skills: Some(&skills),
                ..start(project)
            })
        };
        let is_off = |argument: &String| argument == setting;
        assert!(with(Project::None).iter().any(is_off), "{setting}");
        assert!(!with(Project::Trusted).iter().any(is_off), "{setting}");
    }
    let trusted = codex.arguments(&start(Project::Trusted));
    assert!(
        trusted[2].contains("trust_level=\"trusted\""),
        "{trusted:?}"
    );
    let plan = ProviderOptions {
        permission_mode: Some("plan".to_owned()),
        ..ProviderOptions::default()
    };
    assert!(Codex::new(plan).is_err());
    let with_tools = codex.arguments(&Start {
        tools: &[("GIT_CONFIG_COUNT".into(), "2".into())],
        ..start(Project::Instructions)
    });
    let setting = r#"shell_environment_policy.set.GIT_CONFIG_COUNT="2""#;
    let has = |arguments: &[String]| arguments.iter().any(|argument| argument == setting);
    assert!(has(&with_tools) && !has(&pinned), "{with_tools:?}");
}

#[test]
fn a_turn_ends_by_its_own_name_and_in_its_own_thread() {
    let mut protocol = at_work(Mode::Default);
    let completed = |thread: &str, turn: &str| {
        let turn = json!({"id": turn, "status": "completed"});
        note("turn/completed", json!({"threadId": thread, "turn": turn}))
    };
    assert!(decoded(&mut protocol, completed("other", "u")).is_empty());
    assert!(decoded(&mut protocol, completed("t", "other")).is_empty());
    let told = decoded(&mut protocol, completed("t", "u"));
    let Some(Message::TurnResult(result)) = told.last() else {
        panic!("{told:?}");
    };
    assert_eq!(result.origin, Origin::Turns(vec![TurnId(4)]));
    assert!(decoded(&mut protocol, completed("t", "u")).is_empty());
}

#[test]
fn the_end_says_how_it_came() {
    let table = [
        (json!({"status": "completed"}), (false, false)),
        (json!({"status": "interrupted"}), (false, true)),
        (
            json!({"status": "failed", "error": {"message": "why"}}),
            (true, false),
        ),
        (json!({"status": "other"}), (true, false)),
        (json!({}), (true, false)),
    ];
    for (mut turn, expected) in table {
        let mut protocol = at_work(Mode::Default);
        turn["id"] = json!("u");
        let told = decoded(
            &mut protocol,
            note("turn/completed", json!({"threadId": "t", "turn": turn})),
        );
        let Some(Message::TurnResult(result)) = told.last() else {
            panic!("{told:?}");
        };
        assert_eq!((result.is_error, result.interrupted), expected, "{turn}");
    }
    let mut protocol = ready(Mode::Default);
    protocol.write_prompt(TurnId(4), "p", &mut Vec::new());
    let told = decoded(
        &mut protocol,
        r#"{"id":3,"error":{"code":1,"message":"no"}}"#,
    );
    assert!(matches!(told.last(), Some(Message::TurnResult(result)) if result.is_error));
}

/// An interrupt needs the agent's name of the turn; before that is known it waits, and is not lost.
#[test]
fn an_interrupt_waits_until_the_turn_has_a_name() {
    let mut protocol = ready(Mode::Default);
    protocol.write_prompt(TurnId(4), "p", &mut Vec::new());
    let mut out = Vec::new();
    assert_eq!(protocol.interrupt(&mut out), Interrupt::Written);
    assert!(out.is_empty());
    let told = decoded(&mut protocol, answer(3, json!({"turn": {"id": "u"}})));
    let request = &replies(&told)[0];
    assert_eq!(request["method"], "turn/interrupt");
    assert_eq!(request["params"], json!({"threadId": "t", "turnId": "u"}));
    protocol.interrupt(&mut out);
    assert_eq!(written(&out)[0]["method"], "turn/interrupt");
}

pub(super) fn ask(method: &str, params: Value) -> String {
    json!({"method": method, "id": 7, "params": params}).to_string()
}

pub(super) fn command() -> String {
    let params = json!({"threadId": "t", "turnId": "u", "itemId": "i", "command": "/bin/bash -lc ls", "cwd": "/w"});
    ask("item/commandExecution/requestApproval", params)
}

fn patch(path: &str) -> [String; 2] {
    let item = json!({"type": "fileChange", "id": "i", "changes": [{"path": path, "kind": {"type": "add"}}]});
    let params = json!({"threadId": "t", "turnId": "u", "itemId": "i"});
    [
        note(
            "item/started",
            json!({"threadId": "t", "turnId": "u", "item": item}),
        ),
        ask("item/fileChange/requestApproval", params),
    ]
}

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
    let table = [
        (Mode::Default, vec![command()], "caller"),
        (Mode::AcceptEdits, vec![command()], "caller"),
        (Mode::Bypass, vec![command()], "gate"),
        (Mode::DontAsk, vec![command()], "gate"),
        (Mode::Default, patch("/w/a").into(), "caller"),
        (Mode::AcceptEdits, patch("/w/a").into(), "gate"),
        (Mode::AcceptEdits, patch("/etc/a").into(), "caller"),
    ];
    for (mode, lines, expected) in table {
        let mut protocol = at_work(mode);
        let told: Vec<Message> = lines
            .iter()
            .flat_map(|line| decoded(&mut protocol, line))
            .collect();
        assert_eq!(asked(&told), expected, "{mode:?} {lines:?}");
        let mut out = Vec::new();
        protocol.write_gate_answer("7", None, &mut out);
        let decision = if mode == Mode::DontAsk {
            "decline"
        } else {
            "accept"
        };
        assert_eq!(written(&out)[0]["result"]["decision"], decision, "{mode:?}");
    }
}

#[test]
fn a_question_is_answered_for_this_once() {
    let deny = |interrupt| Decision::Deny {
        message: "no".to_owned(),
        interrupt,
    };
    let other = Decision::Allow {
        updated_input: Some(json!({})),
    };
    let table = [
        (Decision::allow(), "accept"),
        (deny(false), "decline"),
        (deny(true), "cancel"),
        (other, "decline"),
    ];
    for (decision, expected) in table {
        let mut protocol = at_work(Mode::Default);
        decoded(&mut protocol, command());
        let mut out = Vec::new();
        protocol.write_decision("7", &decision, &mut out);
        assert_eq!(written(&out)[0]["result"]["decision"], expected);
        out.clear();
        protocol.write_decision("7", &decision, &mut out);
        assert!(out.is_empty(), "answered once");
    }
}

#[test]
fn what_cannot_be_told_is_denied() {
    let lines = [
        ask(
            "item/commandExecution/requestApproval",
            json!({"turnId": "u"}),
        ),
        ask(
            "item/fileChange/requestApproval",
            json!({"itemId": "unknown"}),
        ),
        ask("item/fileChange/requestApproval", json!(7)),
    ];
    for line in lines {
        let mut protocol = at_work(Mode::Bypass);
        let told = decoded(&mut protocol, &line);
        assert_eq!(asked(&told), "nobody", "{line}");
        assert_eq!(replies(&told)[0]["result"]["decision"], "decline", "{line}");
    }
    for method in [
        "item/tool/requestUserInput",
        "item/permissions/requestApproval",
    ] {
        let mut protocol = at_work(Mode::Bypass);
        let told = decoded(&mut protocol, ask(method, json!({})));
        assert!(
            matches!(told[0], Message::Event(EventKind::Raw(_))),
            "{method}"
        );
        assert!(replies(&told)[0]["error"].is_object(), "{method}");
    }
}

/// Nobody can be asked it, and the server waits for an answer.
#[test]
fn what_a_server_asks_the_user_is_declined_with_a_notice() {
    let mut protocol = at_work(Mode::Bypass);
    let params = json!({"serverName": "quizzer", "message": "Which\ncolour?", "mode": "form"});
    let told = decoded(&mut protocol, ask("mcpServer/elicitation/request", params));
    let [Message::Event(EventKind::Notice(notice)), Message::Reply(_)] = &told[..] else {
        panic!("{told:?}");
    };
    assert_eq!(notice.code, NoticeCode::PermissionRefused);
    assert!(notice.text.contains("Which colour?"), "{notice:?}");
    assert_eq!(replies(&told)[0]["result"], json!({"action": "decline"}));
}

#[test]
fn a_question_that_was_settled_elsewhere_is_withdrawn() {
    let mut protocol = at_work(Mode::Default);
    decoded(&mut protocol, command());
    let told = decoded(
        &mut protocol,
        note("serverRequest/resolved", json!({"requestId": 7})),
    );
    assert_eq!(listed(&told), ["approval_withdrawn 7"]);
}

#[test]
fn a_call_is_known_by_what_it_names() {
    let codex = Codex::new(ProviderOptions::default()).unwrap();
    let mut protocol = at_work(Mode::Default);
    let mut effects = |lines: &[String]| {
        let told: Vec<Message> = lines
            .iter()
            .flat_map(|line| decoded(&mut protocol, line))
            .collect();
        protocol.write_decision("7", &Decision::deny("no"), &mut Vec::new());
        let tool = told.iter().find_map(|message| match message {
            Message::ApprovalAsked(asked) => Some(&asked.tool),
            _ => None,
        });
        codex.effects(tool.unwrap())
    };
    assert_eq!(
        effects(&[command()]),
        Ok(vec![ToolEffect::Run("/bin/bash -lc ls".to_owned())])
    );
    assert_eq!(
        effects(&patch("/w/a")),
        Ok(vec![ToolEffect::Write("/w/a".to_owned())])
    );
    let params = json!({"serverName": "s", "_meta": {"codex_approval_kind": "mcp_tool_call", "tool_name": "run", "tool_params": {"cmd": "ls"}}});
    assert_eq!(
        effects(&[ask("mcpServer/elicitation/request", params)]),
        Ok(vec![ToolEffect::Run("ls".to_owned())])
    );
}

#[test]
fn words_of_a_turn_that_is_over_do_not_become_those_of_the_next() {
    let mut protocol = at_work(Mode::Default);
    let delta = |turn: &str, item: &str, delta: &str| {
        let params = json!({"threadId": "t", "turnId": turn, "itemId": item, "delta": delta});
        note("item/agentMessage/delta", params)
    };
    let end = |turn: &str| {
        let turn = json!({"id": turn, "status": "interrupted"});
        note("turn/completed", json!({"threadId": "t", "turn": turn}))
    };
    decoded(&mut protocol, delta("u", "i1", "so far"));
    let told = listed(&decoded(&mut protocol, end("u")));
    assert!(told.contains(&"answer \"so far\"".to_owned()), "{told:?}");
    decoded(&mut protocol, delta("u", "i1", " LATE"));
    let mut protocol = at_work_as(protocol, 4, "v");
    decoded(&mut protocol, delta("u", "i1", " LATER"));
    let late = json!({"type": "agentMessage", "id": "i1", "text": "so far LATE"});
    let late = json!({"threadId": "t", "turnId": "old", "item": late});
    let told = listed(&decoded(&mut protocol, note("item/completed", late)));
    assert!(
        told.iter().all(|line| !line.starts_with("answer")),
        "{told:?}"
    );
    decoded(&mut protocol, delta("v", "i2", "own"));
    let told = listed(&decoded(&mut protocol, end("v")));
    let answers: Vec<_> = told
        .iter()
        .filter(|line| line.starts_with("answer"))
        .collect();
    assert_eq!(answers, ["answer \"own\""], "{told:?}");
}

#[test]
fn an_answer_may_name_its_request_by_a_text() {
    let mut protocol = new_protocol(Mode::Default, new());
    protocol.write_handshake(&mut Vec::new());
    let line = json!({"id": "1", "result": {}}).to_string();
    assert!(!replies(&decoded(&mut protocol, line)).is_empty());
}
