//! What the engine is told for what Claude Code says, and what Claude Code is told.

mod broken_lines;
mod golden;
mod launch;
mod lost_lines;
mod protocol;
mod results;

use serde_json::Value;

use super::protocol::ClaudeProtocol;
use crate::message::{Message, TurnResult};
use crate::provider::Protocol;
use crate::provider::lines::LineProtocol;
use crate::provider::listing::listed;

/// A protocol whose handshake is on its way, as every process's is.
fn started() -> ClaudeProtocol {
    let mut protocol = ClaudeProtocol::new(1 << 24);
    protocol.write_handshake(&mut Vec::new());
    protocol
}

fn decoded(protocol: &mut ClaudeProtocol, line: impl AsRef<[u8]>) -> Vec<Message> {
    let mut messages = Vec::new();
    protocol.decode(line.as_ref(), &mut messages);
    messages
}

/// The only event of a line, by kind and text.
fn only_event(line: impl AsRef<[u8]>) -> (&'static str, String) {
    match decoded(&mut started(), line).as_slice() {
        [Message::Event(kind)] => (kind.as_str(), kind.text().unwrap_or_default().to_owned()),
        other => panic!("not one event: {other:?}"),
    }
}

fn only_result(protocol: &mut ClaudeProtocol, line: &str) -> TurnResult {
    match decoded(protocol, line).pop() {
        Some(Message::TurnResult(result)) => *result,
        other => panic!("not a result: {other:?}"),
    }
}

/// What was written, as JSON; fails unless it is exactly one line.
fn one_line(written: &[u8]) -> Value {
    let text = std::str::from_utf8(written).unwrap();
    let line = text.strip_suffix('\n').unwrap();
    assert!(!line.contains('\n'), "more than one line: {line}");
    serde_json::from_str(line).unwrap()
}
