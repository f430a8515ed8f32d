//! Ending processes.

use crate::facts::Facts;
use crate::programs::Argv;
use crate::rules;
use crate::taint::{EVERY_PROCESS, STAR};
use crate::zone::{Zone, name_of};

/// How a program is told which processes to end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// By their numbers.
    Numbers,
    /// By numbers, or by whose they are.
    NumbersOrUser,
    /// By a pattern that their names match.
    Pattern,
    /// By their whole names.
    Name,
    /// By options that single them out.
    Singly,
    /// It ends all there are.
    All,
}

pub(super) fn check_kill(run: &mut Facts, named: Named, words: &[String]) {
    let is_everything = match named {
        Named::NumbersOrUser if words.iter().any(|word| word == "-u") => true,
        Named::Numbers | Named::NumbersOrUser => kills_all(words),
        Named::All => true,
        Named::Pattern | Named::Name => names_all(named, words),
        Named::Singly => false,
    };
    let is_question = words.iter().any(|word| word == "-l" || word == "-0");
    match is_everything && !is_question {
        true => run.report(&rules::KILL_ALL, &words[1..].join(" ")),
        false if is_question => {}
        false => run.report(&rules::KILL, &words[1..].join(" ")),
    }
}

/// `loginctl terminate-user` ends all that runs as a user, or in a session: the agent's own, too.
pub(super) fn check_session_end(run: &mut Facts, argv: &Argv) {
    let verb = argv.operands.first().copied().unwrap_or_default();
    let ends = matches!(
        verb,
        "terminate-user" | "kill-user" | "terminate-session" | "kill-session" | "terminate-seat"
    );
    if ends {
        run.report(&rules::KILL_ALL, verb);
    }
}

/// `systemctl stop user@1000` does, too.
pub(super) fn check_unit_end(run: &mut Facts, argv: &Argv) {
    let mut operands = argv.operands.iter();
    let verb = operands.next().copied().unwrap_or_default();
    let is_of_users = |unit: &&str| {
        unit.starts_with("user@")
            || unit.starts_with("user-") && unit.ends_with(".slice")
            || matches!(*unit, "user.slice" | "system.slice" | "-.slice")
    };
    if matches!(verb, "kill" | "stop") && operands.any(is_of_users) {
        run.report(&rules::KILL_ALL, verb);
    }
}

/// `fuser -k /` ends every process that has a file of the system or of the homes open.
pub(super) fn check_fuser(run: &mut Facts, argv: &Argv) {
    if !argv.has(&["-k", "--kill"]) {
        return;
    }
    let is_wide = |word: &&&str| {
        word.starts_with('/') && matches!(run.zone(word), Zone::System | Zone::HomeRoot)
    };
    if let Some(word) = argv.operands.iter().find(is_wide) {
        run.report(&rules::KILL_ALL, word);
    }
}

/// The first word with a hyphen is a signal, unless `--` or `-s` came before.
fn kills_all(words: &[String]) -> bool {
    let mut targets = Vec::new();
    let mut signal_seen = false;
    let mut rest = words[1..].iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "--" => {
                targets.extend(rest.map(String::as_str));
                break;
            }
            "-s" | "-n" | "--signal" => {
                rest.next();
                signal_seen = true;
            }
            word if word.starts_with("--") => signal_seen = true,
            word if word.starts_with('-') && !signal_seen && words.len() > 2 => signal_seen = true,
            word => targets.push(word),
        }
    }
    let is_all = |target: &&str| {
        matches!(*target, "1" | "-1")
            || target.contains(EVERY_PROCESS)
            || target.contains(['*', STAR])
    };
    targets.iter().any(is_all)
}

fn names_all(named: Named, words: &[String]) -> bool {
    // `-HUP` is a signal and no row of single letters.
    let is_signal = |word: &&String| {
        let name = word.strip_prefix('-').unwrap_or_default();
        name.len() > 1 && name.bytes().all(|b| b.is_ascii_uppercase())
    };
    let words: Vec<String> = words
        .iter()
        .filter(|word| !is_signal(word))
        .cloned()
        .collect();
    let program = words.first().map_or("", |word| name_of(word));
    let options = Argv::of(program, &words);
    let of_root = options.value(&["-u", "-U", "--euid", "--uid", "--user"]);
    let patterns: Vec<_> = options.operands.iter().collect();
    let is_any = |pattern: &&&str| {
        let shown = crate::taint::shown(pattern);
        matches!(
            shown.as_str(),
            "." | ".*" | "" | "^" | "$" | "systemd" | "init" | "sshd"
        ) || (named == Named::Name && shown == "-1")
    };
    let inverts = options.has(&["-v", "--inverse"]) && named == Named::Pattern;
    of_root.is_some() && patterns.is_empty()
        || of_root == Some("root") && patterns.is_empty()
        || inverts
        || patterns.iter().any(is_any)
}
