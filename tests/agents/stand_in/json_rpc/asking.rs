//! Asking before a call: the client as ACP does, a hook and the client as Codex, a plugin as OpenCode.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{Agent, Dialect, Step, write};
use crate::{hook, is_set};

impl Agent {
    pub(super) fn ask(&mut self, command: &str) -> Step {
        let id = 1000 + self.next();
        let call = format!("call{id}");
        let allowed = match self.dialect {
            Dialect::OpenCode => self.ask_plugin(&call, command),
            Dialect::CodexAcp => self.ask_hook_and_client(id, &call, command),
            _ => self.ask_client(id, &call, command),
        };
        let allowed = match allowed {
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
        let (method, params) = match self.dialect {
            Dialect::Acp | Dialect::OpenCode | Dialect::CodexAcp => {
                let input = match self.dialect {
                    Dialect::CodexAcp => {
                        json!({"command": ["/bin/sh", "-lc", command], "cwd": "/"})
                    }
                    _ => json!({"command": command}),
                };
                let call = json!({"toolCallId": call, "title": command, "kind": "execute", "rawInput": input});
                let options = json!([
                    {"optionId": "always", "kind": "allow_always"},
                    {"optionId": "yes", "kind": "allow_once"},
                    {"optionId": "no", "kind": "reject_once"},
                ]);
                let params =
                    json!({"sessionId": self.conversation, "toolCall": call, "options": options});
                ("session/request_permission", params)
            }
            Dialect::Codex => {
                let item =
                    json!({"type": "commandExecution", "id": call, "command": command, "cwd": "/"});
                self.notify("item/started", json!({"item": item}));
                let params = json!({"threadId": self.conversation, "turnId": self.turn, "itemId": call, "command": command});
                ("item/commandExecution/requestApproval", params)
            }
        };
        write(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        let forever = Instant::now() + Duration::from_secs(3600);
        let answer = self.wait(forever, |message| message["id"] == id)?;
        let answer = &answer["result"];
        // The cancel of the turn comes right behind.
        if answer["outcome"]["outcome"] == "cancelled" {
            let _ = self.wait(forever, |_| false);
            return Err(Step::Interrupted);
        }
        if answer["decision"] == "cancel" {
            return Err(Step::Interrupted);
        }
        Ok(answer["outcome"]["optionId"] == "yes" || answer["decision"] == "accept")
    }

    /// Asks the hook, as Codex does before it asks anybody else.
    fn is_blocked(&self, call: &str, command: &str) -> bool {
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
