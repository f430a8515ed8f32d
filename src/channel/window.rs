//! Back-pressure: how many bytes of a session's events are queued for its caller.
//!
//! The io thread charges the window when it queues an event; the caller's thread gives the credit
//! back when it takes the event out. A caller that keeps the events it took does not stall its agent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::event::Event;

/// What an event costs besides its text, in bytes: about its own size in the queue.
pub(crate) const EVENT_WEIGHT: u64 = 128;

/// The caller's half of a session's window, shared by all its turns.
pub(crate) struct Credit {
    taken: AtomicU64,
    paused: AtomicBool,
    resume_at: AtomicU64,
    on_open: Opened,
}

/// Called on a caller's thread when a pause may end; must not block.
type Opened = Arc<dyn Fn() + Send + Sync>;

impl Credit {
    fn new(on_open: Opened) -> Arc<Credit> {
        Arc::new(Credit {
            taken: AtomicU64::new(0),
            paused: AtomicBool::new(false),
            resume_at: AtomicU64::new(0),
            on_open,
        })
    }

    /// Notes that `weight` bytes were taken, and calls `on_open` once if that ends a pause.
    fn add(&self, weight: u64) {
        let taken = self.taken.fetch_add(weight, Ordering::SeqCst) + weight;
        if self.paused.load(Ordering::SeqCst)
            && taken >= self.resume_at.load(Ordering::SeqCst)
            && self.paused.swap(false, Ordering::SeqCst)
        {
            (self.on_open)();
        }
    }
}

/// The io thread's half of a session's window.
pub(crate) struct Window {
    credit: Arc<Credit>,
    queued: u64,
    capacity: u64,
}

impl Window {
    /// A window of `capacity` bytes. `on_open` is called on a caller's thread when a pause may end;
    /// it must not block.
    pub(crate) fn new(capacity: u64, on_open: impl Fn() + Send + Sync + 'static) -> Window {
        Window {
            credit: Credit::new(Arc::new(on_open)),
            queued: 0,
            capacity,
        }
    }

    /// Wraps an event of the given weight for the caller's queue. A weight of 0 is free.
    pub(crate) fn charge(&mut self, event: Event, weight: u64) -> Delivery {
        self.queued += weight;
        Delivery(Box::new(Charged {
            event: Some(event),
            weight,
            credit: Arc::clone(&self.credit),
        }))
    }

    /// Bytes handed out and not yet taken.
    pub(crate) fn outstanding(&self) -> u64 {
        self.queued - self.credit.taken.load(Ordering::SeqCst)
    }

    /// True if more is handed out than the window holds.
    pub(crate) fn is_full(&self) -> bool {
        self.outstanding() > self.capacity
    }

    /// Stops counting what a finished turn left in its queue, so that a caller who never takes it does
    /// not block the next turn. Changes nothing if less than half of the window is in use.
    pub(crate) fn detach_backlog(&mut self) {
        if self.outstanding() > self.capacity / 2 {
            self.credit = Credit::new(Arc::clone(&self.credit.on_open));
            self.queued = 0;
        }
    }

    /// True if the agent is not to be read for now; `on_open` will tell when it may be again.
    ///
    /// `paused` is set before `taken` is read again, and [`Credit::add`] reads `paused` after it
    /// changed `taken`: one of the two always sees the other.
    pub(crate) fn pause_if_full(&mut self) -> bool {
        if !self.is_full() {
            return false;
        }
        let resume_at = self.queued - self.capacity / 2;
        self.credit.resume_at.store(resume_at, Ordering::SeqCst);
        self.credit.paused.store(true, Ordering::SeqCst);
        let taken_meanwhile = self.credit.taken.load(Ordering::SeqCst) >= resume_at;
        !(taken_meanwhile && self.credit.paused.swap(false, Ordering::SeqCst))
    }
}

/// An event on its way to the caller, as a turn's crossbeam receiver gives it.
///
/// Turning it into its [`Event`] (or dropping it) tells the engine that there is room for more.
///
/// A pointer, because a channel makes room for 31 of them with its first.
pub struct Delivery(Box<Charged>);

struct Charged {
    event: Option<Event>,
    weight: u64,
    credit: Arc<Credit>,
}

impl Delivery {
    /// Takes the event.
    pub fn into_event(mut self) -> Event {
        match self.0.event.take() {
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
        if self.0.weight > 0 {
            self.0.credit.add(self.0.weight);
        }
    }
}

impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Delivery").field(&self.0.event).finish()
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

    fn counted(capacity: u64) -> (Window, Arc<AtomicUsize>) {
        let on_open = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&on_open);
        let window = Window::new(capacity, move || {
            count.fetch_add(1, Ordering::SeqCst);
        });
        (window, on_open)
    }

    #[test]
    fn a_full_window_pauses_and_half_of_it_taken_opens_it_once() {
        let (mut window, on_open) = counted(100);
        let mut queue: Vec<_> = (0..11).map(|_| window.charge(event(), 10)).collect();
        assert!(window.pause_if_full());
        for expected in [0, 0, 0, 0, 0, 1, 1, 1] {
            queue.pop().map(Delivery::into_event);
            assert_eq!(on_open.load(Ordering::SeqCst), expected, "{}", queue.len());
        }
        assert!(!window.pause_if_full());
    }

    #[test]
    fn what_a_finished_turn_left_behind_does_not_fill_the_next_turns_window() {
        let (mut window, on_open) = counted(100);
        let left: Vec<_> = (0..11).map(|_| window.charge(event(), 10)).collect();
        assert!(window.pause_if_full());
        window.detach_backlog();
        assert!(!window.pause_if_full());
        let next = window.charge(event(), 60);
        drop(left);
        assert_eq!(window.outstanding(), 60);
        drop(next);
        assert!(on_open.load(Ordering::SeqCst) <= 1);
    }

    #[test]
    fn terminal_events_weigh_nothing() {
        let (mut window, _) = counted(0);
        let _end = window.charge(event(), 0);
        assert!(!window.pause_if_full());
    }

    #[test]
    fn events_kept_after_they_were_taken_do_not_fill_the_window() {
        let (mut window, _) = counted(100);
        let kept: Vec<Event> = (0..50)
            .map(|_| window.charge(event(), 10).into_event())
            .collect();
        assert_eq!(window.outstanding(), 0);
        assert_eq!(kept.len(), 50);
    }
}
