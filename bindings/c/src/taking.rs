//! Taking events: several at once, as JSON, through a callback, and the descriptor that says when.

use std::ffi::{c_char, c_void};
use std::os::fd::IntoRawFd;

use crate::engines::{Engine, find, with_consumer, with_engine};
use crate::entry::{enter, enter_int};
use crate::event::Event;
use crate::status::{Failure, Status};
use crate::text;

/// How many events one call of `hotplex_dispatch` takes at most.
const BATCH: usize = 256;

/// Called by hotplex_dispatch() for each event, on the thread that called it. The event is lent: it
/// is freed when the callback returns.
pub type EventCallback =
    Option<unsafe extern "C-unwind" fn(event: *const Event, user_data: *mut c_void)>;

/// Takes the events that are there, at most `capacity`; if there is none, waits for the first one
/// `timeout_ms` milliseconds (0: not at all; negative: as long as it takes). Events of one turn come
/// in order; turns take turns. Taking an event is what lets its agent go on: events may be kept.
///
/// Returns how many were written to `out`, at least 1; each is to be freed with
/// hotplex_event_free(). HOTPLEX_TIMEOUT if none came; HOTPLEX_CLOSED once the engine has ended and
/// all was taken; HOTPLEX_INVALID_ARGUMENT; HOTPLEX_MISUSE, also if another thread takes events now.
///
/// Threads: any, one at a time over all functions that take events of this engine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotplex_next_events(
    engine: *mut Engine,
    out: *mut *mut Event,
    capacity: usize,
    timeout_ms: i32,
) -> i32 {
    enter_int(|| {
        text::not_null(out, "out")?;
        if capacity == 0 {
            return Err(Failure::invalid("capacity is 0"));
        }
        // A count must fit what is returned.
        let most = capacity.min(i32::MAX as usize);
        let mut place = out;
        with_consumer(engine, timeout_ms != 0, |consumer| {
            consumer.take(most, timeout_ms, |event| {
                // SAFETY: the caller vouches for `capacity` places, and no more are written.
                unsafe {
                    place.write(Box::into_raw(event));
                    place = place.add(1);
                }
            })
        })
    })
}

/// Takes events as text: fills the buffer with whole lines, each one event as JSON and a newline,
/// no NUL behind the last. Never waits.
///
/// Returns how many bytes were written; HOTPLEX_TIMEOUT if there is no event;
/// HOTPLEX_BUFFER_TOO_SMALL if the first line does not fit; HOTPLEX_CLOSED, HOTPLEX_INVALID_ARGUMENT
/// and HOTPLEX_MISUSE as hotplex_next_events(). `*needed` gets the length of the line that did not
/// fit and comes first at the next call, or 0; `needed` may be NULL.
///
/// Threads: as hotplex_next_events().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotplex_drain_json(
    engine: *mut Engine,
    buffer: *mut c_char,
    size: usize,
    needed: *mut usize,
) -> i64 {
    enter(|| {
        if size > 0 {
            text::not_null(buffer, "buffer")?;
        }
        let put = |place, line: &[u8]| {
            // SAFETY: the caller vouches for `size` bytes, and the line ends within them.
            unsafe {
                buffer
                    .cast::<u8>()
                    .add(place)
                    .copy_from(line.as_ptr(), line.len())
            };
        };
        with_consumer(engine, false, |consumer| {
            let (written, missing) = consumer.write_lines(size, put)?;
            if !needed.is_null() {
                // SAFETY: the caller vouches for the pointer.
                unsafe { needed.write(missing) };
            }
            match written {
                0 => Ok(Status::BUFFER_TOO_SMALL as i64),
                bytes => Ok(i64::try_from(bytes).unwrap_or(i64::MAX)),
            }
        })
    })
}

/// Takes events as hotplex_next_events() does and calls `callback` for each of them, on this thread,
/// with the same `user_data`. The callback may call any function of this library; after one that
/// freed the engine nothing more is shown. A C++ exception may leave it: events that were taken but
/// not shown are lost then.
///
/// Returns how many events were shown, at least 1, or what hotplex_next_events() returns.
/// Threads: as hotplex_next_events().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn hotplex_dispatch(
    engine: *mut Engine,
    callback: EventCallback,
    user_data: *mut c_void,
    timeout_ms: i32,
) -> i32 {
    let Some(callback) = callback else {
        return Status::INVALID_ARGUMENT as i32;
    };
    let mut events = Vec::new();
    let count = enter_int(|| {
        with_consumer(engine, timeout_ms != 0, |consumer| {
            consumer.take(BATCH, timeout_ms, |event| events.push(event))
        })
    });
    // Outside of everything that catches: what the callback throws is its caller's, not ours.
    let mut shown = 0;
    for event in events {
        // It may have been freed meanwhile, in the callback too, and `user_data` with it.
        if shown > 0 && find(engine).is_err() {
            break;
        }
        shown += 1;
        // SAFETY: the caller vouches for the callback, and the event lives until it returns.
        unsafe { callback(&raw const *event, user_data) };
    }
    count.min(shown)
}

/// Gives a descriptor for the caller's own poll loop (poll, epoll, libuv, asyncio): the read end of
/// a pipe, non-blocking and close-on-exec. Each call gives a new one, which the caller closes, before
/// or after the engine is freed.
///
/// It is readable when there are events. After a wake take events until HOTPLEX_TIMEOUT: that makes
/// it unreadable again. Bytes may be read from it or left in it. Its end of file means that the
/// engine has ended and all was taken, or that it was freed.
///
/// Returns the descriptor (0 or more), HOTPLEX_CLOSED, HOTPLEX_INTERNAL if the process has no
/// descriptors left, or HOTPLEX_MISUSE. Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn hotplex_event_fd(engine: *mut Engine) -> i32 {
    enter_int(|| {
        let descriptor = with_engine(engine, |open| Ok(open.engine.event_descriptor()?))?;
        Ok(i64::from(descriptor.into_raw_fd()))
    })
}
