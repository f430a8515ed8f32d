//! An answer to a permission request, on its way to the io thread.

use crate::error::{Error, ErrorKind};
use crate::event::Decision;
use crate::reactor::command::{Asker, Command, CommandSender};

pub(super) fn respond(
    commands: &CommandSender,
    asker: Asker,
    request_id: &str,
    decision: Decision,
) -> Result<(), Error> {
    let place = match &asker {
        Asker::Turn(turn) => format!("turn {}", turn.get()),
        Asker::Session(session) => format!("session {session}"),
    };
    let found = commands.ask(|answer| Command::Decide {
        asker,
        request_id: request_id.to_owned(),
        decision,
        answer,
    })?;
    if found {
        return Ok(());
    }
    let message = format!("no permission request {request_id} is pending in {place}");
    Err(Error::new(ErrorKind::NotFound, message))
}
