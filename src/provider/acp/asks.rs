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
use crate::event::{Decision, EventKind};
use crate::message::{GateQuestion, Message};
use crate::notice::NoticeCode;
use crate::provider::json_rpc;
use crate::provider::mend;
use crate::provider::permission::Leave;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PermissionParams {
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

impl PermissionParams {
    fn choice(&self, kind: &str) -> Option<String> {
        let found = self.options.iter().find(|choice| choice.kind == kind);
        found.map(|choice| choice.option_id.clone())
    }
}

/// Why a question is denied that has no answer for one call.
const NOT_FOR_ONE: &str = "the agent takes no leave for one call alone";

/// Why two questions are denied.
const ONE_NAME: &str = "another one of that name was open";

impl AcpProtocol {
    pub(super) fn permission_asked(
        &mut self,
        id: &RawValue,
        params: Option<&RawValue>,
        line: &str,
        messages: &mut Vec<Message>,
    ) {
        let request_id = json_rpc::name(id.get());
        if self.withdraw_namesake(&request_id, messages) {
            return self.deny(id, &request_id, ONE_NAME, messages);
        }
        let asked: Option<PermissionParams> = params.and_then(|params| mend::read(params).ok());
        let Some(asked) = asked.filter(|asked| !asked.tool_call.tool_call_id.is_empty()) else {
            messages.push(Message::Event(EventKind::Raw(line.to_owned())));
            return self.deny(id, &request_id, "it is malformed", messages);
        };
        self.note_word(messages);
        self.speech.finish(messages);
        let is_known = self.hooks.calls.has_allowed(&asked.tool_call.tool_call_id);
        if self.is_followed() || is_known {
            return self.asked_again(id, request_id, &asked, messages);
        }
        let (allow, reject) = (asked.choice("allow_once"), asked.choice("reject_once"));
        let mut update = asked.tool_call;
        let tools = self.profile.tools;
        let call = self.calls.merge(&mut update, tools, messages);
        call.tell(tools, messages);
        let tool = call.tool(tools);
        let (kind, paths) = (call.kind(tools), call.all_paths());
        let leave = self.policy.leave(kind, &paths, &self.wanted.work_dir);
        let name = call.id.clone();
        let Some(allow) = allow else {
            return self.deny(id, &request_id, NOT_FOR_ONE, messages);
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
        messages.push(leave.question(request_id, tool, None, None));
    }

    /// A question about a call that our hook has asked about before. The caller has agreed to that; the
    /// gate judges once more, since this tells more, like the files of a patch. A hook of somebody else's
    /// may have made another call of it, about which the caller is asked anew.
    fn asked_again(
        &mut self,
        id: &RawValue,
        request_id: String,
        asked: &PermissionParams,
        messages: &mut Vec<Message>,
    ) {
        let call = asked.tool_call.tool_call_id.as_str();
        if !self.hooks.calls.has_allowed(call) {
            self.gate_failed(
                "leave is asked for a call that its hook did not let pass",
                messages,
            );
            return self.deny(id, &request_id, "the gate did not let it pass", messages);
        }
        let hooked = self.hooks.calls.asked(call);
        let told = hooked.zip(asked.tool_call.raw());
        let told = told.and_then(|(hooked, raw)| self.asked_now(hooked, raw));
        let Some((tool, is_same)) = told else {
            return self.deny(
                id,
                &request_id,
                "it does not tell what it is about",
                messages,
            );
        };
        let Some(allow) = asked.choice("allow_once") else {
            return self.deny(id, &request_id, NOT_FOR_ONE, messages);
        };
        // What it is now may be anything, whatever the tool.
        let other = || self.policy.leave("other", &[], &self.wanted.work_dir);
        let leave = (!is_same).then(other);
        let ask = Ask {
            request_id: request_id.clone(),
            call: call.to_owned(),
            id: id.to_owned(),
            allow,
            reject: asked.choice("reject_once"),
            is_denied: leave == Some(Leave::Denied),
        };
        self.keep(ask, messages);
        messages.push(match leave {
            Some(leave) => leave.question(request_id, tool, None, None),
            None => Message::GateAskedAgain(Box::new(GateQuestion {
                request_id,
                tool,
                current_dir: None,
            })),
        });
    }

    /// A question of which only its name is known.
    pub(super) fn deny_unread(&mut self, id: &RawValue, why: &str, messages: &mut Vec<Message>) {
        let request_id = json_rpc::name(id.get());
        self.withdraw_namesake(&request_id, messages);
        self.deny(id, &request_id, why, messages);
    }

    fn keep(&mut self, ask: Ask, messages: &mut Vec<Message>) {
        if self.asks.0.len() == Asks::AT_MOST
            && let Some(oldest) = self.asks.0.pop_front()
        {
            self.withdraw(oldest, messages);
        }
        self.asks.0.push_back(ask);
    }

    /// Which of two open questions of one name an answer is for, nobody can tell: leave for the one could be
    /// taken for leave for the other. So neither gets any. True if there was one.
    fn withdraw_namesake(&mut self, request_id: &str, messages: &mut Vec<Message>) -> bool {
        let open = self.asks.take(request_id);
        let is_open = open.is_some();
        open.into_iter()
            .for_each(|ask| self.withdraw(ask, messages));
        is_open
    }

    fn withdraw(&self, ask: Ask, messages: &mut Vec<Message>) {
        let mut out = Vec::new();
        self.peer.answer(&ask.id, void(), &mut out);
        messages.push(Message::Reply(out));
        messages.push(Message::ApprovalWithdrawn(ask.request_id));
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

    /// The turn is over, and what was asked in it is void. The agent is told so: it may wait for the answer
    /// beside its turns.
    pub(super) fn forget_asks(&mut self, messages: &mut Vec<Message>) {
        for ask in std::mem::take(&mut self.asks.0) {
            self.withdraw(ask, messages);
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
