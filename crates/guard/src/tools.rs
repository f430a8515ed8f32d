//! Which tools may be used at all: the lists of allowed and of disallowed ones.
//!
//! An entry is a tool's name, in which `*` stands for anything, or a name and, in parentheses,
//! what it may be used on: `Bash(git:*)`, `Edit(src/**)`, `WebFetch(domain:example.com)`. The
//! spelling is Claude Code's, so that one list serves the agent and the gate. Pure; any thread.

use super::glob;
use super::run;
use super::zone::{self, GuardContext};
use crate::effect::ToolEffect;
use crate::error::Error;
use crate::verdict::{Judgement, Level, Verdict};

/// Builtins that change nothing outside their shell; listing commands does not mean forbidding
/// these.
const HARMLESS: [&str; 12] = [
    "cd", "pushd", "popd", "true", "false", ":", "test", "[", "exit", "return", "break", "continue",
];

/// The lists of one engine.
#[derive(Clone, Debug, Default)]
pub struct ToolLists {
    allowed: Vec<Entry>,
    disallowed: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    written: String,
    tool: String,
    /// What stands in the parentheses.
    subject: Option<String>,
}

impl ToolLists {
    /// # Errors
    /// An entry that cannot be read, and one that a disallowed one makes void: it was put there by
    /// somebody who expects that it does something.
    pub fn new(allowed: &[String], disallowed: &[String]) -> Result<ToolLists, Error> {
        let read = |option: &str, entries: &[String]| {
            let entries = entries.iter().map(|entry| Entry::read(option, entry));
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

    /// True if neither list names anything.
    pub fn are_empty(&self) -> bool {
        self.allowed.is_empty() && self.disallowed.is_empty()
    }

    /// Whether a tool may be used for these effects.
    pub fn check(&self, tool: &str, effects: &[ToolEffect], context: &GuardContext) -> Verdict {
        let named = |entry: &&Entry| glob::matches(&entry.tool, tool);
        let against = self.disallowed.iter().filter(named);
        if let Some(entry) = against
            .clone()
            .find(|entry| entry.touches(effects, context))
        {
            let why = format!("disallowed_tools has {:?}", entry.written);
            return refusal("tools.disallowed", tool, &why);
        }
        let for_it: Vec<&Entry> = self.allowed.iter().filter(named).collect();
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

/// Every effect of the call must be allowed, be it by one entry or by another.
fn allow(entries: &[&Entry], effects: &[ToolEffect], context: &GuardContext) -> bool {
    let is_free = |entry: &&&Entry| entry.subject.is_none();
    if entries.iter().any(|entry| is_free(&entry)) {
        return true;
    }
    let subjects: Vec<&str> = entries
        .iter()
        .filter_map(|entry| entry.subject.as_deref())
        .collect();
    let is_allowed = |effect: &ToolEffect| match effect {
        ToolEffect::Run(text) => match run::commands(text, context) {
            Some(commands) => commands.iter().all(|words| {
                HARMLESS.contains(&words.split(' ').next().unwrap_or_default())
                    || subjects.iter().any(|subject| is_command(subject, words))
            }),
            None => false,
        },
        other => subjects
            .iter()
            .any(|subject| is_subject(subject, other, context)),
    };
    !effects.is_empty() && effects.iter().all(is_allowed)
}

impl Entry {
    fn read(option: &str, written: &str) -> Result<Entry, Error> {
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
        Ok(Entry {
            written: text.to_owned(),
            tool: of_server(tool),
            subject: subject.filter(|subject| *subject != "*").map(str::to_owned),
        })
    }

    /// Whether all that the other entry is about is about this one too.
    fn covers(&self, other: &Entry) -> bool {
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
                ToolEffect::Run(text) => match run::commands(text, context) {
                    Some(commands) => commands.iter().any(|words| {
                        is_command(subject, words) || is_command(subject, without_directory(words))
                    }),
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

/// `/bin/rm x` is `rm x` all the same.
fn without_directory(words: &str) -> &str {
    let program = words.split(' ').next().unwrap_or_default();
    &words[program.rfind('/').map_or(0, |at| at + 1)..]
}

/// `git:*` and `git *` mean `git` with any arguments; other stars mean any text.
fn is_command(subject: &str, words: &str) -> bool {
    let prefix = subject
        .strip_suffix(":*")
        .or_else(|| subject.strip_suffix(" *"));
    match prefix.filter(|prefix| !prefix.contains('*')) {
        Some(prefix) => words
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')),
        None => glob::matches(subject, words),
    }
}

fn is_subject(subject: &str, effect: &ToolEffect, context: &GuardContext) -> bool {
    match effect {
        ToolEffect::Write(path) | ToolEffect::Read(path) => is_path(subject, path, context),
        ToolEffect::Fetch(address) => match subject.strip_prefix("domain:") {
            Some(domain) => host(address).is_some_and(|host| is_below_domain(&host, domain)),
            None => glob::matches(subject, address),
        },
        ToolEffect::Use(name) => is_command(subject, name.trim_start_matches('/')),
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
    let path = match path.strip_prefix("~/") {
        Some(rest) => format!("{}/{rest}", context.home.trim_end_matches('/')),
        None => path.to_owned(),
    };
    glob::matches_path(&pattern, &zone::absolute(&path, base))
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
mod tests {
    use super::*;

    fn lists(allowed: &[&str], disallowed: &[&str]) -> Result<ToolLists, Error> {
        let owned = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        ToolLists::new(&owned(allowed), &owned(disallowed))
    }

    fn effect(tool: &str, about: &str) -> Vec<ToolEffect> {
        let about = about.to_owned();
        match tool {
            "Bash" => vec![ToolEffect::Run(about)],
            "Write" | "Edit" => vec![ToolEffect::Write(about)],
            "Read" => vec![ToolEffect::Read(about)],
            "WebFetch" => vec![ToolEffect::Fetch(about)],
            "Skill" => vec![ToolEffect::Use(about)],
            _ => Vec::new(),
        }
    }

    fn may(allowed: &[&str], disallowed: &[&str], tool: &str, about: &str) -> bool {
        let context = GuardContext::new("/home/dev/proj", "/home/dev", "dev");
        let lists = lists(allowed, disallowed).expect("the lists are good");
        !lists
            .check(tool, &effect(tool, about), &context)
            .is_blocked()
    }

    #[test]
    fn what_is_not_on_the_list_does_not_run() {
        let table = [
            (&["Read"][..], "Read", "/etc/hosts", true),
            (&["Read"], "Bash", "ls", false),
            (&["Read"], "ReadMe", "", false),
            (&["Bash"], "Bash", "anything; at all", true),
            (&["Bash(*)"], "Bash", "anything; at all", true),
            (&["*"], "Whatever", "", true),
            (&["mcp__db__*"], "mcp__db__query", "", true),
            (&["mcp__db"], "mcp__db__query", "", true),
            (&["mcp__db"], "mcp__dbx__query", "", false),
            (&["mcp__db__query"], "mcp__db__drop", "", false),
            (&["Bash(git:*)"], "Bash", "git status", true),
            (&["Bash(git:*)"], "Bash", "git", true),
            (&["Bash(git:*)"], "Bash", "gitx status", false),
            (
                &["Bash(git:*)"],
                "Bash",
                "cd sub && git log | git shortlog",
                true,
            ),
            (&["Bash(git:*)"], "Bash", "git status; curl x", false),
            (&["Bash(git:*)"], "Bash", "git log $(curl x)", false),
            (&["Bash(git:*)"], "Bash", "git log `curl x`", false),
            (&["Bash(git:*)"], "Bash", "git log <(curl x)", false),
            (&["Bash(git:*)"], "Bash", "git log\ncurl x", false),
            (&["Bash(git:*)"], "Bash", "git log & curl x", false),
            (
                &["Bash(git:*)"],
                "Bash",
                "LD_PRELOAD=./x.so git status",
                false,
            ),
            (&["Bash(git:*)"], "Bash", "sudo git status", false),
            (&["Bash(git:*)"], "Bash", "sh -c 'git status'", false),
            (&["Bash(git:*)"], "Bash", "$X status", false),
            (&["Bash(git:*)"], "Bash", "git 'unclosed", false),
            (
                &["Bash(git:*)"],
                "Bash",
                "git() { curl x; }; git status",
                false,
            ),
            (
                &["Bash(git:*)"],
                "Bash",
                "alias git=curl\ngit status",
                false,
            ),
            (
                &["Bash(git:*)"],
                "Bash",
                "for c in a b c d e f git curl; do $c x; done",
                false,
            ),
            (&["Bash(git:*)"], "Bash", "./git status", false),
            (&["Bash(git:*)"], "Bash", "", true),
            (
                &["Bash(xargs:*)", "Bash(git:*)"],
                "Bash",
                "git ls-files | xargs curl",
                false,
            ),
            (
                &["Bash(git:*)", "Bash(npm run test:*)"],
                "Bash",
                "git pull && npm run test -- -w",
                true,
            ),
            (&["Bash(npm run test:*)"], "Bash", "npm run deploy", false),
            (&["Bash(npm run build)"], "Bash", "npm run build", true),
            (
                &["Bash(npm run build)"],
                "Bash",
                "npm run build evil",
                false,
            ),
            (&["Bash(git * main)"], "Bash", "git merge main", true),
            (&["Edit(src/**)"], "Edit", "/home/dev/proj/src/a/b.rs", true),
            (&["Edit(src/**)"], "Edit", "src/a.rs", true),
            (
                &["Edit(src/**)"],
                "Edit",
                "/home/dev/proj/src/../build.rs",
                false,
            ),
            (&["Edit(src/*)"], "Edit", "src/a/b.rs", false),
            (&["Edit(//tmp/**)"], "Edit", "/tmp/x", true),
            (&["Read(~/notes/*)"], "Read", "~/notes/a", true),
            (&["Read(~/notes/*)"], "Read", "/home/dev/.ssh/id_rsa", false),
            (
                &["WebFetch(domain:example.com)"],
                "WebFetch",
                "https://example.com/x",
                true,
            ),
            (
                &["WebFetch(domain:example.com)"],
                "WebFetch",
                "https://example.com@evil.org/",
                false,
            ),
            (
                &["WebFetch(domain:example.com)"],
                "WebFetch",
                "https://evil.org/example.com",
                false,
            ),
            (
                &["WebFetch(domain:*.example.com)"],
                "WebFetch",
                "http://a.EXAMPLE.com:80/",
                true,
            ),
            (
                &["WebFetch(domain:example.com)"],
                "WebFetch",
                "http://notexample.com/",
                false,
            ),
            (&["Skill(pdf)"], "Skill", "pdf", true),
            (&["Skill(pdf)"], "Skill", "deploy", false),
            (&["Unknown(x)"], "Unknown", "", false),
            (&[], "Bash", "ls", true),
        ];
        for (allowed, tool, about, expected) in table {
            assert_eq!(
                may(allowed, &[], tool, about),
                expected,
                "{allowed:?} {tool} {about:?}"
            );
        }
    }

    #[test]
    fn what_is_disallowed_does_not_run_whatever_is_allowed() {
        let table = [
            (&["Bash"][..], &["Bash(rm:*)"][..], "Bash", "ls", true),
            (&["Bash"], &["Bash(rm:*)"], "Bash", "ls; rm x", false),
            (&["Bash"], &["Bash(rm:*)"], "Bash", "sudo rm x", false),
            (&["Bash"], &["Bash(rm:*)"], "Bash", "sh -c 'rm x'", false),
            (&["Bash"], &["Bash(rm:*)"], "Bash", "ls | xargs rm", false),
            (&["Bash"], &["Bash(rm:*)"], "Bash", "/bin/rm x", false),
            (&["Bash"], &["Bash(rm:*)"], "Bash", "rm 'unclosed", false),
            (&["*"], &["WebFetch"], "WebFetch", "http://a", false),
            (&[], &["mcp__db__*"], "mcp__db__drop", "", false),
            (&[], &["mcp__db__*"], "Bash", "ls", true),
            (&[], &["Edit(.env)"], "Edit", "/home/dev/proj/.env", false),
            (&[], &["Unknown(x)"], "Unknown", "", false),
        ];
        for (allowed, disallowed, tool, about, expected) in table {
            let found = may(allowed, disallowed, tool, about);
            assert_eq!(
                found, expected,
                "{allowed:?} {disallowed:?} {tool} {about:?}"
            );
        }
    }

    #[test]
    fn lists_that_contradict_themselves_are_refused_with_the_reason() {
        let table = [
            (&["Bash"][..], &["Bash"][..], "\"Bash\""),
            (&["Bash(git:*)"], &["Bash"], "\"Bash(git:*)\""),
            (&["mcp__db__query"], &["mcp__db__*"], "\"mcp__db__query\""),
            (&["Read"], &["*"], "\"*\""),
            (&["Bash("], &[], "\"Bash(\""),
            (&["Bash()"], &[], "\"Bash()\""),
            (&["(x)"], &[], "\"(x)\""),
            (&["Ba sh"], &[], "\"Ba sh\""),
            (&[], &[""], "\"\""),
        ];
        for (allowed, disallowed, named) in table {
            let error = lists(allowed, disallowed).expect_err("a contradiction");
            assert!(error.message().contains(named), "{error}");
        }
        for (allowed, disallowed) in [
            (&["Bash"][..], &["Bash(rm:*)"][..]),
            (&["*"], &["Bash"]),
            (&["Bash(git:*)"], &["Bash(git push:*)"]),
        ] {
            assert!(
                lists(allowed, disallowed).is_ok(),
                "{allowed:?} {disallowed:?}"
            );
        }
    }
}
