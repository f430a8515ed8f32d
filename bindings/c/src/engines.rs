//! The engines that stand behind handles.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use hotplex::EngineOptions;

use crate::consumer::Consumer;
use crate::panics::{defect, quietly};
use crate::registry::{Missing, Registry};
use crate::status::{Failure, Status};

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

    /// Begins to close it; `None` stands for its own grace.
    pub(crate) fn begin_close(&self, grace: Option<Duration>) {
        self.engine.begin_close(grace.unwrap_or(self.kill_grace));
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
            true => Err(defect()),
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

/// Opens an engine and gives its handle.
pub(crate) fn open(options: &str) -> Result<usize, Failure> {
    ENGINES.insert(Arc::new(Open::new(options)?))
}

/// Frees an engine; a handle that is not live does nothing.
pub(crate) fn free(engine: *mut Engine) {
    if let Ok(open) = ENGINES.get(engine as usize) {
        open.free(engine as usize);
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
    quietly(body).unwrap_or_else(|| {
        open.poison();
        Err(defect())
    })
}
