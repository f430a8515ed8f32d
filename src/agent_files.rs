//! What an agent keeps outside of its work directory, and how a jail lets it have that. Layer 0:
//! imports nothing of ours.
//!
//! Nothing that a program without a jail later runs or obeys may be written from inside one. Where
//! an agent keeps such things next to what it has to write, a jailed process gets a directory of its
//! own in place of the user's: made anew for each process, with what the table says in it.

use std::path::PathBuf;

/// The table of one kind of agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AgentFiles {
    /// Names the agent's directory, or the one that holds it.
    pub(crate) variable: &'static str,
    /// What the agent's directory is called in the one that the variable names, if that holds it.
    pub(crate) below: Option<&'static str>,
    /// The user's own directory of that kind. What of it has no row is linked: read and never written.
    pub(crate) users: PathBuf,
    /// What of it a jailed process writes. Directories stand before what is in them.
    pub(crate) rows: Vec<Row>,
    /// Endings of names that are not linked: files that the agent would write in place, and makes
    /// itself where there are none.
    pub(crate) unlinked: &'static [&'static str],
    /// Name where its temporary files go, besides those that every jailed process gets.
    pub(crate) temporary: &'static [&'static str],
    /// What it writes elsewhere and in place: locks.
    pub(crate) in_place: Vec<PathBuf>,
    /// What it reads elsewhere. It is made if it is missing.
    pub(crate) read: Vec<PathBuf>,
}

/// One name below the agent's directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) kept: Kept,
}

/// Whose a file or directory is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// A directory of this process, which ends with it: caches, locks, files that shells read at
    /// their start.
    Own,
    /// A copy of the first of these files that is there, or `{}`. What the process changes is lost.
    Copy(Vec<PathBuf>),
    /// A file with this text. What the process changes is lost.
    Given(String),
    /// A copy of the user's file. What the process changes is looked at and given to the user.
    Returned,
    /// The user's directory, made if it is missing, and written.
    Users,
    /// The user's directories in this one that hold an entry of this name, and written.
    Holding(String),
}
