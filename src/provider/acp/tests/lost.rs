//! Messages that nobody can read, where somebody waits for what they say.

use serde_json::{Value, json};

use super::{decoded, new_protocol, ready, wanted, written};
use crate::event::TurnId;
use crate::message::{Conversation, Message, TurnResult};
use crate::provider::Protocol;
use crate::provider::acp::protocol::AcpProtocol;
use crate::provider::permission::Mode;

fn at_work() -> AcpProtocol {
    let mut protocol = ready("acp", Mode::Default);
    protocol.write_prompt(TurnId(1), "p", &mut Vec::new());
    protocol
}

fn result(messages: Vec<Message>) -> Option<TurnResult> {
    messages.into_iter().find_map(|message| match message {
        Message::TurnResult(result) => Some(*result),
        _ => None,
    })
}

fn replies(messages: &[Message]) -> Vec<Value> {
    let replies = messages.iter().filter_map(|message| match message {
        Message::Reply(bytes) => Some(written(bytes)),
        _ => None,
    });
    replies.flatten().collect()
}

#[test]
fn an_end_of_a_turn_that_is_cut_is_one_that_failed_and_of_no_other() {
    let prompt = at_work().peer.last();
    let table = [
        (
            format!(r#"{{"jsonrpc":"2.0","id":{prompt},"result":{{"x":"a"#),
            true,
        ),
        (
            format!(r#"{{"result":{{"stopReason":"end_turn"}},"id":{prompt},"x":"a"#),
            true,
        ),
        (format!(r#"{{"id":"{prompt}","error":{{"x":"a"#), true),
        (format!(r#"{{"id":{},"result":{{"x":"a"#, prompt + 1), false),
        (format!(r#"{{"id":{},"result":{{"x":"a"#, prompt - 1), false),
        // A request of the agent's may have the same name.
        (
            format!(r#"{{"id":{prompt},"method":"x","result":{{"x":"a"#),
            false,
        ),
        (format!(r#"{{"id":{prompt},"x":"a"#), false),
        (format!(r#"{{"result":{{"x":"a","id":{prompt}"#), false),
    ];
    for (line, is_end) in table {
        let ended = result(decoded(&mut at_work(), &line));
        assert_eq!(ended.is_some(), is_end, "{line}");
        if let Some(ended) = ended {
            assert!(ended.is_error, "{line}");
            assert!(ended.error.unwrap().contains("cannot be read"), "{line}");
        }
    }
}

#[test]
fn an_end_is_read_whatever_else_stands_in_it() {
    for end in [
        r#"{"jsonrpc":7,"id":ID,"result":{"stopReason":"end_turn","usage":"x","_meta":[]}}"#,
        r#"{"id":0,"id":ID,"result":{"stopReason":"x","stopReason":"end_turn"}}"#,
        r#"{"id":ID.0,"result":{"stopReason":"end_turn","x":"\ud83d"}}"#,
        r#"{"method":null,"id":"ID","error":null,"result":{"stopReason":"end_turn"}}"#,
    ] {
        let mut protocol = at_work();
        let line = end.replace("ID", &protocol.peer.last().to_string());
        let ended = result(decoded(&mut protocol, &line)).expect("it is over");
        assert_eq!(ended.error, None, "{line}");
    }
}

#[test]
fn a_question_that_cannot_be_read_is_denied_or_ends_the_process() {
    let head = r#""method":"session/request_permission","params":{"x":"a"#;
    let messages = decoded(&mut at_work(), format!(r#"{{"id":"q",{head}"#));
    let void = json!({"outcome": {"outcome": "cancelled"}});
    assert_eq!(
        replies(&messages),
        [json!({"jsonrpc": "2.0", "id": "q", "result": void})]
    );
    let messages = decoded(&mut at_work(), format!("{{{head}"));
    assert!(
        matches!(messages.last(), Some(Message::ProtocolFailed(_))),
        "{messages:?}"
    );
    let messages = decoded(
        &mut at_work(),
        r#"{"id":9,"method":"fs/read","params":{"x":"a"#,
    );
    assert_eq!(
        replies(&messages)[0]["error"]["code"],
        -32601,
        "{messages:?}"
    );
    let messages = decoded(
        &mut at_work(),
        r#"{"method":"session/update","params":{"x":"a"#,
    );
    assert_eq!(messages.len(), 1, "{messages:?}");
}

#[test]
fn an_answer_of_the_handshake_that_cannot_be_read_ends_the_start() {
    let new = wanted(Conversation::New("n".to_owned()));
    let mut protocol = new_protocol("acp", Mode::Default, new);
    protocol.write_handshake(&mut Vec::new());
    let messages = decoded(&mut protocol, r#"{"id":1,"result":{"x":"a"#);
    assert!(
        matches!(messages.last(), Some(Message::HandshakeRefused(_))),
        "{messages:?}"
    );
}
