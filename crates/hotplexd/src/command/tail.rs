//! `hotplexd tail`: what happens in a session.

use std::io::IsTerminal;

use serde_json::json;

use super::say;
use super::show::{Lines, Screen, Show};
use crate::cli::Tail;
use crate::client::{Frame, Source, Target};
use crate::failure::{Failure, failed};
use crate::terminal::{Style, clean};

pub(super) async fn run(flags: Tail) -> Result<(), Failure> {
    let source = Source::Daemon(Target::need(&flags.reach)?);
    let mut wire = source.wire().await?;
    let session = &flags.session;
    let list = wire.ask(json!({"type": "list"})).await?;
    let known = list.data["sessions"].as_array().into_iter().flatten();
    if !known.into_iter().any(|one| one["session_id"] == **session) {
        return Err(failed(format!("there is no session {session}")));
    }
    let after = flags.after.unwrap_or(0);
    let place = wire.ask(json!({"type": "subscribe", "session_id": session, "after": after}));
    let last = place.await?.data["last"].as_u64().unwrap_or(0);
    let mut show: Box<dyn Show> = match flags.json || !std::io::stdout().is_terminal() {
        true => Box::new(Lines),
        false => Box::new(Told(Screen::new())),
    };
    if flags.no_follow && last <= after {
        return Ok(());
    }
    loop {
        let frame = wire.next().await?;
        show.frame(&frame)?;
        if flags.no_follow && frame.seq.is_some_and(|seq| seq >= last) {
            return Ok(());
        }
    }
}

/// For a person: the turns of all clients, prompts too.
struct Told(Screen);

impl Show for Told {
    fn frame(&mut self, frame: &Frame) -> Result<(), Failure> {
        let style = Style::of(&std::io::stdout());
        let line = match frame.event.as_str() {
            "prompt" => style.bold(&format!("> {}\n", clean(frame.text_of("text")))),
            "turn_end" => style.dim(&format!("{}\n", clean(frame.text_of("outcome")))),
            "gap" => style.yellow("! some events are not held any more\n"),
            "approval_request" => {
                return say(crate::terminal::cards::question(&frame.data, style).as_bytes());
            }
            _ => return self.0.frame(frame),
        };
        say(line.as_bytes())
    }
}
