//! The stand-in as an agent that speaks JSON-RPC: ACP, alone, as OpenCode with its plugin, as codex-acp or
//! claude-agent-acp with their hooks, or as Gemini, or the dialect of Codex.
//!
//! | line | what it does |
//! |---|---|
//! | `!text T` | a finished answer |
//! | `!piece T` | T, as the beginning of an answer that never becomes whole |
//! | `!delta N MS` | one answer in N pieces `w0 `, `w1 `, ... MS milliseconds apart |
//! | `!flood N SIZE`, `!line N` | N answers of SIZE bytes, one of N |
//! | `!pid`, `!cwd`, `!print-env NAME` | answers with what it sees of itself |
//! | `!sleep MS` | works for so long; obeys an interrupt |
//! | `!hang`, `!hang-soft` | works for ever, deaf to everything or obeying an interrupt |
//! | `!die CODE`, `!signal NAME`, `!half` | ends in the turn: by exit, by signal, in half a line |
//! | `!die-after` | ends with status 0 straight after the turn |
//! | `!raw LINE`, `!bytes HEX` | the line, or the bytes, as they are |
//! | `!file PATH` | what is in the file, as it is |
//! | `!stderr N SIZE`, `!stderr-line N`, `!child CMD`, `!child-stdout CMD`, `!setsid CMD`, `!sigstop`, `!close-stdout`, `!leave-group` | as with Claude Code |
//! | `!double-result`, `!double-fault` | ends the turn twice, or calls it a failure once it is over |
//! | `!late TEXT` | says TEXT once the turn is over |
//! | `!mangle-end KIND`, `!mangle-asks KIND` | writes the end of the turn, or what it asks the client from then on, as [`crate::mangled`] says |
//! | `!plan N`, `!sub-agents N` | tells a plan of N entries; has sub-agents call one another, N deep |
//! | `!elicit-beside CMD` | asks the user something, and for leave to run CMD while that is open |
//! | `!re-exec`, `!re-exec-now` | starts its own program in its place, after the turn or in it |
//!
//! [`odd`] has more, of what is possible over these protocols alone.
//! | `!lag MS TEXT` | waits for an interrupt; MS later says TEXT and ends the turn |
//! | `!bash CMD` | asks for leave to run CMD; says `ran` or `denied`, and runs nothing, but `sleep N` is at work for so many seconds |
//! | `history` | `history: N`, the turns of the conversation before this one |
//!
//! | variable | what it does |
//! |---|---|
//! | `STAND_IN_STORE=DIR` | conversations are kept there and can be taken up |
//! | `STAND_IN_NO_HANDSHAKE=1`, `STAND_IN_REFUSE_HOOKS=1` | never answers `initialize`, or with an error |
//! | `STAND_IN_DIE_OPENING=1` | ends with status 4 when a conversation is asked for |
//! | `STAND_IN_NO_HOOKS=1` | as Codex or codex-acp: runs no hook before `!bash`, and says nothing of it |
//! | `STAND_IN_VERSION=X` | says that it is of this version, and not none |
//! | `STAND_IN_IGNORE_EOF=1` | deaf to the end of stdin, as codex-acp always is |

mod asking;
mod claude_agent_acp;
mod codex_acp;
pub(crate) mod faults;
mod odd;
mod opening;
mod plugin;

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::process::exit;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::mangled::mangled;
use crate::{hook, inspection, is_set, speech};
use plugin::Plugin;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Acp,
    OpenCode,
    CodexAcp,
    ClaudeAgentAcp,
    Gemini,
    Codex,
}

impl Dialect {
    pub(crate) fn of(arguments: impl Iterator<Item = String>) -> Option<Dialect> {
        let mut arguments = arguments.skip_while(|argument| argument != "--speak");
        match arguments.nth(1)?.as_str() {
            "acp" => Some(Dialect::Acp),
            "opencode" => Some(Dialect::OpenCode),
            "codex-acp" => Some(Dialect::CodexAcp),
            "claude-agent-acp" => Some(Dialect::ClaudeAgentAcp),
            "gemini" => Some(Dialect::Gemini),
            "codex" => Some(Dialect::Codex),
            _ => None,
        }
    }
}

/// How a part of a turn came out.
enum Step {
    GoOn,
    Interrupted,
}

struct Agent {
    dialect: Dialect,
    input: Receiver<Value>,
    /// For what does not come over stdin, but is waited for beside it.
    heard: Sender<Value>,
    plugin: Option<Plugin>,
    /// As claude-agent-acp: what it is told to run before each call.
    hook: Option<String>,
    store: Option<PathBuf>,
    initialized: bool,
    conversation: String,
    /// Numbers of turns, items and requests.
    count: u64,
    /// The turn at work, as Codex names it.
    turn: String,
    /// Answers that came while something else was waited for.
    set_aside: Vec<Value>,
    /// What becomes of its questions; see [`crate::mangled`].
    mangles_asks: String,
}

pub(crate) fn serve(dialect: Dialect) -> ! {
    let (sender, input) = channel();
    let heard = sender.clone();
    thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if let Ok(message) = serde_json::from_str(&line) {
                let _ = sender.send(message);
            }
        }
        if dialect == Dialect::CodexAcp || is_set("STAND_IN_IGNORE_EOF") {
            loop {
                thread::park();
            }
        }
        exit(0)
    });
    let mut agent = Agent {
        dialect,
        input,
        heard,
        plugin: None,
        hook: None,
        initialized: false,
        store: std::env::var_os("STAND_IN_STORE").map(PathBuf::from),
        conversation: String::new(),
        count: 0,
        turn: String::new(),
        set_aside: Vec::new(),
        mangles_asks: String::new(),
    };
    while let Ok(message) = agent.input.recv() {
        agent.take(&message);
    }
    exit(0)
}

fn write(message: &Value) {
    let mut line = serde_json::to_vec(message).expect("a value is JSON");
    line.push(b'\n');
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(&line).and_then(|()| out.flush());
}

impl Agent {
    fn take(&mut self, message: &Value) {
        let id = &message["id"];
        let params = &message["params"];
        match message["method"].as_str().unwrap_or_default() {
            "initialize" if is_set("STAND_IN_NO_HANDSHAKE") => {}
            "initialize" if is_set("STAND_IN_REFUSE_HOOKS") => self.fault(id, "no such handshake"),
            "initialize" => self.initialize(id),
            "turn/start" if !self.initialized => self.fault(id, "Not initialized"),
            "session/prompt" if params["sessionId"] != self.conversation => {
                self.fault(id, &format!("Session not found: {}", params["sessionId"]));
            }
            "session/prompt" => {
                let blocks = params["prompt"].as_array().cloned().unwrap_or_default();
                let text = blocks.last().map(|block| block["text"].clone());
                let text = text.unwrap_or_default();
                let text = text.as_str().unwrap_or_default();
                match self.dialect == Dialect::CodexAcp && !self.may_go_on(text) {
                    // Nothing of it is in the conversation, and nothing is said.
                    true => self.end(id, "end_turn"),
                    false => self.play(id, text),
                }
            }
            "turn/start" => {
                let text = params["input"][0]["text"].as_str().unwrap_or_default();
                self.play(id, text);
            }
            "turn/interrupt" | "session/set_mode" => self.answer(id, json!({})),
            "hooks/list" => self.answer(id, hook::listing()),
            method => self.open(method, id, params),
        }
    }

    fn answer(&self, id: &Value, result: Value) {
        write(&json!({"jsonrpc": "2.0", "id": id, "result": result}));
    }

    fn fault(&self, id: &Value, message: &str) {
        let error = json!({"code": -32603, "message": message});
        write(&json!({"jsonrpc": "2.0", "id": id, "error": error}));
    }

    fn next(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    fn file_of(&self, conversation: &str) -> Option<PathBuf> {
        Some(self.store.as_ref()?.join(conversation))
    }

    /// Notes a turn; gives how many there were before.
    fn note_turn(&self) -> usize {
        let Some(file) = self.file_of(&self.conversation) else {
            return 0;
        };
        let before = std::fs::read(&file).unwrap_or_default().len();
        let _ = file.parent().map(std::fs::create_dir_all);
        let _ = std::fs::write(&file, vec![b'.'; before + 1]);
        before
    }

    fn play(&mut self, id: &Value, prompt: &str) {
        let before = self.note_turn();
        self.turn = format!("u{}", self.next());
        if self.dialect == Dialect::Codex {
            let turn = json!({"turn": {"id": self.turn}});
            match prompt.contains("!ends-with-both") {
                true => self.answer_twofold(id, turn),
                false => self.answer(id, turn),
            }
            self.notify("turn/started", json!({"turn": {"id": self.turn}}));
        }
        let script: Vec<&str> = prompt
            .lines()
            .filter(|line| line.starts_with('!'))
            .collect();
        if script.is_empty() {
            let text = match prompt.lines().last() {
                Some("history") => format!("history: {before}"),
                _ => format!("echo: {prompt}"),
            };
            self.say(&text);
        }
        let words = script
            .iter()
            .map(|line| line.split_once(' ').unwrap_or((line, "")));
        let (after, words): (Vec<_>, Vec<_>) =
            words.partition(|(word, _)| odd::AT_THE_END.contains(word));
        let mut steps = words
            .into_iter()
            .map(|(word, rest)| self.carry_out(word, rest));
        let interrupted = steps.any(|step| matches!(step, Step::Interrupted));
        self.end_oddly(id, interrupted, &after);
    }

    fn carry_out(&mut self, word: &str, rest: &str) -> Step {
        let numbers: Vec<u64> = rest
            .split(' ')
            .map(|word| word.parse().unwrap_or(0))
            .collect();
        match word {
            "!text" => self.say(rest),
            "!piece" => {
                let item = format!("i{}", self.next());
                self.piece(&item, rest);
            }
            "!delta" => {
                let item = format!("i{}", self.next());
                let mut whole = String::new();
                for number in 0..numbers[0] {
                    let piece = format!("w{number} ");
                    whole.push_str(&piece);
                    self.piece(&item, &piece);
                    if let Step::Interrupted = self.work(Duration::from_millis(numbers[1])) {
                        return Step::Interrupted;
                    }
                }
                self.whole(&item, &whole);
            }
            "!flood" => {
                let text = "x".repeat(numbers[1] as usize);
                (0..numbers[0]).for_each(|_| self.say(&text));
            }
            "!sleep" => return self.work(Duration::from_millis(numbers[0])),
            "!hang-soft" => return self.work(Duration::from_secs(3600)),
            "!line" => self.say(&speech::filler(numbers[0] as usize)),
            "!lag" => return self.lag(rest),
            "!bash" => return self.ask(rest),
            "!mangle-asks" => rest.clone_into(&mut self.mangles_asks),
            word if self.is_odd(word, rest) => {}
            _ => match inspection::answer(word, rest) {
                Some(answer) => self.say(&answer),
                None if faults::carry_out(word, rest) => {}
                None => crate::fail(&format!("stand-in: unknown command {word}")),
            },
        }
        Step::GoOn
    }

    fn is_interrupt(message: &Value) -> bool {
        matches!(
            message["method"].as_str(),
            Some("session/cancel" | "turn/interrupt")
        )
    }

    /// Waits for a message that fits, until then; true for an interrupt.
    fn wait(
        &mut self,
        until: Instant,
        mut fits: impl FnMut(&Value) -> bool,
    ) -> Result<Value, Step> {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.input.recv_timeout(left) {
                Ok(message) if Agent::is_interrupt(&message) => {
                    if self.dialect == Dialect::Codex {
                        self.answer(&message["id"], json!({}));
                    }
                    return Err(Step::Interrupted);
                }
                Ok(message) if fits(&message) => return Ok(message),
                Ok(message) => self.set_aside.push(message),
                Err(RecvTimeoutError::Timeout) => return Err(Step::GoOn),
                Err(RecvTimeoutError::Disconnected) => exit(0),
            }
        }
    }

    fn work(&mut self, time: Duration) -> Step {
        match self.wait(Instant::now() + time, |_| false) {
            Ok(_) => Step::GoOn,
            Err(step) => step,
        }
    }

    /// Takes its time with an interrupt, and has the last word.
    fn lag(&mut self, rest: &str) -> Step {
        let (delay, text) = rest.split_once(' ').unwrap_or((rest, "late"));
        let cut = self.work(Duration::from_secs(3600));
        thread::sleep(Duration::from_millis(delay.parse().unwrap_or(0)));
        self.say(text);
        cut
    }

    fn notify(&self, method: &str, mut params: Value) {
        params["threadId"] = json!(self.conversation);
        params["turnId"] = json!(self.turn);
        write(&json!({"method": method, "params": params}));
    }

    fn say(&mut self, text: &str) {
        let item = format!("i{}", self.next());
        if self.dialect != Dialect::Codex {
            self.piece(&item, text);
        }
        self.whole(&item, text);
    }

    fn piece(&self, item: &str, text: &str) {
        if self.dialect == Dialect::Codex {
            let params = json!({"itemId": item, "delta": text});
            return self.notify("item/agentMessage/delta", params);
        }
        let content = json!({"type": "text", "text": text});
        let mut update = json!({"sessionUpdate": "agent_message_chunk", "content": content});
        if self.dialect != Dialect::Gemini {
            update["messageId"] = json!(item);
        }
        self.update(update);
    }

    /// A notification of ACP.
    fn update(&self, update: Value) {
        let params = json!({"sessionId": self.conversation, "update": update});
        write(&json!({"jsonrpc": "2.0", "method": "session/update", "params": params}));
    }

    /// ACP has no word for the end of an answer. Gemini does not even name its messages, and thinks between
    /// two of them.
    fn whole(&self, item: &str, text: &str) {
        match self.dialect {
            Dialect::Codex => {
                let item = json!({"type": "agentMessage", "id": item, "text": text});
                self.notify("item/completed", json!({"item": item}));
            }
            Dialect::Gemini => {
                let content = json!({"type": "text", "text": ""});
                self.update(json!({"sessionUpdate": "agent_thought_chunk", "content": content}));
            }
            _ => {}
        }
    }

    /// Ends the turn for this reason, in the words of ACP.
    fn end(&self, id: &Value, reason: &str) {
        write(&self.end_line(id, reason));
    }

    fn end_mangled(&self, id: &Value, reason: &str, kind: &str) {
        let line = self.end_line(id, reason).to_string();
        faults::write(&mangled(kind, &line));
    }

    fn end_line(&self, id: &Value, reason: &str) -> Value {
        if self.dialect != Dialect::Codex {
            return json!({"jsonrpc": "2.0", "id": id, "result": self.result(reason)});
        }
        let status = match reason {
            "cancelled" => "interrupted",
            "end_turn" => "completed",
            other => other,
        };
        let turn = json!({"id": self.turn, "status": status});
        let params = json!({"turn": turn, "threadId": self.conversation, "turnId": self.turn});
        json!({"method": "turn/completed", "params": params})
    }

    fn result(&self, reason: &str) -> Value {
        let mut result = json!({"stopReason": reason});
        match self.dialect {
            Dialect::Gemini => {
                let count = json!({"input_tokens": 10, "output_tokens": 5});
                result["_meta"] = json!({"quota": {"token_count": count}});
            }
            Dialect::ClaudeAgentAcp => {
                result["usage"] = json!({"inputTokens": 10, "outputTokens": 5});
            }
            _ => {}
        }
        result
    }
}
