//! The beginning and the end of an engine.

use std::ffi::c_char;
use std::time::Duration;

use crate::engines::{self, Engine, find};
use crate::entry::{enter_int, enter_telling};
use crate::text;

/// Opens an engine. No agent is started yet, but its program is looked for.
///
/// `options_json` is a JSON object of options; NULL stands for `{}`. On success `*out` is the new
/// engine, to be freed with hotplex_engine_free(). `error` may be NULL; else `*error` is NULL on
/// success, and on failure a message to be freed with hotplex_string_free().
///
/// Returns HOTPLEX_OK; HOTPLEX_INVALID_ARGUMENT for options that can never work, unknown keys
/// among them; HOTPLEX_SPAWN_FAILED if the agent's program is missing or not executable (the
/// message says where it was looked for), or if there is no room for the engine's threads.
///
/// Threads: any. Starts two threads, which block all signals, and one small watchdog process, which
/// ends the agents should this process be killed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotplex_engine_new(
    options_json: *const c_char,
    out: *mut *mut Engine,
    error: *mut *mut c_char,
) -> i32 {
    let open = || {
        text::not_null(out, "out")?;
        // SAFETY: the caller vouches for the string.
        let options = unsafe { text::string_or(options_json, "options_json", "{}") }?;
        let handle = engines::open(options)?;
        // SAFETY: `out` is not NULL, and the caller vouches for the rest.
        unsafe { out.write(handle as *mut Engine) };
        Ok(())
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { enter_telling(error, open) }
}

/// Begins to close the engine and returns at once. No turn is accepted from now on, running ones
/// end as stopped, and agents get `grace_ms` milliseconds to end by themselves before they are
/// killed; a negative number stands for the option `kill_grace_ms`. Events still come, every
/// turn's HOTPLEX_EVENT_TURN_END among them, until HOTPLEX_CLOSED says that the engine has ended.
/// Called again it can only shorten the grace. The engine must still be freed.
///
/// Returns HOTPLEX_OK, or HOTPLEX_MISUSE for a handle that is not live. Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn hotplex_engine_shutdown(engine: *mut Engine, grace_ms: i32) -> i32 {
    enter_int(|| {
        let open = find(engine)?;
        open.begin_close(u64::try_from(grace_ms).ok().map(Duration::from_millis));
        Ok(0)
    })
}

/// Frees the engine and makes its handle stale. NULL and stale handles do nothing.
///
/// Returns at once. An engine that has not ended is closed in the background with the option
/// `kill_grace_ms`; when the process exits before that is done its agents are killed. To end them
/// politely call hotplex_engine_shutdown() and take events until HOTPLEX_CLOSED first.
///
/// A thread that waits for events of this engine gets those that are left, every turn's
/// HOTPLEX_EVENT_TURN_END among them, over as many calls as it takes, and then HOTPLEX_CLOSED;
/// nobody else may use the handle meanwhile. Events that were taken stay valid until they are freed
/// themselves. May be called from within hotplex_dispatch(); nothing more comes then.
///
/// Threads: any. Never fails.
#[unsafe(no_mangle)]
pub extern "C" fn hotplex_engine_free(engine: *mut Engine) {
    enter_int(|| {
        engines::free(engine);
        Ok(0)
    });
}

#[cfg(test)]
mod tests {
    use std::ffi::CString;
    use std::path::Path;

    use super::*;
    use crate::engines::{with_consumer, with_engine};
    use crate::status::{Failure, Status};

    /// No agent is started by this, so any program will do for one.
    fn engine(state: &Path) -> *mut Engine {
        let mut engine = std::ptr::null_mut();
        let mut error = std::ptr::null_mut();
        let options = format!(
            r#"{{"program":"cat","state_dir":{:?}}}"#,
            state.display().to_string()
        );
        let options = CString::new(options).expect("no zero byte");
        // SAFETY: the string and the pointers are those of locals.
        let status = unsafe { hotplex_engine_new(options.as_ptr(), &mut engine, &mut error) };
        assert_eq!(status, Status::OK as i32);
        engine
    }

    #[test]
    fn a_panic_poisons_its_engine_and_no_other() {
        let state = std::env::temp_dir().join(format!("hotplex-capi-{}", std::process::id()));
        let (ill, well) = (engine(&state), engine(&state));
        let struck = with_engine(ill, |_| -> Result<(), Failure> { panic!("for this test") });
        assert_eq!(struck.unwrap_err().status, Status::INTERNAL);
        assert_eq!(hotplex_engine_shutdown(ill, 0), Status::INTERNAL as i32);
        let taken = with_consumer(ill, false, |_| Ok(1));
        assert_eq!(taken.unwrap_err().status, Status::INTERNAL);
        assert_eq!(hotplex_engine_shutdown(well, 0), Status::OK as i32);
        for engine in [ill, well] {
            hotplex_engine_free(engine);
            assert_eq!(hotplex_engine_shutdown(engine, 0), Status::MISUSE as i32);
        }
        std::fs::remove_dir_all(&state).expect("its engines made it");
    }
}
