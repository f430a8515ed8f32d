//! The handshake, and turns.

use serde_json::{Value, json};

use super::{answer, decoded, fault, new_protocol, ready, replies, update, wanted, written};
use crate::event::{EventKind, TurnId};
use crate::message::{Conversation, Message, Origin};
use crate::provider::Protocol;
use crate::provider::acp::protocol::Wanted;
use crate::provider::listing::listed;
use crate::provider::permission::Mode;

fn new() -> Conversation {
    Conversation::New("n".to_owned())
}

/// What is written and told when the agent answers with these, one after the other.
fn handshake(
    name: &str,
    mode: Mode,
    wanted: Wanted,
    answers: &[Value],
) -> (Vec<Value>, Vec<Message>) {
    let mut protocol = new_protocol(name, mode, wanted);
    let mut out = Vec::new();
    protocol.write_handshake(&mut out);
    let mut requests = written(&out);
    let mut told = Vec::new();
    for (at, given) in answers.iter().enumerate() {
        let id = at as u64 + 1;
        let line = match given.get("fault").and_then(Value::as_str) {
            Some(message) => fault(id, message),
            None => answer(id, given.clone()),
        };
        told = decoded(&mut protocol, line);
        requests.extend(replies(&told));
    }
    (requests, told)
}

fn methods(requests: &[Value]) -> Vec<&str> {
    requests
        .iter()
        .filter_map(|request| request["method"].as_str())
        .collect()
}

#[test]
fn work_dir_and_conversation_are_said_in_the_protocol() {
    let resumable = json!({"protocolVersion": 1, "agentCapabilities": {"loadSession": true, "sessionCapabilities": {"resume": {}}}});
    let loads = json!({"protocolVersion": 1, "agentCapabilities": {"loadSession": true}});
    let plain = json!({"protocolVersion": 1});
    let table = [
        (new(), &resumable, "session/new"),
        (
            Conversation::Resume("c".to_owned()),
            &resumable,
            "session/resume",
        ),
        (Conversation::Resume("c".to_owned()), &loads, "session/load"),
        (Conversation::Resume("c".to_owned()), &plain, "session/new"),
    ];
    for (conversation, agent, expected) in table {
        let answers = [agent.clone(), json!({"sessionId": "s"})];
        let (requests, told) = handshake("acp", Mode::Default, wanted(conversation), &answers);
        assert_eq!(methods(&requests), ["initialize", expected]);
        assert_eq!(requests[1]["params"]["cwd"], "/w");
        let is_lost =
            expected == "session/new" && listed(&told)[0].starts_with("conversation_lost");
        assert_eq!(is_lost, agent == &plain);
        assert!(matches!(told.last(), Some(Message::Ready)), "{told:?}");
    }
}

#[test]
fn a_lost_conversation_is_told_and_a_new_one_begun() {
    let loads = json!({"protocolVersion": 1, "agentCapabilities": {"loadSession": true}});
    let answers = [
        loads,
        json!({"fault": "Resource not found"}),
        json!({"sessionId": "s"}),
    ];
    let resumed = Conversation::Resume("c".to_owned());
    let (requests, told) = handshake("acp", Mode::Default, wanted(resumed), &answers);
    assert_eq!(
        methods(&requests),
        ["initialize", "session/load", "session/new"]
    );
    assert!(matches!(told.last(), Some(Message::Ready)), "{told:?}");
}

/// What is there and cannot be taken up is not begun anew: who has lost what was said has to hear of it, and
/// who repairs it has it again. OpenCode has one word for all that fails.
#[test]
fn a_conversation_that_is_refused_is_lost_with_a_word_or_fails_the_start_with_the_reason() {
    let told = ["Resource not found", "no rollout found for c"];
    let refused = [
        "Internal error",
        "Unexpected token in JSON at position 7",
        "session is locked by another process",
        "the session was written by an older version",
        "the session belongs to another directory",
    ];
    let faults = told.map(|fault| (fault, true)).into_iter();
    for (fault, is_lost) in faults.chain(refused.map(|fault| (fault, false))) {
        let loads = json!({"protocolVersion": 1, "agentCapabilities": {"loadSession": true}});
        let answers = [loads, json!({"fault": fault})];
        let resumed = Conversation::Resume("c".to_owned());
        let (requests, told) = handshake("codex-acp", Mode::Default, wanted(resumed), &answers);
        let begins = methods(&requests).last() == Some(&"session/new");
        let is_told = matches!(told[0], Message::ConversationLost(_));
        let fails =
            |told: &Message| matches!(told, Message::HandshakeRefused(why) if why.contains(fault));
        assert_eq!((begins, is_told), (is_lost, is_lost), "{fault}: {told:?}");
        assert_eq!(told.iter().any(fails), !is_lost, "{fault}: {told:?}");
    }
}

/// Qwen Code 0.15.10 says that it has both ways, and does not know the first.
#[test]
fn an_agent_that_has_not_the_way_it_says_is_asked_the_other() {
    let capable = |resume: bool| {
        let session = if resume {
            json!({"resume": {}})
        } else {
            json!({})
        };
        json!({"protocolVersion": 1, "agentCapabilities": {"loadSession": true, "sessionCapabilities": session}})
    };
    let unknown = |id| {
        let error = json!({"code": -32601, "message": "\"Method not found\": session/resume"});
        json!({"jsonrpc": "2.0", "id": id, "error": error}).to_string()
    };
    for (resume, answers, expected) in [
        (
            true,
            vec![unknown(2), answer(3, json!({}))],
            vec!["session/resume", "session/load"],
        ),
        (
            true,
            vec![unknown(2), unknown(3), answer(4, json!({"sessionId": "s"}))],
            vec!["session/resume", "session/load", "session/new"],
        ),
        (
            false,
            vec![unknown(2), answer(3, json!({"sessionId": "s"}))],
            vec!["session/load", "session/new"],
        ),
    ] {
        let resumed = Conversation::Resume("c".to_owned());
        let mut protocol = new_protocol("acp", Mode::Default, wanted(resumed));
        protocol.write_handshake(&mut Vec::new());
        let mut told = decoded(&mut protocol, answer(1, capable(resume)));
        for line in answers {
            told.extend(decoded(&mut protocol, line));
        }
        let requests = replies(&told);
        assert_eq!(methods(&requests), expected);
        let is_lost = |message: &Message| matches!(message, Message::ConversationLost(_));
        let begins_anew = expected.contains(&"session/new");
        assert_eq!(told.iter().any(is_lost), begins_anew, "{told:?}");
        assert!(matches!(told.last(), Some(Message::Ready)), "{told:?}");
    }
}

#[test]
fn another_conversation_than_was_to_be_taken_up_is_told() {
    let loads = json!({"protocolVersion": 1, "agentCapabilities": {"loadSession": true}});
    for (answer, is_told) in [
        (json!(null), false),
        (json!({"sessionId": "c"}), false),
        (json!({"sessionId": "d"}), true),
    ] {
        let given = Wanted {
            system_prompt: "be brief".to_owned(),
            ..wanted(Conversation::Resume("c".to_owned()))
        };
        let mut protocol = new_protocol("acp", Mode::Default, given);
        protocol.write_handshake(&mut Vec::new());
        decoded(&mut protocol, super::answer(1, loads.clone()));
        let mut told = decoded(&mut protocol, super::answer(2, answer));
        protocol.write_prompt(TurnId(1), "hello", &mut Vec::new());
        told.extend(decoded(&mut protocol, chunk("x")));
        let is_lost = |message: &Message| matches!(message, Message::ConversationLost(_));
        assert_eq!(told.iter().any(is_lost), is_told, "{told:?}");
    }
}

#[test]
fn a_start_that_fails_says_why() {
    let up = json!({"protocolVersion": 1});
    let table = [
        (vec![json!({"protocolVersion": 2})], "version 2"),
        (vec![json!({"fault": "broken"})], "broken"),
        (
            vec![up.clone(), json!({"fault": "Authentication required"})],
            "Authentication required",
        ),
        (vec![up.clone(), json!({})], "names no session"),
        (vec![up, json!({"sessionId": "s"})], "no mode \"default\""),
    ];
    for (answers, expected) in table {
        let name = if expected.contains("mode") {
            "claude-agent-acp"
        } else {
            "acp"
        };
        let (_, told) = handshake(name, Mode::Default, wanted(new()), &answers);
        let Some(Message::HandshakeRefused(why)) = told.last() else {
            panic!("{answers:?}: {told:?}");
        };
        assert!(why.contains(expected), "{why}");
    }
}

/// Without the pinned settings this agent would ask for nothing.
#[test]
fn claude_agent_acp_is_pinned_before_its_first_prompt() {
    let modes = json!({"availableModes": [{"id": "default"}]});
    let answers = [
        json!({"protocolVersion": 1}),
        json!({"sessionId": "s", "modes": modes}),
        json!({}),
    ];
    let given = Wanted {
        system_prompt: "be brief".to_owned(),
        ..wanted(new())
    };
    let (requests, told) = handshake("claude-agent-acp", Mode::Bypass, given, &answers);
    assert_eq!(
        methods(&requests),
        ["initialize", "session/new", "session/set_mode"]
    );
    let params = &requests[1]["params"];
    let options = &params["_meta"]["claudeCode"]["options"];
    assert_eq!(options["settingSources"], json!(["user"]));
    assert!(
        options["managedSettings"]["permissions"]["ask"]
            .to_string()
            .contains("Bash")
    );
    assert!(options["settings"]["hooks"]["PreToolUse"].is_array());
    assert_eq!(params["systemPrompt"]["content"][0]["text"], "be brief");
    assert_eq!(requests[2]["params"]["modeId"], "default");
    assert!(matches!(told.last(), Some(Message::Ready)), "{told:?}");
}

#[test]
fn a_system_prompt_stands_before_the_first_prompt_where_there_is_no_other_place() {
    let given = Wanted {
        system_prompt: "be brief".to_owned(),
        ..wanted(new())
    };
    let mut protocol = new_protocol("acp", Mode::Default, given);
    protocol.write_handshake(&mut Vec::new());
    decoded(&mut protocol, answer(1, json!({"protocolVersion": 1})));
    decoded(&mut protocol, answer(2, json!({"sessionId": "s"})));
    for (turn, expected) in [(1, json!(["be brief", "hello"])), (2, json!(["hello"]))] {
        let mut out = Vec::new();
        protocol.write_prompt(TurnId(turn), "hello", &mut out);
        let blocks = written(&out)[0]["params"]["prompt"].clone();
        let texts = blocks
            .as_array()
            .unwrap()
            .iter()
            .map(|block| block["text"].clone());
        assert_eq!(texts.collect::<Value>(), expected);
        decoded(
            &mut protocol,
            answer(2 + turn, json!({"stopReason": "end_turn"})),
        );
    }
}

#[test]
fn a_model_is_set_in_the_way_the_agent_has_and_refused_where_it_has_none() {
    let option = json!({"id": "m", "category": "model", "currentValue": "a"});
    let table = [
        (
            json!({"sessionId": "s", "configOptions": [option]}),
            Some("session/set_config_option"),
        ),
        (
            json!({"sessionId": "s", "models": {"currentModelId": "a"}}),
            Some("session/set_model"),
        ),
        (json!({"sessionId": "s"}), None),
    ];
    for (session, expected) in table {
        let given = Wanted {
            model: Some("big".to_owned()),
            ..wanted(new())
        };
        let answers = [json!({"protocolVersion": 1}), session];
        let (requests, told) = handshake("acp", Mode::Default, given, &answers);
        assert_eq!(methods(&requests).get(2).copied(), expected);
        let is_refused = matches!(told.last(), Some(Message::HandshakeRefused(_)));
        assert_eq!(is_refused, expected.is_none());
    }
}

fn chunk(text: &str) -> String {
    let content = json!({"type": "text", "text": text});
    update(json!({"sessionUpdate": "agent_message_chunk", "content": content}))
}

#[test]
fn a_turn_is_the_one_whose_request_is_answered() {
    let mut protocol = ready("acp", Mode::Default);
    protocol.write_prompt(TurnId(5), "p", &mut Vec::new());
    let begun = listed(&decoded(&mut protocol, chunk("a")));
    assert_eq!(begun[1], "turn_started Some(TurnId(5))");
    assert!(decoded(&mut protocol, chunk("b")).is_empty());
    // An answer to nothing of ours ends nothing.
    let other = decoded(&mut protocol, answer(99, json!({"stopReason": "end_turn"})));
    assert!(
        matches!(&other[..], [Message::Event(EventKind::Raw(_))]),
        "{other:?}"
    );
    let ended = decoded(&mut protocol, answer(3, json!({"stopReason": "end_turn"})));
    assert_eq!(listed(&ended)[0], "answer \"ab\"");
    let Some(Message::TurnResult(result)) = ended.last() else {
        panic!("{ended:?}");
    };
    assert_eq!(result.origin, Origin::Turns(vec![TurnId(5)]));
    assert_eq!(result.text.as_deref(), Some("ab"));
    let again = decoded(&mut protocol, answer(3, json!({"stopReason": "end_turn"})));
    assert!(
        matches!(&again[..], [Message::Event(EventKind::Raw(_))]),
        "{again:?}"
    );
}

/// Without names of messages nothing else would tell the two apart.
#[test]
fn what_is_said_between_two_turns_is_no_part_of_the_next() {
    let mut protocol = ready("acp", Mode::Default);
    let stray = listed(&decoded(&mut protocol, chunk("stray")));
    assert_eq!(stray, ["answer \"stray\""]);
    protocol.write_prompt(TurnId(1), "p", &mut Vec::new());
    let ended = decoded(&mut protocol, answer(3, json!({"stopReason": "end_turn"})));
    let Some(Message::TurnResult(result)) = ended.last() else {
        panic!("{ended:?}");
    };
    assert_eq!(result.text, None);
}

#[test]
fn the_end_says_how_it_came() {
    let table = [
        (answer(3, json!({"stopReason": "end_turn"})), (false, false)),
        (answer(3, json!({"stopReason": "cancelled"})), (false, true)),
        (
            answer(3, json!({"stopReason": "max_tokens"})),
            (true, false),
        ),
        (answer(3, json!({"stopReason": "refusal"})), (true, false)),
        (answer(3, json!({})), (true, false)),
        (answer(3, json!(7)), (true, false)),
        (fault(3, "API Error: 400"), (true, false)),
    ];
    for (line, expected) in table {
        let mut protocol = ready("acp", Mode::Default);
        protocol.write_prompt(TurnId(1), "p", &mut Vec::new());
        let ended = decoded(&mut protocol, &line);
        let Some(Message::TurnResult(result)) = ended.last() else {
            panic!("{line}: {ended:?}");
        };
        assert_eq!((result.is_error, result.interrupted), expected, "{line}");
        assert_eq!(result.error.is_some(), expected != (false, false), "{line}");
    }
}

#[test]
fn what_an_agent_asks_that_is_not_served_is_told_and_answered() {
    let mut protocol = ready("acp", Mode::Default);
    let line = r#"{"jsonrpc":"2.0","id":"x","method":"fs/read_text_file","params":{}}"#;
    let messages = decoded(&mut protocol, line);
    assert!(matches!(&messages[0], Message::Event(EventKind::Raw(raw)) if raw == line));
    let reply = &replies(&messages)[0];
    assert_eq!(
        (&reply["id"], &reply["error"]["code"]),
        (&json!("x"), &json!(-32601))
    );
}

#[test]
fn half_a_character_loses_no_line() {
    let mut protocol = ready("acp", Mode::Default);
    protocol.write_prompt(TurnId(1), "p", &mut Vec::new());
    let line = chunk("x").replace("\"x\"", r#""a\ud83d""#);
    decoded(&mut protocol, line);
    let ended = decoded(&mut protocol, answer(3, json!({"stopReason": "end_turn"})));
    assert_eq!(listed(&ended)[0], "answer \"a\u{fffd}\"");
}

#[test]
fn words_of_another_session_are_no_answer() {
    let mut protocol = ready("acp", Mode::Default);
    protocol.write_prompt(TurnId(4), "p", &mut Vec::new());
    let chunk = |session: &str, text: &str| {
        let content = json!({"type": "text", "text": text});
        let update = json!({"sessionUpdate": "agent_message_chunk", "content": content});
        let params = json!({"sessionId": session, "update": update});
        json!({"jsonrpc": "2.0", "method": "session/update", "params": params}).to_string()
    };
    let told = decoded(&mut protocol, chunk("of-a-sub-agent", "OTHER"));
    assert!(
        listed(&told).iter().any(|line| line.starts_with("raw")),
        "{:?}",
        listed(&told)
    );
    decoded(&mut protocol, chunk("s", "own"));
    let request = protocol.peer.last();
    let told = decoded(
        &mut protocol,
        answer(request, json!({"stopReason": "end_turn"})),
    );
    assert!(listed(&told).contains(&"answer \"own\"".to_owned()));
}

#[test]
fn an_answer_may_name_its_request_by_a_text() {
    let mut protocol = ready("acp", Mode::Default);
    protocol.write_prompt(TurnId(4), "p", &mut Vec::new());
    let id = protocol.peer.last().to_string();
    let line =
        json!({"jsonrpc": "2.0", "id": id, "result": {"stopReason": "end_turn"}}).to_string();
    let told = listed(&decoded(&mut protocol, line));
    assert!(
        told.iter()
            .any(|line| line.starts_with("result error=false")),
        "{told:?}"
    );
}

/// Members that may be left out may be nothing as well.
#[test]
fn nothing_where_something_is_due_costs_no_turn() {
    for end in [
        json!(null),
        json!({"stopReason": null}),
        json!({"stopReason": "end_turn", "usage": null, "_meta": null}),
    ] {
        let mut protocol = ready("acp", Mode::Default);
        protocol.write_prompt(TurnId(4), "p", &mut Vec::new());
        for update in [
            json!(null),
            json!({"sessionUpdate": null}),
            json!({"sessionUpdate": "agent_message_chunk", "content": null}),
            json!({"sessionUpdate": "agent_message_chunk", "messageId": null, "content": {"type": "text", "text": "own"}}),
            json!({"sessionUpdate": "tool_call", "toolCallId": null}),
            json!({"sessionUpdate": "tool_call", "toolCallId": "c", "title": null, "kind": null, "status": null,
                "content": null, "locations": null, "rawInput": null, "rawOutput": null, "_meta": null}),
            json!({"sessionUpdate": "usage_update", "cost": null}),
            json!({"sessionUpdate": "available_commands_update", "availableCommands": null}),
        ] {
            let params = json!({"sessionId": "s", "update": update});
            decoded(
                &mut protocol,
                json!({"jsonrpc": "2.0", "method": "session/update", "params": params}).to_string(),
            );
        }
        let request = protocol.peer.last();
        let told = listed(&decoded(&mut protocol, answer(request, end)));
        assert!(
            told.iter().any(|line| line.starts_with("result ")),
            "{told:?}"
        );
    }
}
