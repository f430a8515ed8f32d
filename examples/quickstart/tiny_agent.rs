//! The agent that the quickstart carries in itself, for machines without a usable `claude`.
//!
//! It speaks the least of Claude Code's stream-json that makes a conversation: the handshake, and
//! per prompt one `system/init`, the answer in pieces and as a whole, and a `result`. It is not a
//! model: the answers are made up from what it was asked. Runs as a process of its own.

use std::io::{BufRead, Result, Write, stdin, stdout};
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

/// What a start takes. Real agents need from half a second to five.
pub(crate) const BOOT: Duration = Duration::from_millis(600);

/// Between two words, so that streaming is seen.
const PER_WORD: Duration = Duration::from_millis(8);

/// Serves prompts until stdin ends.
pub(crate) fn serve() -> Result<()> {
    sleep(BOOT);
    let mut earlier: Vec<String> = Vec::new();
    for line in stdin().lock().lines() {
        let Ok(message) = serde_json::from_str::<Value>(&line?) else {
            continue;
        };
        match message["type"].as_str() {
            Some("control_request") => confirm(&message["request_id"])?,
            Some("user") => answer(prompt_of(&message), &mut earlier)?,
            _ => {}
        }
    }
    Ok(())
}

fn prompt_of(message: &Value) -> String {
    let text = &message["message"]["content"][0]["text"];
    text.as_str().unwrap_or_default().to_owned()
}

fn confirm(request_id: &Value) -> Result<()> {
    say(json!({
        "type": "control_response",
        "response": {"subtype": "success", "request_id": request_id, "response": {}},
    }))
}

fn answer(prompt: String, earlier: &mut Vec<String>) -> Result<()> {
    say(json!({
        "type": "system", "subtype": "init", "session_id": conversation(),
        "model": "none", "tools": [],
    }))?;
    let answer = compose(&prompt, earlier);
    for word in answer.split_inclusive(' ') {
        sleep(PER_WORD);
        let delta = json!({"type": "text_delta", "text": word});
        say(json!({
            "type": "stream_event",
            "event": {"type": "content_block_delta", "index": 0, "delta": delta},
        }))?;
    }
    let content = json!([{"type": "text", "text": answer}]);
    say(json!({"type": "assistant", "message": {"role": "assistant", "content": content}}))?;
    earlier.push(prompt);
    say(json!({
        "type": "result", "subtype": "success", "is_error": false, "result": answer,
        "total_cost_usd": 0.0, "usage": {"input_tokens": 0, "output_tokens": 0},
    }))
}

/// Shows that the process remembers, and which process it is.
fn compose(prompt: &str, earlier: &[String]) -> String {
    let process = std::process::id();
    let count = earlier.len() + 1;
    match earlier.last() {
        None => format!("Process {process} here. You said: {prompt}"),
        Some(before) => {
            format!("Still process {process}, prompt {count}. Before this you said: {before}")
        }
    }
}

/// The name that the engine gave this conversation.
fn conversation() -> String {
    let names_it = |argument: &String| argument == "--session-id" || argument == "--resume";
    let mut arguments = std::env::args().skip_while(|argument| !names_it(argument));
    arguments.nth(1).unwrap_or_default()
}

fn say(message: Value) -> Result<()> {
    let mut stdout = stdout().lock();
    writeln!(stdout, "{message}")?;
    stdout.flush()
}
