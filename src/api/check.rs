//! A question to the guard, as callers without Rust put it.

use serde::Deserialize;

use super::config::{home, read_object};
use crate::error::Error;
use hotplex_guard::Verdict;
use hotplex_guard::{Guard, GuardContext};

/// What a text is to the guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CheckKind {
    /// Source of a shell.
    Command,
    /// A message to a model.
    Prompt,
}

/// A question to the guard: what the text is, and where it would act.
#[derive(Clone, Debug)]
pub struct Check {
    kind: CheckKind,
    context: GuardContext,
    guard: Option<Guard>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckJson {
    kind: CheckKind,
    work_dir: String,
    home: Option<String>,
    user: Option<String>,
    rules: Option<String>,
}

impl Check {
    /// A question about texts of this kind.
    pub fn new(kind: CheckKind, context: GuardContext) -> Check {
        Check {
            kind,
            context,
            guard: None,
        }
    }

    /// From `{"kind":"command","work_dir":"/home/dev/proj","home":"/home/dev","user":"dev"}`; `kind`
    /// is `command` or `prompt`. `home` and `user` are this process's if they are left out. `rules`, if
    /// there, is the text of a rules file: the question brings a guard with these along.
    ///
    /// # Errors
    /// `InvalidArgument` for anything else, with the place, and for rules that cannot be read.
    pub fn from_json(json: &str) -> Result<Check, Error> {
        let form: CheckJson = read_object("context", json)?;
        let of_host = || home().map(|home| home.to_string_lossy().into_owned());
        let home = form.home.or_else(of_host).unwrap_or_default();
        let user = form.user.or_else(|| std::env::var("USER").ok());
        let context = GuardContext::new(form.work_dir, home, user.unwrap_or_default());
        let guard = form.rules.map(|rules| Guard::with_rules(&rules));
        Ok(Check {
            guard: guard.transpose()?,
            ..Check::new(form.kind, context)
        })
    }

    /// The guard that the question brings along: the usual rules and those that it names.
    pub fn guard(&self) -> Option<&Guard> {
        self.guard.as_ref()
    }

    /// Has the guard judge a text.
    pub fn ask(&self, guard: &Guard, text: &str) -> Verdict {
        match self.kind {
            CheckKind::Command => guard.check_command(text, &self.context),
            CheckKind::Prompt => guard.check_prompt(text, &self.context),
        }
    }
}
