//! Looks for all that git would start. See [`held_off`].

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::Read;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use super::others;
use super::seen_file::SeenFile;
use super::settings::{self, LONGEST, path_of};
use crate::inode::Hold;

/// A setting for git: key and value.
pub(crate) type GitSetting = (OsString, OsString);

/// How many files of settings are looked through.
pub(super) const MOST_FILES: usize = 100;

/// What else git reads before it says anything: of a repository, and of a directory in one.
pub(super) const READ_OF_REPOSITORY: [&str; 8] = [
    "HEAD",
    "index",
    "packed-refs",
    "shallow",
    "info/attributes",
    "info/exclude",
    "info/grafts",
    "objects/info/alternates",
];
pub(super) const READ_OF_DIRECTORY: [&str; 3] = [".gitattributes", ".gitignore", ".mailmap"];

/// Longest index that is looked through for submodules.
const LONGEST_INDEX: u64 = 32 * 1024 * 1024;

/// How many names fit an environment.
const MOST_NAMES: usize = 1000;

/// By which git would fetch what is missing. `ext` starts whatever the address says, `ssh` and `file`
/// what other settings say, and any of them has a stranger hear of it.
const PROTOCOLS: [&str; 7] = ["ext", "file", "ssh", "git", "http", "https", "ftp"];

/// No number: git fails at it, whether it is asked for the status or the log.
const FAILS: (&str, &str) = ("core.abbrev", "another repository's, held off by hotplex");

/// The settings with which git starts nothing that the repositories around `work_dir` name, for an agent
/// that asks about them; empty where they name nothing. With all files that this depends on.
///
/// # Errors
/// Why that cannot be told, for a person: a file that git would wait for, or more than is looked at.
pub(super) fn held_off(
    work_dir: &Path,
    home: Option<&Path>,
    hold: Hold,
) -> (Result<Vec<GitSetting>, String>, Vec<SeenFile>) {
    let mut search = Search {
        work_dir,
        home,
        hold,
        read: BTreeSet::new(),
        seen: Vec::new(),
        found: Found::default(),
    };
    let looked = work_dir
        .ancestors()
        .try_for_each(|directory| search.look_at(directory));
    let Search { found, seen, .. } = search;
    (looked.and_then(|()| found.settings()), seen)
}

/// What the settings name.
#[derive(Default)]
struct Found {
    filters: BTreeSet<Vec<u8>>,
    /// Programs that git-lfs starts, which may be the user's own filter.
    lfs_extensions: BTreeSet<Vec<u8>>,
    /// Those of a repository with submodules, where the same may be named.
    submodules: BTreeSet<Vec<u8>>,
    has_submodules: bool,
    /// What is missing is fetched.
    is_partial: bool,
    /// What git would tell is not of the work directory.
    is_of_others: bool,
}

impl Found {
    /// A filter that is empty and required fails: git then says nothing, rather than something wrong.
    fn settings(self) -> Result<Vec<GitSetting>, String> {
        let named = self.filters.len() + self.lfs_extensions.len() + self.submodules.len();
        if named > MOST_NAMES {
            return Err(format!("it names {named} filters and submodules"));
        }
        let mut settings = Vec::new();
        let mut set = |section: &str, name: &[u8], key: &str, value: &str| {
            let key = [section.as_bytes(), name, key.as_bytes()].concat();
            settings.push((OsString::from_vec(key), value.into()));
        };
        for name in &self.filters {
            set("filter.", name, ".process", "");
            set("filter.", name, ".required", "true");
        }
        for name in &self.lfs_extensions {
            set("lfs.extension.", name, ".clean", "");
            set("lfs.extension.", name, ".smudge", "");
        }
        if self.has_submodules {
            set("diff.", b"ignoreSubmodules", "", "all");
        }
        for name in &self.submodules {
            set("submodule.", name, ".ignore", "all");
        }
        if self.is_of_others {
            let (key, value) = FAILS;
            set("", b"", key, value);
        }
        if self.is_partial {
            set("protocol.", b"allow", "", "never");
            for protocol in PROTOCOLS {
                set("protocol.", protocol.as_bytes(), ".allow", "never");
            }
        }
        Ok(settings)
    }
}

struct Search<'a> {
    work_dir: &'a Path,
    home: Option<&'a Path>,
    hold: Hold,
    read: BTreeSet<PathBuf>,
    seen: Vec<SeenFile>,
    found: Found,
}

impl Search<'_> {
    /// A directory may hold a repository, name one, or be one. Each that git might take is looked at.
    fn look_at(&mut self, directory: &Path) -> Result<(), String> {
        let named = directory.join(".git");
        let head = directory.join("HEAD");
        self.note_presence(&named);
        match fs::metadata(&named) {
            Ok(found) if found.is_dir() => self.look_into(directory, &named)?,
            Ok(found) if found.is_file() => {
                let text = self.text(&named)?.unwrap_or_default();
                if let Some(path) = text.strip_prefix(b"gitdir:") {
                    self.look_into(directory, &directory.join(path_of(path.trim_ascii())))?;
                }
            }
            // A pipe or a device is passed over by git as well.
            _ if head.exists() => return self.look_into(directory, directory),
            _ => {
                self.seen.push(SeenFile::new(&head));
                return Ok(());
            }
        }
        self.nothing_to_wait_for(directory, &READ_OF_DIRECTORY)?;
        if let Some(modules) = self.text(&directory.join(".gitmodules"))? {
            self.found.has_submodules = true;
            let names = settings::names_of("submodule", &modules);
            self.found.submodules.extend(names);
        }
        Ok(())
    }

    /// What git reads in `git_dir` for the directory that holds or names it.
    fn look_into(&mut self, top: &Path, git_dir: &Path) -> Result<(), String> {
        self.nothing_to_wait_for(git_dir, &READ_OF_REPOSITORY)?;
        let index = git_dir.join("index");
        self.note(&index);
        self.found.has_submodules |= self.has_gitlinks(&index) || is_split(git_dir);
        self.take(&git_dir.join("config"))?;
        self.take(&git_dir.join("config.worktree"))?;
        if let Some(common) = self.text(&git_dir.join("commondir"))? {
            let common = git_dir.join(path_of(common.trim_ascii()));
            self.nothing_to_wait_for(&common, &READ_OF_REPOSITORY)?;
            self.take(&common.join("config"))?;
        }
        let settings = ["config", "config.worktree"].map(|name| self.text(&git_dir.join(name)));
        let [own, of_tree] = settings.map(|text| Ok::<_, String>(text?.unwrap_or_default()));
        let config = [own?, of_tree?].join(&b'\n');
        self.found.is_of_others |= others::is_of_others(top, git_dir, &config);
        Ok(())
    }

    /// Takes a file of settings, and those that it includes, under whatever condition.
    fn take(&mut self, path: &Path) -> Result<(), String> {
        if !self.read.insert(path.to_owned()) {
            return Ok(());
        }
        if self.read.len() > MOST_FILES {
            return Err(format!("more than {MOST_FILES} files are included"));
        }
        let Some(text) = self.text(path)? else {
            return Ok(());
        };
        let names = |section| settings::names_of(section, &text);
        self.found.filters.extend(names("filter"));
        let lfs = names("lfs").into_iter();
        let extensions = lfs.filter_map(|name| Some(name.strip_prefix(b"extension.")?.to_owned()));
        self.found.lfs_extensions.extend(extensions);
        self.found.is_partial |= ["promisor", "partialclone"]
            .into_iter()
            .any(|word| settings::has(word, &text));
        let beside = path.parent().unwrap_or(path);
        self.nothing_named_to_wait_for(&text)?;
        if !settings::has("[include", &text) {
            return Ok(());
        }
        for included in settings::values_of("path", &text) {
            let included = self.included(beside, &included)?;
            self.take(&included)?;
        }
        Ok(())
    }

    /// Files that settings name, and that git reads: of what to ignore, of attributes, of authors. A
    /// relative one is so to the top of the repository, which is one of these.
    fn nothing_named_to_wait_for(&mut self, text: &[u8]) -> Result<(), String> {
        for named in settings::values_of("file", text) {
            if let (Some(below), Some(home)) = (named.strip_prefix(b"~/"), self.home) {
                self.not_waited_for(home.join(path_of(below)))?;
                continue;
            }
            let mut tops = self.work_dir.ancestors();
            tops.try_for_each(|top| self.not_waited_for(top.join(path_of(&named))))?;
        }
        Ok(())
    }

    /// Where an included file is.
    fn included(&self, beside: &Path, named: &[u8]) -> Result<PathBuf, String> {
        if let (Some(below), Some(home)) = (named.strip_prefix(b"~/"), self.home) {
            return Ok(home.join(path_of(below)));
        }
        let is_resolved_by_git = named.starts_with(b"~") || named.starts_with(b"%(");
        match is_resolved_by_git {
            true => Err(format!("it includes {}", String::from_utf8_lossy(named))),
            false => Ok(beside.join(path_of(named))),
        }
    }

    /// What a file says; `None` if git would have nothing of it either.
    fn text(&mut self, path: &Path) -> Result<Option<Vec<u8>>, String> {
        self.note(path);
        let Some((found, itself)) = self.held(path) else {
            return Ok(None);
        };
        if found.is_dir() {
            return Ok(None);
        }
        if !found.is_file() {
            return Err(waits_for(path));
        }
        if found.len() > LONGEST {
            return Err(format!("{} is too long", path.display()));
        }
        let mut text = Vec::new();
        let read = File::open(&itself).and_then(|file| file.take(LONGEST).read_to_end(&mut text));
        Ok(read.is_ok().then_some(text))
    }

    fn note(&mut self, path: &Path) {
        self.seen.push(SeenFile::new(path));
    }

    /// What is written in a directory changes its times, and nothing about what it is.
    fn note_presence(&mut self, path: &Path) {
        if !path.is_dir() {
            self.note(path);
        }
    }

    fn nothing_to_wait_for(&mut self, directory: &Path, names: &[&str]) -> Result<(), String> {
        let mut paths = names.iter().map(|name| directory.join(name));
        paths.try_for_each(|path| self.not_waited_for(path))
    }

    fn not_waited_for(&mut self, path: PathBuf) -> Result<(), String> {
        let seen = SeenFile::unread(path.clone());
        let is_waited_for = seen.was_waited_for();
        self.seen.push(seen);
        match is_waited_for {
            true => Err(waits_for(&path)),
            false => Ok(()),
        }
    }

    /// What is there, and how to open just that: it may be another thing by its name a moment later.
    fn held(&self, path: &Path) -> Option<(Metadata, Opening)> {
        let (file, path) = (self.hold)(path).ok()?;
        let found = file.metadata().ok()?;
        Some((found, Opening { path, _held: file }))
    }

    /// Whether an index names submodules: by the mode of an entry. Bytes that look like it have git
    /// ignore submodules that there are not.
    fn has_gitlinks(&self, index: &Path) -> bool {
        const GITLINK: [u8; 4] = [0, 0, 0xe0, 0];
        let held = self.held(index).filter(|(found, _)| found.is_file());
        let Some(file) = held.and_then(|(_, index)| File::open(&index).ok()) else {
            return false;
        };
        let mut bytes = Vec::new();
        let read = file.take(LONGEST_INDEX).read_to_end(&mut bytes);
        let is_whole = read.is_ok_and(|length| (length as u64) < LONGEST_INDEX);
        !is_whole || bytes.windows(4).any(|four| four == GITLINK)
    }
}

/// A file that is said to be empty by a link to the null device is read at once.
fn waits_for(path: &Path) -> String {
    let path = path.display();
    format!("{path} is no file, and git would wait for it")
}

/// A path that leads to what is held, for as long as it is.
struct Opening {
    path: PathBuf,
    _held: File,
}

impl AsRef<Path> for Opening {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

/// Whether entries of the index stand in a file of their own, which is not looked through.
fn is_split(git_dir: &Path) -> bool {
    let entries = fs::read_dir(git_dir).into_iter().flatten().flatten();
    let mut names = entries.map(|entry| entry.file_name());
    names.any(|name| name.to_string_lossy().starts_with("sharedindex."))
}
