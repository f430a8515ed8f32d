//! The answer to one request, in the words of the OpenAI Responses protocol.

use std::io;
use std::thread;

use serde_json::{Value, json};

use super::http::Connection;
use super::reply::new_id;
use super::script::{Block, Plan};

pub(super) fn write(connection: &mut Connection, body: &[u8]) -> io::Result<()> {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let plan = Plan::read_responses(&request);
    if let Some(status) = plan.status {
        let message = format!("the model server was told to say {status}");
        let error = json!({ "error": { "type": "error", "code": "told", "message": message } });
        return connection.answer(status, &error.to_string());
    }
    thread::park_timeout(plan.delay);
    let model = &request["model"];
    let items: Vec<Value> = plan.blocks.iter().map(item).collect();
    connection.open_events()?;
    let started = response(model, "in_progress", &[]);
    send(
        connection,
        &json!({ "type": "response.created", "response": started }),
    )?;
    for (index, (block, item)) in plan.blocks.iter().zip(&items).enumerate() {
        pieces(connection, index, block, item)?;
        let done =
            json!({ "type": "response.output_item.done", "output_index": index, "item": item });
        send(connection, &done)?;
    }
    let completed = response(model, "completed", &items);
    send(
        connection,
        &json!({ "type": "response.completed", "response": completed }),
    )?;
    connection.close_events()
}

fn pieces(
    connection: &mut Connection,
    index: usize,
    block: &Block,
    item: &Value,
) -> io::Result<()> {
    let (empty, event, part, texts, pause) = match block {
        Block::Text { pieces, pause } => (
            json!({ "content": [], "status": "in_progress" }),
            "response.output_text.delta",
            "content_index",
            pieces.clone(),
            *pause,
        ),
        Block::Thinking(words) => (
            json!({ "summary": [] }),
            "response.reasoning_summary_text.delta",
            "summary_index",
            vec![words.clone()],
            std::time::Duration::ZERO,
        ),
        Block::ToolUse { .. } => return Ok(()),
    };
    let mut added = item.clone();
    for (name, value) in empty.as_object().into_iter().flatten() {
        added[name] = value.clone();
    }
    let added =
        json!({ "type": "response.output_item.added", "output_index": index, "item": added });
    send(connection, &added)?;
    for text in texts {
        thread::park_timeout(pause);
        let mut delta =
            json!({ "type": event, "item_id": item["id"], "output_index": index, "delta": text });
        delta[part] = json!(0);
        send(connection, &delta)?;
    }
    Ok(())
}

fn item(block: &Block) -> Value {
    match block {
        Block::Thinking(words) => json!({
            "type": "reasoning", "id": new_id("rs"),
            "summary": [{ "type": "summary_text", "text": words }], "encrypted_content": null,
        }),
        Block::Text { pieces, .. } => json!({
            "type": "message", "role": "assistant", "id": new_id("msg"), "status": "completed",
            "content": [{ "type": "output_text", "text": pieces.concat(), "annotations": [] }],
        }),
        Block::ToolUse { name, input } if input.is_string() => called(
            name,
            json!({
                "type": "custom_tool_call", "id": new_id("ctc"), "call_id": new_id("call"),
                "input": input, "status": "completed",
            }),
        ),
        Block::ToolUse { name, input } => called(
            name,
            json!({
                "type": "function_call", "id": new_id("fc"), "call_id": new_id("call"),
                "arguments": input.to_string(), "status": "completed",
            }),
        ),
    }
}

/// A call of `NAME`, or of `NAMESPACE/NAME`.
fn called(name: &str, mut call: Value) -> Value {
    let (namespace, name) = match name.split_once('/') {
        Some((namespace, name)) => (json!(namespace), name),
        None => (Value::Null, name),
    };
    call["name"] = json!(name);
    if namespace != Value::Null {
        call["namespace"] = namespace;
    }
    call
}

fn response(model: &Value, status: &str, output: &[Value]) -> Value {
    json!({
        "id": new_id("resp"), "object": "response", "created_at": 0, "status": status,
        "model": model, "output": output,
        "usage": {
            "input_tokens": 10, "input_tokens_details": { "cached_tokens": 0 },
            "output_tokens": 5, "output_tokens_details": { "reasoning_tokens": 0 }, "total_tokens": 15,
        },
    })
}

fn send(connection: &mut Connection, event: &Value) -> io::Result<()> {
    let name = event["type"].as_str().unwrap_or_default();
    connection.event(name, &event.to_string())
}
