//! One turn's channel from the io thread to its caller, and the waking of a caller that waits.
//! Layer 0: imports nothing of ours but what flows through it. Callers who take the events of all
//! turns in one place get them through `gathering`.
//!
//! A crossbeam channel alone would do, but its blocking receive spins and yields before it sleeps,
//! and wakes its receiver at the first of a hundred messages. Here a caller sleeps at once and is
//! woken once, after all that one visit of the io thread has for it. On one core that saves a
//! fifth of a turn's time. Callers that use the crossbeam receiver itself lose nothing but that.

mod bell;
mod gathering;
mod source;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};
use std::time::Instant;

use crate::lock::Mutex;
use crossbeam_channel::{Receiver, Sender, TryRecvError, unbounded};

use crate::flow::Delivery;

pub(crate) use gathering::{BackgroundOutlet, Gathered, Gathering, gathering};
pub(crate) use source::Accepted;
use source::Source;

/// The two ends of a turn's channel.
pub(crate) fn outlet() -> (Outlet, Inlet) {
    let (sender, receiver) = unbounded();
    let alarm = Arc::new(Alarm::default());
    let outlet = Outlet::new(sender, Wake::Alarm(Arc::clone(&alarm)));
    (outlet, Inlet { receiver, alarm })
}

/// The io thread's end. Dropping it disconnects the channel and wakes the caller.
pub(crate) struct Outlet {
    // Dropped before the ringer, so that the caller who is woken finds the channel disconnected.
    sender: Sender<Delivery>,
    pending: bool,
    ringer: Ringer,
}

impl Outlet {
    fn new(sender: Sender<Delivery>, wake: Wake) -> Outlet {
        Outlet {
            sender,
            pending: false,
            ringer: Ringer(wake),
        }
    }

    /// Queues an event. The caller is not woken yet. A caller that dropped its end does not want
    /// to know.
    pub(crate) fn send(&mut self, delivery: Delivery) {
        let _ = self.sender.send(delivery);
        self.pending = true;
    }

    /// Wakes the caller if there is something new and it waits.
    pub(crate) fn flush(&mut self) {
        if std::mem::take(&mut self.pending) {
            self.ringer.0.wake();
        }
    }
}

/// The caller's end.
pub(crate) struct Inlet {
    receiver: Receiver<Delivery>,
    alarm: Arc<Alarm>,
}

/// Nothing came: not in time, or nothing will ever come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nothing {
    Yet,
    Ever,
}

impl Inlet {
    pub(crate) fn receiver(&self) -> &Receiver<Delivery> {
        &self.receiver
    }

    /// Nothing comes out any more. A channel without senders is always ready, which would keep a
    /// `select!` loop spinning; this one never is.
    pub(crate) fn silence(&mut self) {
        self.receiver = crossbeam_channel::never();
    }

    pub(crate) fn try_recv(&self) -> Result<Delivery, Nothing> {
        self.receiver.try_recv().map_err(|error| match error {
            TryRecvError::Empty => Nothing::Yet,
            TryRecvError::Disconnected => Nothing::Ever,
        })
    }

    /// Waits until there is something, until nothing can come any more, or until the deadline.
    pub(crate) fn recv(&self, deadline: Option<Instant>) -> Result<Delivery, Nothing> {
        loop {
            match self.try_recv() {
                Err(Nothing::Yet) => {}
                answer => return answer,
            }
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                return Err(Nothing::Yet);
            }
            self.alarm.set();
            // What came before the alarm was set rang for nobody.
            match self.try_recv() {
                Err(Nothing::Yet) => self.alarm.sleep(deadline),
                answer => return answer,
            }
        }
    }
}

/// Wakes one sleeping caller.
#[derive(Default)]
struct Alarm {
    set: AtomicBool,
    sleeper: Mutex<Option<Thread>>,
}

impl Alarm {
    /// Called by the thread that is about to sleep.
    fn set(&self) {
        *self.sleeper.lock() = Some(thread::current());
        self.set.store(true, Ordering::SeqCst);
    }

    /// Returns when the alarm rang, at the deadline, or for no reason.
    fn sleep(&self, deadline: Option<Instant>) {
        match deadline {
            None => thread::park(),
            Some(deadline) => {
                thread::park_timeout(deadline.saturating_duration_since(Instant::now()));
            }
        }
    }

    /// Called by the io thread, after it queued something. Never waits: whoever holds the lock now
    /// looks into the queue after that, and will find it.
    fn ring(&self) {
        if self.set.load(Ordering::SeqCst)
            && self.set.swap(false, Ordering::SeqCst)
            && let Some(mut sleeper) = self.sleeper.try_lock()
            && let Some(thread) = sleeper.take()
        {
            thread.unpark();
        }
    }
}

/// Who is told that there is something: the caller of this turn, or the one who takes the events
/// of all.
enum Wake {
    Alarm(Arc<Alarm>),
    Gathering(Arc<Source>),
}

impl Wake {
    fn wake(&self) {
        match self {
            Wake::Alarm(alarm) => alarm.ring(),
            Wake::Gathering(source) => source.announce(),
        }
    }
}

/// Rings for the last time when it is dropped.
struct Ringer(Wake);

impl Drop for Ringer {
    fn drop(&mut self) {
        match &self.0 {
            Wake::Alarm(alarm) => alarm.ring(),
            Wake::Gathering(source) => source.cut_off(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, EventKind, SessionId};
    use crate::flow::Outflow;
    use std::time::Duration;

    fn delivery(outflow: &mut Outflow, number: usize) -> Delivery {
        let event = Event {
            turn: None,
            tag: 0,
            session: SessionId::of_no_session(),
            at: Duration::ZERO,
            kind: EventKind::Answer(number.to_string()),
        };
        outflow.deliver(event, 1)
    }

    #[test]
    fn nothing_is_missed_however_the_two_ends_meet() {
        const EVENTS: usize = if cfg!(miri) { 200 } else { 20_000 };
        let (mut outlet, inlet) = outlet();
        let taker = thread::spawn(move || {
            let mut taken = Vec::new();
            while let Ok(delivery) = inlet.recv(None) {
                taken.push(delivery.into_event());
            }
            taken
        });
        let mut outflow = Outflow::new(u64::MAX, || {});
        for number in 0..EVENTS {
            let next = delivery(&mut outflow, number);
            outlet.send(next);
            outlet.flush();
            if number % 7 == 0 {
                thread::yield_now();
            }
        }
        drop(outlet);
        let taken = taker.join().unwrap();
        let texts = taken.iter().filter_map(|event| event.kind.text());
        assert!(texts.eq((0..EVENTS).map(|number| number.to_string())));
    }

    #[test]
    fn a_deadline_ends_the_wait_and_a_dropped_outlet_ends_it_for_good() {
        let (outlet, inlet) = outlet();
        let soon = Instant::now() + Duration::from_millis(5);
        assert_eq!(inlet.recv(Some(soon)).unwrap_err(), Nothing::Yet);
        let waiting = thread::spawn(move || inlet.recv(None).unwrap_err());
        drop(outlet);
        assert_eq!(waiting.join().unwrap(), Nothing::Ever);
    }
}
