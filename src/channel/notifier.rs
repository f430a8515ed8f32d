//! Wakes the receiver of a whole engine's events: through a condition variable if it waits in a
//! call, through a descriptor if it has a loop of its own.
//!
//! It notifies only while it is armed, which the receiver does after it found nothing. A burst of
//! events is therefore one notification, and a receiver that is busy is not notified at all.

use std::fs::File;
use std::io::{self, Read, Write};
use std::ops::Deref;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Notifies once for each time it was armed.
///
/// The locks are those of the standard library and not `parking_lot`'s: they allocate nothing on
/// the threads of the host, where nobody would free it.
pub(crate) struct Notifier {
    armed: AtomicBool,
    sleepers: Mutex<usize>,
    woken: Condvar,
    watch: Mutex<Watch>,
}

/// Whether a caller polls a descriptor.
enum Watch {
    Nobody,
    Watched(Arc<NotifyPipe>),
    /// Nothing more will come: the descriptor reads end of file.
    Over,
}

/// Both ends are ours, so that a write can neither fail for want of a reader nor raise a signal.
struct NotifyPipe {
    input: PipeEnd,
    output: PipeEnd,
}

/// An end of a pipe that never blocks.
pub(crate) type PipeEnd = Box<dyn Deref<Target = File> + Send + Sync>;

/// Makes the pipe, read end first.
pub(crate) type MakePipe = fn() -> io::Result<[PipeEnd; 2]>;

impl Notifier {
    /// Armed from the start.
    pub(super) fn new() -> Notifier {
        Notifier {
            armed: AtomicBool::new(true),
            sleepers: Mutex::new(0),
            woken: Condvar::new(),
            watch: Mutex::new(Watch::Nobody),
        }
    }

    /// There is something to take.
    pub(super) fn notify(&self) {
        if !(self.armed.load(Ordering::SeqCst) && self.armed.swap(false, Ordering::SeqCst)) {
            return;
        }
        // The locks are released before the wake: the woken thread takes them next, and on one core
        // it would have to wait for this thread.
        let sleepers = *lock(&self.sleepers);
        if sleepers > 0 {
            self.woken.notify_all();
        }
        if let Some(pipe) = self.pipe() {
            pipe.notify();
        }
    }

    /// Asks for the next notification. The receiver must check its queues once more after this, for
    /// what came before.
    ///
    /// A notification that is under way may write its byte after this. Its event was queued before
    /// it disarmed the notifier, so the check finds the event, and the byte causes one spurious
    /// wake. A byte that this call drains is followed by the check as well. So every event that the
    /// check does not find has a byte in the pipe, or a notification that will write one.
    pub(super) fn arm(&self) {
        if let Some(pipe) = self.pipe() {
            pipe.drain();
        }
        self.armed.store(true, Ordering::SeqCst);
    }

    fn pipe(&self) -> Option<Arc<NotifyPipe>> {
        match &*lock(&self.watch) {
            Watch::Watched(pipe) => Some(Arc::clone(pipe)),
            Watch::Nobody | Watch::Over => None,
        }
    }

    /// Waits for a notification, or the deadline. Returns at once if there was one since `arm`.
    pub(super) fn wait(&self, deadline: Option<Instant>) {
        let mut sleepers = lock(&self.sleepers);
        *sleepers += 1;
        while self.armed.load(Ordering::SeqCst) {
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

    /// A descriptor that is readable after each notification, until `arm` is called again; `None`
    /// once nothing more can come.
    pub(super) fn descriptor(&self, make_pipe: MakePipe) -> io::Result<Option<OwnedFd>> {
        let mut watch = lock(&self.watch);
        if matches!(*watch, Watch::Nobody) {
            let [output, input] = make_pipe()?;
            let pipe = NotifyPipe { input, output };
            // A notification may have come before there was a pipe.
            if !self.armed.load(Ordering::SeqCst) {
                pipe.notify();
            }
            *watch = Watch::Watched(Arc::new(pipe));
        }
        match &*watch {
            Watch::Watched(pipe) => Ok(Some(pipe.output.try_clone()?.into())),
            Watch::Nobody | Watch::Over => Ok(None),
        }
    }

    /// Ends the pipe: who polls it reads end of file.
    pub(super) fn close(&self) {
        *lock(&self.watch) = Watch::Over;
    }
}

impl NotifyPipe {
    fn notify(&self) {
        // A pipe that is full is as readable as it can be.
        let _ = (&**self.input).write(&[1]);
    }

    /// One read empties it: there is one byte for each `arm`.
    fn drain(&self) {
        let _ = (&**self.output).read(&mut [0; 64]);
    }
}

/// A panic cannot leave these locks' data inconsistent.
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

    /// Everything that is counted up before a notification is seen by who polls the descriptor, which
    /// is never left asleep with something to take.
    #[test]
    fn no_notification_is_missed_however_the_two_sides_meet() {
        const SENDERS: u64 = 2;
        // Miri takes a thousand times as long.
        const EACH: u64 = if cfg!(miri) { 100 } else { 20_000 };
        let notifier = Notifier::new();
        let watch = notifier.descriptor(a_pipe).unwrap().unwrap();
        let mut poll = mio::Poll::new().unwrap();
        let source = std::os::fd::AsRawFd::as_raw_fd(&watch);
        let mut source = mio::unix::SourceFd(&source);
        let readable = mio::Interest::READABLE;
        poll.registry()
            .register(&mut source, mio::Token(0), readable)
            .unwrap();
        let there = AtomicU64::new(0);
        thread::scope(|scope| {
            for _ in 0..SENDERS {
                scope.spawn(|| {
                    for number in 0..EACH {
                        there.fetch_add(1, Ordering::SeqCst);
                        notifier.notify();
                        if number % 7 == 0 {
                            thread::yield_now();
                        }
                    }
                });
            }
            let (mut taken, mut events) = (0, mio::Events::with_capacity(1));
            while taken < SENDERS * EACH {
                notifier.arm();
                let found = there.load(Ordering::SeqCst);
                if found == taken {
                    let patience = Some(Duration::from_secs(60));
                    match poll.poll(&mut events, patience) {
                        // A stopped process that goes on: nothing was waited for yet.
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                        polled => polled.unwrap(),
                    }
                    let found = there.load(Ordering::SeqCst);
                    assert!(!events.is_empty(), "{found} are there, {taken} were taken");
                }
                taken = found;
            }
        });
    }
}
