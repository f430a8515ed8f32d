//! Answers and thoughts, which come in pieces and are told whole.

use serde_json::from_str;
use serde_json::value::RawValue;

use crate::event::EventKind;
use crate::message::Message;
use crate::provider::surrogates::{half_at_end, lone_surrogates};

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
    last_message: Option<String>,
    text: String,
    /// The first half of a character that the last piece ended in, as it was written.
    half: String,
    /// The agent's name of the last message of the turn before. What it still says under that name is no
    /// word of another turn.
    ended_with: Option<String>,
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
            half: String::new(),
            last_message: None,
            ended_with: None,
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
            self.last_message.clone_from(&self.message);
        }
        // The other half did not come.
        if !std::mem::take(&mut self.half).is_empty() {
            self.text.push(char::REPLACEMENT_CHARACTER);
        }
        self.text.push_str(piece);
        if self.deltas && !piece.is_empty() {
            messages.push(Message::Event(match voice {
                Voice::Answer => EventKind::AnswerDelta(piece.to_owned()),
                Voice::Thought => EventKind::ThinkingDelta(piece.to_owned()),
            }));
        }
    }

    /// The same for a piece with half a character in it, as it was written; false if it is no text. Agents in
    /// JavaScript may cut within a character, whose other half begins the next piece then.
    pub(super) fn cut_piece(
        &mut self,
        voice: Voice,
        message: Option<&str>,
        piece: &RawValue,
        messages: &mut Vec<Message>,
    ) -> bool {
        let Some(rest) = piece.get().strip_prefix('"') else {
            return false;
        };
        let is_same = self.voice == voice && self.message.as_deref() == message;
        let half = match is_same {
            true => std::mem::take(&mut self.half),
            false => String::new(),
        };
        let joined = format!("\"{half}{rest}");
        let (before, half) = half_at_end(&joined).map_or((joined.as_str(), ""), |found| found);
        let literal = match half {
            "" => before.to_owned(),
            _ => format!("{before}\""),
        };
        let mended = lone_surrogates(&literal).unwrap_or(literal);
        let Ok(text) = from_str::<String>(&mended) else {
            return false;
        };
        self.piece(voice, message, &text, messages);
        half.clone_into(&mut self.half);
        true
    }

    /// A piece waits for the other half of a character.
    pub(super) fn is_cut(&self) -> bool {
        !self.half.is_empty()
    }

    /// Something else comes next.
    pub(super) fn finish(&mut self, messages: &mut Vec<Message>) {
        messages.extend(self.take().map(Message::Event));
    }

    /// What was said, as far as it was.
    pub(super) fn take(&mut self) -> Option<EventKind> {
        let mut text = std::mem::take(&mut self.text);
        if !std::mem::take(&mut self.half).is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
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

    /// The turn is over: what it said last may go on all the same.
    pub(super) fn end_turn(&mut self) {
        self.ended_with = self.last_message.take();
    }

    /// The message of this name was one of the turn before.
    pub(super) fn is_of_ended_turn(&self, message: Option<&str>) -> bool {
        message.is_some() && self.ended_with.as_deref() == message
    }

    /// The turn is over: its last answer.
    pub(super) fn take_last_answer(&mut self) -> Option<String> {
        self.last_answer.take()
    }
}
