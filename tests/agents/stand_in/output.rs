//! Stdout: the lines of Claude Code's stream-json, gathered and written together.
//!
//! The lines have the members, the order and about the length of those of Claude Code 2.1.330,
//! where `type` does not come first in a `result`. What never changes is put together once; a line
//! is then a few copies into one buffer.

use std::io::{StdoutLock, Write};

/// Beyond this the buffer is written though the turn goes on.
const WRITE_AT: usize = 64 * 1024;

pub(crate) struct Output {
    stdout: StdoutLock<'static>,
    pub(crate) buffer: Vec<u8>,
    init: String,
    assistant: String,
    after_content: String,
    /// `"session_id":"..","uuid":"<pid>-`, with which most lines end but for the counter.
    signature: String,
    model: String,
    lines: u64,
    totals: Totals,
}

/// What Claude Code counts over the whole process.
#[derive(Default)]
struct Totals {
    results: u64,
    /// Good turns, each worth 10 tokens in, 5 out and 0.00014 dollars.
    turns: u64,
}

/// How a `result` reads.
pub(crate) struct Ending<'a> {
    pub(crate) subtype: &'a str,
    pub(crate) is_error: bool,
    /// `None` in versions that do not say.
    pub(crate) terminal_reason: Option<&'a str>,
    pub(crate) status: Option<u16>,
    /// Pieces of the closing text, already escaped as JSON.
    pub(crate) escaped: &'a [&'a str],
    /// Members that tell whose it is, with the comma before them.
    pub(crate) whose: &'a str,
}

impl Ending<'_> {
    pub(crate) fn good<'a>(escaped: &'a [&'a str]) -> Ending<'a> {
        Ending {
            subtype: "success",
            is_error: false,
            terminal_reason: Some("completed"),
            status: None,
            escaped,
            whose: "",
        }
    }
}

impl Output {
    pub(crate) fn new(session: &str, model: &str, init: String) -> Output {
        let model_json = escape(model);
        let signature = signature(session);
        Output {
            stdout: std::io::stdout().lock(),
            buffer: Vec::with_capacity(WRITE_AT),
            init,
            assistant: format!(
                r#"","type":"message","role":"assistant","model":"{model_json}","content":["#
            ),
            after_content: r#"],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":1}},"parent_tool_use_id":null,"#.to_owned(),
            signature,
            model: model_json,
            lines: 0,
            totals: Totals::default(),
        }
    }

    /// Goes over to another conversation.
    pub(crate) fn serve(&mut self, session: &str) {
        self.signature = signature(session);
    }

    /// Appends pieces as they are.
    pub(crate) fn push(&mut self, pieces: &[&str]) {
        for piece in pieces {
            self.buffer.extend_from_slice(piece.as_bytes());
        }
    }

    /// Ends a line with the session, an identity of its own, and whatever follows in the object.
    pub(crate) fn sign(&mut self, rest: &str) {
        self.lines += 1;
        self.buffer.extend_from_slice(self.signature.as_bytes());
        push_hexadecimal(&mut self.buffer, self.lines);
        self.push(&["\"", rest, "}\n"]);
    }

    /// The line that opens every turn.
    pub(crate) fn init(&mut self) {
        self.buffer.extend_from_slice(self.init.as_bytes());
        self.sign("");
    }

    /// `command_lifecycle`, which tells what became of a prompt.
    pub(crate) fn lifecycle(&mut self, identity: &str, state: &str) {
        let head = r#"{"type":"command_lifecycle","command_uuid":""#;
        self.push(&[head, identity, r#"","state":""#, state, "\","]);
        self.sign("");
    }

    /// An `assistant` line with one content block, given as pieces of JSON.
    pub(crate) fn assistant(&mut self, block: &[&str], rest: &str) {
        self.push(&[r#"{"type":"assistant","message":{"id":"msg_"#]);
        push_hexadecimal(&mut self.buffer, self.lines);
        self.buffer.extend_from_slice(self.assistant.as_bytes());
        self.push(block);
        self.buffer.extend_from_slice(self.after_content.as_bytes());
        self.sign(rest);
        if self.buffer.len() >= WRITE_AT {
            self.flush();
        }
    }

    /// A `user` line with one content block, given as JSON.
    pub(crate) fn user(&mut self, block: &str) {
        let head = r#"{"type":"user","message":{"role":"user","content":["#;
        self.push(&[head, block, r#"]},"parent_tool_use_id":null,"#]);
        self.sign("");
    }

    /// The `result` line. A turn that ended well costs; any other is free of charge.
    pub(crate) fn result(&mut self, ending: &Ending<'_>) {
        let good = !ending.is_error && ending.subtype == "success";
        self.totals.turns += u64::from(good);
        let (turns, results) = (self.totals.turns, self.totals.results);
        self.totals.results += 1;
        self.push(&[r#"{"duration_api_ms":"#]);
        push_decimal(&mut self.buffer, turns);
        self.push(&[r#","stop_reason":"end_turn","total_cost_usd":"#]);
        push_cost(&mut self.buffer, turns);
        self.push(&[if good { GOOD_USAGE } else { NO_USAGE }]);
        self.model_usage(turns);
        self.push(&[r#"},"permission_denials":[]"#]);
        self.verdict(ending);
        self.push(&[r#","queued_turn_count":0,"result_index":"#]);
        push_decimal(&mut self.buffer, results);
        self.push(&[ending.whose, ","]);
        self.sign("");
    }

    fn model_usage(&mut self, turns: u64) {
        self.push(&[r#","modelUsage":{"#]);
        if turns == 0 {
            return;
        }
        self.push(&["\""]);
        self.buffer.extend_from_slice(self.model.as_bytes());
        self.push(&[r#"":{"inputTokens":"#]);
        push_decimal(&mut self.buffer, 10 * turns);
        self.push(&[r#","outputTokens":"#]);
        push_decimal(&mut self.buffer, 5 * turns);
        self.push(&[r#","cacheReadInputTokens":0,"cacheCreationInputTokens":0,"costUSD":"#]);
        push_cost(&mut self.buffer, turns);
        self.push(&[r#","contextWindow":200000}"#]);
    }

    fn verdict(&mut self, ending: &Ending<'_>) {
        if let Some(reason) = ending.terminal_reason {
            self.push(&[r#","terminal_reason":""#, reason, "\""]);
        }
        if let Some(status) = ending.status {
            self.push(&[r#","api_error_status":"#, &status.to_string()]);
        }
        self.push(&[
            r#","is_error":"#,
            if ending.is_error { "true" } else { "false" },
        ]);
        self.push(&[
            r#","num_turns":1,"subtype":""#,
            ending.subtype,
            r#"","result":""#,
        ]);
        self.push(ending.escaped);
        self.push(&[r#"","type":"result","duration_ms":1"#]);
    }

    /// The answer to a control request; `response` is JSON.
    pub(crate) fn control_success(&mut self, request_id: &str, response: Option<&str>) {
        let id = escape(request_id);
        let head = r#"{"type":"control_response","response":{"subtype":"success","request_id":""#;
        match response {
            Some(response) => self.push(&[head, &id, r#"","response":"#, response, "}}\n"]),
            None => self.push(&[head, &id, "\"}}\n"]),
        }
    }

    pub(crate) fn control_error(&mut self, request_id: &str, error: &str) {
        let head = r#"{"type":"control_response","response":{"subtype":"error","request_id":""#;
        let (id, error) = (escape(request_id), escape(error));
        self.push(&[head, &id, r#"","error":""#, &error, "\"}}\n"]);
    }

    /// Takes a question back that was asked of the client.
    pub(crate) fn withdrawal(&mut self, request_id: &str) {
        let head = r#"{"type":"control_cancel_request","request_id":""#;
        self.push(&[head, request_id, "\"}\n"]);
    }

    /// The `result` of a process that gives up before its first turn.
    pub(crate) fn refused(&mut self, error: &str) {
        let head = r#"{"type":"result","subtype":"error_during_execution","duration_ms":0,"duration_api_ms":0,"is_error":true,"num_turns":0,"total_cost_usd":0,"modelUsage":{},"permission_denials":[],"errors":[""#;
        let error = escape(error);
        self.push(&[head, &error, r#""],"result_index":0,"#]);
        self.sign("");
    }

    /// Writes what was gathered in one call. A reader that is gone is no reason to stop: Claude
    /// Code goes on too.
    pub(crate) fn flush(&mut self) {
        let _ = self.stdout.write_all(&self.buffer);
        let _ = self.stdout.flush();
        self.buffer.clear();
    }
}

const GOOD_USAGE: &str = r#","usage":{"input_tokens":10,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":5,"service_tier":"standard"}"#;
const NO_USAGE: &str = r#","usage":{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0,"service_tier":"standard"}"#;

fn signature(session: &str) -> String {
    format!(
        r#""session_id":"{session}","uuid":"{:08x}-0000-4000-8000-"#,
        std::process::id()
    )
}

/// Text as it stands between the quotes of a JSON string.
pub(crate) fn escape(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn push_hexadecimal(buffer: &mut Vec<u8>, number: u64) {
    for digit in (0..12).rev() {
        let value = (number >> (4 * digit)) & 0xf;
        buffer.push(b"0123456789abcdef"[value as usize]);
    }
}

fn push_decimal(buffer: &mut Vec<u8>, number: u64) {
    let start = buffer.len();
    let mut rest = number;
    loop {
        buffer.push(b'0' + (rest % 10) as u8);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    buffer[start..].reverse();
}

/// The running total of turns at 0.00014 dollars each.
fn push_cost(buffer: &mut Vec<u8>, turns: u64) {
    let hundred_thousandths = 14 * turns;
    push_decimal(buffer, hundred_thousandths / 100_000);
    buffer.push(b'.');
    let fraction = hundred_thousandths % 100_000;
    let start = buffer.len();
    push_decimal(buffer, fraction + 100_000);
    buffer.remove(start);
}
