//! The answer to one request, in the words of the Anthropic Messages protocol.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use serde_json::{Value, json};

use super::http::{Connection, Request};
use super::script::{Block, Plan};

pub(crate) fn write(connection: &mut Connection, request: &Request) -> io::Result<()> {
    match (request.method.as_str(), request.path.as_str()) {
        ("HEAD", _) => connection.answer_head(),
        ("POST", "/v1/messages/count_tokens") => connection.answer(200, r#"{"input_tokens":10}"#),
        ("POST", "/v1/messages") => write_message(connection, &request.body),
        ("POST", "/v1/responses") => super::responses::write(connection, &request.body),
        ("POST", path) if super::gemini::is_path(path) => {
            super::gemini::write(connection, path, &request.body)
        }
        ("POST", _) => connection.answer(404, &error("not_found_error", 404)),
        _ => connection.answer(200, "{}"),
    }
}

fn write_message(connection: &mut Connection, body: &[u8]) -> io::Result<()> {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let plan = Plan::read(&request);
    if let Some(status) = plan.status {
        return connection.answer(status, &error(error_kind(status), status));
    }
    // A slow model is what the script asks for; nothing waits here for anything to happen.
    thread::park_timeout(plan.delay);
    let model = request["model"].clone();
    if request["stream"] == true {
        stream(connection, &model, &plan)
    } else {
        let content = plan.blocks.iter().map(Block::whole).collect::<Vec<_>>();
        let stop = stop_reason(&plan);
        connection.answer(
            200,
            &message(&model, &json!(content), &json!(stop)).to_string(),
        )
    }
}

fn stream(connection: &mut Connection, model: &Value, plan: &Plan) -> io::Result<()> {
    connection.open_events()?;
    let opening = message(model, &json!([]), &Value::Null);
    send(
        connection,
        &json!({ "type": "message_start", "message": opening }),
    )?;
    for (index, block) in plan.blocks.iter().enumerate() {
        let start = json!({ "type": "content_block_start", "index": index, "content_block": block.empty() });
        send(connection, &start)?;
        block.stream(connection, index)?;
        send(
            connection,
            &json!({ "type": "content_block_stop", "index": index }),
        )?;
    }
    let stop = json!({ "stop_reason": stop_reason(plan), "stop_sequence": null });
    let usage = json!({ "output_tokens": 5 });
    send(
        connection,
        &json!({ "type": "message_delta", "delta": stop, "usage": usage }),
    )?;
    send(connection, &json!({ "type": "message_stop" }))?;
    connection.close_events()
}

impl Block {
    fn empty(&self) -> Value {
        match self {
            Block::Thinking(_) => json!({ "type": "thinking", "thinking": "", "signature": "" }),
            Block::Text { .. } => json!({ "type": "text", "text": "" }),
            Block::ToolUse { name, .. } => {
                json!({ "type": "tool_use", "id": new_id("toolu"), "name": name, "input": {} })
            }
        }
    }

    fn whole(&self) -> Value {
        match self {
            Block::Thinking(words) => {
                json!({ "type": "thinking", "thinking": words, "signature": "c2ln" })
            }
            Block::Text { pieces, .. } => json!({ "type": "text", "text": pieces.concat() }),
            Block::ToolUse { name, input } => {
                json!({ "type": "tool_use", "id": new_id("toolu"), "name": name, "input": input })
            }
        }
    }

    fn stream(&self, connection: &mut Connection, index: usize) -> io::Result<()> {
        let mut delta = |delta: Value| {
            let event = json!({ "type": "content_block_delta", "index": index, "delta": delta });
            send(connection, &event)
        };
        match self {
            Block::Thinking(words) => {
                delta(json!({ "type": "thinking_delta", "thinking": words }))?;
                delta(json!({ "type": "signature_delta", "signature": "c2ln" }))
            }
            Block::Text { pieces, pause } => pieces.iter().try_for_each(|piece| {
                thread::park_timeout(*pause);
                delta(json!({ "type": "text_delta", "text": piece }))
            }),
            Block::ToolUse { input, .. } => {
                delta(json!({ "type": "input_json_delta", "partial_json": input.to_string() }))
            }
        }
    }
}

fn message(model: &Value, content: &Value, stop_reason: &Value) -> Value {
    json!({
        "id": new_id("msg"), "type": "message", "role": "assistant", "model": model,
        "content": content, "stop_reason": stop_reason, "stop_sequence": null,
        "usage": {
            "input_tokens": 10, "output_tokens": 1,
            "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
        },
    })
}

fn stop_reason(plan: &Plan) -> &'static str {
    let calls_tool = |block: &Block| matches!(block, Block::ToolUse { .. });
    if plan.blocks.iter().any(calls_tool) {
        "tool_use"
    } else {
        "end_turn"
    }
}

fn send(connection: &mut Connection, event: &Value) -> io::Result<()> {
    let name = event["type"].as_str().unwrap_or_default();
    connection.event(name, &event.to_string())
}

fn error(kind: &str, status: u16) -> String {
    let message = format!("the model server was told to say {status}");
    json!({ "type": "error", "error": { "type": kind, "message": message } }).to_string()
}

fn error_kind(status: u16) -> &'static str {
    match status {
        400 => "invalid_request_error",
        401 => "authentication_error",
        429 => "rate_limit_error",
        529 => "overloaded_error",
        _ => "api_error",
    }
}

pub(super) fn new_id(kind: &str) -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(1);
    format!("{kind}_{:020x}", COUNTER.fetch_add(1, Ordering::Relaxed))
}
