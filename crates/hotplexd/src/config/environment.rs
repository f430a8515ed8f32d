//! The variables that the settings go by.

use std::path::PathBuf;

/// The variables that are looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    pub(crate) port: Option<String>,
    pub(crate) idle_timeout: Option<String>,
    pub(crate) state_home: Option<PathBuf>,
    pub(crate) home: Option<PathBuf>,
    /// For the command line: where the daemon is, and its token.
    pub(crate) url: Option<String>,
    pub(crate) client_token_file: Option<PathBuf>,
}

impl Environment {
    pub(crate) fn of_process() -> Environment {
        let text = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        Environment {
            port: text("PORT"),
            idle_timeout: text("IDLE_TIMEOUT"),
            state_home: text("XDG_STATE_HOME").map(PathBuf::from),
            home: text("HOME").map(PathBuf::from),
            url: text("HOTPLEXD_URL"),
            client_token_file: text("HOTPLEXD_TOKEN_FILE").map(PathBuf::from),
        }
    }

    /// Where the token is unless something else is said.
    pub(crate) fn token_file(&self) -> Option<PathBuf> {
        self.state_file("hotplexd.token")
    }

    /// Where the daemon tells the command line where it is.
    pub(crate) fn run_file(&self) -> Option<PathBuf> {
        self.state_file("hotplexd.json")
    }

    /// A file of ours that outlives the process.
    pub(crate) fn state_file(&self, name: &str) -> Option<PathBuf> {
        let of_home = || self.home.as_ref().map(|home| home.join(".local/state"));
        let state = self.state_home.clone().or_else(of_home)?;
        Some(state.join("hotplex").join(name))
    }
}
