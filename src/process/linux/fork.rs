//! What children of `fork` do not get: our descriptors, and what our threads were about to do.
//!
//! A child has the memory of its parent but none of our threads, so an engine that was open in the
//! parent is dead there. Its descriptors are not: a copy of the write end of an agent's stdin keeps
//! the agent from seeing the end of its input, and one of the watchdog's pipe keeps the watchdog from
//! seeing the end of the host. So every descriptor of ours stands in a table, and a handler of
//! `pthread_atfork` closes them in the child before `fork` returns there. No descriptor is made or
//! closed while another thread forks, so that none is missed.
//!
//! Known limit: a child made past the C library (`clone` without exec, `_Fork`) runs no handler.

use std::io;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering};

/// How many forks lie between the first process that used this library and this one.
static GENERATION: AtomicU64 = AtomicU64::new(0);

/// One bit for each descriptor of ours. A process needs a million others before one of ours has a
/// number beyond it; that one stays open in children.
static OURS: [AtomicU64; WORDS] = [const { AtomicU64::new(0) }; WORDS];
const WORDS: usize = (1 << 20) / 64;

/// How many words of [`OURS`] were ever used, so that a fork need not look at all of them.
static USED: AtomicUsize = AtomicUsize::new(0);

/// The thread that makes or closes a descriptor of ours, or forks; 0 for none.
static HOLDER: AtomicU32 = AtomicU32::new(0);

/// How often the handlers were entered again by the thread that forks: they may be registered twice.
static ENTERED: AtomicU32 = AtomicU32::new(0);

/// Whether the handlers are registered. Two threads that find them missing register both, which is
/// harmless. There is no lock, because the thread that holds one may be missing in a forked child.
fn watch_forks() {
    static WATCHED: AtomicU8 = AtomicU8::new(0);
    if WATCHED.load(Ordering::Acquire) == 0 {
        // SAFETY: the handlers allocate nothing, and the library is never unloaded.
        unsafe { libc::pthread_atfork(Some(before_fork), Some(in_parent), Some(in_child)) };
        WATCHED.store(1, Ordering::Release);
    }
}

extern "C" fn before_fork() {
    if HOLDER.load(Ordering::Relaxed) == own_thread() {
        ENTERED.fetch_add(1, Ordering::Relaxed);
    } else {
        hold();
    }
}

extern "C" fn in_parent() {
    if ENTERED.load(Ordering::Relaxed) > 0 {
        ENTERED.fetch_sub(1, Ordering::Relaxed);
    } else {
        let_go();
    }
}

extern "C" fn in_child() {
    let used = OURS.iter().take(USED.load(Ordering::Relaxed));
    for (place, word) in used.enumerate() {
        let mut bits = word.swap(0, Ordering::Relaxed);
        while bits != 0 {
            let descriptor = place * 64 + bits.trailing_zeros() as usize;
            // SAFETY: the table holds what is ours and open, and no other thread runs in this process.
            unsafe { libc::close(descriptor as RawFd) };
            bits &= bits - 1;
        }
    }
    GENERATION.fetch_add(1, Ordering::Relaxed);
    in_parent();
}

/// Waits for the thread that has it, which is through after a system call or two, or after a fork.
fn hold() {
    let own = own_thread();
    let take = || HOLDER.compare_exchange(0, own, Ordering::Acquire, Ordering::Relaxed);
    while take().is_err() {
        std::thread::yield_now();
    }
}

fn let_go() {
    HOLDER.store(0, Ordering::Release);
}

fn own_thread() -> u32 {
    // SAFETY: the call takes nothing.
    unsafe { libc::syscall(libc::SYS_gettid) as u32 }
}

fn generation() -> u64 {
    GENERATION.load(Ordering::Relaxed)
}

fn note(descriptor: RawFd) {
    if let Some(word) = OURS.get(descriptor as usize / 64) {
        word.fetch_or(1 << (descriptor % 64), Ordering::Relaxed);
        USED.fetch_max(descriptor as usize / 64 + 1, Ordering::Relaxed);
    }
}

fn forget(descriptor: RawFd) {
    if let Some(word) = OURS.get(descriptor as usize / 64) {
        word.fetch_and(!(1 << (descriptor % 64)), Ordering::Relaxed);
    }
}

/// A descriptor that children of `fork` do not keep. What holds one is of no use there: its number
/// may be another file's by then. Dropped in a child it closes nothing.
#[derive(Debug)]
pub(crate) struct Unshared<T: AsFd> {
    file: ManuallyDrop<T>,
    generation: u64,
}

impl<T: AsFd> Unshared<T> {
    /// Makes one while no thread forks.
    pub(crate) fn make(make: impl FnOnce() -> io::Result<T>) -> io::Result<Unshared<T>> {
        let [file] = Unshared::make_all(|| make().map(|file| [file]))?;
        Ok(file)
    }

    /// Makes several while no thread forks.
    pub(crate) fn make_all<const N: usize>(
        make: impl FnOnce() -> io::Result<[T; N]>,
    ) -> io::Result<[Unshared<T>; N]> {
        watch_forks();
        hold();
        let made = make();
        if let Ok(files) = &made {
            let descriptors = files.iter().map(|file| file.as_fd().as_raw_fd());
            descriptors.for_each(note);
        }
        let_go();
        made.map(|files| files.map(Unshared::noted))
    }

    fn noted(file: T) -> Unshared<T> {
        Unshared {
            file: ManuallyDrop::new(file),
            generation: generation(),
        }
    }

    /// False in a child of the process that made it.
    pub(crate) fn is_own(&self) -> bool {
        self.generation == generation()
    }

    /// The same descriptor as another type.
    pub(crate) fn into<U: AsFd + From<T>>(self) -> Unshared<U> {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: what it is taken out of is neither used nor dropped any more.
        let file = unsafe { ManuallyDrop::take(&mut this.file) };
        Unshared {
            file: ManuallyDrop::new(file.into()),
            generation: this.generation,
        }
    }
}

impl<T: AsFd> Deref for Unshared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.file
    }
}

impl<T: AsFd> DerefMut for Unshared<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.file
    }
}

impl<T: AsFd> AsFd for Unshared<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

impl<T: AsFd> Drop for Unshared<T> {
    fn drop(&mut self) {
        if !self.is_own() {
            return;
        }
        hold();
        forget(self.file.as_fd().as_raw_fd());
        // SAFETY: it is not used after this.
        unsafe { ManuallyDrop::drop(&mut self.file) };
        let_go();
    }
}

/// A value of the process that made it. A child of `fork` can ask whether it is its own, and must
/// not use it if not: a lock in it may be held by a thread that the child does not have. There it
/// is not dropped either.
#[derive(Debug)]
pub(crate) struct OwnProcess<T> {
    value: ManuallyDrop<T>,
    generation: u64,
}

impl<T> OwnProcess<T> {
    pub(crate) fn new(value: T) -> OwnProcess<T> {
        watch_forks();
        OwnProcess {
            value: ManuallyDrop::new(value),
            generation: generation(),
        }
    }

    /// False in a child of the process that made it.
    pub(crate) fn is_own(&self) -> bool {
        self.generation == generation()
    }
}

impl<T> Deref for OwnProcess<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for OwnProcess<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: Clone> Clone for OwnProcess<T> {
    /// In a child the copy is no more of use than the original; to count a reference is harmless.
    fn clone(&self) -> OwnProcess<T> {
        OwnProcess {
            value: self.value.clone(),
            generation: self.generation,
        }
    }
}

impl<T> Drop for OwnProcess<T> {
    fn drop(&mut self) {
        if self.is_own() {
            // SAFETY: it is not used after this.
            unsafe { ManuallyDrop::drop(&mut self.value) };
        }
    }
}
