//! What every process of an engine has in common.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::inode::{Inode, SeenDir};
use crate::process::{Enforced, EngineMark, Homes, JailPaths, Launcher};
use crate::provider::Provider;
use crate::repository::Repositories;
use crate::store::{AuditTrail, StateDir};

/// Made once, when the engine opens; the threads share it.
pub(crate) struct SpawnConfig {
    pub(crate) provider: Box<dyn Provider>,
    pub(crate) launcher: Box<dyn Launcher>,
    pub(crate) program: PathBuf,
    pub(crate) program_arguments: Vec<String>,
    pub(crate) max_line_bytes: usize,
    pub(crate) environment: Vec<(OsString, OsString)>,
    pub(crate) mark: EngineMark,
    pub(crate) state: StateDir,
    /// The home that agents find, whether a variable names it or not.
    pub(crate) home: Option<PathBuf>,
    /// Where jailed agents get directories of their own: the first that can be written.
    pub(crate) private: Vec<PathBuf>,
    pub(crate) audit: AuditTrail,
    /// Beside which its processes run.
    pub(crate) repositories: Repositories,
    pub(crate) homes: Homes,
    pub(crate) enforced: Enforced,
    pub(crate) jail_paths: JailPaths,
}

impl SpawnConfig {
    /// What the path of a work directory leads to now, and what git would start there; `None` for nothing.
    pub(crate) fn see(&self, work_dir: &Path) -> Option<SeenDir> {
        let found = fs::metadata(work_dir).ok()?;
        Some(SeenDir {
            inode: Inode::of(&found),
            git: self.repositories.number(work_dir, Instant::now()),
        })
    }
}
