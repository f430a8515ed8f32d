//! A turn in the caller's hands.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvError};

use super::decide::respond;
use crate::channel::Delivery;
use crate::channel::{NoEvent, TurnReceipt, TurnReceiver};
use crate::error::{Error, ErrorKind};
use crate::event::{Decision, Event, EventKind, Outcome, SessionId, TurnEnd, TurnId};
use crate::process::OwnProcess;
use crate::reactor::command::{Asker, Command, CommandSender};

/// A turn that was accepted: its events, in order, up to exactly one [`EventKind::TurnEnd`].
///
/// Iterate it, or take events one by one; any thread may hold it. Events wait as long as they must:
/// when a session's events are not taken, its agent is paused and no other session notices.
/// Dropping a turn that has not ended cancels it. In a child of `fork` a turn of its parent ends at
/// once as stopped, and nothing that is done with it there reaches the parent.
#[must_use = "dropping a turn cancels it"]
pub struct Turn {
    receipt: TurnReceipt,
    events: OwnProcess<TurnReceiver>,
    commands: OwnProcess<CommandSender>,
    ended: bool,
    /// What a child of `fork` gets in place of the channel: one that is over already.
    forked: OnceLock<Receiver<Delivery>>,
}

impl Turn {
    pub(crate) fn new(receipt: TurnReceipt, events: TurnReceiver, commands: CommandSender) -> Turn {
        Turn {
            receipt,
            events: OwnProcess::new(events),
            commands: OwnProcess::new(commands),
            ended: false,
            forked: OnceLock::new(),
        }
    }

    /// The turn's number, unique within the engine.
    pub fn id(&self) -> TurnId {
        self.receipt.turn
    }

    /// The session it belongs to.
    pub fn session_id(&self) -> &SessionId {
        &self.receipt.session
    }

    /// True once the end of the turn was taken: nothing more comes.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Waits for the next event; `None` once the end was taken.
    pub fn recv(&mut self) -> Option<Event> {
        self.next_event(|events| events.recv(None))
    }

    /// The next event if there is one now; `None` if there is none, or the end was taken (see
    /// [`Turn::has_ended`]).
    pub fn try_recv(&mut self) -> Option<Event> {
        self.next_event(TurnReceiver::try_recv)
    }

    /// Waits for the next event, but not longer than this; `None` if there was none, or the end
    /// was taken (see [`Turn::has_ended`]).
    pub fn recv_timeout(&mut self, timeout: Duration) -> Option<Event> {
        // A time that no clock can tell is no limit.
        let deadline = Instant::now().checked_add(timeout);
        self.next_event(|events| events.recv(deadline))
    }

    fn next_event(
        &mut self,
        take: impl FnOnce(&TurnReceiver) -> Result<Delivery, NoEvent>,
    ) -> Option<Event> {
        if self.ended {
            return None;
        }
        if !self.events.is_own() {
            self.ended = true;
            self.forked = OnceLock::from(crossbeam_channel::never());
            let forked = Error::forked();
            return Some(self.receipt.end(forked.kind(), forked.message()));
        }
        match take(&self.events) {
            Ok(delivery) => Some(self.take(delivery)),
            Err(NoEvent::Empty) => None,
            Err(NoEvent::Disconnected) => Some(self.end_of_lost_turn()),
        }
    }

    /// The crossbeam channel behind the turn, for `select!`. Hand what it yields to
    /// [`Turn::accept`]. Once the end was taken it never yields anything again, so a turn may stay
    /// in a `select!` loop after its end.
    pub fn receiver(&self) -> &Receiver<Delivery> {
        match self.events.is_own() {
            true => self.events.receiver(),
            false => self.forked.get_or_init(|| crossbeam_channel::bounded(0).1),
        }
    }

    /// Takes what came through [`Turn::receiver`]; `None` if the end was taken already.
    pub fn accept(&mut self, received: Result<Delivery, RecvError>) -> Option<Event> {
        self.next_event(|_| received.map_err(|_| NoEvent::Disconnected))
    }

    /// Asks the agent to let go of the turn. Returns at once; the turn ends as cancelled within
    /// about a second, or as something else if it was over already. The session goes on.
    pub fn cancel(&self) {
        if self.commands.is_own() {
            // A loop that has ended has ended its turns.
            let _ = self.commands.send(Command::Cancel(self.id(), None));
        }
    }

    /// Answers a permission request of this turn.
    ///
    /// # Errors
    /// `NotFound` if no such request is pending (answered, withdrawn or timed out), `Closed` if
    /// the engine has ended.
    pub fn respond(&self, request_id: &str, decision: Decision) -> Result<(), Error> {
        if !self.commands.is_own() {
            return Err(Error::forked());
        }
        respond(&self.commands, Asker::Turn(self.id()), request_id, decision)
    }

    /// Takes all that is left and returns the end.
    pub fn wait(mut self) -> TurnEnd {
        while let Some(event) = self.recv() {
            if let EventKind::TurnEnd(end) = event.kind {
                return *end;
            }
        }
        TurnEnd::without_work(
            Outcome::Failed,
            ErrorKind::Internal,
            "the end of the turn was taken already",
        )
    }

    /// Takes all that is left and returns the answer's text.
    ///
    /// # Errors
    /// The turn's own error unless it completed.
    pub fn answer(mut self) -> Result<String, Error> {
        let mut answer = String::new();
        while let Some(event) = self.recv() {
            match event.kind {
                EventKind::Answer(text) => answer.push_str(&text),
                EventKind::TurnEnd(end) => return end.error.map_or(Ok(answer), Err),
                _ => {}
            }
        }
        Ok(answer)
    }

    fn take(&mut self, delivery: Delivery) -> Event {
        let event = delivery.into_event();
        if matches!(event.kind, EventKind::TurnEnd(_)) {
            self.end();
        }
        event
    }

    fn end(&mut self) {
        self.ended = true;
        self.events.silence();
    }

    /// The net below "exactly one end": the io thread ended while the prompt was on its way.
    fn end_of_lost_turn(&mut self) -> Event {
        self.end();
        self.receipt.end_of_lost_turn()
    }
}

impl std::fmt::Debug for Turn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut turn = f.debug_struct("Turn");
        turn.field("id", &self.receipt.turn)
            .field("session", &self.receipt.session)
            .finish_non_exhaustive()
    }
}

impl Iterator for Turn {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        self.recv()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.ended {
            self.cancel();
        }
    }
}
