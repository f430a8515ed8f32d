//! What programs are, whatever their options: shells, interpreters, senders, as `kinds.txt` lists them.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use once_cell::race::OnceBox;

use super::row::Quick;
use crate::names::Outline;

/// The lists.
const KINDS: &str = include_str!("kinds.txt");

/// A kind of program; one may be of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProgramKind {
    /// It sends what it is given over the network.
    Sender,
    /// It deletes the files that it is given.
    Remover,
    /// It lists files.
    Lister,
    /// It sends each file that it is given.
    Uploader,
    /// It copies files to other machines.
    Copier,
    /// It asks a server by HTTP.
    Asker,
    /// It sends nothing of its input, unless a word says so.
    Deaf,
    /// It joins its input and output with another machine.
    Connector,
    /// What it prints came over the network.
    Downloader,
    /// For it `host:path` is a file of another machine.
    Machine,
    /// It shows what files hold.
    Shower,
    /// Its output tells nothing of what files hold.
    Discreet,
    /// Its output is all that it is.
    Printer,
    /// It reads source of a shell.
    Shell,
    /// It reads code of a language of its own.
    Interpreter,
    /// It is JavaScript.
    JavaScript,
    /// A comment of its begins with two slashes.
    Slashed,
    /// Its calls need no parentheses.
    BareCalls,
    /// Words of its own delete files.
    FileWords,
    /// Words of its own move files and change their modes.
    ModeWords,
    /// It quotes as Perl does.
    PerlQuotes,
    /// It quotes as Ruby does.
    RubyQuotes,
    /// It runs text by `load`.
    Loading,
    /// Its name makes a text dangerous even if it cannot be read.
    Destructive,
    /// The same of Windows.
    DestructiveWindows,
    /// Behind a pipe it runs what that brings.
    PipedInto,
}

impl ProgramKind {
    const ALL: [(&'static str, ProgramKind); 26] = [
        ("sender", ProgramKind::Sender),
        ("remover", ProgramKind::Remover),
        ("lister", ProgramKind::Lister),
        ("uploader", ProgramKind::Uploader),
        ("copier", ProgramKind::Copier),
        ("asker", ProgramKind::Asker),
        ("deaf", ProgramKind::Deaf),
        ("connector", ProgramKind::Connector),
        ("downloader", ProgramKind::Downloader),
        ("machine", ProgramKind::Machine),
        ("shower", ProgramKind::Shower),
        ("discreet", ProgramKind::Discreet),
        ("printer", ProgramKind::Printer),
        ("shell", ProgramKind::Shell),
        ("interpreter", ProgramKind::Interpreter),
        ("javascript", ProgramKind::JavaScript),
        ("slashed", ProgramKind::Slashed),
        ("bare-calls", ProgramKind::BareCalls),
        ("file-words", ProgramKind::FileWords),
        ("mode-words", ProgramKind::ModeWords),
        ("perl-quotes", ProgramKind::PerlQuotes),
        ("ruby-quotes", ProgramKind::RubyQuotes),
        ("loading", ProgramKind::Loading),
        ("destructive", ProgramKind::Destructive),
        ("destructive-windows", ProgramKind::DestructiveWindows),
        ("piped-into", ProgramKind::PipedInto),
    ];

    const fn bit(self) -> u32 {
        1 << self as u8
    }
}

struct Kinds {
    outline: Outline,
    of: HashMap<&'static str, u32, BuildHasherDefault<Quick>>,
}

static OF_PROGRAMS: OnceBox<Kinds> = OnceBox::new();

fn kinds() -> &'static Kinds {
    OF_PROGRAMS.get_or_init(|| {
        let mut kinds = Kinds {
            outline: Outline::NONE,
            of: HashMap::default(),
        };
        let mut bit = 0;
        for line in KINDS.lines().filter(|line| !line.starts_with('#')) {
            if let Some((_, kind)) = ProgramKind::ALL.iter().find(|(name, _)| *name == line) {
                bit = kind.bit();
            }
            let programs = line.strip_prefix("  ").unwrap_or_default();
            for name in programs.split(' ').filter(|name| !name.is_empty()) {
                kinds.outline = kinds.outline.clone().with(name);
                *kinds.of.entry(name).or_default() |= bit;
            }
        }
        Box::new(kinds)
    })
}

/// Whether the program of a name is of a kind.
pub(crate) fn is_of_kind(name: &str, kind: ProgramKind) -> bool {
    kinds_of(name).has(kind)
}

/// All kinds of one program: several questions for one look.
#[derive(Clone, Copy)]
pub(crate) struct KindsOf(u32);

impl KindsOf {
    pub(crate) const fn has(self, kind: ProgramKind) -> bool {
        self.0 & kind.bit() != 0
    }
}

/// The kinds of the program of a name.
pub(crate) fn kinds_of(name: &str) -> KindsOf {
    let kinds = kinds();
    KindsOf(match kinds.outline.may_hold(name) {
        true => kinds.of.get(name).copied().unwrap_or_default(),
        false => 0,
    })
}

/// The programs of a kind.
pub(crate) fn of_kind(kind: ProgramKind) -> impl Iterator<Item = &'static str> {
    let all = kinds().of.iter();
    all.filter(move |(_, found)| *found & kind.bit() != 0)
        .map(|(name, _)| *name)
}

pub(crate) fn is_shell(name: &str) -> bool {
    is_of_kind(name, ProgramKind::Shell)
}

/// `python3.12` is `python`.
pub(crate) fn is_interpreter(name: &str) -> bool {
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    is_of_kind(plain, ProgramKind::Interpreter)
}

pub(crate) fn is_awk(name: &str) -> bool {
    matches!(name, "awk" | "gawk" | "mawk" | "nawk")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_kind_or_programs_of_one() {
        for line in KINDS.lines().filter(|line| !line.is_empty()) {
            let is_kind = ProgramKind::ALL.iter().any(|(name, _)| *name == line);
            assert!(
                is_kind || line.starts_with("  ") || line.starts_with('#'),
                "{line}"
            );
        }
        for (name, kind) in ProgramKind::ALL {
            let bit = kind.bit();
            assert!(kinds().of.values().any(|found| found & bit != 0), "{name}");
        }
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
        ] {
            assert_eq!(is_of_kind(name, kind), is, "{name} {kind:?}");
        }
        assert!(is_interpreter("python3.12") && !is_interpreter("pythonic"));
    }
}
