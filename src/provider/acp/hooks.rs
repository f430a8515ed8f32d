//! What a plugin or hook of ours in the agent asks, and what it is answered.
//!
//! It greets, and asks before each call of a tool, with the whole input: what the agent tells of the
//! call afterwards goes to the same call. A hook cannot greet by itself, so it is made to: it is asked
//! about a prompt of ours that it keeps from the model.

use serde_json::Value;

use super::open_hooks::HookQuestion;
use super::profile::Words;
use super::protocol::{AcpProtocol, WHY_AT_MOST};
use super::{calls::CallUpdate, claude, codex, command_hook, opencode};
use crate::event::{Decision, EventKind, ToolUse};
use crate::message::Message;
use crate::notice::NoticeCode;
use crate::provider::permission::Leave;
use crate::provider::summary::one_line;

impl AcpProtocol {
    pub(super) fn plugin_asked(
        &mut self,
        id: &str,
        request: &str,
        messages: &mut Vec<Message>,
    ) -> Option<String> {
        let asked = match self.words() {
            Words::OpenCode => opencode::read(request, &self.wanted.work_dir),
            Words::ClaudeCode => command_hook::read(request, claude::kind, claude::paths),
            Words::Codex => command_hook::read(request, codex::kind, codex::paths),
        };
        match asked {
            Some(HookQuestion::Greeting(runs)) => {
                self.hooks.has_greeted = true;
                self.hooks.runs = runs;
                Some(self.allowed())
            }
            Some(HookQuestion::Prompt) if self.stage.is_up() => {
                self.hooks.prompt_due = false;
                Some(self.allowed())
            }
            Some(HookQuestion::Prompt) => {
                self.hooks.has_greeted = true;
                Some(self.denied("hotplex has seen that its hook is asked"))
            }
            Some(HookQuestion::Call(..)) if self.hooks.calls.failed => {
                Some(self.denied("the gate of this process does not hold"))
            }
            Some(HookQuestion::Call(update, current_dir)) => {
                self.call_asked(id, *update, current_dir, messages);
                None
            }
            None => {
                let text = "what the guard plugin or hook asks cannot be read, and is denied";
                let kind = EventKind::warning(NoticeCode::PermissionRefused, text);
                messages.push(Message::Event(kind));
                Some(self.denied("hotplex: the question cannot be read"))
            }
        }
    }

    fn call_asked(
        &mut self,
        id: &str,
        mut update: CallUpdate,
        current_dir: Option<String>,
        messages: &mut Vec<Message>,
    ) {
        self.note_word(messages);
        self.speech.finish(messages);
        let tools = self.profile.tools;
        let call = self.calls.merge(&mut update, tools, messages);
        call.tell(tools, messages);
        let tool = call.tool(tools);
        let work_dir = &self.wanted.work_dir;
        let leave = self.policy.leave(&call.kind, &call.all_paths(), work_dir);
        let request_id = id.to_owned();
        let is_denied = leave == Leave::Denied;
        self.hooks.open.insert(request_id.clone(), is_denied);
        if self.words() != Words::OpenCode {
            self.hooks.calls.add(id, tool.clone());
        }
        messages.push(leave.question(request_id, tool, current_dir, None));
    }

    pub(super) fn answer_plugin(&mut self, id: &str, decision: &Decision) -> String {
        let is_denied = self.hooks.open.remove(id);
        let why = match (decision, is_denied) {
            (_, None) => return self.denied("nobody waits for this call any more"),
            (Decision::Deny { message, interrupt }, _) => {
                if *interrupt {
                    self.cancel_soon();
                }
                message.clone()
            }
            (Decision::Allow { .. }, Some(true)) => {
                let text = "a call was denied: nobody is asked in this permission mode";
                let kind = EventKind::info(NoticeCode::PermissionDenied, text);
                self.pending.push(Message::Event(kind));
                text.to_owned()
            }
            (
                Decision::Allow {
                    updated_input: None,
                },
                _,
            ) => {
                self.hooks.calls.decide(id, true);
                return self.allowed();
            }
            // What was not meant to run must not.
            (Decision::Allow { .. }, _) => {
                let text = format!(
                    "permission request {id} is denied: this agent runs a tool as it asked or not at all"
                );
                let kind = EventKind::warning(NoticeCode::PermissionRefused, text.as_str());
                self.pending.push(Message::Event(kind));
                text
            }
        };
        self.refuse_call(id, &why);
        self.denied(&why)
    }

    /// With the next word of the agent's, which says that the call was denied: a hook is answered on its
    /// own socket.
    fn cancel_soon(&mut self) {
        let mut out = Vec::new();
        self.cancel_asks(&mut out);
        self.write_cancel(&mut out);
        self.pending.push(Message::Reply(out));
    }

    /// Codex says nothing of a call that its hook forbids.
    fn refuse_call(&mut self, id: &str, why: &str) {
        self.hooks.calls.decide(id, false);
        if let Some(tool) = self
            .hooks
            .calls
            .asked_by(id)
            .filter(|_| self.words() == Words::Codex)
        {
            let result = self.calls.refused(&tool.id, why, self.profile.tools);
            self.pending.extend(result);
        }
    }

    /// A turn came to its end: by then its prompt was asked about. A hook that failed has kept it from the
    /// model, and Codex says nothing of that.
    pub(super) fn assert_prompt_was_asked_about(&mut self, messages: &mut Vec<Message>) {
        if std::mem::take(&mut self.hooks.prompt_due) {
            self.gate_failed("its hook did not ask about the prompt", messages);
        }
    }

    /// The agent is at work on something that our hook has to have let pass: if it has not, the hook
    /// does not hold, and the process ends.
    pub(super) fn assert_leave(&mut self, update: &CallUpdate, messages: &mut Vec<Message>) {
        if !self.is_followed() || self.hooks.calls.has_allowed(&update.tool_call_id) {
            return;
        }
        let ran = update.raw().and_then(codex::told);
        if let Some((name, input)) = ran {
            let why = format!("{name} ran, and its hook had not let it: {input}");
            self.gate_failed(&why, messages);
        }
    }

    pub(super) fn gate_failed(&mut self, why: &str, messages: &mut Vec<Message>) {
        self.hooks.calls.failed = true;
        messages.push(Message::GateFailed(one_line(why, WHY_AT_MOST)));
    }

    /// True if the agent goes on without its hook where that fails, so that it has to be looked after.
    pub(super) fn is_followed(&self) -> bool {
        self.wanted.hooked && self.words() == Words::Codex
    }

    /// A question of the agent's own about a call that the hook has let pass: what would run by it, and
    /// whether that is what the hook saw, in other words.
    pub(super) fn asked_now(&self, hooked: &ToolUse, raw: &Value) -> Option<(ToolUse, bool)> {
        match self.words() {
            Words::Codex => codex::asked(hooked, raw),
            Words::ClaudeCode | Words::OpenCode => Some(claude::asked(hooked, raw)),
        }
    }

    fn words(&self) -> Words {
        let plugin = self.profile.plugin;
        plugin.map_or(Words::OpenCode, |plugin| plugin.words)
    }

    fn allowed(&self) -> String {
        match self.words() {
            Words::OpenCode => opencode::allowed(),
            Words::ClaudeCode | Words::Codex => command_hook::allowed(),
        }
    }

    fn denied(&self, why: &str) -> String {
        match self.words() {
            Words::OpenCode => opencode::denied(why),
            Words::ClaudeCode | Words::Codex => command_hook::denied(why),
        }
    }
}
