//! How much of a project an agent obeys. Layer 0: imports no room.

use std::path::PathBuf;

use serde::Deserialize;

use crate::spelled::spelled;

spelled! {
    /// What of the work directory's own files for agents an agent takes in. Files in a work directory
    /// may come from a stranger: what an agent loads by itself from there runs without the guard.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
    #[serde(rename_all = "lowercase")]
    #[non_exhaustive]
    pub enum Project {
        /// The files of instructions (`CLAUDE.md`, `AGENTS.md` and their like) reach the model as text.
        /// Nothing else is loaded: no hooks, servers, helpers, environment, permissions, plugins,
        /// agents, commands, skills, schedules.
        #[default]
        Instructions = "instructions",
        /// All that the agent itself would load. The authors of the project's files can run programs then.
        Trusted = "trusted",
        /// Nothing.
        None = "none",
    }
}

/// The files of skills that a project has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Skills {
    /// Each under the name by which it was found, and without links.
    pub(crate) files: Vec<PathBuf>,
    /// Whether these are all.
    pub(crate) is_whole: bool,
}

/// Where a kind of agent looks in a work directory. Paths are relative to it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ProjectFiles {
    /// Files of instructions, in the order in which the model gets them. One that ends with `/` is
    /// a directory of them.
    pub(crate) instructions: &'static [&'static str],
    /// What else the agent would load or obey, and what kind of thing that is.
    pub(crate) others: &'static [(&'static str, &'static str)],
    /// What others are in directories above the work directory, up to the root of its repository.
    pub(crate) above: &'static [(&'static str, &'static str)],
    /// Directories of skills that it tells its model of unless it is told not to, file by file.
    pub(crate) skills: &'static [&'static str],
    /// Files that it opens whatever it is told, here or in a directory above. Where one is a FIFO it
    /// would wait for ever.
    pub(crate) opened: &'static [&'static str],
}
