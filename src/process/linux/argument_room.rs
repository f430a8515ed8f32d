//! How many bytes of arguments and environment a program can be started with.

/// The least that Linux has room for, however small the stack may be.
const LEAST: u64 = 128 * 1024;

/// The most, however large it may be.
const MOST: u64 = 6 * 1024 * 1024;

/// Bytes for all arguments and variables of a program that this process starts, with eight for the
/// pointer to each: a quarter of what its stack may grow to (`execve(2)`).
pub(crate) fn argument_room() -> usize {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the pointer leads to a limit of ours that outlives the call.
    let failed = unsafe { libc::getrlimit(libc::RLIMIT_STACK, &mut limit) } != 0;
    let stack = if failed { 0 } else { limit.rlim_cur };
    usize::try_from((stack / 4).clamp(LEAST, MOST)).unwrap_or(usize::MAX)
}
