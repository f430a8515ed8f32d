//! Where the lines of the log go: a logger of the library's own, behind one descriptor.

use std::fmt::Write as _;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicI32, AtomicPtr, Ordering};
use std::sync::{Mutex, PoisonError};

use log::{Log, Metadata, Record};

use crate::status::{Failure, Status};

/// Where lines go. One a process, as the `log` crate has it.
static SINK: Sink = Sink {
    descriptor: AtomicPtr::new(std::ptr::null_mut()),
    number: AtomicI32::new(NOWHERE),
};

const NOWHERE: i32 = -1;

type Descriptor = Mutex<Option<OwnedFd>>;

struct Sink {
    /// Made when it is first needed in this process, and never freed.
    descriptor: AtomicPtr<Descriptor>,
    /// The number of the descriptor, for a child of `fork`: it writes its log to the same place, but
    /// the lock that it inherits may be held by a thread that it does not have.
    number: AtomicI32,
}

/// In a child of `fork`: its log is written under a lock of its own.
pub(crate) fn leave_to_parent() {
    SINK.descriptor
        .store(std::ptr::null_mut(), Ordering::Release);
}

/// Has lines written to this descriptor from now on, or to none.
///
/// # Errors
/// `MISUSE` if the program has a logger of its own.
pub(crate) fn install(descriptor: Option<OwnedFd>) -> Result<(), Failure> {
    let is_ours = || std::ptr::addr_eq(log::logger(), &raw const SINK);
    match log::set_logger(&SINK) {
        Err(_) if !is_ours() => Err(Failure::new(
            Status::MISUSE,
            "the program has a logger of its own",
        )),
        _ => {
            SINK.set(descriptor);
            Ok(())
        }
    }
}

impl Sink {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<OwnedFd>> {
        let mut descriptor = self.descriptor.load(Ordering::Acquire);
        if descriptor.is_null() {
            descriptor = self.make();
        }
        // SAFETY: what was put here is never freed.
        let descriptor = unsafe { &*descriptor };
        descriptor.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, descriptor: Option<OwnedFd>) {
        let mut present = self.lock();
        let number = descriptor.as_ref().map_or(NOWHERE, OwnedFd::as_raw_fd);
        self.number.store(number, Ordering::Relaxed);
        *present = descriptor;
    }

    fn make(&self) -> *mut Descriptor {
        let number = self.number.load(Ordering::Relaxed);
        // A fork copies the descriptors before it copies the memory, and another thread may have
        // opened this one in between.
        // SAFETY: the call takes plain numbers.
        let is_open = number != NOWHERE && unsafe { libc::fcntl(number, libc::F_GETFD) } >= 0;
        // SAFETY: it is open, and the lock that owned it in the parent is not used in this process.
        let inherited = is_open.then(|| unsafe { OwnedFd::from_raw_fd(number) });
        let made = Box::into_raw(Box::new(Mutex::new(inherited)));
        let null = std::ptr::null_mut();
        let put = self
            .descriptor
            .compare_exchange(null, made, Ordering::AcqRel, Ordering::Acquire);
        put.map_or_else(
            |present| {
                // SAFETY: it was made above and nobody else has seen it.
                let mutex = unsafe { Box::from_raw(made) };
                // Both have the same descriptor; the one that was put closes it.
                std::mem::forget(mutex.into_inner());
                present
            },
            |_| made,
        )
    }
}

impl Log for Sink {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let mut line = String::new();
        let _ = write!(line, "hotplex {} {}", record.level(), record.args());
        // Paths and names are the caller's or an agent's: none begins a line of its own.
        let mut line = line.replace(char::is_control, " ");
        line.push('\n');
        if let Some(descriptor) = &*self.lock() {
            write_without_signal(descriptor.as_fd(), line.as_bytes());
        }
    }

    fn flush(&self) {}
}

/// A pipe whose reader is gone must not end the host, nor a file over `RLIMIT_FSIZE`: the signals of
/// that are kept away and taken back. One that was pending before stays pending.
fn write_without_signal(descriptor: BorrowedFd<'_>, line: &[u8]) {
    // SAFETY: the sets are initialised before they are read, all pointers are those of locals, and
    // the thread's mask is as it was when this is over.
    unsafe {
        let [mut of_writes, mut ours, mut pending, mut before]: [libc::sigset_t; 4] =
            std::mem::zeroed();
        libc::sigemptyset(&mut of_writes);
        libc::sigemptyset(&mut ours);
        libc::sigpending(&mut pending);
        for signal in [libc::SIGPIPE, libc::SIGXFSZ] {
            libc::sigaddset(&mut of_writes, signal);
            if libc::sigismember(&pending, signal) == 0 {
                libc::sigaddset(&mut ours, signal);
            }
        }
        libc::pthread_sigmask(libc::SIG_BLOCK, &of_writes, &mut before);
        let written = libc::write(descriptor.as_raw_fd(), line.as_ptr().cast(), line.len());
        if written < 0 {
            let now: libc::timespec = std::mem::zeroed();
            libc::sigtimedwait(&ours, std::ptr::null_mut(), &now);
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut());
    }
}
