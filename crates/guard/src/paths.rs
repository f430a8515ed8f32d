//! Files that a tool names itself, without a shell: read, or written.
//!
//! The zones and the rules are those of commands, so that a file is as safe from the `Write` tool as
//! it is from `>`. Pure; any thread.

use crate::checks;
use crate::facts::{Facts, Finding};
use crate::rules;
use crate::taint::{self, TILDE};
use crate::zone::{GuardContext, is_secret};

/// What a tool does with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PathAccess {
    /// It shows what the file holds.
    Read,
    /// It makes, changes or replaces the file.
    Write,
}

/// What is to be said about a tool that reads or writes a file, by the file's name and by what stands
/// behind it.
pub(super) fn examine(path: &str, access: PathAccess, context: &GuardContext) -> Vec<Finding> {
    let run = || Facts::new(context, path.len());
    let mut findings = found(run(), path, access);
    if let Some(links) = context.links.as_deref() {
        findings.extend(found(run().behind(links), path, access));
    }
    findings
}

fn found(mut run: Facts, path: &str, access: PathAccess) -> Vec<Finding> {
    let word = word(path);
    match access {
        PathAccess::Write => checks::check_write(&mut run, &word, "", false),
        PathAccess::Read if is_secret(&run.path(&word), run.context) => {
            run.report(&rules::READ_SECRET, path);
        }
        PathAccess::Read => {}
    }
    run.into_findings()
}

/// The path as a word of a command: a `~` at its start is a home, and all else stands for itself.
fn word(path: &str) -> String {
    let path = taint::without_marks(path);
    match path.strip_prefix('~') {
        Some(rest) => format!("{TILDE}{rest}"),
        None => path.into_owned(),
    }
}
