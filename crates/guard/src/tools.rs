//! Which tools may be used at all: the lists of allowed and of disallowed ones.
//!
//! An entry is a tool's name, in which `*` stands for anything, or a name and, in parentheses,
//! what it may be used on: `Bash(git:*)`, `Edit(src/**)`, `WebFetch(domain:example.com)`. The
//! spelling is Claude Code's, so that one list serves the agent and the gate. Pure; any thread.

mod command_line;
mod global_options;

use super::glob;
use crate::effect::ToolEffect;
use crate::error::Error;
use crate::eval;
use crate::verdict::{Judgement, Level, Verdict};
use crate::zone::{self, GuardContext};

/// The lists of one engine.
#[derive(Clone, Debug, Default)]
pub struct ToolLists {
    allowed: Vec<ToolPattern>,
    disallowed: Vec<ToolPattern>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct ToolPattern {
    written: String,
    tool: String,
    /// What stands in the parentheses.
    subject: Option<String>,
}

impl ToolLists {
    /// # Errors
    /// An entry that cannot be read, and one that a disallowed one makes void: its author expects it to
    /// have an effect.
    pub fn new(allowed: &[String], disallowed: &[String]) -> Result<ToolLists, Error> {
        let read = |option: &str, entries: &[String]| {
            let entries = entries.iter().map(|entry| ToolPattern::read(option, entry));
            entries.collect::<Result<Vec<_>, _>>()
        };
        let lists = ToolLists {
            allowed: read("allowed_tools", allowed)?,
            disallowed: read("disallowed_tools", disallowed)?,
        };
        lists.refuse_void_entries()?;
        Ok(lists)
    }

    fn refuse_void_entries(&self) -> Result<(), Error> {
        let void = self.allowed.iter().find_map(|allowed| {
            let mut covering = self.disallowed.iter();
            Some((allowed, covering.find(|other| other.covers(allowed))?))
        });
        match void {
            None => Ok(()),
            Some((allowed, other)) => Err(Error::invalid(format!(
                "allowed_tools has {:?}, which disallowed_tools takes away again with {:?}",
                allowed.written, other.written
            ))),
        }
    }

    /// What the lists look as if they forbade, and do not: a line for each gap, for the operator.
    pub fn gaps(&self) -> Vec<String> {
        let shell = ["Bash", "PowerShell"]
            .into_iter()
            .find(|tool| self.may_run_anything(tool));
        let gap = |entry: &ToolPattern| {
            let why = entry.gap(shell)?;
            Some(format!("disallowed_tools has {:?}: {why}", entry.written))
        };
        self.disallowed.iter().filter_map(gap).collect()
    }

    /// Whether a tool is there to run programs of any kind.
    fn may_run_anything(&self, tool: &str) -> bool {
        let named = |entry: &&ToolPattern| glob::matches(&entry.tool, tool);
        let is_gone = |entry: &ToolPattern| entry.subject.is_none();
        let runs_code = |entry: &ToolPattern| {
            let subject = entry.subject.as_deref();
            subject.is_none_or(command_line::is_for_interpreters)
        };
        !self.disallowed.iter().filter(named).any(is_gone)
            && (self.allowed.is_empty() || self.allowed.iter().filter(named).any(runs_code))
    }

    /// True if neither list names anything.
    pub fn are_empty(&self) -> bool {
        self.allowed.is_empty() && self.disallowed.is_empty()
    }

    /// Whether a tool may be used for these effects. A file that it names itself counts as what it is
    /// called and as what it leads to, if the context knows that.
    pub fn check(&self, tool: &str, effects: &[ToolEffect], context: &GuardContext) -> Verdict {
        let by_name = self.check_by_name(tool, effects, context);
        match behind_links(effects, context) {
            Some(effects) => by_name.graver(self.check_by_name(tool, &effects, context)),
            None => by_name,
        }
    }

    fn check_by_name(&self, tool: &str, effects: &[ToolEffect], context: &GuardContext) -> Verdict {
        let named = |entry: &&ToolPattern| glob::matches(&entry.tool, tool);
        let against = self.disallowed.iter().filter(named);
        if let Some(entry) = against
            .clone()
            .find(|entry| entry.touches(effects, context))
        {
            let why = format!("disallowed_tools has {:?}", entry.written);
            return refusal("tools.disallowed", tool, &why);
        }
        let for_it: Vec<&ToolPattern> = self.allowed.iter().filter(named).collect();
        if self.allowed.is_empty() || allow(&for_it, effects, context) {
            return Verdict::allow();
        }
        let why = match for_it.is_empty() {
            true => "allowed_tools does not have it".to_owned(),
            false => "allowed_tools has it for other uses only".to_owned(),
        };
        refusal("tools.not-allowed", tool, &why)
    }
}

/// The same effects on the files that links lead to; `None` if no link is among them.
fn behind_links(effects: &[ToolEffect], context: &GuardContext) -> Option<Vec<ToolEffect>> {
    let links = context.links.as_deref()?;
    let target = |path: &str| links.target(&in_work_dir(path, context));
    let mut leads_elsewhere = false;
    let mut followed = |effect: &ToolEffect| {
        let behind = match effect {
            ToolEffect::Read(path) => target(path).map(ToolEffect::Read),
            ToolEffect::Write(path) => target(path).map(ToolEffect::Write),
            ToolEffect::Run(_) | ToolEffect::Fetch(_) | ToolEffect::Use(_) => None,
        };
        leads_elsewhere |= behind.is_some();
        behind.unwrap_or_else(|| effect.clone())
    };
    let effects = effects.iter().map(&mut followed).collect();
    leads_elsewhere.then_some(effects)
}

/// The path from the root on, with all its `..`.
fn in_work_dir(path: &str, context: &GuardContext) -> String {
    match path.strip_prefix("~/") {
        Some(rest) => format!("{}/{rest}", context.home.trim_end_matches('/')),
        None if path.starts_with('/') => path.to_owned(),
        None => format!("{}/{path}", context.work_dir.trim_end_matches('/')),
    }
}

/// Every effect of the call must be allowed, be it by one entry or by another.
fn allow(entries: &[&ToolPattern], effects: &[ToolEffect], context: &GuardContext) -> bool {
    let is_free = |entry: &&&ToolPattern| entry.subject.is_none();
    if entries.iter().any(|entry| is_free(&entry)) {
        return true;
    }
    let subjects: Vec<&str> = entries
        .iter()
        .filter_map(|entry| entry.subject.as_deref())
        .collect();
    let is_allowed = |effect: &ToolEffect| match effect {
        ToolEffect::Run(text) => match eval::commands(text, context) {
            Some(commands) => commands.iter().all(|command| {
                command_line::is_harmless(command)
                    || subjects
                        .iter()
                        .any(|subject| command_line::permits(subject, command))
            }),
            None => false,
        },
        other => subjects
            .iter()
            .any(|subject| is_subject(subject, other, context)),
    };
    !effects.is_empty() && effects.iter().all(is_allowed)
}

impl ToolPattern {
    fn read(option: &str, written: &str) -> Result<ToolPattern, Error> {
        let text = written.trim();
        let (tool, subject) = match text.split_once('(') {
            None => (text, None),
            Some((tool, rest)) => (tool, Some(rest.strip_suffix(')').unwrap_or_default())),
        };
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '*' | '.' | ':');
        let subject = subject.map(str::trim);
        if tool.is_empty() || !tool.chars().all(is_name) || subject == Some("") {
            return Err(Error::invalid(format!(
                "{option} has {written:?}, which is neither a tool's name nor `Tool(what it may be used on)`"
            )));
        }
        Ok(ToolPattern {
            written: text.to_owned(),
            tool: of_server(tool),
            subject: subject.filter(|subject| *subject != "*").map(str::to_owned),
        })
    }

    /// What the entry, which forbids, does not reach, if `shell` is a tool that runs anything.
    fn gap(&self, shell: Option<&str>) -> Option<String> {
        const FILES: [&str; 7] = [
            "Write",
            "Edit",
            "MultiEdit",
            "NotebookEdit",
            "Read",
            "Grep",
            "Glob",
        ];
        let is_pattern = |subject: &str| command_line::is_pattern(subject);
        match (&self.subject, self.tool.as_str(), shell) {
            (Some(subject), "Bash" | "PowerShell", _) if is_pattern(subject) => Some(
                "a star in its midst is compared with the text alone, so other spellings pass"
                    .to_owned(),
            ),
            (Some(_), "Bash" | "PowerShell", Some(_)) => Some(
                "scripts, makefiles and programs of the project can do the same unseen, as long as \
                 anything may run"
                    .to_owned(),
            ),
            (_, tool, Some(shell)) if FILES.contains(&tool) => {
                Some(format!("commands of {shell} reach the same files"))
            }
            (_, "WebFetch", Some(shell)) => {
                Some(format!("commands of {shell} reach the same addresses"))
            }
            _ => None,
        }
    }

    /// Whether all that the other entry is about is about this one too.
    fn covers(&self, other: &ToolPattern) -> bool {
        glob::matches(&self.tool, &other.tool)
            && (self.subject.is_none() || self.subject == other.subject)
    }

    /// Whether one of the effects is what the entry is about. What cannot be told counts: the entry
    /// is there to forbid.
    fn touches(&self, effects: &[ToolEffect], context: &GuardContext) -> bool {
        let Some(subject) = &self.subject else {
            return true;
        };
        effects.is_empty()
            || effects.iter().any(|effect| match effect {
                ToolEffect::Run(text) => match eval::commands(text, context) {
                    Some(commands) => commands
                        .iter()
                        .any(|command| command_line::forbids(subject, command)),
                    None => true,
                },
                other => is_subject(subject, other, context),
            })
    }
}

/// `mcp__server` means all tools of that server.
fn of_server(tool: &str) -> String {
    match tool.strip_prefix("mcp__") {
        Some(rest) if !rest.contains("__") && !rest.contains('*') => format!("{tool}__*"),
        _ => tool.to_owned(),
    }
}

fn is_subject(subject: &str, effect: &ToolEffect, context: &GuardContext) -> bool {
    match effect {
        ToolEffect::Write(path) | ToolEffect::Read(path) => is_path(subject, path, context),
        ToolEffect::Fetch(address) => match subject.strip_prefix("domain:") {
            Some(domain) => host(address).is_some_and(|host| is_below_domain(&host, domain)),
            None => glob::matches(subject, address),
        },
        ToolEffect::Use(name) => command_line::is_written(subject, name.trim_start_matches('/')),
        ToolEffect::Run(_) => false,
    }
}

/// Patterns of paths: `//` is the root, `~/` the home, all else the work directory.
fn is_path(pattern: &str, path: &str, context: &GuardContext) -> bool {
    let base = context.work_dir.trim_end_matches('/');
    let pattern = if let Some(rest) = pattern.strip_prefix("//") {
        format!("/{rest}")
    } else if let Some(rest) = pattern.strip_prefix("~/") {
        format!("{}/{rest}", context.home.trim_end_matches('/'))
    } else {
        let rest = pattern.trim_start_matches("./").trim_start_matches('/');
        format!("{base}/{rest}")
    };
    let path = zone::absolute(&in_work_dir(path, context), "/");
    glob::matches_path(&pattern, &path)
}

/// The host of an address, as a client would call it: without user, port and case.
fn host(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("://").unwrap_or(("", address));
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = host.split(':').next()?.trim_end_matches('.');
    (!host.is_empty()).then(|| host.to_lowercase())
}

fn is_below_domain(host: &str, domain: &str) -> bool {
    let domain = domain.trim().to_lowercase();
    match domain.strip_prefix("*.") {
        Some(parent) => host
            .strip_suffix(parent)
            .is_some_and(|rest| rest.ends_with('.')),
        None => host == domain,
    }
}

fn refusal(rule: &str, tool: &str, why: &str) -> Verdict {
    Verdict {
        judgement: Judgement::Block,
        rule: rule.to_owned(),
        level: Some(Level::High),
        category: "tools".to_owned(),
        operation: tool.to_owned(),
        reason: format!("{rule}: {tool} may not be used: {why}"),
        suggestions: vec!["go on without it".to_owned()],
    }
}

#[cfg(test)]
mod tests;
