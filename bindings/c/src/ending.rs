//! The end of an engine that its owner hears of, and the one that its thread brings.

use std::cell::RefCell;
use std::ffi::c_char;

use crate::engine::hotplex_engine_free;
use crate::engines::{Engine, find, finish};
use crate::entry::{enter_int, enter_telling};

thread_local! {
    /// Dropped when the thread ends, however that comes.
    static OF_THREAD: RefCell<Handles> = const { RefCell::new(Handles(Vec::new())) };
}

struct Handles(Vec<usize>);

impl Drop for Handles {
    fn drop(&mut self) {
        for handle in self.0.drain(..) {
            // One that was freed meanwhile is stale, which does nothing.
            hotplex_engine_free(handle as *mut Engine);
        }
    }
}

/// Has the engine freed when the calling thread ends, as by hotplex_engine_free(). For languages
/// whose threads can be ended from outside without a word to what they run, such as the workers of
/// Node. Not for a thread that ends together with the process.
///
/// Returns HOTPLEX_OK; HOTPLEX_MISUSE. Threads: the one whose end is meant.
#[unsafe(no_mangle)]
pub extern "C" fn hotplex_engine_free_with_thread(engine: *mut Engine) -> i32 {
    enter_int(|| {
        find(engine)?;
        OF_THREAD.with(|handles| handles.borrow_mut().0.push(engine as usize));
        Ok(0)
    })
}

/// Frees an engine of which hotplex_next_events() or hotplex_drain_json() has said HOTPLEX_CLOSED,
/// and says what became of its processes; hotplex_engine_free() says nothing. `error` as for
/// hotplex_engine_new().
///
/// Returns HOTPLEX_OK if nothing is left; HOTPLEX_INTERNAL if a process could not be ended, whose
/// number is in the message (the handle is stale all the same); HOTPLEX_BUSY if the engine has not
/// ended yet, which changes nothing; HOTPLEX_MISUSE. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotplex_engine_finish(
    engine: *mut Engine,
    error: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller vouches for `error`.
    unsafe { enter_telling(error, || finish(engine)) }
}
