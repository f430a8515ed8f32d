//! What the guard knows of programs: one row a program, as data.
//!
//! A row says which options there are and what their values mean, which operands are written, whether
//! the program is a wrapper of another command, and which subcommands have rows of their own. `argv`
//! reads a command line with it. The tables are text files beside this one; `tables/README.md` tells
//! how a row is written. A leaf: it knows no zones and no rules. Pure; any thread.

mod argv;
mod kinds;
mod row;
mod table;
mod word_lines;

pub(crate) use argv::{Argv, Given};
pub(crate) use kinds::{KindsOf, ProgramKind};
pub(crate) use row::{Loss, Lost, Program, Role, WordRule};
#[cfg(test)]
pub(crate) use table::all;
pub(crate) use table::{Known, is_of_kind, known, of_kind, unknown};
