//! A command line taken apart, by what its program's row says of its options.
//!
//! Long options may be cut short and carry their value behind `=`, letters may be put together and
//! carry theirs attached, options and operands may stand in any order, and `--` ends the options.

use super::row::{Found, Opt, Position, Program, Role, Style, Takes};
use super::table::{Known, known};

/// One option as it was given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Given<'w> {
    /// What the row says of it.
    opt: Option<&'static Opt>,
    /// The word that it stands in.
    pub(crate) word: &'w str,
    /// Which letter of the word it is.
    letter: Option<char>,
    pub(crate) value: Option<&'w str>,
}

impl Given<'_> {
    pub(crate) fn role(&self) -> Role {
        self.opt.map_or(Role::Flag, |opt| opt.role)
    }

    /// Whether this is the option of a name.
    pub(crate) fn is(&self, name: &str) -> bool {
        if self.opt.is_some_and(|opt| opt.names.contains(&name)) {
            return true;
        }
        match self.letter {
            Some(letter) => name.strip_prefix('-').is_some_and(|rest| {
                let mut letters = rest.chars();
                letters.next() == Some(letter) && letters.next().is_none()
            }),
            None => self.word.split('=').next() == Some(name),
        }
    }
}

/// A command line taken apart.
#[derive(Debug)]
pub(crate) struct Argv<'w> {
    /// The words, the program's name first.
    pub(crate) words: &'w [String],
    /// What the tables know of the program's name.
    pub(crate) known: Known,
    /// The row of the program or of its subcommand.
    pub(crate) program: Option<&'static Program>,
    pub(crate) options: Vec<Given<'w>>,
    /// Behind the subcommand, if that has a row.
    pub(crate) operands: Vec<&'w str>,
    /// `NAME=value` in front of the operands.
    pub(crate) settings: Vec<&'w str>,
    /// The place of the first operand among the words.
    pub(crate) first: Option<usize>,
    /// The place of the first subcommand that has a row; 0 if none has.
    pub(crate) at: usize,
    /// A row whose options may stand behind the subcommand.
    global: Option<&'static Program>,
}

impl<'w> Argv<'w> {
    /// Takes words apart; the first of them is the program, whose name is given without its directory.
    pub(crate) fn of(name: &str, words: &'w [String]) -> Argv<'w> {
        Argv::by(known(name), words)
    }

    /// The same by what is known of the program already.
    pub(crate) fn by(known: Known, words: &'w [String]) -> Argv<'w> {
        let mut argv = Argv {
            words,
            known,
            program: known.family,
            options: Vec::new(),
            operands: Vec::with_capacity(words.len()),
            settings: Vec::new(),
            first: None,
            at: 0,
            global: None,
        };
        let mut at = 1;
        while let Some(word) = words.get(at) {
            at = match argv.is_option(at, word) {
                _ if word == "--" => {
                    argv.rest(at + 1);
                    break;
                }
                true => argv.option(at, word),
                false => argv.operand(at, word),
            };
        }
        argv
    }

    fn style(&self) -> Style {
        self.program
            .map(|program| program.style)
            .unwrap_or_default()
    }

    fn is_option(&self, at: usize, word: &str) -> bool {
        // `python -m venv` is a subcommand in two words.
        let is_subcommand = self.operands.is_empty()
            && self
                .program
                .is_some_and(|program| program.subcommands.contains_key(word));
        let begins = word.len() > 1 && word.starts_with('-') && !is_subcommand;
        begins || (at == 1 && self.style().bundle && word.bytes().all(|b| b.is_ascii_alphabetic()))
    }

    /// Everything from a place on is an operand.
    fn rest(&mut self, at: usize) {
        if at < self.words.len() {
            self.first = self.first.or(Some(at));
        }
        let rest = self.words.get(at..).unwrap_or_default();
        self.operands.extend(rest.iter().map(String::as_str));
    }

    fn operand(&mut self, at: usize, word: &'w str) -> usize {
        let style = self.style();
        if style.settings && self.operands.is_empty() && word.contains('=') {
            self.settings.push(word);
            return at + 1;
        }
        let behind = self.program.filter(|_| self.operands.is_empty());
        if let Some(program) = behind.and_then(|program| program.subcommands.get(word)) {
            if style.global {
                self.global = self.program;
            }
            self.program = Some(program);
            self.at = if self.at == 0 { at } else { self.at };
            return at + 1;
        }
        if style.stops {
            self.rest(at);
            return self.words.len();
        }
        self.first = self.first.or(Some(at));
        self.operands.push(word);
        at + 1
    }

    /// Reads the option at a place and gives back the place behind it and its value.
    fn option(&mut self, at: usize, word: &'w str) -> usize {
        let name = word.split('=').next().unwrap_or(word);
        let is_whole = name.len() > 2 && self.find(|program| program.option(name)).is_some();
        if word.starts_with("--") || self.style().single || is_whole || self.program.is_none() {
            return self.long(at, word);
        }
        self.letters(at, word)
    }

    fn find(&self, find: impl Fn(&'static Program) -> Option<Found>) -> Option<Found> {
        let program = self.program.and_then(&find);
        program.or_else(|| self.global.and_then(&find))
    }

    fn long(&mut self, at: usize, word: &'w str) -> usize {
        let (name, attached) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word, None),
        };
        let is_long = name.starts_with("--");
        let mut opt = self.find(|program| match is_long {
            true => program.long(name),
            false => program.option(name),
        });
        let mut value = attached;
        // `-o/path`, in a program whose letters cannot be put together.
        if let (None, false, Some(letter)) = (opt, is_long, word.get(..2)) {
            opt = self.find(|program| program.option(letter));
            opt = opt.filter(|(_, takes)| *takes != Takes::Nothing);
            value = word.get(2..).filter(|_| opt.is_some());
        }
        self.given(opt, word, None, value, at)
    }

    /// Notes an option and takes the next word if that is its value.
    fn given(
        &mut self,
        found: Option<Found>,
        word: &'w str,
        letter: Option<char>,
        attached: Option<&'w str>,
        at: usize,
    ) -> usize {
        let takes = found.map_or(Takes::Nothing, |(_, takes)| takes);
        let takes_next = matches!(takes, Takes::Value | Takes::Two) && attached.is_none();
        let next = takes_next.then(|| self.words.get(at + 1)).flatten();
        self.options.push(Given {
            opt: found.map(|(opt, _)| opt),
            word,
            letter,
            value: attached.or(next.map(String::as_str)),
        });
        at + 1 + usize::from(takes_next) + usize::from(takes == Takes::Two)
    }

    fn letters(&mut self, at: usize, word: &'w str) -> usize {
        let row = word.strip_prefix('-').unwrap_or(word);
        let is_bundle = row.len() == word.len();
        let mut next = at + 1;
        for (place, letter) in row.char_indices() {
            let behind = &row[place + letter.len_utf8()..];
            let name = [b'-', letter as u8];
            let name = std::str::from_utf8(&name).unwrap_or_default();
            let opt = self
                .find(|program| program.option(name))
                .filter(|_| letter.is_ascii());
            let takes = opt.map_or(Takes::Nothing, |(_, takes)| takes);
            // In a row without a hyphen the values follow one another behind it.
            if is_bundle {
                let behind_last = self.given(opt, word, Some(letter), None, next - 1);
                next = if takes == Takes::Value {
                    behind_last
                } else {
                    next
                };
                continue;
            }
            let attached = Some(behind).filter(|_| takes != Takes::Nothing && !behind.is_empty());
            let attached = attached.map(|value| value.strip_prefix('=').unwrap_or(value));
            next = self.given(opt, word, Some(letter), attached, at);
            if takes != Takes::Nothing {
                break;
            }
        }
        next
    }

    /// Whether one of these options was given, in any spelling.
    pub(crate) fn has(&self, names: &[&str]) -> bool {
        let is = |given: &Given| names.iter().any(|name| given.is(name));
        self.options.iter().any(is)
    }

    /// The value of the last of these options: of several the last one counts.
    pub(crate) fn value(&self, names: &[&str]) -> Option<&'w str> {
        let is = |given: &&Given| names.iter().any(|name| given.is(name));
        self.options
            .iter()
            .rev()
            .find(is)
            .and_then(|given| given.value)
    }

    /// The values of all options that have a role.
    pub(crate) fn values_of(&self, role: Role) -> impl Iterator<Item = &'w str> {
        let is = move |given: &&Given| match (given.role(), role) {
            (Role::Run(_), Role::Run(_)) => true,
            (found, role) => found == role,
        };
        let options = self.options.iter().filter(is);
        options.filter_map(|given| given.value)
    }

    /// The files whose instructions the program runs, and what stands in front of commands in them.
    pub(crate) fn scripts(&self) -> Vec<(&'static str, &'w str)> {
        let script = |role| match role {
            Role::Script(fronts) => Some(fronts),
            _ => None,
        };
        let given = self.options.iter();
        let given = given.filter_map(|given| Some((script(given.role())?, given.value?)));
        let mut scripts: Vec<_> = given.collect();
        let rows = self.program.map_or(&[][..], |program| &program.operands);
        for (position, role) in rows {
            if let Some(fronts) = script(*role) {
                scripts.extend(
                    self.at_place(*position)
                        .into_iter()
                        .map(|word| (fronts, word)),
                );
            }
        }
        scripts
    }

    /// The directories that the program changes to first, and those that become its root, in their order.
    pub(crate) fn entered(&self) -> Vec<(Role, &'w str)> {
        let is_place = |role: Role| matches!(role, Role::Enter | Role::Root);
        let given = self.options.iter().filter_map(|given| {
            let value = given.value?;
            is_place(given.role())
                .then(|| (given.role(), value))
                .or_else(|| property(value))
        });
        let mut entered: Vec<_> = given.collect();
        let rows = self.program.map_or(&[][..], |program| &program.operands);
        for (place, role) in rows.iter().filter(|(_, role)| is_place(*role)) {
            entered.extend(self.at_place(*place).into_iter().map(|word| (*role, word)));
        }
        entered
    }

    /// Whether nothing is written: a dry run, a check, a question.
    pub(crate) fn asks(&self) -> bool {
        let by_option = |given: &Given| given.role() == Role::Ask;
        let words = self.program.map_or(&[][..], |program| &program.asks);
        let by_word = |operand: &&str| words.contains(operand);
        self.options.iter().any(by_option) || self.operands.iter().any(by_word)
    }

    /// Whether the program does what its row says of the operands.
    pub(crate) fn is_needed(&self) -> bool {
        let Some(program) = self.program.filter(|program| program.is_conditional) else {
            return true;
        };
        let by_option = |given: &Given| given.role() == Role::Needed;
        let by_word = |operand: &&str| program.needs.contains(operand);
        self.options.iter().any(by_option) || self.operands.iter().any(by_word)
    }

    /// The operands at a place of the row.
    pub(crate) fn at_place(&self, place: Position) -> Vec<&'w str> {
        let operands = self.operands.as_slice();
        let has_target = || {
            self.options
                .iter()
                .any(|given| given.role() == Role::Target)
        };
        match place {
            Position::All => operands.to_vec(),
            Position::Each => {
                let names_result = |given: &Given| {
                    matches!(given.role(), Role::Write | Role::Make | Role::Into)
                        && given.value.is_some()
                };
                match self.options.iter().any(names_result) {
                    true => Vec::new(),
                    false => operands.to_vec(),
                }
            }
            Position::Only if operands.len() > 1 => Vec::new(),
            Position::Only => operands.to_vec(),
            Position::Last if operands.len() < 2 || has_target() => Vec::new(),
            Position::Last => operands.last().copied().into_iter().collect(),
            Position::At(at) => operands.get(at).copied().into_iter().collect(),
            Position::From(at) => operands.get(at..).unwrap_or_default().to_vec(),
            Position::After(word) => {
                let mut behind = operands.iter().skip_while(|operand| **operand != word);
                behind.nth(1).copied().into_iter().collect()
            }
            Position::LastBehind(start) if operands.len() > 1 => {
                let path = |word: &&'w str| {
                    word.strip_prefix(start)?
                        .strip_prefix(':')?
                        .split(':')
                        .next()
                };
                operands.last().and_then(path).into_iter().collect()
            }
            Position::LastBehind(_) => Vec::new(),
            Position::Here(with) => self.here(with),
            Position::Behind(start) => {
                // `of=/dev/sda`, and `id=0,dest=/dev/sda1`.
                let parts = operands
                    .iter()
                    .flat_map(|word| match word.starts_with(start) {
                        true => vec![*word],
                        false => word.split(',').skip(1).collect(),
                    });
                parts.filter_map(|part| part.strip_prefix(start)).collect()
            }
        }
    }

    /// The current directory, where a program puts what it is not told another place for.
    fn here(&self, with: &str) -> Vec<&'w str> {
        let is_meant = with.is_empty() || with.split(',').any(|name| self.has(&[name]));
        let says_where = |given: &Given| {
            let role = given.role();
            given.value.is_some() && matches!(role, Role::Write | Role::Make | Role::Into)
        };
        let rows = self.program.map_or(&[][..], |program| &program.operands);
        let mut places = rows.iter().map(|(place, _)| *place);
        let is_named = |place: Position| {
            !matches!(place, Position::Here(_)) && !self.at_place(place).is_empty()
        };
        let is_elsewhere = self.options.iter().any(says_where) || places.any(is_named);
        match is_meant && !is_elsewhere {
            true => vec!["."],
            false => Vec::new(),
        }
    }

    /// The words of the command that a wrapper runs.
    pub(crate) fn command(&self, operands_before: usize) -> &'w [String] {
        let start = self.first.map(|first| first + operands_before);
        let words = start
            .and_then(|start| self.words.get(start..))
            .unwrap_or_default();
        match words.split_first() {
            // `aws-vault exec profile -- command`
            Some((dashes, rest)) if dashes == "--" && operands_before > 0 => rest,
            _ => words,
        }
    }
}

/// `systemd-run -p WorkingDirectory=/srv`.
fn property(value: &str) -> Option<(Role, &str)> {
    let (name, directory) = value.split_once('=')?;
    match name {
        "WorkingDirectory" => Some((Role::Enter, directory)),
        "RootDirectory" => Some((Role::Root, directory)),
        _ => None,
    }
}
