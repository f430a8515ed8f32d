//! What the stand-in says: thoughts, answers and their deltas, long and many.

use std::time::{Duration, Instant};

use crate::agent::{Agent, Wake};
use crate::output::{Output, escape};
use crate::turn::{Step, Turn, WHILE_STREAMING};

/// One finished answer.
pub(crate) fn answer(agent: &mut Agent, turn: &mut Turn, text: &str) {
    let escaped = escape(text);
    if agent.command_line.partial_messages {
        agent.output.deltas_of("text", "text", &[&escaped]);
    }
    let block = [r#"{"type":"text","text":""#, &escaped, "\"}"];
    agent.output.assistant(&block, "");
    text.clone_into(&mut turn.answer);
}

/// One finished thought.
pub(crate) fn thought(agent: &mut Agent, text: &str) {
    let escaped = escape(text);
    if agent.command_line.partial_messages {
        agent.output.deltas_of("thinking", "thinking", &[&escaped]);
    }
    let head = r#"{"type":"thinking","thinking":""#;
    let block = [head, &escaped, r#"","signature":"c2ln"}"#];
    agent.output.assistant(&block, "");
}

/// N answers of so many bytes each, with a pause before each of them.
pub(crate) fn stream(agent: &mut Agent, turn: &mut Turn, rest: &str) -> Step {
    let [count, bytes, pause] = numbers(rest);
    let text = filler(bytes);
    for _ in 0..count {
        pause_for(agent, pause)?;
        answer(agent, turn, &text);
    }
    Ok(())
}

/// N answers of so many bytes each, as fast as they are taken.
pub(crate) fn flood(agent: &mut Agent, turn: &mut Turn, rest: &str) -> Step {
    let [count, bytes, _] = numbers(rest);
    let text = filler(bytes);
    let block = [r#"{"type":"text","text":""#, text.as_str(), "\"}"];
    for number in 0..count {
        if number % 64 == 0 && agent.is_interrupted() {
            return Err(WHILE_STREAMING);
        }
        agent.output.assistant(&block, "");
    }
    turn.answer = text;
    Ok(())
}

/// One answer in deltas; interrupted, it ends with what was said so far.
pub(crate) fn deltas(agent: &mut Agent, turn: &mut Turn, rest: &str) -> Step {
    let [count, pause, _] = numbers(rest);
    let partial = agent.command_line.partial_messages;
    let mut text = String::new();
    if partial {
        agent.output.open_block("text");
    }
    for number in 0..count {
        if pause_for(agent, pause).is_err() {
            // 2.0.76 keeps what was said so far to itself.
            if agent.habits.lifecycle {
                let block = [r#"{"type":"text","text":""#, &text, "\"}"];
                agent.output.assistant(&block, r#","aborted":true"#);
            }
            return Err(WHILE_STREAMING);
        }
        let word = format!("w{number} ");
        if partial {
            agent.output.delta("text", "text", &[&word]);
        }
        text.push_str(&word);
    }
    let block = [r#"{"type":"text","text":""#, &text, "\"}"];
    agent.output.assistant(&block, "");
    if partial {
        agent.output.close_block();
    }
    turn.answer = text;
    Ok(())
}

/// Works for so many milliseconds.
pub(crate) fn pause_for(agent: &mut Agent, milliseconds: usize) -> Step {
    let until = Instant::now() + Duration::from_millis(milliseconds as u64);
    wait_or_cut(agent, Some(until))
}

/// Works until then, or for ever, unless interrupted.
pub(crate) fn wait_or_cut(agent: &mut Agent, until: Option<Instant>) -> Step {
    loop {
        match agent.wait(until) {
            Wake::TimeUp => return Ok(()),
            Wake::Interrupted => return Err(WHILE_STREAMING),
            Wake::Answer(_) | Wake::ToolEnded { .. } | Wake::InputEnded => {}
        }
    }
}

/// The first three numbers; those not given are 0.
pub(crate) fn numbers(rest: &str) -> [usize; 3] {
    let mut words = rest.split_whitespace();
    [0; 3].map(|_| words.next().and_then(|word| word.parse().ok()).unwrap_or(0))
}

/// So many bytes of text that is cheap to look at: the alphabet again and again.
pub(crate) fn filler(bytes: usize) -> String {
    let alphabet = "abcdefghijklmnopqrstuvwxyz";
    let mut text = alphabet.repeat(bytes.div_ceil(alphabet.len()));
    text.truncate(bytes);
    text
}

impl Output {
    /// All that partial messages add to one finished block.
    pub(crate) fn deltas_of(&mut self, kind: &str, member: &str, escaped: &[&str]) {
        self.open_block(kind);
        self.delta(kind, member, escaped);
        self.close_block();
    }

    pub(crate) fn open_block(&mut self, kind: &str) {
        self.stream_event(&[r#"{"type":"message_start","message":{"type":"message","role":"assistant","content":[]}}"#]);
        let head = r#"{"type":"content_block_start","index":0,"content_block":{"type":""#;
        self.stream_event(&[head, kind, "\"}}"]);
    }

    pub(crate) fn delta(&mut self, kind: &str, member: &str, escaped: &[&str]) {
        let head = r#"{"type":"content_block_delta","index":0,"delta":{"type":""#;
        self.push(&[STREAM_EVENT, head, kind, "_delta\",\"", member, "\":\""]);
        self.push(escaped);
        self.push(&["\"}}", NO_PARENT]);
        self.sign("");
    }

    pub(crate) fn close_block(&mut self) {
        self.stream_event(&[r#"{"type":"content_block_stop","index":0}"#]);
        self.stream_event(&[r#"{"type":"message_stop"}"#]);
    }

    fn stream_event(&mut self, event: &[&str]) {
        self.push(&[STREAM_EVENT]);
        self.push(event);
        self.push(&[NO_PARENT]);
        self.sign("");
    }
}

const STREAM_EVENT: &str = r#"{"type":"stream_event","event":"#;
const NO_PARENT: &str = r#","parent_tool_use_id":null,"#;
