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
mod inner_commands;
mod loops;
mod many;
mod mounts;
mod network;
mod packages;
mod patterns;
mod permissions;
mod processes;
mod reading;
mod rehearsal;
mod sed;
mod sources;
mod system;
mod tokens;
mod windows;
mod writing;

use super::marks::{self, BRACKET, QUESTION, STAR};
use super::programs::{Argv, Role};
use super::run::Run;
use super::shell::Word;
use super::zone::Zone;
use inner_commands::commands_in_options;

pub(super) use code::{code, code_argument, code_input, printed_by_code};
pub(super) use destinations::judge as destinations;
pub(super) use files::is_narrowed;
pub(super) use many::telling;
pub(super) use windows::{foreign, listed};
pub(super) use writing::write;

/// Judges one command.
pub(super) fn command(run: &mut Run, name: &str, argv: &Argv, input: &str) {
    let words = argv.words;
    if asks_for_help(words) || rehearsal::is_rehearsal(name, argv) {
        return;
    }
    commands_in_options(run, argv);
    match name {
        "iex" | "Invoke-Expression" if input.contains(marks::REMOTE) => {
            run.find(&super::rules::REMOTE_CODE, name);
        }
        "rm" | "grm" | "unlink" | "rmdir" | "srm" | "shred" | "wipe" | "trash" | "trash-put"
        | "rimraf" | "del-cli" => files::delete(run, name, argv),
        "gio" if words.get(1).is_some_and(|word| word == "trash") => {
            files::delete(run, "trash", &Argv::of("trash", &words[1..]));
        }
        "mv" | "gmv" => files::moved(run, argv),
        "sed" | "gsed" => editors::stream_editor(run, argv),
        "perl" => editors::perl(run, argv),
        "vim" | "vi" | "nvim" | "ex" | "view" => editors::visual(run, argv),
        "cp" | "gcp" | "install" | "ginstall" => files::copied(run, argv),
        "ln" | "gln" => files::linked(run, argv),
        "rsync" => files::synchronised(run, argv),
        "tee" | "sponge" => files::teed(run, argv, input),
        "tar" | "bsdtar" | "gtar" | "star" | "jar" => archives::tar(run, argv),
        "zip" | "7z" | "7za" => archives::packed(run, argv),
        "ssh-keygen" => network::key_made(run, argv, input),
        "patch" | "gpatch" if argv.has(&["-d"]) && !argv.asks() => {
            writing::placed(run, ".", Role::Into);
        }
        "chmod" | "chown" | "chgrp" | "chattr" | "setfacl" | "setcap" => {
            permissions::judge(run, name, words);
        }
        "find" | "fd" | "fdfind" => files::found(run, words),
        "git" | "git.exe" | "hub" => git::judge(run, argv),
        "mount" => mounts::judge(run, argv),
        "loginctl" | "systemctl" => processes::session_ended(run, name, argv),
        "fuser" => processes::users_ended(run, argv),
        "kill" | "pkill" | "killall" | "killall5" | "skill" | "taskkill" => {
            processes::killed(run, name, words);
        }
        "psql" | "duckdb" | "mysql" | "mariadb" | "sqlite3" | "mongosh" | "mongo" | "redis-cli"
        | "dropdb" | "mysqladmin" | "clickhouse-client" | "sqlcmd" | "cockroach" | "valkey-cli"
        | "usql" => {
            databases::judge(run, name, argv, input);
        }
        "docker" | "podman" | "nerdctl" | "kubectl" | "oc" | "docker-compose" => {
            cloud::containers(run, name, words);
        }
        "crontab" => system::crontab(run, argv, input),
        "apt" | "apt-get" | "aptitude" | "dpkg" | "yum" | "dnf" | "pacman" | "zypper" | "rpm"
        | "apk" | "brew" | "snap" => packages::judge(run, name, argv),
        _ => {}
    }
    destinations(run, argv);
    sources::judge(run, name, argv);
    disks::judge(run, name, words);
    network::judge(run, name, argv, input);
    windows::judge(run, name, words, input);
    patterns::judge(run, name, words);
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
pub(super) fn looks_destructive(run: &Run, words: &[String]) -> bool {
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
pub(super) fn glob_matches(pattern: &str, name: &str) -> bool {
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
pub(super) fn windows_paths(run: &mut Run, fields: &[String], words: &[Word]) {
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
            false => marks::shown(field),
        });
    let written: Vec<String> = written.collect();
    windows::judge(run, name, &written, "");
}
