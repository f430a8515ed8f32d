//! Commands that would run, for those who ask which.

use crate::taint;

/// A command that would run, as its words.
#[derive(Clone, Debug)]
pub(crate) struct Ran {
    pub(crate) words: Vec<String>,
    /// Only run time knows which program it is.
    pub(crate) is_unknown: bool,
}

impl Ran {
    /// What stands for a word that only run time knows.
    pub(crate) const UNKNOWN: &'static str = "<unknown>";

    pub(super) fn of(words: impl Iterator<Item = impl AsRef<str>>) -> Ran {
        let words: Vec<String> = words.map(|word| taint::shown(word.as_ref())).collect();
        let is_unknown = words
            .first()
            .is_some_and(|word| word.contains(Ran::UNKNOWN));
        Ran { words, is_unknown }
    }
}
