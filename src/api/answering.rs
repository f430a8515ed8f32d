//! Calls on turns by number and on sessions by name: answers to permission requests, and cancel.

use super::decide::respond;
use super::engine::Engine;
use crate::error::{Error, ErrorKind};
use crate::event::{Decision, SessionId, TurnId};
use crate::reactor::command::{Asker, Command};

impl Engine {
    /// Answers a permission request of a turn by its number.
    ///
    /// # Errors
    /// As [`crate::Turn::respond`].
    pub fn respond(&self, turn: TurnId, request_id: &str, decision: Decision) -> Result<(), Error> {
        respond(
            &self.own()?.commands,
            Asker::Turn(turn),
            request_id,
            decision,
        )
    }

    /// Answers a permission request by its session: the way to answer one that belongs to no turn,
    /// which comes as an event of no turn. Agents ask so for what they do in the background.
    ///
    /// # Errors
    /// `InvalidArgument` for a bad session id, `NotFound` if no such request is open in the session
    /// (answered, withdrawn or timed out), `Closed` after [`Engine::close`].
    pub fn respond_in_session(
        &self,
        session_id: &str,
        request_id: &str,
        decision: Decision,
    ) -> Result<(), Error> {
        let asker = Asker::Session(SessionId::new(session_id)?);
        respond(&self.own()?.commands, asker, request_id, decision)
    }

    /// Cancels a turn by its number, as [`crate::Turn::cancel`] does.
    ///
    /// # Errors
    /// `NotFound` if the turn is over or never was, `Closed` after [`Engine::close`].
    pub fn cancel(&self, turn: TurnId) -> Result<(), Error> {
        let found = self
            .own()?
            .commands
            .ask(|answer| Command::Cancel(turn, Some(answer)))?;
        let missing = || {
            Error::new(
                ErrorKind::NotFound,
                format!("no turn {} is under way", turn.get()),
            )
        };
        if found { Ok(()) } else { Err(missing()) }
    }
}
