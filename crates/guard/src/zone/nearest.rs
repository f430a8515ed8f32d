//! Which part of the machine a path belongs to: of all roots that contain it the longest counts.
//!
//! A home may lie below a temporary directory, as it does in containers, a work directory in a
//! system directory, an extra root among credentials: the nearest root above a path decides what
//! it is. What is above a home or the work directory is as precious as they are.

use super::areas::Zone;
use super::context::GuardContext;
use super::homes::{CACHES, SUPERUSER, other_home};
use super::paths::{below, below_root};
use super::secrets::SECRETS;
use crate::taint::{UNKNOWN, has_marks, is_glob};

const SYSTEM: [&str; 24] = [
    "etc",
    "usr",
    "bin",
    "sbin",
    "lib",
    "lib32",
    "lib64",
    "libx32",
    "boot",
    "var",
    "opt",
    "srv",
    "root",
    "sys",
    "proc",
    "dev",
    "mnt",
    "media",
    "run",
    "snap",
    "System",
    "Library",
    "Applications",
    "private",
];

/// Where macOS has its temporary files.
const MAC_TEMPORARY: &str = "/var/folders";

/// A root that contains a path, and what the path is because of it.
#[derive(Clone, Copy)]
struct Claim {
    /// How long the root is.
    length: usize,
    zone: Zone,
}

/// The zone of an absolute, normalised path.
pub(crate) fn zone(path: &str, context: &GuardContext) -> Zone {
    if path.starts_with(UNKNOWN) {
        return Zone::Unknown;
    }
    match nearest(path, context) {
        Zone::System => Zone::System,
        zone => above(path, zone, context),
    }
}

/// The zone by the nearest root. If several roots are one directory, what an operator or a caller
/// set counts more than what is known of machines, and temporary directories count least.
fn nearest(path: &str, context: &GuardContext) -> Zone {
    let work = below_root(path, &context.work_dir).map(|(length, rest)| Claim {
        length,
        zone: work(rest),
    });
    let extra = free(path, &context.extra_roots, Zone::Work);
    let home = homes(path, context);
    let temporary = temporary(path, context);
    let claims = [temporary, Some(elsewhere(path)), home, extra, work];
    // Of equals the last.
    let longest = claims
        .into_iter()
        .flatten()
        .max_by_key(|claim| claim.length);
    let Some(nearest) = longest else {
        return Zone::Outside;
    };
    match home {
        // Keys are not for an agent whose work directory was set right on them.
        Some(home)
            if home.zone == Zone::Credentials
                && home.length == nearest.length
                && extra.is_none_or(|extra| extra.length < home.length) =>
        {
            Zone::Credentials
        }
        _ => nearest.zone,
    }
}

/// A path that is, or may be by its globs, above a home or the work directory takes them along.
fn above(path: &str, zone: Zone, context: &GuardContext) -> Zone {
    let home = context.home.trim_end_matches('/');
    if !home.is_empty() {
        match beyond(path, home) {
            Some("") => return Zone::HomeRoot,
            Some(rest) if zone.is_free() && is_secret_directory(rest) => return Zone::Credentials,
            _ => {}
        }
    }
    match zone.is_free() && beyond(path, &context.work_dir) == Some("") {
        true => Zone::Outside,
        false => zone,
    }
}

/// What is left of a path behind a root that it may mean by its globs; empty for the root itself
/// and all that is above it. Without globs only what is above counts: the rest is known already.
fn beyond<'p>(path: &'p str, root: &str) -> Option<&'p str> {
    if below(root, path).is_some() {
        return Some("");
    }
    if !has_marks(path) {
        return None;
    }
    let mut rest = path;
    for expected in root.split('/').filter(|part| !part.is_empty()) {
        rest = rest.strip_prefix('/').unwrap_or(rest);
        if rest.is_empty() {
            return Some("");
        }
        let (part, behind) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if part != expected && !globs(part, expected) {
            return None;
        }
        rest = behind;
    }
    Some(rest.strip_prefix('/').unwrap_or(rest))
}

/// The claim of the longest of roots in which all is free, but not they themselves.
fn free(path: &str, roots: &[String], zone: Zone) -> Option<Claim> {
    let found = roots.iter().filter_map(|root| below_root(path, root));
    let lengths = found.filter(|(_, rest)| !rest.is_empty());
    let length = lengths.map(|(length, _)| length).max()?;
    Some(Claim { length, zone })
}

/// A root directory that is called temporary would free the machine.
fn temporary(path: &str, context: &GuardContext) -> Option<Claim> {
    let given = free(path, &context.temp_dirs, Zone::Temporary).filter(|claim| claim.length > 0);
    let of_mac = below(path, MAC_TEMPORARY).filter(|rest| !rest.is_empty());
    given.or(of_mac.map(|_| Claim {
        length: MAC_TEMPORARY.len(),
        zone: Zone::Temporary,
    }))
}

fn device(rest: &str) -> Claim {
    const HARMLESS: [&str; 10] = [
        "null", "zero", "full", "random", "urandom", "tty", "stdin", "stdout", "stderr", "ptmx",
    ];
    let first = rest.split('/').next().unwrap_or_default();
    let zone = match first {
        "" => Zone::System,
        "fd" | "tcp" | "udp" | "pts" => Zone::HarmlessDevice,
        "shm" if rest.len() > 4 => Zone::Temporary,
        _ if HARMLESS.contains(&rest) => Zone::HarmlessDevice,
        _ => Zone::Device,
    };
    let length = "/dev".len();
    Claim { length, zone }
}

fn work(rest: &str) -> Zone {
    let (first, behind) = rest.split_once('/').unwrap_or((rest, ""));
    let is_history = matches!(behind, "" | "objects" | "refs") || behind.starts_with(is_glob);
    match first {
        "" => Zone::WorkDir,
        ".git" if is_history => Zone::WorkDir,
        _ if first.starts_with('.') && behind.is_empty() && globs(first, ".git") => Zone::WorkDir,
        _ if is_only_glob(first) => Zone::WholeWork,
        _ => Zone::Work,
    }
}

/// Whether a component with a glob may mean this name.
fn globs(component: &str, name: &str) -> bool {
    match component.find(is_glob) {
        Some(at) => name.starts_with(&component[..at]),
        None => false,
    }
}

fn is_only_glob(component: &str) -> bool {
    !component.is_empty() && component.chars().all(|c| is_glob(c) || c == '.')
}

/// The claim of the home that a path belongs to.
fn homes(path: &str, context: &GuardContext) -> Option<Claim> {
    let own = below_root(path, &context.home).map(|(length, rest)| own_home(length, rest));
    let other =
        other_home(path, &context.home).and_then(|(length, rest)| others_home(length, rest));
    [other, own]
        .into_iter()
        .flatten()
        .max_by_key(|claim| claim.length)
}

fn own_home(length: usize, rest: &str) -> Claim {
    let cache = CACHES.iter().find(|cache| below(rest, cache).is_some());
    match cache {
        Some(cache) => Claim {
            length: length + 1 + cache.len(),
            zone: Zone::Cache,
        },
        None => in_home(length, rest),
    }
}

/// What a superuser has in its home is the system's, but for its keys.
fn others_home(length: usize, rest: &str) -> Option<Claim> {
    let claim = in_home(length, rest);
    (length != SUPERUSER.len() || claim.zone == Zone::Credentials).then_some(claim)
}

fn in_home(length: usize, rest: &str) -> Claim {
    let first = rest.split('/').next().unwrap_or_default();
    if first.is_empty() || is_only_glob(first) {
        let zone = Zone::HomeRoot;
        return Claim { length, zone };
    }
    match SECRETS.iter().find(|secret| below(rest, secret).is_some()) {
        Some(secret) => Claim {
            length: length + 1 + secret.len(),
            zone: Zone::Credentials,
        },
        None => Claim {
            length,
            zone: Zone::Home,
        },
    }
}

fn is_secret_directory(rest: &str) -> bool {
    SECRETS.iter().any(|secret| below(rest, secret).is_some())
}

/// The system, directories of homes, and the rest.
fn elsewhere(path: &str) -> Claim {
    if let Some(rest) = below(path, "/dev") {
        return device(rest);
    }
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let first = parts.next().unwrap_or_default();
    let length = first.len() + 1;
    let claim = |zone| Claim { length, zone };
    if first.is_empty() || first.contains(is_glob) || first.starts_with(UNKNOWN) {
        return claim(Zone::System);
    }
    match first {
        "home" | "Users" => claim(Zone::HomeRoot),
        _ if SYSTEM.contains(&first) => claim(Zone::System),
        _ => Claim {
            length: 0,
            zone: Zone::Outside,
        },
    }
}
