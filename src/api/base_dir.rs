//! What relative paths mean: the same for as long as the engine lives, wherever the host goes.

use std::path::{Path, PathBuf};

use super::config::{EngineOptions, GuardConfig};
use super::possible::{check_path, check_unicode};
use crate::error::Error;

/// Where relative paths start from: the directory that the host was in when it opened the engine.
#[derive(Clone, Debug)]
pub(super) struct BaseDir {
    /// `None` if that directory had been removed.
    directory: Option<PathBuf>,
}

impl BaseDir {
    /// The host's current directory.
    pub(super) fn here() -> BaseDir {
        BaseDir {
            directory: std::env::current_dir().ok(),
        }
    }

    /// The path from the root, without `.` and double slashes, so that two ways to write one path
    /// are one path. Symbolic links are not followed: nothing is looked up.
    ///
    /// # Errors
    /// For a path that no system takes, and a relative one if there is nothing that it could start from.
    pub(super) fn absolute(&self, option: &str, path: &Path) -> Result<PathBuf, Error> {
        check_path(option, path)?;
        if is_plain(path.as_os_str().as_encoded_bytes()) {
            return Ok(path.to_owned());
        }
        let started = match (&self.directory, path.is_absolute()) {
            (_, true) => path.to_owned(),
            (Some(directory), false) => directory.join(path),
            (None, false) => {
                let path = path.display();
                let message = format!(
                    "{option} {path} is relative, and the directory that the engine was opened in \
                     was gone by then"
                );
                return Err(Error::invalid(message));
            }
        };
        Ok(started.components().collect())
    }

    /// One that agents are told, too.
    ///
    /// # Errors
    /// As [`BaseDir::absolute`], and for one that is not Unicode.
    pub(super) fn told(&self, option: &str, path: &Path) -> Result<PathBuf, Error> {
        let absolute = self.absolute(option, path)?;
        check_unicode(option, &absolute)?;
        Ok(absolute)
    }

    /// The options with their paths from the root. `jail_roots` and `program` are looked up while
    /// the engine opens, and are so anyway.
    pub(super) fn anchor(&self, mut options: EngineOptions) -> Result<EngineOptions, Error> {
        if let Some(directory) = &mut options.state_dir {
            *directory = self.told("state_dir", directory)?;
        }
        options.guard = self.anchor_guard(&options.guard)?;
        Ok(options)
    }

    pub(super) fn anchor_guard(&self, config: &GuardConfig) -> Result<GuardConfig, Error> {
        let mut config = config.clone();
        if let Some(file) = &mut config.rules_file {
            *file = self.absolute("guard.rules_file", file)?;
        }
        if let Some(file) = &mut config.audit_file {
            *file = self.absolute("guard.audit_file", file)?;
        }
        for root in &mut config.extra_roots {
            *root = self.absolute("guard.extra_roots", root)?;
        }
        Ok(config)
    }
}

/// True for an absolute path that no normalising would change. Every turn comes through here, nearly
/// always with such a path.
fn is_plain(path: &[u8]) -> bool {
    let Some(names) = path.strip_prefix(b"/") else {
        return false;
    };
    names
        .split(|byte| *byte == b'/')
        .all(|name| !matches!(name, b"" | b"."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_starts_from_the_root_and_is_written_in_one_way() {
        let base_dir = BaseDir {
            directory: Some("/home/dev".into()),
        };
        let table = [
            ("/srv/work", "/srv/work"),
            ("/srv//work/./", "/srv/work"),
            ("work", "/home/dev/work"),
            ("./work/", "/home/dev/work"),
            (".", "/home/dev"),
            // Where a link leads up from is not known without a look.
            ("../work", "/home/dev/../work"),
            ("/", "/"),
        ];
        for (path, expected) in table {
            let absolute = base_dir.absolute("work_dir", Path::new(path)).unwrap();
            assert_eq!(absolute.as_os_str(), expected, "{path}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_by_its_name() {
        let nowhere = BaseDir { directory: None };
        for (path, why) in [
            ("", "work_dir is empty"),
            ("work", "work_dir work is relative"),
            ("/a\0b", "work_dir has a NUL"),
        ] {
            let refused = nowhere.absolute("work_dir", Path::new(path)).unwrap_err();
            assert!(refused.message().contains(why), "{refused}");
        }
        let absolute = nowhere.absolute("work_dir", Path::new("/srv//work"));
        assert_eq!(absolute.unwrap(), Path::new("/srv/work"));
    }
}
