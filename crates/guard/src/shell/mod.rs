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
mod reader;
mod syntax;
mod words;

pub(crate) use parameters::unescaped;
pub(crate) use reader::{DEEPEST, LONGEST, Texts, beginning, lines_below};
pub(crate) use syntax::{
    Assignment, CommandKind, For, Operator, Parameter, Piece, Pipeline, Redirection, Script,
    ShellCommand, Target, Unreadable, Word,
};
