//! Which library this is.

use std::ffi::c_char;

use crate::status::HOTPLEX_ABI_VERSION;

/// Returns the version of the library, such as "0.1.0": a static string. Threads: any. Never fails.
#[unsafe(no_mangle)]
pub extern "C" fn hotplex_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// Returns the number of the interface that the library was built with; a program may compare it to
/// the HOTPLEX_ABI_VERSION it was built with. Threads: any. Never fails.
#[unsafe(no_mangle)]
pub extern "C" fn hotplex_abi_version() -> u32 {
    HOTPLEX_ABI_VERSION
}
