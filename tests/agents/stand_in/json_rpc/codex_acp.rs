//! What codex-acp has of its own: hooks that see each prompt and each call, and wait for the caller.

use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Agent, Step};
use crate::{hook, is_set};

impl Agent {
    /// Whether the hook keeps the prompt from the model.
    pub(super) fn may_go_on(&mut self, prompt: &str) -> bool {
        let question = json!({
            "session_id": self.conversation, "turn_id": "u0", "cwd": "/",
            "hook_event_name": "UserPromptSubmit", "prompt": prompt,
        });
        is_set("STAND_IN_NO_HOOKS") || hook::run(&question).status != "blocked"
    }

    /// The hook asks the caller. What it lets pass is asked about once more, and then told.
    pub(super) fn ask_hook_and_client(
        &mut self,
        id: u64,
        call: &str,
        command: &str,
    ) -> Result<bool, Step> {
        if !is_set("STAND_IN_NO_HOOKS") && self.is_blocked_by_hook(call, command)? {
            return Ok(false);
        }
        // By itself it ends a turn whose call is not let run.
        if !self.ask_client(id, call, command)? {
            return Err(Step::Interrupted);
        }
        let input = json!({"command": ["/bin/sh", "-lc", command], "cwd": "/"});
        let update = json!({
            "sessionUpdate": "tool_call", "toolCallId": call, "title": command, "kind": "execute",
            "status": "completed", "rawInput": input,
        });
        self.update(update);
        Ok(true)
    }

    fn is_blocked_by_hook(&mut self, call: &str, command: &str) -> Result<bool, Step> {
        let question = json!({
            "session_id": self.conversation, "turn_id": "u0", "cwd": "/",
            "hook_event_name": "PreToolUse", "tool_name": "Bash",
            "tool_input": {"command": command}, "tool_use_id": call,
        });
        match hook::start(&question) {
            Ok(asked) => self.is_blocked_in_time(asked, call),
            Err(_) => Ok(false),
        }
    }

    /// Waits for the hook beside what the client says. An interrupt kills it.
    pub(super) fn is_blocked_in_time(&mut self, asked: Child, call: &str) -> Result<bool, Step> {
        let process = asked.id();
        let (told, name) = (self.heard.clone(), call.to_owned());
        thread::spawn(move || {
            let blocked = hook::end(asked).status == "blocked";
            let _ = told.send(json!({"id": name, "blocked": blocked}));
        });
        let forever = Instant::now() + Duration::from_secs(3600);
        let answer = self.wait(forever, |message: &Value| message["id"] == call);
        if answer.is_err() {
            let script = format!("kill -KILL {process}");
            let _ = Command::new("/bin/sh").args(["-c", &script]).status();
        }
        Ok(answer?["blocked"] == true)
    }
}
