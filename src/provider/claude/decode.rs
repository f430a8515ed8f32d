//! From a line to the file that knows its kind. Decides also what becomes of a line of unknown kind.

use serde::de::IgnoredAny;
use serde_json::from_str;

use super::line::{ConversationReset, LineKind, Read, Unknown};
use super::protocol::ClaudeProtocol;
use crate::event::EventKind;
use crate::message::Message;
use crate::notice::NoticeCode;
use crate::provider::json_line::JsonProtocol;

impl JsonProtocol for ClaudeProtocol {
    /// Most lines begin with their type, so that it is had without reading them twice. The results
    /// of 2.1.330 do not: any other line is tried as one of those first.
    fn read(&mut self, line: &str, messages: &mut Vec<Message>) -> Read {
        match leading_kind(line) {
            Some(kind) => self.read_as(kind, line, messages),
            None => self.result(line, messages).or_else(|Unknown| {
                let LineKind { r#type } = from_str(line)?;
                self.read_as(r#type.as_str(), line, messages)
            }),
        }
    }
}

impl ClaudeProtocol {
    fn read_as(&mut self, kind: &str, line: &str, messages: &mut Vec<Message>) -> Read {
        match kind {
            "assistant" => self.assistant(line, messages),
            "stream_event" => self.stream_event(line, messages),
            "user" => self.user(line, messages),
            "result" => self.result(line, messages),
            "system" => self.system(line, messages),
            "command_lifecycle" => self.command_lifecycle(line, messages),
            "control_request" => self.control_request(line, messages),
            "control_response" => self.control_response(line, messages),
            "control_cancel_request" => self.control_cancel_request(line, messages),
            "conversation_reset" => conversation_reset(line, messages),
            // Tells that the process lives, which its other output tells as well.
            "keep_alive" => Ok(from_str::<IgnoredAny>(line).map(drop)?),
            _ => Err(Unknown),
        }
    }
}

fn conversation_reset(line: &str, messages: &mut Vec<Message>) -> Read {
    let reset: ConversationReset = from_str(line)?;
    let why = reset
        .trigger
        .map_or(String::new(), |trigger| format!(" ({})", trigger.as_str()));
    let text = format!("the agent forgot the conversation and began another{why}");
    messages.push(Message::Event(EventKind::info(
        NoticeCode::ConversationReset,
        text,
    )));
    Ok(())
}

/// The type of a line that begins with it. An escape in it makes a name that is not ours either
/// way.
fn leading_kind(line: &str) -> Option<&str> {
    let rest = line.strip_prefix(r#"{"type":""#)?;
    rest.split_once('"').map(|(kind, _)| kind)
}
