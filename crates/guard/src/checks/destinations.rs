//! What a program writes, wherever its command line says so: by option, by place, by default.
//!
//! The rows of `programs` say what an option or an operand is; this says what that does.

use super::hosts::{host_and_path, is_loopback};
use super::removal::check_removal;
use super::writing::{check_output, check_write, is_foothold};
use crate::facts::Facts;
use crate::programs::{Argv, Known, ProgramKind, Role, unknown};
use crate::rules;
use crate::taint::TILDE;
use crate::zone::{Zone, name_of};

/// Judges all that a row says of a command line, and what holds for a program without one.
pub(crate) fn check(run: &mut Facts, argv: &Argv) {
    if argv.asks() {
        return;
    }
    let Some(program) = argv.program.filter(|program| !program.is_partial) else {
        return check_unknown(run, argv);
    };
    check_options(run, argv);
    if !argv.is_needed() {
        return;
    }
    for (place, role) in &program.operands {
        for word in argv.at_place(*place) {
            match program.style.remote {
                true => check_remote(run, argv, word, *role),
                false => check_role(run, word, *role),
            }
        }
    }
}

fn check_options(run: &mut Facts, argv: &Argv) {
    for given in &argv.options {
        // Commands in options are followed before.
        if let Some(value) = given.value
            && !matches!(given.role(), Role::Run(_))
        {
            check_role(run, value, given.role());
        }
    }
}

/// Judges a word by its role.
fn check_role(run: &mut Facts, word: &str, role: Role) {
    match role {
        Role::Write => check_write(run, word, "", false),
        Role::Append => check_write(run, word, "", true),
        Role::Make | Role::Copy | Role::Into => check_output(run, word, role),
        Role::Remove => check_removal(run, word),
        Role::Device => check_device(run, word),
        Role::Run(_) => run.defer_source(word),
        Role::Flag
        | Role::Value
        | Role::Script(_)
        | Role::Remote
        | Role::Statement
        | Role::Enter
        | Role::Root
        | Role::Target
        | Role::Ask
        | Role::Needed => {}
    }
}

/// Storage that is written over; an image file in the work directory is none.
pub(super) fn check_device(run: &mut Facts, word: &str) {
    let zone = run.zone(word);
    let is_own = zone.is_free() || matches!(zone, Zone::Unknown | Zone::WholeWork | Zone::WorkDir);
    if !word.starts_with('-') && !is_own {
        run.report(&rules::DISK_CHANGE, word);
    }
}

/// `host:path` and `scheme://host/path`, or a path of this machine.
fn check_remote(run: &mut Facts, argv: &Argv, word: &str, role: Role) {
    let Some((host, path)) = host_and_path(word) else {
        return check_role(run, word, role);
    };
    let name = host.rsplit('@').next().unwrap_or_default();
    let local = match path.starts_with('/') {
        true => path.to_owned(),
        false => format!("{TILDE}/{path}"),
    };
    if is_loopback(name) {
        return check_role(run, &local, role);
    }
    let is_machine = argv.known.kinds.has(ProgramKind::Machine);
    if is_machine && is_foothold(&run.path(&local)) {
        run.report(&rules::PERSISTENCE, word);
    }
}

/// Whether a path is that of storage, and not of a terminal, a camera or a sound card.
fn is_storage(path: &str) -> bool {
    const STARTS: [&str; 19] = [
        "sd", "hd", "vd", "xvd", "nvme", "mmcblk", "disk", "rdisk", "loop", "dm-", "md", "mapper/",
        "sr", "zram", "nbd", "ram", "fd0", "cdrom", "dasd",
    ];
    let name = path.strip_prefix("/dev/");
    name.is_some_and(|name| STARTS.iter().any(|start| name.starts_with(start)))
}

/// What nearly every program means by an option of a name, a last operand, and a device.
fn check_unknown(run: &mut Facts, argv: &Argv) {
    let known = Known {
        family: Some(unknown()),
        ..argv.known
    };
    let argv = Argv::by(known, argv.words);
    if argv.asks() {
        return;
    }
    check_options(run, &argv);
    for word in &argv.operands {
        if is_storage(&run.path(word)) {
            run.report(&rules::DEVICE_GIVEN, word);
        }
    }
    if let [.., source, target] = argv.operands.as_slice() {
        check_last_operand(run, &argv, source, target);
    }
}

/// `tool from to`: an unknown program with a file of its own and one of the system behind it.
fn check_last_operand(run: &mut Facts, argv: &Argv, source: &str, target: &str) {
    let is_file = |word: &str| word.contains(['.', '/']);
    let is_own = run.zone(source).is_free();
    let path = run.path(target);
    // A program of the project's own reads more files than it writes.
    let is_script = argv
        .words
        .first()
        .is_some_and(|word| word.contains('/') && run.zone(word).is_free());
    if is_script || !is_file(source) || !is_own || argv.operands.len() > 3 {
        return;
    }
    if is_foothold(&path) {
        return run.report(&rules::PERSISTENCE, target);
    }
    match run.zone_of(&path) {
        Zone::System if is_program_or_setting(&path) => check_removal(run, target),
        Zone::Credentials => run.report(&rules::PERHAPS_WRITTEN, target),
        _ => {}
    }
}

/// What a machine starts with; the rest of the system is read by many programs.
fn is_program_or_setting(path: &str) -> bool {
    const SETTINGS: [&str; 12] = [
        "hosts",
        "fstab",
        "resolv.conf",
        "nsswitch.conf",
        "hostname",
        "environment",
        "profile",
        "bash.bashrc",
        "inittab",
        "ld.so.conf",
        "modules",
        "exports",
    ];
    const PROGRAMS: [&str; 7] = [
        "/bin/",
        "/sbin/",
        "/usr/bin/",
        "/usr/sbin/",
        "/boot/",
        "/lib/",
        "/usr/lib/",
    ];
    let is_setting = path.starts_with("/etc/") && SETTINGS.contains(&name_of(path));
    is_setting || PROGRAMS.iter().any(|start| path.starts_with(start))
}
