//! Turns: asked for, answered, held back, cancelled.

use std::ffi::c_char;

use hotplex::{Decision, Request, TurnId, WarmUp};

use crate::engines::{Engine, with_engine};
use crate::entry::{enter_int, enter_telling};
use crate::text;

/// Starts `count` spare agents, which any new session with the same work directory and model may
/// take, so that its first turn need not wait for a start. Returns at once; over the option
/// `max_processes` none is started.
///
/// `config_json` is a JSON object with `work_dir` and, if wanted, `model`. `error` as for
/// hotplex_engine_new().
///
/// Returns HOTPLEX_OK, HOTPLEX_INVALID_ARGUMENT, HOTPLEX_CLOSED or HOTPLEX_MISUSE. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotplex_prewarm(
    engine: *mut Engine,
    config_json: *const c_char,
    count: u32,
    error: *mut *mut c_char,
) -> i32 {
    let prewarm = || {
        // SAFETY: the caller vouches for the string.
        let config = unsafe { text::string(config_json, "config_json") }?;
        with_engine(engine, |open| {
            let spares = WarmUp::from_json(config)?;
            Ok(open.engine.prewarm(&spares, count as usize)?)
        })
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { enter_telling(error, prewarm) }
}

/// Sends a prompt into its session and returns at once. The turn's events come out of
/// hotplex_next_events() and its sisters, up to exactly one HOTPLEX_EVENT_TURN_END. Another thread
/// that takes events may see the first of them before this function returns.
///
/// `config_json` is a JSON object with `session_id`, `work_dir` (made if it is missing) and, if
/// wanted, `task_system_prompt`, `model`, `project`, `turn_timeout_ms` and `tag`, a number of the caller's
/// own that hotplex_event_tag() gives of each event of the turn. `prompt` is UTF-8 of `prompt_len` bytes. Both are copied. On success `*turn` is the turn's number, unique within the engine and
/// never 0. `error` as for hotplex_engine_new().
///
/// Returns HOTPLEX_OK; HOTPLEX_INVALID_ARGUMENT, also for a work directory or model that differs
/// from that of the session's live agent; HOTPLEX_BUSY if too many turns wait; HOTPLEX_IN_USE if
/// another engine uses the session (the message names the process); HOTPLEX_BLOCKED if the guard
/// refuses the prompt (the message says why); HOTPLEX_CLOSED; HOTPLEX_MISUSE. Unless it returns
/// HOTPLEX_OK there is no turn. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotplex_execute(
    engine: *mut Engine,
    config_json: *const c_char,
    prompt: *const c_char,
    prompt_len: usize,
    turn: *mut u64,
    error: *mut *mut c_char,
) -> i32 {
    let execute = || {
        text::not_null(turn, "turn")?;
        // SAFETY: the caller vouches for the string.
        let config = unsafe { text::string(config_json, "config_json") }?;
        // SAFETY: the caller vouches for the length.
        let prompt = unsafe { text::counted(prompt, prompt_len, "prompt") }?;
        let accepted = with_engine(engine, |open| {
            let request = Request::from_json(config, prompt)?;
            Ok(open.engine.submit(request)?)
        })?;
        // SAFETY: `turn` is not NULL, and the caller vouches for the rest.
        unsafe { turn.write(accepted.get()) };
        Ok(())
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { enter_telling(error, execute) }
}

/// Answers a HOTPLEX_EVENT_PERMISSION_REQUEST. `request_id` is the event's. `decision_json` is
/// `{"behavior":"allow"}`, with `"updated_input":{...}` to run the tool with another input, or
/// `{"behavior":"deny"}`, with `"message"` for the model and `"interrupt":true` to end the turn as
/// well, if wanted. `error` as for hotplex_engine_new().
///
/// Returns HOTPLEX_OK; HOTPLEX_NOT_FOUND if no such request is pending (answered, withdrawn or timed
/// out); HOTPLEX_INVALID_ARGUMENT, HOTPLEX_CLOSED, HOTPLEX_MISUSE. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotplex_respond(
    engine: *mut Engine,
    turn: u64,
    request_id: *const c_char,
    decision_json: *const c_char,
    error: *mut *mut c_char,
) -> i32 {
    let respond = || {
        // SAFETY: the caller vouches for the string.
        let request = unsafe { text::string(request_id, "request_id") }?;
        // SAFETY: the caller vouches for the string.
        let decision = unsafe { text::string(decision_json, "decision_json") }?;
        with_engine(engine, |open| {
            let decision = Decision::from_json(decision)?;
            Ok(open.engine.respond(TurnId::from(turn), request, decision)?)
        })
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { enter_telling(error, respond) }
}

/// Answers a HOTPLEX_EVENT_PERMISSION_REQUEST by its session, which is the way to answer one of no
/// turn: agents ask so for what they do in the background. `session_id` is the event's, the rest as
/// for hotplex_respond().
///
/// Returns HOTPLEX_OK; HOTPLEX_NOT_FOUND if no such request is open in the session;
/// HOTPLEX_INVALID_ARGUMENT, HOTPLEX_CLOSED, HOTPLEX_MISUSE. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotplex_respond_in_session(
    engine: *mut Engine,
    session_id: *const c_char,
    request_id: *const c_char,
    decision_json: *const c_char,
    error: *mut *mut c_char,
) -> i32 {
    let respond = || {
        // SAFETY: the caller vouches for the string.
        let session = unsafe { text::string(session_id, "session_id") }?;
        // SAFETY: the caller vouches for the string.
        let request = unsafe { text::string(request_id, "request_id") }?;
        // SAFETY: the caller vouches for the string.
        let decision = unsafe { text::string(decision_json, "decision_json") }?;
        with_engine(engine, |open| {
            let decision = Decision::from_json(decision)?;
            Ok(open.engine.respond_in_session(session, request, decision)?)
        })
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { enter_telling(error, respond) }
}

/// Asks the agent to let go of a turn and returns at once; the session and its process go on. The
/// turn ends as cancelled within about a second, or as something else if it was over already.
///
/// Returns HOTPLEX_OK; HOTPLEX_NOT_FOUND if the turn is over or never was; HOTPLEX_CLOSED,
/// HOTPLEX_MISUSE. Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn hotplex_cancel(engine: *mut Engine, turn: u64) -> i32 {
    enter_int(|| {
        with_engine(engine, |open| {
            open.engine.cancel(TurnId::from(turn))?;
            Ok(0)
        })
    })
}

/// Holds back the events of a turn, its end too (`paused` not 0), or lets them through again
/// (`paused` 0): for hosts that hand each turn to a reader of its own, one of whom is slow. When
/// the session's `window_bytes` are full its agent is not read any more; no other turn notices.
/// Its time limit goes on. Once the engine has ended nothing is held back.
///
/// Returns HOTPLEX_OK; HOTPLEX_NOT_FOUND if the turn's end was taken or it never was;
/// HOTPLEX_MISUSE. Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn hotplex_turn_pause(engine: *mut Engine, turn: u64, paused: i32) -> i32 {
    enter_int(|| {
        with_engine(engine, |open| {
            let turn = TurnId::from(turn);
            match paused {
                0 => open.engine.resume_turn(turn)?,
                _ => open.engine.pause_turn(turn)?,
            }
            Ok(0)
        })
    })
}
