//! What an agent may well do and seldom does. Beside the words of the other files:
//!
//! | line | what it does |
//! |---|---|
//! | `!ends-as REASON`, `!ends-bare` | ends the turn for that reason, or with nothing in its end |
//! | `!ends-with-both` | answers the prompt with a result and an error |
//! | `!ends-unterminated` | ends the turn without a newline, and then itself |
//! | `!late-same MS TEXT` | MS after the turn says TEXT as a part of its last message |
//! | `!ask-late CMD` | once the turn is over, asks for leave to run CMD, and says `allowed` or `denied` |
//! | `!ask-open CMD` | ends the turn while it asks for leave, and says `answered` once it has an answer |
//! | `!foreign` | tells of a conversation that is not the client's |

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Agent, Dialect, Step, write};
use crate::misbehaviour::re_exec;

/// The words that say how a turn ends and what follows.
pub(super) const AT_THE_END: [&str; 13] = [
    "!mangle-end",
    "!double-result",
    "!double-fault",
    "!late",
    "!late-same",
    "!die-after",
    "!ends-as",
    "!ends-bare",
    "!ends-with-both",
    "!ends-unterminated",
    "!ask-late",
    "!ask-open",
    "!re-exec",
];

/// The number of a question that is left open.
const LEFT_OPEN: u64 = 900_000;

impl Agent {
    /// Carries out a word of what is seldom seen; false if it is none.
    pub(super) fn is_odd(&mut self, word: &str, rest: &str) -> bool {
        let count = rest.parse().unwrap_or(1);
        match word {
            "!plan" => self.plan(count),
            "!sub-agents" => self.sub_agents(count),
            "!foreign" => self.tell_of_another_conversation(),
            "!elicit-beside" => self.elicit_beside(rest),
            "!re-exec-now" => re_exec("", std::env::args().skip(1)),
            _ => return false,
        }
        true
    }

    /// The end of a turn, and what follows it.
    pub(super) fn end_oddly(&mut self, id: &Value, interrupted: bool, after: &[(&str, &str)]) {
        let told = |word: &str| after.iter().find(|(told, _)| *told == word);
        let reason = match told("!ends-as") {
            _ if interrupted => "cancelled",
            Some((_, reason)) => reason,
            None => "end_turn",
        };
        if let Some((_, command)) = told("!ask-open") {
            self.leave_open(command);
        }
        if told("!re-exec").is_some() {
            let end = format!("{}\n", self.end_line(id, reason));
            re_exec(&end, std::env::args().skip(1));
        }
        if told("!ends-unterminated").is_some() {
            super::faults::write(self.end_line(id, reason).to_string().as_bytes());
            std::process::exit(0);
        }
        match (told("!ends-bare"), told("!ends-with-both")) {
            (Some(_), _) if self.dialect == Dialect::Codex => {
                self.notify("turn/completed", json!({"turn": {"id": self.turn}}));
            }
            (Some(_), _) => self.answer(id, Value::Null),
            (_, Some(_)) if self.dialect != Dialect::Codex => {
                self.answer_twofold(id, self.result(reason));
            }
            _ => match told("!mangle-end") {
                Some((_, kind)) => self.end_mangled(id, reason, kind),
                None => self.end(id, reason),
            },
        }
        for (word, rest) in after {
            self.follow(id, reason, word, rest);
        }
        if told("!die-after").is_some() {
            std::process::exit(0);
        }
    }

    fn follow(&mut self, id: &Value, reason: &str, word: &str, rest: &str) {
        match word {
            "!double-result" => self.end(id, reason),
            "!double-fault" => self.fault(id, "it failed after all"),
            "!late" => self.say(rest),
            "!late-same" => {
                let (pause, text) = rest.split_once(' ').unwrap_or((rest, "late"));
                thread::sleep(Duration::from_millis(pause.parse().unwrap_or(0)));
                self.piece(&format!("i{}", self.count), text);
            }
            "!ask-late" => {
                let told = match self.leave(rest) {
                    Ok(true) => "allowed",
                    Ok(false) | Err(_) => "denied",
                };
                self.say(told);
            }
            "!ask-open" if self.answer_to(&json!(LEFT_OPEN)).is_ok() => self.say("answered"),
            _ => {}
        }
    }

    pub(super) fn answer_twofold(&self, id: &Value, result: Value) {
        let error = json!({"code": 1, "message": "twofold"});
        write(&json!({"jsonrpc": "2.0", "id": id, "result": result, "error": error}));
    }

    fn plan(&self, count: u64) {
        let entry = |number| json!({"content": format!("step {number}"), "step": format!("step {number}"), "status": "pending", "priority": "low"});
        let entries: Vec<Value> = (1..=count).map(entry).collect();
        match self.dialect {
            Dialect::Codex => self.notify("turn/plan/updated", json!({"plan": entries})),
            _ => self.update(json!({"sessionUpdate": "plan", "entries": entries})),
        }
    }

    /// `agent-1` is called by the model, and each of the others by the one before. Their ends are told
    /// from within.
    fn sub_agents(&self, depth: u64) {
        (1..=depth).for_each(|level| self.sub_agent(level, false));
        (1..=depth)
            .rev()
            .for_each(|level| self.sub_agent(level, true));
    }

    fn sub_agent(&self, level: u64, ended: bool) {
        let (call, caller) = (format!("agent-{level}"), level - 1);
        if self.dialect == Dialect::Codex {
            let thread = match caller {
                0 => self.conversation.clone(),
                caller => format!("thread-{caller}"),
            };
            let status = if ended { "completed" } else { "inProgress" };
            let item = json!({
                "type": "collabAgentToolCall", "id": call, "tool": "spawnAgent", "status": status,
                "prompt": "go on", "receiverThreadIds": [format!("thread-{level}")],
            });
            let method = if ended {
                "item/completed"
            } else {
                "item/started"
            };
            let params = json!({"threadId": thread, "turnId": self.turn, "item": item});
            return write(&json!({"method": method, "params": params}));
        }
        let mut told = json!({"toolName": "Task"});
        if caller > 0 {
            told["parentToolUseId"] = json!(format!("agent-{caller}"));
        }
        let (kind, status) = match ended {
            true => ("tool_call_update", "completed"),
            false => ("tool_call", "in_progress"),
        };
        self.update(json!({
            "sessionUpdate": kind, "toolCallId": call, "title": "Task", "kind": "think",
            "status": status, "rawInput": {"prompt": "go on"}, "_meta": {"claudeCode": told},
        }));
    }

    fn tell_of_another_conversation(&self) {
        if self.dialect == Dialect::Codex {
            let turn = json!({"id": self.turn, "status": "failed"});
            let item = json!({"type": "agentMessage", "id": "f", "text": "foreign"});
            let usage = json!({"last": {"inputTokens": 7000, "outputTokens": 7000}});
            for (method, mut params) in [
                (
                    "item/agentMessage/delta",
                    json!({"itemId": "f", "delta": "foreign"}),
                ),
                ("item/completed", json!({"item": item})),
                ("thread/tokenUsage/updated", json!({"tokenUsage": usage})),
                ("turn/completed", json!({"turn": turn})),
            ] {
                params["threadId"] = json!("somebody-elses");
                params["turnId"] = json!("another");
                write(&json!({"method": method, "params": params}));
            }
            return;
        }
        let words = json!({"type": "text", "text": "foreign"});
        for update in [
            json!({"sessionUpdate": "agent_message_chunk", "content": words}),
            json!({"sessionUpdate": "agent_thought_chunk", "content": words}),
            json!({"sessionUpdate": "usage_update", "cost": {"amount": 70.0, "currency": "USD"}}),
            json!({"sessionUpdate": "available_commands_update", "availableCommands": [{"name": "foreign"}]}),
        ] {
            let params = json!({"sessionId": "somebody-elses", "update": update});
            write(&json!({"jsonrpc": "2.0", "method": "session/update", "params": params}));
        }
    }

    /// Says what became of both.
    fn elicit_beside(&mut self, command: &str) {
        let method = match self.dialect {
            Dialect::Codex => "mcpServer/elicitation/request",
            _ => "elicitation/create",
        };
        let params = json!({
            "threadId": self.conversation, "sessionId": self.conversation, "serverName": "shelf",
            "mode": "form", "message": "Which shelf?", "requestedSchema": {"type": "object", "properties": {}},
        });
        let id = json!("elicited");
        write(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        let leave = match self.leave(command) {
            Ok(true) => "ran",
            Ok(false) | Err(_) => "denied",
        };
        let Ok(answer) = self.answer_to(&id) else {
            return;
        };
        let refused = answer["error"].is_object() || answer["result"]["action"] == "decline";
        let elicited = if refused { "refused" } else { "accepted" };
        self.say(&format!("{leave}, and the question was {elicited}"));
    }

    /// An answer of the client, which may have come while something else was waited for.
    fn answer_to(&mut self, id: &Value) -> Result<Value, Step> {
        let known = self.set_aside.iter().position(|answer| answer["id"] == *id);
        match known {
            Some(at) => Ok(self.set_aside.remove(at)),
            None => {
                let forever = Instant::now() + Duration::from_secs(3600);
                self.wait(forever, |message| message["id"] == *id)
            }
        }
    }

    fn leave_open(&mut self, command: &str) {
        let call = format!("call{LEFT_OPEN}");
        if self.dialect == Dialect::Codex && self.is_blocked(&call, command) {
            return;
        }
        self.write_question(LEFT_OPEN, &call, command);
    }
}
