//! Homes, their caches, and whose a path is.

use super::paths::{below, below_root, name_of};

/// Rebuilt by the programs that filled them; relative to the home.
pub(super) const CACHES: [&str; 7] = [
    ".cache",
    ".npm/_cacache",
    ".cargo/registry",
    ".gradle/caches",
    ".m2/repository",
    "Library/Caches",
    "Library/Developer/Xcode/DerivedData",
];

/// The caches in a home.
pub(super) fn caches_of(home: &str) -> impl Iterator<Item = String> {
    CACHES.iter().map(move |cache| format!("{home}/{cache}"))
}

/// The home of whom everything belongs to.
pub(super) const SUPERUSER: &str = "/root";

/// How long the path of the home is that a path belongs to, and what lies below it.
pub(super) fn home_of<'p>(path: &'p str, own: &str) -> Option<(usize, &'p str)> {
    let other = other_home(path, own);
    let own = below_root(path, own);
    [other, own]
        .into_iter()
        .flatten()
        .max_by_key(|(length, _)| *length)
}

/// The same of homes that are not the agent's: they stand in directories for homes.
pub(super) fn other_home<'p>(path: &'p str, own: &str) -> Option<(usize, &'p str)> {
    if let Some(rest) = below(path, SUPERUSER) {
        return Some((SUPERUSER.len(), rest));
    }
    let own = own.trim_end_matches('/');
    let parent = &own[..own.rfind('/').unwrap_or(0)];
    let own_parent = Some(parent).filter(|parent| {
        let name = name_of(parent);
        matches!(name, "home" | "homes" | "users" | "Users")
    });
    let parents = ["/home", "/Users"].into_iter().chain(own_parent);
    let found = parents.filter_map(|parent| below(path, parent).filter(|rest| !rest.is_empty()));
    let below_parent = found.min_by_key(|rest| rest.len())?;
    let (name, rest) = below_parent.split_once('/').unwrap_or((below_parent, ""));
    Some((path.len() - below_parent.len() + name.len(), rest))
}
