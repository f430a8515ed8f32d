//! What of an engine outlives its host: the state directory.
//!
//! | entry | what it is | when it goes |
//! |---|---|---|
//! | `sessions/<key>.json` | the [`Record`] of a session, by which its conversation is taken up again | never |
//! | `locks/<key>` | held by the process that uses the session now | with that use, or the next one |
//! | `prompts/<uuid>.md` | a system prompt that is too long for an argument | with its engine |
//!
//! The key is the name of the conversation that the provider derives of namespace and session. All
//! is for its owner alone. Files are looked up, and locks are taken, on the caller's thread when a
//! session is not in the pool; they are written and let go on the spawn thread. A record is
//! replaced by a rename, so a host that dies while it writes leaves the old one; no sync is done,
//! since a record lost to a power cut is found again by the derived name, and a sync costs
//! milliseconds at every start.
//!
//! A directory that cannot be written costs no turn: what could not be kept stays in memory, and is
//! tried again.

mod lock;
mod private;
mod prompts;
mod record;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::lock::Mutex;

use lock::{Attempt, LockFile};
use prompts::Prompts;

pub(crate) use lock::Holders;
pub(crate) use record::{Names, Record, Remembered};

/// How long an engine's end may take to remove the files of locks. One takes a millisecond where
/// the disk is told of each block that falls free, so thousands would hold up the end for seconds.
const TIDYING: Duration = Duration::from_millis(500);

/// A look costs a microsecond a session, which every turn would pay.
const LOOK_EVERY: Duration = Duration::from_secs(1);

const SESSIONS: &str = "sessions";
const LOCKS: &str = "locks";
const PROMPTS: &str = "prompts";
const PARTS: [&str; 3] = [SESSIONS, LOCKS, PROMPTS];

/// The state directory of one engine, and the Go hotplex's one.
pub(crate) struct StateDir {
    directory: PathBuf,
    seed_markers: Option<PathBuf>,
    user: u32,
    holders: Holders,
    /// The sessions that this engine uses. Held while files are locked, so never by the io thread.
    claims: Mutex<HashMap<String, Claimed>>,
    /// Some session is used without its lock.
    lacks_a_lock: AtomicBool,
    opened: Instant,
    /// When locks are looked at again, in milliseconds after that.
    look_due: AtomicU64,
    /// System prompts that agents read from a file.
    prompts: Mutex<Prompts>,
    /// Records that could not be written.
    unsaved: Mutex<HashMap<String, Record>>,
}

/// A session that this engine uses.
#[derive(Default)]
struct Claimed {
    /// Prompts on their way and the session itself: it may be wanted again before it is let go.
    uses: usize,
    lock: Option<LockFile>,
}

impl Claimed {
    /// Others who look for the lock find ours.
    fn is_locked(&self) -> bool {
        self.lock.as_ref().is_some_and(LockFile::is_in_place)
    }
}

/// Another process uses the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InUse {
    /// The name of that process, as [`Holders`] spells it; empty if it could not be read.
    pub(crate) holder: String,
}

/// A session is this engine's until this is dropped, or for longer if it is kept.
#[must_use = "dropped, it lets the session go"]
pub(crate) struct Claim<'a> {
    state: &'a StateDir,
    key: &'a str,
    /// Why the lock file does not name its holder.
    pub(crate) trouble: Option<String>,
    is_kept: bool,
}

impl Claim<'_> {
    /// What is known of the session.
    pub(crate) fn load(&self, names: Names<'_>) -> Remembered {
        self.state.load(self.key, names)
    }

    /// The session is in the pool now, which lets it go by [`StateDir::release`].
    pub(crate) fn keep(mut self) {
        self.is_kept = true;
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        if !self.is_kept {
            self.state.release(self.key);
        }
    }
}

impl StateDir {
    /// The directory need not exist yet. `home` is where the Go hotplex left its marker files, and
    /// `user` who this process acts for.
    pub(crate) fn new(
        directory: PathBuf,
        home: Option<&Path>,
        user: u32,
        holders: Holders,
    ) -> StateDir {
        StateDir {
            directory,
            seed_markers: home.map(|home| home.join(".hotplex/sessions")),
            user,
            holders,
            claims: Mutex::default(),
            lacks_a_lock: AtomicBool::new(false),
            opened: Instant::now(),
            look_due: AtomicU64::new(0),
            prompts: Mutex::new(Prompts::default()),
            unsaved: Mutex::default(),
        }
    }

    /// Looks whether what is there already is the user's own, and closes it to others.
    ///
    /// # Errors
    /// Which directory belongs to another user.
    pub(crate) fn check(&self) -> Result<(), String> {
        let parts = PARTS.iter().map(|part| self.directory.join(part));
        for directory in [self.directory.clone()].into_iter().chain(parts) {
            if let Some(refusal_reason) = private::refusal_reason(&directory, self.user) {
                return Err(format!("{} {refusal_reason}", directory.display()));
            }
            if let Err(error) = self.tighten(&directory)
                && error.kind() != io::ErrorKind::NotFound
            {
                let directory = directory.display();
                log::warn!("{directory} cannot be closed to other users: {error}");
            }
        }
        prompts::remove_abandoned(&self.directory.join(PROMPTS));
        Ok(())
    }

    /// A file with this text, as long as the engine is open.
    ///
    /// # Errors
    /// Why there is none, for a person.
    pub(crate) fn keep_prompt(&self, text: &str) -> Result<PathBuf, String> {
        let part = self.part(PROMPTS);
        let kept = part.and_then(|part| self.prompts.lock().keep(&part, text, &self.holders));
        kept.map_err(|error| self.describe(&error))
    }

    /// A directory that holds other things than ours is a place that other programs may use.
    fn tighten(&self, directory: &Path) -> io::Result<()> {
        match directory == self.directory && !private::holds_only(directory, &PARTS) {
            true => Ok(()),
            false => private::tighten_directory(directory, self.user),
        }
    }

    /// A part of the directory, made if it is missing.
    fn part(&self, name: &str) -> io::Result<PathBuf> {
        let directory = self.directory.join(name);
        private::make_directory(&directory)?;
        match private::refusal_reason(&directory, self.user) {
            Some(refusal_reason) => {
                let message = format!("{} {refusal_reason}", directory.display());
                Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
            }
            None => Ok(directory),
        }
    }

    /// Takes the session with this key for this engine, as often as it is wanted.
    ///
    /// One whose lock cannot be had because the directory cannot be used is taken without it. One
    /// whose lock was removed with the directory is locked anew: others may have taken it since.
    ///
    /// # Errors
    /// If another engine uses it, of this process or of another.
    pub(crate) fn claim<'a>(&'a self, key: &'a str) -> Result<Claim<'a>, InUse> {
        let mut claims = self.claims.lock();
        let mut trouble = None;
        if !claims.get(key).is_some_and(Claimed::is_locked) {
            match self.lock(key) {
                Ok(Attempt::Held(holder)) => return Err(InUse { holder }),
                Ok(Attempt::Locked(lock, unsigned)) => {
                    claims.entry(key.to_owned()).or_default().lock = Some(lock);
                    if self.lacks_a_lock() {
                        let lacking = claims.values().any(|claimed| !claimed.is_locked());
                        self.lacks_a_lock.store(lacking, Ordering::Relaxed);
                    }
                    trouble = unsigned;
                }
                Err(error) => {
                    self.lacks_a_lock.store(true, Ordering::Relaxed);
                    trouble = Some(error);
                }
            }
        }
        claims.entry(key.to_owned()).or_default().uses += 1;
        Ok(Claim {
            state: self,
            key,
            trouble: trouble.map(|error| self.describe(&error)),
            is_kept: false,
        })
    }

    fn lock(&self, key: &str) -> io::Result<Attempt> {
        LockFile::attempt(&self.part(LOCKS)?.join(key), &self.holders)
    }

    /// One use less of the session. With the last its lock is free.
    pub(crate) fn release(&self, key: &str) {
        let mut claims = self.claims.lock();
        let Some(claimed) = claims.get_mut(key) else {
            return;
        };
        claimed.uses = claimed.uses.saturating_sub(1);
        if claimed.uses == 0 {
            claims.remove(key);
        }
    }

    /// True if some session may be used without its lock, which is to be tried again then.
    pub(crate) fn lacks_a_lock(&self) -> bool {
        self.lacks_a_lock.load(Ordering::Relaxed)
    }

    /// Once a second: are the locks still where others look for them? The directory may have been
    /// removed, or files in it that were taken for leftovers.
    pub(crate) fn look_at_locks(&self, now: Instant) {
        let since = now.saturating_duration_since(self.opened).as_millis() as u64;
        let due = self.look_due.load(Ordering::Relaxed);
        if since < due {
            return;
        }
        // Its holder takes a lock file just now, and a hot turn does not wait for a disk.
        if let Some(claims) = self.claims.try_lock() {
            let next = since + LOOK_EVERY.as_millis() as u64;
            self.look_due.store(next, Ordering::Relaxed);
            if !claims.values().all(Claimed::is_locked) {
                self.lacks_a_lock.store(true, Ordering::Relaxed);
            }
        }
    }

    /// The engine ends: what is left is written, and every lock is free.
    pub(crate) fn close(&self) {
        let unsaved: Vec<String> = self.unsaved.lock().keys().cloned().collect();
        for key in unsaved {
            if let Err(text) = self.save_again(&key) {
                log::warn!("{text}");
            }
        }
        self.prompts.lock().clear();
        let until = Instant::now() + TIDYING;
        for claimed in std::mem::take(&mut *self.claims.lock()).into_values() {
            if let Some(lock) = claimed.lock
                && Instant::now() >= until
            {
                lock.leave();
            }
        }
    }

    /// What is known of the session with this key.
    fn load(&self, key: &str, names: Names<'_>) -> Remembered {
        if let Some(record) = self.unsaved.lock().get(key) {
            return record.clone().tells(names);
        }
        let found = record::read(&self.file(key), names);
        found.unwrap_or_else(|| self.load_seed_marker(key))
    }

    /// The Go hotplex 0.6.1 leaves an empty file named after the derived conversation.
    fn load_seed_marker(&self, key: &str) -> Remembered {
        let marker = self
            .seed_markers
            .as_ref()
            .map(|markers| markers.join(format!("{key}.lock")));
        match marker.is_some_and(|marker| marker.exists()) {
            true => Remembered::Conversation(key.to_owned()),
            false => Remembered::Nothing,
        }
    }

    /// Puts the record in place of an older one. One that cannot be written is kept in memory.
    ///
    /// # Errors
    /// Why it could not be written, for a person.
    pub(crate) fn save(&self, key: &str, record: Record) -> Result<(), String> {
        let mut unsaved = self.unsaved.lock();
        match self.write(key, &record) {
            Ok(()) => {
                unsaved.remove(key);
                Ok(())
            }
            Err(error) => {
                unsaved.insert(key.to_owned(), record);
                Err(self.describe(&error))
            }
        }
    }

    /// Tries once more to write what could not be written.
    ///
    /// # Errors
    /// As [`StateDir::save`].
    pub(crate) fn save_again(&self, key: &str) -> Result<(), String> {
        let record = self.unsaved.lock().get(key).cloned();
        record.map_or(Ok(()), |record| self.save(key, record))
    }

    /// The session's lock is held, so no other process writes under these names.
    fn write(&self, key: &str, record: &Record) -> io::Result<()> {
        let unfinished = self.part(SESSIONS)?.join(format!(".{key}.new"));
        private::replace_file(&self.file(key), &unfinished, &serde_json::to_vec(record)?)
    }

    fn file(&self, key: &str) -> PathBuf {
        self.directory.join(SESSIONS).join(format!("{key}.json"))
    }

    fn describe(&self, error: &io::Error) -> String {
        let directory = self.directory.display();
        format!("the state directory {directory} cannot be written: {error}")
    }
}
