//! Whether the repository of a work directory names something else by now than when a process was
//! started beside it.
//!
//! What was read is looked at before each turn, on the caller's thread: a dozen questions to the system.
//! Only if one of the files differs all of them are read again. Those questions would take longer than the
//! engine takes for a hot turn, so turns that come at once share a look.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::search::{GitSetting, held_off};
use super::seen_file::SeenFile;
use crate::inode::Hold;
use crate::lock::Mutex;

/// A look is good for so long. No turn of a model is as short.
const LOOK_HOLDS: Duration = Duration::from_millis(20);

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
    /// When a turn last found all of it as it was.
    confirmed: Option<Instant>,
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
    pub(crate) fn number(&self, named: &Path, now: Instant) -> Option<u64> {
        Some(self.known(named)?.number(now))
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
    fn number(&self, now: Instant) -> u64 {
        let mut last = self.last.lock();
        if last.holds(now) {
            return last.number;
        }
        if !last.seen.iter().all(SeenFile::is_as_it_was) {
            *last = look(&self.work_dir, self.home.as_deref(), self.hold).1;
        }
        last.confirmed = Some(now);
        last.number
    }
}

impl Look {
    fn holds(&self, now: Instant) -> bool {
        let since = self
            .confirmed
            .map(|then| now.saturating_duration_since(then));
        since.is_some_and(|since| since < LOOK_HOLDS)
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
    let look = Look {
        seen,
        confirmed: None,
        number,
    };
    (settings, look)
}
