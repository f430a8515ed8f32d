//! What shell source is made of: scripts, pipelines, commands, words and their pieces.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::rc::Rc;

use super::few::Few;

/// Why text could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    Syntax,
    TooDeep,
    TooLong,
}

/// Commands one after the other; whether `;`, `&&` or a line stood between them decides nothing.
#[derive(Debug, Default)]
pub(crate) struct Script<'t> {
    pub(crate) pipelines: Vec<Pipeline<'t>>,
}

#[derive(Debug)]
pub(crate) struct Pipeline<'t> {
    pub(crate) stages: Few<ShellCommand<'t>>,
    pub(crate) background: bool,
}

impl<'t> Pipeline<'t> {
    pub(super) fn of(kind: CommandKind<'t>) -> Pipeline<'t> {
        let command = ShellCommand {
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
pub(crate) struct ShellCommand<'t> {
    pub(crate) kind: CommandKind<'t>,
    pub(crate) redirections: Vec<Redirection<'t>>,
}

impl Default for ShellCommand<'_> {
    fn default() -> Self {
        ShellCommand {
            kind: CommandKind::Simple(Vec::new(), Vec::new()),
            redirections: Vec::new(),
        }
    }
}

#[derive(Debug)]
pub(crate) enum CommandKind<'t> {
    Simple(Vec<Assignment<'t>>, Vec<Word<'t>>),
    Group(Script<'t>),
    Subshell(Script<'t>),
    /// The arms of `if`, `while` and `case`: any of them may run.
    Arms(Vec<Word<'t>>, Vec<Script<'t>>),
    For(Box<For<'t>>),
    Function(&'t str, Rc<ShellCommand<'t>>),
    /// `[[ ... ]]` and `(( ... ))`: only what is substituted in them runs.
    Test(Vec<Word<'t>>),
}

#[derive(Debug)]
pub(crate) struct For<'t> {
    pub(crate) name: &'t str,
    pub(crate) words: Vec<Word<'t>>,
    pub(crate) body: Script<'t>,
}

#[derive(Debug)]
pub(crate) struct Assignment<'t> {
    pub(crate) name: &'t str,
    pub(crate) subscript: Subscript<'t>,
    pub(crate) appends: bool,
    /// One element of an array, or a whole one.
    pub(crate) is_array: bool,
    /// More than one for an array.
    pub(crate) values: Few<Word<'t>>,
}

/// A word: how it was written, and what it is made of.
#[derive(Debug)]
pub(crate) struct Word<'t> {
    /// Commands of Windows read backslashes otherwise than a shell does.
    pub(crate) written: &'t str,
    /// Nothing for a word that means what is written, as most do.
    pub(crate) pieces: Option<Box<Pieces<'t>>>,
}

impl<'t> Word<'t> {
    pub(super) fn plain(written: &'t str) -> Word<'t> {
        Word {
            written,
            pieces: None,
        }
    }

    pub(super) fn made_of(pieces: Pieces<'t>, written: &'t str) -> Word<'t> {
        Word {
            written,
            pieces: Some(Box::new(pieces)),
        }
    }

    /// Whether a backslash was written in it, which a word that means what is written has none of.
    pub(crate) fn has_backslash(&self) -> bool {
        self.pieces.is_some() && self.written.contains('\\')
    }

    pub(super) fn into_pieces(self) -> Pieces<'t> {
        match self.pieces {
            Some(pieces) => *pieces,
            None => Few::One(Piece::Literal(self.written.into())),
        }
    }
}

/// What a word is made of. Most words are of one piece.
pub(crate) type Pieces<'t> = Few<Piece<'t>>;

/// What stands in the brackets behind a name, if anything is substituted there.
pub(crate) type Subscript<'t> = Option<Box<Pieces<'t>>>;

/// A part of a word. The text of a literal carries marks for what was not quoted.
#[derive(Debug)]
pub(crate) enum Piece<'t> {
    Literal(Cow<'t, str>),
    Parameter(Box<Parameter<'t>>),
    /// `$( )` or backticks, and whether it stood in double quotes.
    Substitution(Box<Script<'t>>, bool),
    /// `<( )`: what it prints is read as a file.
    Process(Box<Script<'t>>),
    /// `>( )`: it reads what is written to a file.
    Consumer(Rc<Script<'t>>),
    Arithmetic(Box<Pieces<'t>>),
}

#[derive(Debug)]
pub(crate) struct Parameter<'t> {
    pub(crate) name: &'t str,
    pub(crate) subscript: Subscript<'t>,
    pub(crate) quoted: bool,
    /// `!` or `#` before the name.
    pub(crate) prefix: Option<char>,
    /// What follows the name: `:-`, `%%`, `/`.
    pub(crate) operator: &'static str,
    pub(crate) operand: Pieces<'t>,
}

#[derive(Debug)]
pub(crate) struct Redirection<'t> {
    pub(crate) operator: Operator,
    /// The number before the operator.
    pub(crate) descriptor: Option<u32>,
    pub(crate) target: Target<'t>,
}

#[derive(Debug)]
pub(crate) enum Target<'t> {
    Word(Word<'t>),
    /// A here-document; its text stands after the line and is filled in there.
    Document(Rc<OnceCell<Pieces<'t>>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
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

/// Whether a byte ends a word that is not quoted.
pub(super) const fn ends_word(byte: u8) -> bool {
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
