//! Sets of signals, and the mask of the calling thread.

use std::mem::MaybeUninit;
use std::ptr;

/// What the kernel sends a thread that writes to a pipe that nobody reads, or to a file that is as long
/// as `RLIMIT_FSIZE` allows. Both end a host that is not prepared, and most in C are not.
const OF_WRITES: [libc::c_int; 2] = [libc::SIGPIPE, libc::SIGXFSZ];

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

/// Runs something that writes, on a thread of the host's, and keeps the signals of writes from it: each
/// is a plain error then. One that was pending before stays pending.
pub(crate) fn without_signals_of_writes<T>(body: impl FnOnce() -> T) -> T {
    let _held_back = HeldBack::new();
    body()
}

/// The signals of writes are blocked in this thread until it is dropped.
struct HeldBack {
    /// Those that were not pending already.
    ours: libc::sigset_t,
    mask: libc::sigset_t,
}

impl HeldBack {
    fn new() -> HeldBack {
        let (mut ours, mut of_writes, mut pending, mut mask) =
            (no_signals(), no_signals(), no_signals(), no_signals());
        // SAFETY: all sets are initialised, the numbers are those of signals, and each call reads and
        // writes sets alone.
        unsafe {
            libc::sigpending(&mut pending);
            for signal in OF_WRITES {
                libc::sigaddset(&mut of_writes, signal);
                if libc::sigismember(&pending, signal) == 0 {
                    libc::sigaddset(&mut ours, signal);
                }
            }
            libc::pthread_sigmask(libc::SIG_BLOCK, &of_writes, &mut mask);
        }
        HeldBack { ours, mask }
    }
}

impl Drop for HeldBack {
    fn drop(&mut self) {
        let at_once = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // SAFETY: the sets and the time are initialised, null asks for no details, and the mask is the
        // one that the thread had.
        unsafe {
            while libc::sigtimedwait(&self.ours, ptr::null_mut(), &at_once) > 0 {}
            libc::pthread_sigmask(libc::SIG_SETMASK, &self.mask, ptr::null_mut());
        }
    }
}
