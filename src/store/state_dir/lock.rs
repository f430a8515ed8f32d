//! Locks: a file each, held by one process at a time and free as soon as that is gone.
//!
//! The lock is the kernel's (`flock`), so it cannot outlive its holder, however that ends. The file
//! tells who the holder is. It is removed by the holder when it lets go; one that a killed holder
//! left is taken over by the next.
//!
//! A child that a host forks has the descriptor too, and keeps the lock when the host is dead. The
//! file tells that as well: a lock of a process that has ended counts as free.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::private;
use crate::inode::check_regular;

/// How often a lock is tried whose file changes hands meanwhile, or does not say yet whose it is.
const ROUNDS: usize = 10;

/// How long a holder may take, each round, to write its name into a file it has just locked.
const NAMING: Duration = Duration::from_millis(1);

/// Ways to tell processes, given by who knows of them.
#[derive(Clone, Debug)]
pub(crate) struct Holders {
    /// Names this process, its number first, so that no other ever has the same name.
    pub(crate) own: String,
    /// True if the process of that name has ended. False if that cannot be known here.
    pub(crate) has_ended: fn(&str) -> bool,
}

/// A file that is locked for this process. It is removed when it is dropped.
#[derive(Debug)]
pub(super) struct LockFile {
    file: File,
    path: PathBuf,
    process: u32,
    /// The file is not removed with the lock.
    stays: bool,
}

/// The result of an attempt to lock.
#[derive(Debug)]
pub(super) enum Attempt {
    /// It is ours. The error is why the file does not say so.
    Locked(LockFile, Option<io::Error>),
    /// Another process has it: its name, if it could be read.
    Held(String),
}

impl LockFile {
    /// Tries to get the lock, and does not wait for it.
    pub(super) fn attempt(path: &Path, holders: &Holders) -> io::Result<Attempt> {
        let mut holder = String::new();
        for _ in 0..ROUNDS {
            let file = open(path)?;
            match file.try_lock() {
                // The holder before may have removed the file after we opened it.
                Ok(()) if is_at(&file, path) => return Ok(LockFile::sign(file, path, holders)),
                Ok(()) => continue,
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) => {}
            }
            holder = name_in(&file);
            if holder.is_empty() {
                thread::sleep(NAMING);
            } else if (holders.has_ended)(&holder) {
                disown(&file, path)?;
            } else {
                break;
            }
        }
        Ok(Attempt::Held(holder))
    }

    /// Writes our name into a file that is ours by now.
    fn sign(mut file: File, path: &Path, holders: &Holders) -> Attempt {
        let signed = private::tighten_file(&file)
            .and_then(|()| file.set_len(0))
            .and_then(|()| file.write_all(holders.own.as_bytes()));
        let lock = LockFile {
            file,
            path: path.to_owned(),
            process: std::process::id(),
            stays: false,
        };
        Attempt::Locked(lock, signed.err())
    }
}

impl LockFile {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// True as long as others who look for the lock find this one.
    pub(super) fn is_in_place(&self) -> bool {
        is_at(&self.file, &self.path)
    }

    /// Frees the lock and leaves the file, as a killed holder does: the next holder takes it over.
    pub(super) fn leave(mut self) {
        self.stays = true;
    }

    /// Has the file hold this, and not the name of its holder.
    pub(super) fn write(&mut self, content: &[u8]) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(content)
    }
}

impl Drop for LockFile {
    /// Removed first: no process may get a lock on a file that is about to go. In a forked child there
    /// is nothing to let go of, for the lock is its parent's.
    fn drop(&mut self) {
        if self.process != std::process::id() {
            return;
        }
        if !self.stays
            && is_at(&self.file, &self.path)
            && let Err(error) = fs::remove_file(&self.path)
        {
            log::warn!("{} could not be removed: {error}", self.path.display());
        }
        // Said and not left to the close, for a forked child may have the descriptor too.
        let _ = self.file.unlock();
    }
}

/// Removes the file of a lock that only a forked child of its holder keeps, unless somebody else
/// did so meanwhile: those who remove others' files do it one after the other.
fn disown(file: &File, path: &Path) -> io::Result<()> {
    let turns = open(&path.with_file_name(".disowned"))?;
    turns.lock()?;
    let removed = match file.try_lock() {
        Err(TryLockError::WouldBlock) if is_at(file, path) => fs::remove_file(path),
        _ => Ok(()),
    };
    turns.unlock()?;
    removed
}

fn open(path: &Path) -> io::Result<File> {
    check_regular(path)?;
    let mut options = private::file_options();
    let options = options.read(true).write(true).create(true).truncate(false);
    options.open(path)
}

/// True if the file is what the path leads to.
fn is_at(file: &File, path: &Path) -> bool {
    let (Ok(held), Ok(found)) = (file.metadata(), fs::metadata(path)) else {
        return false;
    };
    (held.dev(), held.ino()) == (found.dev(), found.ino())
}

fn name_in(mut file: &File) -> String {
    let mut name = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut name));
    read.map_or_else(|_| String::new(), |_| name)
}
