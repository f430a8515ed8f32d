//! Messages that nobody can read, by what is certain of them: the end of a turn, a question, an answer of the
//! handshake. For each of them somebody would wait for ever.

use super::open_asks::PERMISSION;
use super::protocol::AcpProtocol;
use super::stage::Stage;
use crate::message::Message;
use crate::provider::json_rpc::{Fault, Lost, METHOD_NOT_FOUND};
use crate::provider::outline::Outline;

impl AcpProtocol {
    pub(super) fn lost_message(
        &mut self,
        outline: &Outline,
        why: &str,
        messages: &mut Vec<Message>,
    ) {
        match Lost::of(outline, |method| method == PERMISSION) {
            Lost::Request { id, method } if method == PERMISSION => {
                self.deny_unread(&id, &format!("it cannot be read: {why}"), messages);
            }
            Lost::Request { id, method } => {
                let text = format!("{method} cannot be read: {why}");
                let mut out = Vec::new();
                self.peer.refuse(&id, METHOD_NOT_FOUND, &text, &mut out);
                messages.push(Message::Reply(out));
            }
            Lost::Nameless { method } => {
                let why = format!("{method} cannot be read nor answered: {why}");
                messages.push(Message::ProtocolFailed(why));
            }
            Lost::Answer { request, .. } => self.lost_answer(request, why, messages),
            Lost::Notification { .. } | Lost::Unclear => {}
        }
    }

    fn lost_answer(&mut self, request: u64, why: &str, messages: &mut Vec<Message>) {
        if self.stage.awaits(request) {
            self.stage = Stage::Failed;
            let why = format!("its answer cannot be read: {why}");
            return messages.push(Message::HandshakeRefused(why));
        }
        let why = format!("the agent's end of the turn cannot be read: {why}");
        self.prompt_answered(request, Err(Fault::of(why)), messages);
    }
}
