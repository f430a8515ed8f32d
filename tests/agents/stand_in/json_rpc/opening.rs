//! The way to a conversation: the handshake, a new conversation, an earlier one.

use std::process::exit;

use serde_json::{Value, json};

use super::plugin::Plugin;
use super::{Agent, Dialect};
use crate::is_set;

impl Agent {
    pub(super) fn initialize(&mut self, id: &Value) {
        self.initialized = true;
        let capabilities = match self.dialect {
            Dialect::CodexAcp | Dialect::Gemini => json!({"loadSession": true}),
            Dialect::ClaudeAgentAcp => {
                json!({"loadSession": true, "sessionCapabilities": {"resume": {}}})
            }
            _ => json!({"sessionCapabilities": {"resume": {}}}),
        };
        let mut result = json!({"protocolVersion": 1, "agentCapabilities": capabilities});
        if let Ok(version) = std::env::var("STAND_IN_VERSION") {
            result["userAgent"] = json!(format!("hotplex/{version} (Linux)"));
            result["agentInfo"] = json!({"name": "stand-in", "version": version});
        }
        self.answer(id, result);
    }

    /// Takes what asks for a conversation, and nothing else.
    pub(super) fn open(&mut self, method: &str, id: &Value, params: &Value) {
        let named = match method {
            "session/new" | "thread/start" => None,
            "session/resume" | "session/load" => Some(&params["sessionId"]),
            "thread/resume" => Some(&params["threadId"]),
            _ => return,
        };
        if is_set("STAND_IN_DIE_OPENING") {
            exit(4);
        }
        self.hook = Agent::hook_in(params);
        match named {
            None => self.begin(id),
            Some(conversation) => self.resume(id, conversation.as_str().unwrap_or_default()),
        }
    }

    fn begin(&mut self, id: &Value) {
        self.conversation = format!("c{}-{}", std::process::id(), self.next());
        self.opened(id);
    }

    fn resume(&mut self, id: &Value, conversation: &str) {
        if let Ok(why) = std::env::var("STAND_IN_REFUSE_RESUME") {
            return self.fault(id, &why);
        }
        let file = self.file_of(conversation);
        if !file.is_some_and(|file| file.exists()) {
            let why = match self.dialect {
                Dialect::OpenCode => "Internal error: OpenCode service failure",
                Dialect::Gemini => "No previous sessions found for this project",
                Dialect::ClaudeAgentAcp => "Resource not found",
                Dialect::Acp | Dialect::CodexAcp | Dialect::Codex => {
                    "no rollout found: Resource not found"
                }
            };
            return self.fault(id, why);
        }
        conversation.clone_into(&mut self.conversation);
        if self.dialect == Dialect::CodexAcp {
            self.piece("old", "what was said before");
        }
        self.opened(id);
        // Gemini tells it behind the answer, and its commands last.
        if self.dialect == Dialect::Gemini {
            self.piece("old", "what was said before");
            self.update(
                json!({"sessionUpdate": "available_commands_update", "availableCommands": []}),
            );
        }
    }

    /// An OpenCode loads its plugins when a conversation is opened.
    fn opened(&mut self, id: &Value) {
        if self.dialect == Dialect::OpenCode && !is_set("STAND_IN_NO_HOOKS") {
            self.plugin = Plugin::load();
            self.plugin.iter().for_each(Plugin::greet);
        }
        let name = &self.conversation;
        let modes = ["auto", "default", "plan"].map(|mode| json!({"id": mode}));
        self.answer(
            id,
            json!({
                "sessionId": name, "thread": {"id": name}, "model": "m", "approvalPolicy": "untrusted",
                "modes": {"currentModeId": "auto", "availableModes": modes},
            }),
        );
    }
}
