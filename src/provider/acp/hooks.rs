//! What a plugin of ours in the agent asks, and what it is answered.
//!
//! It greets when it is loaded, and asks before each call of a tool, with the whole input: what the
//! agent tells of the call afterwards goes to the same call. It takes `{"allow":true}` for a yes, and
//! all else for a no.

use serde_json::json;

use super::open_hooks::{Asked, Called};
use super::opencode;
use super::protocol::AcpProtocol;
use crate::event::{Decision, EventKind, PermissionRequest};
use crate::message::{GateQuestion, Message};
use crate::notice::NoticeCode;
use crate::provider::permission::Leave;
use crate::provider::surrogates;

impl AcpProtocol {
    pub(super) fn plugin_asked(
        &mut self,
        id: &str,
        request: &str,
        messages: &mut Vec<Message>,
    ) -> Option<String> {
        let value = serde_json::value::RawValue::from_string(request.to_owned());
        let asked = value.ok().and_then(|value| surrogates::read(&value).ok());
        match asked {
            Some(Asked::Greeting { hello, runs }) => {
                log::debug!("the guard plugin is loaded in {hello}");
                self.hooks.has_greeted = true;
                self.hooks.runs = runs;
                Some(allowed())
            }
            Some(Asked::Call(called)) => {
                self.call_asked(id, called, messages);
                None
            }
            None => {
                let text = "what the guard plugin asks cannot be read, and is denied";
                let kind = EventKind::warning(NoticeCode::PermissionRefused, text);
                messages.push(Message::Event(kind));
                Some(denied("hotplex: the question cannot be read"))
            }
        }
    }

    fn call_asked(&mut self, id: &str, called: Called, messages: &mut Vec<Message>) {
        self.note_word(messages);
        self.speech.finish(messages);
        let tools = self.profile.tools;
        let mut update = opencode::call(called, &self.wanted.work_dir);
        let call = self.calls.merge(&mut update);
        call.tell(tools, messages);
        let tool = call.tool(tools);
        let work_dir = &self.wanted.work_dir;
        let leave = self.policy.leave(&call.kind, &call.all_paths(), work_dir);
        let request_id = id.to_owned();
        let is_denied = leave == Leave::Denied;
        self.hooks.open.insert(request_id.clone(), is_denied);
        messages.push(match leave {
            Leave::Guard | Leave::Denied => Message::GateAsked(Box::new(GateQuestion {
                request_id,
                tool,
                current_dir: None,
            })),
            Leave::Caller => Message::ApprovalAsked(Box::new(PermissionRequest {
                request_id,
                tool,
                reason: None,
            })),
        });
    }

    pub(super) fn answer_plugin(&mut self, id: &str, decision: &Decision) -> String {
        let is_denied = self.hooks.open.remove(id);
        let notice = |code, text: &str| Message::Event(EventKind::warning(code, text));
        match (decision, is_denied) {
            (_, None) => denied("nobody waits for this call any more"),
            (Decision::Deny { message, .. }, _) => denied(message),
            (Decision::Allow { .. }, Some(true)) => {
                let text = "a call was denied: nobody is asked in this permission mode";
                let kind = EventKind::info(NoticeCode::PermissionDenied, text);
                self.pending.push(Message::Event(kind));
                denied(text)
            }
            (
                Decision::Allow {
                    updated_input: None,
                },
                _,
            ) => allowed(),
            // What was not meant to run must not.
            (Decision::Allow { .. }, _) => {
                let text = format!(
                    "permission request {id} is denied: this agent runs a tool as it asked or not at all"
                );
                let denial = denied(&text);
                self.pending
                    .push(notice(NoticeCode::PermissionRefused, &text));
                denial
            }
        }
    }
}

fn allowed() -> String {
    json!({"allow": true}).to_string()
}

fn denied(why: &str) -> String {
    json!({"deny": why}).to_string()
}
