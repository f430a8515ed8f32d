//! From a line to whom it is for: a request of the agent's, an answer to one of ours, or what it tells.

use serde_json::from_str;

use super::outlined::OUTLINED;
use super::protocol::CodexProtocol;
use crate::event::EventKind;
use crate::message::Message;
use crate::provider::json_line::{self, JsonProtocol, Unknown};
use crate::provider::json_rpc::{Fault, Incoming, number};
use crate::provider::lines::{self, LineBuffer, LineProtocol};
use crate::provider::mend;
use crate::provider::outline::{Outline, Path};

impl LineProtocol for CodexProtocol {
    fn buffer(&mut self) -> &mut LineBuffer {
        &mut self.lines
    }

    fn decode(&mut self, line: &[u8], messages: &mut Vec<Message>) {
        messages.append(&mut self.pending);
        json_line::decode(self, &lines::text(line), messages);
    }

    fn outlined(&self) -> &'static [Path] {
        OUTLINED
    }

    fn lost(&mut self, outline: &Outline, why: &str, messages: &mut Vec<Message>) {
        self.lost_message(outline, why, messages);
    }
}

impl JsonProtocol for CodexProtocol {
    fn read(&mut self, line: &str, messages: &mut Vec<Message>) -> Result<(), Unknown> {
        let incoming: Incoming<'_> = from_str(line)?;
        let params = || {
            let params = incoming.params.ok_or(Unknown)?;
            Ok(mend::read(params)?)
        };
        match (incoming.method(), incoming.id) {
            (Some(method), Some(id)) => {
                let params = params().unwrap_or_default();
                if self.asked(id, method, &params, messages) {
                    return Ok(());
                }
                match self.notified(method, || Ok(params), line, messages) {
                    Ok(()) => self.acknowledge(id, messages),
                    Err(Unknown) => {
                        messages.push(Message::Event(EventKind::Raw(line.to_owned())));
                        self.refuse(id, method, messages);
                    }
                }
                Ok(())
            }
            (Some(method), None) => self.notified(method, params, line, messages),
            (None, Some(id)) => {
                let answer = match incoming.error {
                    Some(error) => Err(Fault::read(error)),
                    None => Ok(incoming.result),
                };
                self.answered(number(id).ok_or(Unknown)?, answer, messages)
            }
            (None, None) => Err(Unknown),
        }
    }
}
