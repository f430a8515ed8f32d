//! The command line: what can be said, not what is done about it.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::duration;

/// Keeps AI command-line agents hot and serves them to clients in any language.
#[derive(Debug, Parser)]
#[command(name = "hotplexd", version, about, after_help = EXIT_CODES)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done; 1 failed; 2 wrong usage or configuration; \
3 the guard blocks it.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve agents over WebSocket and REST until told to end.
    Serve(Box<Serve>),
    /// Ask the guard about a command or a prompt. Nothing is run.
    Check(Check),
    /// Write the completions of a shell to stdout.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Write the manual page to stdout.
    Man,
    /// Write the description of the REST interface (OpenAPI 3.1) to stdout.
    Openapi,
}

/// Flags win over the environment, that over the file, and that over the defaults.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Serve {
    /// The configuration file.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The port on 127.0.0.1 [default: 8080]. Also the variable PORT.
    #[arg(long, conflicts_with = "listen")]
    pub(crate) port: Option<u16>,
    /// An address to listen at, or unix:PATH; may be given again.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Vec<String>,
    /// The only tools that agents may use, without asking.
    #[arg(long, value_name = "TOOLS", value_delimiter = ',')]
    pub(crate) allowed_tools: Option<Vec<String>>,
    /// Options of the default engine, as the JSON object that the C interface takes.
    #[arg(long, value_name = "JSON")]
    pub(crate) engine_options: Option<String>,
    /// Where the token is; made at the first start.
    #[arg(long, value_name = "FILE", conflicts_with = "no_token")]
    pub(crate) token_file: Option<PathBuf>,
    /// Serve whoever asks. On loopback only.
    #[arg(long)]
    pub(crate) no_token: bool,
    /// Agents may work below this directory; may be given again
    /// [default: the current directory and that of temporary files].
    #[arg(long = "work-root", value_name = "DIR")]
    pub(crate) work_roots: Vec<PathBuf>,
    /// A further name under which clients reach the daemon; may be given again.
    #[arg(long = "host", value_name = "NAME")]
    pub(crate) hosts: Vec<String>,
    /// A further origin whose pages may use the daemon; may be given again.
    #[arg(long = "origin", value_name = "ORIGIN")]
    pub(crate) origins: Vec<String>,
    /// After how long without a turn an agent's process ends, as 30m. Also IDLE_TIMEOUT.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub(crate) idle_timeout: Option<Duration>,
    /// How long running turns may go on when the daemon is told to end [default: 10s].
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub(crate) grace: Option<Duration>,
    /// What goes to the log, as `info` or `hotplexd=debug` [default: info].
    #[arg(long, value_name = "FILTER")]
    pub(crate) log_level: Option<String>,
    /// How the log is written.
    #[arg(long, value_enum)]
    pub(crate) log_format: Option<LogFormat>,
    /// Write the settings in force as a configuration file to stdout and end.
    #[arg(long)]
    pub(crate) print_config: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    #[default]
    Text,
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The text; without it stdin is read.
    pub(crate) text: Option<String>,
    /// It is a message to a model, not a command of a shell.
    #[arg(long)]
    pub(crate) prompt: bool,
    /// Where it would act [default: here].
    #[arg(short = 'C', long, value_name = "DIR")]
    pub(crate) work_dir: Option<PathBuf>,
    /// Write the verdict as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
