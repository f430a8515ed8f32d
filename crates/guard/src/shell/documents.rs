//! Here-documents: their text stands after the line that asks for it.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::rc::Rc;

use super::reader::{Heredoc, Reader};
use super::syntax::{Operator, Piece, Pieces, Redirection, Target, Unreadable, ends_word};

impl<'t> Reader<'t> {
    /// What follows `<<`: the delimiter.
    pub(super) fn document(
        &mut self,
        descriptor: Option<u32>,
        strips_tabs: bool,
    ) -> Result<Redirection<'t>, Unreadable> {
        let (delimiter, literal) = self.delimiter()?;
        let place = Rc::new(OnceCell::new());
        self.pending.push(Heredoc {
            delimiter,
            literal,
            strips_tabs,
            place: Rc::clone(&place),
        });
        Ok(Redirection {
            operator: Operator::HereDocument,
            descriptor,
            target: Target::Document(place),
        })
    }

    /// The delimiter without its quotes, and whether it had any.
    fn delimiter(&mut self) -> Result<(String, bool), Unreadable> {
        let mut text = Vec::new();
        let mut literal = false;
        let mut quote = None;
        while let Some(byte) = self.byte() {
            match (quote, byte) {
                (Some(open), byte) if open == byte => quote = None,
                (None, b'\'' | b'"') => {
                    literal = true;
                    quote = Some(byte);
                }
                (None, b'\\') => literal = true,
                (None, byte) if ends_word(byte) => break,
                _ => text.push(byte),
            }
            self.at += 1;
        }
        if quote.is_some() || (text.is_empty() && !literal) {
            return Err(Unreadable::Syntax);
        }
        let text = String::from_utf8(text).map_err(|_| Unreadable::Syntax)?;
        Ok((text, literal))
    }

    /// Behind a newline: the texts of the documents that the line asked for.
    pub(super) fn documents(&mut self) -> Result<(), Unreadable> {
        for pending in std::mem::take(&mut self.pending) {
            let text = self.text_up_to(&pending);
            let pieces = match pending.literal {
                true => Pieces::One(Piece::Literal(text)),
                false => self.expanded(text)?,
            };
            // Each place is filled once: it was made for this document alone.
            let _ = pending.place.set(pieces);
        }
        Ok(())
    }

    fn expanded(&mut self, text: Cow<'t, str>) -> Result<Pieces<'t>, Unreadable> {
        let text = match text {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => self.texts.alloc(text),
        };
        self.nested(|reader| reader.pieces_of(text))
    }

    /// The lines up to the delimiter; a document without one reaches to the end, as shells have it.
    fn text_up_to(&mut self, pending: &Heredoc) -> Cow<'t, str> {
        let start = self.at;
        let mut end = start;
        while self.at < self.text.len() {
            let rest = self.rest();
            let length = memchr::memchr(b'\n', rest.as_bytes());
            let line = &rest[..length.unwrap_or(rest.len())];
            self.at += length.map_or(rest.len(), |length| length + 1);
            if pending.without_tabs(line).trim_end_matches('\r') == pending.delimiter {
                break;
            }
            end = self.at;
        }
        let text = &self.text[start..end];
        if pending.strips_tabs {
            let lines = text.lines().map(|line| pending.without_tabs(line));
            return lines.flat_map(|line| [line, "\n"]).collect();
        }
        match text.is_empty() || text.ends_with('\n') {
            true => text.into(),
            false => format!("{text}\n").into(),
        }
    }
}

impl Heredoc<'_> {
    fn without_tabs<'l>(&self, line: &'l str) -> &'l str {
        match self.strips_tabs {
            true => line.trim_start_matches('\t'),
            false => line,
        }
    }
}
