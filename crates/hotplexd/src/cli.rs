//! The command line: what can be said, not what is done about it.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::values::names::{host, origin};
use crate::values::{duration, size};

/// Keeps AI command-line agents hot and serves them to clients in any language.
#[derive(Debug, Parser)]
#[command(name = "hotplexd", version, about, after_help = EXIT_CODES)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: CliCommand,
}

const EXIT_CODES: &str = "Exit codes: 0 done; 1 failed; 2 wrong usage or configuration; \
3 the guard blocks it; 4 no daemon answers; 130 interrupted by Ctrl-C.";

#[derive(Debug, Subcommand)]
pub(crate) enum CliCommand {
    /// Serve agents over WebSocket and REST until told to end.
    Serve(Box<Serve>),
    /// Run one turn and write its answer to stdout; with a daemon if one runs.
    Run(Box<Run>),
    /// Talk with an agent; with a daemon if one runs.
    Chat(Box<Chat>),
    /// List the sessions of the daemon.
    Sessions(Sessions),
    /// End the processes of sessions. Their conversations are kept.
    Kill(Kill),
    /// Start agents for sessions to come in a directory.
    Prewarm(Prewarm),
    /// Show what happens in a session, first what the daemon holds of it.
    Tail(Tail),
    /// Look at this machine: agents, kernel, limits, what earlier runs left. Each line says what to do.
    Doctor(Doctor),
    /// How many agents fit into so much memory, and how many turns find theirs there.
    Capacity(Capacity),
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
    #[arg(long = "host", value_name = "NAME", value_parser = host)]
    pub(crate) hosts: Vec<String>,
    /// A further origin whose pages may use the daemon; may be given again.
    #[arg(long = "origin", value_name = "ORIGIN", value_parser = origin)]
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

/// How a running daemon is found.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Endpoint {
    /// The daemon, as http://HOST:PORT, https://HOST or unix:PATH [default: the one of this user that
    /// started last]. Also the variable HOTPLEXD_URL.
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Where its token is [default: as the daemon says]. Also HOTPLEXD_TOKEN_FILE.
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Certificates (PEM) that vouch for an HTTPS daemon [default: those of the system]. Also
    /// SSL_CERT_FILE.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
}

/// Where a turn runs, and with what.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct TurnArgs {
    #[command(flatten)]
    pub(crate) reach: Endpoint,
    /// Where the agent works [default: the session's directory, else the current one].
    #[arg(short = 'C', long, value_name = "DIR")]
    pub(crate) work_dir: Option<PathBuf>,
    /// Name of an engine of the configuration.
    #[arg(long, value_name = "NAME")]
    pub(crate) engine: Option<String>,
    /// The model, by the agent's name for it.
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
    /// Use an engine of this process, even if a daemon runs.
    #[arg(long, conflicts_with_all = ["url", "token_file"])]
    pub(crate) embedded: bool,
    /// The configuration file; of an engine of this process.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["url", "token_file"])]
    pub(crate) config: Option<PathBuf>,
    /// The only tools that the agent may use; of an engine of this process.
    #[arg(long, value_name = "TOOLS", value_delimiter = ',', conflicts_with_all = ["url", "token_file"])]
    pub(crate) allowed_tools: Option<Vec<String>>,
    /// Options as the JSON object that the C interface takes; of an engine of this process.
    #[arg(long, value_name = "JSON", conflicts_with_all = ["url", "token_file"])]
    pub(crate) engine_options: Option<String>,
    /// What goes to the log on stderr [default: error].
    #[arg(long, value_name = "FILTER")]
    pub(crate) log_level: Option<String>,
}

impl TurnArgs {
    /// True if what is asked for cannot be had from a daemon.
    pub(crate) fn is_embedded(&self) -> bool {
        self.embedded
            || self.config.is_some()
            || self.allowed_tools.is_some()
            || self.engine_options.is_some()
    }
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// What the agent is told.
    #[arg(required_unless_present = "stdin")]
    pub(crate) prompt: Option<String>,
    /// Read stdin too; it follows the prompt.
    #[arg(long)]
    pub(crate) stdin: bool,
    /// The conversation to go on with, by name [default: a new one].
    #[arg(short = 's', long, value_name = "NAME")]
    pub(crate) session: Option<String>,
    /// Write one JSON object when the turn is over: session_id, outcome, answer, error, stats.
    #[arg(long, conflicts_with = "stream")]
    pub(crate) json: bool,
    /// Write each event as a line of JSON when it happens.
    #[arg(long)]
    pub(crate) stream: bool,
    /// How long the agent may work, as 10m.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub(crate) timeout: Option<Duration>,
    /// Deny what the agent asks for instead of asking. So it is where no terminal is.
    #[arg(long)]
    pub(crate) deny: bool,
    #[command(flatten)]
    pub(crate) turn_args: TurnArgs,
}

#[derive(Debug, Args)]
pub(crate) struct Chat {
    /// The conversation to go on with, by name [default: a new one].
    #[arg(short = 's', long, value_name = "NAME")]
    pub(crate) session: Option<String>,
    #[command(flatten)]
    pub(crate) turn_args: TurnArgs,
}

#[derive(Debug, Args)]
pub(crate) struct Sessions {
    /// Write the list as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) reach: Endpoint,
}

#[derive(Debug, Args)]
pub(crate) struct Kill {
    /// Names of sessions.
    #[arg(
        required_unless_present = "all",
        conflicts_with = "all",
        value_name = "SESSION"
    )]
    pub(crate) sessions: Vec<String>,
    /// All of them.
    #[arg(long)]
    pub(crate) all: bool,
    /// Goes into the end of their turns.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) reach: Endpoint,
}

#[derive(Debug, Args)]
pub(crate) struct Prewarm {
    /// How many.
    #[arg(short = 'n', long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) count: u32,
    /// Where they work [default: the current directory].
    #[arg(short = 'C', long, value_name = "DIR")]
    pub(crate) work_dir: Option<PathBuf>,
    /// Name of an engine of the configuration.
    #[arg(long, value_name = "NAME")]
    pub(crate) engine: Option<String>,
    /// The model, by the agent's name for it.
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
    #[command(flatten)]
    pub(crate) reach: Endpoint,
}

#[derive(Debug, Args)]
pub(crate) struct Tail {
    /// Name of the session.
    pub(crate) session: String,
    /// Only what comes after the event of this number.
    #[arg(long, value_name = "SEQ")]
    pub(crate) after: Option<u64>,
    /// Show what is held and end.
    #[arg(long)]
    pub(crate) no_follow: bool,
    /// Each event as a line of JSON. So it is where no terminal is.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) reach: Endpoint,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Do not start an agent to see whether it answers.
    #[arg(long)]
    pub(crate) no_start: bool,
    /// Write the findings as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// The configuration file whose engines are looked at.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Options of the engine, as the JSON object that the C interface takes.
    #[arg(long, value_name = "JSON")]
    pub(crate) engine_options: Option<String>,
    #[command(flatten)]
    pub(crate) reach: Endpoint,
}

/// The load is made up of sessions that are all alike, or was recorded.
#[derive(Debug, Args)]
pub(crate) struct Capacity {
    /// Memory of the machine or the container, as 8G or 512M.
    #[arg(long, value_name = "SIZE", value_parser = size::parse)]
    pub(crate) memory: u64,
    /// What of it is not for agents [default: a tenth, 512M at least].
    #[arg(long, value_name = "SIZE", value_parser = size::parse)]
    pub(crate) reserve: Option<u64>,
    /// The kind of agent, whose measured memory and start are taken.
    #[arg(
        long,
        visible_alias = "engine",
        value_name = "NAME",
        default_value = "claude-code"
    )]
    pub(crate) provider: String,
    /// Memory of one agent, in the place of what was measured.
    #[arg(long, value_name = "SIZE", value_parser = size::parse_some)]
    pub(crate) rss: Option<u64>,
    /// How much longer a turn takes that has to start its agent, in the place of what was measured.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub(crate) start: Option<Duration>,
    /// How many sessions are in use.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) sessions: u32,
    /// Turns of each in an hour.
    #[arg(long, value_name = "N", default_value_t = 12.0, value_parser = positive)]
    pub(crate) turns_per_hour: f64,
    /// How long an agent works on one.
    #[arg(long, value_name = "TIME", default_value = "20s", value_parser = duration::parse)]
    pub(crate) turn: Duration,
    /// The daemon's idle timeout.
    #[arg(long, value_name = "TIME", default_value = "30m", value_parser = duration::parse)]
    pub(crate) idle_timeout: Duration,
    /// A recorded load, as lines of `hotplexd tail --json`, in the place of the made-up one.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sessions", "turns_per_hour", "turn"])]
    pub(crate) trace: Option<PathBuf>,
    /// Write one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

fn positive(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok();
    let number = number.filter(|number| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| format!("{text:?} is no number above 0"))
}
