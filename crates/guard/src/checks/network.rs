//! What leaves the machine, and who gets a shell from outside.

use super::hosts::is_loopback;
use super::writing::check_write;
use crate::facts::Facts;
use crate::programs::{Argv, KindsOf, ProgramKind, is_of_kind};
use crate::rules;
use crate::taint::{SECRET, SHELL};
use crate::zone::{Zone, name_of};

pub(super) fn check(run: &mut Facts, name: &str, argv: &Argv, input: &str) {
    let words = argv.words;
    let kinds = argv.known.kinds;
    if sends_by_subcommand(run, argv) {
        run.report(&rules::EXFILTRATION, name);
    }
    if !kinds.has(ProgramKind::Sender) || argv.asks() {
        return;
    }
    let connects = kinds.has(ProgramKind::Connector);
    let is_shell = connects && (input.contains(SHELL) || starts_shell(words));
    if is_shell && !is_local(words) {
        run.report(&rules::REVERSE_SHELL, name);
    }
    if !is_local(words)
        && (input.contains(SECRET) && reads_input(kinds, words) || sends_secret(run, kinds, argv))
    {
        run.report(&rules::EXFILTRATION, name);
    }
}

/// `az storage blob upload -f FILE` of a file that is secret.
fn sends_by_subcommand(run: &Facts, argv: &Argv) -> bool {
    let sends = argv.program.is_some_and(|row| row.style.sends);
    sends
        && !argv.asks()
        && argv.words[1..].iter().any(|word| {
            let value = word.split_once('=').map_or("", |(_, value)| value);
            is_secret_file(run, word) || is_secret_file(run, value)
        })
}

/// A new key in the place of an old one: `ssh-keygen` asks first, and the input says yes. The machine's own
/// keys and lists are changed by whatever is no question.
pub(super) fn check_ssh_keygen(run: &mut Facts, argv: &Argv, input: &str) {
    let only_tells = argv.has(&["-y", "-l", "-L", "-F", "-B", "-i", "-e", "-Y"]);
    let only_edits = argv.has(&["-R", "-H", "-c", "-p"]);
    let Some(file) = argv.value(&["-f"]).filter(|_| !only_tells) else {
        return;
    };
    let says_yes = input.trim_start().starts_with(['y', 'Y']);
    if says_yes && !only_edits || run.zone(file) == Zone::System {
        check_write(run, file, "", false);
    }
}

/// Whether what stands on the input is sent. For most programs that ask a server a word has to say so.
fn reads_input(kinds: KindsOf, words: &[String]) -> bool {
    let says_so = |word: &String| {
        word == "-"
            || word == "-T-"
            || word == "gist"
            || word.contains("@-")
            || word.ends_with("/dev/stdin")
            || word.ends_with("=<-")
    };
    let keeps = words.iter().any(|word| word == "secret");
    !kinds.has(ProgramKind::Deaf) || words.iter().any(says_so) && !keeps
}

/// Whether every address among the words is this machine's.
fn is_local(words: &[String]) -> bool {
    let is_address = |word: &&String| word.contains("://") || is_loopback(word);
    let host = |word: &String| {
        let rest = word
            .split_once("://")
            .map_or(word.as_str(), |(_, rest)| rest);
        is_loopback(rest)
    };
    let mut addresses = words[1..].iter().filter(is_address).peekable();
    addresses.peek().is_some() && addresses.all(host)
}

/// `nc -e sh`, `socat EXEC:sh`.
fn starts_shell(words: &[String]) -> bool {
    let is_shell_behind = |word: &String| {
        let program = word.split(' ').next().unwrap_or_default();
        let name = name_of(program);
        is_of_kind(name, ProgramKind::Shell) || is_of_kind(name, ProgramKind::WindowsShell)
    };
    let runs = |word: &String| {
        matches!(word.as_str(), "--exec" | "--sh-exec" | "-c")
            || (word.starts_with('-') && !word.starts_with("--") && word.contains('e'))
    };
    let attached = |word: &String| {
        let upper = word.to_uppercase();
        (upper.starts_with("EXEC:") || upper.starts_with("SYSTEM:")) && word.contains("sh")
    };
    words.iter().any(attached) || words.iter().any(runs) && words.iter().any(is_shell_behind)
}

fn sends_secret(run: &Facts, kinds: KindsOf, argv: &Argv) -> bool {
    let words = argv.words;
    if words[1..].iter().any(|word| word.contains(SECRET)) {
        // A shell on another machine that is not told anything gets no secret.
        return !argv.program.is_some_and(|row| row.style.elsewhere) || words.len() > 2;
    }
    let keeps = words
        .iter()
        .any(|word| matches!(word.as_str(), "secret" | "auth"));
    kinds.has(ProgramKind::Asker) && words[1..].iter().any(|word| uploads(run, argv, word))
        || kinds.has(ProgramKind::Copier) && copies_out(run, kinds, argv)
        || kinds.has(ProgramKind::Connector)
            && words[1..].iter().any(|word| opens_secret(run, word))
        || kinds.has(ProgramKind::Uploader)
            && !keeps
            && words[1..].iter().any(|word| is_secret_file(run, word))
}

/// `FILE:path` and `OPEN:path` of `socat`.
fn opens_secret(run: &Facts, word: &str) -> bool {
    let Some((kind, path)) = word.split_once(':') else {
        return false;
    };
    let opens = ["FILE", "OPEN", "GOPEN"];
    let path = path.split(',').next().unwrap_or_default();
    opens.iter().any(|open| kind.eq_ignore_ascii_case(open)) && is_secret_file(run, path)
}

/// `-d @file`, `-F name=@file`, `-T file`, `--post-file=file`.
fn uploads(run: &Facts, argv: &Argv, word: &str) -> bool {
    if let Some((_, file)) = word.split_once('@')
        && !word.contains("://")
    {
        let file = file.split([';', ',']).next().unwrap_or_default();
        if is_secret_file(run, file) {
            return true;
        }
    }
    let file = argv.value(&["-T", "--upload-file", "--post-file", "--body-file"]);
    file.is_some_and(|file| is_secret_file(run, file))
        || word
            .split_once("=<")
            .is_some_and(|(_, file)| is_secret_file(run, file))
}

fn is_secret_file(run: &Facts, file: &str) -> bool {
    !file.is_empty()
        && (run.holds_secrets(file) || run.written(file).is_some_and(|text| text.contains(SECRET)))
}

/// A secret among the sources, and a target on another machine.
fn copies_out(run: &Facts, kinds: KindsOf, options: &Argv) -> bool {
    let target = options.operands.last();
    let is_out = match kinds.has(ProgramKind::Machine) {
        true => target.is_some_and(|target| target.contains(':')),
        // What is got is not sent.
        false => {
            let is_address = |word: &&str| word.contains("://");
            target.is_some_and(|target| target.contains(':'))
                || !options.operands.iter().any(is_address)
        }
    };
    let sources = options.operands.iter().filter(|word| !word.contains("://"));
    is_out
        && sources
            .filter(|word| !word.contains(':'))
            .any(|word| is_secret_file(run, word))
}
