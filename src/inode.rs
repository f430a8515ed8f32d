//! What a path leads to, whatever it is called. Layer 0: imports nothing of ours.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A file or directory on its device. Equal numbers mean the same one only while it is open or
/// is a process's directory: the number of a removed one may be given to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Inode {
    device: u64,
    number: u64,
}

impl Inode {
    /// The inode of what was looked up.
    pub(crate) fn of(found: &Metadata) -> Inode {
        Inode {
            device: found.dev(),
            number: found.ino(),
        }
    }

    /// One that differs from others by this number, for tests that have no files.
    #[cfg(test)]
    pub(crate) const fn numbered(number: u64) -> Inode {
        Inode { device: 1, number }
    }
}

/// A work directory as it was when it was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SeenDir {
    pub(crate) inode: Inode,
    /// Stands for what git would start there; `None` where that is not looked at.
    pub(crate) git: Option<u64>,
}

impl SeenDir {
    /// One that differs from others by this number, for tests that have no files.
    #[cfg(test)]
    pub(crate) const fn numbered(number: u64) -> SeenDir {
        SeenDir {
            inode: Inode::numbered(number),
            git: None,
        }
    }
}

/// Holds what a path leads to without opening it, with a path that leads to nothing else; the system's
/// business.
pub(crate) type Hold = fn(&Path) -> io::Result<(File, PathBuf)>;

/// Looks whether a path leads to a regular file, or to nothing yet.
///
/// A pipe is waited for as long as nobody is at its other end, a device may have no end: none of ours
/// may stand where a file of the engine's should be, and a look costs less than a thread.
///
/// # Errors
/// The path is something else, or cannot be looked up.
pub(crate) fn check_regular(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => Err(io::Error::other("is no regular file")),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Opens a regular file for reading.
///
/// # Errors
/// As [`check_regular`], and if there is none.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    check_regular(path)?;
    File::open(path)
}

/// The content of a regular file.
///
/// # Errors
/// As [`open_regular`].
pub(crate) fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    open_regular(path)?.read_to_end(&mut content)?;
    Ok(content)
}
