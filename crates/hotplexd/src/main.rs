//! The gateway of hotplex: serves agents over WebSocket and REST to clients in any language, and is
//! a command line for them.
//!
//! # The map
//!
//! | room | owns |
//! |---|---|
//! | `cli`, `command` | the command line, and what each command but `serve` does |
//! | `client` | the command line as a client: of the daemon that runs, or of an engine in this process |
//! | `terminal` | what a person sees: colours, markdown, cards of tools |
//! | `run_file` | where the command line finds the daemon of its user |
//! | `serve` | the daemon: what it is put together from, how it ends |
//! | `config`, `values` | the settings in force: flags, environment, file; how durations, sizes and hosts are written |
//! | `access` | who may do what: tokens, names of the site, work directories, quotas |
//! | `engines` | the engines by name |
//! | `hub` | where turns, sessions and clients meet; the numbered log of each session |
//! | `wire` | what happens, in the words of the wire |
//! | `http`, `ws`, `rest`, `page` | the ways in |
//! | `metrics`, `logs`, `failure`, `refusal`, `blocking`, `byte_stream` | figures, the log, exit codes, why a request is not done, calls that wait, what a connection goes over |
//!
//! To follow one prompt: `ws::connection` reads it, `hub::turns` puts it in line and submits it to
//! its engine, `serve::pump` brings the events back, `hub::happening` records them in the session's
//! log, and the connection's writer takes them from there through `hub::feed` and `wire`.

mod access;
mod blocking;
mod byte_stream;
mod cli;
mod client;
mod command;
mod config;
mod engines;
mod failure;
mod http;
mod hub;
mod logs;
mod metrics;
mod page;
mod refusal;
mod rest;
mod run_file;
mod serve;
mod terminal;
mod values;
mod wire;
mod ws;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use cli::{CliCommand, CommandLine};

fn main() -> ExitCode {
    let done = match CommandLine::parse().command {
        CliCommand::Serve(flags) => serve::serve(&flags),
        other => command::run(other),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.message.is_empty() {
                // It may repeat what a daemon or a stranger said. Where stderr is closed nobody reads.
                let _ = writeln!(
                    std::io::stderr(),
                    "hotplexd: {}",
                    terminal::clean(&failure.message)
                );
            }
            failure.exit_code()
        }
    }
}
