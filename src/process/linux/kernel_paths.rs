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

/// Looks whether there is a `/proc`, in which the processes of agents are found, and whether its numbers
/// are ours.
///
/// In a namespace of process numbers into which the `/proc` of another one was taken along (`unshare
/// --pid` alone, `bwrap --unshare-pid --bind / /`) every number there is some other process here, and a
/// sweep would end strangers.
///
/// # Errors
/// Which of the two it is.
pub(crate) fn check_proc() -> Result<(), String> {
    let lacks = |_| "/proc is not mounted, in which processes are found".to_owned();
    fs::metadata("/proc/self/fd").map_err(lacks)?;
    let own = fs::read_link("/proc/self").map_err(lacks)?;
    match own == Path::new(&std::process::id().to_string()) {
        true => Ok(()),
        false => Err(
            "/proc is that of another namespace of process numbers, in which agents cannot be found: \
             mount one for this namespace (unshare --mount-proc, bwrap --proc /proc)"
                .to_owned(),
        ),
    }
}
