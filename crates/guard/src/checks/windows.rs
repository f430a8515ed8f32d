//! The commands of Windows, as far as their form is plain.

use super::writing::check_write;
use super::{patterns, removal};
use crate::facts::Facts;
use crate::programs::{self, KindsOf, Known, ProgramKind, is_of_kind};
use crate::rules;
use crate::taint::{STAR, UNKNOWN};

/// Whether a name is one of these commands, however it is spelled.
pub(super) fn is_command(name: &str, known: Known) -> bool {
    let is_windows = |known: Known| known.kinds.has(ProgramKind::Windows);
    let is_spelled_so = || {
        let has_large = name.bytes().any(|byte| byte.is_ascii_uppercase());
        has_large && is_windows(programs::known(&name.to_ascii_lowercase()))
    };
    is_windows(known) || is_spelled_so()
}

/// Judges one of these commands.
pub(super) fn check(run: &mut Facts, name: &str, words: &[String], input: &str) {
    let kinds = kinds_of(name);
    let takes_piped = kinds.has(ProgramKind::WindowsPiped) || kinds.has(ProgramKind::WindowsKiller);
    if takes_piped && words[1..].iter().all(|word| word.starts_with('-')) {
        // Without a path it takes those that come down the pipeline.
        let paths = input.lines().map(str::to_owned);
        let words: Vec<String> = words.iter().cloned().chain(paths).collect();
        return check_words(run, &words);
    }
    check_words(run, words);
}

/// The kinds of a command in whatever letters it is spelled.
fn kinds_of(name: &str) -> KindsOf {
    programs::known(&name.to_ascii_lowercase()).kinds
}

fn check_words(run: &mut Facts, words: &[String]) {
    let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let has = |text: &str| lower.iter().any(|word| word == text);
    let known = programs::known(&lower[0]);
    let kinds = known.kinds;
    check_calls(run, words);
    if kinds.has(ProgramKind::WindowsRemover) {
        check_removed(run, words, kinds);
    } else if kinds.has(ProgramKind::WindowsFiller) {
        check_filled(run, words);
    } else if kinds.has(ProgramKind::WindowsCopier) {
        check_copied(run, words, kinds);
    } else if kinds.has(ProgramKind::WindowsKiller) {
        check_ended(run, words, &lower);
    } else if kinds.has(ProgramKind::WindowsDisk) {
        run.report(&rules::DISK_CHANGE, &words[0]);
    } else if kinds.has(ProgramKind::WindowsPower) {
        run.report(&rules::POWER, &words[0]);
    } else if kinds.has(ProgramKind::WindowsCmd) && (has("/c") || has("/k")) {
        check_inner(run, words, 2);
    } else if kinds.has(ProgramKind::WindowsPowerShell) {
        check_powershell(run, words, &lower);
    } else if let Some(rule) = known.row.and_then(|row| patterns::rule_of(row, &lower)) {
        run.report(rule, &words[1..].join(" "));
    }
}

fn check_removed(run: &mut Facts, words: &[String], kinds: KindsOf) {
    if let Some(target) = words[1..].iter().find(|word| is_grave(word)) {
        run.report(&rules::SYSTEM_PATH, target);
    }
    if kinds.has(ProgramKind::WindowsPiped) {
        let is_path =
            |word: &&String| !word.starts_with('-') && !word.contains('\\') && !word.contains(':');
        for path in words[1..].iter().filter(is_path) {
            removal::check_removal(run, path);
        }
    }
}

/// The value of one of these options, else the operand at a place.
fn named<'w>(words: &'w [String], options: &[&str], at: usize) -> Option<&'w str> {
    let is_option = |word: &String| {
        let word = word.to_lowercase();
        word.len() > 2 && options.iter().any(|option| option.starts_with(&word))
    };
    let given = words.iter().position(is_option);
    let behind = given.and_then(|given| words.get(given + 1));
    let mut operands = words[1..].iter().filter(|word| !word.starts_with('-'));
    behind.or_else(|| operands.nth(at)).map(String::as_str)
}

/// `Set-Content path value`, `Out-File path`: only the path is written.
fn check_filled(run: &mut Facts, words: &[String]) {
    let options = ["-path", "-literalpath", "-filepath"];
    if let Some(path) = named(words, &options, 0) {
        check_place(run, path, is_grave(path));
    }
}

/// `Copy-Item from to`; what is moved is gone from where it was.
fn check_copied(run: &mut Facts, words: &[String], kinds: KindsOf) {
    if let Some(path) = named(words, &["-destination"], 1) {
        let is_of_users = path.to_lowercase().contains("\\users\\");
        check_place(run, path, is_grave(path) && !is_of_users);
    }
    let from = named(words, &["-path", "-literalpath"], 0);
    if let Some(path) = from.filter(|_| kinds.has(ProgramKind::WindowsMover)) {
        check_place(run, path, is_grave(path));
    }
}

/// A path of Windows, or of a Unix where `pwsh` runs, too.
fn check_place(run: &mut Facts, path: &str, is_grave: bool) {
    if is_grave {
        run.report(&rules::SYSTEM_PATH, path);
    } else if !path.contains(['\\', ':']) {
        check_write(run, path, "", false);
    }
}

/// `Stop-Process -Name *`, and all that come down the pipeline.
fn check_ended(run: &mut Facts, words: &[String], lower: &[String]) {
    let is_plain = |word: &String| !word.starts_with('-');
    let is_everything =
        |word: &String| word == "*" || word.contains(STAR) && word.chars().count() == 1;
    let names_any = words[1..].iter().any(is_plain);
    match lower[1..].iter().any(is_everything) || !names_any {
        true => run.report(&rules::KILL_ALL, &words[0]),
        false => run.report(&rules::KILL, &words[1..].join(" ")),
    }
}

/// `[IO.File]::Delete("path")`: calls of the system's own library.
fn check_calls(run: &mut Facts, words: &[String]) {
    const DELETE: [&str; 2] = ["]::delete(", "]::writealltext("];
    for word in words {
        let lower = word.to_lowercase();
        let Some(start) = DELETE
            .iter()
            .find_map(|call| Some(lower.find(call)? + call.len()))
        else {
            continue;
        };
        let given = word.get(start..).unwrap_or_default();
        let path = given.split([',', ')']).next().unwrap_or_default();
        let path = path.trim_matches(['"', '\'']);
        check_place(run, path, is_grave(path));
    }
}

fn check_inner(run: &mut Facts, words: &[String], from: usize) {
    let text = words.get(from..).unwrap_or_default().join(" ");
    check_text(run, &text);
}

fn check_powershell(run: &mut Facts, words: &[String], lower: &[String]) {
    let encoded =
        |word: &String| matches!(word.as_str(), "-enc" | "-encodedcommand" | "-e" | "-ec");
    if lower.iter().any(encoded) {
        return run.report(&rules::HIDDEN_CODE, "an encoded command");
    }
    let at = lower
        .iter()
        .position(|word| matches!(word.as_str(), "-c" | "-command"));
    check_inner(run, words, at.map_or(1, |at| at + 1));
}

/// Text that is no shell of Unix: its commands are told by their first words.
pub(crate) fn check_text(run: &mut Facts, text: &str) {
    if run.depth_left() == 0 || !run.spend(4 * text.len()) {
        return run.report(&rules::TOO_MUCH, "nested shells");
    }
    if downloads_and_runs(text) {
        return run.report(&rules::REMOTE_CODE, text);
    }
    let mut piped = String::new();
    for part in text.split([';', '|', '&', '\n']) {
        let words: Vec<String> = part
            .split_whitespace()
            .map(|word| word.trim_matches(['"', '\'']).to_owned())
            .collect();
        let words = behind_condition(&words);
        if let Some(name) = words.first() {
            run.deeper(|run| check(run, name, words, &piped));
            piped = listed(words);
        }
    }
}

/// `if exist name command` of `cmd`: the command.
fn behind_condition(words: &[String]) -> &[String] {
    let is = |at: usize, wanted: &str| {
        words
            .get(at)
            .is_some_and(|word| word.eq_ignore_ascii_case(wanted))
    };
    let start = match (is(0, "if"), is(1, "not")) {
        (true, true) if is(2, "exist") => 4,
        (true, false) if is(1, "exist") => 3,
        _ => 0,
    };
    words.get(start..).unwrap_or_default()
}

/// What `Get-ChildItem` puts on the pipeline: what lies in these places.
pub(crate) fn listed(words: &[String]) -> String {
    let is_place = |word: &&String| !word.starts_with('-');
    let places: Vec<&str> = words[1..]
        .iter()
        .filter(is_place)
        .map(String::as_str)
        .collect();
    places.join("\n")
}

/// Judges text that no shell of Unix reads, if its first words say that it is not meant for one.
pub(crate) fn foreign(run: &mut Facts, text: &str) -> bool {
    let mut words = text.split_whitespace();
    let first = words.next().unwrap_or_default();
    let is_cmdlet = first.split_once('-').is_some_and(|(verb, noun)| {
        verb.len() > 2
            && verb.starts_with(|c: char| c.is_ascii_uppercase())
            && noun.starts_with(|c: char| c.is_ascii_uppercase())
    });
    let is_condition = first.eq_ignore_ascii_case("if")
        && words.take(2).any(|word| word.eq_ignore_ascii_case("exist"));
    let is_foreign = is_cmdlet || is_condition;
    if is_foreign {
        check_text(run, text);
    }
    is_foreign
}

fn downloads_and_runs(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words = || lower.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '.');
    let runs = words().any(|word| is_of_kind(word, ProgramKind::WindowsEvaluate));
    let loads = words().any(|word| {
        is_of_kind(word, ProgramKind::WindowsDownload)
            || word.contains("downloadstring")
            || word.contains("net.webclient")
    });
    runs && loads
}

/// A drive, a directory of the system, or a home.
fn is_grave(word: &str) -> bool {
    let path = word
        .replace(UNKNOWN, "$env")
        .trim_matches(['"', '\''])
        .to_lowercase()
        .replace('/', "\\");
    // A backslash in front of a blank joined the next word to this one.
    let path = path.split(' ').next().unwrap_or_default();
    let bytes = path.as_bytes();
    let drive = bytes.len() >= 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':';
    let rest = path
        .get(2..)
        .unwrap_or_default()
        .trim_matches(['\\', '*', '.']);
    let variables = [
        "%userprofile%",
        "%systemroot%",
        "%windir%",
        "%homepath%",
        "%systemdrive%",
        "$env:userprofile",
        "$env:systemroot",
        "$home",
        "$env:windir",
        "%programfiles%",
        "%appdata%",
        "$env:appdata",
        "%homedrive%",
    ];
    path.starts_with("hklm:")
        || drive
            && (rest.is_empty()
                || [
                    "windows",
                    "users",
                    "program files",
                    "programdata",
                    "program",
                ]
                .iter()
                .any(|start| rest.starts_with(start)))
        || variables.iter().any(|variable| path.starts_with(variable))
        || path == "\\"
        || path == "\\*"
        || path == "~"
        || path.starts_with("~\\")
}
