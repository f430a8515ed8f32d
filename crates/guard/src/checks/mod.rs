//! What a command means: one judge a subject, chosen by the command's name.
//!
//! A judge gets final words and the state of the script, and notes the rules that the command falls
//! under. Pure; any thread.

mod archives;
mod calls;
mod clients;
mod cloud;
mod code;
mod databases;
mod destinations;
mod disks;
mod editors;
mod files;
mod from_network;
mod git;
mod hosts;
mod inner_commands;
mod loops;
mod mounts;
mod network;
mod packages;
mod patterns;
mod permissions;
mod processes;
mod program_calls;
mod reading;
mod rehearsal;
mod removal;
mod sampling;
mod sed;
mod sources;
mod system;
mod tokens;
mod transfers;
mod windows;
mod writing;

use crate::facts::Facts;
use crate::programs::{Argv, Role};
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
    if asks_for_help(words) || rehearsal::is_rehearsal(name, argv) {
        return;
    }
    commands_in_options(run, argv);
    match name {
        "iex" | "Invoke-Expression" if input.contains(taint::REMOTE) => {
            run.report(&crate::rules::REMOTE_CODE, name);
        }
        "rm" | "grm" | "unlink" | "rmdir" | "srm" | "shred" | "wipe" | "trash" | "trash-put"
        | "rimraf" | "del-cli" => files::check_rm(run, name, argv),
        "gio" if words.get(1).is_some_and(|word| word == "trash") => {
            files::check_rm(run, "trash", &Argv::of("trash", &words[1..]));
        }
        "mv" | "gmv" => files::check_mv(run, argv),
        "sed" | "gsed" => editors::check_sed(run, argv),
        "perl" => editors::check_perl(run, argv),
        "vim" | "vi" | "nvim" | "ex" | "view" => editors::check_vim(run, argv),
        "cp" | "gcp" | "install" | "ginstall" => files::check_cp(run, argv),
        "ln" | "gln" => files::check_ln(run, argv),
        "rsync" => files::check_rsync(run, argv),
        "tee" | "sponge" => files::check_tee(run, argv, input),
        "tar" | "bsdtar" | "gtar" | "star" | "jar" => archives::check_tar(run, argv),
        "zip" | "7z" | "7za" => archives::check_zip(run, argv),
        "ssh-keygen" => network::check_ssh_keygen(run, argv, input),
        "patch" | "gpatch" if argv.has(&["-d"]) && !argv.asks() => {
            writing::check_output(run, ".", Role::Into);
        }
        "chmod" | "chown" | "chgrp" | "chattr" | "setfacl" | "setcap" => {
            permissions::check(run, name, words);
        }
        "find" | "fd" | "fdfind" => files::check_find(run, words),
        "git" | "git.exe" | "hub" => git::check(run, argv),
        "lftp" => transfers::check_lftp(run, argv),
        "pax" => transfers::check_pax(run, argv),
        "mvn" | "mvnw" => transfers::check_mvn(run, argv),
        "mount" => mounts::check(run, argv),
        "loginctl" | "systemctl" => processes::check_session_end(run, name, argv),
        "fuser" => processes::check_fuser(run, argv),
        "kill" | "pkill" | "killall" | "killall5" | "skill" | "taskkill" => {
            processes::check_kill(run, name, words);
        }
        "psql" | "duckdb" | "mysql" | "mariadb" | "sqlite3" | "mongosh" | "mongo" | "redis-cli"
        | "dropdb" | "mysqladmin" | "clickhouse-client" | "sqlcmd" | "cockroach" | "valkey-cli"
        | "usql" => {
            databases::check(run, name, argv, input);
        }
        "docker" | "podman" | "nerdctl" | "kubectl" | "oc" | "docker-compose" => {
            cloud::check_mounts(run, name, words);
        }
        "crontab" => system::check_crontab(run, argv, input),
        "apt" | "apt-get" | "aptitude" | "dpkg" | "yum" | "dnf" | "pacman" | "zypper" | "rpm"
        | "apk" | "brew" | "snap" => packages::check(run, name, argv),
        _ => {}
    }
    destinations::check(run, argv);
    sources::check(run, name, argv);
    disks::check(run, name, words);
    network::check(run, name, argv, input);
    windows::check(run, name, words, input);
    patterns::check(run, name, words);
}

/// `--help` behind nothing but subcommands; behind an operand some programs read it as another one.
fn asks_for_help(words: &[String]) -> bool {
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
            before.len() == 1 && before[0] != "shutdown" && before[0] != "chmod"
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
    if !windows::is_command(name) {
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
