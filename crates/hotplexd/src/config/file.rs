//! The configuration file: TOML, and every key that nobody knows is an error with its place.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use hotplex::EngineOptions;
use serde::{Deserialize, Deserializer};

use crate::values::duration;

/// What stands in the file. Everything may be left out.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct File {
    pub(crate) listen: Option<Vec<String>>,
    pub(crate) port: Option<u16>,
    pub(crate) token_file: Option<PathBuf>,
    pub(crate) no_token: Option<bool>,
    pub(crate) work_roots: Option<Vec<PathBuf>>,
    pub(crate) allowed_tools: Option<Vec<String>>,
    #[serde(deserialize_with = "duration_of")]
    pub(crate) idle_timeout: Option<Duration>,
    #[serde(deserialize_with = "duration_of")]
    pub(crate) grace: Option<Duration>,
    pub(crate) hosts: Option<Vec<String>>,
    pub(crate) origins: Option<Vec<String>>,
    pub(crate) default_engine: Option<String>,
    pub(crate) limits: LimitsFile,
    pub(crate) log: LogFile,
    pub(crate) tls: Option<TlsFile>,
    /// By name. Read here for their mistakes; the values are taken from the raw table, because only
    /// that tells what was left out.
    pub(crate) engines: BTreeMap<String, EngineOptions>,
    pub(crate) keys: BTreeMap<String, KeyFile>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LimitsFile {
    pub(crate) connections: Option<usize>,
    pub(crate) frame_bytes: Option<usize>,
    pub(crate) body_bytes: Option<usize>,
    pub(crate) ring_events: Option<usize>,
    pub(crate) ring_bytes: Option<usize>,
    #[serde(deserialize_with = "duration_of")]
    pub(crate) header_timeout: Option<Duration>,
    #[serde(deserialize_with = "duration_of")]
    pub(crate) body_timeout: Option<Duration>,
    #[serde(deserialize_with = "duration_of")]
    pub(crate) write_timeout: Option<Duration>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LogFile {
    pub(crate) level: Option<String>,
    pub(crate) format: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsFile {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// A further token with rights of its own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyFile {
    /// Where its token is; made if it is missing.
    pub(crate) token_file: PathBuf,
    /// The work directories it may use; default: those of the daemon.
    pub(crate) work_roots: Option<Vec<PathBuf>>,
    /// Names of the engines it may use; default: all.
    pub(crate) engines: Option<Vec<String>>,
    /// The only tools of its agents; default: those of the engine.
    pub(crate) allowed_tools: Option<Vec<String>>,
    /// How many of its turns may be under way.
    pub(crate) turns_at_once: Option<usize>,
    /// How many turns it may begin in a day (UTC).
    pub(crate) turns_per_day: Option<u64>,
    /// After how many dollars of a day (UTC) it may begin no more.
    pub(crate) cost_usd_per_day: Option<f64>,
}

fn duration_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    duration::parse(&text)
        .map(Some)
        .map_err(serde::de::Error::custom)
}

impl File {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// With line, column and key of what is wrong.
    pub(crate) fn parse(text: &str) -> Result<(File, toml::Table), String> {
        let file = toml::from_str(text).map_err(|error| error.to_string())?;
        let raw = toml::from_str(text).map_err(|error| error.to_string())?;
        Ok((file, raw))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_name_their_line_and_key() {
        let table = [
            ("\nprot = 80\n", "line 2", "prot"),
            ("port = \"80\"", "line 1", "port"),
            ("idle_timeout = \"30\"", "line 1", "duration"),
            ("[limits]\nconections = 5", "line 2", "conections"),
            ("[engines.fast]\nmodle = \"x\"", "line 2", "modle"),
            (
                "[keys.ann]\ntoken_file = \"a\"\nroots = []",
                "line 3",
                "roots",
            ),
        ];
        for (text, place, key) in table {
            let error = File::parse(text).expect_err(text);
            assert!(
                error.contains(place) && error.contains(key),
                "{text}: {error}"
            );
        }
    }

    #[test]
    fn an_empty_file_is_one() {
        assert!(File::parse("").is_ok());
    }
}
