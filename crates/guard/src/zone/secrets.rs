//! Keys and passwords, by the names of their files.

use super::context::GuardContext;
use super::homes::home_of;
use super::paths::{below, name_of};

/// Keys and passwords; relative to a home.
pub(super) const SECRETS: [&str; 20] = [
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

/// Whether a path holds a secret that must not leave the machine.
pub(crate) fn is_secret(path: &str, context: &GuardContext) -> bool {
    let name = name_of(path);
    // The `config` of ssh names hosts; that of other programs holds keys.
    if is_public(name) && (name != "config" || path.contains("/.ssh/")) {
        return false;
    }
    is_secret_name(name)
        || matches!(path, "/etc/shadow" | "/etc/gshadow" | "/etc/sudoers")
        || below(path, "/proc").is_some_and(|rest| rest.ends_with("environ"))
        || home_of(path, &context.home).is_some_and(|(_, rest)| is_secret_part(rest))
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
