//! Files as far as text tells what they hold: those that the script wrote, and those that hold secrets.

use std::borrow::Cow;

use super::script::{Facts, bounded};
use crate::taint::{self, UNKNOWN};
use crate::zone::{Zone, is_secret};

impl Facts<'_> {
    /// Remembers what a file now holds.
    pub(crate) fn keep(&mut self, word: &str, text: String, appends: bool) {
        let path = self.path(word);
        let before = self.files.entry(path).or_default();
        match appends && !before.is_empty() {
            true => before.push_str(&text),
            false => *before = text,
        }
        *before = bounded(std::mem::take(before));
    }

    /// What the script itself wrote to a file.
    pub(crate) fn written(&self, word: &str) -> Option<String> {
        if self.files.is_empty() {
            return None;
        }
        self.files.get(&self.path(word)).cloned()
    }

    /// What a file holds, as far as text tells.
    pub(crate) fn contents(&self, word: &str) -> Cow<'_, str> {
        if let Some(text) = self.written(word) {
            return text.into();
        }
        if word == "/dev/null" {
            return "".into();
        }
        match self.holds_secrets(word) {
            true => format!("{UNKNOWN}{}", taint::SECRET).into(),
            false => taint::UNKNOWN_TEXT.into(),
        }
    }

    /// Whether a path is a secret, or a directory full of them.
    pub(crate) fn holds_secrets(&self, word: &str) -> bool {
        let looks_like_path = word.starts_with(['/', '.', taint::TILDE]) || word.contains('/');
        let path = self.path(word);
        is_secret(&path, self.context)
            || (looks_like_path
                && matches!(self.zone(word), Zone::HomeRoot)
                && !word.contains(UNKNOWN))
    }
}
