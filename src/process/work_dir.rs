//! The directory that a child works in, and where paths lead.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};

use super::homes::Homes;
use super::system::kernel_paths::path_of;
use super::system::opened_path::OpenedPath;
use crate::inode::Inode;

/// A work directory, held open: what is checked is what is jailed, though another agent may put a
/// symbolic link in its place meanwhile.
pub(crate) struct WorkDir {
    place: OpenedPath,
    inode: Inode,
}

impl WorkDir {
    /// Opens a directory that is there.
    ///
    /// # Errors
    /// What the system says, or why it is refused as a work directory.
    pub(crate) fn open(directory: &Path, homes: &Homes) -> io::Result<WorkDir> {
        let place = OpenedPath::open(directory)?;
        let itself = path_of(&place);
        let real = fs::read_link(&itself)?;
        if let Some(refusal_reason) = homes.refusal_reason(&real) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, refusal_reason));
        }
        let inode = Inode::of(&fs::metadata(itself)?);
        Ok(WorkDir { place, inode })
    }

    pub(crate) fn inode(&self) -> Inode {
        self.inode
    }
}

impl AsFd for WorkDir {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.place.as_fd()
    }
}

/// Holds what a path leads to without opening it: no device is touched and no pipe is waited for,
/// and what is looked at next, by the path that comes with it, is what was held.
pub(crate) fn hold(path: &Path) -> io::Result<(File, PathBuf)> {
    let mut options = OpenOptions::new();
    let held = options.read(true).custom_flags(libc::O_PATH).open(path)?;
    let itself = path_of(&held);
    Ok((held, itself))
}

/// The path without symbolic links. What does not exist yet is taken by its name.
pub(crate) fn resolved(path: &Path) -> PathBuf {
    let mut missing = Vec::new();
    let mut rest = path.components();
    let mut real = loop {
        if let Ok(real) = fs::canonicalize(rest.as_path()) {
            break real;
        }
        match rest.next_back() {
            Some(component) => missing.push(component),
            None => break PathBuf::from("/"),
        }
    };
    for component in missing.into_iter().rev() {
        match component {
            Component::ParentDir => drop(real.pop()),
            component => real.push(component),
        }
    }
    real
}
