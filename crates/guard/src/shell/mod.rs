//! Shell source, read into commands and words: what would run, without running it.
//!
//! It knows the grammar and no meaning: no zones, no rules, no values of variables. Reading is
//! linear, nests no deeper than [`DEEPEST`] and refuses more than [`LONGEST`] bytes, so that no
//! text can hang or overflow the guard. Pure; any thread.

mod commands;
mod compound;
mod documents;
mod few;
mod parameters;
mod words;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::rc::Rc;

use typed_arena::Arena;

/// Deeper nesting is nothing that people write, and each level costs stack.
pub(super) const DEEPEST: usize = 64;

/// Longer text than this is judged by its vocabulary alone.
pub(super) const LONGEST: usize = 256 * 1024;

/// As much of a text as is looked at.
pub(super) fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

/// The texts that were read. What was read borrows from them, so they stay until the judge is done.
pub(super) type Texts = Arena<String>;

/// Why text could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    Syntax,
    TooDeep,
    TooLong,
}

/// Commands one after the other; whether `;`, `&&` or a line stood between them decides nothing.
#[derive(Debug, Default)]
pub(super) struct Script<'t> {
    pub(super) pipelines: Vec<Pipeline<'t>>,
}

#[derive(Debug)]
pub(super) struct Pipeline<'t> {
    pub(super) stages: Few<Command<'t>>,
    pub(super) background: bool,
}

impl<'t> Pipeline<'t> {
    fn of(kind: Kind<'t>) -> Pipeline<'t> {
        let command = Command {
            kind,
            redirections: Vec::new(),
        };
        Pipeline {
            stages: Few::One(command),
            background: false,
        }
    }
}

#[derive(Debug)]
pub(super) struct Command<'t> {
    pub(super) kind: Kind<'t>,
    pub(super) redirections: Vec<Redirection<'t>>,
}

impl Default for Command<'_> {
    fn default() -> Self {
        Command {
            kind: Kind::Simple(Vec::new(), Vec::new()),
            redirections: Vec::new(),
        }
    }
}

#[derive(Debug)]
pub(super) enum Kind<'t> {
    Simple(Vec<Assignment<'t>>, Vec<Word<'t>>),
    Group(Script<'t>),
    Subshell(Script<'t>),
    /// The arms of `if`, `while` and `case`: any of them may run.
    Arms(Vec<Word<'t>>, Vec<Script<'t>>),
    For(Box<For<'t>>),
    Function(&'t str, Rc<Command<'t>>),
    /// `[[ ... ]]` and `(( ... ))`: only what is substituted in them runs.
    Test(Vec<Word<'t>>),
}

#[derive(Debug)]
pub(super) struct For<'t> {
    pub(super) name: &'t str,
    pub(super) words: Vec<Word<'t>>,
    pub(super) body: Script<'t>,
}

#[derive(Debug)]
pub(super) struct Assignment<'t> {
    pub(super) name: &'t str,
    pub(super) subscript: Subscript<'t>,
    pub(super) appends: bool,
    /// More than one for an array.
    pub(super) values: Few<Word<'t>>,
}

/// A word: how it was written, and what it is made of.
#[derive(Debug)]
pub(super) struct Word<'t> {
    /// Commands of Windows read backslashes otherwise than a shell does.
    pub(super) written: &'t str,
    /// Nothing for a word that means what is written, as most do.
    pub(super) pieces: Option<Box<Pieces<'t>>>,
}

impl<'t> Word<'t> {
    fn plain(written: &'t str) -> Word<'t> {
        Word {
            written,
            pieces: None,
        }
    }

    fn made_of(pieces: Pieces<'t>, written: &'t str) -> Word<'t> {
        Word {
            written,
            pieces: Some(Box::new(pieces)),
        }
    }

    /// Whether a backslash was written in it, which a word that means what is written has none of.
    pub(super) fn has_backslash(&self) -> bool {
        self.pieces.is_some() && self.written.contains('\\')
    }

    fn into_pieces(self) -> Pieces<'t> {
        match self.pieces {
            Some(pieces) => *pieces,
            None => Few::One(Piece::Literal(self.written.into())),
        }
    }
}

/// What a word is made of. Most words are of one piece.
pub(super) type Pieces<'t> = Few<Piece<'t>>;

/// What stands in the brackets behind a name, if anything is substituted there.
pub(super) type Subscript<'t> = Option<Box<Pieces<'t>>>;

/// A part of a word. The text of a literal carries marks for what was not quoted.
#[derive(Debug)]
pub(super) enum Piece<'t> {
    Literal(Cow<'t, str>),
    Parameter(Box<Parameter<'t>>),
    /// `$( )` or backticks, and whether it stood in double quotes.
    Substitution(Box<Script<'t>>, bool),
    /// `<( )` or `>( )`.
    Process(Box<Script<'t>>),
    Arithmetic(Box<Pieces<'t>>),
}

#[derive(Debug)]
pub(super) struct Parameter<'t> {
    pub(super) name: &'t str,
    pub(super) subscript: Subscript<'t>,
    pub(super) quoted: bool,
    /// `!` or `#` before the name.
    pub(super) prefix: Option<char>,
    /// What follows the name: `:-`, `%%`, `/`.
    pub(super) operator: &'static str,
    pub(super) operand: Pieces<'t>,
}

#[derive(Debug)]
pub(super) struct Redirection<'t> {
    pub(super) operator: Operator,
    /// The number before the operator.
    pub(super) descriptor: Option<u32>,
    pub(super) target: Target<'t>,
}

#[derive(Debug)]
pub(super) enum Target<'t> {
    Word(Word<'t>),
    /// A here-document; its text stands after the line and is filled in there.
    Document(Rc<OnceCell<Pieces<'t>>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Read,
    Write,
    Append,
    ReadWrite,
    /// `&>` and `>&` with a file.
    WriteBoth,
    Duplicate,
    HereString,
    HereDocument,
}

/// The script in a text that itself stands so many levels deep.
fn read_below<'t>(text: &'t str, texts: &'t Texts, depth: usize) -> Result<Script<'t>, Unreadable> {
    let mut reader = reader(text, texts, depth)?;
    let script = reader.script(&[])?;
    reader.no_more()?;
    Ok(script)
}

/// The same script line by line, as a shell reads it: what was followed need not be kept, and a line
/// that cannot be read comes after the lines that run before it.
pub(super) fn lines_below<'t>(
    text: &'t str,
    texts: &'t Texts,
    depth: usize,
) -> impl Iterator<Item = Result<Script<'t>, Unreadable>> {
    let mut reader = reader(text, texts, depth);
    std::iter::from_fn(move || {
        let line = match &mut reader {
            Ok(open) => open.line(),
            Err(why) => Err(*why),
        };
        if line.is_err() {
            // Nothing can be said about what follows.
            reader = self::reader("", texts, depth);
        }
        line.transpose()
    })
}

fn reader<'t>(text: &'t str, texts: &'t Texts, depth: usize) -> Result<Reader<'t>, Unreadable> {
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

/// A cursor over the text.
struct Reader<'t> {
    text: &'t str,
    texts: &'t Texts,
    at: usize,
    depth: usize,
    /// Here-documents whose text has not been reached.
    pending: Vec<documents::Pending<'t>>,
}

impl<'t> Reader<'t> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn byte_after(&self, distance: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + distance).copied()
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn starts(&self, prefix: &str) -> bool {
        self.text.as_bytes()[self.at.min(self.text.len())..].starts_with(prefix.as_bytes())
    }

    fn take(&mut self, prefix: &str) -> bool {
        let found = self.starts(prefix);
        if found {
            self.at += prefix.len();
        }
        found
    }

    fn no_more(&self) -> Result<(), Unreadable> {
        match self.byte() {
            None => Ok(()),
            Some(_) => Err(Unreadable::Syntax),
        }
    }

    /// Reads something that nests, one level deeper.
    fn nested<T>(
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

/// Whether a byte ends a word that is not quoted.
const fn ends_word(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b'\n' | b'\r' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')'
    )
}

/// Whether a text can be the name of a variable.
pub(super) fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes
        .next()
        .is_some_and(|b| b == b'_' || b.is_ascii_alphabetic())
        && bytes.all(|b| b == b'_' || b.is_ascii_alphanumeric())
}

pub(super) use few::Few;
pub(super) use parameters::unescaped;
