//! Several sessions at once, and one thread that takes the events of all of them as they come.
//!
//! ```text
//! cargo run --example fan_out                      asks `claude` three things at once
//! cargo run --example fan_out -- --provider NAME   asks this agent instead
//! cargo run --example fan_out -- PROGRAM [ARG]     asks this program instead
//! ```

#![allow(clippy::print_stdout, reason = "an example talks to its user")]

use std::error::Error;
use std::time::Duration;

use crossbeam_channel::Select;
use hotplex::{Engine, Event, EventKind, Request, Turn};

mod arguments;

/// Name of the session, and what it is asked.
const QUESTIONS: [(&str, &str); 3] = [
    ("rivers", "Name one river, in one word."),
    ("mountains", "Name one mountain, in one word."),
    ("islands", "Name one island, in one word."),
];

fn main() -> Result<(), Box<dyn Error>> {
    let engine = open()?;
    let work_dir = std::env::current_dir()?;
    let mut turns = Vec::new();
    for (session, question) in QUESTIONS {
        turns.push(engine.execute(Request::new(session, &work_dir, question))?);
    }
    while !turns.is_empty() {
        if let Some(event) = next_event(&mut turns) {
            print(&event);
        }
        turns.retain(|turn| !turn.has_ended());
    }
    engine.close(Duration::from_secs(5))?;
    Ok(())
}

fn open() -> Result<Engine, hotplex::Error> {
    arguments::apply(Engine::builder()).open()
}

/// Waits until any of the turns has an event. `select!` does the same for a fixed number of turns,
/// and both take the host's own channels as well.
fn next_event(turns: &mut [Turn]) -> Option<Event> {
    let mut select = Select::new();
    for turn in turns.iter() {
        select.recv(turn.receiver());
    }
    let ready = select.select();
    let index = ready.index();
    let delivery = ready.recv(turns[index].receiver());
    turns[index].accept(delivery)
}

fn print(event: &Event) {
    let at = event.at.as_millis();
    let session = &event.session;
    match &event.kind {
        EventKind::SessionStart(start) => println!("{at:>6} ms  {session}: pid {:?}", start.pid),
        EventKind::Answer(text) => println!("{at:>6} ms  {session}: {text}"),
        EventKind::TurnEnd(end) => println!("{at:>6} ms  {session}: {}", end.outcome.as_str()),
        _ => {}
    }
}
