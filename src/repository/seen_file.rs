//! A file that was read, and whether it is still the same.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A file as it was, or that there was none.
pub(super) struct SeenFile {
    path: PathBuf,
    /// Device, number, length and times: one of them changes with whatever is done to it.
    stamp: Option<[i64; 7]>,
}

impl SeenFile {
    /// To be made before the file is read: what changes after it is seen at the next look.
    pub(super) fn new(path: &Path) -> SeenFile {
        SeenFile {
            path: path.to_owned(),
            stamp: stamp(path),
        }
    }

    pub(super) fn is_as_it_was(&self) -> bool {
        stamp(&self.path) == self.stamp
    }
}

fn stamp(path: &Path) -> Option<[i64; 7]> {
    let found = fs::metadata(path).ok()?;
    Some([
        found.dev().cast_signed(),
        found.ino().cast_signed(),
        found.size().cast_signed(),
        found.mtime(),
        found.mtime_nsec(),
        found.ctime(),
        found.ctime_nsec(),
    ])
}
