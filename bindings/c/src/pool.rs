//! Sessions and figures.

use std::ffi::c_char;

use hotplex::SessionInfo;

use crate::engines::{Engine, with_engine};
use crate::entry::enter_int;
use crate::text;

/// Stops a session: its turns end as stopped at once, its agent is ended politely. The conversation
/// is kept; the next prompt takes it up again. `reason` goes into the turns' ends; NULL is allowed.
///
/// Returns HOTPLEX_OK; HOTPLEX_NOT_FOUND if the pool holds no such session;
/// HOTPLEX_INVALID_ARGUMENT, HOTPLEX_CLOSED, HOTPLEX_MISUSE. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotplex_stop_session(
    engine: *mut Engine,
    session_id: *const c_char,
    reason: *const c_char,
) -> i32 {
    enter_int(|| {
        // SAFETY: the caller vouches for the string.
        let session = unsafe { text::string(session_id, "session_id") }?;
        // SAFETY: the caller vouches for the string.
        let reason = unsafe { text::string_or(reason, "reason", "") }?;
        with_engine(engine, |open| {
            open.engine.stop_session(session, reason)?;
            Ok(0)
        })
    })
}

/// Gives a JSON array of the sessions and spares that the pool holds now. On success `*out` is to
/// be freed with hotplex_string_free().
///
/// Returns HOTPLEX_OK, HOTPLEX_INVALID_ARGUMENT, HOTPLEX_CLOSED or HOTPLEX_MISUSE. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotplex_sessions_json(engine: *mut Engine, out: *mut *mut c_char) -> i32 {
    enter_int(|| {
        text::not_null(out, "out")?;
        let list = with_engine(engine, |open| {
            Ok(SessionInfo::list_to_json(&open.engine.sessions()?))
        })?;
        // SAFETY: the caller vouches for `out`.
        unsafe { text::give(out, "out", list) }?;
        Ok(0)
    })
}

/// Gives a JSON object of figures: what the engine has done and holds now if `session_id` is NULL,
/// else what that session has done since it came into the pool. On success `*out` is to be freed
/// with hotplex_string_free().
///
/// Returns HOTPLEX_OK; HOTPLEX_NOT_FOUND if the pool holds no such session;
/// HOTPLEX_INVALID_ARGUMENT, HOTPLEX_CLOSED, HOTPLEX_MISUSE. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotplex_stats_json(
    engine: *mut Engine,
    session_id: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    enter_int(|| {
        text::not_null(out, "out")?;
        // SAFETY: the caller vouches for the string.
        let session = unsafe { text::string_or(session_id, "session_id", "") }?;
        let figures = with_engine(engine, |open| {
            Ok(match session_id.is_null() {
                true => open.engine.info()?.to_json(),
                false => open.engine.session_stats(session)?.to_json(),
            })
        })?;
        // SAFETY: the caller vouches for `out`.
        unsafe { text::give(out, "out", figures) }?;
        Ok(0)
    })
}
