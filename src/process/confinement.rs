//! Where the jailed reach.

use std::path::PathBuf;

use super::enforced::Enforced;
use super::git::GitDirs;
use super::homes::Homes;
use super::work_dir::WorkDir;

/// What agents of an engine reach besides their work directory. Paths that do not exist when an
/// agent starts are left out, the roots excepted.
#[derive(Clone, Debug, Default)]
pub(crate) struct JailPaths {
    /// What the operator named; one that is missing is an error.
    pub(crate) roots: Vec<PathBuf>,
    /// Directories and files to read and write.
    pub(crate) writable: Vec<PathBuf>,
    /// Directories and files to read, where reading is restricted.
    pub(crate) readable: Vec<PathBuf>,
}

/// The jail of one process.
pub(crate) struct Confinement<'a> {
    pub(crate) enforced: &'a Enforced,
    pub(crate) jail_paths: &'a JailPaths,
    /// Where reading is restricted, these stay closed though they be in a directory of the system.
    pub(crate) homes: &'a Homes,
    pub(crate) work_dir: &'a WorkDir,
    pub(crate) git: &'a GitDirs,
}
