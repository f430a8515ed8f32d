//! A script followed as text: which commands would run, with which words, in which directory.
//!
//! Nothing runs. Every branch is followed, values that are only known at run time become marks,
//! and each step costs fuel, which is bounded by the length of the text. Pure; any thread.

mod builtins;
mod commands;
mod contained;
mod decoders;
mod expand;
mod gathered;
mod handed_over;
mod interpreters;
mod links;
mod output;
mod parameter;
mod redirect;
mod state;
mod wrappers;

use crate::links::Links;
use crate::rules;
use crate::shell::{self, DEEPEST, Texts, Unreadable};
use crate::taint;
use crate::zone::GuardContext;

pub(super) use state::{Finding, Run};

/// Words that make a text dangerous even if it cannot be read.
const VOCABULARY: [&str; 32] = [
    "rm",
    "dd",
    "mkfs",
    "shred",
    "wipefs",
    "unlink",
    "truncate",
    "chmod",
    "chown",
    "shutdown",
    "reboot",
    "halt",
    "poweroff",
    "kill",
    "killall",
    "pkill",
    "fdisk",
    "sfdisk",
    "parted",
    "sgdisk",
    "blkdiscard",
    "cryptsetup",
    "crontab",
    "mkswap",
    "userdel",
    "passwd",
    "rmtree",
    "sudo",
    "iptables",
    "dropdb",
    "fork",
    "sysrq-trigger",
];

/// The same of Windows.
const FOREIGN_VOCABULARY: [&str; 8] = [
    "rmdir",
    "del",
    "rd",
    "format",
    "iex",
    "Remove-Item",
    "Format-Volume",
    "Invoke-Expression",
];

const SHELLS: [&str; 12] = [
    "sh", "bash", "zsh", "dash", "ksh", "fish", "python", "python3", "perl", "ruby", "node", "php",
];

/// A command this long was never meant to be read, and reading it would take too long.
const LONGEST_SEARCHED: usize = 8 * 1024 * 1024;

/// The bytes that words are made of.
const LETTERS: [bool; 256] = {
    let mut letters = [false; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        letters[at] = byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        at += 1;
    }
    letters
};

/// Whether a text that cannot be read names something destructive.
pub(super) fn has_vocabulary(text: &str) -> bool {
    names_any(text, &[&VOCABULARY, &FOREIGN_VOCABULARY])
}

fn names_any(text: &str, vocabularies: &[&[&str]]) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() > LONGEST_SEARCHED {
        return true;
    }
    let (mut start, mut after_pipe) = (0, false);
    for at in 0..=bytes.len() {
        let byte = bytes.get(at).copied().unwrap_or(b' ');
        if LETTERS[byte as usize] {
            continue;
        }
        let word = &bytes[start..at];
        if word.len() > 1 && is_vocabulary(word, after_pipe, vocabularies) {
            return true;
        }
        after_pipe = byte == b'|' || (after_pipe && word.is_empty());
        start = at + 1;
    }
    false
}

fn is_vocabulary(word: &[u8], after_pipe: bool, vocabularies: &[&[&str]]) -> bool {
    let mut known = vocabularies.iter().copied().flatten();
    known.any(|known| known.as_bytes() == word)
        || word.starts_with(b"mkfs")
        || (after_pipe && SHELLS.iter().any(|shell| shell.as_bytes() == word))
}

/// What the guard found in a command by the names alone, and whether it names a path that may lead
/// elsewhere.
pub(super) fn examine(text: &str, context: &GuardContext) -> (Vec<Finding>, bool) {
    let texts = Texts::default();
    let mut run = Run::new(context, &texts, text.len());
    run.text(text);
    let names_paths = run.names_paths();
    (run.into_findings(), names_paths)
}

/// What the guard found in a command by what stands behind the names.
pub(super) fn examine_behind(
    text: &str,
    context: &GuardContext,
    links: &dyn Links,
) -> Vec<Finding> {
    let texts = Texts::default();
    let mut run = Run::new(context, &texts, text.len()).behind(links);
    run.text(text);
    run.into_findings()
}

/// A command that would run, as its words.
#[derive(Clone, Debug)]
pub(super) struct Ran {
    pub(super) words: Vec<String>,
    /// Only run time knows which program it is.
    pub(super) is_unknown: bool,
}

impl Ran {
    /// What stands for a word that only run time knows.
    pub(super) const UNKNOWN: &'static str = "<unknown>";

    fn of(words: impl Iterator<Item = impl AsRef<str>>) -> Ran {
        let words: Vec<String> = words.map(|word| taint::shown(word.as_ref())).collect();
        let is_unknown = words
            .first()
            .is_some_and(|word| word.contains(Ran::UNKNOWN));
        Ran { words, is_unknown }
    }
}

/// Every command that would run; `None` if the text does not tell.
pub(super) fn commands(text: &str, context: &GuardContext) -> Option<Vec<Ran>> {
    let texts = Texts::default();
    let mut run = Run::new(context, &texts, text.len());
    run.record = Some(Vec::new());
    run.text(text);
    let record = run.record.take();
    let unclear = [&rules::UNREADABLE, &rules::UNPARSEABLE, &rules::TOO_MUCH];
    let is_unclear = |found: &Finding| unclear.iter().any(|rule| rule.id == found.rule.id);
    record.filter(|_| !run.into_findings().iter().any(is_unclear))
}

impl Run<'_> {
    /// Follows a text that a shell would read, one level below.
    pub(super) fn text(&mut self, text: &str) -> String {
        if self.depth >= DEEPEST {
            self.unreadable(text, Unreadable::TooDeep);
            return String::new();
        }
        if !self.spend(text.len()) {
            return String::new();
        }
        let texts = self.texts;
        let text = texts.alloc(taint::without_marks(text).into_owned());
        let input = std::mem::take(&mut self.standard_input);
        let mut printed = String::new();
        for line in shell::lines_below(text, texts, self.depth) {
            match line {
                Ok(line) => self.below(|run| run.script_into(&line, &input, &mut printed)),
                Err(why) => self.unreadable(text, why),
            }
        }
        printed
    }
}

/// What the judges ask of a run.
impl Run<'_> {
    /// Follows text that runs at some other time, and forgets what it changes.
    pub(super) fn judge_text(&mut self, text: &str) {
        self.below(|run| run.in_subshell(|run| run.source_text(text)));
    }

    /// Follows a command that is given as words.
    pub(super) fn judge_words(&mut self, words: Vec<String>) {
        self.below(|run| run.argv(words, "", false));
    }

    pub(super) fn deeper(&mut self, evaluate: impl FnOnce(&mut Self)) {
        self.below(evaluate);
    }

    pub(super) fn depth_left(&self) -> usize {
        (DEEPEST + 16).saturating_sub(self.depth)
    }

    pub(super) fn found_by(&self, words: &[String]) -> Vec<String> {
        output::found(words)
    }
}

pub(super) use decoders::{base64_bytes, hex_bytes};
pub(super) use interpreters::is_interpreter;
pub(super) use redirect::is_loopback;
