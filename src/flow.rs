//! Back-pressure: how many bytes of events a session has handed out that nobody has taken yet.
//! Layer 0: imports nothing of ours but the event it carries.
//!
//! The io thread debits when it queues an event, the caller's thread credits when it takes one.
//! Taking, not dropping, is what counts: a caller that collects events must not stall its agent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::event::Event;

/// What an event weighs beside its text: about the size of the event itself in the queue.
pub(crate) const EVENT_WEIGHT: u64 = 128;

/// The caller's half of a session's window, shared by all its turns.
pub(crate) struct Window {
    taken: AtomicU64,
    paused: AtomicBool,
    resume_at: AtomicU64,
    opened: Opened,
}

/// Told on a caller's thread that a pause may end; must not block.
type Opened = Arc<dyn Fn() + Send + Sync>;

impl Window {
    fn new(opened: Opened) -> Arc<Window> {
        Arc::new(Window {
            taken: AtomicU64::new(0),
            paused: AtomicBool::new(false),
            resume_at: AtomicU64::new(0),
            opened,
        })
    }

    /// Notes that `weight` bytes were taken, and calls `opened` once if that ends a pause.
    fn credit(&self, weight: u64) {
        let taken = self.taken.fetch_add(weight, Ordering::SeqCst) + weight;
        if self.paused.load(Ordering::SeqCst)
            && taken >= self.resume_at.load(Ordering::SeqCst)
            && self.paused.swap(false, Ordering::SeqCst)
        {
            (self.opened)();
        }
    }
}

/// The io thread's half of a session's window.
pub(crate) struct Outflow {
    window: Arc<Window>,
    queued: u64,
    capacity: u64,
}

impl Outflow {
    /// A window of `capacity` bytes. `opened` is called on a caller's thread when a pause may end;
    /// it must not block.
    pub(crate) fn new(capacity: u64, opened: impl Fn() + Send + Sync + 'static) -> Outflow {
        Outflow {
            window: Window::new(Arc::new(opened)),
            queued: 0,
            capacity,
        }
    }

    /// Wraps an event of the given weight for the caller's queue. A weight of 0 is free.
    pub(crate) fn deliver(&mut self, event: Event, weight: u64) -> Delivery {
        self.queued += weight;
        Delivery {
            event: Some(event),
            weight,
            window: Arc::clone(&self.window),
        }
    }

    /// Bytes handed out and not yet taken.
    pub(crate) fn outstanding(&self) -> u64 {
        self.queued - self.window.taken.load(Ordering::SeqCst)
    }

    /// True if more is handed out than the window holds.
    pub(crate) fn is_full(&self) -> bool {
        self.outstanding() > self.capacity
    }

    /// Leaves what a turn that is over has handed out to whoever holds that turn: it must not keep
    /// the next turn waiting. For a turn that left little behind nothing changes.
    pub(crate) fn write_off(&mut self) {
        if self.outstanding() > self.capacity / 2 {
            self.window = Window::new(Arc::clone(&self.window.opened));
            self.queued = 0;
        }
    }

    /// True if the agent is not to be read for now; `opened` will tell when it may be again.
    ///
    /// The flag is set before the second look at the figure, and a credit looks at the flag after
    /// it moved the figure: one of the two always sees the other.
    pub(crate) fn pause_if_full(&mut self) -> bool {
        if !self.is_full() {
            return false;
        }
        let resume_at = self.queued - self.capacity / 2;
        self.window.resume_at.store(resume_at, Ordering::SeqCst);
        self.window.paused.store(true, Ordering::SeqCst);
        let taken_meanwhile = self.window.taken.load(Ordering::SeqCst) >= resume_at;
        !(taken_meanwhile && self.window.paused.swap(false, Ordering::SeqCst))
    }
}

/// An event on its way to the caller, as a turn's crossbeam receiver gives it.
///
/// Turning it into its [`Event`] (or dropping it) tells the engine that there is room for more.
pub struct Delivery {
    event: Option<Event>,
    weight: u64,
    window: Arc<Window>,
}

impl Delivery {
    /// Takes the event.
    pub fn into_event(mut self) -> Event {
        match self.event.take() {
            Some(event) => event,
            // Only this function, which consumes the delivery, empties it.
            None => unreachable!("a delivery holds its event until it is taken"),
        }
    }
}

impl From<Delivery> for Event {
    fn from(delivery: Delivery) -> Event {
        delivery.into_event()
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        if self.weight > 0 {
            self.window.credit(self.weight);
        }
    }
}

impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Delivery").field(&self.event).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{EventKind, SessionId};
    use std::sync::atomic::AtomicUsize;
    use std::time::Duration;

    fn event() -> Event {
        Event {
            turn: None,
            tag: 0,
            session: SessionId::of_no_session(),
            at: Duration::ZERO,
            kind: EventKind::Answer(String::new()),
        }
    }

    fn counted(capacity: u64) -> (Outflow, Arc<AtomicUsize>) {
        let opened = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&opened);
        let outflow = Outflow::new(capacity, move || {
            count.fetch_add(1, Ordering::SeqCst);
        });
        (outflow, opened)
    }

    #[test]
    fn a_full_window_pauses_and_half_of_it_taken_opens_it_once() {
        let (mut outflow, opened) = counted(100);
        let mut queue: Vec<_> = (0..11).map(|_| outflow.deliver(event(), 10)).collect();
        assert!(outflow.pause_if_full());
        for expected in [0, 0, 0, 0, 0, 1, 1, 1] {
            queue.pop().map(Delivery::into_event);
            assert_eq!(opened.load(Ordering::SeqCst), expected, "{}", queue.len());
        }
        assert!(!outflow.pause_if_full());
    }

    #[test]
    fn what_a_finished_turn_left_behind_does_not_fill_the_next_turns_window() {
        let (mut outflow, opened) = counted(100);
        let left: Vec<_> = (0..11).map(|_| outflow.deliver(event(), 10)).collect();
        assert!(outflow.pause_if_full());
        outflow.write_off();
        assert!(!outflow.pause_if_full());
        let next = outflow.deliver(event(), 60);
        drop(left);
        assert_eq!(outflow.outstanding(), 60);
        drop(next);
        assert!(opened.load(Ordering::SeqCst) <= 1);
    }

    #[test]
    fn terminal_events_weigh_nothing() {
        let (mut outflow, _) = counted(0);
        let _end = outflow.deliver(event(), 0);
        assert!(!outflow.pause_if_full());
    }

    #[test]
    fn events_kept_after_they_were_taken_do_not_fill_the_window() {
        let (mut outflow, _) = counted(100);
        let kept: Vec<Event> = (0..50)
            .map(|_| outflow.deliver(event(), 10).into_event())
            .collect();
        assert_eq!(outflow.outstanding(), 0);
        assert_eq!(kept.len(), 50);
    }
}
