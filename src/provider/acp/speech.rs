//! Answers and thoughts, which come in pieces and are told whole.

use crate::event::EventKind;
use crate::message::Message;

/// Who speaks: the model to the caller, or to itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Voice {
    Answer,
    Thought,
}

/// What was said since the last thing that was told whole.
pub(super) struct Speech {
    voice: Voice,
    /// The agent's name of the message that the pieces are of, where it tells one.
    message: Option<String>,
    text: String,
    /// The last answer of the turn.
    last_answer: Option<String>,
    deltas: bool,
    at_most: usize,
}

impl Speech {
    /// Tells pieces as they come as well, if `deltas` are wanted. A text of more than `at_most` bytes
    /// is told in parts.
    pub(super) fn new(deltas: bool, at_most: usize) -> Speech {
        Speech {
            voice: Voice::Answer,
            message: None,
            text: String::new(),
            last_answer: None,
            deltas,
            at_most,
        }
    }

    pub(super) fn piece(
        &mut self,
        voice: Voice,
        message: Option<&str>,
        piece: &str,
        messages: &mut Vec<Message>,
    ) {
        let is_same = self.voice == voice && self.message.as_deref() == message;
        if !is_same || self.text.len() + piece.len() > self.at_most {
            self.finish(messages);
            self.voice = voice;
            self.message = message.map(str::to_owned);
        }
        self.text.push_str(piece);
        if self.deltas && !piece.is_empty() {
            messages.push(Message::Event(match voice {
                Voice::Answer => EventKind::AnswerDelta(piece.to_owned()),
                Voice::Thought => EventKind::ThinkingDelta(piece.to_owned()),
            }));
        }
    }

    /// Something else comes next.
    pub(super) fn finish(&mut self, messages: &mut Vec<Message>) {
        messages.extend(self.take().map(Message::Event));
    }

    /// What was said, as far as it was.
    pub(super) fn take(&mut self) -> Option<EventKind> {
        let text = std::mem::take(&mut self.text);
        self.message = None;
        if text.is_empty() {
            return None;
        }
        Some(match self.voice {
            Voice::Answer => {
                self.last_answer.get_or_insert_default().clone_from(&text);
                EventKind::Answer(text)
            }
            Voice::Thought => EventKind::Thinking(text),
        })
    }

    /// The turn is over: its last answer.
    pub(super) fn take_last_answer(&mut self) -> Option<String> {
        self.last_answer.take()
    }
}
