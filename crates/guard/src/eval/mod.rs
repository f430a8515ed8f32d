//! A script evaluated as text: which commands would run, with which words, in which directory.
//!
//! Nothing runs. Every branch is taken, values that are only known at run time become marks, and each
//! step costs fuel, which is bounded by the length of the text. What a command means the checks say;
//! what they leave to be evaluated is evaluated here. Pure; any thread.

mod branches;
mod builtins;
mod commands;
mod contained;
mod decoders;
mod evaluation;
mod expand;
mod filters;
mod gathered;
mod handed_over;
mod interpreters;
mod output;
mod parameter;
mod ran;
mod redirect;
mod source;
mod wrappers;

use crate::facts::Finding;
use crate::links::Links;
use crate::rules;
use crate::shell::Texts;
use crate::zone::GuardContext;
use evaluation::Eval;

pub(crate) use ran::Ran;

/// What the guard found in a command by the names alone, and whether it names a path that may lead
/// elsewhere.
pub(crate) fn examine(text: &str, context: &GuardContext) -> (Vec<Finding>, bool) {
    let texts = Texts::default();
    let mut run = Eval::new(context, &texts, text.len(), None);
    run.text(text);
    let names_paths = run.names_paths();
    (run.into_facts().into_findings(), names_paths)
}

/// What the guard found in a command by what stands behind the names.
pub(crate) fn examine_behind(
    text: &str,
    context: &GuardContext,
    links: &dyn Links,
) -> Vec<Finding> {
    let texts = Texts::default();
    let mut run = Eval::new(context, &texts, text.len(), Some(links));
    run.text(text);
    run.into_facts().into_findings()
}

/// Every command that would run; `None` if the text does not tell.
pub(crate) fn commands(text: &str, context: &GuardContext) -> Option<Vec<Ran>> {
    let texts = Texts::default();
    let mut run = Eval::new(context, &texts, text.len(), None);
    run.record = Some(Vec::new());
    run.text(text);
    let record = run.record.take();
    let unclear = [&rules::UNREADABLE, &rules::UNPARSEABLE, &rules::TOO_MUCH];
    let is_unclear = |found: &Finding| unclear.iter().any(|rule| rule.id == found.rule.id);
    let findings = run.into_facts().into_findings();
    record.filter(|_| !findings.iter().any(is_unclear))
}
