//! Which providers there are: the one place that knows them all by their names.

use super::Provider;
use super::acp::{AcpAgent, PROFILES};
use super::aider::{self, Aider};
use super::claude::ClaudeCode;
use super::codex::Codex;
pub(crate) use super::options::ProviderOptions;
use crate::error::Error;

/// The provider that is meant where none is named.
const CLAUDE_CODE: &str = "claude-code";

const CODEX: &str = "codex";

/// The names that [`make`] takes.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let of_profiles = PROFILES.iter().map(|profile| profile.name);
    let others = [aider::NAME];
    [CLAUDE_CODE, CODEX]
        .into_iter()
        .chain(of_profiles)
        .chain(others)
}

/// All of them, with options that each can hold.
///
/// # Errors
/// None that was ever seen: there is nothing in these options to refuse.
pub(crate) fn all() -> Result<Vec<Box<dyn Provider>>, Error> {
    let options = ProviderOptions {
        names_program: true,
        ..ProviderOptions::default()
    };
    names().map(|name| make(name, options.clone())).collect()
}

/// The provider of this name.
///
/// # Errors
/// `InvalidArgument` for a name that is not known, and for options that the provider cannot hold.
pub(crate) fn make(name: &str, options: ProviderOptions) -> Result<Box<dyn Provider>, Error> {
    if name == CLAUDE_CODE {
        return Ok(Box::new(ClaudeCode::new(options)?));
    }
    if name == CODEX {
        return Ok(Box::new(Codex::new(options)?));
    }
    if name == aider::NAME {
        return Ok(Box::new(Aider::new(options)?));
    }
    if let Some(profile) = PROFILES.iter().find(|profile| profile.name == name) {
        return Ok(Box::new(AcpAgent::new(profile, options)?));
    }
    let known = names().collect::<Vec<_>>().join(", ");
    let message = format!("provider {name:?} is not known; known are {known}");
    Err(Error::invalid(message))
}
