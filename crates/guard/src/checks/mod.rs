//! What a command means: one check a subject, chosen by the command's name.
//!
//! A check gets final words and the state of the script, and notes the rules that the command falls
//! under. Pure; any thread.

mod archives;
mod augeas;
mod call_names;
mod calls;
mod clients;
mod cloud;
mod code;
mod databases;
mod destinations;
mod disks;
mod dispatch;
mod editors;
mod files;
mod from_network;
mod git;
mod hosts;
mod inner_commands;
mod lisp;
mod loops;
mod mounts;
mod network;
mod notebook;
mod packages;
mod patterns;
mod permissions;
mod processes;
mod program_calls;
mod reading;
mod rehearsal;
mod removal;
mod requests;
mod sampling;
mod sed;
mod sources;
mod system;
mod tokens;
mod transfers;
mod windows;
mod writing;

use crate::facts::Facts;
use crate::programs::{Argv, Program, ProgramKind, known};
use crate::shell::Word;
use crate::taint::{self, BRACKET, QUESTION, STAR};
use crate::zone::Zone;
use inner_commands::commands_in_options;

pub(crate) use code::{check_code, check_code_input, code_argument, printed_by_code};
pub(crate) use destinations::check as check_destinations;
pub(crate) use files::found;
pub(crate) use hosts::is_loopback;
pub(crate) use sampling::sample;
pub(crate) use windows::{foreign, listed};
pub(crate) use writing::check_write;

/// Judges one command.
pub(crate) fn check(run: &mut Facts, name: &str, argv: &Argv, input: &str) {
    let words = argv.words;
    // `python3.12` is an interpreter by whatever version.
    let known = argv.known;
    let by_version = known
        .family
        .filter(|_| known.kinds.has(ProgramKind::Interpreter));
    let row = known.row.or(by_version);
    if asks_for_help(row, words) || rehearsal::is_rehearsal(row, argv) {
        return;
    }
    commands_in_options(run, argv);
    if let Some(row) = row {
        dispatch::check(run, row, name, argv, input);
    }
    destinations::check(run, argv);
    sources::check(run, row, argv);
    network::check(run, name, argv, input);
    if windows::is_command(name, known) {
        windows::check(run, name, words, input);
    }
    if let Some(row) = row {
        patterns::check(run, row, words);
    }
}

/// `--help` behind nothing but subcommands; behind an operand some programs read it as another one.
fn asks_for_help(row: Option<&'static Program>, words: &[String]) -> bool {
    let is_subcommand = |word: &String| {
        word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let Some((asked, before)) = words.split_last() else {
        return false;
    };
    match asked.as_str() {
        "--help" => before.len() > 1 && before.iter().all(is_subcommand) || before.len() == 1,
        "--version" | "-h" | "-V" | "help" => {
            // `shutdown -h` halts: an option of its own is no question.
            before.len() == 1 && !row.is_some_and(|row| row.has_option(asked))
        }
        _ => false,
    }
}

/// Whether arguments look like those of a destructive command, whatever the command is.
pub(crate) fn looks_destructive(run: &Facts, words: &[String]) -> bool {
    let is_forced = |word: &String| {
        let letters = word.strip_prefix('-').unwrap_or_default();
        matches!(
            word.as_str(),
            "--recursive" | "--no-preserve-root" | "--force"
        ) || (!letters.starts_with('-') && letters.len() <= 4 && letters.contains(['r', 'R', 'f']))
    };
    let writes_device = |word: &String| {
        word.strip_prefix("of=")
            .is_some_and(|path| run.zone(path) == Zone::Device)
    };
    let is_grave = |word: &String| {
        !word.starts_with('-')
            && matches!(
                run.zone(word),
                Zone::System | Zone::HomeRoot | Zone::Home | Zone::Credentials | Zone::Device
            )
    };
    words.iter().any(writes_device) || (words.iter().any(is_forced) && words.iter().any(is_grave))
}

/// Whether a pattern with marked globs means a name.
pub(crate) fn glob_matches(pattern: &str, name: &str) -> bool {
    let Some(c) = pattern.chars().next() else {
        return name.is_empty();
    };
    let rest = &pattern[c.len_utf8()..];
    let next = name.chars().next();
    match (c, next) {
        (STAR, _) => {
            // A star in front of a name this short costs a handful of steps.
            (0..=name.len()).any(|at| {
                name.get(at..)
                    .is_some_and(|name| pattern.len() < 48 && glob_matches(rest, name))
            })
        }
        (QUESTION, Some(n)) => glob_matches(rest, &name[n.len_utf8()..]),
        (BRACKET, Some(n)) => {
            let Some((set, rest)) = rest.split_once(']') else {
                return false;
            };
            set.contains(n) && glob_matches(rest, &name[n.len_utf8()..])
        }
        (c, Some(n)) => c == n && glob_matches(rest, &name[n.len_utf8()..]),
        (_, None) => false,
    }
}

/// Commands of Windows, whose backslashes are no escapes: judged by what was written.
pub(crate) fn windows_paths(run: &mut Facts, fields: &[String], words: &[Word]) {
    let Some(name) = fields.first() else {
        return;
    };
    if !windows::is_command(name, known(name)) {
        return;
    }
    let written = words
        .iter()
        .zip(fields)
        .map(|(word, field)| match word.has_backslash() {
            true => word.written.to_owned(),
            false => taint::shown(field),
        });
    let written: Vec<String> = written.collect();
    windows::check(run, name, &written, "");
}
