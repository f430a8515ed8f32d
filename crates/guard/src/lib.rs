//! The guard: may this command run, does this prompt order destruction?
//!
//! Pure: text and context in, verdict out. It looks nothing up, neither files nor environment nor
//! clock, and it knows no sessions and no providers. Where links on the disk lead it asks the context
//! ([`Links`]). Any thread; one guard serves all.
//!
//! It protects against an agent that is confused, stuck or misled, and is no sandbox: script files,
//! opaque programs and values that only run time knows are out of its reach.
//!
//! # The map
//!
//! | room | owns |
//! |---|---|
//! | `tools` | which tools may be used at all: the lists of allowed and of disallowed ones |
//! | `eval` | the driver: a script evaluated as text, command by command |
//! | `paths` | files that a tool names without a shell |
//! | `checks` | what a command means: one check a subject; what it would run is left to be evaluated |
//! | `facts` | what is known at a point of a script: directory, variables, files, findings |
//! | `prompt` | the commands that a message orders |
//! | `own_rules` | the operator's own rules |
//! | `shell` | text read into commands and words |
//! | `zone` | where a path lies, and what it means to destroy something there |
//! | `programs` | what options and operands of programs mean, as tables |
//! | `rules`, `verdict` | what is found, how grave that is, and what follows from it |
//! | `taint` | the characters that stand for what text alone cannot say |
//! | `claude_code` | the tools of Claude Code and their effects |
//!
//! Imports point down; `tests/layering.rs` holds the table and fails on any circle of files. A command
//! goes through `eval::examine`, `Eval::argv` (`eval/commands.rs`), `checks::check`, and, if it runs
//! another one, through `Eval::evaluate` (`eval/source.rs`) again.

mod checks;
pub mod claude_code;
mod effect;
mod encodings;
mod error;
mod eval;
mod facts;
mod glob;
mod links;
mod own_rules;
mod paths;
mod programs;
#[cfg(feature = "prompts")]
mod prompt;
mod rules;
mod shell;
mod taint;
mod tools;
mod verdict;
mod verdict_json;
mod vocabulary;
mod zone;

use std::borrow::Cow;
use std::collections::HashSet;

use facts::Finding;
use own_rules::OwnRule;

pub use effect::ToolEffect;
pub use error::Error;
pub use links::Links;
pub use paths::PathAccess;
pub use rules::Rule;
pub use tools::ToolLists;
pub use verdict::{Judgement, Level, Verdict};
pub use zone::GuardContext;

/// A shown command is cut here: events and logs are read by people.
const LONGEST_SHOWN: usize = 200;

/// How a guard is set.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GuardOptions {
    /// `false` is the admin bypass: everything is allowed, critical rules too. The one who sets it
    /// has to say so loudly.
    pub enabled: bool,
    /// The text of a rule file: `regex|description|level|category` a line, `#` for remarks.
    pub rules: String,
    /// Ids of rules that are not to be looked at. Critical ones cannot be switched off.
    pub disabled_rules: Vec<String>,
    /// Ids of rules that block although they would only flag.
    pub promoted_rules: Vec<String>,
    /// Directories, besides the work directory, in which agents may do as they like.
    pub extra_roots: Vec<String>,
}

impl Default for GuardOptions {
    fn default() -> GuardOptions {
        GuardOptions {
            enabled: true,
            rules: String::new(),
            disabled_rules: Vec::new(),
            promoted_rules: Vec::new(),
            extra_roots: Vec::new(),
        }
    }
}

/// The judge of commands and prompts.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    off: bool,
    own: Vec<OwnRule>,
    disabled: HashSet<String>,
    promoted: HashSet<String>,
    extra_roots: Vec<String>,
}

impl Guard {
    /// A guard with these options.
    ///
    /// # Errors
    ///
    /// An unknown rule id, a critical rule that is to be disabled, or a line of the rule file that
    /// cannot be read: a guard that ignored it would not be the one that was asked for.
    pub fn new(options: GuardOptions) -> Result<Guard, Error> {
        let own = own_rules::read(&options.rules)?;
        let known = |id: &String| match rules::named(id) {
            None if !own.iter().any(|rule| rule.id == *id) => {
                Err(Error::invalid(format!("the guard has no rule `{id}`")))
            }
            found => Ok(found),
        };
        for id in &options.promoted_rules {
            known(id)?;
        }
        for id in &options.disabled_rules {
            if known(id)?.is_some_and(|rule| rule.level == Level::Critical) {
                let why = format!("the critical rule `{id}` falls only to the admin bypass");
                return Err(Error::invalid(why));
            }
        }
        Ok(Guard {
            off: !options.enabled,
            own,
            disabled: options.disabled_rules.into_iter().collect(),
            promoted: options.promoted_rules.into_iter().collect(),
            extra_roots: options.extra_roots,
        })
    }

    /// A guard with the usual options and the operator's own rules.
    ///
    /// # Errors
    ///
    /// A line that cannot be read.
    pub fn with_rules(text: &str) -> Result<Guard, Error> {
        Guard::new(GuardOptions {
            rules: text.to_owned(),
            ..GuardOptions::default()
        })
    }

    /// Directories, besides the work directory, in which agents may do as they like.
    pub fn extra_roots(&self) -> &[String] {
        &self.extra_roots
    }

    /// All that is judged, subject by subject. The operator's own rules are not among them.
    pub fn rules() -> impl Iterator<Item = &'static Rule> {
        rules::all()
    }

    /// Whether shell source may run.
    pub fn check_command(&self, text: &str, context: &GuardContext) -> Verdict {
        if self.off {
            return Verdict::allow();
        }
        self.verdict(text, &self.findings(text, context))
    }

    /// The same by the names alone, whatever [`GuardContext::links`] knows; and whether the command
    /// names any path, so that links could change the verdict. For those who must not look at a disk.
    pub fn check_command_by_name(&self, text: &str, context: &GuardContext) -> (Verdict, bool) {
        if self.off {
            return (Verdict::allow(), false);
        }
        let (findings, names_paths) = eval::examine(text, &self.rooted(context));
        (self.verdict(text, &findings), names_paths)
    }

    /// Whether a message may go to the agent: it must not order what must not run.
    #[cfg(feature = "prompts")]
    pub fn check_prompt(&self, text: &str, context: &GuardContext) -> Verdict {
        if self.sees_nothing_in(text) {
            return Verdict::allow();
        }
        let ordered = prompt::ordered(text, |command| {
            let verdict = self.verdict(command, &self.findings(command, context));
            verdict.is_blocked().then_some(verdict)
        });
        ordered.unwrap_or_else(Verdict::allow)
    }

    /// True if a message needs no look at all, which is much cheaper to tell than a verdict.
    #[cfg(feature = "prompts")]
    pub fn sees_nothing_in(&self, prompt: &str) -> bool {
        self.off || (self.own.is_empty() && prompt::is_plainly_harmless(prompt))
    }

    /// Whether a tool may read or write a file that it names itself, without a shell.
    ///
    /// The path is absolute, begins with `~`, or is relative to the work directory. It is compared as
    /// text; where it leads counts too if the context knows ([`GuardContext::links`]). Writing is free in the work
    /// directory, the extra roots, and temporary and cache directories; elsewhere it falls under the
    /// rules that hold for `>`. Reading is never blocked by a rule of the guard's own: it is flagged
    /// where the file holds secrets. The operator's own rules see the path as it was given.
    pub fn check_path(&self, path: &str, access: PathAccess, context: &GuardContext) -> Verdict {
        if self.off {
            return Verdict::allow();
        }
        self.verdict(path, &paths::examine(path, access, &self.rooted(context)))
    }

    /// What is found by the names, and by what stands behind them.
    fn findings(&self, text: &str, context: &GuardContext) -> Vec<Finding> {
        let context = self.rooted(context);
        let (mut findings, names_paths) = eval::examine(text, &context);
        if let Some(links) = context.links.as_deref().filter(|_| names_paths) {
            findings.extend(eval::examine_behind(text, &context, links));
        }
        findings
    }

    /// The context with the roots that the options add.
    fn rooted<'c>(&self, context: &'c GuardContext) -> Cow<'c, GuardContext> {
        let mut context = Cow::Borrowed(context);
        if !self.extra_roots.is_empty() {
            let roots = &mut context.to_mut().extra_roots;
            roots.extend(self.extra_roots.iter().cloned());
        }
        context
    }

    /// The worst of what was found, the operator's own rules included.
    fn verdict(&self, text: &str, findings: &[Finding]) -> Verdict {
        let ours = findings
            .iter()
            .filter(|found| !self.disabled.contains(found.rule.id));
        let ours = ours.map(|found| self.of_finding(found, text));
        let own = self
            .own
            .iter()
            .filter(|rule| !self.disabled.contains(&rule.id) && rule.matches(text));
        let own = own.map(|rule| rule.verdict(shortened(text), self.promoted.contains(&rule.id)));
        let worst = |found: &Verdict| (found.judgement, found.level);
        let all = ours.chain(own);
        // The first of equals speaks: it stands first in the command.
        all.reduce(|best, next| {
            if worst(&next) > worst(&best) {
                next
            } else {
                best
            }
        })
        .unwrap_or_else(Verdict::allow)
    }

    fn of_finding(&self, found: &Finding, text: &str) -> Verdict {
        let rule = found.rule;
        let blocks = rule.level > Level::Moderate || self.promoted.contains(rule.id);
        let operation = match found.operation.is_empty() {
            true => shortened(text),
            false => shortened(&found.operation),
        };
        Verdict {
            judgement: if blocks {
                Judgement::Block
            } else {
                Judgement::Flag
            },
            rule: rule.id.to_owned(),
            level: Some(rule.level),
            category: rule.category.to_owned(),
            reason: format!(
                "{}: it {}: {}",
                rule.id,
                rule.meaning,
                shortened(&found.target)
            ),
            operation,
            suggestions: vec![rule.suggestion.to_owned()],
        }
    }
}

fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.chars().take(LONGEST_SHOWN).collect()
}

/// The README's snippets are compiled with the documentation's, so that they stay true.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadMe;
