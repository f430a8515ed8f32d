//! One evaluation: the facts of a script, and what only the evaluator has to know.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use super::ran::Ran;
use crate::facts::Facts;
use crate::links::Links;
use crate::programs::Argv;
use crate::shell::{Script, ShellCommand, Texts};
use crate::zone::GuardContext;

/// A script that is being evaluated. Its facts are reached through it.
pub(crate) struct Eval<'c> {
    facts: Facts<'c>,
    pub(super) texts: &'c Texts,
    /// The directories that `pushd` remembers.
    pub(super) stack: Vec<String>,
    pub(super) functions: HashMap<&'c str, Rc<ShellCommand<'c>>>,
    pub(super) aliases: HashMap<String, String>,
    /// What reads by `>( )`, each under the file that it reads, until the command has run.
    pub(super) consumers: Vec<(String, Rc<Script<'c>>)>,
    /// Functions that are being evaluated.
    pub(super) calls: Vec<String>,
    /// Whether something else runs at the same time.
    pub(super) concurrent: bool,
    /// What the next source that is evaluated reads.
    pub(super) standard_input: String,
    /// Memory of words that are done with.
    spare: Vec<String>,
    /// Whether what is printed goes anywhere that matters.
    pub(super) stdout_captured: bool,
    /// What runs, as words, if a caller wants it.
    pub(super) record: Option<Vec<Ran>>,
}

impl<'c> Deref for Eval<'c> {
    type Target = Facts<'c>;

    fn deref(&self) -> &Facts<'c> {
        &self.facts
    }
}

impl<'c> DerefMut for Eval<'c> {
    fn deref_mut(&mut self) -> &mut Facts<'c> {
        &mut self.facts
    }
}

impl<'c> Eval<'c> {
    /// The evaluation of a text of a length; with links it goes by what stands behind the names.
    pub(super) fn new(
        context: &'c GuardContext,
        texts: &'c Texts,
        length: usize,
        links: Option<&'c dyn Links>,
    ) -> Eval<'c> {
        let facts = Facts::new(context, length);
        Eval {
            facts: match links {
                Some(links) => facts.behind(links),
                None => facts,
            },
            texts,
            stack: Vec::new(),
            functions: HashMap::new(),
            aliases: HashMap::new(),
            consumers: Vec::new(),
            calls: Vec::new(),
            concurrent: false,
            standard_input: String::new(),
            spare: Vec::new(),
            stdout_captured: false,
            record: None,
        }
    }

    pub(super) fn into_facts(self) -> Facts<'c> {
        self.facts
    }

    /// Evaluates something one level deeper.
    pub(super) fn below<T>(&mut self, evaluate: impl FnOnce(&mut Self) -> T) -> T {
        self.depth += 1;
        let found = evaluate(self);
        self.depth -= 1;
        found
    }

    /// Evaluates something whose variables and directory end with it.
    pub(super) fn in_subshell<T>(&mut self, evaluate: impl FnOnce(&mut Self) -> T) -> T {
        let subshell = self.enter_subshell();
        let found = evaluate(self);
        self.leave_subshell(subshell);
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

    /// Evaluates a program in the directory that its own options change to.
    pub(super) fn inside<T>(&mut self, argv: &Argv, evaluate: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.enter(argv);
        let found = evaluate(self);
        if let Some(before) = before {
            self.leave(before);
        }
        found
    }

    /// Evaluates something whose output is captured.
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
}
