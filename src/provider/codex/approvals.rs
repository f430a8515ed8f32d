//! What Codex wants to be allowed, and what it is answered.
//!
//! The hook has asked the gate about the call by then. What comes now tells more (the shell that runs
//! a command, what another hook made of it), so the gate judges once more. Only answers for this one call are given. A denial has no words: Codex drops them. What a question
//! does not tell (which files a patch changes) was told by its item just before; a question of which
//! that is not known is denied.

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::calls::call;
use super::open_approvals::{Approval, Approvals, Form};
use super::patch;
use super::protocol::CodexProtocol;
use crate::event::{Decision, EventKind, ToolUse};
use crate::message::Message;
use crate::notice::NoticeCode;
use crate::provider::json_rpc;
use crate::provider::permission::Leave;
use crate::provider::summary::one_line;
use hotplex_guard::ToolEffect;

/// Longest question of a server in a notice, in characters.
const MESSAGE_AT_MOST: usize = 300;

impl CodexProtocol {
    /// Takes a request of the agent's; false if it is of a kind that is not served.
    pub(super) fn asked(
        &mut self,
        id: &RawValue,
        method: &str,
        params: &Value,
        messages: &mut Vec<Message>,
    ) -> bool {
        let is_tool = params.pointer("/_meta/codex_approval_kind");
        let is_tool = is_tool.and_then(Value::as_str) == Some("mcp_tool_call");
        let (form, kind) = match method {
            "item/commandExecution/requestApproval" => (Form::Decision, "execute"),
            "item/fileChange/requestApproval" => (Form::Decision, "edit"),
            "mcpServer/elicitation/request" if is_tool => (Form::Elicitation, "other"),
            "mcpServer/elicitation/request" => {
                self.decline_elicitation(id, params, messages);
                return true;
            }
            _ => return false,
        };
        if let Some(turn) = params.get("turnId").and_then(Value::as_str) {
            self.is_current(turn, messages);
        }
        let request_id = json_rpc::name(id.get());
        let has_namesake = self.withdraw_namesake(&request_id, messages);
        let tool = self.tool_asked_about(kind, params);
        let tool = tool.filter(|_| self.is_known_to_hook(form, params, messages));
        let Some(tool) = tool.filter(|_| !has_namesake) else {
            let text = format!(
                "permission request {request_id} is denied: it is malformed, or another one of that name was open, or the gate did not let it pass"
            );
            let kind = EventKind::warning(NoticeCode::PermissionRefused, text);
            messages.push(Message::Event(kind));
            self.reply(id, form.answer(false, false), messages);
            return true;
        };
        let paths = changed_paths(&tool).unwrap_or_default();
        let leave = self.policy.leave(kind, &paths, &self.wanted.work_dir);
        self.keep(
            Approval {
                request_id: request_id.clone(),
                id: id.to_owned(),
                form,
                is_denied: leave == Leave::Denied,
            },
            messages,
        );
        let is_known = self.hook_calls.has_allowed_like(&tool);
        messages.push(match question(leave, request_id, tool, params) {
            Message::GateAsked(question) if is_known => Message::GateAskedAgain(question),
            question => question,
        });
        true
    }

    /// A server asks the user something, and waits for the answer. Callers cannot be asked for anything but
    /// leave, so it is declined, which tells the server that nobody wants to answer.
    fn decline_elicitation(&self, id: &RawValue, params: &Value, messages: &mut Vec<Message>) {
        let of = |member: &str| params.get(member).and_then(Value::as_str);
        let message = one_line(of("message").unwrap_or_default(), MESSAGE_AT_MOST);
        let server = of("serverName").unwrap_or_default();
        let text = format!("server {server:?} asks the user, which is declined: {message}");
        let kind = EventKind::warning(NoticeCode::PermissionRefused, text);
        messages.push(Message::Event(kind));
        self.reply(id, Form::Elicitation.answer(false, false), messages);
    }

    /// False if it asks about a call that our hook did not let pass. That ends the process: the hook is
    /// off. A question about a server's tool does not name its call; its item was looked at before.
    fn is_known_to_hook(
        &mut self,
        form: Form,
        params: &Value,
        messages: &mut Vec<Message>,
    ) -> bool {
        let item = params.get("itemId").and_then(Value::as_str);
        let is_allowed = || self.hook_calls.has_allowed(item.unwrap_or_default());
        let is_known = !self.wanted.hooked || form == Form::Elicitation || is_allowed();
        if !is_known {
            let why = "leave is asked for a call that its hook did not let pass";
            self.gate_failed(why.to_owned(), messages);
        }
        is_known && !self.hook_calls.failed
    }

    /// The question's own words win over those of the item.
    fn tool_asked_about(&self, kind: &str, params: &Value) -> Option<ToolUse> {
        let item = params.get("itemId").and_then(Value::as_str);
        let known = item.and_then(|item| self.items.get(item));
        let id = item.unwrap_or_default().to_owned();
        match kind {
            "execute" => {
                let command = params.get("command")?.as_str()?;
                let input = json!({"command": command, "cwd": params.get("cwd")});
                let told = call(id, "Bash".to_owned(), input);
                Some(self.hook_calls.as_asked(told))
            }
            "edit" => known.filter(|tool| tool.name == "apply_patch").cloned(),
            _ => {
                let meta = params.get("_meta")?;
                let server = params.get("serverName")?.as_str()?;
                let name = meta.get("tool_name")?.as_str()?;
                let input = meta.get("tool_params").cloned().unwrap_or_default();
                Some(call(id, format!("mcp__{server}__{name}"), input))
            }
        }
    }

    fn keep(&mut self, approval: Approval, messages: &mut Vec<Message>) {
        if self.approvals.0.len() == Approvals::AT_MOST
            && let Some(oldest) = self.approvals.0.pop_front()
        {
            self.withdraw(oldest, messages);
        }
        self.approvals.0.push_back(approval);
    }

    /// Which of two open questions of one name an answer is for, nobody can tell: leave for the one could be
    /// taken for leave for the other. So neither gets any. True if there was one.
    pub(super) fn withdraw_namesake(
        &mut self,
        request_id: &str,
        messages: &mut Vec<Message>,
    ) -> bool {
        let open = self.approvals.take(request_id);
        let is_open = open.is_some();
        open.into_iter()
            .for_each(|approval| self.withdraw(approval, messages));
        is_open
    }

    /// The turn is over, and what was asked in it is void. The agent is told so: it may wait for the answer
    /// beside its turns.
    pub(super) fn forget_approvals(&mut self, messages: &mut Vec<Message>) {
        for approval in std::mem::take(&mut self.approvals.0) {
            self.withdraw(approval, messages);
        }
    }

    fn withdraw(&self, approval: Approval, messages: &mut Vec<Message>) {
        self.reply(&approval.id, approval.form.answer(false, false), messages);
        messages.push(Message::ApprovalWithdrawn(approval.request_id));
    }

    pub(super) fn reply(&self, id: &RawValue, answer: Value, messages: &mut Vec<Message>) {
        let mut out = Vec::new();
        self.peer.answer(id, answer, &mut out);
        messages.push(Message::Reply(out));
    }

    /// Does nothing for a question that is not open.
    pub(super) fn decide(&mut self, request_id: &str, decision: &Decision, out: &mut Vec<u8>) {
        let Some(approval) = self.approvals.take(request_id) else {
            return;
        };
        let (allowed, ends_turn, notice) = match decision {
            Decision::Allow { .. } if approval.is_denied => {
                let text = "a call was denied: nobody is asked in this permission mode";
                let kind = EventKind::info(NoticeCode::PermissionDenied, text);
                (false, false, Some(kind))
            }
            Decision::Allow {
                updated_input: None,
            } => (true, false, None),
            // What was not meant to run must not: the protocol has no word for another input.
            Decision::Allow { .. } => {
                let text = format!(
                    "permission request {request_id} is denied: this agent runs a tool as it asked or not at all"
                );
                let kind = EventKind::warning(NoticeCode::PermissionRefused, text);
                (false, false, Some(kind))
            }
            Decision::Deny { interrupt, .. } => (false, *interrupt, None),
        };
        let answer = approval.form.answer(allowed, ends_turn);
        self.peer.answer(&approval.id, answer, out);
        self.pending.extend(notice.map(Message::Event));
    }
}

/// What is asked, of the guard or of the caller.
fn question(leave: Leave, request_id: String, tool: ToolUse, params: &Value) -> Message {
    let told = |member: &str| {
        params
            .get(member)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    leave.question(request_id, tool, told("cwd"), told("reason"))
}

/// The files that a patch changes, by their names before and after; `None` if one has no name.
fn changed_paths(tool: &ToolUse) -> Option<Vec<String>> {
    let changes = tool.input.get("changes")?.as_array()?;
    let mut paths = Vec::new();
    for change in changes {
        paths.push(change.get("path")?.as_str()?.to_owned());
        let moved = change.pointer("/kind/move_path").and_then(Value::as_str);
        paths.extend(moved.map(str::to_owned));
    }
    Some(paths)
}

/// What a call does.
pub(in crate::provider) fn effects(tool: &ToolUse) -> Result<Vec<ToolEffect>, String> {
    match tool.name.as_str() {
        "Bash" => {
            let command = tool.input.get("command").and_then(Value::as_str);
            let command = command.filter(|command| !command.is_empty());
            let command = command.ok_or("it names no command")?;
            Ok(vec![ToolEffect::Run(command.to_owned())])
        }
        "apply_patch" if tool.input.get("changes").is_none() => {
            let patch = tool.input.get("command").and_then(Value::as_str);
            patch::effects(patch.unwrap_or_default())
        }
        "apply_patch" => {
            let paths = changed_paths(tool).filter(|paths| !paths.is_empty());
            let paths = paths.ok_or("it changes files and does not name each")?;
            Ok(paths.into_iter().map(ToolEffect::Write).collect())
        }
        "view_image" => {
            let path = tool.input.get("path").and_then(Value::as_str);
            let path = path.ok_or("it names no image")?;
            Ok(vec![ToolEffect::Read(path.to_owned())])
        }
        name => hotplex_guard::claude_code::effects(name, &tool.input),
    }
}
