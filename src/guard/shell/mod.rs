//! Shell source, read into commands and words: what would run, without running it.
//!
//! It knows the grammar and no meaning: no zones, no rules, no values of variables. Reading is
//! linear, nests no deeper than [`DEEPEST`] and refuses more than [`LONGEST`] bytes, so that no
//! text can hang or overflow the guard. Pure; any thread.

mod commands;
mod compound;
mod documents;
mod parameters;
mod pieces;
mod words;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::rc::Rc;

/// Deeper nesting is nothing that people write, and each level costs stack.
pub(super) const DEEPEST: usize = 64;

/// Longer text than this is judged by its vocabulary alone.
pub(super) const LONGEST: usize = 256 * 1024;

/// As much of a text as is looked at.
pub(super) fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

/// Why text could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    Syntax,
    TooDeep,
    TooLong,
}

/// Commands one after the other; whether `;`, `&&` or a line stood between them decides nothing.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) pipelines: Vec<Pipeline>,
}

#[derive(Debug)]
pub(super) struct Pipeline {
    pub(super) stages: Vec<Command>,
    pub(super) background: bool,
}

#[derive(Debug)]
pub(super) struct Command {
    pub(super) kind: Kind,
    pub(super) redirections: Vec<Redirection>,
}

impl Default for Command {
    fn default() -> Command {
        Command {
            kind: Kind::Simple(Vec::new(), Vec::new()),
            redirections: Vec::new(),
        }
    }
}

#[derive(Debug)]
pub(super) enum Kind {
    Simple(Vec<Assignment>, Vec<Word>),
    Group(Script),
    Subshell(Script),
    /// The arms of `if`, `while` and `case`: any of them may run.
    Arms(Vec<Word>, Vec<Script>),
    For(String, Vec<Word>, Script),
    Function(String, Rc<Command>),
    /// `[[ ... ]]` and `(( ... ))`: only what is substituted in them runs.
    Test(Vec<Word>),
}

#[derive(Debug)]
pub(super) struct Assignment {
    pub(super) name: String,
    pub(super) appends: bool,
    /// More than one for an array.
    pub(super) values: Vec<Word>,
}

/// A word: what it is made of, and where it stood.
#[derive(Debug, Default)]
pub(super) struct Word {
    pub(super) pieces: Pieces,
    pub(super) start: usize,
    pub(super) end: usize,
    /// As it was written; commands of Windows read backslashes otherwise than a shell does.
    pub(super) source: Option<Box<str>>,
}

/// A part of a word. The text of a literal carries marks for what was not quoted.
#[derive(Debug)]
pub(super) enum Piece {
    Literal(Cow<'static, str>),
    Parameter(Box<Parameter>),
    /// `$( )` or backticks, and whether it stood in double quotes.
    Substitution(Script, bool),
    /// `<( )` or `>( )`.
    Process(Script),
    Arithmetic(Box<Pieces>),
}

#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) quoted: bool,
    /// `!` or `#` before the name.
    pub(super) prefix: Option<char>,
    /// What follows the name: `:-`, `%%`, `/`.
    pub(super) operator: String,
    pub(super) operand: Pieces,
}

#[derive(Debug)]
pub(super) struct Redirection {
    pub(super) operator: Operator,
    /// The number before the operator.
    pub(super) descriptor: Option<u32>,
    pub(super) target: Target,
}

#[derive(Debug)]
pub(super) enum Target {
    Word(Word),
    /// A here-document; its text stands after the line and is filled in there.
    Document(Rc<OnceCell<Word>>),
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
pub(super) fn read_below(text: &str, depth: usize) -> Result<Script, Unreadable> {
    let mut reader = reader(text, depth)?;
    let script = reader.script(&[])?;
    reader.no_more()?;
    Ok(script)
}

/// The same script line by line, as a shell reads it: what was followed need not be kept, and a line
/// that cannot be read comes after the lines that run before it.
pub(super) fn lines_below(
    text: &str,
    depth: usize,
) -> impl Iterator<Item = Result<Script, Unreadable>> {
    let mut reader = reader(text, depth);
    std::iter::from_fn(move || {
        let line = match &mut reader {
            Ok(open) => open.line(),
            Err(why) => Err(*why),
        };
        if line.is_err() {
            // Nothing can be said about what follows.
            reader = self::reader("", depth);
        }
        line.transpose()
    })
}

fn reader(text: &str, depth: usize) -> Result<Reader<'_>, Unreadable> {
    if text.len() > LONGEST {
        return Err(Unreadable::TooLong);
    }
    if memchr::memchr(0, text.as_bytes()).is_some() {
        return Err(Unreadable::Syntax);
    }
    Ok(Reader {
        text,
        at: 0,
        depth,
        pending: Vec::new(),
    })
}

/// A cursor over the text.
struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    /// Here-documents whose text has not been reached.
    pending: Vec<documents::Pending>,
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

pub(super) use parameters::unescaped;
pub(super) use pieces::Pieces;
