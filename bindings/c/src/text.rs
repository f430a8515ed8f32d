//! Text over the border: borrowed on the way in, owned by the caller on the way out.

use std::ffi::{CStr, CString, c_char};
use std::slice;

use crate::status::Failure;

/// Frees a string that this library gave through a `char **`. NULL is allowed. Strings that came as
/// `const char *` are not the caller's and must not come here.
///
/// Threads: any. Never fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotplex_string_free(string: *mut c_char) {
    if !string.is_null() {
        // SAFETY: the caller has it from `given`, and gives it back once. Nothing in it can panic.
        drop(unsafe { CString::from_raw(string) });
    }
}

/// A string that is the caller's from now on. A NUL inside would end it early for every reader in
/// C, so it is shown.
pub(crate) fn given(text: String) -> *mut c_char {
    let text = CString::new(text).or_else(|error| {
        let bytes = error.into_vec().into_iter();
        CString::new(bytes.filter(|byte| *byte != 0).collect::<Vec<_>>())
    });
    text.unwrap_or_default().into_raw()
}

/// Writes a string that is the caller's from now on.
///
/// # Safety
/// `out` is NULL or may be written.
pub(crate) unsafe fn give(out: *mut *mut c_char, name: &str, text: String) -> Result<(), Failure> {
    not_null(out, name)?;
    // SAFETY: it is not NULL, and the caller vouches for the rest.
    unsafe { out.write(given(text)) };
    Ok(())
}

pub(crate) fn not_null<T>(pointer: *const T, name: &str) -> Result<(), Failure> {
    if pointer.is_null() {
        return Err(Failure::invalid(format!("{name} is NULL")));
    }
    Ok(())
}

/// A string that ends at its NUL.
///
/// # Safety
/// `text` is NULL, or a string that nobody changes before the caller's function returns.
pub(crate) unsafe fn string<'a>(text: *const c_char, name: &str) -> Result<&'a str, Failure> {
    not_null(text, name)?;
    // SAFETY: it is not NULL, and the caller vouches for the rest.
    utf8(unsafe { CStr::from_ptr(text) }.to_bytes(), name)
}

/// A string with a default for NULL.
///
/// # Safety
/// As for `string`.
pub(crate) unsafe fn string_or<'a>(
    text: *const c_char,
    name: &str,
    default: &'a str,
) -> Result<&'a str, Failure> {
    match text.is_null() {
        true => Ok(default),
        // SAFETY: the caller vouches for it.
        false => unsafe { string(text, name) },
    }
}

/// A string of a given length, which may hold NULs. NULL is allowed if the length is 0.
///
/// # Safety
/// `text` is NULL, or leads to `len` bytes that nobody changes before the caller's function returns.
pub(crate) unsafe fn counted<'a>(
    text: *const c_char,
    len: usize,
    name: &str,
) -> Result<&'a str, Failure> {
    if len == 0 {
        return Ok("");
    }
    not_null(text, name)?;
    if isize::try_from(len).is_err() {
        return Err(Failure::invalid(format!("{name} is longer than memory")));
    }
    // SAFETY: it is not NULL, and the caller vouches for the length.
    utf8(unsafe { slice::from_raw_parts(text.cast(), len) }, name)
}

fn utf8<'a>(bytes: &'a [u8], name: &str) -> Result<&'a str, Failure> {
    std::str::from_utf8(bytes).map_err(|error| {
        let place = error.valid_up_to();
        Failure::invalid(format!("{name} is not UTF-8 at byte {place}"))
    })
}
