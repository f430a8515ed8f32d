//! Lines that nobody can read, by what is certain of them: the end of a turn, a question of the agent's, the
//! answer to the handshake. For each of them somebody would wait for ever.

use super::control::{deny, reply};
use super::line::Cause;
use super::outlined::{ANSWERED, CALLBACK, CAUSE, DURATION, PROMPTS, REQUEST_ID, SUBTYPE, TYPE};
use super::protocol::ClaudeProtocol;
use super::write;
use crate::event::EventKind;
use crate::message::{Message, TurnResult};
use crate::notice::NoticeCode;
use crate::provider::outline::Outline;

impl ClaudeProtocol {
    pub(super) fn lost_line(&mut self, outline: &Outline, why: &str, messages: &mut Vec<Message>) {
        match outline.text(TYPE).as_deref() {
            Some("result") => self.lost_result(outline, why, messages),
            Some("control_request") => self.lost_request(outline, why, messages),
            Some("control_response") => self.lost_response(outline, why, messages),
            None if outline.raw(TYPE).is_none() && outline.has(DURATION) => {
                self.lost_result(outline, why, messages);
            }
            _ => {}
        }
    }

    fn lost_result(&mut self, outline: &Outline, why: &str, messages: &mut Vec<Message>) {
        let cause = outline.text(CAUSE).map(|kind| Cause { kind });
        messages.push(Message::TurnResult(Box::new(TurnResult {
            is_error: true,
            error: Some(format!("the agent's end of the turn cannot be read: {why}")),
            origin: self.origin_of(&outline.texts(PROMPTS), cause),
            model: self.totals.answered_by.take(),
            ..TurnResult::default()
        })));
    }

    /// What the agent asks is denied by its name. It would wait for ever for an answer that nobody can give.
    fn lost_request(&mut self, outline: &Outline, why: &str, messages: &mut Vec<Message>) {
        let (id, subtype) = (outline.text(REQUEST_ID), outline.text(SUBTYPE));
        let Some((id, subtype)) = id.zip(subtype) else {
            let why = format!("it asks something that cannot be read nor answered: {why}");
            return messages.push(Message::ProtocolFailed(why));
        };
        if self.approvals.take(&id).is_some() {
            messages.push(Message::ApprovalWithdrawn(id.clone()));
        }
        let is_gate = outline
            .text(CALLBACK)
            .is_none_or(|name| name == write::GATE);
        let why = format!("the request cannot be read: {why}");
        match subtype.as_str() {
            "can_use_tool" => deny(&id, &why, messages),
            "hook_callback" if is_gate => {
                let text = format!("a call is denied: {why}");
                let kind = EventKind::warning(NoticeCode::PermissionRefused, text);
                messages.push(Message::Event(kind));
                messages.push(reply(|out| write::hook_denial(&id, &why, out)));
            }
            "hook_callback" => {
                messages.push(reply(|out| write::neutral(&id, out)));
                let name = outline.text(CALLBACK);
                if self.judged.is_some() && name.as_deref() == Some(write::RAN) {
                    messages.push(Message::Event(unread_call(&why)));
                }
            }
            _ => messages.push(reply(|out| write::refusal(&id, &why, out))),
        }
    }

    fn lost_response(&mut self, outline: &Outline, why: &str, messages: &mut Vec<Message>) {
        let id = outline.text(ANSWERED);
        if id.is_some() && self.requests.handshake == id {
            self.requests.handshake = None;
            let why = format!("its answer cannot be read: {why}");
            messages.push(Message::HandshakeRefused(why));
        }
    }
}

/// What ran may be another call than the one that was judged, and its output makes a long line.
fn unread_call(why: &str) -> EventKind {
    let text = format!("guard.unjudged: a call has run of which cannot be told what it was: {why}");
    EventKind::warning(NoticeCode::DangerFlag, text)
}
