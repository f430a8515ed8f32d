//! Sets of signals, and the mask of the calling thread.

use std::mem::MaybeUninit;
use std::ptr;

/// Every signal that a program may name; the two that glibc keeps for itself are not in it.
pub(super) fn all_signals() -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: sigfillset writes the whole set that the pointer leads to.
    unsafe {
        libc::sigfillset(set.as_mut_ptr());
        set.assume_init()
    }
}

pub(super) fn no_signals() -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: sigemptyset writes the whole set that the pointer leads to.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        set.assume_init()
    }
}

/// Keeps every signal away from the calling thread, for as long as it lives.
///
/// Signals belong to the host. And a write to a dead child would end a host that does not ignore
/// SIGPIPE, as C and Go hosts do not (measured); in a thread that blocks it, it is a plain error.
pub(crate) fn block_all_signals() {
    let set = all_signals();
    // SAFETY: the set is initialised, and a null pointer asks for no copy of the old mask.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &set, ptr::null_mut()) };
}
