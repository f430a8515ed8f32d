//! The log, on a descriptor of the host's choice. Nothing is installed before it is asked for.

use std::ffi::c_char;
use std::fmt::Write as _;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::{Mutex, Once, PoisonError};

use log::{LevelFilter, Log, Metadata, Record};

use crate::entry::enter_int;
use crate::status::{Failure, Status};
use crate::text;

/// Where lines go. One a process, as the `log` crate has it.
static SINK: Sink = Sink {
    descriptor: Mutex::new(None),
};

struct Sink {
    descriptor: Mutex<Option<OwnedFd>>,
}

/// Has the library write its log to a descriptor, of all engines of this process, a line each:
/// `hotplex WARN text`. Nothing is written before this is called.
///
/// `level` is "off", "error", "warn", "info", "debug" or "trace". The descriptor is duplicated; it
/// replaces the one given earlier. With "off" nothing is written any more and `fd` is not looked at.
/// A descriptor that blocks when it is full holds up the thread that writes, which may be one of
/// the engine's or one that calls this library.
///
/// Returns HOTPLEX_OK, or HOTPLEX_INVALID_ARGUMENT for an unknown level or a descriptor that is not
/// open. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotplex_log_to_fd(fd: i32, level: *const c_char) -> i32 {
    enter_int(|| {
        // SAFETY: the caller vouches for the string.
        let level = unsafe { text::string(level, "level") }?;
        let unknown = |_| Failure::invalid(format!("level {level:?} is not known"));
        let level: LevelFilter = level.parse().map_err(unknown)?;
        let descriptor = match level {
            LevelFilter::Off => None,
            _ => Some(duplicate(fd)?),
        };
        install()?;
        *SINK.lock() = descriptor;
        log::set_max_level(level);
        Ok(0)
    })
}

fn duplicate(fd: i32) -> Result<OwnedFd, Failure> {
    if fd < 0 {
        return Err(Failure::invalid("fd is negative"));
    }
    // SAFETY: the number is not -1, and it is borrowed for this call alone. If nothing is open
    // under it the duplication fails.
    let borrowed = unsafe { BorrowedFd::borrow_raw(fd) };
    let duplicated = borrowed.try_clone_to_owned();
    duplicated.map_err(|error| Failure::invalid(format!("fd {fd}: {error}")))
}

fn install() -> Result<(), Failure> {
    static INSTALL: Once = Once::new();
    static TAKEN: Mutex<bool> = Mutex::new(false);
    INSTALL.call_once(|| {
        let taken = log::set_logger(&SINK).is_err();
        *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) = taken;
    });
    match *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) {
        true => Err(Failure::new(
            Status::MISUSE,
            "the program has a logger of its own",
        )),
        false => Ok(()),
    }
}

impl Sink {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<OwnedFd>> {
        self.descriptor
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log for Sink {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let mut line = String::new();
        let _ = writeln!(line, "hotplex {} {}", record.level(), record.args());
        if let Some(descriptor) = &*self.lock() {
            write_without_signal(descriptor.as_fd(), line.as_bytes());
        }
    }

    fn flush(&self) {}
}

/// A pipe whose reader is gone must not end the host: the signal of that is kept away and taken
/// back. One that was pending before stays pending.
fn write_without_signal(descriptor: BorrowedFd<'_>, line: &[u8]) {
    // SAFETY: the sets are initialised before they are read, all pointers are those of locals, and
    // the thread's mask is as it was when this is over.
    unsafe {
        let mut pipe = std::mem::zeroed();
        libc::sigemptyset(&mut pipe);
        libc::sigaddset(&mut pipe, libc::SIGPIPE);
        let mut pending = std::mem::zeroed();
        libc::sigpending(&mut pending);
        let was_pending = libc::sigismember(&pending, libc::SIGPIPE) == 1;
        let mut before = std::mem::zeroed();
        libc::pthread_sigmask(libc::SIG_BLOCK, &pipe, &mut before);
        let written = libc::write(descriptor.as_raw_fd(), line.as_ptr().cast(), line.len());
        if written < 0 && !was_pending {
            let now = libc::timespec {
                tv_sec: 0,
                tv_nsec: 0,
            };
            libc::sigtimedwait(&pipe, std::ptr::null_mut(), &now);
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut());
    }
}
