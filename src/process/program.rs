//! Finding a program the way a shell does. Asks the file system, so it belongs on the spawn thread.

use std::env;
use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Finds an executable regular file: `name` itself if it has a slash, else the first in `path`.
///
/// The result is absolute, because the child starts in another directory.
///
/// # Errors
/// The places that were looked at, for the message to the person who has to install the program.
pub(crate) fn find_program(name: &str, path: Option<&OsStr>) -> Result<PathBuf, Vec<PathBuf>> {
    let places = places(name, path);
    match places.iter().find(|place| is_program(place)) {
        Some(place) => Ok(place.clone()),
        None => Err(places),
    }
}

fn places(name: &str, path: Option<&OsStr>) -> Vec<PathBuf> {
    if name.is_empty() {
        return Vec::new();
    }
    if name.contains('/') {
        return vec![absolute(Path::new(name))];
    }
    env::split_paths(path.unwrap_or_default())
        // An empty entry means the current directory to a shell; here it is always an accident.
        .filter(|directory| !directory.as_os_str().is_empty())
        .map(|directory| absolute(&directory.join(name)))
        .collect()
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn is_program(place: &Path) -> bool {
    place
        .metadata()
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}
