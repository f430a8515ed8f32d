//! What a path leads to, whatever it is called. Layer 0: imports nothing of ours.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

/// A file or directory on its device. Two are the same one as long as somebody has it open or is in
/// it; the number of one that is gone may be given to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Inode {
    device: u64,
    number: u64,
}

impl Inode {
    /// Of what was looked up.
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
