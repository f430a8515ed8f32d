//! The events of many turns in one place.
//!
//! Each turn keeps a queue and a window of its own, so that one whose events are not wanted for a
//! while holds up its own agent alone. Queues with events are in a list, so receiving
//! costs the same however many turns wait.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::hub_queue::{HubQueue, NoEvent, Queue, Ready, TurnReceipt};
use super::notifier::MakePipe;
use super::turn::{TurnSender, Wake};
use super::window::EVENT_WEIGHT;
use crate::error::Error;
use crate::event::{Event, EventKind, TurnId};

/// How many events of one turn are received in a row while other turns have some.
const BURST: usize = 32;

type Turns = HashMap<TurnId, Arc<HubQueue>>;

/// Where turns come in. Any thread.
pub(crate) struct EventHub {
    ready: Arc<Ready>,
    /// The turns whose end was not taken yet.
    turns: Arc<Mutex<Turns>>,
}

/// Where events come out. One thread at a time.
pub(crate) struct HubReceiver {
    ready: Arc<Ready>,
    listed: Receiver<Arc<HubQueue>>,
    turns: Arc<Mutex<Turns>>,
    current: Option<(Arc<HubQueue>, usize)>,
    /// The io thread has ended.
    engine_ended: bool,
}

/// The io thread's end of the queue for events of no turn. It is dropped when the io thread ends,
/// after the senders of all turns.
pub(crate) struct BackgroundSender {
    events: Option<Sender<Event>>,
    queue: Arc<HubQueue>,
    waiting: RefCell<Waiting>,
}

/// What the events of no turn that wait keep alive. Whoever takes one tells nobody of it, but as many as wait
/// are the last that were sent.
#[derive(Default)]
struct Waiting {
    weights: VecDeque<u64>,
    bytes: u64,
}

/// While so many bytes of events of no turn wait, no more are taken. One agent line makes at most an event of
/// `max_line_bytes`, which has to find room.
const BACKGROUND_BYTES: u64 = 16 * 1024 * 1024;

/// A hub, its receiver, and the queue for events of no turn, which holds `background` events.
pub(crate) fn event_hub(
    background: usize,
) -> (EventHub, HubReceiver, BackgroundSender, Receiver<Event>) {
    let (ready, listed) = Ready::new();
    let turns = Arc::new(Mutex::new(HashMap::new()));
    let (to_events, events) = bounded(background);
    let queue = HubQueue::new(Queue::Background(events.clone()), Arc::clone(&ready));
    let sender = BackgroundSender {
        events: Some(to_events),
        queue,
        waiting: RefCell::default(),
    };
    let hub_receiver = HubReceiver {
        ready: Arc::clone(&ready),
        listed,
        turns: Arc::clone(&turns),
        current: None,
        engine_ended: false,
    };
    (EventHub { ready, turns }, hub_receiver, sender, events)
}

impl EventHub {
    /// Adds a turn if `send` succeeds. The receiver waits for the lock meanwhile, so that it never
    /// sees a turn that was not accepted in the end.
    pub(crate) fn add(
        &self,
        receipt: TurnReceipt,
        send: impl FnOnce(TurnSender) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let (deliveries, receiver) = unbounded();
        let turn = receipt.turn;
        let queue = HubQueue::new(Queue::Turn(receiver, receipt), Arc::clone(&self.ready));
        let sender = TurnSender::new(deliveries, Wake::Hub(Arc::clone(&queue)));
        let mut turns = lock(&self.turns);
        turns.insert(turn, queue);
        send(sender).inspect_err(|_| {
            turns.remove(&turn);
        })
    }

    /// Holds back what comes of a turn, or lets it through again. False if its end was taken.
    pub(crate) fn pause(&self, turn: TurnId, paused: bool) -> bool {
        let turns = lock(&self.turns);
        let queue = turns.get(&turn);
        queue.inspect(|queue| queue.pause(paused)).is_some()
    }

    /// See `Notifier::descriptor`.
    pub(crate) fn descriptor(&self, make_pipe: MakePipe) -> io::Result<Option<OwnedFd>> {
        self.ready.notifier.descriptor(make_pipe)
    }
}

impl HubReceiver {
    /// The next event that is at hand.
    pub(crate) fn pop(&mut self) -> Option<Event> {
        loop {
            let (queue, left) = match self.current.take() {
                Some(current) => current,
                None => (self.listed.try_recv().ok()?, BURST),
            };
            if let Some(event) = self.visit(queue, left) {
                return Some(event);
            }
        }
    }

    fn visit(&mut self, queue: Arc<HubQueue>, left: usize) -> Option<Event> {
        if queue.is_paused() {
            queue.leave_list();
            return None;
        }
        match queue.take() {
            Ok(event) => {
                self.note(&event);
                match left {
                    0 => queue.list_again(),
                    _ => self.current = Some((queue, left - 1)),
                }
                Some(event)
            }
            Err(NoEvent::Empty) => {
                queue.leave_list();
                None
            }
            Err(NoEvent::Disconnected) => self.on_disconnect(&queue),
        }
    }

    fn note(&mut self, event: &Event) {
        if let (EventKind::TurnEnd(_), Some(turn)) = (&event.kind, event.turn) {
            lock(&self.turns).remove(&turn);
        }
    }

    fn on_disconnect(&mut self, queue: &HubQueue) -> Option<Event> {
        let Some(receipt) = queue.turn() else {
            self.engine_has_ended();
            return None;
        };
        let open = lock(&self.turns).remove(&receipt.turn);
        open.map(|_| receipt.end_of_lost_turn())
    }

    /// No agent is held back any more.
    fn engine_has_ended(&mut self) {
        self.engine_ended = true;
        self.ready.end();
        for queue in lock(&self.turns).values() {
            queue.announce();
        }
    }

    /// True once nothing more can come.
    pub(crate) fn is_over(&self) -> bool {
        self.engine_ended && lock(&self.turns).is_empty()
    }

    /// Waits until there is something, until nothing can come any more, or until the deadline.
    pub(crate) fn recv(&mut self, deadline: Option<Instant>) -> Result<Event, NoEvent> {
        loop {
            if let Some(event) = self.pop() {
                return Ok(event);
            }
            self.ready.notifier.arm();
            // An event queued before `arm` notified no thread.
            if let Some(event) = self.pop() {
                return Ok(event);
            }
            if self.is_over() {
                self.ready.notifier.close();
                return Err(NoEvent::Disconnected);
            }
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                return Err(NoEvent::Empty);
            }
            self.ready.notifier.wait(deadline);
        }
    }
}

impl Drop for HubReceiver {
    fn drop(&mut self) {
        self.ready.notifier.close();
    }
}

impl BackgroundSender {
    /// False if there is no room for it.
    pub(crate) fn send(&self, event: Event) -> bool {
        let weight = EVENT_WEIGHT + event.kind.payload_bytes() as u64;
        let events = self.events.as_ref();
        let sent = events.is_some_and(|events| {
            let mut waiting = self.waiting.borrow_mut();
            waiting.forget_taken(events.len());
            let sent = waiting.bytes < BACKGROUND_BYTES && events.try_send(event).is_ok();
            waiting.add(sent.then_some(weight));
            sent
        });
        self.queue.announce();
        sent
    }
}

impl Waiting {
    fn add(&mut self, sent: Option<u64>) {
        self.bytes += sent.unwrap_or_default();
        self.weights.extend(sent);
    }

    fn forget_taken(&mut self, left: usize) {
        while self.weights.len() > left
            && let Some(weight) = self.weights.pop_front()
        {
            self.bytes -= weight;
        }
    }
}

impl Drop for BackgroundSender {
    fn drop(&mut self) {
        self.events = None;
        self.queue.disconnect();
    }
}

/// A panic cannot leave this lock's data inconsistent.
fn lock(turns: &Mutex<Turns>) -> MutexGuard<'_, Turns> {
    turns.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::event::SessionId;

    fn of_mebibytes(count: usize) -> Event {
        Event {
            turn: None,
            tag: 0,
            session: SessionId::of_no_session(),
            at: Duration::ZERO,
            kind: EventKind::Raw("x".repeat(count << 20)),
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "megabytes take Miri minutes")]
    fn events_of_no_turn_find_room_by_their_bytes_and_what_is_taken_makes_some() {
        let (_hub, _receiver, sender, events) = event_hub(4096);
        let mut sent = 0;
        while sender.send(of_mebibytes(5)) {
            sent += 1;
        }
        assert_eq!((sent, events.len()), (4, 4));
        assert!(!sender.send(of_mebibytes(0)), "not a small one either");
        events.try_recv().expect("one is there");
        assert!(sender.send(of_mebibytes(15)), "a large one finds room");
        assert!(!sender.send(of_mebibytes(1)));
        while events.try_recv().is_ok() {}
        assert!((0..4096).all(|_| sender.send(of_mebibytes(0))));
        assert!(!sender.send(of_mebibytes(0)), "as many as it holds");
    }
}
