//! The files of instructions that a project has for agents, read as text.
//!
//! An agent that reads them by itself follows links and imports wherever they lead, also to what
//! nobody but the user should see. So the engine reads them for it: regular files whose real place
//! is in the work directory, bounded in size. What is left out is reported with its reason.
//!
//! Runs on the spawn thread, once for each process.

mod above;
mod imports;
mod skills;

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use crate::inode::Hold;
use crate::project::ProjectFiles;
use above::above;
pub(crate) use skills::skills;

/// What one file may say, and all of them together: the whole goes into one argument of a program,
/// in addition to the caller's own system prompt.
const LONGEST_FILE: usize = 32 * 1024;
const LONGEST_TEXT: usize = 64 * 1024;

/// How far an import may import: as far as Claude Code goes.
const DEEPEST_IMPORT: usize = 5;

/// How many files are looked at in all, and how deep a directory of rules is.
const MOST_FILES: usize = 200;
const DEEPEST_DIRECTORY: usize = 4;

/// What a project tells its agents, as far as they are to hear it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Instructions {
    /// The files one after the other, each in a frame with its name; empty if there are none.
    pub(crate) text: String,
    /// What was left out: names with reasons.
    pub(crate) refused: Vec<String>,
}

impl Instructions {
    /// Reads what lies in the directory that `work_dir` leads to.
    pub(crate) fn read(work_dir: &Path, files: &ProjectFiles, hold: Hold) -> Instructions {
        let Ok(root) = fs::canonicalize(work_dir) else {
            return Instructions::default();
        };
        let mut reader = InstructionsReader::new(root, hold);
        for name in files.instructions {
            match name.strip_suffix('/') {
                Some(directory) => reader.take_directory(Path::new(directory), DEEPEST_DIRECTORY),
                None => reader.take(Path::new(name), DEEPEST_IMPORT),
            }
        }
        reader.found
    }
}

/// Which files of instructions a project has, for those who read none of them.
pub(crate) fn names(work_dir: &Path, files: &ProjectFiles) -> Vec<String> {
    let names = files.instructions.iter();
    let there = names.filter(|name| fs::symlink_metadata(work_dir.join(name)).is_ok());
    there.map(|name| format!("{name} (instructions)")).collect()
}

/// What a project has that is not loaded: each name with its kind.
pub(crate) fn ignored(work_dir: &Path, files: &ProjectFiles) -> Vec<String> {
    let is_there = |path: &Path| fs::symlink_metadata(path).is_ok();
    let tell = |path: &Path, kind: &str| format!("{} ({kind})", path.display());
    let own = files.others.iter();
    let own = own.filter(|(name, _)| is_there(&work_dir.join(name)));
    let mut found: Vec<_> = own
        .map(|(name, kind)| tell(Path::new(name), kind))
        .collect();
    for directory in above(work_dir) {
        for (name, kind) in files.above {
            let path = directory.join(name);
            if is_there(&path) {
                found.push(tell(&path, kind));
            }
        }
    }
    found
}

/// The first of the files that the agent opens at its start which is none, but something that it would
/// wait for: a FIFO, a socket, a device.
pub(crate) fn waited_for(work_dir: &Path, files: &ProjectFiles) -> Option<PathBuf> {
    let real = fs::canonicalize(work_dir).ok()?;
    let opened = real
        .ancestors()
        .flat_map(|directory| files.opened.iter().map(|name| directory.join(name)));
    let blocks = |path: &PathBuf| {
        let found = fs::metadata(path);
        found.is_ok_and(|found| !found.is_file() && !found.is_dir())
    };
    opened.into_iter().find(blocks)
}

struct InstructionsReader {
    hold: Hold,
    /// The work directory without links.
    root: PathBuf,
    /// Real places of the files that were taken, so that none is taken twice.
    taken: HashSet<PathBuf>,
    looked_at: usize,
    found: Instructions,
}

/// Why a file is not given to the model.
enum SkipReason {
    /// There is none; nothing is reported.
    Missing,
    LeadsOut,
    NotRegular,
    Unreadable(io::Error),
}

impl InstructionsReader {
    fn new(root: PathBuf, hold: Hold) -> InstructionsReader {
        InstructionsReader {
            hold,
            root,
            taken: HashSet::new(),
            looked_at: 0,
            found: Instructions::default(),
        }
    }

    fn refuse(&mut self, name: &Path, reason: &str) {
        let name = name.display();
        self.found.refused.push(format!("{name} ({reason})"));
    }

    /// Takes a file, named relative to the work directory, and what it imports.
    fn take(&mut self, name: &Path, depth: usize) {
        self.looked_at += 1;
        if self.looked_at > MOST_FILES {
            if self.looked_at == MOST_FILES + 1 {
                self.refuse(name, "too many files, this one and all after it");
            }
            return;
        }
        let (real, file) = match self.open(name) {
            Ok(opened) => opened,
            Err(SkipReason::Missing) => return,
            Err(SkipReason::LeadsOut) => {
                return self.refuse(name, "leads out of the work directory");
            }
            Err(SkipReason::NotRegular) => return self.refuse(name, "is no regular file"),
            Err(SkipReason::Unreadable(error)) => return self.refuse(name, &error.to_string()),
        };
        if self.taken.insert(real) {
            match read_bounded(&file) {
                Ok((text, whole)) => self.add(name, &text, whole, depth),
                Err(error) => self.refuse(name, &error.to_string()),
            }
        }
    }

    fn add(&mut self, name: &Path, text: &str, mut whole: bool, depth: usize) {
        let room = LONGEST_TEXT.saturating_sub(self.found.text.len());
        let kept = up_to(text, room);
        whole &= kept.len() == text.len();
        if !whole {
            self.refuse(name, "is too long, the end of it is left out");
        }
        if !kept.trim().is_empty() {
            let text = &mut self.found.text;
            let name = name.display();
            text.push_str(&format!("Contents of {name}:\n\n{}\n\n", kept.trim_end()));
        }
        let beside = name.parent().unwrap_or(Path::new(""));
        for import in imports::in_text(kept) {
            self.import(beside, import, depth);
        }
    }

    fn import(&mut self, beside: &Path, import: &str, depth: usize) {
        let Some(inside) = lexically_inside(&self.root, beside, import) else {
            // `@/components` is how some languages write a module, and no file.
            if !import.starts_with('/') || fs::symlink_metadata(import).is_ok() {
                let name = format!("@{import}");
                self.refuse(Path::new(&name), "leads out of the work directory");
            }
            return;
        };
        match depth.checked_sub(1) {
            Some(depth) => self.take(&inside, depth),
            None => self.refuse(&inside, "is imported too deeply"),
        }
    }

    fn take_directory(&mut self, name: &Path, depth: usize) {
        let path = self.root.join(name);
        let Ok(real) = fs::canonicalize(&path) else {
            return;
        };
        if !real.starts_with(&self.root) {
            return self.refuse(name, "leads out of the work directory");
        }
        let entries = fs::read_dir(&real).into_iter().flatten().flatten();
        let mut names: Vec<_> = entries
            .take(MOST_FILES)
            .map(|entry| entry.file_name())
            .collect();
        names.sort();
        for entry in names {
            let entry = name.join(entry);
            let is_directory =
                fs::metadata(self.root.join(&entry)).is_ok_and(|found| found.is_dir());
            if is_directory && depth > 0 {
                self.take_directory(&entry, depth - 1);
            } else if entry.extension().is_some_and(|extension| extension == "md") {
                self.take(&entry, DEEPEST_IMPORT);
            }
        }
    }

    /// Opens a file whose real place is in the work directory. It is first held without being
    /// opened, so that what is checked is what is read, and nothing outside is even touched.
    fn open(&self, name: &Path) -> Result<(PathBuf, File), SkipReason> {
        let path = self.root.join(name);
        let (held, itself) = (self.hold)(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => SkipReason::Missing,
            _ => SkipReason::Unreadable(error),
        })?;
        let real = fs::read_link(&itself).map_err(SkipReason::Unreadable)?;
        if !real.starts_with(&self.root) {
            return Err(SkipReason::LeadsOut);
        }
        let kind = held.metadata().map_err(SkipReason::Unreadable)?;
        if !kind.is_file() {
            return Err(SkipReason::NotRegular);
        }
        let file = File::open(itself).map_err(SkipReason::Unreadable)?;
        Ok((real, file))
    }
}

/// The text of a file, and whether that is all of it. What is no UTF-8 is marked as such; a NUL
/// would end an argument.
fn read_bounded(file: &File) -> io::Result<(String, bool)> {
    let mut bytes = Vec::new();
    file.take(LONGEST_FILE as u64 + 1).read_to_end(&mut bytes)?;
    let whole = bytes.len() <= LONGEST_FILE;
    bytes.truncate(LONGEST_FILE);
    let text = String::from_utf8_lossy(&bytes).replace('\0', "\u{fffd}");
    Ok((text, whole))
}

fn up_to(text: &str, length: usize) -> &str {
    &text[..text.floor_char_boundary(length)]
}

/// An import as a path relative to the work directory; `None` if its words lead out. Links are
/// looked at when it is opened.
fn lexically_inside(root: &Path, beside: &Path, import: &str) -> Option<PathBuf> {
    if import == "~" || import.starts_with("~/") {
        return None;
    }
    let mut inside = PathBuf::new();
    for component in root
        .join(beside)
        .join(import)
        .strip_prefix(root)
        .ok()?
        .components()
    {
        match component {
            Component::Normal(name) => inside.push(name),
            Component::CurDir => {}
            Component::ParentDir if inside.pop() => {}
            _ => return None,
        }
    }
    Some(inside)
}

#[cfg(test)]
mod tests;
