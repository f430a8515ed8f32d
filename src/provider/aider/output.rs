//! Cuts what comes into text and marks.
//!
//! A mark is `\x1e`, the nonce of the process, a list in JSON and a newline: the word, and how many lines
//! aider has read. What aider would have a person read before a line is not written: it names every file of
//! the chat, which is as long as you like.

use memchr::memchr;
use serde_json::from_slice;

/// Begins a mark.
const BEGINS: u8 = 0x1e;

/// The longest that a mark can be, in bytes: a longer line is text.
const LONGEST_MARK: usize = 1024;

/// What was cut out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    /// aider waits for a line, and has read so many.
    Waits(u64),
    /// The same, because the turn was interrupted.
    Stopped(u64),
    /// The prompt is whole, and aider begins to work on it.
    Begins,
}

/// What is not whole yet.
pub(super) struct Output {
    nonce: String,
    rest: Vec<u8>,
    /// How much of it was cut out.
    taken: usize,
}

impl Output {
    /// Marks have to have this nonce.
    pub(super) fn new(nonce: String) -> Output {
        Output {
            nonce,
            rest: Vec::new(),
            taken: 0,
        }
    }

    /// Takes the next bytes; gives what is whole, text up to the last character that is.
    pub(super) fn feed(&mut self, chunk: &[u8]) -> Vec<Piece> {
        self.rest.extend_from_slice(chunk);
        let mut pieces = Vec::new();
        while let Some(piece) = self.next() {
            pieces.push(piece);
        }
        // At once: to move the rest for each piece takes a time that grows with its square.
        self.rest.drain(..std::mem::take(&mut self.taken));
        pieces
    }

    /// Nothing more comes: the rest is text.
    pub(super) fn finish(&mut self) -> Option<Piece> {
        let rest = std::mem::take(&mut self.rest);
        let text = String::from_utf8_lossy(&rest).into_owned();
        (!text.is_empty()).then_some(Piece::Text(text))
    }

    fn next(&mut self) -> Option<Piece> {
        let rest = self.rest();
        match memchr(BEGINS, rest) {
            Some(0) => self.mark(),
            Some(at) => self.text(at),
            None => self.text(rest.len()),
        }
    }

    fn rest(&self) -> &[u8] {
        &self.rest[self.taken..]
    }

    fn text(&mut self, end: usize) -> Option<Piece> {
        let bytes = &self.rest()[..end];
        // A character may be cut, but only at the end of what has come.
        let whole = match std::str::from_utf8(bytes) {
            Err(error) if error.error_len().is_none() && end == self.rest().len() => {
                error.valid_up_to()
            }
            _ => end,
        };
        if whole == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&bytes[..whole]).into_owned();
        self.taken += whole;
        Some(Piece::Text(text))
    }

    fn mark(&mut self) -> Option<Piece> {
        let head = 1 + self.nonce.len();
        let rest = self.rest();
        let known = rest.len().min(head);
        let is_ours = rest[1..known] == self.nonce.as_bytes()[..known - 1];
        if !is_ours || self.nonce.is_empty() {
            return self.not_a_mark();
        }
        match memchr(b'\n', rest) {
            None if rest.len() > LONGEST_MARK => self.not_a_mark(),
            None => None,
            Some(end) => {
                let read = from_slice::<(String, u64)>(&rest[head..end]);
                let Ok((word, count)) = read else {
                    return self.not_a_mark();
                };
                self.taken += end + 1;
                Some(match word.as_str() {
                    "begins" => Piece::Begins,
                    "stopped" => Piece::Stopped(count),
                    _ => Piece::Waits(count),
                })
            }
        }
    }

    /// Of what begins marks one after the other, all but the last is text: no nonce begins in that way.
    fn not_a_mark(&mut self) -> Option<Piece> {
        let begins = self.rest().iter().take_while(|byte| **byte == BEGINS);
        let text = (begins.count() - 1).max(1);
        self.taken += text;
        Some(Piece::Text(char::from(BEGINS).to_string().repeat(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pieces of this output, cut at one place, with texts that follow one another joined.
    fn cut(output: &[u8], at: usize) -> Vec<Piece> {
        let mut cutter = Output::new("n0".to_owned());
        let mut pieces = cutter.feed(&output[..at]);
        pieces.extend(cutter.feed(&output[at..]));
        pieces.extend(cutter.finish());
        let mut joined: Vec<Piece> = Vec::new();
        for piece in pieces {
            match (joined.last_mut(), piece) {
                (Some(Piece::Text(text)), Piece::Text(more)) => text.push_str(&more),
                (_, piece) => joined.push(piece),
            }
        }
        joined
    }

    #[test]
    fn text_and_marks_are_the_same_wherever_the_output_is_cut() {
        let text = |text: &str| Piece::Text(text.to_owned());
        let table: [(&str, Vec<Piece>); 6] = [
            ("", vec![]),
            ("été\n", vec![text("été\n")]),
            (
                "a\n\u{1e}n0[\"waits\",3]\nc",
                vec![text("a\n"), Piece::Waits(3), text("c")],
            ),
            (
                "\u{1e}n0[\"begins\",3]\n\u{1e}n0[\"stopped\",4]\n",
                vec![Piece::Begins, Piece::Stopped(4)],
            ),
            // Not ours: another nonce, and no list.
            (
                "\u{1e}n1[\"waits\",3]\n",
                vec![text("\u{1e}n1[\"waits\",3]\n")],
            ),
            ("\u{1e}n0 no\n\u{1e}", vec![text("\u{1e}n0 no\n\u{1e}")]),
        ];
        for (output, expected) in table {
            for at in 0..=output.len() {
                assert_eq!(
                    cut(output.as_bytes(), at),
                    expected,
                    "{output:?} cut at {at}"
                );
            }
        }
    }
}
