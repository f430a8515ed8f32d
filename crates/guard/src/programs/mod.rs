//! What the guard knows of programs: one row a program, as data.
//!
//! A row says which options there are and what their values mean, which operands are written, whether
//! the program is a wrapper of another command, and which subcommands have rows of their own. `argv`
//! reads a command line with it. The tables are text files beside this one; `tables/README.md` tells
//! how a row is written. A leaf: it knows no zones and no rules. Pure; any thread.

mod argv;
mod languages;
mod table;

pub(super) use argv::{Argv, Given};
pub(crate) use languages::{is_awk, is_interpreter, is_shell};
pub(super) use table::{named, unknown};

/// What an option, its value or an operand means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It changes nothing that is judged.
    Flag,
    /// It takes a value that is no file that is written.
    Value,
    /// A file that is overwritten.
    Write,
    /// A file that is added to.
    Append,
    /// A file that is made: a product of the program.
    Make,
    /// A directory or a file that other files are copied to.
    Copy,
    /// A directory that things are unpacked or installed into.
    Into,
    /// Something that is deleted, or rewritten in place without leave.
    Remove,
    /// Storage that is written over.
    Device,
    /// A directory that the program changes to first.
    Enter,
    /// A directory that is the root of all that follows.
    Root,
    /// A directory that takes the place of the last operand.
    Target,
    /// A command line for a shell; behind one of these words, if there are any.
    Run(&'static str),
    /// With it nothing is written: a dry run, a check, a list.
    Ask,
    /// With it the program does what the row's operands say.
    Needed,
}

/// Whether an option takes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    Nothing,
    Value,
    /// Only one that is attached to it.
    Attached,
    /// Two words.
    Two,
}

/// One option in all its names.
#[derive(Debug)]
pub(super) struct Opt {
    pub(super) names: Vec<&'static str>,
    pub(super) role: Role,
    /// By name: `-i` and `--in-place` may take their value in ways of their own.
    pub(super) takes: Vec<Takes>,
}

/// An option, and whether it takes a value under the name that was given.
type Found = (&'static Opt, Takes);

impl Opt {
    fn named(&'static self, is: impl Fn(&str) -> bool) -> Option<Found> {
        let at = self.names.iter().position(|name| is(name))?;
        Some((self, self.takes[at]))
    }
}

/// Which operands a role holds for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    All,
    /// All, unless an option says where the result goes.
    Each,
    /// The only one.
    Only,
    /// The last of several.
    Last,
    /// This one, counted from 0.
    At(usize),
    /// This one and all behind it.
    From(usize),
    /// The one behind this word.
    After(&'static str),
    /// Words that begin with this, such as `of=`.
    Behind(&'static str),
}

/// How a program reads its command line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Style {
    /// Long options have one hyphen, so that letters cannot be put together.
    pub(super) single: bool,
    /// Options end at the first operand.
    pub(super) stops: bool,
    /// `host:path` and `scheme://` are on other machines.
    pub(super) remote: bool,
    /// The first word may be a row of letters without a hyphen.
    pub(super) bundle: bool,
    /// `NAME=value` in front of the operands sets a variable.
    pub(super) settings: bool,
    /// Options may stand behind the subcommand, too.
    pub(super) global: bool,
}

/// One row.
#[derive(Debug, Default)]
pub(super) struct Program {
    pub(super) name: &'static str,
    /// One list a line of the tables, shared by all programs of that line.
    options: Vec<&'static [Opt]>,
    pub(super) operands: Vec<(Position, Role)>,
    pub(super) style: Style,
    /// How many operands stand in front of the command that a wrapper runs.
    pub(super) command: Option<usize>,
    /// Whether the operands are judged only with one of `needs` or an option that is `Needed`.
    pub(super) is_conditional: bool,
    pub(super) needs: Vec<&'static str>,
    /// With one of these words nothing is written.
    pub(super) asks: Vec<&'static str>,
    subcommands: table::Programs,
}

impl Program {
    /// The option of a name that is written out.
    fn option(&self, name: &str) -> Option<Found> {
        self.named(|known| known == name)
    }

    /// The option that a long name means: in full, or the first that it begins.
    fn long(&self, name: &str) -> Option<Found> {
        let begins = |known: &str| name.len() > 2 && known.starts_with(name);
        self.option(name).or_else(|| self.named(begins))
    }

    fn named(&self, is: impl Fn(&str) -> bool) -> Option<Found> {
        let mut all = self.options.iter().copied().flatten();
        all.find_map(|opt| opt.named(&is))
    }
}
