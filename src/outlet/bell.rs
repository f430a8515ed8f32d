//! The waking of the one who takes the events of a whole engine: a sleep for those who wait in a
//! call, and a descriptor for those who have a loop of their own.
//!
//! The bell rings only if it was asked to, which is when the taker found nothing. A burst of events
//! is therefore one ring, and a taker that is busy is not rung for at all.

use std::fs::File;
use std::io::{self, Read, Write};
use std::ops::Deref;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
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
    Watched(Arc<BellPipe>),
    /// Nothing will ever come: watchers have read the end of file.
    Over,
}

/// Both ends are ours, so that a write can neither fail for want of a reader nor raise a signal.
struct BellPipe {
    input: PipeEnd,
    output: PipeEnd,
}

/// An end of a pipe that never blocks.
pub(crate) type PipeEnd = Box<dyn Deref<Target = File> + Send + Sync>;

/// Makes the pipe, read end first.
pub(crate) type MakePipe = fn() -> io::Result<[PipeEnd; 2]>;

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
        // Without the locks: those who are woken take them next, and on one core they would wait
        // for this thread at once.
        let sleepers = *lock(&self.sleepers);
        if sleepers > 0 {
            self.woken.notify_all();
        }
        if let Some(pipe) = self.pipe() {
            pipe.ring();
        }
    }

    /// Asks to be rung. The taker must look once more after this, for what came before.
    ///
    /// A ring that is still on its way may write its byte after this. What it rings for was there
    /// before it took the bell's order, so the look finds it, and the byte wakes for nothing, once.
    /// A byte that this reads away is followed by the look as well. So whatever is not found has a
    /// byte in the pipe, or a ring that has yet to write one.
    pub(super) fn ask(&self) {
        if let Some(pipe) = self.pipe() {
            pipe.silence();
        }
        self.asked.store(true, Ordering::SeqCst);
    }

    fn pipe(&self) -> Option<Arc<BellPipe>> {
        match &*lock(&self.watch) {
            Watch::Watched(pipe) => Some(Arc::clone(pipe)),
            Watch::Nobody | Watch::Over => None,
        }
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
    pub(super) fn descriptor(&self, make_pipe: MakePipe) -> io::Result<Option<OwnedFd>> {
        let mut watch = lock(&self.watch);
        if matches!(*watch, Watch::Nobody) {
            let [output, input] = make_pipe()?;
            let pipe = BellPipe { input, output };
            // It may have rung before anybody could hear it here.
            if !self.asked.load(Ordering::SeqCst) {
                pipe.ring();
            }
            *watch = Watch::Watched(Arc::new(pipe));
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
    fn ring(&self) {
        // A pipe that is full is as readable as it can be.
        let _ = (&**self.input).write(&[1]);
    }

    /// One read empties it: there is a byte for each time it was asked to ring.
    fn silence(&self) {
        let _ = (&**self.output).read(&mut [0; 64]);
    }
}

/// Nothing is ever half done under these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU64;
    use std::thread;
    use std::time::Duration;

    fn a_pipe() -> io::Result<[PipeEnd; 2]> {
        let (input, output) = mio::unix::pipe::new()?;
        let end = |end: OwnedFd| -> PipeEnd { Box::new(Box::new(File::from(end))) };
        Ok([end(output.into()), end(input.into())])
    }

    /// Everything that is counted up before a ring is seen by who watches the descriptor, and the
    /// watcher is never left asleep with something to take.
    #[test]
    fn no_ring_is_missed_however_ringers_and_watcher_meet() {
        const RINGERS: u64 = 2;
        const EACH: u64 = 20_000;
        let bell = Bell::new();
        let watch = bell.descriptor(a_pipe).unwrap().unwrap();
        let mut poll = mio::Poll::new().unwrap();
        let source = std::os::fd::AsRawFd::as_raw_fd(&watch);
        let mut source = mio::unix::SourceFd(&source);
        let readable = mio::Interest::READABLE;
        poll.registry()
            .register(&mut source, mio::Token(0), readable)
            .unwrap();
        let there = AtomicU64::new(0);
        thread::scope(|scope| {
            for _ in 0..RINGERS {
                scope.spawn(|| {
                    for number in 0..EACH {
                        there.fetch_add(1, Ordering::SeqCst);
                        bell.ring();
                        if number % 7 == 0 {
                            thread::yield_now();
                        }
                    }
                });
            }
            let (mut taken, mut events) = (0, mio::Events::with_capacity(1));
            while taken < RINGERS * EACH {
                bell.ask();
                let found = there.load(Ordering::SeqCst);
                if found == taken {
                    let patience = Some(Duration::from_secs(60));
                    poll.poll(&mut events, patience).unwrap();
                    let found = there.load(Ordering::SeqCst);
                    assert!(!events.is_empty(), "{found} are there, {taken} were taken");
                }
                taken = found;
            }
        });
    }
}
