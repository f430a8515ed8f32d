//! What a followed script knows at a point: directory, variables, functions, files it wrote.

use std::collections::HashMap;
use std::rc::Rc;

use super::disk::Disk;
use super::finding::Finding;
use super::pending::Pending;
use crate::rules::{self, Rule};
use crate::shell::{DEEPEST, LONGEST};
use crate::taint::{self, OPAQUE, UNKNOWN};
use crate::zone::{self, GuardContext};

/// Of a longer value only the origins are kept: a text that carries it whole is too long itself.
const LONGEST_VALUE: usize = LONGEST;

/// A value, or what stands for one that has grown too long to be judged.
pub(crate) fn bounded(value: String) -> String {
    match value.len() > LONGEST_VALUE {
        true => format!("{UNKNOWN}{OPAQUE}{}", taint::origins(&value)),
        false => value,
    }
}

/// What `$0` is: the script that is evaluated, whose name is not known.
pub(crate) const ITSELF: &str = "this-script";

/// What is put back when a subshell ends.
pub(crate) struct Subshell {
    directory: String,
    journaled: usize,
}

/// Of more variables than this that a branch sets the last values are followed.
const MOST_CHANGED: usize = 32;

/// What splits values unless a script says otherwise.
const BLANKS: &str = " \t\n";

/// What is known at a point of a script.
pub(crate) struct Facts<'c> {
    pub(crate) context: &'c GuardContext,
    pub(crate) directory: String,
    /// The directory that is `/` for what runs now.
    pub(super) root: Option<String>,
    pub(crate) previous: String,
    variables: HashMap<String, String>,
    /// What variables were before a subshell changed them.
    journal: Vec<(String, Option<String>)>,
    /// In how many subshells what runs now stands.
    subshells: usize,
    pub(crate) arguments: Vec<String>,
    /// Variables that are other names of variables.
    pub(crate) references: HashMap<String, String>,
    pub(crate) depth: usize,
    /// What the script itself wrote, by path.
    pub(crate) files: HashMap<String, String>,
    /// Symbolic links that the script itself made.
    pub(crate) links: HashMap<String, String>,
    pub(super) disk: Disk<'c>,
    /// On another machine only the system's and the homes' paths mean anything.
    pub(crate) remote: bool,
    /// In a container nothing of the host's is named: only what happens to data counts.
    pub(crate) contained: bool,
    /// Names in this command that may say which system is meant: of variables whose values are not
    /// known, of containers.
    pub(crate) unknown_names: Vec<String>,
    fuel: usize,
    operation: Rc<Vec<String>>,
    findings: Vec<Finding>,
    /// What is to be evaluated next.
    pending: Vec<Pending>,
}

impl<'c> Facts<'c> {
    pub(crate) fn new(context: &'c GuardContext, length: usize) -> Facts<'c> {
        Facts {
            context,
            directory: zone::absolute(context.current_dir(), "/"),
            root: None,
            previous: context.work_dir.clone(),
            variables: HashMap::new(),
            journal: Vec::new(),
            subshells: 0,
            arguments: Vec::new(),
            references: HashMap::new(),
            depth: 0,
            files: HashMap::new(),
            links: HashMap::new(),
            disk: Disk::default(),
            remote: false,
            contained: false,
            unknown_names: Vec::new(),
            fuel: 60_000 + 8 * length,
            operation: Rc::default(),
            findings: Vec::new(),
            pending: Vec::new(),
        }
    }

    /// Pays for a step; a script that cannot is not followed further and does not run.
    pub(crate) fn spend(&mut self, cost: usize) -> bool {
        let Some(left) = self.fuel.checked_sub(cost + 1) else {
            self.fuel = 0;
            self.report(&rules::TOO_MUCH, "the command");
            return false;
        };
        self.fuel = left;
        true
    }

    /// Runs something one level deeper.
    pub(crate) fn deeper<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        self.depth += 1;
        let done = work(self);
        self.depth -= 1;
        done
    }

    pub(crate) fn depth_left(&self) -> usize {
        (DEEPEST + 16).saturating_sub(self.depth)
    }

    /// Leaves something to be evaluated when the check is done.
    pub(crate) fn defer(&mut self, pending: Pending) {
        self.pending.push(pending);
    }

    /// Leaves source of a shell to be evaluated when the check is done.
    pub(crate) fn defer_source(&mut self, text: &str) {
        self.defer(Pending::Source(text.to_owned()));
    }

    /// Leaves the words of a command to be evaluated when the check is done.
    pub(crate) fn defer_argv(&mut self, words: Vec<String>) {
        self.defer(Pending::Argv(words));
    }

    /// Puts another list of what is to be evaluated in the place of this one.
    pub(crate) fn swap_pending(&mut self, pending: Vec<Pending>) -> Vec<Pending> {
        std::mem::replace(&mut self.pending, pending)
    }

    /// From here on variables and the directory are those of a subshell.
    pub(crate) fn enter_subshell(&mut self) -> Subshell {
        self.subshells += 1;
        Subshell {
            directory: self.directory.clone(),
            journaled: self.journal.len(),
        }
    }

    /// Takes back what the subshell changed.
    pub(crate) fn leave_subshell(&mut self, subshell: Subshell) {
        self.subshells -= 1;
        while self.journal.len() > subshell.journaled {
            let Some((name, value)) = self.journal.pop() else {
                break;
            };
            match value {
                Some(value) => self.variables.insert(name, value),
                None => self.variables.remove(&name),
            };
        }
        self.directory = subshell.directory;
    }

    /// From here on it is noted which variables change; gives back where the notes begin.
    pub(crate) fn note_changes(&mut self) -> usize {
        self.subshells += 1;
        self.journal.len()
    }

    /// How many changes were noted.
    pub(crate) fn changes(&self) -> usize {
        self.journal.len()
    }

    /// The variables that changed since so many changes, each with what it was before.
    pub(crate) fn changed_since(&mut self, noted: usize) -> Vec<(String, Option<String>)> {
        let mut changed: Vec<(String, Option<String>)> = Vec::new();
        let notes = self.journal.len().saturating_sub(noted);
        if !self.spend(notes) {
            return changed;
        }
        for (name, before) in self.journal.get(noted..).unwrap_or_default() {
            if !changed.iter().any(|(known, _)| known == name) && changed.len() < MOST_CHANGED {
                changed.push((name.clone(), before.clone()));
            }
        }
        changed
    }

    /// Changes are noted no longer, unless a subshell around this has to take them back.
    pub(crate) fn forget_changes(&mut self, noted: usize) {
        self.subshells -= 1;
        if self.subshells == 0 {
            self.journal.truncate(noted);
        }
    }

    pub(crate) fn set(&mut self, name: &str, value: String) {
        self.put(name, Some(bounded(value)));
    }

    /// What a script itself made of a variable.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    /// Sets a variable, or takes it back.
    pub(crate) fn put(&mut self, name: &str, value: Option<String>) {
        let old = match (self.variables.get_mut(name), value) {
            (Some(place), Some(value)) => Some(std::mem::replace(place, value)),
            (None, Some(value)) => self.variables.insert(name.to_owned(), value),
            (_, None) => self.variables.remove(name),
        };
        if self.subshells > 0 {
            self.journal.push((name.to_owned(), old));
        }
    }

    /// The value of a variable, if the script or the context says it.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        let name = self.references.get(name).map_or(name, String::as_str);
        if let Some(value) = self.variables.get(name) {
            return Some(value.clone());
        }
        let context = self.context;
        Some(match name {
            "HOME" | "USERPROFILE" => context.home.clone(),
            "PWD" => self.directory.clone(),
            "OLDPWD" => self.previous.clone(),
            "USER" | "LOGNAME" => context.user.clone(),
            "TMPDIR" | "TMP" | "TEMP" => "/tmp".to_owned(),
            "IFS" => BLANKS.to_owned(),
            "$" | "RANDOM" | "PPID" | "SECONDS" | "EPOCHSECONDS" | "BASHPID" | "!" => {
                "12345".to_owned()
            }
            "?" | "UID" | "EUID" => "1000".to_owned(),
            "SHELL" | "BASH" => "/bin/bash".to_owned(),
            "-" => "hB".to_owned(),
            "#" => self.arguments.len().to_string(),
            _ => return self.positional(name),
        })
    }

    /// The characters that split an unquoted value.
    pub(crate) fn separators(&self) -> &str {
        self.variables.get("IFS").map_or(BLANKS, String::as_str)
    }

    fn positional(&self, name: &str) -> Option<String> {
        match name {
            "@" | "*" if !self.arguments.is_empty() => Some(self.arguments.join(" ")),
            "0" => Some(ITSELF.to_owned()),
            _ => {
                let number: usize = name.parse().ok()?;
                self.arguments.get(number.checked_sub(1)?).cloned()
            }
        }
    }

    /// Notes that what is followed falls under a rule.
    pub(crate) fn report(&mut self, rule: &'static Rule, target: &str) {
        let counts_anywhere = [rules::LIVE_DATA.category, rules::TOO_MUCH.category];
        if self.contained && !counts_anywhere.contains(&rule.category) {
            return;
        }
        // Worse findings are looked for last to be kept; the first of a rule speaks for the rest.
        if self.findings.iter().any(|found| found.rule.id == rule.id) {
            return;
        }
        let operation = taint::shown(&self.operation.join(" "));
        let mut target = taint::shown(target);
        if let Some(behind) = self.seen_behind(&target) {
            let (name, behind) = (end_of(&target), taint::shown(&behind));
            target = format!("{name}, which leads to {behind}");
        }
        self.findings.push(Finding {
            rule,
            operation,
            target,
        });
    }

    /// Notes which command what is found belongs to, and gives back the one around it.
    pub(crate) fn running(&mut self, words: Rc<Vec<String>>) -> Rc<Vec<String>> {
        std::mem::replace(&mut self.operation, words)
    }

    pub(crate) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}

/// What of a link's name is shown, in characters: what it leads to says more, and stands behind it.
const LONGEST_NAME: usize = 80;

/// The end of a name, if it is long.
fn end_of(name: &str) -> String {
    let over = name.chars().count().saturating_sub(LONGEST_NAME);
    let cut = if over > 0 { "…" } else { "" };
    format!("{cut}{}", name.chars().skip(over).collect::<String>())
}
