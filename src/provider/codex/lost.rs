//! Messages that nobody can read, by what is certain of them: the end of a turn, a question, an answer. For each
//! of them somebody would wait for ever.

use serde_json::value::RawValue;

use super::open_approvals::Form;
use super::outlined::{BEGUN, ENDED, THREAD};
use super::protocol::{CodexProtocol, failure};
use crate::event::EventKind;
use crate::message::Message;
use crate::notice::NoticeCode;
use crate::provider::json_rpc::{self, Lost};
use crate::provider::outline::Outline;

impl CodexProtocol {
    pub(super) fn lost_message(
        &mut self,
        outline: &Outline,
        why: &str,
        messages: &mut Vec<Message>,
    ) {
        match Lost::of(outline, |method| form(method).is_some()) {
            Lost::Request { id, method } => self.lost_request(&id, &method, why, messages),
            Lost::Nameless { method } => {
                let why = format!("{method} cannot be read nor answered: {why}");
                messages.push(Message::ProtocolFailed(why));
            }
            Lost::Answer { request, is_error } => {
                let name = outline.text(BEGUN);
                self.lost_answer(request, is_error, name, why, messages);
            }
            Lost::Notification { method } if method == "turn/completed" => {
                self.lost_end(outline, why, messages);
            }
            Lost::Notification { .. } | Lost::Unclear => {}
        }
    }

    fn lost_request(
        &mut self,
        id: &RawValue,
        method: &str,
        why: &str,
        messages: &mut Vec<Message>,
    ) {
        let Some(form) = form(method) else {
            return self.refuse(id, method, messages);
        };
        let request_id = json_rpc::name(id.get());
        self.withdraw_namesake(&request_id, messages);
        let text = format!("permission request {request_id} is denied: it cannot be read: {why}");
        let kind = EventKind::warning(NoticeCode::PermissionRefused, text);
        messages.push(Message::Event(kind));
        self.reply(id, form.answer(false, false), messages);
    }

    /// What the turn that was begun is called is told again by its first word.
    fn lost_answer(
        &mut self,
        request: u64,
        is_error: bool,
        name: Option<String>,
        why: &str,
        messages: &mut Vec<Message>,
    ) {
        if self.awaits(request) {
            return self.fail(format!("its answer cannot be read: {why}"), messages);
        }
        if !self.is_prompt(request) {
            return;
        }
        match name {
            _ if is_error => {
                let why = format!("the agent refuses the prompt, and why cannot be read: {why}");
                self.prompt_refused(why, messages);
            }
            name => {
                self.prompt_taken_unnamed();
                if let Some(name) = name {
                    self.name_turn(&name, messages);
                }
            }
        }
    }

    fn lost_end(&mut self, outline: &Outline, why: &str, messages: &mut Vec<Message>) {
        let is_own_thread = outline
            .text(THREAD)
            .is_some_and(|thread| thread == self.thread);
        let Some(name) = outline.text(ENDED).filter(|_| is_own_thread) else {
            return;
        };
        if self.is_current(&name, messages) {
            let why = format!("the agent's end of the turn cannot be read: {why}");
            self.end_turn(failure(why), messages);
        }
    }
}

/// How a question of the agent's is answered.
fn form(method: &str) -> Option<Form> {
    match method {
        "item/commandExecution/requestApproval" | "item/fileChange/requestApproval" => {
            Some(Form::Decision)
        }
        "mcpServer/elicitation/request" => Some(Form::Elicitation),
        _ => None,
    }
}
