//! Pipes between the host and a child.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::fork::Unshared;

/// Both ends of a new pipe, read end first; both close on exec and stand above stderr.
///
/// A host that closed its standard streams is given their numbers for new descriptors. If one of
/// ours had such a number, whatever the host or a library of it prints would go to an agent.
pub(super) fn pipe() -> io::Result<[Unshared<OwnedFd>; 2]> {
    Unshared::make_all(|| {
        let mut ends = [-1; 2];
        // SAFETY: pipe2 writes two descriptors into an array of two.
        if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } != 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: pipe2 succeeded, so both are open and nobody else's.
        let [read, write] = ends.map(|end| unsafe { OwnedFd::from_raw_fd(end) });
        Ok([above_standard(read)?, above_standard(write)?])
    })
}

/// An end of a pipe of ours, as a file.
type End = Box<dyn Deref<Target = File> + Send + Sync>;

/// A pipe to wake a poll loop of the host's, read end first: neither end ever blocks.
pub(crate) fn event_pipe() -> io::Result<[End; 2]> {
    let [read, write] = pipe()?;
    Ok([
        Box::new(never_blocking(read)?),
        Box::new(never_blocking(write)?),
    ])
}

/// Looks whether a file could be opened for writing without waiting: a named pipe is waited for as long
/// as nobody reads it. What is not there yet is none.
///
/// # Errors
/// Nobody reads it. Any other fault is reported when it is opened.
pub(crate) fn check_pipe(path: &Path) -> io::Result<()> {
    let mut options = File::options();
    let trial = options.write(true).custom_flags(libc::O_NONBLOCK);
    match trial.open(path).map_err(|error| error.raw_os_error()) {
        Err(Some(libc::ENXIO)) => Err(io::Error::other("is a pipe that nobody reads")),
        _ => Ok(()),
    }
}

pub(super) fn above_standard(end: OwnedFd) -> io::Result<OwnedFd> {
    const FIRST_FREE: libc::c_int = libc::STDERR_FILENO + 1;
    if end.as_raw_fd() >= FIRST_FREE {
        return Ok(end);
    }
    // SAFETY: the descriptor is open, and the command takes a plain number.
    let moved = unsafe { libc::fcntl(end.as_raw_fd(), libc::F_DUPFD_CLOEXEC, FIRST_FREE) };
    if moved < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: fcntl succeeded, so the descriptor is open and nobody else's.
    Ok(unsafe { OwnedFd::from_raw_fd(moved) })
}

/// Makes our end answer `WouldBlock` instead of waiting. The child's end is another open file and
/// goes on waiting, as programs expect of their standard streams.
pub(super) fn never_blocking(end: Unshared<OwnedFd>) -> io::Result<Unshared<File>> {
    // SAFETY: the descriptor is open; a new pipe has no other status flag that this would clear.
    let done = unsafe { libc::fcntl(end.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) };
    if done < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(end.into())
}
