//! Files that are written: overwritten, appended to, or made a foothold.

use super::removal::{check_removal, check_removal_at};
use crate::facts::Facts;
use crate::programs::{Argv, Role};
use crate::rules;
use crate::zone::{Zone, name_of};

/// Files that give lasting access or further rights to whoever can write them.
pub(super) fn is_foothold(path: &str) -> bool {
    const FILES: [&str; 8] = [
        "/etc/sudoers",
        "/etc/passwd",
        "/etc/shadow",
        "/etc/group",
        "/etc/gshadow",
        "/etc/ld.so.preload",
        "/etc/crontab",
        "/etc/rc.local",
    ];
    const DIRECTORIES: [&str; 9] = [
        "/etc/sudoers.d/",
        "/etc/cron.",
        "/var/spool/cron",
        "/etc/pam.d/",
        "/etc/profile.d/",
        "/etc/init.d/",
        "/etc/ld.so.conf.d/",
        "/root/.ssh/",
        "/etc/doas.conf",
    ];
    let is_guarded =
        path.starts_with("/etc/") || path.starts_with("/var/spool/") || path.starts_with("/root/");
    let is_listed =
        || FILES.contains(&path) || DIRECTORIES.iter().any(|start| path.starts_with(start));
    is_guarded && is_listed()
        || path.ends_with("/.ssh/authorized_keys")
        || path.ends_with("/.ssh/authorized_keys2")
        || path.ends_with("/.ssh/rc")
}

/// Read by a shell when it starts.
pub(super) fn is_dotfile(path: &str) -> bool {
    const NAMES: [&str; 10] = [
        ".bashrc",
        ".zshrc",
        ".profile",
        ".bash_profile",
        ".zprofile",
        ".bash_login",
        ".zshenv",
        ".bash_aliases",
        ".bash_logout",
        "config.fish",
    ];
    NAMES.contains(&name_of(path))
}

/// Judges a file that is written: overwritten, or appended to.
pub(crate) fn check_write(run: &mut Facts, word: &str, text: &str, appends: bool) {
    if word.is_empty() {
        return;
    }
    let path = run.path(word);
    let zone = run.zone_of(&path);
    if path == "/proc/sysrq-trigger" || path == "/proc/sys/kernel/sysrq" {
        run.report(&rules::SYSRQ, word);
    } else if is_foothold(&path) {
        run.report(&rules::PERSISTENCE, word);
    } else if appends {
        check_append(run, word, &path, zone, text);
    } else if !matches!(zone, Zone::WorkDir | Zone::WholeWork | Zone::Unknown) {
        check_removal_at(run, word, &path, zone);
    }
}

/// Judges a place where a program puts files: a product, copies, what it unpacks or installs.
///
/// Unlike what `>` overwrites it may be anew, so that the visible part of a home and what lies beside
/// the work directory are no more than flagged.
pub(super) fn check_output(run: &mut Facts, word: &str, role: Role) {
    if word.is_empty() {
        return;
    }
    let path = run.path(word);
    let zone = run.zone_of(&path);
    if is_foothold(&path) || is_foothold(&format!("{path}/")) {
        return run.report(&rules::PERSISTENCE, word);
    }
    let makes = role == Role::Make;
    match zone {
        Zone::System if role == Role::Into && is_for_installing(&path) => {}
        Zone::System | Zone::Device | Zone::Credentials => check_removal_at(run, word, &path, zone),
        Zone::HomeRoot if makes => check_removal_at(run, word, &path, zone),
        Zone::Home if is_dotfile(&path) || makes && is_hidden(&path) => {
            check_removal_at(run, word, &path, zone);
        }
        Zone::Home | Zone::Outside if makes && !run.remote => {
            run.report(&rules::MADE_ELSEWHERE, word);
        }
        _ => {}
    }
}

/// The patches of coding agents, on the input or as an operand: a line names each file.
pub(super) fn check_patch_text(run: &mut Facts, argv: &Argv, input: &str) {
    const WRITTEN: [&str; 3] = ["*** Add File: ", "*** Update File: ", "*** Move to: "];
    let texts = argv.operands.iter().copied().chain([input]);
    for line in texts.flat_map(str::lines) {
        if let Some(file) = line.strip_prefix("*** Delete File: ") {
            check_removal(run, file.trim());
        } else if let Some(file) = WRITTEN.iter().find_map(|start| line.strip_prefix(start)) {
            check_write(run, file.trim(), "", false);
        }
    }
}

/// Where programs are installed that are not the system's own.
pub(super) fn is_for_installing(path: &str) -> bool {
    let roots = ["/usr/local", "/opt", "/srv"];
    roots.iter().any(|root| path.starts_with(root))
}

/// Whether a component begins with a dot.
fn is_hidden(path: &str) -> bool {
    path.contains("/.")
}

fn check_append(run: &mut Facts, word: &str, path: &str, zone: Zone, text: &str) {
    if zone == Zone::Device {
        run.report(&rules::DEVICE_WRITE, word);
    } else if !zone.is_free() && is_dotfile(path) {
        run.report(&rules::DOTFILE, word);
        run.defer_source(text);
    } else if matches!(zone, Zone::System | Zone::Credentials) {
        run.report(&rules::DOTFILE, word);
    }
}
