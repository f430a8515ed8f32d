//! Which agents there are to run.

use std::ffi::c_char;
use std::time::Duration;

use hotplex::ProviderInfo;

use crate::entry::enter_int;
use crate::text;

/// Gives a JSON array of the agents that this library can run, whether they are there or not, one
/// object each: `name` (for the option `provider`), `default_program`, `program` (where it was
/// found on this process's PATH, or null), `looked_at` (where it was looked for in vain),
/// `version`, `tested_versions` (the releases with which this library was tested) and
/// `capabilities` (`gate`: `every_call`, `asks_only` or `none`; `tool_gate`, `denial_reason`,
/// `updated_input`, `interrupt`, `resume`, `deltas`).
///
/// `version` is what the program says by `--version`, or null. The programs that were found are asked
/// for it at the same time, and waited for up to `timeout_ms` together; 0 asks none, and a negative
/// number stands for 5000. On success `*out` is to be freed with hotplex_string_free().
///
/// Returns HOTPLEX_OK, HOTPLEX_INVALID_ARGUMENT. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotplex_providers(timeout_ms: i32, out: *mut *mut c_char) -> i32 {
    enter_int(|| {
        text::not_null(out, "out")?;
        let listed = match u64::try_from(timeout_ms) {
            Ok(limit) => hotplex::providers_within(Duration::from_millis(limit)),
            Err(_) => hotplex::providers(),
        };
        let list = ProviderInfo::list_to_json(&listed?);
        // SAFETY: the caller vouches for `out`.
        unsafe { text::give(out, "out", list) }?;
        Ok(0)
    })
}
