//! System prompts that are too long for an argument: a file each, which agents are pointed to.
//!
//! A file is locked as long as its engine is open, and goes with it. What is not locked was left by
//! a host that was killed, and goes when the next engine opens.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::lock::{Attempt, Holders, LockFile};
use crate::inode::open_regular;

/// The prompts of one engine, each once.
#[derive(Debug, Default)]
pub(super) struct Prompts(HashMap<String, LockFile>);

impl Prompts {
    /// The file with this text in it, made in `directory` if there is none.
    pub(super) fn keep(
        &mut self,
        directory: &Path,
        text: &str,
        holders: &Holders,
    ) -> io::Result<PathBuf> {
        if let Some(file) = self.0.get(text) {
            return Ok(file.path().to_owned());
        }
        let path = directory.join(format!("{}.md", Uuid::new_v4()));
        let Attempt::Locked(mut file, _) = LockFile::attempt(&path, holders)? else {
            return Err(io::Error::other(
                "another process has a file of a fresh name",
            ));
        };
        file.write(text.as_bytes())?;
        self.0.insert(text.to_owned(), file);
        Ok(path)
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// Removes what hosts that were killed have left.
pub(super) fn remove_abandoned(directory: &Path) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(file) = open_regular(&path) else {
            continue;
        };
        if file.try_lock().is_ok()
            && let Err(error) = fs::remove_file(&path)
        {
            log::warn!("{} could not be removed: {error}", path.display());
        }
    }
}
