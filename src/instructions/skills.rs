//! Which skills a project has, for an agent that would tell its model of each unless it is named.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::above::above;
use crate::project::{ProjectFiles, Skills};

/// How many are named: all of them go into one argument of a program.
const MOST_NAMED: usize = 200;

/// How many entries are looked at, and how deep; links in a circle end there too.
const MOST_ENTRIES: usize = 5000;
const DEEPEST: usize = 6;

/// The skills in the directories that the table names, in the work directory and above it up to the root
/// of its repository.
pub(crate) fn skills(work_dir: &Path, files: &ProjectFiles) -> Skills {
    let mut search = SkillSearch {
        found: BTreeSet::new(),
        entries: 0,
        is_whole: true,
    };
    let bases = std::iter::once(work_dir.to_owned()).chain(above(work_dir));
    for base in bases {
        for directory in files.skills {
            search.look(&base.join(directory), DEEPEST);
        }
    }
    let is_whole = search.is_whole && search.found.len() <= MOST_NAMED;
    Skills {
        files: search.found.into_iter().take(MOST_NAMED).collect(),
        is_whole,
    }
}

struct SkillSearch {
    found: BTreeSet<PathBuf>,
    entries: usize,
    is_whole: bool,
}

impl SkillSearch {
    fn look(&mut self, directory: &Path, depth: usize) {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            self.entries += 1;
            if self.entries > MOST_ENTRIES {
                self.is_whole = false;
                return;
            }
            let path = entry.path();
            if path.file_name().is_some_and(|name| name == "SKILL.md") {
                self.found.extend(fs::canonicalize(&path));
                self.found.insert(path);
            } else if path.is_dir() {
                match depth.checked_sub(1) {
                    Some(depth) => self.look(&path, depth),
                    None => self.is_whole = false,
                }
            }
        }
    }
}
