//! Paths that the kernel answers for and no disk.

use std::fs;
use std::os::fd::{AsFd, AsRawFd};
use std::path::{Path, PathBuf};

/// A path that leads to what is held open and to nothing else, whatever is done to the names that led
/// there. Good in this process, for as long as it is held.
pub(crate) fn path_of(held: &impl AsFd) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", held.as_fd().as_raw_fd()))
}

/// The kernel's links mean something else to each process: `/dev/stdout`, `/proc/self`.
pub(crate) fn is_of_kernel(path: &Path) -> bool {
    path.starts_with("/proc") || path.starts_with("/dev") && !path.starts_with("/dev/shm")
}

/// Looks whether there is a `/proc`, in which the processes of agents are found.
///
/// # Errors
/// That it lacks, as in a container or a chroot where it was not mounted.
pub(crate) fn check_proc() -> Result<(), String> {
    match fs::metadata("/proc/self/fd") {
        Ok(_) => Ok(()),
        Err(_) => Err("/proc is not mounted, in which processes are found".to_owned()),
    }
}
