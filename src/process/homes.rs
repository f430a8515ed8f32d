//! Directories that are refused as work directories: a home directory itself, or one above it. Pure.
//!
//! An agent there has everything of a user at hand, the keys included, and a jail whose work
//! directory is a home holds nothing back.

use std::path::{Path, PathBuf};

/// Where Linux distributions put homes: each directory in it is taken for one.
const HOMES: &str = "/home";

/// The home directories that an engine knows of.
#[derive(Clone, Debug)]
pub(crate) struct Homes(Vec<PathBuf>);

impl Homes {
    /// These, without symbolic links in them, and those that every Linux system has.
    pub(crate) fn new(known: impl IntoIterator<Item = PathBuf>) -> Homes {
        Homes(known.into_iter().chain(["/root".into()]).collect())
    }

    /// Why this directory is refused as a work directory, if it is. Its path must have no symbolic links
    /// in it.
    pub(crate) fn refusal_reason(&self, directory: &Path) -> Option<&'static str> {
        match () {
            () if directory == Path::new("/") => Some("is the root of the file system"),
            () if self.has(directory) => Some("is a home directory"),
            () if self.has_below(directory) => Some("has home directories below it"),
            () => None,
        }
    }

    /// True if this directory is a home.
    pub(crate) fn has(&self, directory: &Path) -> bool {
        directory.parent() == Some(Path::new(HOMES)) || self.0.iter().any(|home| home == directory)
    }

    /// True if there is a home below this directory.
    pub(crate) fn has_below(&self, directory: &Path) -> bool {
        let is_below = |home: &PathBuf| home.starts_with(directory) && home != directory;
        Path::new(HOMES).starts_with(directory) || self.0.iter().any(is_below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_and_what_is_above_one_are_objected_to_and_nothing_else() {
        let homes = Homes::new(["/srv/people/anna".into()]);
        let cases = [
            ("/", Some("root of the file system")),
            ("/home", Some("below")),
            ("/home/ben", Some("is a home")),
            ("/home/ben/project", None),
            ("/root", Some("is a home")),
            ("/root/project", None),
            ("/srv", Some("below")),
            ("/srv/people", Some("below")),
            ("/srv/people/anna", Some("is a home")),
            ("/srv/people/anna/project", None),
            ("/srv/people/ann", None),
            ("/srv/people/ben", None),
            ("/tmp", None),
            ("/homes", None),
        ];
        for (directory, expected) in cases {
            let refusal_reason = homes.refusal_reason(Path::new(directory));
            let as_expected = match (refusal_reason, expected) {
                (Some(said), Some(part)) => said.contains(part),
                (said, part) => said.is_none() && part.is_none(),
            };
            assert!(as_expected, "{directory}: {refusal_reason:?}");
        }
    }
}
