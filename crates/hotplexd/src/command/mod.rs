//! The commands beside `serve`.

mod check;

use std::io::Write;

use clap::CommandFactory;

use crate::cli::{Command, CommandLine};
use crate::failure::{Failure, failed};
use crate::rest;

/// Does what a command asks for.
///
/// # Errors
/// Why it is not done, with the exit code.
pub(crate) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Check(flags) => check::run(flags),
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut CommandLine::command(), "hotplexd", &mut text);
            say(&text)
        }
        Command::Man => {
            let mut text = Vec::new();
            let page = clap_mangen::Man::new(CommandLine::command());
            page.render(&mut text)
                .map_err(|error| failed(error.to_string()))?;
            say(&text)
        }
        Command::Openapi => say(rest::description().as_bytes()),
        Command::Serve(flags) => crate::serve::serve(&flags),
    }
}

/// Writes to stdout. A reader that has gone, as `head` does, is no failure.
fn say(text: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(failed(error.to_string()))
        }
        _ => Ok(()),
    }
}
