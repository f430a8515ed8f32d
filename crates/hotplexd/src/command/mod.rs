//! The commands beside `serve`.

mod capacity;
mod chat;
mod check;
mod doctor;
mod ended;
mod man;
mod run;
mod say;
mod sessions;
mod show;
mod tail;
mod turn;

use std::future::Future;

use clap::CommandFactory;

use crate::cli::{CliCommand, CommandLine, LogFormat};
use crate::failure::{Failure, failed, usage};
use crate::rest;
use say::say;

/// Does what a command asks for.
///
/// # Errors
/// Why it is not done, with the exit code.
pub(crate) fn run(command: CliCommand) -> Result<(), Failure> {
    match command {
        CliCommand::Check(flags) => check::run(flags),
        CliCommand::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut CommandLine::command(), "hotplexd", &mut text);
            say(&text)
        }
        CliCommand::Man => man::run(),
        CliCommand::Openapi => say(rest::description().as_bytes()),
        CliCommand::Run(flags) => with_log(&flags.turn_args.log_level.clone(), || run::run(*flags)),
        CliCommand::Chat(flags) => {
            with_log(&flags.turn_args.log_level.clone(), || chat::run(*flags))
        }
        CliCommand::Sessions(flags) => in_runtime(sessions::list(flags)),
        CliCommand::Kill(flags) => in_runtime(sessions::kill(flags)),
        CliCommand::Prewarm(flags) => in_runtime(sessions::prewarm(flags)),
        CliCommand::Tail(flags) => in_runtime(tail::run(flags)),
        CliCommand::Capacity(flags) => capacity::run(&flags),
        CliCommand::Doctor(flags) => in_runtime(doctor::run(flags)),
        CliCommand::Serve(flags) => crate::serve::serve(&flags),
    }
}

/// An engine of this process may log; a person who wants an answer is told of errors alone.
fn with_log<F: Future<Output = Result<(), Failure>>>(
    filter: &Option<String>,
    command: impl FnOnce() -> F,
) -> Result<(), Failure> {
    let filter = filter.as_deref().unwrap_or("error");
    crate::logs::start(filter, LogFormat::Text).map_err(usage)?;
    in_runtime(command())
}

fn in_runtime(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| failed(format!("the runtime: {error}")))?;
    let done = runtime.block_on(command);
    // A thread that waits for a line of a terminal is not waited for.
    runtime.shutdown_timeout(std::time::Duration::from_millis(100));
    done
}
