//! Who may do what with a file: modes, owners, access lists.

use super::removal::check_removal;
use crate::facts::Facts;
use crate::rules;
use crate::taint::STAR;
use crate::zone::Zone;

/// Modes that let every user write, or none do anything.
const LOOSE: [&str; 15] = [
    "777", "666", "000", "0", "a+rwx", "o+w", "a+w", "ugo+rwx", "+w", "a=rwx", "a-rwx", "o+rw",
    "a+rw", "o+rwx", "ugo+w",
];

/// Modes that only take rights from others.
const NARROWING: [&str; 11] = [
    "700",
    "600",
    "400",
    "500",
    "go-rwx",
    "og-rwx",
    "go=",
    "go-w",
    "o-rwx",
    "u+rwX",
    "u=rwX,go=",
];

/// What a program changes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Permission {
    Mode,
    Owner,
    AccessList,
    /// The rights that a program lends to whoever starts it.
    Capabilities,
    Attributes,
}

/// What a command line asks for.
struct Change<'w> {
    of: Permission,
    mode: &'w str,
    recursive: bool,
    /// A link itself, and not what it leads to.
    of_links: bool,
}

impl Change<'_> {
    fn is_mode(&self) -> bool {
        self.of == Permission::Mode
    }

    /// The mode without the zeros in front that say nothing.
    fn plain(&self) -> &str {
        match self.mode.trim_start_matches('0') {
            "" => "0",
            plain => plain,
        }
    }

    fn is_loose(&self) -> bool {
        self.is_mode() && (LOOSE.contains(&self.plain()) || self.plain().ends_with("777"))
    }

    fn narrows(&self) -> bool {
        self.is_mode() && NARROWING.contains(&self.plain())
    }

    /// A program with this mode runs as its owner, whoever starts it.
    fn lends_rights(&self) -> bool {
        let adds = self.mode.contains('s') && self.mode.contains(['+', '=']);
        let plain = self.plain();
        let number = plain.len() == 4 && plain.starts_with(['2', '4', '6', '7']);
        self.of == Permission::Capabilities || (self.is_mode() && (adds || number))
    }

    /// A program with this mode runs for nobody.
    fn disables(&self) -> bool {
        self.is_mode() && self.mode.ends_with("-x")
    }

    /// Whether files become the user's own.
    fn is_to(&self, user: &str) -> bool {
        self.of == Permission::Owner && self.mode.split(':').next() == Some(user)
    }
}

pub(super) fn check(run: &mut Facts, of: Permission, words: &[String]) {
    let (flags, operands): (Vec<&String>, Vec<&String>) =
        words[1..].iter().partition(|word| is_flag(word));
    let is_recursive = |flag: &&&String| {
        flag.as_str() == "--recursive" || (!flag.starts_with("--") && flag.contains('R'))
    };
    let by_reference = flags.iter().any(|flag| flag.starts_with("--reference"));
    let only_takes = of == Permission::AccessList
        && flags
            .iter()
            .any(|flag| matches!(flag.as_str(), "-b" | "-k" | "-Rb" | "--remove-all"));
    let (mode, targets) = match operands.split_first() {
        Some((mode, rest)) if !by_reference && !only_takes => (mode.as_str(), rest),
        _ => ("", operands.as_slice()),
    };
    let change = Change {
        of,
        mode,
        recursive: flags.iter().find(is_recursive).is_some(),
        of_links: flags.iter().any(|flag| takes_links(flag)),
    };
    for target in targets {
        changed(run, &change, target);
    }
}

/// `-h`, alone or among other letters.
fn takes_links(flag: &str) -> bool {
    flag == "--no-dereference" || !flag.starts_with("--") && flag.contains('h')
}

/// `-x` and `-R` begin alike, but only one of them is an option.
fn is_flag(word: &str) -> bool {
    let letters = word.strip_prefix('-').unwrap_or_default();
    word.starts_with("--")
        || (!letters.is_empty() && letters.chars().all(|c| "RvfchHLPmbkV".contains(c)))
}

fn changed(run: &mut Facts, change: &Change, target: &str) {
    let zone = run.zone(target);
    if change.lends_rights() && !matches!(zone, Zone::Work | Zone::WorkDir) {
        run.report(&rules::PERSISTENCE, target);
    }
    if !is_usual(run, change, target, zone) {
        check_removal(run, target);
    }
    let is_own = matches!(zone, Zone::Work | Zone::WorkDir | Zone::WholeWork);
    if change.is_loose() && is_own {
        run.report(&rules::LOOSE_MODE, target);
    }
}

/// Changes that ordinary work needs, outside the work directory too.
fn is_usual(run: &Facts, change: &Change, target: &str, zone: Zone) -> bool {
    let path = match change.of_links {
        true => run.path_itself(target),
        false => run.path(target),
    };
    let is_owner = change.of == Permission::Owner;
    // `chown me /usr/bin/*`, and what `find` finds.
    let is_many = is_owner && (target.contains(STAR) || is_tree_of_system(&path));
    let is_single = !change.recursive && !change.is_loose() && !is_many;
    let is_own = change.is_to(&run.context.user);
    match zone {
        Zone::WorkDir | Zone::WholeWork | Zone::Unknown => true,
        Zone::Home | Zone::Credentials | Zone::Outside => is_own || change.narrows() || is_single,
        Zone::HomeRoot => change.narrows() && !change.recursive,
        Zone::System if is_own && path.starts_with("/usr/local/") => true,
        Zone::System => {
            let disables = change.disables() && is_program(&path);
            let is_of_settings = path.starts_with("/etc/") && !change.is_mode();
            is_single && path != "/" && !disables && !is_of_settings
        }
        _ => false,
    }
}

/// A directory that the system itself is in.
fn is_tree_of_system(path: &str) -> bool {
    const TREES: [&str; 16] = [
        "/bin",
        "/boot",
        "/dev",
        "/etc",
        "/lib",
        "/lib64",
        "/root",
        "/sbin",
        "/sys",
        "/usr",
        "/usr/bin",
        "/usr/lib",
        "/usr/lib64",
        "/usr/sbin",
        "/usr/share",
        "/var",
    ];
    TREES.contains(&path)
}

/// A program of the system.
fn is_program(path: &str) -> bool {
    let starts = ["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/"];
    starts.iter().any(|start| path.starts_with(start))
}
