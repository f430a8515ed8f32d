//! What the agent wants to be allowed, and what it is answered.
//!
//! Answers are for one call: an answer of the kind `allow_always` would be remembered beyond it, by
//! some agents for all sessions of a directory. A question that cannot be read is denied, since the
//! agent would wait for its answer for ever.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::calls::CallUpdate;
use super::open_asks::{Ask, Asks};
use super::protocol::AcpProtocol;
use crate::event::{Decision, EventKind, PermissionRequest};
use crate::message::{GateQuestion, Message};
use crate::notice::NoticeCode;
use crate::provider::permission::Leave;
use crate::provider::surrogates;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    tool_call: CallUpdate,
    options: Vec<Choice>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Choice {
    option_id: String,
    #[serde(default)]
    kind: String,
}

impl AcpProtocol {
    pub(super) fn permission_asked(
        &mut self,
        id: &RawValue,
        params: Option<&RawValue>,
        line: &str,
        messages: &mut Vec<Message>,
    ) {
        let request_id = id.get().trim_matches('"').to_owned();
        let asked: Option<Asked> = params.and_then(|params| surrogates::read(params).ok());
        let Some(asked) = asked.filter(|asked| !asked.tool_call.tool_call_id.is_empty()) else {
            messages.push(Message::Event(EventKind::Raw(line.to_owned())));
            return self.deny(id, &request_id, "it is malformed", messages);
        };
        self.note_word(messages);
        self.speech.finish(messages);
        let choice = |kind: &str| {
            let found = asked.options.iter().find(|choice| choice.kind == kind);
            found.map(|choice| choice.option_id.clone())
        };
        let (allow, reject) = (choice("allow_once"), choice("reject_once"));
        let mut update = asked.tool_call;
        let tools = self.profile.tools;
        let call = self.calls.merge(&mut update);
        call.tell(tools, messages);
        let tool = call.tool(tools);
        let (kind, paths) = (call.kind(tools), call.all_paths());
        let leave = self.policy.leave(kind, &paths, &self.wanted.work_dir);
        let name = call.id.clone();
        let Some(allow) = allow else {
            let why = "the agent takes no leave for one call alone";
            return self.deny(id, &request_id, why, messages);
        };
        self.keep(
            Ask {
                request_id: request_id.clone(),
                call: name,
                id: id.to_owned(),
                allow,
                reject,
                is_denied: leave == Leave::Denied,
            },
            messages,
        );
        match leave {
            Leave::Guard | Leave::Denied => {
                messages.push(Message::GateAsked(Box::new(GateQuestion {
                    request_id,
                    tool,
                    current_dir: None,
                })))
            }
            Leave::Caller => messages.push(Message::ApprovalAsked(Box::new(PermissionRequest {
                request_id,
                tool,
                reason: None,
            }))),
        }
    }

    fn keep(&mut self, ask: Ask, messages: &mut Vec<Message>) {
        if self.asks.0.len() == Asks::AT_MOST
            && let Some(oldest) = self.asks.0.pop_front()
        {
            let mut out = Vec::new();
            self.peer.answer(&oldest.id, void(), &mut out);
            messages.push(Message::Reply(out));
            messages.push(Message::ApprovalWithdrawn(oldest.request_id));
        }
        self.asks.0.push_back(ask);
    }

    fn deny(&self, id: &RawValue, request_id: &str, why: &str, messages: &mut Vec<Message>) {
        let text = format!("permission request {request_id} is denied: {why}");
        let kind = EventKind::warning(NoticeCode::PermissionRefused, text);
        messages.push(Message::Event(kind));
        let mut out = Vec::new();
        self.peer.answer(id, void(), &mut out);
        messages.push(Message::Reply(out));
    }

    /// Does nothing for a question that is not open.
    pub(super) fn answer_ask(&mut self, request_id: &str, decision: &Decision, out: &mut Vec<u8>) {
        let Some(ask) = self.asks.take(request_id) else {
            return;
        };
        let reject = |reject: Option<String>| reject.map_or_else(void, |option| chosen(&option));
        let is_allowed = Decision::allow() == *decision && !ask.is_denied;
        if !is_allowed {
            self.calls.denied(&ask.call);
        }
        match decision {
            Decision::Allow { .. } if ask.is_denied => {
                self.peer.answer(&ask.id, reject(ask.reject), out);
                let text = "a call was denied: nobody is asked in this permission mode";
                let kind = EventKind::info(NoticeCode::PermissionDenied, text);
                self.pending.push(Message::Event(kind));
            }
            Decision::Allow {
                updated_input: None,
            } => self.peer.answer(&ask.id, chosen(&ask.allow), out),
            // What was not meant to run must not: the protocol has no word for another input.
            Decision::Allow { .. } => {
                self.peer.answer(&ask.id, reject(ask.reject), out);
                let text = format!(
                    "permission request {request_id} is denied: this agent runs a tool as it asked or not at all"
                );
                let kind = EventKind::warning(NoticeCode::PermissionRefused, text);
                self.pending.push(Message::Event(kind));
            }
            Decision::Deny {
                interrupt: false, ..
            } => self.peer.answer(&ask.id, reject(ask.reject), out),
            Decision::Deny {
                interrupt: true, ..
            } => {
                self.peer.answer(&ask.id, void(), out);
                self.cancel_asks(out);
                self.write_cancel(out);
            }
        }
    }

    /// The protocol wants every open question answered as void when a turn is cancelled.
    pub(super) fn cancel_asks(&mut self, out: &mut Vec<u8>) {
        for ask in std::mem::take(&mut self.asks.0) {
            self.peer.answer(&ask.id, void(), out);
            let withdrawn = Message::ApprovalWithdrawn(ask.request_id);
            self.pending.push(withdrawn);
        }
        self.pending.extend(self.hooks.withdrawn());
    }

    /// The turn is over: nobody waits for an answer any more.
    pub(super) fn forget_asks(&mut self, messages: &mut Vec<Message>) {
        for ask in std::mem::take(&mut self.asks.0) {
            messages.push(Message::ApprovalWithdrawn(ask.request_id));
        }
        messages.extend(self.hooks.withdrawn());
    }
}

fn chosen(option: &str) -> Value {
    json!({"outcome": {"outcome": "selected", "optionId": option}})
}

fn void() -> Value {
    json!({"outcome": {"outcome": "cancelled"}})
}
