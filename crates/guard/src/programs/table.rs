//! The tables of programs, read once.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use once_cell::race::OnceBox;

use super::kinds::{self, KindsOf, ProgramKind};
use super::row::{Opt, Position, Program, Programs, Quick, Role, Style, Takes};
use super::word_lines::{WORD_KEYS, state_words};

/// The rows, subject by subject.
const TABLES: [&str; 11] = [
    include_str!("tables/builtins.txt"),
    include_str!("tables/wrappers.txt"),
    include_str!("tables/files.txt"),
    include_str!("tables/archives.txt"),
    include_str!("tables/network.txt"),
    include_str!("tables/development.txt"),
    include_str!("tables/documents.txt"),
    include_str!("tables/administration.txt"),
    include_str!("tables/disks.txt"),
    include_str!("tables/cloud.txt"),
    include_str!("tables/outputs.txt"),
];

/// Files of instructions. Their options come first: elsewhere they are values like others.
const SCRIPTS: &str = include_str!("tables/scripts.txt");

/// Programs that read only, one a word: whatever they are given stays as it is.
const READERS: &str = include_str!("tables/readers.txt");

/// The row of what has no row.
const UNKNOWN: &str = include_str!("tables/unknown.txt");

/// What the tables know of the program of a name: one look for all questions about it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Known {
    /// The row of exactly this name.
    pub(crate) row: Option<&'static Program>,
    /// The row by which its command line is read: that of `clang` for `clang-17`.
    pub(crate) family: Option<&'static Program>,
    pub(crate) kinds: KindsOf,
}

/// Everything of the tables by name.
struct Tables {
    of: HashMap<&'static str, Known, BuildHasherDefault<Quick>>,
}

static ALL: OnceBox<Tables> = OnceBox::new();

fn tables() -> &'static Tables {
    ALL.get_or_init(|| {
        let mut tables = Tables {
            of: HashMap::default(),
        };
        // They live as long as the program does.
        for (name, row) in programs() {
            tables.of.entry(name).or_default().row = Some(Box::leak(Box::new(row)));
        }
        for (name, kind) in kinds::read() {
            let known = tables.of.entry(name).or_default();
            known.kinds = known.kinds.with(kind);
        }
        let families: Vec<_> = tables
            .of
            .keys()
            .map(|name| (*name, tables.look(name)))
            .collect();
        tables.of.extend(families);
        Box::new(tables)
    })
}

fn programs() -> Programs {
    let mut programs = Programs::default();
    read(SCRIPTS, &mut programs);
    programs
        .values_mut()
        .for_each(|program| program.is_partial = true);
    let readers = READERS.lines().filter(|line| !line.starts_with('#'));
    for name in readers.flat_map(str::split_whitespace) {
        row(&mut programs, name, true);
    }
    TABLES.iter().for_each(|table| read(table, &mut programs));
    programs
}

impl Tables {
    /// What is known of a name, by itself and by the names that it is a version of.
    fn look(&self, name: &str) -> Known {
        let mut known = self.of.get(name).copied().unwrap_or_default();
        // `python3.12` and `clang-17` are `python` and `clang`, `mkfs.ext4` is `mkfs`.
        let is_version = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-');
        let plain = name.trim_end_matches(is_version);
        let family = name.find('.').map_or(plain, |at| &name[..at]);
        let is_shorter = |short: &&str| short.len() > 1 && short.len() < name.len();
        let mut shortened = [plain, family].into_iter().filter(is_shorter);
        let row = |short: &str| self.of.get(short)?.row;
        known.family = known.row.or_else(|| shortened.clone().find_map(row));
        let is_interpreter = |short: &str| {
            let of_short = self.of.get(short).copied().unwrap_or_default();
            of_short.kinds.has(ProgramKind::Interpreter)
        };
        if shortened.next() == Some(plain) && is_interpreter(plain) {
            known.kinds = known.kinds.with(ProgramKind::Interpreter);
        }
        known
    }
}

/// What is known of the program of a name.
pub(crate) fn known(name: &str) -> Known {
    let tables = tables();
    let found = tables.of.get(name).copied();
    found.unwrap_or_else(|| tables.look(name))
}

/// Whether the program of a name is of a kind.
pub(crate) fn is_of_kind(name: &str, kind: ProgramKind) -> bool {
    known(name).kinds.has(kind)
}

/// The programs of a kind.
pub(crate) fn of_kind(kind: ProgramKind) -> impl Iterator<Item = &'static str> {
    let all = kinds::read().filter(move |(_, found)| *found == kind);
    all.map(|(name, _)| name)
}

/// All rows, those of subcommands not among them.
#[cfg(test)]
pub(crate) fn all() -> impl Iterator<Item = &'static Program> {
    tables().of.values().filter_map(|known| known.row)
}

static DEFAULT: OnceBox<Program> = OnceBox::new();

/// What holds for programs without a row.
pub(crate) fn unknown() -> &'static Program {
    DEFAULT.get_or_init(|| {
        let mut programs = Programs::default();
        read(UNKNOWN, &mut programs);
        Box::new(programs.remove("unknown").unwrap_or_default())
    })
}

/// Reads a table: a line that begins at the margin names programs, indented ones say what holds.
fn read(table: &'static str, programs: &mut Programs) {
    let mut lines = table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .peekable();
    while let Some(names) = lines.next() {
        let mut said = Vec::new();
        while let Some(line) = lines.next_if(|line| line.starts_with(' ')) {
            said.extend(Line::of(line));
        }
        let reads_options = said.is_empty() || said.iter().any(Line::is_of_command_line);
        let names = names.split(',').map(str::trim);
        for name in names.filter(|name| !name.is_empty()) {
            let program = row(programs, name, reads_options);
            said.iter().for_each(|line| line.state(program));
        }
    }
}

/// The row of a name such as `git archive`, which is made if it is not there; whether something is said
/// now of how it reads its command line.
fn row<'p>(programs: &'p mut Programs, name: &'static str, reads_options: bool) -> &'p mut Program {
    let (first, rest) = name.split_once(' ').unwrap_or((name, ""));
    let program = programs.entry(first).or_insert_with(|| Program {
        is_partial: true,
        ..Program::default()
    });
    program.is_partial &= !reads_options;
    match rest {
        "" => program,
        rest => row(&mut program.subcommands, rest, reads_options),
    }
}

/// What one line says of the programs that it stands below.
struct Line {
    key: &'static str,
    words: Vec<&'static str>,
    options: &'static [Opt],
}

impl Line {
    fn of(line: &'static str) -> Option<Line> {
        let mut words = line.split_whitespace();
        let key = words.next()?;
        let words: Vec<&'static str> = words.collect();
        let role = match key {
            "ask" => Some(Role::Ask),
            "needs" => Some(Role::Needed),
            "style" | "command" | "operands" => None,
            key if WORD_KEYS.contains(&key) => None,
            key => role(key),
        };
        let is_option = |word: &&&'static str| {
            word.starts_with(['-', '+']) || role != Some(Role::Ask) && role != Some(Role::Needed)
        };
        let options = role.map(|role| {
            words
                .iter()
                .filter(is_option)
                .map(|word| opt(word, role))
                .collect::<Vec<_>>()
        });
        // The tables live as long as the program does, and many rows share a line.
        let options = Box::leak(options.unwrap_or_default().into_boxed_slice());
        Some(Line {
            key,
            words,
            options,
        })
    }

    /// Whether it says how the program reads its command line.
    fn is_of_command_line(&self) -> bool {
        !WORD_KEYS.contains(&self.key)
    }

    /// Puts it into a row.
    fn state(&self, program: &mut Program) {
        if !self.options.is_empty() {
            program.options.push(self.options);
        }
        let plain = || {
            self.words
                .iter()
                .copied()
                .filter(|word| !word.starts_with('-'))
        };
        match self.key {
            "style" => self
                .words
                .iter()
                .for_each(|word| style(&mut program.style, word)),
            "command" => program.command = self.words.first().and_then(|count| count.parse().ok()),
            "ask" => program.asks.extend(plain()),
            "needs" => {
                program.is_conditional = true;
                program.needs.extend(plain());
            }
            key if WORD_KEYS.contains(&key) => state_words(program, key, &self.words),
            "operands" => {
                let stated = self.words.iter().filter_map(|word| word.split_once(':'));
                let known = stated.filter_map(|(at, what)| Some((place(at)?, role(what)?)));
                program.operands.extend(known);
            }
            _ => {}
        }
    }
}

fn style(style: &mut Style, word: &str) {
    match word {
        "single" => style.single = true,
        "stops" => style.stops = true,
        "remote" => style.remote = true,
        "bundle" => style.bundle = true,
        "settings" => style.settings = true,
        "global" => style.global = true,
        "elsewhere" => style.elsewhere = true,
        "shell" => style.shell = true,
        "quoted" => style.quoted = true,
        "sends" => style.sends = true,
        _ => {}
    }
}

/// `-o,--output`, each with a mark behind it where it is read otherwise than its role says: `?` for a
/// value that is attached or not there, `!` for none, `+` for two words.
fn opt(word: &'static str, role: Role) -> Opt {
    let usual = match role {
        Role::Flag | Role::Ask | Role::Needed => Takes::Nothing,
        _ => Takes::Value,
    };
    let read = |name: &'static str| match name.as_bytes().last() {
        Some(b'?') if name.len() > 2 => (&name[..name.len() - 1], Takes::Attached),
        Some(b'!') if name.len() > 2 => (&name[..name.len() - 1], Takes::Nothing),
        Some(b'+') if name.len() > 2 => (&name[..name.len() - 1], Takes::Two),
        _ => (name, usual),
    };
    let (names, takes) = word.split(',').map(read).unzip();
    Opt { names, role, takes }
}

fn place(text: &'static str) -> Option<Position> {
    match text {
        "all" => Some(Position::All),
        "each" => Some(Position::Each),
        "only" => Some(Position::Only),
        "last" => Some(Position::Last),
        "here" => Some(Position::Here("")),
        _ if text.starts_with("here/") => Some(Position::Here(&text["here/".len()..])),
        _ if text.ends_with('=') => Some(Position::Behind(text)),
        _ if text.starts_with("last/") => Some(Position::LastBehind(&text["last/".len()..])),
        _ if text.ends_with('>') => Some(Position::After(&text[..text.len() - 1])),
        _ => match text.strip_suffix('+') {
            Some(number) => Some(Position::From(number.parse().ok()?)),
            None => Some(Position::At(text.parse().ok()?)),
        },
    }
}

fn role(text: &'static str) -> Option<Role> {
    Some(match text {
        "flag" => Role::Flag,
        "value" => Role::Value,
        "write" => Role::Write,
        "append" => Role::Append,
        "make" => Role::Make,
        "copy" => Role::Copy,
        "into" => Role::Into,
        "remove" => Role::Remove,
        "device" => Role::Device,
        "enter" => Role::Enter,
        "root" => Role::Root,
        "target" => Role::Target,
        "remote" => Role::Remote,
        "statement" => Role::Statement,
        "run" => Role::Run(""),
        "script" => Role::Script(""),
        _ => match text.strip_prefix("script:") {
            Some(fronts) => Role::Script(fronts),
            None => Role::Run(text.strip_prefix("run:")?),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::word_lines::loss;
    use super::*;

    fn is_line(line: &&str) -> bool {
        !line.starts_with('#') && line.starts_with(' ') && !line.trim().is_empty()
    }

    #[test]
    fn every_line_of_the_tables_says_something() {
        let known = ["style", "command", "needs", "ask", "operands"];
        let known = [&known[..], &WORD_KEYS].concat();
        for line in TABLES
            .iter()
            .chain([&UNKNOWN, &SCRIPTS])
            .flat_map(|table| table.lines())
            .filter(is_line)
        {
            let mut words = line.split_whitespace();
            let key = words.next().unwrap_or_default();
            let key: &'static str = Box::leak(key.to_owned().into_boxed_str());
            assert!(known.contains(&key) || role(key).is_some(), "{line}");
            assert!(words.clone().next().is_some(), "{line}");
            if key == "loses" {
                let words: Vec<&'static str> = words.collect();
                assert!(loss(&words).is_some(), "{line}");
            } else if key == "operands" {
                for word in words {
                    let parts = word.split_once(':');
                    let reads =
                        parts.is_some_and(|(at, what)| place(at).is_some() && role(what).is_some());
                    assert!(reads, "{line}");
                }
            } else if role(key).is_some() {
                for word in words {
                    let is_option =
                        |name: &str| name.starts_with(['-', '+']) || name.ends_with('=');
                    assert!(word.split(',').all(is_option), "{line}: {word}");
                }
            }
        }
    }

    #[test]
    fn a_version_is_no_part_of_a_name() {
        for (name, row) in [
            ("python3.12", "python"),
            ("clang-17", "clang"),
            ("mkfs.ext4", "mkfs"),
        ] {
            let row = known(row).row.expect("a row");
            let is_row = |family: &Program| std::ptr::eq(family, row);
            assert!(known(name).family.is_some_and(is_row), "{name}");
        }
        assert!(
            known("7z")
                .family
                .is_some_and(|family| known("7z").row.is_some_and(|row| std::ptr::eq(family, row)))
        );
    }

    #[test]
    fn programs_are_told_by_their_whole_names() {
        for (name, kind, is) in [
            ("rsync", ProgramKind::Sender, true),
            ("rsync", ProgramKind::Machine, true),
            ("rsync", ProgramKind::Shell, false),
            ("bash", ProgramKind::Shell, true),
            ("bashful", ProgramKind::Shell, false),
            ("", ProgramKind::Printer, false),
            ("python3", ProgramKind::Interpreter, true),
            ("python3.12", ProgramKind::Interpreter, true),
            ("pythonic", ProgramKind::Interpreter, false),
            ("python3.12", ProgramKind::PipedInto, false),
        ] {
            assert_eq!(is_of_kind(name, kind), is, "{name} {kind:?}");
        }
    }
}
