//! Directories of the unit tests.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use uuid::Uuid;

/// A new directory with no link in its path; it is removed with the value.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Scratch {
        Scratch::named("hotplex")
    }

    /// With this at the start of its name.
    pub(crate) fn named(start: &str) -> Scratch {
        let name = format!("{start}-{}", Uuid::new_v4().simple());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("a new directory");
        Scratch(fs::canonicalize(path).expect("it was just made"))
    }
}

impl Deref for Scratch {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
