//! Directories and files that their owner alone may look into, whatever the umask of the host is.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use crate::inode::check_regular;

const DIRECTORY_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// What others may do: anything of that is too much.
const FOR_OTHERS: u32 = 0o077;

const ROOT: u32 = 0;

/// Makes the directory and what is missing above it. What is there already is left as it is.
pub(super) fn make_directory(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(DIRECTORY_MODE).create(path) {
        // A umask may have taken more away than it should.
        Ok(()) => fs::set_permissions(path, Permissions::from_mode(DIRECTORY_MODE)),
        Err(error) => match (error.kind(), path.parent()) {
            (io::ErrorKind::AlreadyExists, _) if path.is_dir() => Ok(()),
            (io::ErrorKind::NotFound, Some(above)) => {
                make_directory(above)?;
                make_directory(path)
            }
            _ => Err(error),
        },
    }
}

/// Why a directory must not be used by `user`, if it is there and that is so.
///
/// Who owns a directory can replace what lies in it. So it must be the user's own; or root's, which
/// can do anything anyway; or one that nobody but its owner and root gets into, for root.
pub(super) fn refusal_reason(path: &Path, user: u32) -> Option<String> {
    let found = fs::metadata(path).ok()?;
    let is_loose = found.mode() & FOR_OTHERS != 0;
    match found.uid() {
        owner if owner == user => None,
        ROOT => None,
        _ if user == ROOT && !is_loose => None,
        owner => Some(format!("belongs to user {owner}, not to user {user}")),
    }
}

/// Takes from others what they may do in a directory of `user`.
pub(super) fn tighten_directory(path: &Path, user: u32) -> io::Result<()> {
    let found = fs::metadata(path)?;
    match found.uid() == user && found.mode() & FOR_OTHERS != 0 {
        true => fs::set_permissions(path, Permissions::from_mode(DIRECTORY_MODE)),
        false => Ok(()),
    }
}

/// True for a directory with these entries and no others.
pub(super) fn holds_only(directory: &Path, names: &[&str]) -> bool {
    let is_named = |entry: io::Result<fs::DirEntry>| {
        entry.is_ok_and(|entry| names.iter().any(|name| entry.file_name() == *name))
    };
    fs::read_dir(directory).is_ok_and(|mut entries| entries.all(is_named))
}

/// Options to open a file with, that make it for its owner alone.
pub(super) fn file_options() -> OpenOptions {
    let mut options = File::options();
    options.mode(FILE_MODE);
    options
}

/// Takes from others what they may do with a file that was made with looser rights, and gives its
/// owner what a umask has taken.
pub(super) fn tighten_file(file: &File) -> io::Result<()> {
    match file.metadata()?.mode() & 0o777 {
        FILE_MODE => Ok(()),
        _ => file.set_permissions(Permissions::from_mode(FILE_MODE)),
    }
}

/// Puts a file in place of another, in one step; nothing half-written stays behind.
pub(super) fn replace_file(path: &Path, unfinished: &Path, content: &[u8]) -> io::Result<()> {
    let written = write_file(unfinished, content).and_then(|()| fs::rename(unfinished, path));
    written.inspect_err(|_| {
        // Nothing is there if not even that could be made.
        let _ = fs::remove_file(unfinished);
    })
}

fn write_file(path: &Path, content: &[u8]) -> io::Result<()> {
    check_regular(path)?;
    let mut options = file_options();
    let mut file = options.write(true).create(true).truncate(true).open(path)?;
    tighten_file(&file)?;
    io::Write::write_all(&mut file, content)
}
