//! Where a path lies, and what it means to destroy something there.
//!
//! Paths are judged as text: joined, normalised and compared by component, never looked up. A glob
//! is judged by what stands before it. Pure; any thread.

mod nearest;

use std::sync::Arc;

use crate::links::Links;
use crate::taint::UNKNOWN;

pub(super) use nearest::zone;

/// What the judge has to know about the session whose command it reads.
#[derive(Clone, Debug)]
pub struct GuardContext {
    /// The absolute directory in which the agent works.
    pub work_dir: String,
    /// The home of the user as whom the agent runs.
    pub home: String,
    /// The name of that user.
    pub user: String,
    /// Further directories in which the agent may do as it likes.
    pub extra_roots: Vec<String>,
    /// The absolute directory in which a command starts, if it is not the work directory.
    pub current_dir: Option<String>,
    /// Directories for temporary files.
    pub temp_dirs: Vec<String>,
    /// Tells where links on the disk lead. With it a path counts as what it is called and as what it
    /// leads to, whichever is graver; without it as what it is called.
    pub links: Option<Arc<dyn Links>>,
}

impl GuardContext {
    /// A context with the usual temporary directories and no further roots.
    pub fn new(
        work_dir: impl Into<String>,
        home: impl Into<String>,
        user: impl Into<String>,
    ) -> GuardContext {
        let temp_dirs = ["/tmp", "/var/tmp", "/private/tmp"];
        GuardContext {
            work_dir: work_dir.into(),
            home: home.into(),
            user: user.into(),
            extra_roots: Vec::new(),
            current_dir: None,
            temp_dirs: temp_dirs.map(str::to_owned).to_vec(),
            links: None,
        }
    }

    /// The directories that are known by their names, besides the work directory. Who tells where
    /// links lead should call what is in one of them by that name.
    pub fn roots(&self) -> Vec<String> {
        let home = self.home.trim_end_matches('/');
        let homes = match home {
            "" => Vec::new(),
            home => nearest::caches_of(home).chain([home.to_owned()]).collect(),
        };
        let further = self.temp_dirs.iter().chain(&self.extra_roots);
        homes.into_iter().chain(further.cloned()).collect()
    }

    /// Where a command starts.
    pub(super) fn current_dir(&self) -> &str {
        let current = self.current_dir.as_deref();
        current
            .filter(|path| path.starts_with('/'))
            .unwrap_or(&self.work_dir)
    }
}

/// The parts of a machine, as far as their destruction differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Zone {
    Work,
    /// All that is in the work directory, by a glob.
    WholeWork,
    /// The work directory itself, or its `.git`.
    WorkDir,
    Temporary,
    Cache,
    Outside,
    Home,
    HomeRoot,
    Credentials,
    System,
    Device,
    HarmlessDevice,
    Unknown,
}

impl Zone {
    /// Whether a file may be made, changed or deleted there without a word.
    pub(super) fn is_free(self) -> bool {
        matches!(
            self,
            Zone::Work | Zone::Temporary | Zone::Cache | Zone::HarmlessDevice
        )
    }
}

/// Keys and passwords; relative to a home.
const SECRETS: [&str; 20] = [
    ".ssh",
    ".gnupg",
    ".aws",
    ".kube",
    ".netrc",
    ".docker/config.json",
    ".git-credentials",
    ".config/git/credentials",
    ".config/gcloud",
    ".config/gh",
    ".azure",
    ".pypirc",
    ".npmrc",
    ".vault-token",
    ".password-store",
    ".pgpass",
    ".local/share/keyrings",
    "Library/Keychains",
    ".mozilla",
    ".claude/.credentials.json",
];

/// A path without `.`, `..` and doubled slashes; relative ones are joined to the directory.
pub(super) fn absolute(path: &str, directory: &str) -> String {
    let is_rooted = path.starts_with('/');
    let base = if is_rooted || path.starts_with(UNKNOWN) {
        ""
    } else {
        directory
    };
    let floats = !is_rooted && !base.starts_with('/');
    let mut joined = String::with_capacity(base.len() + path.len() + 1);
    let mut left_unknown = false;
    // The directory was normalised when it was entered.
    if base.len() > 1 {
        joined.push_str(if floats { "/" } else { "" });
        joined.push_str(base);
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                let above = joined.rfind('/').unwrap_or(0);
                left_unknown |=
                    floats && joined[above..].trim_start_matches('/').starts_with(UNKNOWN);
                joined.truncate(above);
            }
            part => {
                joined.push('/');
                joined.push_str(part);
            }
        }
    }
    rooted(joined, floats, left_unknown)
}

/// What lies above an unknown directory is outside, wherever that is.
fn rooted(joined: String, floats: bool, left_unknown: bool) -> String {
    let stays = joined
        .get(1..)
        .is_some_and(|rest| rest.starts_with(UNKNOWN));
    match (floats, left_unknown || !stays) {
        (true, true) => format!("/above-unknown{joined}"),
        (true, false) => joined[1..].to_owned(),
        _ if joined.is_empty() => "/".to_owned(),
        _ => joined,
    }
}

/// The last component of a path.
pub(super) fn name_of(path: &str) -> &str {
    match memchr::memrchr(b'/', path.as_bytes()) {
        Some(at) => &path[at + 1..],
        None => path,
    }
}

/// What of a path lies below a root: empty for the root itself.
pub(super) fn below<'p>(path: &'p str, root: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(root.strip_suffix('/').unwrap_or(root))?;
    match rest.strip_prefix('/') {
        Some(rest) => Some(rest),
        None => rest.is_empty().then_some(rest),
    }
}

/// Whether a path holds a secret that must not leave the machine.
pub(super) fn is_secret(path: &str, context: &GuardContext) -> bool {
    let name = name_of(path);
    // The `config` of ssh names hosts; that of other programs holds keys.
    if is_public(name) && (name != "config" || path.contains("/.ssh/")) {
        return false;
    }
    is_secret_name(name)
        || matches!(path, "/etc/shadow" | "/etc/gshadow" | "/etc/sudoers")
        || below(path, "/proc").is_some_and(|rest| rest.ends_with("environ"))
        || nearest::home_of(path, context).is_some_and(|(_, rest)| is_secret_part(rest))
}

/// What a secret directory holds for everybody.
fn is_public(name: &str) -> bool {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    matches!(name, "known_hosts" | "config" | "authorized_keys")
        || matches!(ending, "pub" | "example" | "sample" | "template" | "dist")
}

fn is_secret_name(name: &str) -> bool {
    matches!(
        name,
        ".env"
            | ".netrc"
            | ".git-credentials"
            | ".pgpass"
            | "id_rsa"
            | "id_ed25519"
            | "id_ecdsa"
            | "id_dsa"
    ) || name.starts_with(".env.")
}

fn is_secret_part(rest: &str) -> bool {
    // All of them begin so, and what is read seldom does.
    if !rest.starts_with(['.', 'L']) {
        return false;
    }
    SECRETS.iter().any(|secret| below(rest, secret).is_some())
        // The public half of a kube or aws directory is the exception, not the rule.
        || below(rest, ".kube").is_some()
}
