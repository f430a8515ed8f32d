//! The calls of code: what each deletes, runs, writes, ends.

use super::call_names::{DELETE_CALLS, LEVEL_CALLS, LIST_CALLS, OWNERS, WRITE_CALLS};
use super::files::found;
use super::program_calls::{SHELL_CALLS, bare};
use super::reading::{NETWORK, Reading, last};
use super::tokens::Token;
use super::{removal, writing};
use crate::facts::{Facts, Pending};
use crate::programs::{ProgramKind, is_of_kind};
use crate::rules;
use crate::taint::{self, OPAQUE, REMOTE, SECRET, UNKNOWN};
use crate::zone::Zone;

impl Reading<'_> {
    pub(super) fn token(&mut self, run: &mut Facts, at: usize) {
        match &self.tokens[at] {
            Token::Shell(text) => {
                run.defer_source(text);
            }
            Token::Name(name) => {
                if self.kinds.has(ProgramKind::Awk)
                    && self.is_piped(at)
                    && let Some(text) = self.values.get(name.as_ref()).cloned()
                {
                    run.defer_source(&text);
                }
                // `"command".!` of Scala.
                let is_run = name == "." && self.tokens.get(at + 1) == Some(&Token::Sign('!'));
                if is_run && self.kinds.has(ProgramKind::BangCalls) {
                    self.command_in_front(run, at);
                }
                self.named(run, name, at);
            }
            Token::Text(text) if self.kinds.has(ProgramKind::Awk) => {
                if self.is_piped(at) {
                    run.defer_source(text);
                    self.listed_by_line(at, text);
                }
                if at > 0 && self.tokens[at - 1] == Token::Sign('>') {
                    writing::check_write(run, text, "", false);
                }
            }
            _ => {}
        }
    }

    /// Runs the text in front of a call, or the words of the list that stands there.
    fn command_in_front(&self, run: &mut Facts, at: usize) {
        const LONGEST_LIST: usize = 64;
        let before = &self.tokens[at.saturating_sub(LONGEST_LIST)..at];
        let list = match before.last() {
            Some(Token::Text(text)) => return run.defer_source(text),
            Some(Token::Sign(')')) => before.iter().rposition(|token| *token == Token::Sign('(')),
            Some(Token::Sign(']')) => before.iter().rposition(|token| *token == Token::Sign('[')),
            _ => None,
        };
        let words = list.map_or(&[][..], |open| &before[open..]).iter();
        let words: Vec<String> = words
            .filter_map(|token| match token {
                Token::Text(text) => Some(text.clone().into_owned()),
                _ => None,
            })
            .collect();
        match &*words {
            [] => {}
            [command] => run.defer_source(command),
            _ => run.defer_argv(words),
        }
    }

    /// `"find /etc" | getline name` of awk: what the name goes through.
    fn listed_by_line(&mut self, at: usize, text: &str) {
        let Some(
            [
                Token::Sign('|'),
                Token::Name(getline),
                Token::Name(name),
                ..,
            ],
        ) = self.tokens.get(at + 1..)
        else {
            return;
        };
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        let lists = words
            .first()
            .is_some_and(|word| is_of_kind(word, ProgramKind::Lister));
        if let (true, "getline", Some(place)) = (lists, getline.as_ref(), found(&words).first()) {
            self.values.insert(name.to_string(), place.clone());
        }
    }

    /// Whether a command of awk stands at one end of a pipe.
    fn is_piped(&self, at: usize) -> bool {
        let is_pipe = |at: usize| self.tokens.get(at) == Some(&Token::Sign('|'));
        at.checked_sub(1).is_some_and(is_pipe) || is_pipe(at + 1)
    }

    fn named(&mut self, run: &mut Facts, name: &str, at: usize) {
        self.assignment(run, name, at);
        let renamed = self.renamed(name).map(str::to_owned);
        let name = renamed.as_deref().unwrap_or(name);
        let call = last(name);
        let owner = name.rsplit('.').nth(1).unwrap_or_default();
        let is_call = matches!(
            self.tokens.get(at + 1),
            Some(Token::Sign('(') | Token::Text(_))
        ) || self.kinds.has(ProgramKind::BareCalls);
        if !is_call {
            return;
        }
        if matches!(call, "exec" | "eval" | "Function" | "instance_eval") {
            self.evaluated(run, call, at);
        }
        if name == "os.execute" || self.starts.contains(&call) || self.starts_program(name) {
            self.program_call(run, at, call);
        } else if matches!(call, "kill" | "killpg") {
            self.kill(run, at);
        }
        if LIST_CALLS.contains(&call) {
            self.list_call(run, at, call);
        }
        match call {
            "getattr" => self.call_of_attribute(run, at),
            // `"command".execute()` of Groovy.
            "execute" if name.starts_with('.') => {
                self.command_in_front(run, at);
            }
            _ => {}
        }
        self.file_call(run, name, owner, at);
        if matches!(call, "array_map" | "array_walk" | "call_user_func") {
            self.call_by_name(run, at);
        }
        if call == "open" && self.kinds.has(ProgramKind::BareCalls) {
            self.opened_pipe(run, at);
        }
        if WRITE_CALLS.contains(&call) {
            self.write_call(run, at, call);
        }
    }

    /// What it lists, so that a loop over it is known.
    fn list_call(&mut self, run: &mut Facts, at: usize, call: &str) {
        let values = self.arguments(run, at);
        // One level of the work directory is what `rm *` takes.
        let is_here = |value: &String| LEVEL_CALLS.contains(&call) && value == ".";
        let values = values
            .into_iter()
            .take(1)
            .filter(|value| !is_here(value))
            .map(|value| {
                value.trim_end_matches("/*").to_owned() + if value == "/*" { "/" } else { "" }
            });
        self.listed.extend(values.filter(|value| {
            !value.is_empty()
                && !value.starts_with(UNKNOWN)
                && (value.starts_with('/') || value.starts_with("..") || value.starts_with('.'))
        }));
    }

    /// Calls that delete, move or permit files; some of their names mean other things elsewhere.
    fn file_call(&mut self, run: &mut Facts, name: &str, owner: &str, at: usize) {
        let call = last(name);
        let is_bare = !name.contains('.');
        let is_generic = matches!(
            call,
            "unlink" | "rmdir" | "remove" | "rm" | "delete" | "truncate"
        );
        let is_file_call = OWNERS.contains(&owner)
            || (is_bare && self.kinds.has(ProgramKind::FileWords) && call != "delete")
            || (is_bare
                && matches!(call, "remove" | "unlink" | "rmdir" | "rm")
                && self.imports(call))
            || name.starts_with('.');
        if matches!(call, "unlink" | "rmdir") && !is_file_call {
            self.method_of_path(run, owner);
        }
        let is_own_word = is_bare && self.kinds.has(ProgramKind::ModeWords);
        if is_own_word
            || matches!(
                owner,
                "os" | "fs" | "shutil" | "File" | "FileUtils" | "Files"
            )
        {
            self.moved_or_permitted(run, at, call);
        }
        if DELETE_CALLS.contains(&call) && (!is_generic || is_file_call) {
            self.delete_call(run, at, name);
        }
    }

    /// `getattr(module, "name")(arguments)`.
    fn call_of_attribute(&self, run: &mut Facts, at: usize) {
        let named = self.arguments(run, at);
        let behind = self.closing(at + 1) + 1;
        let Some(call) = named.last().map(String::as_str) else {
            return;
        };
        if self.tokens.get(behind) != Some(&Token::Sign('(')) {
            return;
        }
        let values = self.inside(run, behind, 1);
        if SHELL_CALLS.contains(&call) {
            run.defer_source(&values.join(" "));
        } else if DELETE_CALLS.contains(&call) {
            values
                .iter()
                .for_each(|path| removal::check_removal(run, path));
        }
    }

    /// `array_map("unlink", files)` of PHP.
    fn call_by_name(&mut self, run: &mut Facts, at: usize) {
        let values = self.arguments(run, at);
        let Some((name, values)) = values.split_first() else {
            return;
        };
        if DELETE_CALLS.contains(&name.as_str()) {
            values.iter().for_each(|path| self.delete(run, path));
        } else if SHELL_CALLS.contains(&name.as_str()) {
            values.iter().for_each(|text| run.defer_source(text));
        }
    }

    /// `path.unlink()` of a variable that holds a path.
    fn method_of_path(&self, run: &mut Facts, owner: &str) {
        let value = self.values.get(owner).cloned().unwrap_or_default();
        for path in value
            .split('\n')
            .filter(|path| path.starts_with(['/', '~']))
        {
            removal::check_removal(run, path);
        }
    }

    /// `os.rename(from, to)` takes a file away, `os.chmod(path, 0o777)` gives it away.
    fn moved_or_permitted(&self, run: &mut Facts, at: usize, call: &str) {
        let moves = matches!(call, "rename" | "renames" | "move" | "renameSync" | "mv");
        let permits = matches!(call, "chmod" | "chmodSync" | "chmod_R");
        if !moves && !permits {
            return;
        }
        let close = self.closing(at + 1).min(self.tokens.len());
        let inside = self.tokens.get(at..close).unwrap_or_default();
        let is_loose = |token: &Token| matches!(token, Token::Name(mode) if mode.ends_with("777") || mode.ends_with("666"));
        if moves || inside.iter().any(is_loose) {
            let paths = self.arguments(run, at).into_iter();
            for path in paths.filter(|path| path.starts_with(['/', '~'])) {
                removal::check_removal(run, &path);
            }
        }
    }

    /// `from os import remove`.
    fn imports(&self, call: &str) -> bool {
        let names = self.tokens.iter().filter_map(|token| match token {
            Token::Name(name) => Some(name.as_ref()),
            _ => None,
        });
        let imported = || names.skip_while(|name| *name != "import").collect();
        self.imported.get_or_init(imported).contains(call)
    }

    /// `name = expression`.
    fn assignment(&mut self, run: &Facts, name: &str, at: usize) {
        let next = self.tokens.get(at + 1);
        let behind = self.tokens.get(at + 2);
        // Neither a comparison nor the arrow of a function.
        let is_assignment =
            next == Some(&Token::Sign('=')) && !matches!(behind, Some(Token::Sign('=' | '>')));
        if is_assignment {
            if let Some(Token::Sign('[' | '(')) = behind {
                let words = self.inside(run, at + 2, 1);
                self.lists.insert(bare(name).to_owned(), words);
            }
            let (value, _) = self.value(run, at + 2, 0);
            self.values.insert(name.to_owned(), value);
        }
    }

    fn delete_call(&mut self, run: &mut Facts, at: usize, name: &str) {
        let mut values = self.arguments(run, at);
        let is_method = name.starts_with('.') && !self.follows_module(at);
        if is_method {
            values = self.receiver(run, at);
        } else if matches!(
            last(name),
            "rmtree" | "rm" | "rmSync" | "rmdirSync" | "rmdir" | "truncate" | "rimraf"
        ) {
            values.truncate(1);
        }
        for value in values {
            for path in value.split('\n').filter(|path| !path.is_empty()) {
                self.delete(run, path);
            }
        }
    }

    fn delete(&mut self, run: &mut Facts, path: &str) {
        if path.starts_with(UNKNOWN) {
            self.deletes_unknown = true;
        }
        let is_flag = matches!(path, "recursive" | "force" | "true" | "ignore_errors");
        let is_hidden = path.contains(UNKNOWN) && run.zone(path) == Zone::Unknown;
        if !is_flag && !is_hidden {
            removal::check_removal(run, path);
        }
    }

    /// Whether a method belongs to a module that was just brought in: `require('fs').rmSync`.
    fn follows_module(&self, at: usize) -> bool {
        let before = self
            .tokens
            .get(at.saturating_sub(4)..at)
            .unwrap_or_default();
        before.iter().any(|token| matches!(token, Token::Name(name) if matches!(name.as_ref(), "require" | "__import__" | "import")))
    }

    /// The value in front of a method: `Path("x").unlink()`.
    fn receiver(&self, run: &Facts, at: usize) -> Vec<String> {
        let mut depth = 0usize;
        for back in (at.saturating_sub(40)..at).rev() {
            match &self.tokens[back] {
                Token::Sign(')') => depth += 1,
                Token::Sign('(') => depth = depth.saturating_sub(1),
                Token::Name(_) if depth == 0 => return vec![self.value(run, back, 1).0],
                _ if depth == 0 => break,
                _ => {}
            }
        }
        Vec::new()
    }

    fn write_call(&self, run: &mut Facts, at: usize, call: &str) {
        let values = self.arguments(run, at);
        let is_writing = |mode: &String| {
            matches!(
                mode.as_str(),
                "w" | "wb" | "w+" | "wb+" | "r+b" | "rb+" | ">" | "wt"
            ) || mode.starts_with('>')
        };
        let target = match call {
            "open" if values.iter().skip(1).any(is_writing) => values
                .iter()
                .find(|value| value.len() > 3 || value.starts_with('/')),
            "open" => None,
            "copyFileSync" => values.get(1),
            "write_text" => None,
            "write" if !matches!(&self.tokens[at], Token::Name(name) if name.starts_with("File.") || name.ends_with("Files.write")) => {
                None
            }
            _ => values.first(),
        };
        // The mode may stand in front: `open F, ">/dev/sda"`.
        let target = target.map(|target| target.trim_start_matches(['>', '+', ' ']));
        if let Some(target) = target
            .filter(|target| target.starts_with(['/', '~', '.']) && !target.starts_with(UNKNOWN))
        {
            writing::check_write(run, target, "", false);
        }
        if call == "write_text" {
            for target in self.receiver(run, at) {
                writing::check_write(run, &target, "", false);
            }
        }
    }

    fn evaluated(&self, run: &mut Facts, call: &str, at: usize) {
        let close = self.closing(at + 1);
        let inside = self
            .tokens
            .get(at + 1..close.min(self.tokens.len()))
            .unwrap_or_default();
        let loads = |token: &Token| matches!(token, Token::Name(name) if NETWORK.iter().any(|word| name.contains(word)));
        if inside.iter().any(loads) {
            return run.report(&rules::REMOTE_CODE, self.language);
        }
        let values = self.arguments(run, at);
        let text = values.concat();
        if call != "exec" && text.contains(UNKNOWN) && self.loads() {
            return run.report(&rules::REMOTE_CODE, self.language);
        }
        if text.contains(OPAQUE) || text.contains(REMOTE) || text.contains(SECRET) {
            return self.defer_code(run, text);
        }
        let is_code = call != "exec" || self.kinds.has(ProgramKind::ExecIsCode);
        if is_code && !text.is_empty() && !taint::has_marks(&text) {
            self.defer_code(run, text);
        }
    }

    fn defer_code(&self, run: &mut Facts, text: String) {
        run.defer(Pending::Code {
            language: self.language.to_owned(),
            text,
        });
    }

    /// Whether anything is brought from the network.
    fn loads(&self) -> bool {
        let is_module = |text: &str| matches!(text, "http" | "https" | "node:https");
        let asks = |token: &Token| matches!(token, Token::Name(name) if matches!(name.as_ref(), ".get" | ".request"));
        *self.loads.get_or_init(|| {
            self.names(&NETWORK) || self.tokens.iter().any(asks) && self.texts().any(is_module)
        })
    }

    fn kill(&self, run: &mut Facts, at: usize) {
        let close = match self.tokens.get(at + 1) {
            Some(Token::Sign('(')) => self.closing(at + 1),
            _ => (at + 8).min(self.tokens.len()),
        };
        let mut text = String::new();
        for token in self.tokens.get(at + 1..close).unwrap_or_default() {
            match token {
                Token::Name(name) => text.push_str(name),
                Token::Sign(c) => text.push(*c),
                Token::Text(text_inside) => text.push_str(text_inside),
                Token::Shell(_) => {}
            }
        }
        let parts: Vec<&str> = text
            .trim_matches(['(', ')', ';', '\n'])
            .split(',')
            .collect();
        let target = match self.kinds.has(ProgramKind::BareCalls) {
            true => parts.get(1..).unwrap_or_default(),
            false => parts.get(..1).unwrap_or_default(),
        };
        let is_number = |part: &&str| part.trim().trim_start_matches('-').parse::<u32>().is_ok();
        let of_all = self
            .texts()
            .any(|text| matches!(text, "/proc" | "/proc/" | "/proc/*"));
        if target.iter().any(|part| matches!(*part, "-1" | "1"))
            || of_all && !target.iter().any(is_number)
        {
            run.report(&rules::KILL_ALL, &text);
        }
    }
}
