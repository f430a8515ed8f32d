//! A session that persists: the second turn goes to the same process, which knows what was said in
//! the first and does not wait for a start.
//!
//! ```text
//! cargo run --example basic                      asks `claude`
//! cargo run --example basic -- --provider NAME   asks this agent instead
//! cargo run --example basic -- PROGRAM [ARG]     asks this program instead
//! ```

#![allow(clippy::print_stdout, reason = "an example talks to its user")]

use std::error::Error;
use std::time::Duration;

use hotplex::{Engine, EventKind, Request};

mod arguments;

fn main() -> Result<(), Box<dyn Error>> {
    let engine = open()?;
    ask(&engine, "My favourite colour is green. Answer with OK.")?;
    ask(&engine, "What is my favourite colour?")?;
    for session in engine.sessions()? {
        println!(
            "{}: {} turns in one process",
            session.session_id, session.turns
        );
    }
    engine.close(Duration::from_secs(5))?;
    Ok(())
}

fn open() -> Result<Engine, hotplex::Error> {
    arguments::apply(Engine::builder().namespace("examples")).open()
}

/// One turn, printed as it comes.
fn ask(engine: &Engine, prompt: &str) -> Result<(), Box<dyn Error>> {
    let work_dir = std::env::current_dir()?;
    for event in engine.execute(Request::new("basic", work_dir, prompt))? {
        match event.kind {
            EventKind::SessionStart(start) if start.resumed => println!("[resumed]"),
            EventKind::SessionStart(_) => println!("[new]"),
            EventKind::Answer(text) => println!("{text}"),
            EventKind::TurnEnd(end) => {
                println!("[{} in {:?}]", end.outcome.as_str(), end.stats.total);
                if let Some(error) = end.error {
                    return Err(error.into());
                }
            }
            _ => {}
        }
    }
    Ok(())
}
