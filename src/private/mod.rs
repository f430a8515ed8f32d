//! What one process has to itself: in a jail its agent's directory and its temporary files, and with or
//! without one the engine's files for it.
//!
//! The engine's processes share a directory below the state directory, which no jail opens as a
//! whole. It is locked for as long as the engine lives; what an engine has left that was killed is
//! removed by the next one.
//!
//! Runs on the spawn thread.

mod credentials;
mod engine_files;
mod gnupg;
mod java;
mod layout;
mod temporary;

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::agent_files::AgentFiles;
use crate::inode::open_regular;
use credentials::Returned;
pub(crate) use java::{JAVA_OPTIONS, java_option};

/// What one process has to itself.
#[derive(Clone, Copy)]
pub(crate) enum Belongings<'a> {
    /// Without a jail: what the engine puts there for it.
    EngineFiles,
    /// In a jail also temporary files, and what its agent keeps as this table says.
    Jailed(Option<&'a AgentFiles>),
}

/// The places where the private directories of one engine may be, the first choice first.
///
/// A place that cannot be written now, as on a full disk, is passed over and tried again for the next
/// process; what living processes have in another stays there.
#[derive(Debug)]
pub(crate) struct PrivateRoots {
    places: Vec<(PathBuf, Option<PrivateRoot>)>,
}

impl PrivateRoots {
    pub(crate) fn new(parents: &[PathBuf]) -> PrivateRoots {
        let places = parents.iter().map(|parent| (parent.clone(), None));
        PrivateRoots {
            places: places.collect(),
        }
    }

    /// Makes the directory of the engine's process number `number` in the first place that can be
    /// written.
    pub(crate) fn make(&mut self, number: u64, what: Belongings<'_>) -> io::Result<Private> {
        let mut failure = io::Error::from(io::ErrorKind::NotFound);
        for (parent, root) in &mut self.places {
            match private_below(parent, root, number, what) {
                Ok(private) => return Ok(private),
                Err(error) => {
                    log::warn!("nothing can be kept in {}: {error}", parent.display());
                    failure = error;
                }
            }
        }
        Err(failure)
    }

    /// Removes all that is left.
    pub(crate) fn clear(&mut self) {
        self.places.clear();
    }
}

fn private_below(
    parent: &Path,
    root: &mut Option<PrivateRoot>,
    number: u64,
    what: Belongings<'_>,
) -> io::Result<Private> {
    let root = match root {
        Some(root) => root,
        None => root.insert(PrivateRoot::make(parent)?),
    };
    Private::make(root, number, what)
}

/// Where the private directories of one engine are.
#[derive(Debug)]
struct PrivateRoot {
    directory: PathBuf,
    lock: PathBuf,
    /// Held until the engine ends.
    locked: File,
}

impl PrivateRoot {
    /// Makes a place below `parent`, and removes what dead engines have left there. Where that fails, as
    /// for want of a descriptor, nothing stays behind.
    fn make(parent: &Path) -> io::Result<PrivateRoot> {
        let parent = std::path::absolute(parent)?;
        make_directory(&parent)?;
        remove_leftovers(&parent);
        PrivateRoot::below(&parent).inspect_err(|_| {
            // Unless another engine is at home there.
            let _ = fs::remove_dir(&parent);
        })
    }

    fn below(parent: &Path) -> io::Result<PrivateRoot> {
        // Short, because sockets are made below it, and their paths have a hundred bytes.
        let name = Uuid::new_v4().simple().to_string().split_off(24);
        let lock = parent.join(format!("{name}.lock"));
        let locked = File::create_new(&lock)?;
        let root = PrivateRoot {
            directory: parent.join(name),
            lock,
            locked,
        };
        root.locked.lock()?;
        DirBuilder::new().mode(0o700).create(&root.directory)?;
        Ok(root)
    }
}

impl Drop for PrivateRoot {
    fn drop(&mut self) {
        remove(&self.directory);
        let _ = fs::remove_file(&self.lock);
        // Unless another engine is at home there.
        let _ = self.lock.parent().map(fs::remove_dir);
    }
}

/// An engine locks before it makes its directory, so one without a lock is left over.
fn remove_leftovers(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let directory = entry.path();
        if directory.extension().is_some() {
            continue;
        }
        let lock = directory.with_extension("lock");
        let held = open_regular(&lock).map(|file| file.try_lock());
        if !matches!(held, Ok(Err(TryLockError::WouldBlock))) {
            remove(&directory);
            let _ = fs::remove_file(lock);
        }
    }
}

/// What is below may have been made by an agent: links are removed and not followed.
fn remove(directory: &Path) {
    if let Err(error) = fs::remove_dir_all(directory) {
        log::debug!("{} could not be removed: {error}", directory.display());
    }
}

fn make_directory(directory: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700).create(directory)
}

/// The private directory of one process; removed when it is dropped.
#[derive(Debug)]
pub(crate) struct Private {
    directory: PathBuf,
    /// What is to be written in a jail.
    pub(crate) writable: Vec<PathBuf>,
    /// What is to be read where reading is restricted.
    pub(crate) readable: Vec<PathBuf>,
    /// The variables that point the process to it.
    variables: Vec<(&'static str, PathBuf)>,
    returned: Vec<Returned>,
}

impl Private {
    /// Makes the directory of the engine's process number `number`.
    fn make(root: &PrivateRoot, number: u64, what: Belongings<'_>) -> io::Result<Private> {
        let directory = root.directory.join(number.to_string());
        let mut private = Private {
            writable: Vec::new(),
            readable: Vec::new(),
            variables: Vec::new(),
            returned: Vec::new(),
            directory,
        };
        make_directory(&private.directory)?;
        if let Belongings::Jailed(state) = what {
            private.make_temporary(state.map_or(&[], |state| state.temporary))?;
            state.map_or(Ok(()), |state| private.fill(state))?;
        }
        Ok(private)
    }

    /// Where the process has its files for a short time.
    pub(crate) fn temporary(directory: &Path) -> PathBuf {
        directory.join("tmp")
    }

    /// Where the process has what the agent keeps.
    pub(crate) fn agents_own(directory: &Path) -> PathBuf {
        directory.join("agent")
    }

    /// Tells the process of it, whatever else the variables said.
    pub(crate) fn add_to(&self, environment: &mut Vec<(OsString, OsString)>) {
        let is_own = |name: &OsString| self.variables.iter().any(|(own, _)| name == own);
        environment.retain(|(name, _)| !is_own(name));
        let own = self.variables.iter();
        environment.extend(own.map(|(name, path)| (OsString::from(name), path.into())));
        self.add_java_option(environment);
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The process has started: what only its start had to be told is let go of. There are some thirty
    /// paths, and a session may be idle for days.
    pub(crate) fn started(&mut self) {
        self.writable = Vec::new();
        self.readable = Vec::new();
        self.variables = Vec::new();
    }

    /// Takes back what the process has changed of what is the user's, and gives it what has changed
    /// there meanwhile.
    pub(crate) fn sync(&mut self) {
        self.returned.iter_mut().for_each(Returned::sync);
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        self.sync();
        remove(&self.directory);
    }
}

#[cfg(test)]
mod tests;
