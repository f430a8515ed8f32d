//! The events of many turns in one place.
//!
//! Each turn keeps a queue and a window of its own, so that one whose events are not wanted for a
//! while holds up its own agent and nobody else. Queues that have something stand in a list; taking
//! costs the same whether a thousand turns wait beside it or none.

use std::collections::HashMap;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::bell::MakePipe;
use super::source::{Accepted, Queue, Ready, Source};
use super::{Nothing, Outlet, Wake};
use crate::error::Error;
use crate::event::{Event, EventKind, TurnId};

/// How many events of one turn are taken before the next turn comes to its right.
const BURST: usize = 32;

type Turns = HashMap<TurnId, Arc<Source>>;

/// Where turns come in. Any thread.
pub(crate) struct Gathering {
    ready: Arc<Ready>,
    /// The turns whose end was not taken yet.
    turns: Arc<Mutex<Turns>>,
}

/// Where events come out. One thread at a time.
pub(crate) struct Gathered {
    ready: Arc<Ready>,
    listed: Receiver<Arc<Source>>,
    turns: Arc<Mutex<Turns>>,
    current: Option<(Arc<Source>, usize)>,
    /// The io thread has said its last word.
    engine_ended: bool,
}

/// The io thread's end of the queue for what belongs to no turn. When it is dropped nothing more
/// comes from any turn.
pub(crate) struct BackgroundOutlet {
    events: Option<Sender<Event>>,
    source: Arc<Source>,
}

/// A gathering, its two ends, and the queue of what belongs to no turn, which holds so many events.
pub(crate) fn gathering(
    background: usize,
) -> (Gathering, Gathered, BackgroundOutlet, Receiver<Event>) {
    let (ready, listed) = Ready::new();
    let turns = Arc::new(Mutex::new(HashMap::new()));
    let (sender, events) = bounded(background);
    let source = Source::new(Queue::Background(events.clone()), Arc::clone(&ready));
    let outlet = BackgroundOutlet {
        events: Some(sender),
        source,
    };
    let gathered = Gathered {
        ready: Arc::clone(&ready),
        listed,
        turns: Arc::clone(&turns),
        current: None,
        engine_ended: false,
    };
    (Gathering { ready, turns }, gathered, outlet, events)
}

impl Gathering {
    /// Takes a turn in, if it can be sent on its way. The taker does not see whether a turn was
    /// accepted before that is settled.
    pub(crate) fn add(
        &self,
        accepted: Accepted,
        send: impl FnOnce(Outlet) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let (sender, receiver) = unbounded();
        let turn = accepted.turn;
        let queue = Queue::Turn(receiver, accepted);
        let source = Source::new(queue, Arc::clone(&self.ready));
        let outlet = Outlet::new(sender, Wake::Gathering(Arc::clone(&source)));
        let mut turns = lock(&self.turns);
        turns.insert(turn, source);
        send(outlet).inspect_err(|_| {
            turns.remove(&turn);
        })
    }

    /// Holds back what comes of a turn, or lets it through again. False if its end was taken.
    pub(crate) fn pause(&self, turn: TurnId, paused: bool) -> bool {
        let turns = lock(&self.turns);
        let source = turns.get(&turn);
        source.inspect(|source| source.pause(paused)).is_some()
    }

    /// See `Bell::descriptor`.
    pub(crate) fn descriptor(&self, make_pipe: MakePipe) -> io::Result<Option<OwnedFd>> {
        self.ready.bell.descriptor(make_pipe)
    }
}

impl Gathered {
    /// The next event that is at hand.
    pub(crate) fn pop(&mut self) -> Option<Event> {
        loop {
            let (source, left) = match self.current.take() {
                Some(current) => current,
                None => (self.listed.try_recv().ok()?, BURST),
            };
            if let Some(event) = self.visit(source, left) {
                return Some(event);
            }
        }
    }

    fn visit(&mut self, source: Arc<Source>, left: usize) -> Option<Event> {
        if source.is_paused() {
            source.leave_list();
            return None;
        }
        match source.take() {
            Ok(event) => {
                self.note(&event);
                match left {
                    0 => source.list_again(),
                    _ => self.current = Some((source, left - 1)),
                }
                Some(event)
            }
            Err(Nothing::Yet) => {
                source.leave_list();
                None
            }
            Err(Nothing::Ever) => self.note_cut_off(&source),
        }
    }

    fn note(&mut self, event: &Event) {
        if let (EventKind::TurnEnd(_), Some(turn)) = (&event.kind, event.turn) {
            lock(&self.turns).remove(&turn);
        }
    }

    fn note_cut_off(&mut self, source: &Source) -> Option<Event> {
        let Some(accepted) = source.turn() else {
            self.engine_has_ended();
            return None;
        };
        let owed = lock(&self.turns).remove(&accepted.turn);
        owed.map(|_| accepted.end_without_word())
    }

    /// Nobody is held back from its end.
    fn engine_has_ended(&mut self) {
        self.engine_ended = true;
        self.ready.end();
        for source in lock(&self.turns).values() {
            source.announce();
        }
    }

    /// True once nothing more can come.
    pub(crate) fn is_over(&self) -> bool {
        self.engine_ended && lock(&self.turns).is_empty()
    }

    /// Waits until there is something, until nothing can come any more, or until the deadline.
    pub(crate) fn recv(&mut self, deadline: Option<Instant>) -> Result<Event, Nothing> {
        loop {
            if let Some(event) = self.pop() {
                return Ok(event);
            }
            self.ready.bell.ask();
            // What came before the bell was asked rang for nobody.
            if let Some(event) = self.pop() {
                return Ok(event);
            }
            if self.is_over() {
                self.ready.bell.close();
                return Err(Nothing::Ever);
            }
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                return Err(Nothing::Yet);
            }
            self.ready.bell.sleep(deadline);
        }
    }
}

impl Drop for Gathered {
    fn drop(&mut self) {
        self.ready.bell.close();
    }
}

impl BackgroundOutlet {
    /// False if there is no room for it.
    pub(crate) fn send(&self, event: Event) -> bool {
        let events = self.events.as_ref();
        let sent = events.is_some_and(|events| events.try_send(event).is_ok());
        self.source.announce();
        sent
    }
}

impl Drop for BackgroundOutlet {
    fn drop(&mut self) {
        self.events = None;
        self.source.cut_off();
    }
}

/// Nothing is ever half done under this lock.
fn lock(turns: &Mutex<Turns>) -> MutexGuard<'_, Turns> {
    turns.lock().unwrap_or_else(PoisonError::into_inner)
}
