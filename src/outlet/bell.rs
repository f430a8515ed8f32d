//! The waking of the one who takes the events of a whole engine: a sleep for those who wait in a
//! call, and a descriptor for those who have a loop of their own.
//!
//! The bell rings only if it was asked to, which is when the taker found nothing. A burst of events
//! is therefore one ring, and a taker that is busy is not rung for at all.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Rings once for each time it was asked to.
///
/// The locks are those of the standard library and not `parking_lot`'s: they allocate nothing on
/// the threads of the host, where nobody would free it.
pub(crate) struct Bell {
    asked: AtomicBool,
    sleepers: Mutex<usize>,
    woken: Condvar,
    watch: Mutex<Watch>,
}

/// What is known of those who watch a descriptor.
enum Watch {
    Nobody,
    Watched(BellPipe),
    /// Nothing will ever come: watchers have read the end of file.
    Over,
}

/// Both ends are ours, so that a write can neither fail for want of a reader nor raise a signal.
struct BellPipe {
    input: File,
    output: File,
    /// A byte was written that may not have been read yet.
    written: bool,
}

impl Bell {
    /// A bell that rings at the first chance.
    pub(super) fn new() -> Bell {
        Bell {
            asked: AtomicBool::new(true),
            sleepers: Mutex::new(0),
            woken: Condvar::new(),
            watch: Mutex::new(Watch::Nobody),
        }
    }

    /// There is something to take.
    pub(super) fn ring(&self) {
        if !(self.asked.load(Ordering::SeqCst) && self.asked.swap(false, Ordering::SeqCst)) {
            return;
        }
        if *lock(&self.sleepers) > 0 {
            self.woken.notify_all();
        }
        if let Watch::Watched(pipe) = &mut *lock(&self.watch) {
            pipe.ring();
        }
    }

    /// Asks to be rung. The taker must look once more after this, for what came before.
    pub(super) fn ask(&self) {
        if let Watch::Watched(pipe) = &mut *lock(&self.watch) {
            pipe.silence();
        }
        self.asked.store(true, Ordering::SeqCst);
    }

    /// Sleeps until the bell rings, or the deadline. Returns at once if it rang since it was asked.
    pub(super) fn sleep(&self, deadline: Option<Instant>) {
        let mut sleepers = lock(&self.sleepers);
        *sleepers += 1;
        while self.asked.load(Ordering::SeqCst) {
            let Some(deadline) = deadline else {
                let woken = self.woken.wait(sleepers);
                sleepers = woken.unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let woken = self.woken.wait_timeout(sleepers, left);
            sleepers = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        *sleepers -= 1;
    }

    /// A descriptor that is readable after each ring, until the taker has looked again; `None` once
    /// nothing can come.
    pub(super) fn descriptor(&self) -> io::Result<Option<OwnedFd>> {
        let mut watch = lock(&self.watch);
        if matches!(*watch, Watch::Nobody) {
            let mut pipe = BellPipe::new()?;
            // It may have rung before anybody could hear it here.
            if !self.asked.load(Ordering::SeqCst) {
                pipe.ring();
            }
            *watch = Watch::Watched(pipe);
        }
        match &*watch {
            Watch::Watched(pipe) => Ok(Some(pipe.output.try_clone()?.into())),
            Watch::Nobody | Watch::Over => Ok(None),
        }
    }

    /// Ends the pipe: whoever watches it reads its end of file.
    pub(super) fn close(&self) {
        *lock(&self.watch) = Watch::Over;
    }
}

impl BellPipe {
    fn new() -> io::Result<BellPipe> {
        let (input, output) = mio::unix::pipe::new()?;
        Ok(BellPipe {
            input: OwnedFd::from(input).into(),
            output: OwnedFd::from(output).into(),
            written: false,
        })
    }

    fn ring(&mut self) {
        // A pipe that is full is as readable as it can be.
        let _ = self.input.write(&[1]);
        self.written = true;
    }

    fn silence(&mut self) {
        if std::mem::take(&mut self.written) {
            let mut bytes = [0; 64];
            while self.output.read(&mut bytes).is_ok_and(|count| count > 0) {}
        }
    }
}

/// Nothing is ever half done under these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
