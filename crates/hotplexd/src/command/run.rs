//! `hotplexd run`: one turn.

use std::io::{IsTerminal, Read};

use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};

use super::ended::Ended;
use super::show::{Json, Lines, Plain, Screen, Show};
use super::turn::follow;
use crate::cli::{Run, TurnArgs};
use crate::client::{Backend, Wire, work_dir};
use crate::failure::{Failure, blocked, failed, interrupted, usage};

pub(super) async fn run(flags: Run) -> Result<(), Failure> {
    let prompt = prompt(&flags)?;
    let mut interrupts =
        signal(SignalKind::interrupt()).map_err(|error| failed(error.to_string()))?;
    let backend = Backend::open(&flags.turn_args)?;
    let done = turn(&flags, &prompt, &backend, &mut interrupts).await;
    let closed = backend.close().await;
    done.and(closed)
}

async fn turn(
    flags: &Run,
    prompt: &str,
    backend: &Backend,
    interrupts: &mut tokio::signal::unix::Signal,
) -> Result<(), Failure> {
    let mut wire = backend.wire().await?;
    let session = flags.session.clone();
    let named = session.is_some();
    let session = session.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    let mut request = execute(&mut wire, &flags.turn_args, &session, prompt, named).await?;
    if let Some(limit) = flags.timeout {
        request["timeout_ms"] = json!(limit.as_millis() as u64);
    }
    if flags.deny || !can_ask(flags) {
        request["approvals"] = json!("deny");
    }
    let ended = follow(&mut wire, request, &mut *show(flags), interrupts).await?;
    result(&ended)
}

/// The request for a turn. Where no directory is named a session that is known keeps its own.
///
/// # Errors
/// The directory is none, or the daemon has gone.
pub(super) async fn execute(
    wire: &mut Wire,
    turn_args: &TurnArgs,
    session: &str,
    prompt: &str,
    may_be_known: bool,
) -> Result<Value, Failure> {
    let mut request = json!({"type": "execute", "session_id": session, "prompt": prompt});
    let known = turn_args.work_dir.is_none() && may_be_known && is_known(wire, session).await?;
    if !known {
        let directory = work_dir(turn_args)?;
        let text = directory.to_str();
        let text = text.ok_or_else(|| usage("the directory's name is not UTF-8"))?;
        request["work_dir"] = json!(text);
    }
    if let Some(model) = &turn_args.model {
        request["model"] = json!(model);
    }
    if let Some(engine) = &turn_args.engine {
        request["engine"] = json!(engine);
    }
    Ok(request)
}

async fn is_known(wire: &mut Wire, session: &str) -> Result<bool, Failure> {
    let list = wire.ask(json!({"type": "list"})).await?;
    let sessions = list.data["sessions"].as_array();
    let mut sessions = sessions.into_iter().flatten();
    Ok(sessions.any(|one| one["session_id"] == session))
}

/// The prompt, from the command line and from stdin.
fn prompt(flags: &Run) -> Result<String, Failure> {
    let mut prompt = flags.prompt.clone().unwrap_or_default();
    if flags.stdin {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        read.map_err(|error| failed(format!("stdin: {error}")))?;
        if !prompt.is_empty() {
            prompt.push_str("\n\n");
        }
        prompt.push_str(&text);
    }
    match prompt.trim().is_empty() {
        true => Err(usage("the prompt is empty")),
        false => Ok(prompt),
    }
}

/// A user sees the question and can answer it.
fn can_ask(flags: &Run) -> bool {
    let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    terminal && !flags.json && !flags.stream
}

fn show(flags: &Run) -> Box<dyn Show> {
    match (flags.json, flags.stream) {
        (true, _) => Box::new(Json),
        (_, true) => Box::new(Lines),
        _ if std::io::stdout().is_terminal() => Box::new(Screen::new()),
        _ => Box::new(Plain::new()),
    }
}

fn result(ended: &Ended) -> Result<(), Failure> {
    let message = ended.error["message"].as_str().unwrap_or_default();
    match ended.error["kind"].as_str() {
        Some("blocked") => Err(blocked(message)),
        None if ended.outcome == "completed" => Ok(()),
        _ if ended.interrupted => Err(interrupted()),
        Some(_) => Err(failed(message)),
        None => Err(failed(format!("the turn was {}", ended.outcome))),
    }
}
