//! From scripts to single commands: lists, branches, loops, functions.

use std::rc::Rc;

use super::evaluation::Eval;
use super::ran::Ran;
use super::{builtins, handed_over, output, wrappers};
use crate::checks;
use crate::facts::{ITSELF, Pending, bounded};
use crate::programs::{Argv, ProgramKind, is_of_kind, of_kind};
use crate::rules;
use crate::shell::{Assignment, CommandKind, DEEPEST, For, Pipeline, Script, ShellCommand, Word};
use crate::taint::{self, OPAQUE, REMOTE, UNKNOWN};
use crate::zone::name_of;

/// What a command costs besides its length.
const STEP: usize = 24;

/// Variables whose value is run by the program that gets it.
const COMMAND_VARIABLES: [&str; 14] = [
    "GIT_SSH_COMMAND",
    "GIT_PAGER",
    "PAGER",
    "MANPAGER",
    "EDITOR",
    "VISUAL",
    "GIT_EDITOR",
    "GIT_SEQUENCE_EDITOR",
    "PROMPT_COMMAND",
    "GIT_EXTERNAL_DIFF",
    "GIT_PROXY_COMMAND",
    "LESSOPEN",
    "BROWSER",
    "GIT_ASKPASS",
];

impl<'c> Eval<'c> {
    /// Follows commands and gives back what they print, as far as that is known.
    pub(super) fn script(&mut self, script: &Script<'c>, input: &str) -> String {
        let mut printed = String::new();
        self.script_into(script, input, &mut printed);
        printed
    }

    /// Follows commands and adds what they print to what was printed before.
    pub(super) fn script_into(&mut self, script: &Script<'c>, input: &str, printed: &mut String) {
        for pipeline in &script.pipelines {
            let text = self.pipeline(pipeline, input);
            if !text.is_empty() {
                printed.push_str(&text);
                *printed = bounded(std::mem::take(printed));
            }
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline<'c>, input: &str) -> String {
        let outer = self.concurrent;
        self.concurrent |= pipeline.background || pipeline.stages.len() > 1;
        let printed = match &*pipeline.stages {
            [only] if !pipeline.background => self.command(only, input),
            stages => {
                let mut flowing = input.to_owned();
                for (at, stage) in stages.iter().enumerate() {
                    let stdout_captured = self.stdout_captured || at + 1 < stages.len();
                    flowing = self.capturing_stdout(stdout_captured, |run| {
                        run.in_subshell(|run| run.command(stage, &flowing))
                    });
                }
                flowing
            }
        };
        self.concurrent = outer;
        printed
    }

    fn command(&mut self, command: &ShellCommand<'c>, input: &str) -> String {
        // What a command around this one writes to is fed when that one has run.
        let outer = std::mem::take(&mut self.consumers);
        let printed = self.of_command(command, input);
        if !self.consumers.is_empty() {
            self.consumed(input);
        }
        self.consumers = outer;
        printed
    }

    fn of_command(&mut self, command: &ShellCommand<'c>, input: &str) -> String {
        if self.depth > DEEPEST + 16 || !self.spend(1) {
            return String::new();
        }
        if let (CommandKind::Simple(assignments, words), []) =
            (&command.kind, command.redirections.as_slice())
        {
            return self.simple(assignments, words, input, false);
        }
        self.below(|run| match command.redirections.is_empty() {
            true => run.kind(&command.kind, input, false),
            false => run.redirected(command, input),
        })
    }

    pub(super) fn kind(&mut self, kind: &CommandKind<'c>, input: &str, to_network: bool) -> String {
        match kind {
            CommandKind::Simple(assignments, words) => {
                self.simple(assignments, words, input, to_network)
            }
            CommandKind::Group(script) => self.script(script, input),
            CommandKind::Subshell(script) => self.in_subshell(|run| run.script(script, input)),
            CommandKind::Arms(subjects, arms) => self.arms(subjects, arms, input),
            CommandKind::For(each) => self.each(each, input),
            CommandKind::Function(name, body) => {
                self.functions.insert(name, Rc::clone(body));
                String::new()
            }
            CommandKind::Test(words) => {
                self.words(words);
                String::new()
            }
        }
    }

    fn each(&mut self, each: &For<'c>, input: &str) -> String {
        let For { name, words, body } = each;
        let mut values = match words.is_empty() {
            // Without a list it goes through the arguments.
            true => self.arguments.clone(),
            false => self.words(words),
        };
        if self.record.is_none() {
            values = checks::sample(self, values);
        }
        if values.is_empty() {
            self.set(name, UNKNOWN.to_string());
            return self.script(body, input);
        }
        let mut printed = String::new();
        for value in values {
            self.set(name, value);
            printed.push_str(&self.script(body, input));
        }
        printed
    }

    fn simple(
        &mut self,
        assignments: &[Assignment<'c>],
        words: &[Word<'c>],
        input: &str,
        to_network: bool,
    ) -> String {
        self.unknown_names.clear();
        let fields = self.words(words);
        self.note_assignments(assignments, &fields);
        if fields.is_empty() {
            self.assign(assignments);
            return match words.is_empty() {
                // A bare redirection of input prints nothing; a bare `> file` passes nothing on.
                true => String::new(),
                false => input.to_owned(),
            };
        }
        if words.iter().any(Word::has_backslash) {
            self.check(|facts| checks::windows_paths(facts, &fields, words));
        }
        if assignments.is_empty() {
            return self.argv(fields, input, to_network);
        }
        // Only the variables end with the command: `IFS= read -r line` sets its line for good.
        let names = assignments.iter().map(|assignment| assignment.name);
        let before: Vec<_> = names.map(|name| (name, self.variable(name))).collect();
        self.assign(assignments);
        self.command_variables(assignments, input);
        let printed = self.argv(fields, input, to_network);
        for (name, value) in before {
            self.put(name, value);
        }
        printed
    }

    /// A variable can make a harmless command run another one.
    fn note_assignments(&mut self, assignments: &[Assignment<'c>], fields: &[String]) {
        if let (Some(record), false) = (&mut self.record, assignments.is_empty()) {
            let names = assignments
                .iter()
                .map(|assignment| format!("{}=", assignment.name));
            record.push(Ran::of(names.chain(fields.iter().cloned())));
        }
    }

    fn assign(&mut self, assignments: &[Assignment<'c>]) {
        for assignment in assignments {
            if let Some(subscript) = &assignment.subscript {
                self.marked(subscript);
            }
            let mut value = match &*assignment.values {
                [only] => self.joined(only),
                values => {
                    let texts: Vec<String> = values.iter().map(|word| self.joined(word)).collect();
                    texts.join(" ")
                }
            };
            if assignment.is_array {
                value = builtins::elements(&value).into_owned();
            }
            if assignment.appends {
                let mut before = self.value(assignment.name).unwrap_or_default();
                if assignment.is_array && !before.is_empty() {
                    before.push(' ');
                }
                value.insert_str(0, &before);
            }
            self.set(assignment.name, value);
        }
    }

    fn command_variables(&mut self, assignments: &[Assignment<'c>], input: &str) {
        for assignment in assignments {
            if matches!(assignment.name, "BASH_ENV" | "ENV") {
                // A file that a shell reads when it starts.
                let file = self.value(assignment.name).unwrap_or_default();
                let text = handed_over::text_of(self, &file, input).unwrap_or_default();
                self.source_text(&text);
            }
            if COMMAND_VARIABLES.contains(&assignment.name) {
                let value = self.value(assignment.name).unwrap_or_default();
                self.source_text(&value);
            }
        }
    }

    /// Follows one command with its final words.
    pub(crate) fn argv(&mut self, mut words: Vec<String>, input: &str, to_network: bool) -> String {
        let size: usize = words.iter().map(String::len).sum();
        if words.is_empty() || !self.spend(size + STEP) {
            return String::new();
        }
        if self.depth > DEEPEST + 16 {
            self.report(&rules::UNREADABLE, "the nesting of the command");
            return String::new();
        }
        if let Some(record) = &mut self.record {
            record.push(Ran::of(words.iter()));
        }
        if !self.is_named(&mut words) {
            return UNKNOWN.to_string();
        }
        let words = Rc::new(words);
        let before = self.running(Rc::clone(&words));
        let printed = self.named(program(&words[0]), &words, input, to_network);
        drop(words);
        let words = self.running(before);
        self.done_with(words);
        self.spend(printed.len());
        bounded(printed)
    }

    fn named(&mut self, name: &str, words: &[String], input: &str, to_network: bool) -> String {
        if name == ITSELF && self.concurrent {
            self.report(&rules::FORK_BOMB, name);
        }
        if to_network && is_of_kind(name, ProgramKind::Shell) {
            self.report(&rules::REVERSE_SHELL, name);
        }
        if let Some(body) = self.functions.get(words[0].as_str()).cloned() {
            return self.call(&words[0], &body, &words[1..], input);
        }
        if let Some(text) = self.aliases.get(&words[0]).cloned() {
            return self.alias(&text, &words[1..]);
        }
        // A shell looks for a name without a slash among the installed programs only.
        if words[0].contains('/')
            && let Some(text) = self.written(&words[0])
        {
            return self.written_program(&text, &words[1..]);
        }
        let argv = Argv::of(name, words);
        self.inside(&argv, |run| {
            if let Some(printed) = run.below(|run| wrappers::eval(run, name, &argv, input)) {
                return printed;
            }
            run.check(|facts| checks::check(facts, name, &argv, input));
            output::of(run, name, &argv, input)
        })
    }

    /// Whether it is known which program runs; a glob in its place becomes the worst it may mean.
    fn is_named(&mut self, words: &mut [String]) -> bool {
        let word = &words[0];
        if !taint::has_marks(word) {
            if word.ends_with(".exe") && !word.contains('/') {
                words[0] = program(word).to_owned();
            }
            return true;
        }
        if word.contains(taint::is_glob) {
            words[0] = destructive_like(program(word));
            return true;
        }
        if word.contains(REMOTE) {
            self.report(&rules::REMOTE_CODE, word);
        } else if word.contains(OPAQUE) {
            self.report(&rules::HIDDEN_CODE, word);
        } else if checks::looks_destructive(self, &words[1..]) {
            self.report(&rules::DYNAMIC_DELETE, &words[1..].join(" "));
        } else {
            self.report(&rules::DYNAMIC, word);
        }
        false
    }

    fn call(
        &mut self,
        name: &str,
        body: &Rc<ShellCommand<'c>>,
        words: &[String],
        input: &str,
    ) -> String {
        if self.calls.iter().any(|call| call == name) {
            if self.concurrent {
                self.report(&rules::FORK_BOMB, name);
            }
            return String::new();
        }
        self.calls.push(name.to_owned());
        let outer = std::mem::replace(&mut self.arguments, words.to_vec());
        let concurrent = std::mem::replace(&mut self.concurrent, false);
        let printed = self.below(|run| run.command(body, input));
        self.concurrent = concurrent;
        self.arguments = outer;
        self.calls.pop();
        printed
    }

    fn alias(&mut self, text: &str, words: &[String]) -> String {
        let text = format!("{text} {}", words.join(" "));
        // An alias is not expanded within itself.
        let aliases = std::mem::take(&mut self.aliases);
        let printed = self.source_text(&text);
        self.aliases = aliases;
        printed
    }

    pub(super) fn written_program(&mut self, text: &str, words: &[String]) -> String {
        let first = text.lines().next().unwrap_or_default();
        let interpreter = first.strip_prefix("#!").and_then(|line| {
            let program = line
                .split_whitespace()
                .rfind(|word| !word.starts_with('-'))?;
            Some(name_of(program))
        });
        match interpreter {
            Some(name) if !is_of_kind(name, ProgramKind::Shell) => {
                self.evaluate(Pending::Code {
                    language: name.to_owned(),
                    text: text.to_owned(),
                });
                String::new()
            }
            _ => {
                let outer = std::mem::replace(&mut self.arguments, words.to_vec());
                let printed = self.below(|run| run.source_text(text));
                self.arguments = outer;
                printed
            }
        }
    }
}

/// The name of a program, without its directory.
fn program(word: &str) -> &str {
    let name = name_of(word);
    name.strip_suffix(".exe").unwrap_or(name)
}

/// The destructive program that a glob may mean, or a name that means nothing.
fn destructive_like(pattern: &str) -> String {
    let names = of_kind(ProgramKind::Destructive);
    let found = names
        .filter(|name| checks::glob_matches(pattern, name))
        .min();
    found.unwrap_or("glob").to_owned()
}
