//! Words and their quotes.

use super::reader::{DEEPEST, Reader, read_below};
use super::syntax::{Piece, Pieces, Script, Unreadable, Word, ends_word};
use crate::taint;
use std::rc::Rc;

impl<'t> Reader<'t> {
    /// The word at the cursor, which does not stand on blanks.
    pub(super) fn word(&mut self) -> Result<Word<'t>, Unreadable> {
        if let Some(text) = self.plain_word() {
            return Ok(Word::plain(text));
        }
        let start = self.at;
        let mut pieces = Pieces::default();
        self.unquoted_into(None, &mut pieces)?;
        let written = &self.text[start..self.at];
        Ok(Word::made_of(pieces, written))
    }

    /// A word of nothing but letters, as most are.
    pub(super) fn plain_word(&mut self) -> Option<&'t str> {
        let rest = self.rest();
        let special = rest.bytes().position(|byte| SPECIAL[byte as usize]);
        let length = match special {
            // Alone it is the name of the test.
            Some(0) if rest.starts_with('[') => 1,
            special => special.unwrap_or(rest.len()),
        };
        let ends = match rest.as_bytes().get(length) {
            Some(b'(' | b'<' | b'>') => false,
            Some(byte) => ends_word(*byte),
            None => true,
        };
        if length == 0 || !ends {
            return None;
        }
        self.at += length;
        Some(&rest[..length])
    }

    /// Pieces up to a closing byte, which is left standing.
    pub(super) fn unquoted(&mut self, close: u8) -> Result<Pieces<'t>, Unreadable> {
        let mut pieces = Pieces::default();
        self.unquoted_into(Some(close), &mut pieces)?;
        Ok(pieces)
    }

    /// Pieces up to the end of the word, or to a closing byte.
    fn unquoted_into(
        &mut self,
        close: Option<u8>,
        pieces: &mut Pieces<'t>,
    ) -> Result<(), Unreadable> {
        let first = self.at;
        while let Some(byte) = self.byte() {
            if Some(byte) == close {
                break;
            }
            match byte {
                b'\'' => self.single_quoted(pieces)?,
                b'"' => self.double_quotes(pieces)?,
                b'\\' => self.escaped(pieces),
                b'$' => self.dollar(pieces, false)?,
                b'`' => self.backticks(pieces, false)?,
                b'<' | b'>' if self.byte_after(1) == Some(b'(') && close.is_none() => {
                    self.process(pieces)?;
                }
                b'(' if close.is_none() && self.follows_glob_letter(first) => {
                    self.extended_glob(pieces)?;
                }
                byte if close.is_none() && ends_word(byte) => break,
                byte => self.plain(pieces, byte, first),
            }
        }
        Ok(())
    }

    fn plain(&mut self, pieces: &mut Pieces<'t>, byte: u8, first: usize) {
        let mark = match byte {
            b'*' => Some(taint::STAR),
            b'?' => Some(taint::QUESTION),
            // Alone it is the name of the test.
            b'[' if !self.byte_after(1).is_none_or(ends_word) => Some(taint::BRACKET),
            b'{' => Some(taint::OPEN),
            b',' => Some(taint::COMMA),
            b'}' => Some(taint::CLOSE),
            b'~' if self.tilde_counts(first) => Some(taint::TILDE),
            _ => None,
        };
        match mark {
            Some(mark) => {
                push_char(pieces, mark);
                self.at += 1;
            }
            None => self.run_of_text(pieces),
        }
    }

    /// A tilde is a home at the start of a word, and in a value after `=` or `:`.
    fn tilde_counts(&self, first: usize) -> bool {
        let before = self.text.as_bytes().get(self.at.wrapping_sub(1));
        self.at == first || matches!(before, Some(b'=' | b':' | b'@'))
    }

    fn run_of_text(&mut self, pieces: &mut Pieces<'t>) {
        let bytes = &self.text.as_bytes()[self.at..];
        // The first byte is text whatever it is: the caller looked at it.
        let more = bytes[1..].iter().position(|b| SPECIAL[*b as usize]);
        let length = more.map_or(bytes.len(), |more| more + 1);
        push_text(pieces, &self.text[self.at..self.at + length]);
        self.at += length;
    }

    fn escaped(&mut self, pieces: &mut Pieces<'t>) {
        self.at += 1;
        let Some(c) = self.rest().chars().next() else {
            push_char(pieces, '\\');
            return;
        };
        self.at += c.len_utf8();
        if c != '\n' {
            push_char(pieces, c);
        }
    }

    fn single_quoted(&mut self, pieces: &mut Pieces<'t>) -> Result<(), Unreadable> {
        self.at += 1;
        let length = memchr::memchr(b'\'', self.rest().as_bytes()).ok_or(Unreadable::Syntax)?;
        push_quoted(pieces, &self.text[self.at..self.at + length]);
        self.at += length + 1;
        Ok(())
    }

    fn double_quotes(&mut self, pieces: &mut Pieces<'t>) -> Result<(), Unreadable> {
        self.at += 1;
        if matches!(self.byte(), Some(b'"' | b'$' | b'`')) {
            push_empty(pieces);
        }
        self.nested(|reader| reader.double_quoted(pieces, Some(b'"')))?;
        self.at += 1;
        Ok(())
    }

    /// The inside of double quotes, or of a here-document when nothing closes it.
    pub(super) fn double_quoted(
        &mut self,
        pieces: &mut Pieces<'t>,
        close: Option<u8>,
    ) -> Result<(), Unreadable> {
        while let Some(byte) = self.byte() {
            match byte {
                byte if Some(byte) == close => return Ok(()),
                b'\\' => self.escaped_in_quotes(pieces, close),
                b'$' => self.dollar(pieces, true)?,
                b'`' => self.backticks(pieces, true)?,
                _ => self.quoted_text(pieces),
            }
        }
        match close {
            None => Ok(()),
            Some(_) => Err(Unreadable::Syntax),
        }
    }

    fn quoted_text(&mut self, pieces: &mut Pieces<'t>) {
        let bytes = &self.text.as_bytes()[self.at..];
        let more = bytes[1..]
            .iter()
            .position(|b| matches!(b, b'"' | b'\\' | b'$' | b'`'));
        let length = more.map_or(bytes.len(), |more| more + 1);
        push_text(pieces, &self.text[self.at..self.at + length]);
        self.at += length;
    }

    /// A quote is escaped only where it would close the text: in a document it keeps its backslash.
    fn escaped_in_quotes(&mut self, pieces: &mut Pieces<'t>, close: Option<u8>) {
        self.at += 1;
        match self.byte() {
            Some(b'\n') => self.at += 1,
            Some(byte) if matches!(byte, b'$' | b'`' | b'\\') || close == Some(byte) => {
                push_char(pieces, byte as char);
                self.at += 1;
            }
            _ => push_char(pieces, '\\'),
        }
    }

    pub(super) fn backticks(
        &mut self,
        pieces: &mut Pieces<'t>,
        quoted: bool,
    ) -> Result<(), Unreadable> {
        self.at += 1;
        let mut inner = String::new();
        loop {
            let rest = self.rest();
            let length = memchr::memchr2(b'`', b'\\', rest.as_bytes()).ok_or(Unreadable::Syntax)?;
            inner.push_str(&rest[..length]);
            self.at += length + 1;
            if rest.as_bytes()[length] == b'`' {
                break;
            }
            match self.byte() {
                Some(byte @ (b'`' | b'$' | b'\\')) => {
                    inner.push(byte as char);
                    self.at += 1;
                }
                _ => inner.push('\\'),
            }
        }
        if self.depth >= DEEPEST {
            return Err(Unreadable::TooDeep);
        }
        let inner = self.texts.alloc(inner);
        let script = read_below(inner, self.texts, self.depth + 1)?;
        pieces.push(Piece::Substitution(Box::new(script), quoted));
        Ok(())
    }

    fn process(&mut self, pieces: &mut Pieces<'t>) -> Result<(), Unreadable> {
        let reads = self.text.as_bytes()[self.at] == b'>';
        self.at += 2;
        let script = self.nested(|reader| reader.substituted())?;
        pieces.push(match reads {
            true => Piece::Consumer(Rc::new(script)),
            false => Piece::Process(Box::new(script)),
        });
        Ok(())
    }

    /// A script that is substituted. Its lines are its own: a document that the line around it asks
    /// for does not begin within.
    pub(super) fn substituted(&mut self) -> Result<Script<'t>, Unreadable> {
        let outer = std::mem::take(&mut self.pending);
        let script = self.enclosed();
        let left = std::mem::replace(&mut self.pending, outer);
        self.pending.extend(left);
        script
    }

    /// A script up to the `)` that closes it.
    pub(super) fn enclosed(&mut self) -> Result<Script<'t>, Unreadable> {
        let script = self.script(&[])?;
        match self.take(")") {
            true => Ok(script),
            false => Err(Unreadable::Syntax),
        }
    }

    fn follows_glob_letter(&self, first: usize) -> bool {
        let before = self.text.as_bytes()[first..self.at].last();
        matches!(before, Some(b'@' | b'?' | b'*' | b'+' | b'!'))
    }

    /// `@(a|b)` and its kin can be any text; what is substituted in them runs.
    fn extended_glob(&mut self, pieces: &mut Pieces<'t>) -> Result<(), Unreadable> {
        let length = self.balanced(0).ok_or(Unreadable::Syntax)?;
        let inside = &self.rest()[..length];
        self.at += length;
        push_char(pieces, taint::STAR);
        for piece in self.nested(|reader| reader.pieces_of(inside))?.into_vec() {
            if !matches!(piece, Piece::Literal(_)) {
                pieces.push(piece);
            }
        }
        Ok(())
    }

    /// The length of the parentheses so far behind the cursor, quotes taken into account.
    pub(super) fn balanced(&self, distance: usize) -> Option<usize> {
        let bytes = self.rest().as_bytes().get(distance..)?;
        let (mut depth, mut at) = (0usize, 0);
        while at < bytes.len() {
            match bytes[at] {
                b'\\' => at += 1,
                b'"' => at += quoted_length(b'"', &bytes[at + 1..])?,
                b'\'' if at > 0 && bytes[at - 1] == b'$' => {
                    at += quoted_length(b'\'', &bytes[at + 1..])?;
                }
                b'\'' => at += memchr::memchr(b'\'', &bytes[at + 1..])? + 1,
                b'(' => depth += 1,
                b')' if depth == 1 => return Some(at + 1),
                b')' => depth -= 1,
                _ => {}
            }
            at += 1;
        }
        None
    }
}

/// The length up to a closing quote and with it, where a backslash takes the next byte along.
fn quoted_length(close: u8, bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(close, b'\\', bytes.get(at..)?)? + 1;
        if bytes[at - 1] == close {
            return Some(at);
        }
        at += 1;
    }
}

/// Whether a byte can be more than itself in a word that is not quoted.
static SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        special[at] = ends_word(byte)
            || matches!(
                byte,
                b'\'' | b'"' | b'\\' | b'$' | b'`' | b'*' | b'?' | b'[' | b'{' | b',' | b'}' | b'~'
            );
        at += 1;
    }
    special
};

pub(super) fn push_text<'t>(pieces: &mut Pieces<'t>, text: &'t str) {
    match pieces.last_mut() {
        Some(Piece::Literal(literal)) => literal.to_mut().push_str(text),
        _ => pieces.push(Piece::Literal(text.into())),
    }
}

pub(super) fn push_char(pieces: &mut Pieces, c: char) {
    match pieces.last_mut() {
        Some(Piece::Literal(literal)) => literal.to_mut().push(c),
        _ => pieces.push(Piece::Literal(c.to_string().into())),
    }
}

/// The mark of a quotation, which mostly stands alone and then needs no memory.
fn push_empty(pieces: &mut Pieces) {
    match pieces.last_mut() {
        Some(Piece::Literal(literal)) => literal.to_mut().push(taint::EMPTY),
        _ => pieces.push(Piece::Literal("\u{F8EE}".into())),
    }
}

/// Text in quotes makes a word even if it is empty.
pub(super) fn push_quoted<'t>(pieces: &mut Pieces<'t>, text: &'t str) {
    match text.is_empty() {
        true => push_empty(pieces),
        false => push_text(pieces, text),
    }
}
