//! The cursor over a text, and the scripts that are read with it.

use std::cell::OnceCell;
use std::rc::Rc;

use typed_arena::Arena;

use super::syntax::{Pieces, Script, Unreadable};

/// Deeper nesting is nothing that people write, and each level costs stack.
pub(crate) const DEEPEST: usize = 64;

/// Longer text than this is judged by its vocabulary alone.
pub(crate) const LONGEST: usize = 256 * 1024;

/// As much of a text as is looked at.
pub(crate) fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

/// The texts that were read. What was read borrows from them, so they stay until the judge is done.
pub(crate) type Texts = Arena<String>;

/// The script in a text that itself stands so many levels deep.
pub(super) fn read_below<'t>(
    text: &'t str,
    texts: &'t Texts,
    depth: usize,
) -> Result<Script<'t>, Unreadable> {
    let mut reader = reader_of(text, texts, depth)?;
    let script = reader.script(&[])?;
    reader.no_more()?;
    Ok(script)
}

/// The same script line by line, as a shell reads it: what was followed need not be kept, and a line
/// that cannot be read comes after the lines that run before it.
pub(crate) fn lines_below<'t>(
    text: &'t str,
    texts: &'t Texts,
    depth: usize,
) -> impl Iterator<Item = Result<Script<'t>, Unreadable>> {
    let mut reader = reader_of(text, texts, depth);
    std::iter::from_fn(move || {
        let line = match &mut reader {
            Ok(open) => open.line(),
            Err(why) => Err(*why),
        };
        if line.is_err() {
            // Nothing can be said about what follows.
            reader = reader_of("", texts, depth);
        }
        line.transpose()
    })
}

fn reader_of<'t>(text: &'t str, texts: &'t Texts, depth: usize) -> Result<Reader<'t>, Unreadable> {
    if text.len() > LONGEST {
        return Err(Unreadable::TooLong);
    }
    if memchr::memchr(0, text.as_bytes()).is_some() {
        return Err(Unreadable::Syntax);
    }
    Ok(Reader {
        text,
        texts,
        at: 0,
        depth,
        pending: Vec::new(),
    })
}

/// A document that was asked for and has not been reached.
pub(super) struct Heredoc<'t> {
    pub(super) delimiter: String,
    /// A quoted delimiter: nothing in the text is substituted.
    pub(super) literal: bool,
    pub(super) strips_tabs: bool,
    pub(super) place: Rc<OnceCell<Pieces<'t>>>,
}

/// A cursor over the text.
pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) texts: &'t Texts,
    pub(super) at: usize,
    pub(super) depth: usize,
    /// Here-documents whose text has not been reached.
    pub(super) pending: Vec<Heredoc<'t>>,
}

impl<'t> Reader<'t> {
    pub(super) fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn byte_after(&self, distance: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + distance).copied()
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn starts(&self, prefix: &str) -> bool {
        self.text.as_bytes()[self.at.min(self.text.len())..].starts_with(prefix.as_bytes())
    }

    pub(super) fn take(&mut self, prefix: &str) -> bool {
        let found = self.starts(prefix);
        if found {
            self.at += prefix.len();
        }
        found
    }

    pub(super) fn no_more(&self) -> Result<(), Unreadable> {
        match self.byte() {
            None => Ok(()),
            Some(_) => Err(Unreadable::Syntax),
        }
    }

    /// Reads something that nests, one level deeper.
    pub(super) fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Unreadable>,
    ) -> Result<T, Unreadable> {
        if self.depth >= DEEPEST {
            return Err(Unreadable::TooDeep);
        }
        self.depth += 1;
        let found = read(self);
        self.depth -= 1;
        found
    }
}
