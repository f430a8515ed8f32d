//! One queue among the many that a taker of all events takes from.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, TryRecvError};

use super::notifier::Notifier;
use super::window::Delivery;
use crate::error::ErrorKind;
use crate::event::{Event, EventKind, Outcome, SessionId, TurnEnd, TurnId};

/// Queues that have something, in the order in which they got it, and what wakes their taker.
pub(crate) struct Ready {
    list: Sender<Arc<HubQueue>>,
    pub(super) notifier: Notifier,
    /// The io thread has ended: no agent is held back any more.
    over: AtomicBool,
}

impl Ready {
    pub(super) fn new() -> (Arc<Ready>, Receiver<Arc<HubQueue>>) {
        let (list, listed) = crossbeam_channel::unbounded();
        let ready = Ready {
            list,
            notifier: Notifier::new(),
            over: AtomicBool::new(false),
        };
        (Arc::new(ready), listed)
    }

    pub(super) fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
    }
}

/// Why nothing was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoEvent {
    /// Nothing in time.
    Empty,
    /// The sender is gone, and everything it sent was received.
    Disconnected,
}

/// A turn that was accepted, as far as its end must be reported even if the io thread is gone.
pub(crate) struct TurnReceipt {
    pub(crate) turn: TurnId,
    pub(crate) session: SessionId,
    pub(crate) at: Instant,
    pub(crate) tag: u64,
}

pub(super) enum Queue {
    Turn(Receiver<Delivery>, TurnReceipt),
    Background(Receiver<Event>),
}

/// A queue that stands in the list at most once, and only while it may have something.
pub(crate) struct HubQueue {
    queue: Queue,
    listed: AtomicBool,
    paused: AtomicBool,
    /// The other end is gone.
    disconnected: AtomicBool,
    ready: Arc<Ready>,
}

impl HubQueue {
    pub(super) fn new(queue: Queue, ready: Arc<Ready>) -> Arc<HubQueue> {
        Arc::new(HubQueue {
            queue,
            listed: AtomicBool::new(false),
            paused: AtomicBool::new(false),
            disconnected: AtomicBool::new(false),
            ready,
        })
    }

    /// The io thread has put something in.
    pub(super) fn announce(self: &Arc<HubQueue>) {
        if !self.is_paused() && !self.listed.swap(true, Ordering::SeqCst) {
            self.list_again();
        }
    }

    /// The other end is gone, after the last event.
    pub(super) fn disconnect(self: &Arc<HubQueue>) {
        self.disconnected.store(true, Ordering::SeqCst);
        self.announce();
    }

    /// To the end of the list: the others come first.
    pub(super) fn list_again(self: &Arc<HubQueue>) {
        // A taker that has gone does not want to know.
        let _ = self.ready.list.send(Arc::clone(self));
        self.ready.notifier.notify();
    }

    /// The taker found nothing, or is not to take. What came while it looked puts the queue back
    /// into the list.
    pub(super) fn leave_list(self: &Arc<HubQueue>) {
        self.listed.store(false, Ordering::SeqCst);
        if !self.is_empty() || self.disconnected.load(Ordering::SeqCst) {
            self.announce();
        }
    }

    pub(super) fn pause(self: &Arc<HubQueue>, paused: bool) {
        self.paused.store(paused, Ordering::SeqCst);
        if !paused {
            self.announce();
        }
    }

    pub(super) fn is_paused(&self) -> bool {
        self.paused.load(Ordering::SeqCst) && !self.ready.over.load(Ordering::SeqCst)
    }

    fn is_empty(&self) -> bool {
        match &self.queue {
            Queue::Turn(events, _) => events.is_empty(),
            Queue::Background(events) => events.is_empty(),
        }
    }

    pub(super) fn take(&self) -> Result<Event, NoEvent> {
        let event = match &self.queue {
            Queue::Turn(events, _) => events.try_recv().map(Delivery::into_event),
            Queue::Background(events) => events.try_recv(),
        };
        event.map_err(|error| match error {
            TryRecvError::Empty => NoEvent::Empty,
            TryRecvError::Disconnected => NoEvent::Disconnected,
        })
    }

    /// The turn it belongs to; `None` for what belongs to none.
    pub(super) fn turn(&self) -> Option<&TurnReceipt> {
        match &self.queue {
            Queue::Turn(_, receipt) => Some(receipt),
            Queue::Background(_) => None,
        }
    }
}

impl TurnReceipt {
    /// The net below "exactly one end": the io thread ended while the prompt was on its way.
    pub(crate) fn end_of_lost_turn(&self) -> Event {
        self.end(ErrorKind::Closed, "the engine was closed")
    }

    /// The end of a turn without work.
    pub(crate) fn end(&self, kind: ErrorKind, message: &str) -> Event {
        let end = TurnEnd::without_work(Outcome::Stopped, kind, message);
        Event {
            turn: Some(self.turn),
            tag: self.tag,
            session: self.session.clone(),
            at: self.at.elapsed(),
            kind: EventKind::TurnEnd(Box::new(end)),
        }
    }
}
