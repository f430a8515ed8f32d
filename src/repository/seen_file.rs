//! A file that was read, and whether it is still the same.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A file as it was, or that there was none.
pub(super) struct SeenFile {
    path: PathBuf,
    seen: Seen,
}

/// As much of a file as anything followed from.
#[derive(PartialEq)]
enum Seen {
    /// Device, number, length and times: one of them changes with whatever is done to it.
    Stamp(Option<[i64; 7]>),
    /// Whether whoever opens it may wait for ever.
    IsWaitedFor(bool),
}

impl SeenFile {
    /// To be made before the file is read: what changes after it is seen at the next look.
    pub(super) fn new(path: &Path) -> SeenFile {
        SeenFile {
            path: path.to_owned(),
            seen: Seen::Stamp(stamp(path)),
        }
    }

    /// A file that is not read: it is the same until whoever opens it has to wait, or no longer has.
    pub(super) fn unread(path: PathBuf) -> SeenFile {
        let seen = Seen::IsWaitedFor(is_waited_for(&path));
        SeenFile { path, seen }
    }

    pub(super) fn was_waited_for(&self) -> bool {
        self.seen == Seen::IsWaitedFor(true)
    }

    pub(super) fn is_as_it_was(&self) -> bool {
        match &self.seen {
            Seen::Stamp(before) => stamp(&self.path) == *before,
            Seen::IsWaitedFor(before) => is_waited_for(&self.path) == *before,
        }
    }
}

/// A pipe has no other end here, and a device may have no end.
fn is_waited_for(path: &Path) -> bool {
    let found = fs::metadata(path);
    found.is_ok_and(|found| !found.is_file() && !found.is_dir())
        && fs::canonicalize(path).is_ok_and(|real| real != Path::new("/dev/null"))
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
