//! A path held open, for the rules of a jail.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use landlock::PathFd;

/// A file or directory held open for a rule, without the right to read it.
pub(crate) struct OpenedPath(PathFd);

impl OpenedPath {
    pub(crate) fn open(path: &Path) -> io::Result<OpenedPath> {
        PathFd::new(path)
            .map(OpenedPath)
            .map_err(|error| match error {
                landlock::PathFdError::OpenCall { source, .. } => source,
                other => io::Error::other(other),
            })
    }
}

impl AsFd for OpenedPath {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
