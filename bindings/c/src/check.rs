//! The guard, asked without a turn.

use hotplex::{Check, Guard, GuardConfig};
use once_cell::race::OnceBox;
use std::ffi::c_char;

use crate::engines::{Engine, find, with_engine};
use crate::entry::{enter_int, enter_telling};
use crate::panics::{defect, quietly};
use crate::status::{Failure, Status};
use crate::text;

/// The usual rules. They are put together when they are first asked for, without a lock: a thread that
/// holds one while another forks is missing in the child.
static USUAL: OnceBox<Guard> = OnceBox::new();

/// Asks the guard about a text without sending it anywhere.
///
/// `context_json` is `{"kind":"command","work_dir":"/home/dev/proj","home":"/home/dev",
/// "user":"dev"}`; `kind` is `command` (source of a shell) or `prompt`; `home` and `user` are this
/// process's if they are left out. `rules`, only without an engine, is the text of a rules file whose
/// rules are asked beside the usual ones. `text` is UTF-8 of `len` bytes. `engine` may be NULL: the usual
/// rules are asked then, else the engine's. For both answers `*verdict_json` gets a JSON object, to
/// be freed with hotplex_string_free(): `verdict` (`allow`, `flag` or `block`) and, unless that is a
/// plain allow, `operation`, `reason`, `rule`, `level`, `category` and `suggestions`.
/// `verdict_json` may be NULL.
///
/// Returns HOTPLEX_OK if it may go on, HOTPLEX_BLOCKED if not; HOTPLEX_INVALID_ARGUMENT,
/// HOTPLEX_MISUSE. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotplex_check(
    engine: *mut Engine,
    context_json: *const c_char,
    text: *const c_char,
    len: usize,
    verdict_json: *mut *mut c_char,
) -> i32 {
    enter_int(|| {
        // SAFETY: the caller vouches for the string.
        let context = unsafe { text::string(context_json, "context_json") }?;
        // SAFETY: the caller vouches for the length.
        let text = unsafe { text::counted(text, len, "text") }?;
        let question = Check::from_json(context)?;
        let verdict = match question.guard() {
            None => with_guard(engine, |guard| question.ask(guard, text))?,
            Some(_) if !engine.is_null() => {
                let why = "context_json has rules, and the engine's guard has its own";
                return Err(Failure::invalid(why));
            }
            Some(guard) => quietly(|| question.ask(guard, text)).ok_or_else(defect)?,
        };
        if !verdict_json.is_null() {
            // SAFETY: the caller vouches for the pointer.
            unsafe { text::give(verdict_json, "verdict_json", verdict.to_json()) }?;
        }
        Ok(match verdict.is_blocked() {
            true => Status::BLOCKED as i64,
            false => Status::OK as i64,
        })
    })
}

/// The guard of an engine, or the usual one. A panic in there is no defect of the engine: a guard
/// has no state.
fn with_guard<T>(engine: *mut Engine, ask: impl FnOnce(&Guard) -> T) -> Result<T, Failure> {
    if engine.is_null() {
        return quietly(|| ask(USUAL.get_or_init(Box::default))).ok_or_else(defect);
    }
    let open = find(engine)?;
    quietly(|| ask(&open.engine.guard())).ok_or_else(defect)
}

/// Puts another guard in place of the engine's, from the next prompt and the next call of a tool on,
/// in running turns too.
///
/// `guard_json` is a JSON object as under the option `guard`; what it leaves out has its default and
/// not the value it had. The audit file stays the one the engine was opened with. `error` as for
/// hotplex_engine_new().
///
/// Returns HOTPLEX_OK; HOTPLEX_INVALID_ARGUMENT for what hotplex_engine_new() would refuse (the
/// guard stays as it was then); HOTPLEX_MISUSE. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotplex_set_guard(
    engine: *mut Engine,
    guard_json: *const c_char,
    error: *mut *mut c_char,
) -> i32 {
    let set_guard = || {
        // SAFETY: the caller vouches for the string.
        let guard = unsafe { text::string(guard_json, "guard_json") }?;
        with_engine(engine, |open| {
            Ok(open.engine.set_guard(&GuardConfig::from_json(guard)?)?)
        })
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { enter_telling(error, set_guard) }
}
