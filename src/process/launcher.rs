//! Where agents run: the seam behind which another place than this machine's own user could stand.
//!
//! What a launcher has to promise: a child ends when it is killed, is found again by its mark however far
//! its tools have gone from it, and does not outlive the host.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::fd::RawFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::exit::Exit;
use super::homes::Homes;
use super::launch::{Child, Launch, SpawnError};
use super::mark::EngineMark;
use super::program;
use super::sweep_targets::{Leftover, SweepTargets, Tree};
use super::system::{self, Group, Watchdog};
use super::work_dir::WorkDir;

/// A child of any launcher.
pub(crate) type Launched = Child<Box<dyn ProcessGroup>>;

/// Prepares a place, starts processes there, and proves that nothing of them is left.
///
/// Threads: the spawn thread's, which may wait; [`Launcher::find_program`] and [`Launcher::watch_host`]
/// the one that opens the engine.
pub(crate) trait Launcher: Send + Sync {
    /// Finds the agent's program where agents run: `name` itself if it has a slash, else the first in
    /// `path`. The result is absolute, because the child starts in another directory.
    ///
    /// # Errors
    /// The places that were looked at, for the person who has to install the program.
    fn find_program(&self, name: &str, path: Option<&OsStr>) -> Result<PathBuf, Vec<PathBuf>>;

    /// Makes the directory that an agent is to work in, if it is missing.
    fn make_work_dir(&self, directory: &Path) -> io::Result<()>;

    /// Opens that directory, so that the one that is checked is the one that is used.
    ///
    /// # Errors
    /// What the system says, or why it is refused as a work directory.
    fn open_work_dir(&self, directory: &Path, homes: &Homes) -> io::Result<WorkDir>;

    /// Starts a child in a process group of its own.
    ///
    /// # Errors
    /// Names what is missing, the program or the directory.
    fn spawn(&self, launch: &Launch<'_>) -> Result<Launched, SpawnError>;

    /// What is below a process now. Empty where that cannot be told.
    fn note_tree(&self, pid: u32) -> Tree;

    /// Kills what is wanted and looks again until nothing is found, or until the deadline; what is left.
    fn sweep(&self, targets: &SweepTargets, deadline: Instant) -> Leftover;

    /// Has everything with this engine's mark ended should the host die, until what is returned is
    /// dropped. Called before the first child.
    fn watch_host(&self, mark: &EngineMark) -> io::Result<Arc<dyn HostWatch>>;
}

/// Has the agents ended should the host die, until it is dropped.
pub(crate) trait HostWatch: Send + Sync {
    /// Starts the watchdog again if it was ended, as by a kill that was meant for another process or for
    /// want of memory. Called before each child, and from time to time while turns end.
    ///
    /// # Errors
    /// Why there is no watchdog.
    fn renew(&self) -> io::Result<()>;
}

/// A running child with all that stays in its group. None of this waits but [`ProcessGroup::end_by`].
/// Dropping one that was not reaped ends it.
pub(crate) trait ProcessGroup: Send {
    /// Number of the leader and of the group.
    fn pid(&self) -> u32;

    /// Becomes readable when the leader ends, and stays so.
    fn exit_descriptor(&self) -> RawFd;

    /// Asks the whole group to let go of what it does.
    fn interrupt(&self);

    /// Asks the whole group to end.
    fn terminate(&self);

    /// Ends the whole group.
    fn kill(&self);

    /// Takes the status of a leader that has ended and frees its number; [`Exit::Unknown`] for one that
    /// still runs.
    fn reap(&mut self) -> Exit;

    /// Ends the whole group and lets go of it. Waits, for its leader's end and at most until then; of
    /// several, all are killed first and given the same time, so that they are waited for together.
    fn end_by(&mut self, until: Instant);
}

/// This machine, as the user of the host.
pub(crate) struct Local;

impl Launcher for Local {
    fn find_program(&self, name: &str, path: Option<&OsStr>) -> Result<PathBuf, Vec<PathBuf>> {
        program::find_program(name, path)
    }

    fn make_work_dir(&self, directory: &Path) -> io::Result<()> {
        fs::create_dir_all(directory)
    }

    fn open_work_dir(&self, directory: &Path, homes: &Homes) -> io::Result<WorkDir> {
        WorkDir::open(directory, homes)
    }

    fn spawn(&self, launch: &Launch<'_>) -> Result<Launched, SpawnError> {
        let child = system::spawn(launch)?;
        Ok(Child {
            stdin: child.stdin,
            stdout: child.stdout,
            stderr: child.stderr,
            group: Box::new(child.group),
        })
    }

    fn note_tree(&self, pid: u32) -> Tree {
        system::note_tree(pid)
    }

    fn sweep(&self, targets: &SweepTargets, deadline: Instant) -> Leftover {
        system::sweep(targets, deadline)
    }

    fn watch_host(&self, mark: &EngineMark) -> io::Result<Arc<dyn HostWatch>> {
        Ok(Arc::new(Watchdog::start(mark)?))
    }
}

impl HostWatch for Watchdog {
    fn renew(&self) -> io::Result<()> {
        Watchdog::renew(self)
    }
}

impl ProcessGroup for Group {
    fn pid(&self) -> u32 {
        Group::pid(self)
    }

    fn exit_descriptor(&self) -> RawFd {
        Group::exit_descriptor(self)
    }

    fn interrupt(&self) {
        Group::interrupt(self);
    }

    fn terminate(&self) {
        Group::terminate(self);
    }

    fn kill(&self) {
        Group::kill(self);
    }

    fn reap(&mut self) -> Exit {
        Group::reap(self)
    }

    fn end_by(&mut self, until: Instant) {
        Group::end_by(self, until);
    }
}
