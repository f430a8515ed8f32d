//! A conversation that outlives its process and its host: stopped, taken up again, and taken up by a
//! second engine as after a restart. Tools are asked about, and what the guard stops is told.
//!
//! ```text
//! cargo run --example full                      asks `claude`
//! cargo run --example full -- --provider NAME   asks this agent instead
//! cargo run --example full -- PROGRAM [ARG]     asks this program instead
//! ```

#![allow(clippy::print_stdout, reason = "an example talks to its user")]

use std::error::Error;
use std::time::Duration;

use hotplex::{Decision, Engine, EventKind, PermissionRequest, Request, Turn, TurnEnd};

mod arguments;

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let engine = open()?;
    ask(&engine, "Remember the number 42. Answer with OK.")?;

    println!("-- the session is stopped: its process ends, its conversation is kept");
    engine.stop_session("full", "the example says so")?;
    ask(&engine, "Which number do you remember?")?;
    engine.close(Duration::from_secs(5))?;

    println!("-- another host takes it up");
    let engine = open()?;
    ask(&engine, "And once more: which number?")?;
    engine.stop_session("full", "done")?;
    engine.close(Duration::from_secs(5))?;
    Ok(())
}

fn open() -> Result<Engine, hotplex::Error> {
    let options = Engine::builder()
        .namespace("examples")
        .base_system_prompt("Be brief.")
        .disallowed_tools(["WebFetch", "WebSearch"])
        .approval_timeout(Duration::from_secs(30));
    arguments::apply(options).open()
}

fn ask(engine: &Engine, prompt: &str) -> Outcome {
    let request = Request::new("full", std::env::current_dir()?, prompt);
    let mut turn = engine.execute(request.turn_timeout(Duration::from_secs(120)))?;
    while let Some(event) = turn.recv() {
        match event.kind {
            EventKind::SessionStart(start) if start.resumed => println!("[resumed]"),
            EventKind::SessionStart(_) => println!("[new]"),
            EventKind::Answer(text) => println!("{text}"),
            EventKind::ToolUse(tool) => println!("[tool] {} {}", tool.name, tool.summary),
            EventKind::PermissionRequest(question) => decide(&turn, &question)?,
            EventKind::DangerBlock(block) => println!("[blocked] {}", block.verdict.reason),
            EventKind::Notice(notice) => println!("[{}] {}", notice.code, notice.text),
            EventKind::TurnEnd(end) => report(*end)?,
            _ => {}
        }
    }
    Ok(())
}

/// Reading is allowed, all else is not: nobody sits at this program.
fn decide(turn: &Turn, question: &PermissionRequest) -> Result<(), hotplex::Error> {
    let decision = match question.tool.name.as_str() {
        "Read" | "Grep" | "Glob" => Decision::allow(),
        name => Decision::deny(format!("{name} is not for this example")),
    };
    turn.respond(&question.request_id, decision)
}

fn report(end: TurnEnd) -> Outcome {
    let stats = &end.stats;
    println!(
        "[{} in {:?}, {} tokens out, {:.4} dollars]",
        end.outcome.as_str(),
        stats.total,
        stats.usage.output_tokens,
        stats.cost_usd
    );
    end.error.map_or(Ok(()), |error| Err(error.into()))
}
