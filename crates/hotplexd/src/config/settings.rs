//! The settings in force: flags over the environment over the file over the defaults.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value};

use super::environment::Environment;
use super::file::{self, File, KeyFile, TlsFile};
use super::listen::{self, Listen};
use super::mistakes::ConfigText;
use crate::cli::{LogFormat, Serve};
use crate::values::duration;

/// The name of the engine that a client gets that names none.
const DEFAULT_ENGINE: &str = "default";

/// What an engine has in the daemon unless its own options say otherwise: answers come in pieces,
/// a question that nobody answers does not hold an agent for ever, and little waits in the engine,
/// since events are held in the session's log already.
const ENGINE_DEFAULTS: [EngineDefault; 3] = [
    ("partial_messages", || Value::Bool(true)),
    ("approval_timeout_ms", || Value::from(300_000)),
    ("window_bytes", || Value::from(256 << 10)),
];

/// An option's name and its value.
type EngineDefault = (&'static str, fn() -> Value);

/// Everything `serve` goes by.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) listen: Vec<Listen>,
    /// `None` serves every client, without a token.
    pub(crate) token_file: Option<PathBuf>,
    pub(crate) work_roots: Vec<PathBuf>,
    pub(crate) hosts: Vec<String>,
    pub(crate) origins: Vec<String>,
    pub(crate) grace: Duration,
    pub(crate) limits: Limits,
    pub(crate) log_level: String,
    pub(crate) log_format: LogFormat,
    pub(crate) tls: Option<TlsFile>,
    /// By name, as the options that the C interface takes.
    pub(crate) engines: BTreeMap<String, Map<String, Value>>,
    pub(crate) default_engine: String,
    pub(crate) keys: BTreeMap<String, KeyFile>,
    /// Where they were read, for mistakes that only show later.
    pub(crate) source: ConfigText,
}

/// Bounds on what clients can take up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) connections: usize,
    pub(crate) frame_bytes: usize,
    pub(crate) body_bytes: usize,
    /// Events held of a session for those who come later.
    pub(crate) ring_events: usize,
    pub(crate) ring_bytes: usize,
    pub(crate) header_timeout: Duration,
    pub(crate) body_timeout: Duration,
    /// After how long a client that takes nothing is given up.
    pub(crate) write_timeout: Duration,
}

impl Settings {
    /// Puts the settings together; `flags.config` is read.
    ///
    /// # Errors
    /// What is wrong and where it stands, for a person.
    pub(crate) fn new(flags: &Serve, environment: &Environment) -> Result<Settings, String> {
        let source = ConfigText::open(flags.config.as_ref())?;
        let (file, raw) = source.read()?;
        let settings = Settings {
            listen: listen::addresses(flags, environment, &file)?,
            token_file: token_file(flags, environment, &file)?,
            work_roots: work_roots(flags, &file, &source)?,
            hosts: chosen(&flags.hosts, file.hosts.as_ref()),
            origins: chosen(&flags.origins, file.origins.as_ref()),
            grace: flags
                .grace
                .or(file.grace)
                .unwrap_or(Duration::from_secs(10)),
            limits: limits(&file.limits),
            log_level: first_of(&flags.log_level, &file.log.level, "info"),
            log_format: log_format(flags, &file),
            tls: file.tls.clone(),
            engines: engines(flags, environment, &file, &raw)?,
            default_engine: default_engine(&file),
            keys: file.keys.clone(),
            source,
        };
        let engines: Vec<_> = settings.engines.keys().map(String::as_str).collect();
        settings.source.check_engines(&file, &engines)?;
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), String> {
        if !self.engines.contains_key(&self.default_engine) {
            let names: Vec<_> = self.engines.keys().map(String::as_str).collect();
            return Err(format!(
                "default_engine: name the engine of clients that name none, one of {}",
                names.join(", ")
            ));
        }
        let open = self.listen.iter().find(|listen| !listen.is_private());
        match open {
            Some(open) if self.token_file.is_none() => Err(format!(
                "without a token the daemon listens on loopback alone, and {open} is not; leave out --no-token"
            )),
            _ => Ok(()),
        }
    }
}

/// The engine of a client that names none. One that is alone needs no further word.
fn default_engine(file: &File) -> String {
    let mut names = file.engines.keys();
    let only = match (names.next(), names.next()) {
        (Some(name), None) => name,
        _ => DEFAULT_ENGINE,
    };
    first_of(&None, &file.default_engine, only)
}

fn first_of(flag: &Option<String>, file: &Option<String>, default: &str) -> String {
    let found = flag.as_ref().or(file.as_ref());
    found.map_or_else(|| default.to_owned(), Clone::clone)
}

fn chosen<T: Clone>(flags: &[T], file: Option<&Vec<T>>) -> Vec<T> {
    match flags {
        [] => file.cloned().unwrap_or_default(),
        flags => flags.to_vec(),
    }
}

fn token_file(
    flags: &Serve,
    environment: &Environment,
    file: &File,
) -> Result<Option<PathBuf>, String> {
    if flags.no_token || (flags.token_file.is_none() && file.no_token == Some(true)) {
        return Ok(None);
    }
    let named = flags.token_file.clone().or_else(|| file.token_file.clone());
    let found = named.or_else(|| environment.token_file());
    let missing =
        "neither XDG_STATE_HOME nor HOME tells where the token could be: name it by --token-file";
    found.map(Some).ok_or_else(|| missing.to_owned())
}

fn work_roots(flags: &Serve, file: &File, source: &ConfigText) -> Result<Vec<PathBuf>, String> {
    let mut roots = chosen(&flags.work_roots, file.work_roots.as_ref());
    let of_file = flags.work_roots.is_empty() && !roots.is_empty();
    if roots.is_empty() {
        let here = std::env::current_dir();
        roots.push(here.map_err(|error| format!("the current directory: {error}"))?);
        roots.push(std::env::temp_dir());
    }
    let found = roots.iter().enumerate().map(|(at, root)| {
        let real = root.canonicalize();
        real.map_err(|error| match of_file {
            true => {
                let key = vec!["work_roots".to_owned(), at.to_string()];
                source.wrong(&(key, format!("{}: {error}", root.display())))
            }
            false => format!("work root {}: {error}", root.display()),
        })
    });
    found.collect()
}

fn limits(file: &file::LimitsFile) -> Limits {
    Limits {
        connections: file.connections.unwrap_or(1024).max(1),
        frame_bytes: file.frame_bytes.unwrap_or(4 << 20),
        body_bytes: file.body_bytes.unwrap_or(4 << 20),
        ring_events: file.ring_events.unwrap_or(1000).max(16),
        ring_bytes: file.ring_bytes.unwrap_or(1 << 20).max(16 << 10),
        header_timeout: file.header_timeout.unwrap_or(Duration::from_secs(10)),
        body_timeout: file.body_timeout.unwrap_or(Duration::from_secs(60)),
        write_timeout: file.write_timeout.unwrap_or(Duration::from_secs(60)),
    }
}

fn log_format(flags: &Serve, file: &File) -> LogFormat {
    let of_file = || match file.log.format.as_deref() {
        Some("json") => LogFormat::Json,
        _ => LogFormat::Text,
    };
    flags.log_format.unwrap_or_else(of_file)
}

fn engines(
    flags: &Serve,
    environment: &Environment,
    file: &File,
    raw: &toml::Table,
) -> Result<BTreeMap<String, Map<String, Value>>, String> {
    let mut engines = BTreeMap::new();
    let tables = raw.get("engines").and_then(toml::Value::as_table);
    for (name, table) in tables.into_iter().flatten() {
        let options = serde_json::to_value(table).map_err(|error| error.to_string())?;
        engines.insert(
            name.clone(),
            options.as_object().cloned().unwrap_or_default(),
        );
    }
    let default = default_engine(file);
    if engines.is_empty() || flags.engine_options.is_some() {
        let options = engines.entry(default.clone()).or_default();
        options.extend(options_of_flag(flags.engine_options.as_deref())?);
    }
    let idle = idle_timeout(flags, environment, file)?;
    for options in engines.values_mut() {
        for (key, value) in ENGINE_DEFAULTS {
            options.entry(key).or_insert_with(value);
        }
        if let Some(idle) = idle {
            let own = options.entry("idle_timeout_ms");
            own.or_insert_with(|| Value::from(idle.as_millis() as u64));
        }
        match (&flags.allowed_tools, &file.allowed_tools) {
            (Some(tools), _) => drop(options.insert("allowed_tools".into(), names(tools))),
            (None, Some(tools)) => {
                options
                    .entry("allowed_tools")
                    .or_insert_with(|| names(tools));
            }
            (None, None) => {}
        }
    }
    Ok(engines)
}

fn names(tools: &[String]) -> Value {
    let tools = tools
        .iter()
        .map(|tool| tool.trim())
        .filter(|tool| !tool.is_empty());
    Value::from_iter(tools)
}

fn options_of_flag(json: Option<&str>) -> Result<Map<String, Value>, String> {
    let Some(json) = json else {
        return Ok(Map::new());
    };
    hotplex::EngineOptions::from_json(json)
        .map_err(|error| format!("--engine-options: {error}"))?;
    serde_json::from_str(json).map_err(|error| format!("--engine-options: {error}"))
}

fn idle_timeout(
    flags: &Serve,
    environment: &Environment,
    file: &File,
) -> Result<Option<Duration>, String> {
    let of_environment = environment.idle_timeout.as_deref().map(duration::parse);
    let of_environment = of_environment.transpose();
    let of_environment = of_environment.map_err(|error| format!("IDLE_TIMEOUT: {error}"))?;
    Ok(flags.idle_timeout.or(of_environment).or(file.idle_timeout))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
