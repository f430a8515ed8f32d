//! What one row says of a program.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// What an option, its value or an operand means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
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
    /// A file whose instructions the program runs; commands of a shell stand in it behind these words.
    Script(&'static str),
    /// A command line for a shell of another machine.
    Remote,
    /// What a database is told to do, in its own language.
    Statement,
    /// With it nothing is written: a dry run, a check, a list.
    Ask,
    /// With it the program does what the row's operands say.
    Needed,
}

/// Whether an option takes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    Nothing,
    Value,
    /// Only one that is attached to it.
    Attached,
    /// Two words.
    Two,
}

/// One option in all its names.
#[derive(Debug)]
pub(crate) struct Opt {
    pub(crate) names: Vec<&'static str>,
    pub(crate) role: Role,
    /// By name: `-i` and `--in-place` may take their value in ways of their own.
    pub(crate) takes: Vec<Takes>,
}

/// An option, and whether it takes a value under the name that was given.
pub(super) type Found = (&'static Opt, Takes);

impl Opt {
    pub(super) fn named(&'static self, is: impl Fn(&str) -> bool) -> Option<Found> {
        let at = self.names.iter().position(|name| is(name))?;
        Some((self, self.takes[at]))
    }
}

/// Which operands a role holds for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
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
    /// The last of several, if it begins with this and a colon: `dir:/path`.
    LastBehind(&'static str),
    /// The current directory, unless an option or an operand says where else; with one of these options,
    /// if there are any.
    Here(&'static str),
}

/// How a program reads its command line.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Style {
    /// Long options have one hyphen, so that letters cannot be put together.
    pub(crate) single: bool,
    /// Options end at the first operand.
    pub(crate) stops: bool,
    /// `host:path` and `scheme://` are on other machines.
    pub(crate) remote: bool,
    /// The first word may be a row of letters without a hyphen.
    pub(crate) bundle: bool,
    /// `NAME=value` in front of the operands sets a variable.
    pub(crate) settings: bool,
    /// Options may stand behind the subcommand, too.
    pub(crate) global: bool,
    /// The command that it runs runs on another machine.
    pub(crate) elsewhere: bool,
    /// Without a command it is a shell.
    pub(crate) shell: bool,
    /// It sends whatever file it is given to another machine.
    pub(crate) sends: bool,
    /// In a file of its instructions a command for a shell is one word, in quotes.
    pub(crate) quoted: bool,
}

/// One row.
#[derive(Debug, Default)]
pub(crate) struct Program {
    /// One list a line of the tables, shared by all programs of that line.
    pub(super) options: Vec<&'static [Opt]>,
    pub(crate) operands: Vec<(Position, Role)>,
    pub(crate) style: Style,
    /// How many operands stand in front of the command that a wrapper runs.
    pub(crate) command: Option<usize>,
    /// Whether the operands are judged only with one of `needs` or an option that is `Needed`.
    pub(crate) is_conditional: bool,
    pub(crate) needs: Vec<&'static str>,
    /// With one of these words nothing is written.
    pub(crate) asks: Vec<&'static str>,
    /// Nothing is known of how the program reads its command line.
    pub(crate) is_partial: bool,
    /// Options that stand before the subcommand and whose value is the next word; empty for a program that
    /// is not known to have subcommands.
    pub(crate) before: Vec<&'static str>,
    /// Options before the subcommand by which the program runs something else than its subcommand says.
    pub(crate) widens: Vec<&'static str>,
    /// Subcommands, and the shorter names that each has, too.
    pub(crate) shorts: Vec<(&'static str, Vec<&'static str>)>,
    /// With one of these options the program only says what it would do, or takes back what was asked.
    pub(crate) rehearses: Vec<&'static str>,
    /// With so many operands it does not do what its name says: `deluser user group`.
    pub(crate) rehearsed_operands: Option<usize>,
    /// What is destroyed of what the program reads.
    pub(crate) loses: Vec<Loss>,
    /// Subcommands that change nothing.
    pub(crate) queries: Vec<Query>,
    /// Subcommands that only explain, or say who may do what.
    pub(crate) explains: Vec<Query>,
    /// Options of its own by which a package manager removes packages.
    pub(crate) removes: Vec<&'static str>,
    /// Clusters of letters that only ask.
    pub(crate) letters: Vec<Letters>,
    /// Words behind which all the rest is a command that the program runs.
    pub(crate) rest: Vec<&'static str>,
    /// Options that name the file which a download fills; `*` if the address names one otherwise.
    pub(crate) fills: Vec<&'static str>,
    /// How what it runs is followed, by the name of a way; empty for what its row says.
    pub(crate) eval: &'static str,
    /// What it prints, by the name of a kind of output; empty if nothing is known.
    pub(crate) prints: &'static str,
    /// First options with which the program only tells what there is.
    pub(crate) tells: Vec<&'static str>,
    /// The letters of the options that bring code of its language; empty if the row says nothing of them.
    pub(crate) code: &'static str,
    /// Whole words that bring such code.
    pub(crate) code_words: Vec<&'static str>,
    /// Calls of its language that start a program, besides those of many languages.
    pub(crate) starts: Vec<&'static str>,
    /// The check that judges it besides, by its name; empty for none.
    pub(crate) check: &'static str,
    /// What its words alone say of a command; the first that fits decides.
    pub(crate) rules: Vec<WordRule>,
    pub(super) subcommands: Programs,
}

/// Operands that are lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// All from this one on.
    From(usize),
    /// All but the last, as far as they are on this machine.
    Sources,
    /// The last, if it is on this machine.
    Target,
    /// All are overwritten.
    Overwritten,
}

/// When operands are lost.
#[derive(Debug)]
pub(crate) struct Loss {
    pub(crate) lost: Lost,
    /// The words of the subcommand that does it; empty if the program does.
    pub(crate) subcommand: Vec<&'static str>,
    /// One of these has to be given; with none the subcommand alone does it.
    pub(crate) options: Vec<&'static str>,
    /// One of these has to be given as well, if there are any.
    pub(crate) with: Vec<&'static str>,
    /// With one of these nothing is lost.
    pub(crate) unless: Vec<&'static str>,
}

/// Subcommands that change nothing.
#[derive(Debug)]
pub(crate) struct Query {
    /// The subcommand that they stand behind, if they are not the first word themselves.
    pub(crate) outer: Option<&'static str>,
    pub(crate) words: Vec<&'static str>,
}

/// A cluster of letters that only asks: `-Qi`, `-Ss`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Letters {
    /// The letter behind the hyphen.
    pub(crate) first: char,
    /// One of these letters has to be in it, if there are any.
    pub(crate) with: &'static str,
    /// None of these may be in it.
    pub(crate) without: &'static str,
}

/// A rule that holds for a command with these words.
#[derive(Debug)]
pub(crate) struct WordRule {
    /// The id of the rule.
    pub(crate) rule: &'static str,
    /// Plain words must follow one another among the operands, and words with a hyphen must stand somewhere.
    /// Of the words behind a `+` one must stand somewhere, spelled exactly so; of those behind a `!` none
    /// may. `|` separates alternatives.
    pub(crate) words: Vec<&'static str>,
}

impl Program {
    /// Whether the row knows an option of this name.
    pub(crate) fn has_option(&'static self, name: &str) -> bool {
        self.option(name).is_some()
    }

    /// The option of a name that is written out.
    pub(super) fn option(&self, name: &str) -> Option<Found> {
        self.named(|known| known == name)
    }

    /// The option that a long name means: in full, or the first that it begins.
    pub(super) fn long(&self, name: &str) -> Option<Found> {
        let begins = |known: &str| name.len() > 2 && known.starts_with(name);
        self.option(name).or_else(|| self.named(begins))
    }

    pub(super) fn named(&self, is: impl Fn(&str) -> bool) -> Option<Found> {
        let mut all = self.options.iter().copied().flatten();
        all.find_map(|opt| opt.named(&is))
    }
}

/// Names are short and none is chosen to collide: a quick hash will do.
pub(crate) type Programs = HashMap<&'static str, Program, BuildHasherDefault<Quick>>;

/// The hash of Fowler, Noll and Vo.
pub(crate) struct Quick(u64);

impl Default for Quick {
    fn default() -> Quick {
        Quick(0xCBF2_9CE4_8422_2325)
    }
}

impl Hasher for Quick {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3);
        }
    }
}
