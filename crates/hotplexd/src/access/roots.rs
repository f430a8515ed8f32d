//! Where agents may work: below configured directories alone.

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
        let deeper = check(&format!("{}/in/deeper", root.display()), &roots);
        assert_eq!(deeper, Ok(root.join("there/deeper")));
        std::fs::remove_dir_all(base).expect("cleared");
    }
}
