//! The state directory on real files.

mod locks;
mod privacy;
mod records;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::{Holders, Names, Record, Remembered, StateDir};
use crate::scratch::Scratch;

/// A directory of one test.
struct TestDir(Scratch);

impl TestDir {
    fn new() -> TestDir {
        TestDir(Scratch::new())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The state directory of one engine.
    fn state(&self) -> StateDir {
        self.state_of("4711 1 here", |_| false)
    }

    fn state_of(&self, own: &str, has_ended: fn(&str) -> bool) -> StateDir {
        let holders = Holders {
            own: own.to_owned(),
            has_ended,
        };
        StateDir::new(self.path("state"), Some(&self.0), own_user(), holders)
    }
}

/// Files that this process makes are its own.
fn own_user() -> u32 {
    fs::metadata(&*Scratch::new()).unwrap().uid()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
    fs::set_permissions(path, permissions).unwrap();
}

const NAMES: Names<'static> = Names {
    namespace: "n",
    session: "s",
    provider: "p",
};

fn record(conversation: &str) -> Record {
    Record {
        namespace: Some("n".to_owned()),
        session_id: "s".to_owned(),
        agent_session_id: conversation.to_owned(),
        provider: "p".to_owned(),
        work_dir: "/w".into(),
    }
}

fn conversation(name: &str) -> Remembered {
    Remembered::Conversation(name.to_owned())
}

fn names_in(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
