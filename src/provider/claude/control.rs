//! Control requests, both ways: ours and their answers, the agent's and what is owed to it.

use serde_json::value::RawValue;
use serde_json::{Value, from_str};

use super::line::{
    AgentRequest, ControlCancel, ControlRequest, ControlResponse, Lifecycle, ToldOfTool,
};
use super::line::{Read, Unknown};
use super::protocol::{ClaudeProtocol, Requests};
use super::{tool, write};
use crate::event::{Decision, EventKind, PermissionRequest, ToolUse};
use crate::message::{GateQuestion, Message};
use crate::notice::NoticeCode;
use crate::provider::mend;

impl ClaudeProtocol {
    /// How far a prompt has come. `completed`, `cancelled` and whatever else ends it are one.
    pub(super) fn command_lifecycle(&mut self, line: &str, messages: &mut Vec<Message>) -> Read {
        if let Some((name, state)) = lifecycle_at_a_glance(line) {
            self.prompt_is(name, state, messages);
            return Ok(());
        }
        let lifecycle: Lifecycle = from_str(line)?;
        let (name, state) = (lifecycle.command_uuid.as_str(), lifecycle.state.as_str());
        self.prompt_is(name, state, messages);
        Ok(())
    }

    fn prompt_is(&self, name: &str, state: &str, messages: &mut Vec<Message>) {
        let Some(turn) = self.prompts.turn(name) else {
            return;
        };
        messages.push(match state {
            "queued" => Message::TurnQueued(turn),
            "started" => Message::TurnStarted(Some(turn)),
            _ => Message::TurnOver(turn),
        });
    }

    /// A version that answers with an error is up all the same, but it would not ask before it runs
    /// a tool.
    pub(super) fn control_response(&mut self, line: &str, messages: &mut Vec<Message>) -> Read {
        let answer: ControlResponse = from_str(line)?;
        let id = answer.response.request_id.as_str();
        if self.requests.handshake.as_deref() == Some(id) {
            self.requests.handshake = None;
            let failed = answer
                .response
                .subtype
                .is_some_and(|kind| kind.as_str() == "error");
            messages.push(if failed {
                let why = answer.response.error.and_then(reason);
                Message::HandshakeRefused(why.unwrap_or_default())
            } else {
                Message::Ready
            });
        } else if !Requests::is_ours(id) {
            return Err(Unknown);
        }
        Ok(())
    }

    pub(super) fn control_request(&mut self, line: &str, messages: &mut Vec<Message>) -> Read {
        let ControlRequest {
            request_id,
            request,
        } = from_str(line)?;
        match request.subtype.as_str() {
            "can_use_tool" => self.approval(line, request_id, request, messages),
            "hook_callback" => self.hook_called(line, request_id, &request, messages),
            // The agent waits for an answer whatever it asked; without one it would hang.
            other => {
                let error = format!("hotplex does not serve control requests of subtype {other}");
                messages.push(Message::Event(EventKind::Raw(line.to_owned())));
                messages.push(reply(|out| write::refusal(&request_id, &error, out)));
            }
        }
        Ok(())
    }

    /// A question that cannot be read is denied: the agent would wait for its answer for ever.
    fn approval(
        &mut self,
        line: &str,
        request_id: String,
        request: AgentRequest,
        messages: &mut Vec<Message>,
    ) {
        // Which of two open questions of one name an answer is for, nobody can tell.
        if self.approvals.take(&request_id).is_some() {
            deny(&request_id, "another one of that name was open", messages);
            return messages.push(Message::ApprovalWithdrawn(request_id));
        }
        let read = request.tool_name.zip(request.input);
        let Some((name, input, value)) =
            read.and_then(|(name, input)| Some((name, input, mend::read(input).ok()?)))
        else {
            messages.push(Message::Event(EventKind::Raw(line.to_owned())));
            return deny(&request_id, "the permission request is malformed", messages);
        };
        let id = request.tool_use_id.unwrap_or_default();
        let tool = tool::call(id, name, value);
        self.asked(&request_id, &tool);
        let reason = request.decision_reason.and_then(reason);
        if let Some(oldest) = self.approvals.add(request_id.clone(), input.to_owned()) {
            let error = "too many permission requests are open";
            messages.push(reply(|out| write::refusal(&oldest, error, out)));
            messages.push(Message::ApprovalWithdrawn(oldest));
        }
        messages.push(match reason {
            Some(text) if self.asks_again && text == write::AS_IT_RUNS => {
                Message::GateAskedAgain(Box::new(GateQuestion {
                    request_id,
                    tool,
                    current_dir: None,
                }))
            }
            reason => Message::ApprovalAsked(Box::new(PermissionRequest {
                request_id,
                tool,
                reason,
            })),
        });
    }

    /// Hooks other than ours get the answer that changes nothing. A call of the gate that cannot be read
    /// is denied, and what ran and cannot be read is told as it is.
    fn hook_called(
        &mut self,
        line: &str,
        request_id: String,
        request: &AgentRequest,
        messages: &mut Vec<Message>,
    ) {
        let callback = request.callback_id.as_ref();
        let callback = callback.map_or(write::GATE, |id| id.as_str());
        let has_run = callback == write::RAN && self.judged.is_some();
        if callback != write::GATE {
            messages.push(reply(|out| write::neutral(&request_id, out)));
        }
        if callback != write::GATE && !has_run {
            return;
        }
        let told: Option<ToldOfTool> = request.input.and_then(|input| mend::read(input).ok());
        let Some(told) = told else {
            messages.push(Message::Event(EventKind::Raw(line.to_owned())));
            let why = "the call of the gate is malformed";
            let denial = (!has_run).then(|| reply(|out| write::hook_denial(&request_id, why, out)));
            return messages.extend(denial);
        };
        let id = told.tool_use_id.or_else(|| request.tool_use_id.clone());
        let question = Box::new(GateQuestion {
            request_id,
            tool: tool::call(id.unwrap_or_default(), told.tool_name, told.tool_input),
            current_dir: told.cwd,
        });
        if !has_run {
            self.asked(&question.request_id, &question.tool);
            messages.push(Message::GateAsked(question));
        } else if !self.is_as_judged(&question.tool) {
            messages.push(Message::RanUnjudged(question));
        }
    }

    fn asked(&mut self, request_id: &str, tool: &ToolUse) {
        if let Some(judged) = &mut self.judged {
            judged.asked(request_id, &tool.id, &tool.input);
        }
    }

    fn is_as_judged(&mut self, tool: &ToolUse) -> bool {
        let judged = self.judged.as_mut();
        judged.is_none_or(|judged| judged.ran(&tool.id, &tool.input))
    }

    pub(super) fn control_cancel_request(
        &mut self,
        line: &str,
        messages: &mut Vec<Message>,
    ) -> Read {
        let cancel: ControlCancel = from_str(line)?;
        let id = cancel.request_id.as_str();
        // Other requests than approvals were answered when they came.
        if self.approvals.take(id).is_some() {
            messages.push(Message::ApprovalWithdrawn(id.to_owned()));
        }
        Ok(())
    }
}

/// Denies a permission request without asking the gate or the caller.
pub(super) fn deny(request_id: &str, why: &str, messages: &mut Vec<Message>) {
    let text = format!("permission request {request_id} is denied: {why}");
    let kind = EventKind::warning(NoticeCode::PermissionRefused, text);
    messages.push(Message::Event(kind));
    let denial = Decision::deny(why);
    messages.push(reply(|out| write::denial(request_id, &denial, out)));
}

pub(super) fn reply(write: impl FnOnce(&mut Vec<u8>)) -> Message {
    let mut line = Vec::new();
    write(&mut line);
    Message::Reply(line)
}

/// The reason is text where it was seen; anything else is shown as it is written.
fn reason(raw: &RawValue) -> Option<String> {
    match mend::read(raw).ok()? {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

/// Name and state of a line in the order of members that 2.1.330 writes. It writes three of them a
/// turn, of which one matters.
fn lifecycle_at_a_glance(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix(r#"{"type":"command_lifecycle","command_uuid":""#)?;
    let rest = rest.strip_suffix("\"}")?;
    let (name, rest) = rest.split_once(r#"","state":""#)?;
    let (state, _) = rest.split_once('"')?;
    Some((name, state))
}
