//! What the hook of ours asks, and that nothing gets past it.
//!
//! Codex takes a hook that failed for one that has nothing against the call, so its word alone is not
//! relied on: an item that begins without the leave of our own answer ends the process.
//!
//! Measured with 0.171.0: the hook has the variables of the app-server itself, whatever the user's
//! `shell_environment_policy` says; `cwd` is where the call will run; the question comes before the
//! item of the call and bears its name.

use serde_json::Value;

use super::calls::text;
use super::hook_calls::call_of;
use super::protocol::CodexProtocol;
use crate::event::{Decision, EventKind, ToolResult, ToolUse};
use crate::message::{GateQuestion, Message};
use crate::notice::NoticeCode;
use crate::provider::summary::one_line;

/// Longest reason of a denial, in characters.
const REASON_AT_MOST: usize = 2000;

impl CodexProtocol {
    /// Takes a question of our hook. It is the gate's alone: whether the caller has to agree is asked
    /// afterwards, by Codex itself.
    pub(super) fn asked_by_hook(
        &mut self,
        question: &str,
        asked: &str,
        messages: &mut Vec<Message>,
    ) -> Option<String> {
        let asked: Value = serde_json::from_str(asked).unwrap_or_default();
        let Some((mut tool, current_dir)) = call_of(&asked) else {
            let why = "a call was denied: what its hook asks is malformed";
            let kind = EventKind::warning(NoticeCode::PermissionRefused, why);
            messages.push(Message::Event(kind));
            return Some(why.to_owned());
        };
        if self.hook_calls.failed {
            return Some("the gate of this process does not hold".to_owned());
        }
        if let Some(turn) = text(&asked, "turn_id") {
            self.is_current(turn, messages);
        }
        tool.parent = self.sub_agents.parent(text(&asked, "agent_id"));
        self.hook_calls.add(question, tool.clone());
        messages.push(Message::GateAsked(Box::new(GateQuestion {
            request_id: question.to_owned(),
            tool,
            current_dir,
        })));
        None
    }

    /// The line that the hook takes: empty for a call that may go on.
    pub(super) fn answer_to_hook(&mut self, question: &str, decision: &Decision) -> String {
        let denied = match decision {
            Decision::Allow {
                updated_input: None,
            } => None,
            Decision::Allow { .. } => Some("this agent runs a tool as it asked or not at all"),
            Decision::Deny { message, .. } => Some(message.as_str()),
        };
        self.hook_calls.decide(question, denied.is_none());
        match denied.map(|reason| one_line(reason, REASON_AT_MOST)) {
            None => String::new(),
            Some(reason) if reason.is_empty() => "denied".to_owned(),
            Some(reason) => reason,
        }
    }

    /// A call that a hook blocked has no item. One that our hook did not block, and did not let pass
    /// either, is about to run.
    pub(super) fn hook_completed(&mut self, params: &Value, messages: &mut Vec<Message>) {
        let Some(run) = params
            .get("run")
            .filter(|run| text(run, "eventName") == Some("preToolUse"))
        else {
            return;
        };
        let call = text(run, "id").and_then(|id| id.rsplit(':').next());
        let call = call.unwrap_or_default();
        let status = text(run, "status").unwrap_or_default();
        let is_ours = text(run, "source") == Some("sessionFlags");
        match status {
            "blocked" => self.was_blocked(call, entries(run), messages),
            "completed" if self.hook_calls.has_allowed(call) => {}
            _ if is_ours && self.wanted.hooked => {
                let why = format!("its hook came to {status:?} for a call: {}", entries(run));
                self.gate_failed(why, messages);
            }
            _ => {}
        }
    }

    fn was_blocked(&mut self, call: &str, reason: String, messages: &mut Vec<Message>) {
        let Some(tool) = self.hook_calls.take(call) else {
            // The hook could not ask.
            let text = format!("a call was denied: {reason}");
            let kind = EventKind::warning(NoticeCode::PermissionDenied, text);
            return messages.push(Message::Event(kind));
        };
        let result = ToolResult {
            id: tool.id.clone(),
            name: tool.name.clone(),
            text: reason,
            is_error: true,
            duration: std::time::Duration::ZERO,
        };
        messages.push(Message::Event(EventKind::ToolUse(Box::new(tool))));
        messages.push(Message::Event(EventKind::ToolResult(Box::new(result))));
    }

    /// Ends the process of an item that is at work without our leave.
    pub(super) fn assert_leave(
        &mut self,
        item: &Value,
        tool: &ToolUse,
        messages: &mut Vec<Message>,
    ) {
        if !self.may_run(item) {
            let (name, summary) = (&tool.name, &tool.summary);
            let why = format!("{name} ran, and its hook had not let it: {summary}");
            self.gate_failed(why, messages);
        }
    }

    /// True if an item may be at work: our hook let it pass, or it is of a kind that has no hook.
    ///
    /// What is typed into a command that runs has none. It reaches nobody: without terminals its stdin
    /// is closed.
    fn may_run(&self, item: &Value) -> bool {
        let has_hook = match text(item, "type") {
            Some("commandExecution") => text(item, "source") != Some("unifiedExecInteraction"),
            Some("fileChange" | "mcpToolCall") => true,
            _ => false,
        };
        let id = text(item, "id").unwrap_or_default();
        !has_hook || !self.wanted.hooked || self.hook_calls.has_allowed(id)
    }

    pub(super) fn gate_failed(&mut self, why: String, messages: &mut Vec<Message>) {
        self.hook_calls.failed = true;
        messages.push(Message::GateFailed(why));
    }
}

/// What a hook said.
fn entries(run: &Value) -> String {
    let entries = run.get("entries").and_then(Value::as_array);
    let texts = entries.into_iter().flatten();
    let texts: Vec<&str> = texts.filter_map(|entry| text(entry, "text")).collect();
    one_line(&texts.join(" | "), REASON_AT_MOST)
}
