//! What it takes to start a child, and what comes of it. Pure words; each system carries them out.

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io;
use std::path::Path;

use super::confinement::Confinement;
use super::mark::Mark;
use super::system::fork::Unshared;
use super::system::group::Group;

/// Everything that a child is started with.
pub(crate) struct Launch<'a> {
    /// Absolute path, as [`find_program`](super::find_program) gives it.
    pub(crate) program: &'a Path,
    /// Arguments after the program's name.
    pub(crate) arguments: &'a [String],
    /// The whole environment; nothing of the host's is added but the mark.
    pub(crate) environment: &'a [(OsString, OsString)],
    /// Where the child starts.
    pub(crate) work_dir: &'a Path,
    /// By what the child and its descendants are found again.
    pub(crate) mark: &'a Mark,
    /// What it reaches of the file system, for good; `None` for all that the host reaches.
    pub(crate) jail: Option<Confinement<'a>>,
}

/// A running child: our ends of its pipes, which never block, and its process group.
#[derive(Debug)]
pub(crate) struct Child<G = Group> {
    pub(crate) stdin: Unshared<File>,
    pub(crate) stdout: Unshared<File>,
    pub(crate) stderr: Unshared<File>,
    pub(crate) group: G,
}

/// Why a child could not be started: what was tried, and what the system said.
#[derive(Debug)]
pub(crate) struct SpawnError {
    context: String,
    source: io::Error,
}

impl SpawnError {
    pub(crate) fn new(context: impl Into<String>, source: io::Error) -> SpawnError {
        SpawnError {
            context: context.into(),
            source,
        }
    }

    pub(super) fn invalid(context: impl Into<String>) -> SpawnError {
        SpawnError::new(context, io::ErrorKind::InvalidInput.into())
    }
}

/// True if a file or a process could not be had for want of something that may be there again later.
pub(crate) fn is_shortage(error: &io::Error) -> bool {
    let number = error.raw_os_error();
    let shortages = [
        libc::EMFILE,
        libc::ENFILE,
        libc::ENOMEM,
        libc::EAGAIN,
        libc::ENOSPC,
        libc::EDQUOT,
        libc::EIO,
    ];
    number.is_some_and(|number| shortages.contains(&number))
}

impl fmt::Display for SpawnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SpawnError { context, source } = self;
        // First what the caller has to do something about: the rest may be a long path.
        match source.raw_os_error() {
            Some(libc::EMFILE) => write!(
                f,
                "too many open files in this process (ulimit -n): {context}"
            ),
            Some(libc::ENFILE) => write!(f, "too many open files in this system: {context}"),
            _ => write!(f, "{context}: {source}"),
        }
    }
}

impl std::error::Error for SpawnError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}
