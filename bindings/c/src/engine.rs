//! Engines: their handles, and their beginning and end.

use std::ffi::c_char;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use hotplex::EngineOptions;

use crate::consumer::Consumer;
use crate::entry::{self, enter_int, enter_telling};
use crate::registry::{Missing, Registry};
use crate::status::{Failure, Status};
use crate::text;

/// An engine: a pool of agents that are kept alive, and the queue of their events. A handle, not an
/// address: it may be compared and copied, and is told apart from one that was freed. A language
/// whose collector follows pointers must keep it as a number.
pub struct Engine {
    _only_a_handle: (),
}

static ENGINES: Registry<Open> = Registry::new();

/// In a child of `fork`: the engines of its parent are not its own.
pub(crate) fn leave_to_parent() {
    ENGINES.leave_to_parent();
}

/// How far an engine is from its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Stage {
    Live,
    /// Freed while a thread took events: that thread gets the rest.
    Draining,
    Gone,
}

/// What stands behind a handle.
pub(crate) struct Open {
    pub(crate) engine: hotplex::Engine,
    pub(crate) consumer: Mutex<Consumer>,
    /// A thread has the consumer and may wait for events.
    waited_for: AtomicBool,
    stage: AtomicU8,
    /// A panic came out of it, so that nobody knows what state it is in.
    poisoned: AtomicBool,
    kill_grace: Duration,
}

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
        let handle = ENGINES.insert(Arc::new(Open::new(options)?))?;
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
        let grace = u64::try_from(grace_ms).map_or(open.kill_grace, Duration::from_millis);
        open.engine.begin_close(grace);
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
        if let Ok(open) = ENGINES.get(engine as usize) {
            open.free(engine as usize);
        }
        Ok(0)
    });
}

impl Open {
    fn new(options: &str) -> Result<Open, Failure> {
        let options = EngineOptions::from_json(options)?;
        let kill_grace = options.kill_grace;
        let engine = options.open()?;
        Ok(Open {
            consumer: Mutex::new(Consumer::new(engine.event_stream()?)),
            engine,
            waited_for: AtomicBool::new(false),
            stage: AtomicU8::new(Stage::Live as u8),
            poisoned: AtomicBool::new(false),
            kill_grace,
        })
    }

    fn is(&self, stage: Stage) -> bool {
        self.stage.load(Ordering::SeqCst) == stage as u8
    }

    fn enter(&self, stage: Stage) {
        self.stage.store(stage as u8, Ordering::SeqCst);
    }

    fn free(&self, handle: usize) {
        let (live, draining) = (Stage::Live as u8, Stage::Draining as u8);
        let stage = &self.stage;
        let first = stage.compare_exchange(live, draining, Ordering::SeqCst, Ordering::SeqCst);
        if first.is_err() {
            return;
        }
        let Some(consumer) = self.lock_consumer() else {
            return self.close_in_background();
        };
        self.enter(Stage::Gone);
        ENGINES.remove(handle);
        if consumer.is_over() {
            // The io thread is through: this joins threads that have said their last word.
            let _ = self.engine.close(Duration::ZERO);
        } else {
            self.close_in_background();
        }
    }

    /// The consumer, unless a thread waits for events. One that only looks is through in no time.
    fn lock_consumer(&self) -> Option<MutexGuard<'_, Consumer>> {
        loop {
            match self.consumer.try_lock() {
                Ok(consumer) => return Some(consumer),
                Err(_) if self.waited_for.load(Ordering::SeqCst) => return None,
                Err(_) => std::thread::yield_now(),
            }
        }
    }

    fn close_in_background(&self) {
        if let Err(error) = self.engine.close_in_background(self.kill_grace) {
            log::error!("{error}");
        }
    }

    fn poison(&self) {
        self.poisoned.store(true, Ordering::SeqCst);
    }

    fn check_health(&self) -> Result<(), Failure> {
        match self.poisoned.load(Ordering::SeqCst) {
            true => Err(entry::defect()),
            false => Ok(()),
        }
    }
}

fn stale() -> Failure {
    Failure::new(
        Status::MISUSE,
        "the handle is not that of a live engine: it was freed, or never was one",
    )
}

fn missing(why: Missing) -> Failure {
    match why {
        Missing::Stale => stale(),
        Missing::Inherited => {
            let message = "this process is a child of fork(): the engine stayed with its parent";
            Failure::new(Status::FORKED, message)
        }
    }
}

/// The engine of a handle, for everything but taking events.
pub(crate) fn find(engine: *mut Engine) -> Result<Arc<Open>, Failure> {
    let open = ENGINES.get(engine as usize).map_err(missing)?;
    if !open.is(Stage::Live) {
        return Err(stale());
    }
    open.check_health()?;
    Ok(open)
}

/// Frees an engine that has ended and whose events were all taken; the error names what it left.
pub(crate) fn finish(engine: *mut Engine) -> Result<(), Failure> {
    let open = find(engine)?;
    let over = open
        .lock_consumer()
        .is_some_and(|consumer| consumer.is_over());
    if !over {
        let message = "the engine has not ended: take events until HOTPLEX_CLOSED";
        return Err(Failure::new(Status::BUSY, message));
    }
    ENGINES.remove(engine as usize);
    open.enter(Stage::Gone);
    // The io thread is through: this joins threads that have said their last word.
    Ok(open.engine.close(Duration::ZERO)?)
}

/// Uses an engine. A panic ends its use for good.
pub(crate) fn with_engine<T>(
    engine: *mut Engine,
    body: impl FnOnce(&Open) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let open = find(engine)?;
    guarded(&open, || body(&open))
}

/// Takes events of an engine, alone.
pub(crate) fn with_consumer(
    engine: *mut Engine,
    waits: bool,
    body: impl FnOnce(&mut Consumer) -> Result<i64, Failure>,
) -> Result<i64, Failure> {
    let open = ENGINES.get(engine as usize).map_err(missing)?;
    open.check_health()?;
    let Ok(mut consumer) = open.consumer.try_lock() else {
        let message = "another thread takes events of this engine: there may be one at a time";
        return Err(Failure::new(Status::MISUSE, message));
    };
    if open.is(Stage::Gone) {
        return Err(stale());
    }
    open.waited_for.store(waits, Ordering::SeqCst);
    let outcome = guarded(&open, || body(&mut consumer));
    open.waited_for.store(false, Ordering::SeqCst);
    let is_closed = outcome
        .as_ref()
        .is_err_and(|failure| failure.status == Status::CLOSED);
    if is_closed && open.is(Stage::Draining) {
        open.enter(Stage::Gone);
        ENGINES.remove(engine as usize);
    }
    outcome
}

fn guarded<T>(open: &Open, body: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    entry::quietly(body).unwrap_or_else(|| {
        open.poison();
        Err(entry::defect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No agent is started by this, so any program will do for one.
    fn engine() -> *mut Engine {
        let mut engine = std::ptr::null_mut();
        let mut error = std::ptr::null_mut();
        let options = c"{\"program\":\"cat\",\"state_dir\":\"/nowhere\"}";
        // SAFETY: the string is static, and the pointers are those of locals.
        let status = unsafe { hotplex_engine_new(options.as_ptr(), &mut engine, &mut error) };
        assert_eq!(status, Status::OK as i32);
        engine
    }

    #[test]
    fn a_panic_poisons_its_engine_and_no_other() {
        let (ill, well) = (engine(), engine());
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
    }
}
