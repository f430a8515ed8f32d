//! The driver: evaluates source, words and code, those that the checks leave to it too.

use super::evaluation::Eval;
use crate::checks;
use crate::facts::{Facts, Pending};
use crate::rules;
use crate::shell::{self, DEEPEST, Unreadable};
use crate::taint::{self, OPAQUE, REMOTE, UNKNOWN};
use crate::vocabulary::{has_unix_vocabulary, has_vocabulary};

impl Eval<'_> {
    /// Has something checked, and evaluates what the check leaves.
    pub(super) fn check<T>(&mut self, check: impl FnOnce(&mut Facts) -> T) -> T {
        let outer = self.swap_pending(Vec::new());
        let found = check(self);
        for pending in self.swap_pending(outer) {
            self.evaluate(pending);
        }
        found
    }

    /// Evaluates what runs at some other time, and forgets what it changes.
    pub(super) fn evaluate(&mut self, pending: Pending) {
        self.below(|run| match pending {
            Pending::Source(text) => drop(run.in_subshell(|run| run.source_text(&text))),
            Pending::Argv(words) => drop(run.argv(words, "", false)),
            Pending::Code { language, text } => {
                run.check(|facts| checks::check_code(facts, &language, &text));
            }
        });
    }

    /// Evaluates source that runs at some other time.
    pub(super) fn evaluate_source(&mut self, text: &str) {
        self.evaluate(Pending::Source(text.to_owned()));
    }

    /// Evaluates code that came by input or from a file of the script's own.
    pub(super) fn evaluate_code(&mut self, language: &str, text: &str) {
        self.check(|facts| checks::check_code_input(facts, language, text));
    }

    /// Evaluates a text that a shell would read, one level below.
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

    /// Evaluates text that a shell is given, in which marks may stand.
    pub(super) fn source_text(&mut self, text: &str) -> String {
        if text.contains(REMOTE) {
            self.report(&rules::REMOTE_CODE, text);
            return String::new();
        }
        if text.contains(OPAQUE) {
            self.report(&rules::HIDDEN_CODE, text);
            return String::new();
        }
        if text.chars().all(|c| c == UNKNOWN || c.is_whitespace()) {
            if !text.trim().is_empty() {
                self.report(&rules::LOCAL_SCRIPT, text);
            }
            return text.to_owned();
        }
        let source = taint::shown(&text.replace(UNKNOWN, "${hotplex_unknown}"));
        self.text(&source)
    }

    fn unreadable(&mut self, text: &str, why: Unreadable) {
        let target = match why {
            Unreadable::Syntax => "the command",
            Unreadable::TooDeep => "the nesting of the command",
            Unreadable::TooLong => "the length of the command",
        };
        let is_foreign = why == Unreadable::Syntax && self.is_foreign(text);
        let is_grave = match is_foreign {
            // What it names of Windows was judged.
            true => has_unix_vocabulary(text),
            false => has_vocabulary(text),
        };
        match is_grave {
            true => self.report(&rules::UNREADABLE, target),
            false => self.report(&rules::UNPARSEABLE, target),
        }
    }

    /// Whether a text that no shell of Unix reads is one of Windows, which is checked as such.
    fn is_foreign(&mut self, text: &str) -> bool {
        self.check(|facts| checks::foreign(facts, text))
    }
}
