//! Branches: any of them may run, so that of the values they leave the gravest is the one to follow.

use super::evaluation::Eval;
use crate::programs::{ProgramKind, is_of_kind};
use crate::shell::{Script, Word};
use crate::taint::{self, TILDE};
use crate::zone::Zone;

/// Of a value as a list of words only so many are looked at.
const MOST_WORDS: usize = 8;

impl<'c> Eval<'c> {
    /// Follows the arms of `if`, `while` and `case`.
    pub(super) fn arms(
        &mut self,
        subjects: &[Word<'c>],
        arms: &[Script<'c>],
        input: &str,
    ) -> String {
        self.words(subjects);
        let mut printed = String::new();
        let mut left: Vec<(String, Option<String>)> = Vec::new();
        let noted = self.note_changes();
        for arm in arms {
            let from = self.changes();
            printed.push_str(&self.script(arm, input));
            // A condition and one body: what was there before may stay.
            let may_stay = arms.len() == 2;
            for (name, before) in self.changed_since(from) {
                let before = before.filter(|_| may_stay);
                let known = left.iter_mut().find(|(known, _)| *known == name);
                let value = self.variable(&name);
                match known {
                    Some((_, kept)) => *kept = self.graver(kept.take(), value),
                    None => left.push((name, self.graver(before, value))),
                }
            }
        }
        for (name, value) in left {
            if self.variable(&name) != value {
                self.put(&name, value);
            }
        }
        self.forget_changes(noted);
        printed
    }

    /// Of two values the one by which more can be lost; the second if nothing tells.
    fn graver(&self, first: Option<String>, second: Option<String>) -> Option<String> {
        match (first, second) {
            (Some(first), Some(second)) if self.gravity(&first) > self.gravity(&second) => {
                Some(first)
            }
            (first, second) => second.or(first),
        }
    }

    fn gravity(&self, value: &str) -> u8 {
        let words = value.split_whitespace().take(MOST_WORDS);
        let graves = words.map(|word| match word {
            word if is_of_kind(word, ProgramKind::Destructive) => 2,
            word if word.contains('/') || word.starts_with([TILDE, '.']) || word == "~" => {
                self.gravity_of_path(word)
            }
            word => u8::from(taint::has_marks(word)),
        });
        graves.max().unwrap_or_default()
    }

    fn gravity_of_path(&self, word: &str) -> u8 {
        match self.zone(word) {
            Zone::System | Zone::HomeRoot | Zone::Credentials | Zone::Device => 3,
            Zone::Home | Zone::Outside | Zone::WorkDir => 2,
            Zone::WholeWork | Zone::Unknown => 1,
            Zone::Work | Zone::Temporary | Zone::Cache | Zone::HarmlessDevice => 0,
        }
    }
}
