//! What is mounted over the system: it hides the files below it.

use crate::facts::Facts;
use crate::programs::Argv;
use crate::rules;
use crate::zone::{Zone, below};

/// Where systems are put together and media appear: these are there to be mounted on.
const FOR_MOUNTS: [&str; 8] = [
    "/mnt", "/media", "/run", "/srv", "/proc", "/sys", "/snap", "/var/lib",
];

/// `mount --bind x /etc/passwd`, and with another file system over it.
pub(super) fn check(run: &mut Facts, argv: &Argv) {
    let covers = ["-B", "--bind", "-R", "--rbind", "-M", "--move"];
    let settings = argv.value(&["-o", "--options"]).unwrap_or_default();
    let is_bind = settings
        .split(',')
        .any(|setting| matches!(setting, "bind" | "rbind" | "move"));
    let kind = argv.value(&["-t", "--types"]).unwrap_or_default();
    let is_over = matches!(kind, "tmpfs" | "overlay" | "ramfs" | "fuse.bindfs");
    let is_remount = settings.split(',').any(|setting| setting == "remount");
    if is_remount && !argv.has(&covers) || !(argv.has(&covers) || is_bind || is_over) {
        return;
    }
    let [_, target] = argv.operands[..] else {
        return;
    };
    let path = run.path(target);
    let is_usual = FOR_MOUNTS.iter().any(|root| below(&path, root).is_some());
    match run.zone_of(&path) {
        Zone::System if !is_usual => run.report(&rules::SYSTEM_PATH, target),
        Zone::HomeRoot => run.report(&rules::HOME_ROOT, target),
        Zone::Credentials => run.report(&rules::CREDENTIALS, target),
        _ => {}
    }
}
