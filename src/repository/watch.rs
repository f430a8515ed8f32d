//! Whether the repository of a work directory names something else by now than when a process was
//! started beside it.
//!
//! What was read is looked at before each turn, on the caller's thread: a dozen questions to the system.
//! Only if one of the files differs all of them are read again.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use super::search::{GitSetting, held_off};
use super::seen_file::SeenFile;
use crate::inode::Hold;
use crate::lock::Mutex;

/// The repositories beside which processes of an engine run.
pub(crate) struct Repositories {
    hold: Hold,
    /// By the work directory as the caller names it; forgotten with the last process in it.
    watched: Mutex<HashMap<PathBuf, Weak<Watched>>>,
}

/// What git would start for a work directory.
pub(crate) struct Watched {
    work_dir: PathBuf,
    home: Option<PathBuf>,
    hold: Hold,
    last: Mutex<Look>,
}

struct Look {
    seen: Vec<SeenFile>,
    /// Stands for what is to be told to git, or for why that cannot be told.
    number: u64,
}

/// What a process has been told, for as long as it lives.
#[derive(Clone)]
pub(crate) struct Watching {
    _watched: Arc<Watched>,
    pub(crate) number: u64,
}

impl Repositories {
    pub(crate) fn new(hold: Hold) -> Repositories {
        Repositories {
            hold,
            watched: Mutex::new(HashMap::new()),
        }
    }

    /// What git is to be told for a process in `real`, which its caller calls `named`.
    ///
    /// # Errors
    /// Why that cannot be told, for a person.
    pub(crate) fn watch(
        &self,
        named: &Path,
        real: &Path,
        home: Option<&Path>,
    ) -> Result<(Vec<GitSetting>, Watching), String> {
        let (settings, look) = look(real, home, self.hold);
        let number = look.number;
        let watched = self.watched_at(named, real, home, look);
        Ok((
            settings?,
            Watching {
                _watched: watched,
                number,
            },
        ))
    }

    /// The same number as long as git is to be told the same; `None` where no process runs.
    pub(crate) fn number(&self, named: &Path) -> Option<u64> {
        Some(self.known(named)?.number())
    }

    fn watched_at(
        &self,
        named: &Path,
        real: &Path,
        home: Option<&Path>,
        look: Look,
    ) -> Arc<Watched> {
        let known = self.known(named);
        if let Some(watched) = known.filter(|watched| watched.work_dir == real) {
            *watched.last.lock() = look;
            return watched;
        }
        let watched = Arc::new(Watched {
            work_dir: real.to_owned(),
            home: home.map(Path::to_owned),
            hold: self.hold,
            last: Mutex::new(look),
        });
        let mut all = self.watched.lock();
        all.retain(|_, watched| watched.strong_count() > 0);
        all.insert(named.to_owned(), Arc::downgrade(&watched));
        watched
    }

    /// Nothing is waited for under the lock of all: a file system may hang with the look at one of them.
    fn known(&self, named: &Path) -> Option<Arc<Watched>> {
        self.watched.lock().get(named)?.upgrade()
    }
}

impl Watched {
    fn number(&self) -> u64 {
        let mut last = self.last.lock();
        if !last.seen.iter().all(SeenFile::is_as_it_was) {
            *last = look(&self.work_dir, self.home.as_deref(), self.hold).1;
        }
        last.number
    }
}

fn look(
    work_dir: &Path,
    home: Option<&Path>,
    hold: Hold,
) -> (Result<Vec<GitSetting>, String>, Look) {
    let (settings, seen) = held_off(work_dir, home, hold);
    let mut hasher = DefaultHasher::new();
    settings.hash(&mut hasher);
    let number = hasher.finish();
    (settings, Look { seen, number })
}
