//! Where agents may work: below configured directories alone.

use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

/// The roots as the file system has them.
///
/// # Errors
/// A root that is not there.
pub(crate) fn real(roots: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let real = roots.iter().map(|root| {
        let real = root.canonicalize();
        real.map_err(|error| format!("work root {}: {error}", root.display()))
    });
    real.collect()
}

/// A work directory that was found to be below a root. While its path leads to the same directory, it is
/// not looked up link by link again: that is a system call for each part of the path.
#[derive(Clone, Debug)]
pub(crate) struct Approved {
    wanted: String,
    roots: Vec<PathBuf>,
    real: PathBuf,
    there: Inode,
}

/// Which directory a path leads to: device and number.
type Inode = (u64, u64);

fn inode_of(path: &Path) -> Option<Inode> {
    let found = std::fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}

impl Approved {
    /// As [`check`], and what to remember of it: `None` if the directory is not there yet, or was
    /// exchanged meanwhile.
    pub(crate) fn check(
        wanted: &str,
        roots: &[PathBuf],
    ) -> Result<(PathBuf, Option<Approved>), String> {
        let before = inode_of(Path::new(wanted));
        let real = check(wanted, roots)?;
        let there = before.filter(|before| inode_of(&real) == Some(*before));
        let approved = there.map(|there| Approved {
            wanted: wanted.to_owned(),
            roots: roots.to_owned(),
            real: real.clone(),
            there,
        });
        Ok((real, approved))
    }

    /// The directory, if a client with these roots means the same again.
    pub(crate) fn again(&self, wanted: &str, roots: &[PathBuf]) -> Option<&Path> {
        let same = self.wanted == wanted && self.roots == roots;
        let still = same && inode_of(Path::new(wanted)) == Some(self.there);
        still.then_some(self.real.as_path())
    }
}

/// The work directory that a client means, links followed; it may be missing.
///
/// # Errors
/// Why the client may not use it.
pub(crate) fn check(wanted: &str, roots: &[PathBuf]) -> Result<PathBuf, String> {
    let path = Path::new(wanted);
    if !path.is_absolute() || path.components().any(|part| part == Component::ParentDir) {
        return Err(format!(
            "work_dir {wanted:?} must be absolute and have no \"..\""
        ));
    }
    if wanted.chars().any(char::is_control) {
        return Err("work_dir has a control character".to_owned());
    }
    let real = resolve(path).map_err(|error| format!("work_dir {wanted}: {error}"))?;
    if !roots.iter().any(|root| real.starts_with(root)) {
        let names: Vec<_> = roots
            .iter()
            .map(|root| root.display().to_string())
            .collect();
        return Err(format!(
            "work_dir {wanted} is not below one of: {}",
            names.join(", ")
        ));
    }
    Ok(real)
}

/// Follows the links of as much of the path as there is. A dangling link is an error: what it points
/// to would be made.
fn resolve(path: &Path) -> std::io::Result<PathBuf> {
    let mut missing = Vec::new();
    for there in path.ancestors() {
        match there.symlink_metadata() {
            Ok(_) => {
                let mut real = there.canonicalize()?;
                real.extend(missing.iter().rev());
                return Ok(real);
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                missing.extend(there.file_name());
            }
            Err(error) => return Err(error),
        }
    }
    Ok(path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_work_directory_is_below_a_root_whatever_it_is_written_like() {
        let base = std::env::temp_dir().join(format!("hotplexd-roots-{}", std::process::id()));
        let root = base.join("root");
        std::fs::create_dir_all(root.join("there")).expect("directories");
        std::fs::create_dir_all(base.join("rooted")).expect("directories");
        symlink("/etc", root.join("out")).expect("a link");
        symlink("there", root.join("in")).expect("a link");
        symlink("/nowhere/at/all", root.join("dangling")).expect("a link");
        let root = root.canonicalize().expect("the root");
        let roots = [root.clone()];
        let table = [
            ("", true),
            ("/there", true),
            ("/not/yet", true),
            ("/in/deeper", true),
            ("/./there/", true),
            ("/../rooted", false),
            ("/there/../..", false),
            ("/out", false),
            ("/out/new", false),
            ("/dangling", false),
            ("ed", false),
        ];
        for (rest, allowed) in table {
            let wanted = format!("{}{rest}", root.display());
            assert_eq!(check(&wanted, &roots).is_ok(), allowed, "{wanted}");
        }
        for wanted in ["/", "/etc", "there", ".", ""] {
            assert!(check(wanted, &roots).is_err(), "{wanted}");
        }
        let below = root.join("in").display().to_string();
        let (real, approved) = Approved::check(&below, &roots).expect("it is below a root");
        let approved = approved.expect("it is there");
        assert_eq!(approved.again(&below, &roots), Some(real.as_path()));
        assert_eq!(approved.again(&below, &[]), None, "other roots");
        std::fs::remove_file(root.join("in")).expect("a link");
        assert_eq!(approved.again(&below, &roots), None, "it is gone");
        symlink("/etc", root.join("in")).expect("a link");
        assert_eq!(approved.again(&below, &roots), None, "it leads elsewhere");
        std::fs::remove_file(root.join("in")).expect("a link");
        symlink("there", root.join("in")).expect("a link");
        let deeper = check(&format!("{}/in/deeper", root.display()), &roots);
        assert_eq!(deeper, Ok(root.join("there/deeper")));
        std::fs::remove_dir_all(base).expect("cleared");
    }
}
