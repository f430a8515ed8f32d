//! What the user has fetched already, seen in the caches of jailed tools: links, through which no jail
//! lets anybody write, and copies of small files, which tools write in place.
//!
//! A cache is filled once, when it is not there yet. It is made elsewhere and moved to its place as a
//! whole: what agents may write the engine does not walk through.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::Path;

use uuid::Uuid;

use super::environment_paths::joined;

/// A place in a user's cache, and down to what depth directories are the jail's own. At depth 0 the place
/// itself is a link.
pub(super) struct Seed(pub(super) &'static str, pub(super) usize);

/// Files and directories of one cache that are taken over: as many as take about a second.
const MOST: usize = 20_000;

/// Bytes of the longest file that is copied. Lists and marks are shorter, packages are longer.
const SMALL: u64 = 16 * 1024;

/// Makes the cache at `own` from the user's, unless it is there. Best effort: what is missing is fetched.
pub(super) fn lay_seeds(users: &Path, own: &Path, seeds: &[Seed]) {
    let is_there = |seed: &Seed| joined(users, seed.0).exists();
    // Tools make what they miss.
    if fs::symlink_metadata(own).is_ok() || !seeds.iter().any(is_there) {
        return;
    }
    let Some(beside) = own.parent().and_then(Path::parent) else {
        return;
    };
    // In a directory that no agent writes.
    let unfinished = beside.join(format!("cache-{}", Uuid::new_v4().simple()));
    let laid = lay_all(users, &unfinished, seeds);
    if let Err(error) = laid.and_then(|()| fs::rename(&unfinished, own)) {
        log::warn!("{} does not show what the user has: {error}", own.display());
        let _ = fs::remove_dir_all(&unfinished);
    }
}

fn lay_all(users: &Path, own: &Path, seeds: &[Seed]) -> io::Result<()> {
    let mut left = MOST;
    for seed in seeds {
        let place = joined(users, seed.0);
        if place.exists() {
            let to = joined(own, seed.0);
            to.parent().map_or(Ok(()), make)?;
            lay(&place, &to, seed.1, &mut left)?;
        }
    }
    Ok(())
}

fn make(directory: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.mode(0o700).recursive(true).create(directory)
}

/// # Errors
/// What cannot be made, as on a full disk: half of a cache is worse than none. What of the user's cannot
/// be read is left out.
fn lay(users: &Path, own: &Path, depth: usize, left: &mut usize) -> io::Result<()> {
    match fs::metadata(users) {
        Ok(found) if found.is_dir() && depth > 0 => mirror(users, own, depth - 1, left),
        Ok(found) if found.is_file() && depth > 0 && found.len() <= SMALL => copy(users, own),
        Ok(_) => symlink(users, own),
        Err(_) => Ok(()),
    }
}

fn copy(users: &Path, own: &Path) -> io::Result<()> {
    fs::read(users).map_or(Ok(()), |content| fs::write(own, content))
}

fn mirror(users: &Path, own: &Path, depth: usize, left: &mut usize) -> io::Result<()> {
    make(own)?;
    for entry in fs::read_dir(users).into_iter().flatten().flatten() {
        let Some(one_less) = left.checked_sub(1) else {
            return Ok(());
        };
        *left = one_less;
        let name = entry.file_name();
        let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
        // A directory that the user's tool writes is no use as a link.
        let is_busy = is_dir && depth == 0 && is_hidden(&name);
        if is_busy || is_lock(&name.to_string_lossy()) {
            continue;
        }
        // A file in a directory of the jail's own may be written in place.
        let depth = if is_dir { depth } else { 1 };
        lay(&entry.path(), &own.join(name), depth, left)?;
    }
    Ok(())
}

fn is_lock(name: &str) -> bool {
    [".lock", ".lck"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

fn is_hidden(name: &std::ffi::OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    /// What stands where, and whether it is a link.
    fn tree(directory: &Path) -> Vec<String> {
        let mut all = Vec::new();
        for entry in fs::read_dir(directory).unwrap().flatten() {
            let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
            let kind = entry.file_type().unwrap();
            match (kind.is_symlink(), kind.is_dir()) {
                (true, _) => all.push(format!("{name} ->")),
                (_, true) => all.extend(tree(&path).iter().map(|below| format!("{name}/{below}"))),
                _ => all.push(name),
            }
        }
        all.sort();
        all
    }

    #[test]
    fn what_the_user_has_is_seen_by_links_and_small_files_are_copies() {
        let root = Scratch::new();
        let users = root.join("users");
        for directory in [
            "browsers/chrome-1/bin",
            "browsers/.links",
            "deep/a/b",
            "state/caches",
        ] {
            fs::create_dir_all(users.join(directory)).unwrap();
        }
        for (file, length) in [
            ("browsers/list", 10),
            ("browsers/big", 1 << 20),
            ("browsers/x.lock", 1),
            ("deep/a/b/small", 10),
            ("deep/a/b/package", 1 << 20),
            ("settings", 10),
        ] {
            fs::write(users.join(file), "x".repeat(length)).unwrap();
        }
        let own = root.join("state/caches/tool");
        fs::create_dir_all(own.parent().unwrap()).unwrap();
        let seeds = [
            Seed("browsers", 1),
            Seed("deep", usize::MAX),
            Seed("settings", 0),
            Seed("missing", 3),
        ];
        lay_seeds(&users, &own, &seeds);
        let expected = [
            "browsers/big ->",
            "browsers/chrome-1 ->",
            "browsers/list",
            "deep/a/b/package ->",
            "deep/a/b/small",
            "settings ->",
        ];
        assert_eq!(tree(&own), expected);
        // What is there is not touched again, wherever a link that an agent made may lead.
        fs::remove_dir_all(&own).unwrap();
        symlink(&users, &own).unwrap();
        lay_seeds(&root, &own, &[Seed("users", 1)]);
        assert!(fs::symlink_metadata(users.join("users")).is_err());
        let left: Vec<_> = fs::read_dir(root.join("state"))
            .unwrap()
            .flatten()
            .collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }
}
