//! The repositories: each is laid out anew, below a directory of its own.

mod files;
mod git;
mod odd;
mod own;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::site::Site;
pub(super) use files::files;
pub(super) use git::{git, git_of_others, partial_git, planted_git, submodule_git};
pub(super) use odd::{fifos, odd};
pub(super) use own::own;

/// A work directory, what is above it, and where programs leave their marks.
pub(super) struct Ground {
    directory: PathBuf,
    /// Whether the model lists a directory of a package, which makes some agents read what is there.
    has_package: bool,
    /// What the agent shows with a file of the package, as a file that is read and judged so.
    shown: &'static [&'static str],
}

impl Ground {
    fn new(site: &Site, name: &str) -> Ground {
        let ground = Ground {
            directory: site.stage.path(name),
            has_package: false,
            shown: &[],
        };
        for directory in ["repository/work/marks", "outside"] {
            fs::create_dir_all(ground.directory.join(directory)).expect("a directory");
        }
        ground
    }

    pub(super) fn work_dir(&self) -> PathBuf {
        self.directory.join("repository/work")
    }

    pub(super) fn prompt(&self) -> String {
        match self.has_package {
            true => r#"MODEL:tool Read {"file_path":"packages/a/code.txt"}"#.to_owned(),
            false => "MODEL:text again".to_owned(),
        }
    }

    /// Which programs ran.
    pub(super) fn marks(&self) -> Vec<String> {
        let entries = fs::read_dir(self.work_dir().join("marks")).expect("it was made");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<_> = names
            .map(|name| format!("ran: {}", name.to_string_lossy()))
            .collect();
        names.sort();
        names
    }

    /// Which words of others are in a text.
    pub(super) fn words_in(&self, text: &str) -> Vec<String> {
        let found = text.split("WORDS-OF-").skip(1);
        let words = found.map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '.');
            format!("heard: {}", &rest[..end.unwrap_or(rest.len()).min(80)])
        });
        let is_shown = |words: &String| self.shown.iter().any(|shown| words == shown);
        let mut words: Vec<_> = words.filter(|words| !is_shown(words)).collect();
        words.sort();
        words.dedup();
        words
    }

    /// A command that leaves a mark.
    fn touch(&self, name: &str) -> String {
        format!(
            "touch {}",
            self.work_dir().join("marks").join(name).display()
        )
    }

    /// Writes a file below the work directory, or beside it by `..`. `@MARK-name@` in its text is a
    /// command that leaves a mark.
    fn write(&self, path: &str, text: &str) {
        let mut rest = text;
        let mut filled = String::new();
        while let Some((before, after)) = rest.split_once("@MARK-") {
            let (name, after) = after.split_once('@').expect("the end of a mark");
            filled.push_str(before);
            filled.push_str(&self.touch(name));
            rest = after;
        }
        filled.push_str(rest);
        let path = self.work_dir().join(path);
        fs::create_dir_all(path.parent().expect("a path below")).expect("a directory");
        fs::write(&path, &filled).expect("a file");
        if filled.starts_with("#!") {
            fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("it is ours");
        }
    }

    fn link(&self, path: &str, target: impl AsRef<Path>) {
        let path = self.work_dir().join(path);
        fs::create_dir_all(path.parent().expect("a path below")).expect("a directory");
        symlink(target, path).expect("a link");
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=n", "-c", "user.email=e@example.org"])
            .args(arguments)
            .current_dir(self.work_dir())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.directory)
            .output()
            .expect("git");
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout)
            .expect("text")
            .trim()
            .to_owned()
    }
}
