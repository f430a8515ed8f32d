//! When a project may be trusted: the last thing between its programs and everything of the user.

use super::config::EngineOptions;
use crate::error::Error;
use crate::jail::Jail;
use crate::process::Enforced;
use crate::project::Project;
use crate::provider::Provider;

/// What an engine's options say about trusted projects.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trust {
    is_refused: bool,
}

impl Trust {
    /// What counts is the jail that holds, not the one that was asked for.
    pub(super) fn new(
        options: &EngineOptions,
        enforced: &Enforced,
        provider: &dyn Provider,
    ) -> Trust {
        let mode = options.permission_mode.as_deref().unwrap_or_default();
        let is_free = enforced.jail() == Jail::Off && provider.asks_nothing_in(mode);
        Trust {
            is_refused: is_free && !options.trust_without_jail,
        }
    }

    /// # Errors
    /// The level would let the project's programs run without a jail or permissions.
    pub(super) fn check(self, project: Project) -> Result<(), Error> {
        match project {
            Project::Trusted if self.is_refused => Err(Error::invalid(
                "project \"trusted\" with bypassPermissions and no jail gives whoever wrote the \
                 project everything of this user: set a jail, or trust_without_jail if that is meant",
            )),
            _ => Ok(()),
        }
    }
}
