//! What leaves the machine, and who gets a shell from outside.

use super::hosts::is_loopback;
use super::writing::check_write;
use crate::facts::Facts;
use crate::programs::{Argv, ProgramKind, is_of_kind};
use crate::rules;
use crate::taint::{SECRET, SHELL};

pub(super) fn check(run: &mut Facts, name: &str, argv: &Argv, input: &str) {
    let words = argv.words;
    if !is_of_kind(name, ProgramKind::Sender) || argv.asks() {
        return;
    }
    let is_shell = listens_with_shell(name, words) || (input.contains(SHELL) && is_pipe(name));
    if is_shell && !is_local(words) {
        run.report(&rules::REVERSE_SHELL, name);
    }
    if !is_local(words)
        && (input.contains(SECRET) && reads_input(name, words) || sends_secret(run, name, argv))
    {
        run.report(&rules::EXFILTRATION, name);
    }
}

/// A new key in the place of an old one: `ssh-keygen` asks first, and somebody says yes.
pub(super) fn check_ssh_keygen(run: &mut Facts, argv: &Argv, input: &str) {
    let is_made = !argv.has(&[
        "-y", "-l", "-L", "-R", "-F", "-H", "-B", "-i", "-e", "-c", "-p", "-Y",
    ]);
    if let Some(file) = argv.value(&["-f"]).filter(|_| is_made)
        && input.trim_start().starts_with(['y', 'Y'])
    {
        check_write(run, file, "", false);
    }
}

fn is_pipe(name: &str) -> bool {
    matches!(
        name,
        "nc" | "ncat" | "netcat" | "socat" | "telnet" | "openssl"
    )
}

fn reads_input(name: &str, words: &[String]) -> bool {
    match name {
        "wget" | "dig" | "nslookup" | "host" | "ping" => false,
        "curl" => words.iter().any(|word| {
            word.contains("@-")
                || word == "-"
                || word == "-T-"
                || word.ends_with("/dev/stdin")
                || word.ends_with("=<-")
        }),
        "aws" | "gsutil" => words.iter().any(|word| word == "-"),
        "gh" => {
            words
                .iter()
                .any(|word| matches!(word.as_str(), "-" | "gist" | "secret"))
                && !words.iter().any(|word| word == "secret")
        }
        _ => true,
    }
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
fn listens_with_shell(name: &str, words: &[String]) -> bool {
    let names_shell = |word: &str| {
        [
            "/bin/sh",
            "/bin/bash",
            "bash",
            "sh",
            "zsh",
            "/bin/zsh",
            "cmd.exe",
            "powershell",
            "dash",
        ]
        .iter()
        .any(|shell| word == *shell || word.starts_with(&format!("{shell} ")))
    };
    match name {
        "nc" | "ncat" | "netcat" => {
            let runs = |word: &String| {
                matches!(word.as_str(), "--exec" | "--sh-exec" | "-c")
                    || (word.starts_with('-') && !word.starts_with("--") && word.contains('e'))
            };
            words.iter().any(runs) && words.iter().any(|word| names_shell(word))
        }
        "socat" => words.iter().any(|word| {
            let upper = word.to_uppercase();
            (upper.starts_with("EXEC:") || upper.starts_with("SYSTEM:")) && word.contains("sh")
        }),
        _ => false,
    }
}

fn sends_secret(run: &Facts, name: &str, argv: &Argv) -> bool {
    let words = argv.words;
    if words[1..].iter().any(|word| word.contains(SECRET)) {
        return name != "ssh" || words.len() > 2;
    }
    match name {
        "curl" | "http" | "https" | "xh" | "wget" => {
            words[1..].iter().any(|word| uploads(run, name, argv, word))
        }
        "scp" | "rsync" | "sftp" | "ftp" | "lftp" | "tftp" | "rclone" | "gsutil" | "aws" => {
            copies_out(run, name, argv)
        }
        "gh" => {
            words.iter().any(|word| word == "gist")
                && words[1..].iter().any(|word| run.holds_secrets(word))
        }
        "mail" | "mutt" | "mailx" => words[1..].iter().any(|word| run.holds_secrets(word)),
        _ => false,
    }
}

/// `-d @file`, `-F name=@file`, `-T file`, `--post-file=file`.
fn uploads(run: &Facts, name: &str, argv: &Argv, word: &str) -> bool {
    if let Some((_, file)) = word.split_once('@')
        && !word.contains("://")
    {
        let file = file.split([';', ',']).next().unwrap_or_default();
        if is_secret_file(run, file) {
            return true;
        }
    }
    let names: &[&str] = if name == "wget" {
        &["--post-file", "--body-file"]
    } else {
        &["-T", "--upload-file"]
    };
    let file = argv.value(names);
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
fn copies_out(run: &Facts, name: &str, options: &Argv) -> bool {
    let is_out = match name {
        "scp" | "rsync" | "sftp" | "rclone" => options
            .operands
            .last()
            .is_some_and(|target| target.contains(':')),
        // What is got is not sent.
        _ => {
            let is_address = |word: &&str| word.contains("://");
            !options.operands.iter().any(is_address)
                || options.operands.last().is_some_and(is_address)
        }
    };
    let sources = options.operands.iter().filter(|word| !word.contains("://"));
    is_out
        && sources
            .filter(|word| !word.contains(':'))
            .any(|word| is_secret_file(run, word))
}
