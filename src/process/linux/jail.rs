//! The jail on Linux: Landlock.
//!
//! A thread can restrict itself for good, and what it starts inherits that. So each jailed agent is
//! started by a thread of its own that is restricted and then ends: nothing runs in the child
//! between its start and its program, and the host's other threads keep all they had.

use std::error::Error;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::{fs, ptr, thread};

use landlock::{
    ABI, Access, AccessFs, BitFlags, CompatLevel, Compatible, PathBeneath, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};

use super::super::confinement::Confinement;
use super::super::homes::Homes;
use super::super::launch::SpawnError;
use super::opened_path::OpenedPath;
use super::signal_set::block_all_signals;
use crate::jail::Jail;

/// Devices that programs write to. Terminals are among them, because programs make their own.
const DEVICES: [&str; 9] = [
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
    "/dev/ptmx",
    "/dev/pts",
    "/dev/shm",
];

/// Directories of the system in which no home lies. `/dev` is not among them: root could read every
/// file off a disk there.
const SYSTEM: [&str; 20] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/opt",
    "/proc",
    "/sys",
    "/nix",
    "/gnu/store",
    "/snap",
    "/home/linuxbrew/.linuxbrew",
    "/var/lib/ca-certificates",
    "/var/lib/snapd",
    "/var/cache/fontconfig",
    // Where `/etc/resolv.conf` leads.
    "/run/systemd/resolve",
    "/run/resolvconf",
    "/run/NetworkManager",
];

/// What only root can read in `/etc`, and in what is below it.
const SECRETS: [(&str, &[&str]); 3] = [
    (
        "/etc",
        &[
            "shadow",
            "shadow-",
            "gshadow",
            "gshadow-",
            "sudoers",
            "sudoers.d",
            "ssh",
            "ssl",
        ],
    ),
    ("/etc/ssl", &["private"]),
    (
        "/etc/ssh",
        &[
            "ssh_host_ecdsa_key",
            "ssh_host_ed25519_key",
            "ssh_host_rsa_key",
        ],
    ),
];

/// The version of Landlock that this process may use; 0 if none.
pub(crate) fn landlock_abi() -> i32 {
    const VERSION: libc::c_uint = 1;
    // SAFETY: asked for its version, the call takes no memory of ours.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            ptr::null::<libc::c_void>(),
            0_usize,
            VERSION,
        )
    };
    i32::try_from(answer).unwrap_or(0).max(0)
}

/// Runs `start` on a thread that is in the jail, and that ends with it.
pub(super) fn inside<T: Send>(
    confinement: &Confinement<'_>,
    start: impl FnOnce() -> Result<T, SpawnError> + Send,
) -> Result<T, SpawnError> {
    let ruleset = ruleset(confinement)?;
    let jailed = move || {
        block_all_signals();
        enter(ruleset)?;
        start()
    };
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("hotplex-jail".to_owned());
        let thread = thread.spawn_scoped(scope, jailed);
        let thread = thread.map_err(|error| SpawnError::new("cannot start a thread", error))?;
        let panicked = |_| SpawnError::new("cannot start", io::Error::other("a thread panicked"));
        thread.join().map_err(panicked)?
    })
}

/// Once and for all, for this thread. It cannot be had without giving up `sudo` and its like, which
/// would lead out again.
fn enter(ruleset: RulesetCreated) -> Result<(), SpawnError> {
    let status = ruleset.restrict_self().map_err(unenforced)?;
    match status.ruleset {
        RulesetStatus::FullyEnforced if status.no_new_privs => Ok(()),
        held => {
            let error = io::Error::other(format!("the kernel says {held:?}"));
            Err(SpawnError::new("cannot enforce the jail", error))
        }
    }
}

/// The kernel's number goes along: a want of descriptors is the host's, and no fault of the jail's.
fn unenforced(error: RulesetError) -> SpawnError {
    let mut cause: Option<&dyn Error> = Some(&error);
    let mut number = None;
    while let (Some(error), None) = (cause, number) {
        number = error.downcast_ref().and_then(io::Error::raw_os_error);
        cause = error.source();
    }
    let error = number.map_or_else(|| io::Error::other(error), io::Error::from_raw_os_error);
    SpawnError::new("cannot enforce the jail", error)
}

fn ruleset(confinement: &Confinement<'_>) -> Result<RulesetCreated, SpawnError> {
    let rights = Rights::new(confinement);
    let jail_paths = confinement.jail_paths;
    let mut ruleset = rights.nothing_allowed().map_err(unenforced)?;
    for root in &jail_paths.roots {
        let place = OpenedPath::open(root);
        let missing = |error| SpawnError::new(format!("jail root {}", root.display()), error);
        ruleset = allow(ruleset, place.map_err(missing)?, rights.inside)?;
    }
    ruleset = allow(ruleset, confinement.work_dir, rights.inside)?;
    for held in &confinement.git.writable {
        ruleset = allow(ruleset, &held.place, rights.inside)?;
    }
    ruleset = allow_all(ruleset, &jail_paths.writable, rights.inside)?;
    ruleset = allow_all(ruleset, DEVICES, rights.inside)?;
    if rights.reading.is_empty() {
        return Ok(ruleset);
    }
    for held in &confinement.git.readable {
        ruleset = allow(ruleset, &held.place, rights.reading)?;
    }
    ruleset = allow_all(ruleset, &jail_paths.readable, rights.reading)?;
    ruleset = allow_all(ruleset, system(confinement.homes), rights.reading)?;
    ruleset = allow_all(ruleset, ["/etc"], AccessFs::ReadDir.into())?;
    allow_all(ruleset, settings(), rights.reading)
}

fn allow(
    ruleset: RulesetCreated,
    place: impl AsFd,
    rights: BitFlags<AccessFs>,
) -> Result<RulesetCreated, SpawnError> {
    let rule = PathBeneath::new(place, rights).set_compatibility(CompatLevel::BestEffort);
    ruleset.add_rule(rule).map_err(unenforced)
}

/// Those that are there; a file gets what of the rights a file can have.
fn allow_all(
    ruleset: RulesetCreated,
    places: impl IntoIterator<Item = impl AsRef<Path>>,
    rights: BitFlags<AccessFs>,
) -> Result<RulesetCreated, SpawnError> {
    let rules = path_beneath_rules(places, rights);
    ruleset.add_rules(rules).map_err(unenforced)
}

/// The directories of the system, but for homes in them. One that is an account's home all the
/// same, as `/usr/sbin` is, belongs to the system.
fn system(homes: &Homes) -> Vec<PathBuf> {
    let open = |directory: &str| {
        let real = fs::canonicalize(directory).unwrap_or_else(|_| directory.into());
        match homes.has(&real) {
            true => vec![real],
            false => without_homes(real, homes),
        }
    };
    SYSTEM.into_iter().flat_map(open).collect()
}

/// A directory, or what is in it but for the homes: nothing can be taken back out of a directory that
/// was allowed. Where links lead is allowed by itself or not at all.
fn without_homes(directory: PathBuf, homes: &Homes) -> Vec<PathBuf> {
    if !homes.has_below(&directory) {
        return vec![directory];
    }
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let is_link = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_symlink());
    let below = entries
        .filter(|entry| !is_link(entry))
        .map(|entry| entry.path());
    below
        .filter(|path| !homes.has(path))
        .flat_map(|path| without_homes(path, homes))
        .collect()
}

/// The settings of the system. Root, whom no permission keeps out, gets them one by one without
/// the secrets, since nothing can be taken back out of a directory that was allowed; what is put
/// into `/etc` later is not among them then.
fn settings() -> Vec<PathBuf> {
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    if is_root {
        SECRETS.iter().flat_map(without_secrets).collect()
    } else {
        vec!["/etc".into()]
    }
}

fn without_secrets((directory, secrets): &(&str, &[&str])) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let public = entries.filter(|entry| {
        let name = entry.file_name();
        !secrets.iter().any(|secret| name == *secret)
    });
    public.map(|entry| entry.path()).collect()
}

/// What is forbidden everywhere, and what of it is allowed inside.
struct Rights {
    forbidden: BitFlags<AccessFs>,
    inside: BitFlags<AccessFs>,
    /// Empty if reading is not restricted.
    reading: BitFlags<AccessFs>,
    scope: BitFlags<Scope>,
}

impl Rights {
    fn new(confinement: &Confinement<'_>) -> Rights {
        let abi = ABI::from(confinement.enforced.abi());
        let reading = match confinement.enforced.jail() {
            Jail::Strict => AccessFs::from_read(abi),
            _ => BitFlags::EMPTY,
        };
        let forbidden = AccessFs::from_write(abi) | reading;
        Rights {
            forbidden,
            // Who is root could make the device of a disk in the work directory, and write there.
            inside: forbidden & !(AccessFs::MakeChar | AccessFs::MakeBlock),
            reading,
            scope: Scope::from_all(abi),
        }
    }

    fn nothing_allowed(&self) -> Result<RulesetCreated, RulesetError> {
        let ruleset = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
        let mut ruleset = ruleset.handle_access(self.forbidden)?;
        if !self.scope.is_empty() {
            ruleset = ruleset.scope(self.scope)?;
        }
        ruleset.create()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn a_home_in_a_directory_of_the_system_is_left_out_and_its_neighbours_are_not() {
        let root = Scratch::new();
        for directory in ["people/anna/.ssh", "people/shared", "tools/bin"] {
            fs::create_dir_all(root.join(directory)).unwrap();
        }
        fs::write(root.join("people/list"), "anna").unwrap();
        symlink("/", root.join("everything")).unwrap();
        let root = root.to_owned();
        let homes = Homes::new([root.join("people/anna")]);
        let mut open = without_homes(root.clone(), &homes);
        open.sort();
        let expected = ["people/list", "people/shared", "tools"];
        assert_eq!(open, expected.map(|name| root.join(name)));
        let elsewhere = Homes::new(["/srv/anna".into()]);
        assert_eq!(
            without_homes(root.clone(), &elsewhere),
            std::slice::from_ref(&root)
        );
    }

    #[test]
    fn a_home_that_is_a_directory_of_the_system_stays_open() {
        for home in ["/usr", "/usr/sbin"] {
            let home = fs::canonicalize(home).unwrap();
            let homes = Homes::new([home.clone()]);
            let open = system(&homes);
            assert!(open.contains(&home), "{home:?}: {open:?}");
        }
    }
}
