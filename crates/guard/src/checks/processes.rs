//! Ending processes.

use crate::facts::Facts;
use crate::programs::Argv;
use crate::rules;
use crate::taint::{EVERY_PROCESS, STAR};
use crate::zone::Zone;

pub(super) fn check_kill(run: &mut Facts, name: &str, words: &[String]) {
    let is_everything = match name {
        "skill" if words.iter().any(|word| word == "-u") => true,
        "kill" | "skill" => kills_all(words),
        "killall5" => true,
        "pkill" | "killall" => names_all(name, words),
        _ => false,
    };
    let is_question = words.iter().any(|word| word == "-l" || word == "-0");
    match is_everything && !is_question {
        true => run.report(&rules::KILL_ALL, &words[1..].join(" ")),
        false if is_question => {}
        false => run.report(&rules::KILL, &words[1..].join(" ")),
    }
}

/// All that runs as somebody, or in a session: the agent's own, too.
pub(super) fn check_session_end(run: &mut Facts, name: &str, argv: &Argv) {
    let mut operands = argv.operands.iter();
    let verb = operands.next().copied().unwrap_or_default();
    let is_of_users = |unit: &&str| {
        unit.starts_with("user@")
            || unit.starts_with("user-") && unit.ends_with(".slice")
            || matches!(*unit, "user.slice" | "system.slice" | "-.slice")
    };
    let ends = match name {
        "loginctl" => matches!(
            verb,
            "terminate-user"
                | "kill-user"
                | "terminate-session"
                | "kill-session"
                | "terminate-seat"
        ),
        _ => matches!(verb, "kill" | "stop") && operands.any(is_of_users),
    };
    if ends {
        run.report(&rules::KILL_ALL, verb);
    }
}

/// `fuser -k /` ends whoever has a file of the system or of the homes open.
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

fn names_all(name: &str, words: &[String]) -> bool {
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
    let options = Argv::of(name, &words);
    let of_root = options.value(&["-u", "-U", "--euid", "--uid", "--user"]);
    let patterns: Vec<_> = options.operands.iter().collect();
    let is_any = |pattern: &&&str| {
        let shown = crate::taint::shown(pattern);
        matches!(
            shown.as_str(),
            "." | ".*" | "" | "^" | "$" | "systemd" | "init" | "sshd"
        ) || (name == "killall" && matches!(shown.as_str(), "-1"))
    };
    let inverts = options.has(&["-v", "--inverse"]) && name == "pkill";
    of_root.is_some() && patterns.is_empty()
        || of_root == Some("root") && patterns.is_empty()
        || inverts
        || patterns.iter().any(is_any)
}
