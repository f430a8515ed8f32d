//! Calls of code that start a program: by a text for a shell, or by the words of its command line.

use super::reading::{Reading, last};
use super::tokens::Token;
use crate::facts::Facts;
use crate::programs::ProgramKind;

/// Calls that start a program, by a text for a shell or by its words.
pub(super) const SHELL_CALLS: &[&str] = &[
    "system",
    "popen",
    "popen2",
    "execSync",
    "spawn",
    "spawnSync",
    "execFileSync",
    "execFile",
    "call",
    "check_call",
    "check_output",
    "run",
    "Popen",
    "shell_exec",
    "passthru",
    "proc_open",
    "getoutput",
    "getstatusoutput",
    "exec",
    "execl",
    "execv",
    "execvp",
    "execlp",
    "capture2e",
    "capture2",
    "capture3",
    "create_subprocess_exec",
    "create_subprocess_shell",
    "pcntl_exec",
    "readpipe",
    "cmd",
    "spawn_command_line_sync",
    "spawn_command_line_async",
];

/// Calls whose list of words begins with the name that the program is told it has.
const NAMED_CALLS: [&str; 18] = [
    "execl",
    "execle",
    "execlp",
    "execlpe",
    "execv",
    "execve",
    "execvp",
    "execvpe",
    "posix_spawn",
    "posix_spawnp",
    "spawnl",
    "spawnle",
    "spawnlp",
    "spawnlpe",
    "spawnv",
    "spawnve",
    "spawnvp",
    "spawnvpe",
];

/// The name of a variable without the sign of its kind.
pub(super) fn bare(name: &str) -> &str {
    name.trim_start_matches(['$', '@'])
}

impl Reading<'_> {
    pub(super) fn starts_program(&self, name: &str) -> bool {
        let call = last(name);
        let is_code = call == "exec" && self.kinds.has(ProgramKind::ExecIsCode);
        name.ends_with("Deno.Command")
            || NAMED_CALLS.contains(&call)
            || SHELL_CALLS.contains(&call) && !is_code
    }

    /// Leaves the program that a call starts to be evaluated.
    pub(super) fn program_call(&self, run: &mut Facts, at: usize, call: &str) {
        let words = self.words_of_call(run, at, call);
        match &*words {
            [] => {}
            [only] => run.defer_source(only),
            [text, ..] if is_source(text) => run.defer_source(text),
            _ => run.defer_argv(words.into_iter().filter(|word| !word.is_empty()).collect()),
        }
    }

    fn words_of_call(&self, run: &Facts, at: usize, call: &str) -> Vec<String> {
        if let Some(words) = self.named_program(run, at) {
            return words;
        }
        if let Some(words) = self.list_in_call(at) {
            return words;
        }
        let mut words = self.arguments(run, at);
        let is_mode = call.starts_with("spawn") && NAMED_CALLS.contains(&call);
        if is_mode && !words.is_empty() {
            words.remove(0);
        }
        let is_pair = self.kinds.has(ProgramKind::RubyQuotes)
            && matches!(call, "exec" | "system" | "spawn")
            && self.signs(at + 1, "([");
        if (NAMED_CALLS.contains(&call) || is_pair) && words.len() > 1 {
            words.remove(1);
        }
        words
    }

    /// `exec {"program"} "name", "word"` of Perl.
    fn named_program(&self, run: &Facts, at: usize) -> Option<Vec<String>> {
        let [Token::Sign('{'), Token::Text(program), Token::Sign('}'), ..] =
            self.tokens.get(at + 1..)?
        else {
            return None;
        };
        let words = self.arguments(run, at + 3).into_iter().skip(1);
        let program = std::iter::once(program.clone().into_owned());
        self.kinds
            .has(ProgramKind::PerlQuotes)
            .then(|| program.chain(words).collect())
    }

    /// The words of a variable that a call is given: `exec @words`, `run(words)`.
    fn list_in_call(&self, at: usize) -> Option<Vec<String>> {
        let is_sign = |token: &&Token| matches!(token, Token::Sign('(' | '@' | '*' | '\\'));
        let behind = self.tokens.get(at + 1..)?.iter().take(4);
        let mut behind = behind.skip_while(is_sign);
        match behind.next()? {
            Token::Name(name) => self
                .lists
                .get(bare(name))
                .filter(|words| words.len() > 1)
                .cloned(),
            _ => None,
        }
    }

    fn signs(&self, at: usize, wanted: &str) -> bool {
        let mut tokens = self.tokens.iter().skip(at);
        wanted
            .chars()
            .all(|sign| tokens.next() == Some(&Token::Sign(sign)))
    }

    /// `open(F, "-|", "program", "word")` and `open(F, "program |")`.
    pub(super) fn opened_pipe(&self, run: &mut Facts, at: usize) {
        let words = self.arguments(run, at);
        if let Some(mode) = words
            .iter()
            .position(|word| matches!(word.as_str(), "-|" | "|-"))
        {
            return match words.get(mode + 1..).unwrap_or_default() {
                [] => {}
                [text] => run.defer_source(text),
                program => run.defer_argv(program.to_vec()),
            };
        }
        for text in &words {
            let text = text.trim();
            let inside = text.strip_suffix('|').or_else(|| text.strip_prefix('|'));
            if let Some(source) = inside.filter(|source| !source.is_empty()) {
                run.defer_source(source);
            }
        }
    }
}

/// Whether the first of several words is a text for a shell, and no name of a program.
fn is_source(text: &str) -> bool {
    text.trim().contains([' ', ';', '|', '>', '\n', ':'])
}
