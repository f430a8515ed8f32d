//! The log, on a descriptor of the host's choice. Nothing is installed before it is asked for.

use std::ffi::c_char;
use std::os::fd::{BorrowedFd, OwnedFd};

use log::LevelFilter;

use crate::entry::enter_int;
use crate::sink;
use crate::status::Failure;
use crate::text;

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
        sink::install(descriptor)?;
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
