//! A script followed as text: which commands would run, with which words, in which directory.
//!
//! Nothing runs. Every branch is followed, values that are only known at run time become marks,
//! and each step costs fuel, which is bounded by the length of the text. Pure; any thread.

mod expand;
mod follow;
mod output;
mod parameter;
mod redirect;
mod state;
mod wrappers;

use super::marks;
use super::shell::{self, DEEPEST, Unreadable};
use super::zone::Context;

pub(super) use state::{Finding, Run};

/// Words that make a text dangerous even if it cannot be read.
const VOCABULARY: [&str; 40] = [
    "rm", "dd", "mkfs", "shred", "wipefs", "rmdir", "unlink", "truncate", "chmod", "chown",
    "shutdown", "reboot", "halt", "poweroff", "kill", "killall", "pkill", "fdisk", "sfdisk",
    "parted", "sgdisk", "blkdiscard", "cryptsetup", "crontab", "mkswap", "userdel", "passwd",
    "rmtree", "sudo", "del", "rd", "format", "iex", "Remove-Item", "iptables", "dropdb", "fork",
    "Format-Volume", "Invoke-Expression", "sysrq-trigger",
];

const SHELLS: [&str; 12] = [
    "sh", "bash", "zsh", "dash", "ksh", "fish", "python", "python3", "perl", "ruby", "node", "php",
];

/// Whether a text that cannot be read names something destructive.
pub(super) fn has_vocabulary(text: &str) -> bool {
    let mut after_pipe = false;
    let is_letter = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_');
    for chunk in text.as_bytes().split_inclusive(|b| !is_letter(*b)) {
        let (word, end) = match chunk.split_last() {
            Some((last, word)) if !is_letter(*last) => (word, *last),
            _ => (chunk, b' '),
        };
        if VOCABULARY.iter().any(|known| known.as_bytes() == word)
            || word.starts_with(b"mkfs")
            || (after_pipe && SHELLS.iter().any(|shell| shell.as_bytes() == word))
        {
            return true;
        }
        after_pipe = end == b'|' || (after_pipe && word.is_empty());
    }
    false
}

/// What the guard found in a command, worst first; nothing for one that may run.
pub(super) fn examine(text: &str, context: &Context) -> Vec<Finding> {
    let mut run = Run::new(context, text.len());
    run.text(text);
    run.into_findings()
}

impl Run<'_> {
    /// Follows a text that a shell would read, one level below.
    pub(super) fn text(&mut self, text: &str) -> String {
        let text = marks::without_marks(text);
        if self.depth >= DEEPEST {
            self.unreadable(&text, Unreadable::TooDeep);
            return String::new();
        }
        if !self.spend(text.len()) {
            return String::new();
        }
        match shell::read_below(&text, self.depth) {
            Ok(script) => {
                let input = std::mem::take(&mut self.standard_input);
                self.below(|run| run.script(&script, &input))
            }
            Err(why) => {
                self.unreadable(&text, why);
                String::new()
            }
        }
    }
}

/// What the judges ask of a run.
impl Run<'_> {
    /// Follows text that runs at some other time, and forgets what it changes.
    pub(super) fn judge_text(&mut self, text: &str) {
        self.below(|run| run.apart(|run| run.source_text(text)));
    }

    /// Follows a command that is given as words.
    pub(super) fn judge_words(&mut self, words: Vec<String>) {
        self.below(|run| run.argv(words, "", false));
    }

    pub(super) fn deeper(&mut self, follow: impl FnOnce(&mut Self)) {
        self.below(follow);
    }

    pub(super) fn depth_left(&self) -> usize {
        (DEEPEST + 16).saturating_sub(self.depth)
    }

    pub(super) fn found_by(&self, words: &[String]) -> Vec<String> {
        output::found(self, words)
    }
}

pub(super) use output::{base64_bytes, hex_bytes};
pub(super) use redirect::is_loopback;
pub(super) use wrappers::is_interpreter;
