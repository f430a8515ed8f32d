//! The answer to one request, in the words of Google's Generative Language protocol.

use std::io;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::http::Connection;
use super::script::{Block, Plan};

/// True if a request to this path is one of this protocol.
pub(super) fn is_path(path: &str) -> bool {
    path.ends_with(":generateContent") || path.ends_with(":streamGenerateContent")
}

pub(super) fn write(connection: &mut Connection, path: &str, body: &[u8]) -> io::Result<()> {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let plan = Plan::read_gemini(&request);
    if let Some(status) = plan.status {
        let message = format!("the model server was told to say {status}");
        let error = json!({ "error": { "code": status, "message": message, "status": "TOLD" } });
        return connection.answer(status, &error.to_string());
    }
    thread::park_timeout(plan.delay);
    let parts: Vec<_> = plan.blocks.iter().flat_map(parts).collect();
    if !path.ends_with(":streamGenerateContent") {
        let parts = parts.into_iter().map(|(part, _)| part).collect();
        return connection.answer(200, &response(parts, true).to_string());
    }
    connection.open_events()?;
    for (number, (part, pause)) in parts.iter().enumerate() {
        thread::park_timeout(*pause);
        let is_last = number + 1 == parts.len();
        let event = response(vec![part.clone()], is_last);
        connection.event("", &event.to_string())?;
    }
    connection.close_events()
}

/// What is sent one after the other, with the pause before each.
fn parts(block: &Block) -> Vec<(Value, Duration)> {
    match block {
        Block::Thinking(words) => {
            vec![(json!({ "text": words, "thought": true }), Duration::ZERO)]
        }
        Block::Text { pieces, pause } => {
            let pieces = pieces.iter();
            pieces
                .map(|text| (json!({ "text": text }), *pause))
                .collect()
        }
        Block::ToolUse { name, input } => {
            let call = json!({ "functionCall": { "name": name, "args": input } });
            vec![(call, Duration::ZERO)]
        }
    }
}

fn response(parts: Vec<Value>, is_last: bool) -> Value {
    let mut candidate = json!({ "content": { "role": "model", "parts": parts }, "index": 0 });
    if is_last {
        candidate["finishReason"] = json!("STOP");
    }
    json!({
        "candidates": [candidate], "modelVersion": "told", "responseId": "told",
        "usageMetadata": {
            "promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15,
        },
    })
}
