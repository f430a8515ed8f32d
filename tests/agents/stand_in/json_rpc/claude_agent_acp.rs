//! What claude-agent-acp has of its own: a call is told, its hook asks, and then the client is asked.

use serde_json::{Value, json};

use super::{Agent, Step};
use crate::{hook, is_set};

impl Agent {
    /// The hook of the engine that a session is opened with, which stands behind one that says `ask`.
    pub(super) fn hook_in(params: &Value) -> Option<String> {
        let hooks =
            params.pointer("/_meta/claudeCode/options/settings/hooks/PreToolUse/0/hooks")?;
        Some(hooks[1]["command"].as_str()?.to_owned())
    }

    /// Whether the call runs. One that does not is told as failed, and the turn goes on.
    pub(super) fn ask_hook_then_client(
        &mut self,
        id: u64,
        call: &str,
        command: &str,
    ) -> Result<bool, Step> {
        let meta = json!({"claudeCode": {"toolName": "Bash"}});
        self.update(json!({
            "sessionUpdate": "tool_call", "toolCallId": call, "name": "Bash", "kind": "execute",
            "title": command, "status": "pending", "rawInput": {"command": command}, "_meta": meta,
        }));
        let allowed =
            !self.is_denied_by_hook(call, command)? && self.ask_client(id, call, command)?;
        let status = if allowed { "completed" } else { "failed" };
        self.update(json!({
            "sessionUpdate": "tool_call_update", "toolCallId": call, "status": status,
            "rawOutput": status, "_meta": meta,
        }));
        Ok(allowed)
    }

    fn is_denied_by_hook(&mut self, call: &str, command: &str) -> Result<bool, Step> {
        let Some(program) = self.hook.clone().filter(|_| !is_set("STAND_IN_NO_HOOKS")) else {
            return Ok(false);
        };
        let question = json!({
            "session_id": self.conversation, "cwd": "/", "hook_event_name": "PreToolUse",
            "tool_name": "Bash", "tool_input": {"command": command}, "tool_use_id": call,
        });
        match hook::start_command(&program, &question) {
            Ok(asked) => self.is_blocked_in_time(asked, call),
            Err(_) => Ok(false),
        }
    }
}
