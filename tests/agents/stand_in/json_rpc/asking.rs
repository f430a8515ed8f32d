//! Asking before a call: the client as ACP does, a hook and the client as Codex, a plugin as OpenCode.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Agent, Dialect, Step, faults};
use crate::mangled::mangled;
use crate::{hook, is_set};

impl Agent {
    pub(super) fn ask(&mut self, command: &str) -> Step {
        let allowed = match self.leave(command) {
            Ok(allowed) => allowed,
            Err(step) => return step,
        };
        let seconds = command
            .strip_prefix("sleep ")
            .and_then(|time| time.parse().ok());
        if let (true, Some(seconds)) = (allowed, seconds)
            && let Step::Interrupted = self.work(Duration::from_secs(seconds))
        {
            return Step::Interrupted;
        }
        self.say(if allowed { "ran" } else { "denied" });
        Step::GoOn
    }

    /// Whether a call of this command may run.
    pub(super) fn leave(&mut self, command: &str) -> Result<bool, Step> {
        let id = 1000 + self.next();
        let call = match self.dialect {
            // There the name of the tool stands in that of the call.
            Dialect::Gemini => format!("run_shell_command__call{id}"),
            _ => format!("call{id}"),
        };
        match self.dialect {
            Dialect::OpenCode => self.ask_plugin(&call, command),
            Dialect::CodexAcp => self.ask_hook_and_client(id, &call, command),
            Dialect::ClaudeAgentAcp => self.ask_hook_then_client(id, &call, command),
            Dialect::Acp | Dialect::Gemini | Dialect::Codex => self.ask_client(id, &call, command),
        }
    }

    /// An aborted turn hangs up on whoever is asked.
    fn ask_plugin(&mut self, call: &str, command: &str) -> Result<bool, Step> {
        let Some(plugin) = &self.plugin else {
            return Ok(true);
        };
        let asked = plugin.ask(call, command, &self.conversation, self.heard.clone());
        let answer = asked.as_ref().map(|_| {
            let forever = Instant::now() + Duration::from_secs(3600);
            self.wait(forever, |message| message["id"] == call)
        });
        answer.map_or(Ok(false), |answer| Ok(answer?["allow"] == true))
    }

    /// Whether the caller lets it run. Codex asks its hook before.
    pub(super) fn ask_client(&mut self, id: u64, call: &str, command: &str) -> Result<bool, Step> {
        if self.dialect == Dialect::Codex && self.is_blocked(call, command) {
            return Ok(false);
        }
        self.write_question(id, call, command);
        let forever = Instant::now() + Duration::from_secs(3600);
        let answer = self.wait(forever, |message| message["id"] == id)?;
        let answer = &answer["result"];
        // The cancel of the turn comes right behind, but not to a question that was denied unread: real agents go
        // on then, or end the turn by themselves.
        if answer["outcome"]["outcome"] == "cancelled" && self.mangles_asks.is_empty() {
            let _ = self.wait(forever, |_| false);
            return Err(Step::Interrupted);
        }
        if answer["decision"] == "cancel" {
            return Err(Step::Interrupted);
        }
        Ok(answer["outcome"]["optionId"] == "yes" || answer["decision"] == "accept")
    }

    /// Asks the client for leave, in a request of this number.
    pub(super) fn write_question(&self, id: u64, call: &str, command: &str) {
        if self.dialect == Dialect::Codex {
            let item =
                json!({"type": "commandExecution", "id": call, "command": command, "cwd": "/"});
            self.notify("item/started", json!({"item": item}));
            let params = json!({"threadId": self.conversation, "turnId": self.turn, "itemId": call, "command": command});
            let method = "item/commandExecution/requestApproval";
            return self.write_mangled(&json!({"id": id, "method": method, "params": params}));
        }
        let mut told = json!({"toolCallId": call, "title": command, "kind": "execute"});
        match self.dialect {
            // It tells no input.
            Dialect::Gemini => {}
            Dialect::CodexAcp => {
                told["rawInput"] = json!({"command": ["/bin/sh", "-lc", command], "cwd": "/"});
            }
            _ => told["rawInput"] = json!({"command": command}),
        }
        let options = json!([
            {"optionId": "always", "kind": "allow_always"},
            {"optionId": "yes", "kind": "allow_once"},
            {"optionId": "no", "kind": "reject_once"},
        ]);
        let params = json!({"sessionId": self.conversation, "toolCall": told, "options": options});
        let method = "session/request_permission";
        self.write_mangled(
            &json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}),
        );
    }

    fn write_mangled(&self, question: &Value) {
        faults::write(&mangled(&self.mangles_asks, &question.to_string()));
    }

    /// Asks the hook, as Codex does before it asks anybody else.
    pub(super) fn is_blocked(&self, call: &str, command: &str) -> bool {
        if is_set("STAND_IN_NO_HOOKS") {
            return false;
        }
        let question = json!({
            "session_id": self.conversation, "turn_id": self.turn, "cwd": "/",
            "hook_event_name": "PreToolUse", "tool_name": "Bash",
            "tool_input": {"command": command}, "tool_use_id": call,
        });
        let came_to = hook::run(&question);
        let run = json!({
            "id": format!("pre-tool-use:0:{}:{call}", hook::SOURCE), "eventName": "preToolUse",
            "source": "sessionFlags", "status": came_to.status,
            "entries": [{"kind": "feedback", "text": came_to.said}],
        });
        self.notify("hook/completed", json!({"run": run}));
        came_to.status == "blocked"
    }
}
