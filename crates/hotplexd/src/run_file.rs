//! The run file: where the command line finds the daemon of its user.
//!
//! The daemon holds a lock on it while it lives. So what a dead one left behind is known as such, and
//! no token is sent to another program that has its port now.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

/// What the file says.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Running {
    pub(crate) pid: u32,
    pub(crate) version: String,
    /// `http://127.0.0.1:8080/` or `unix:PATH`.
    pub(crate) urls: Vec<String>,
    /// `None` where no token is needed.
    pub(crate) token_file: Option<PathBuf>,
}

/// The file of this process, locked while this lives and removed when it is dropped.
pub(crate) struct RunFile {
    path: PathBuf,
    file: File,
}

impl RunFile {
    /// Writes the file, in the place of another daemon's: the last one to start is found.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn write(path: &Path, running: &Running) -> std::io::Result<RunFile> {
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory)?;
        }
        let own = path.with_extension(format!("{}.new", running.pid));
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&own)?;
        // Before it has its name, so that it is never found unlocked.
        flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        file.write_all(serde_json::to_string(running)?.as_bytes())?;
        fs::rename(&own, path)?;
        Ok(RunFile {
            path: path.to_owned(),
            file,
        })
    }
}

impl Drop for RunFile {
    fn drop(&mut self) {
        let own = self.file.metadata().map(|file| file.ino());
        let there = fs::metadata(&self.path).map(|file| file.ino());
        if matches!((own, there), (Ok(own), Ok(there)) if own == there) {
            // Left behind it is not locked, and counts for nothing.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The daemon that runs, if there is one.
///
/// # Errors
/// A file that cannot be read.
pub(crate) fn find(path: &Path) -> Result<Option<Running>, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(wrong(&error)),
    };
    if flock(&file, FlockOperation::NonBlockingLockShared).is_ok() {
        return Ok(None);
    }
    let mut text = String::new();
    file.read_to_string(&mut text)
        .map_err(|error| wrong(&error))?;
    let running = serde_json::from_str(&text);
    running.map(Some).map_err(|error| wrong(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(pid: u32) -> Running {
        Running {
            pid,
            version: "1".into(),
            urls: vec!["unix:/a".into()],
            token_file: None,
        }
    }

    #[test]
    fn it_counts_while_its_daemon_lives_and_the_last_one_wins() {
        let directory = std::env::temp_dir().join(format!("hotplexd-run-{}", std::process::id()));
        let path = directory.join("hotplexd.json");
        assert!(find(&path).expect("no file").is_none());
        let first = RunFile::write(&path, &running(1)).expect("a file");
        assert_eq!(find(&path).expect("a file").map(|it| it.pid), Some(1));
        let second = RunFile::write(&path, &running(2)).expect("a file");
        drop(first);
        assert_eq!(find(&path).expect("a file").map(|it| it.pid), Some(2));
        // As after a kill: the file is there and not locked.
        fs::copy(&path, directory.join("left")).expect("a copy");
        assert!(find(&directory.join("left")).expect("a file").is_none());
        drop(second);
        assert!(!path.exists());
        fs::remove_dir_all(directory).expect("cleared");
    }
}
