//! What git keeps outside of a work directory whose `.git` is a file: that of a linked worktree, a
//! submodule, or a repository with a separate directory.
//!
//! The file is the agent's to write, so what it names is believed only if it names the work directory
//! back from a place that the agent cannot write: a worktree's directory stands in `worktrees` of its
//! repository and its `gitdir` leads here, that of a submodule has the work directory as its
//! `core.worktree`. Each must belong to the user and be a directory of git's. What is looked at is
//! what is opened: directories are held from the first look on.
//!
//! Of a repository that a worktree shares with others nothing is opened that a git elsewhere obeys:
//! `config` and `hooks` stay as they are. The directory of the worktree or submodule itself is
//! written as a whole, as a `.git` in the work directory is: git makes its locks in it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::homes::Homes;
use super::system::identity::effective_user;
use super::system::opened_path::OpenedPath;
use super::work_dir::WorkDir;

/// What of a shared repository is data alone.
const SHARED: [&str; 6] = ["objects", "refs", "logs", "reftable", "lfs", "rr-cache"];

/// Longest of the small files that are read here.
const LONGEST: u64 = 1024 * 1024;

/// What is longer names no directory, and would only fill a notice.
const LONGEST_PATH: usize = 4095;

/// What is opened of git's for one work directory.
#[derive(Default)]
pub(crate) struct GitDirs {
    /// To read and write.
    pub(super) writable: Vec<HeldDir>,
    /// To read, where reading is restricted.
    pub(super) readable: Vec<HeldDir>,
}

/// A directory that is held, with its path without links.
pub(super) struct HeldDir {
    pub(super) place: OpenedPath,
    path: PathBuf,
}

impl GitDirs {
    /// What the `.git` file of a work directory opens; nothing if there is none.
    ///
    /// # Errors
    /// Why what it names is not opened, for a person.
    pub(crate) fn of(work_dir: &WorkDir, homes: &Homes) -> Result<GitDirs, String> {
        let here = real_path(work_dir).map_err(|error| error.to_string())?;
        let Some(named) = named_by_file(work_dir)? else {
            return Ok(GitDirs::default());
        };
        let git_dir = HeldDir::open(&here.join(named), homes)?;
        let found = match git_dir.read("commondir") {
            Some(_) => worktree(git_dir, &here, homes),
            None => whole(git_dir, &here),
        };
        found.map_err(|why| format!("what .git names is not opened in the jail: {why}"))
    }

    /// Where is written, for the list of sessions.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        self.writable.iter().map(|held| held.path.clone()).collect()
    }
}

fn worktree(git_dir: HeldDir, here: &Path, homes: &Homes) -> Result<GitDirs, String> {
    let leads_back = git_dir.read("gitdir").and_then(|path| {
        let path = git_dir.path.join(path.trim_end());
        fs::canonicalize(path.parent()?).ok()
    });
    if leads_back.as_deref() != Some(here) {
        return Err(git_dir.says("is not the directory of this worktree"));
    }
    // By its place, and not by `commondir`, which an agent that worked here may have written.
    let above = git_dir
        .path
        .parent()
        .filter(|above| above.ends_with("worktrees"));
    let common = above.and_then(Path::parent);
    let common =
        common.ok_or_else(|| git_dir.says("does not stand in worktrees of a repository"))?;
    let common = HeldDir::open(common, homes)?;
    if !common.is_repository() {
        return Err(common.says("is no repository"));
    }
    let shared = SHARED.iter().filter_map(|name| common.below(name));
    let mut writable: Vec<_> = shared.collect();
    writable.insert(0, git_dir);
    Ok(GitDirs {
        writable,
        readable: vec![common],
    })
}

/// One that the work directory has for itself.
fn whole(git_dir: HeldDir, here: &Path) -> Result<GitDirs, String> {
    if !git_dir.is_repository() {
        return Err(git_dir.says("is no repository"));
    }
    let configs = ["config", "config.worktree"].into_iter();
    let named = configs
        .filter_map(|name| git_dir.read(name))
        .filter_map(|config| core_worktree(&config))
        .next_back();
    let leads_back = named.and_then(|path| fs::canonicalize(git_dir.path.join(path)).ok());
    if leads_back.as_deref() != Some(here) {
        return Err(git_dir.says("does not name this work directory as its core.worktree"));
    }
    Ok(GitDirs {
        writable: vec![git_dir],
        readable: Vec::new(),
    })
}

/// What the `.git` of a directory names, if it is a file.
fn named_by_file(work_dir: &WorkDir) -> Result<Option<PathBuf>, String> {
    let link = format!("/proc/self/fd/{}/.git", work_dir.as_fd().as_raw_fd());
    let found = fs::symlink_metadata(&link);
    match found.map(|found| found.file_type()) {
        Ok(kind) if kind.is_file() => {}
        Ok(kind) if kind.is_symlink() => {
            return Err(".git is a symbolic link, which is not followed in the jail".to_owned());
        }
        _ => return Ok(None),
    }
    let text = read_small(Path::new(&link)).unwrap_or_default();
    let named = text.strip_prefix("gitdir:").map(str::trim);
    let named =
        named.filter(|named| (1..=LONGEST_PATH).contains(&named.len()) && !named.contains('\n'));
    named
        .map(|named| Some(PathBuf::from(named)))
        .ok_or_else(|| ".git is a file that names no directory".to_owned())
}

/// A file that is not a link and not longer than it may be. A pipe in its place is not waited for.
fn read_small(path: &Path) -> io::Result<String> {
    let mut options = OpenOptions::new();
    options.read(true);
    options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let file: File = options.open(path)?;
    let mut text = String::new();
    if file.metadata()?.is_file() {
        file.take(LONGEST).read_to_string(&mut text)?;
    }
    Ok(text)
}

fn real_path(place: &impl AsFd) -> io::Result<PathBuf> {
    fs::read_link(format!("/proc/self/fd/{}", place.as_fd().as_raw_fd()))
}

impl HeldDir {
    /// Holds a directory of the user's.
    fn open(path: &Path, homes: &Homes) -> Result<HeldDir, String> {
        let cannot = |error| format!("{}: {error}", path.display());
        let place = OpenedPath::open(path).map_err(cannot)?;
        let held = HeldDir {
            path: real_path(&place).map_err(cannot)?,
            place,
        };
        let found = fs::metadata(held.at("")).map_err(cannot)?;
        if !found.is_dir() {
            return Err(held.says("is no directory"));
        }
        if found.uid() != effective_user() {
            return Err(held.says("belongs to another user"));
        }
        match homes.refusal_reason(&held.path) {
            Some(refusal_reason) => Err(held.says(refusal_reason)),
            None => Ok(held),
        }
    }

    /// A directory in this one, if it is there and no link.
    fn below(&self, name: &str) -> Option<HeldDir> {
        let path = self.at(name);
        if name == "logs" && fs::symlink_metadata(&path).is_err() {
            // A repository whose branches were never moved: git could not make it from inside.
            let _ = fs::DirBuilder::new().mode(0o755).create(&path);
        }
        let is_directory = fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir());
        let place = is_directory.then(|| OpenedPath::open(&path).ok())??;
        let path = real_path(&place).ok()?;
        // It may have become a link between the two looks.
        let held = HeldDir { place, path };
        (held.path == self.path.join(name)).then_some(held)
    }

    fn at(&self, name: &str) -> PathBuf {
        PathBuf::from(format!(
            "/proc/self/fd/{}/{name}",
            self.place.as_fd().as_raw_fd()
        ))
    }

    fn read(&self, name: &str) -> Option<String> {
        read_small(&self.at(name)).ok()
    }

    fn is_repository(&self) -> bool {
        let is_directory = |name| fs::symlink_metadata(self.at(name)).is_ok_and(|it| it.is_dir());
        self.read("HEAD").is_some() && is_directory("objects") && is_directory("refs")
    }

    fn says(&self, what: &str) -> String {
        format!("{} {what}", self.path.display())
    }
}

/// The value of `core.worktree` in a file of git's settings.
fn core_worktree(config: &str) -> Option<String> {
    let mut in_core = false;
    let mut found = None;
    for line in config.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            in_core = section
                .trim_end_matches(']')
                .trim()
                .eq_ignore_ascii_case("core");
        } else if in_core
            && let Some((key, value)) = line.split_once('=')
            && key.trim().eq_ignore_ascii_case("worktree")
        {
            found = Some(unquoted(value.trim()));
        }
    }
    found
}

fn unquoted(value: &str) -> String {
    let inner = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let inner = inner.unwrap_or(value);
    inner.replace("\\\"", "\"").replace("\\\\", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worktree_of_settings_is_found_as_git_finds_it() {
        let cases = [
            ("[core]\n\tworktree = ../../../sub\n", Some("../../../sub")),
            ("[core]\nbare = false\n[user]\nworktree = x\n", None),
            ("[CORE]\nWorkTree=\"/with blank\"\n", Some("/with blank")),
            ("[core]\nworktree = a\nworktree = b\n", Some("b")),
            ("[core \"x\"]\nworktree = a\n", None),
            ("", None),
        ];
        for (config, expected) in cases {
            assert_eq!(core_worktree(config).as_deref(), expected, "{config:?}");
        }
    }
}
