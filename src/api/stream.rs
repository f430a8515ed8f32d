//! The events of all turns of an engine in one place, for callers with one loop of their own.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use super::engine::Engine;
use super::request::Request;
use crate::channel::HubReceiver;
use crate::error::{Error, ErrorKind};
use crate::event::{Event, TurnId};
use crate::process::{self, OwnProcess};
use crate::reactor::command::Command;

impl Engine {
    /// The engine's one stream of events: those of the turns begun with [`Engine::submit`], and
    /// what belongs to no turn (instead of [`Engine::background_events`]).
    ///
    /// # Errors
    /// `Busy` if it was handed out already.
    pub fn event_stream(&self) -> Result<EventStream, Error> {
        let hub_receiver = self.own()?.hub_receiver.lock().take();
        let hub_receiver = hub_receiver.ok_or_else(|| {
            let message = "the engine's event stream is in other hands";
            Error::new(ErrorKind::Busy, message)
        })?;
        Ok(EventStream {
            hub_receiver: OwnProcess::new(hub_receiver),
        })
    }

    /// Sends a prompt as [`Engine::execute`] does; its events come out of the engine's
    /// [`EventStream`]. The stream may give the first of them before this returns. Nobody cancels
    /// the turn but [`Engine::cancel`].
    ///
    /// # Errors
    /// As [`Engine::execute`].
    pub fn submit(&self, request: Request) -> Result<TurnId, Error> {
        let inner = self.own()?;
        let prompt = inner.accept(request)?;
        let receipt = prompt.receipt();
        let turn = receipt.turn;
        inner.event_hub.add(receipt, |events| {
            let command = Command::Prompt(Box::new(prompt), events);
            inner.commands.send(command)
        })?;
        Ok(turn)
    }

    /// Holds back the events of a submitted turn from now on, its end too. When the session's
    /// window is full its agent is not read any more; no other turn notices. What is held back
    /// comes after [`Engine::resume_turn`], or when the engine has ended. The turn's time limit
    /// goes on, so that one that is forgotten ends.
    ///
    /// # Errors
    /// `NotFound` if no such turn was submitted, or its end was taken.
    pub fn pause_turn(&self, turn: TurnId) -> Result<(), Error> {
        self.hold(turn, true)
    }

    /// Ends a pause.
    ///
    /// # Errors
    /// As [`Engine::pause_turn`].
    pub fn resume_turn(&self, turn: TurnId) -> Result<(), Error> {
        self.hold(turn, false)
    }

    /// A descriptor for a poll loop of the caller's own: the read end of a pipe, non-blocking and
    /// close-on-exec. It is readable when the event stream has something, until a call of the
    /// stream found nothing; reading bytes from it is allowed and changes nothing. Its end of file
    /// means that the stream is over or gone.
    ///
    /// # Errors
    /// `Closed` if the stream is over or gone, `Internal` if the process has no descriptors left.
    pub fn event_descriptor(&self) -> Result<OwnedFd, Error> {
        let descriptor = self
            .own()?
            .event_hub
            .descriptor(process::event_pipe)
            .map_err(|error| {
                let message = format!("the descriptor cannot be made: {error}");
                Error::new(ErrorKind::Internal, message).because(error)
            })?;
        descriptor.ok_or_else(|| Error::new(ErrorKind::Closed, "the event stream is over"))
    }

    fn hold(&self, turn: TurnId, paused: bool) -> Result<(), Error> {
        if self.own()?.event_hub.pause(turn, paused) {
            return Ok(());
        }
        let message = format!("no turn {} is in the event stream", turn.get());
        Err(Error::new(ErrorKind::NotFound, message))
    }
}

/// The events of many turns, each turn's in order, the turns taking turns: one that floods does not
/// keep the others waiting.
///
/// Taking an event gives its session room for more, as with a turn's own iterator.
pub struct EventStream {
    hub_receiver: OwnProcess<HubReceiver>,
}

impl EventStream {
    /// Waits for the next event; `None` once the engine has ended and every turn's end was taken.
    pub fn recv(&mut self) -> Option<Event> {
        self.own()?.recv(None).ok()
    }

    /// The next event if there is one now; `None` if there is none, or none will come (see
    /// [`EventStream::is_over`]).
    pub fn try_recv(&mut self) -> Option<Event> {
        self.recv_timeout(Duration::ZERO)
    }

    /// Waits for the next event, but not longer than this; `None` if there was none, or none will
    /// come (see [`EventStream::is_over`]).
    pub fn recv_timeout(&mut self, timeout: Duration) -> Option<Event> {
        // A time that no clock can tell is no limit.
        let deadline = Instant::now().checked_add(timeout);
        self.own()?.recv(deadline).ok()
    }

    /// The next event that is at hand, without any arrangement for the descriptor to tell of later
    /// ones: cheaper than [`EventStream::try_recv`] after an event, and to be followed by a call
    /// of one of the others once there is none.
    pub fn pop(&mut self) -> Option<Event> {
        self.own()?.pop()
    }

    /// True once nothing more can come: the engine has ended, and every turn's end was taken, or this
    /// is a child of the process that opened it.
    pub fn is_over(&self) -> bool {
        !self.hub_receiver.is_own() || self.hub_receiver.is_over()
    }

    fn own(&mut self) -> Option<&mut HubReceiver> {
        self.hub_receiver.is_own().then_some(&mut self.hub_receiver)
    }
}

impl Iterator for EventStream {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        self.recv()
    }
}

impl std::fmt::Debug for EventStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventStream").finish_non_exhaustive()
    }
}
