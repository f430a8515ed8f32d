//! The threshold between C and Rust: nothing unwinds over it, and a child of `fork` begins afresh at
//! it.

use std::ffi::c_char;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::panics::{defect, quietly};
use crate::status::{Failure, Status};
use crate::{engines, sink, text};

/// In the child. Whatever a thread of the parent may hold is left as it is.
extern "C" fn begin_afresh() {
    engines::leave_to_parent();
    sink::leave_to_parent();
}

/// From now on children of `fork` begin afresh. A handler and not a question for the process's
/// number at each call, which costs 0.4 µs.
///
/// Two threads that come here first register it twice, which changes nothing. Neither waits for the
/// other: a child of a third would wait for ever.
fn watch_forks() {
    static WATCHING: AtomicBool = AtomicBool::new(false);
    if !WATCHING.load(Ordering::Acquire) {
        // SAFETY: the handler only stores numbers, and the library is never unloaded.
        unsafe { libc::pthread_atfork(None, None, Some(begin_afresh)) };
        WATCHING.store(true, Ordering::Release);
    }
}

/// What a function returns for what its body says.
pub(crate) fn enter(body: impl FnOnce() -> Result<i64, Failure>) -> i64 {
    attempt(body).unwrap_or_else(|failure| failure.status as i64)
}

/// The same as an `int32_t`: counts are bounded by what the caller gave room for.
pub(crate) fn enter_int(body: impl FnOnce() -> Result<i64, Failure>) -> i32 {
    i32::try_from(enter(body)).unwrap_or(i32::MAX)
}

/// The same for functions with an `error` parameter: it gets the message, or NULL.
///
/// # Safety
/// `error` is NULL or may be written.
pub(crate) unsafe fn enter_telling(
    error: *mut *mut c_char,
    body: impl FnOnce() -> Result<(), Failure>,
) -> i32 {
    let outcome = attempt(|| body().map(|()| 0));
    let (status, message) = match outcome {
        Ok(_) => (Status::OK, None),
        Err(failure) => (failure.status, Some(failure.message)),
    };
    if !error.is_null() {
        let message = message.map_or(std::ptr::null_mut(), text::given);
        // SAFETY: the caller vouches for the pointer.
        unsafe { error.write(message) };
    }
    status as i32
}

fn attempt(body: impl FnOnce() -> Result<i64, Failure>) -> Result<i64, Failure> {
    watch_forks();
    quietly(body).unwrap_or_else(|| Err(defect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_status_and_has_a_message() {
        assert_eq!(enter(|| panic!("for this test")), Status::INTERNAL as i64);
        let mut error = std::ptr::null_mut();
        // SAFETY: the pointer is that of a local.
        let status = unsafe { enter_telling(&mut error, || panic!("for this test")) };
        assert_eq!(status, Status::INTERNAL as i32);
        assert!(!error.is_null());
        // SAFETY: the string was given by the call above, and is not used again.
        unsafe { text::hotplex_string_free(error) };
    }
}
