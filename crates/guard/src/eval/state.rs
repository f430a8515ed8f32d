//! What a followed script knows at a point: directory, variables, functions, files it wrote.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use super::links::Disk;
use crate::checks;
use crate::programs::{Argv, Role};
use crate::rules::{self, Rule};
use crate::shell::{Command, Texts, Unreadable};
use crate::taint::{self, OPAQUE, TILDE, UNKNOWN};
use crate::zone::{self, GuardContext, Zone};

/// Of a longer value only the origins are kept: a text that carries it whole is too long itself.
const LONGEST_VALUE: usize = crate::shell::LONGEST;

/// A value, or what stands for one that has grown too long to be judged.
pub(super) fn bounded(value: String) -> String {
    match value.len() > LONGEST_VALUE {
        true => format!("{UNKNOWN}{OPAQUE}{}", taint::origins(&value)),
        false => value,
    }
}

/// What `$0` is: the script that is followed, whose name nobody told.
pub(super) const ITSELF: &str = "this-script";

/// What splits values unless a script says otherwise.
const BLANKS: &str = " \t\n";

/// A rule that a command falls under, and the target that made it.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) rule: &'static Rule,
    pub(crate) operation: String,
    pub(crate) target: String,
}

pub(crate) struct Run<'c> {
    pub(crate) context: &'c GuardContext,
    pub(super) texts: &'c Texts,
    pub(crate) directory: String,
    /// The directory that is `/` for what runs now.
    root: Option<String>,
    pub(super) previous: String,
    pub(super) stack: Vec<String>,
    variables: HashMap<String, String>,
    /// What variables were before a subshell changed them.
    journal: Vec<(String, Option<String>)>,
    /// In how many subshells what runs now stands.
    subshells: usize,
    pub(super) arguments: Vec<String>,
    pub(super) functions: HashMap<&'c str, Rc<Command<'c>>>,
    pub(super) aliases: HashMap<String, String>,
    /// Variables that are other names of variables.
    pub(super) references: HashMap<String, String>,
    /// Functions that are being followed.
    pub(super) calls: Vec<String>,
    /// Whether what runs now runs concurrent something else.
    pub(super) concurrent: bool,
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
    /// What the next text that is followed reads.
    pub(super) standard_input: String,
    /// Names in this command that may say which system is meant: of variables whose values are not
    /// known, of containers.
    pub(crate) unknown_names: Vec<String>,
    fuel: usize,
    /// Memory of words that are done with.
    spare: Vec<String>,
    operation: Rc<Vec<String>>,
    /// Whether what is printed goes anywhere that matters.
    pub(super) stdout_captured: bool,
    findings: Vec<Finding>,
    /// What runs, as words, if somebody asked for it.
    pub(super) record: Option<Vec<super::Ran>>,
}

impl<'c> Run<'c> {
    pub(crate) fn new(context: &'c GuardContext, texts: &'c Texts, length: usize) -> Run<'c> {
        Run {
            context,
            texts,
            directory: zone::absolute(context.current_dir(), "/"),
            root: None,
            previous: context.work_dir.clone(),
            stack: Vec::new(),
            variables: HashMap::new(),
            journal: Vec::new(),
            subshells: 0,
            arguments: Vec::new(),
            functions: HashMap::new(),
            aliases: HashMap::new(),
            references: HashMap::new(),
            calls: Vec::new(),
            concurrent: false,
            depth: 0,
            files: HashMap::new(),
            links: HashMap::new(),
            disk: Disk::default(),
            remote: false,
            contained: false,
            standard_input: String::new(),
            unknown_names: Vec::new(),
            fuel: 60_000 + 8 * length,
            spare: Vec::new(),
            operation: Rc::default(),
            stdout_captured: false,
            findings: Vec::new(),
            record: None,
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

    /// Follows something one level deeper.
    pub(super) fn below<T>(&mut self, evaluate: impl FnOnce(&mut Self) -> T) -> T {
        self.depth += 1;
        let found = evaluate(self);
        self.depth -= 1;
        found
    }

    /// Follows something whose variables and directory end with it.
    pub(super) fn in_subshell<T>(&mut self, evaluate: impl FnOnce(&mut Self) -> T) -> T {
        let (directory, start) = (self.directory.clone(), self.journal.len());
        self.subshells += 1;
        let found = evaluate(self);
        self.subshells -= 1;
        while self.journal.len() > start {
            let Some((name, value)) = self.journal.pop() else {
                break;
            };
            match value {
                Some(value) => self.variables.insert(name, value),
                None => self.variables.remove(&name),
            };
        }
        self.directory = directory;
        found
    }

    /// The same, if it is wanted.
    pub(super) fn in_subshell_if<T>(
        &mut self,
        wanted: bool,
        evaluate: impl FnOnce(&mut Self) -> T,
    ) -> T {
        match wanted {
            true => self.in_subshell(evaluate),
            false => evaluate(self),
        }
    }

    pub(super) fn set(&mut self, name: &str, value: String) {
        self.put(name, Some(bounded(value)));
    }

    /// What a script itself made of a variable.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    /// Sets a variable, or takes it back.
    pub(super) fn put(&mut self, name: &str, value: Option<String>) {
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
    pub(super) fn separators(&self) -> &str {
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
            target.push_str(&format!(", which leads to {}", taint::shown(&behind)));
        }
        self.findings.push(Finding {
            rule,
            operation,
            target,
        });
    }

    pub(super) fn unreadable(&mut self, text: &str, why: Unreadable) {
        let target = match why {
            Unreadable::Syntax => "the command",
            Unreadable::TooDeep => "the nesting of the command",
            Unreadable::TooLong => "the length of the command",
        };
        let is_foreign = why == Unreadable::Syntax && checks::foreign(self, text);
        let is_grave = match is_foreign {
            // What it names of Windows was judged.
            true => super::names_any(text, &[&super::VOCABULARY]),
            false => super::has_vocabulary(text),
        };
        match is_grave {
            true => self.report(&rules::UNREADABLE, target),
            false => self.report(&rules::UNPARSEABLE, target),
        }
    }

    /// Notes which command what is found belongs to, and gives back the one around it.
    pub(super) fn running(&mut self, words: Rc<Vec<String>>) -> Rc<Vec<String>> {
        std::mem::replace(&mut self.operation, words)
    }

    /// A word of a command. A long script has a hundred thousand of them, so their memory is used again.
    pub(super) fn field(&mut self, text: &str) -> String {
        let mut field = self.spare.pop().unwrap_or_default();
        field.push_str(text);
        field
    }

    /// Takes back the words of a command that was followed.
    pub(super) fn done_with(&mut self, words: Rc<Vec<String>>) {
        const ENOUGH: usize = 64;
        let Ok(words) = Rc::try_unwrap(words) else {
            return;
        };
        let room = ENOUGH.saturating_sub(self.spare.len());
        let small = words.into_iter().filter(|word| word.capacity() <= 64);
        self.spare.extend(small.take(room).map(|mut word| {
            word.clear();
            word
        }));
    }

    /// Follows something whose output somebody reads.
    pub(super) fn capturing_stdout<T>(
        &mut self,
        stdout_captured: bool,
        evaluate: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let outer = std::mem::replace(&mut self.stdout_captured, stdout_captured);
        let found = evaluate(self);
        self.stdout_captured = outer;
        found
    }

    pub(crate) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    /// The absolute path that a word names below the root of what runs now.
    pub(super) fn path_in_root(&self, word: &str) -> String {
        zone::absolute(&self.with_home(word), &self.directory)
    }

    /// What a path below the root is for the machine. Devices and the kernel's own files are those of
    /// the machine, whatever the root is.
    pub(super) fn outside_root(&self, path: String) -> String {
        let of_kernel = ["/dev", "/proc", "/sys"];
        match &self.root {
            Some(root)
                if !of_kernel
                    .iter()
                    .any(|part| zone::below(&path, part).is_some()) =>
            {
                zone::absolute(&format!("{root}/{path}"), "/")
            }
            _ => path,
        }
    }

    /// Follows a program in the directory that its own options change to, below the root they name.
    pub(super) fn inside<T>(&mut self, argv: &Argv, evaluate: impl FnOnce(&mut Self) -> T) -> T {
        let entered = argv.entered();
        if entered.is_empty() {
            return evaluate(self);
        }
        let (directory, root) = (self.directory.clone(), self.root.clone());
        for (role, word) in entered {
            match role {
                // Of a root that nobody knows the paths below it say as much as without it.
                Role::Root if !word.contains(UNKNOWN) => {
                    let path = self.path(word);
                    self.root = Some(path).filter(|path| path != "/");
                    self.directory = "/".to_owned();
                }
                Role::Root => {}
                _ => self.directory = self.directory_of(word),
            }
        }
        let found = evaluate(self);
        self.directory = directory;
        self.root = root;
        found
    }

    /// The directory that `cd` to a word leads to.
    pub(super) fn directory_of(&mut self, word: &str) -> String {
        let path = match self.root {
            Some(_) => self.path_in_root(word),
            None => self.logical_path(word),
        };
        self.spend(path.len());
        let is_open = path.contains(taint::is_glob) && !path.starts_with('/');
        match path.len() > 256 || word.starts_with(UNKNOWN) || is_open {
            true => UNKNOWN.to_string(),
            false => path,
        }
    }

    /// The path that the first link on the way leads to.
    pub(super) fn behind_link(&self, path: &str) -> Option<String> {
        let ends = memchr::memchr_iter(b'/', path.as_bytes()).skip(1);
        // No path that people write is deeper.
        let mut parents = ends.chain([path.len()]).take(128);
        parents.find_map(|end| {
            let target = self.links.get(&path[..end])?;
            Some(zone::absolute(&format!("{target}{}", &path[end..]), "/"))
        })
    }

    pub(crate) fn zone(&self, word: &str) -> Zone {
        self.zone_of(&self.path(word))
    }

    /// The zone of a path that `path` gave.
    pub(crate) fn zone_of(&self, path: &str) -> Zone {
        zone::zone(path, self.context)
    }

    /// A word with the `~` at its start replaced.
    pub(super) fn with_home<'w>(&self, word: &'w str) -> Cow<'w, str> {
        let Some(rest) = word.strip_prefix(TILDE) else {
            return word.into();
        };
        let (user, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let home = match user {
            "" => self.context.home.clone(),
            "+" => self.directory.clone(),
            "-" => self.previous.clone(),
            "root" => "/root".to_owned(),
            user if user == self.context.user => self.context.home.clone(),
            user => format!("/home/{user}"),
        };
        format!("{home}{path}").into()
    }
}
