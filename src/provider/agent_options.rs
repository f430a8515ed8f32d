//! The options of one engine, for agents whose permission modes are ours: all but Claude Code.

use super::options::ProviderOptions;
use super::permission::{Mode, Policy};
use super::system_prompt;
use crate::error::Error;
use crate::stats::ToolGate;

/// What was checked, so that a start cannot fail because of it.
#[derive(Debug)]
pub(super) struct AgentOptions {
    pub(super) policy: Policy,
    pub(super) deltas: bool,
    base_system_prompt: Option<String>,
}

impl AgentOptions {
    /// Of the agent of this name; `plans` if it has a mode of its own in which it only plans.
    ///
    /// # Errors
    /// `InvalidArgument` for a permission mode that would not be held.
    pub(super) fn new(
        name: &str,
        gate: ToolGate,
        plans: bool,
        options: ProviderOptions,
    ) -> Result<AgentOptions, Error> {
        let mode = Mode::named(name, options.permission_mode.as_deref())?;
        if mode == Mode::Plan && !plans {
            let message = format!("permission_mode \"plan\" cannot be held by {name}");
            return Err(Error::invalid(message));
        }
        Ok(AgentOptions {
            policy: Policy {
                mode,
                gate,
                has_allow_list: !options.allowed_tools.is_empty(),
            },
            deltas: options.partial_messages,
            base_system_prompt: options.base_system_prompt,
        })
    }

    /// See [`Provider::system_prompt`](super::Provider::system_prompt).
    pub(super) fn system_prompt(&self, instructions: &str) -> String {
        system_prompt::compose(self.base_system_prompt.as_deref(), instructions)
    }
}
