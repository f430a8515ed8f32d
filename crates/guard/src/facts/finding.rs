//! What the guard found in a command.

use crate::rules::Rule;

/// A rule that a command falls under, and the target that made it.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) rule: &'static Rule,
    pub(crate) operation: String,
    pub(crate) target: String,
}
