//! Answers and thoughts that have begun and are not whole: items that never complete if their turn is ended
//! before.

use crate::event::EventKind;

/// What makes an event of a text.
pub(super) type Voice = fn(String) -> EventKind;

/// A message that comes.
struct Begun {
    item: String,
    voice: Voice,
    text: String,
    is_full: bool,
}

/// What has come of messages that are not whole, in their order.
pub(super) struct Speech {
    begun: Vec<Begun>,
    /// Of all of them no more than so many bytes are kept.
    longest: usize,
}

impl Speech {
    /// Codex says one thing at a time; an agent that begins ever more must not fill the memory.
    const AT_MOST: usize = 64;

    pub(super) fn new(longest: usize) -> Speech {
        Speech {
            begun: Vec::new(),
            longest,
        }
    }

    pub(super) fn piece(&mut self, item: &str, voice: Voice, piece: &str) {
        if self.begun.last().is_none_or(|last| last.item != item) {
            self.begin(item, voice);
        }
        let kept: usize = self.begun.iter().map(|begun| begun.text.len()).sum();
        let Some(begun) = self.begun.iter_mut().rfind(|begun| begun.item == item) else {
            return;
        };
        begun.is_full |= kept + piece.len() > self.longest;
        if !begun.is_full {
            begun.text.push_str(piece);
        }
    }

    fn begin(&mut self, item: &str, voice: Voice) {
        let is_known = self.begun.iter().any(|begun| begun.item == item);
        if !is_known && self.begun.len() < Speech::AT_MOST {
            self.begun.push(Begun {
                item: item.to_owned(),
                voice,
                text: String::new(),
                is_full: false,
            });
        }
    }

    /// It is whole, and told as that.
    pub(super) fn completed(&mut self, item: &str) {
        self.begun.retain(|begun| begun.item != item);
    }

    /// What has come of the others: nothing follows.
    pub(super) fn take(&mut self) -> Vec<EventKind> {
        let begun = self.begun.drain(..).filter(|begun| !begun.text.is_empty());
        begun.map(|begun| (begun.voice)(begun.text)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_that_never_become_whole_are_kept_up_to_a_length_of_all() {
        let mut speech = Speech::new(100);
        for number in 0..Speech::AT_MOST {
            speech.piece(&number.to_string(), EventKind::Answer, &"x".repeat(40));
        }
        let kept = speech.take();
        let lengths = kept
            .iter()
            .map(|kind| kind.text().unwrap_or_default().len());
        assert_eq!(lengths.collect::<Vec<_>>(), [40, 40]);
    }
}
