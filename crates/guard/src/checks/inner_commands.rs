//! Options whose value is a command that the program runs.

use crate::facts::Facts;
use crate::programs::{Argv, Role};

/// Follows the commands in the options of a program.
pub(super) fn commands_in_options(run: &mut Facts, argv: &Argv) {
    for given in &argv.options {
        if let (Role::Run(fronts), Some(value)) = (given.role(), given.value)
            && let Some(text) = behind(fronts, value)
        {
            run.defer_source(text);
        }
    }
}

/// The command behind one of the words that may stand in front of it; `_` in them is a blank.
fn behind<'v>(fronts: &str, value: &'v str) -> Option<&'v str> {
    fronts
        .split('|')
        .find_map(|front| match front.contains('_') {
            true => value.strip_prefix(front.replace('_', " ").as_str()),
            false => value.strip_prefix(front),
        })
}
