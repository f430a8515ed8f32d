//! Which providers there are: the one place that knows them all by their names.

use super::Provider;
use super::claude::ClaudeCode;
use crate::error::Error;

/// Options of an engine that concern its agents.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProviderOptions {
    pub(crate) permission_mode: Option<String>,
    pub(crate) allowed_tools: Vec<String>,
    pub(crate) disallowed_tools: Vec<String>,
    pub(crate) base_system_prompt: Option<String>,
    pub(crate) partial_messages: bool,
}

/// The names that [`make`] takes.
pub(crate) const NAMES: [&str; 1] = ["claude-code"];

/// The provider of this name.
///
/// # Errors
/// `InvalidArgument` for a name that is not known, and for options that the provider cannot hold.
pub(crate) fn make(name: &str, options: ProviderOptions) -> Result<Box<dyn Provider>, Error> {
    match name {
        "claude-code" => Ok(Box::new(ClaudeCode::new(options)?)),
        other => {
            let known = NAMES.join(", ");
            let message = format!("provider {other:?} is not known; known are {known}");
            Err(Error::invalid(message))
        }
    }
}
