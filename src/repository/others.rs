//! Whether what git would tell of a directory is another repository's: its commits, its branches, the
//! names of its files. An agent shows its model what git says, and a project may have put a link, a file
//! or a setting in the place of its own repository.

use std::fs;
use std::path::{Path, PathBuf};

use super::settings::{self, LONGEST, path_of};

/// What git tells by, in the directory of a repository.
const TOLD_BY: [&str; 8] = [
    "HEAD",
    "config",
    "config.worktree",
    "index",
    "logs",
    "objects",
    "packed-refs",
    "refs",
];

/// Whether `git_dir`, which git takes for `top`, is not that directory's own. One elsewhere is its own if
/// it names `top` back, as that of a linked worktree or a submodule does; the project cannot write there.
/// `config` is what its settings say.
pub(super) fn is_of_others(top: &Path, git_dir: &Path, config: &[u8]) -> bool {
    let (Some(top), Some(git_dir)) = (real(top), real(git_dir)) else {
        return false;
    };
    let trees = settings::values_of("worktree", config);
    let mut trees = trees.iter().map(|tree| real(&git_dir.join(path_of(tree))));
    if !git_dir.starts_with(&top) {
        return !(is_worktree_of(&top, &git_dir) || trees.any(|tree| tree.as_ref() == Some(&top)));
    }
    let leads_out = |path: PathBuf| real(&path).is_some_and(|real| !real.starts_with(&top));
    let named = ["commondir", "objects/info/alternates"].into_iter();
    let mut named = named.flat_map(|name| named_in(&git_dir, name));
    trees.any(|tree| tree.is_some_and(|tree| !tree.starts_with(&top)))
        || TOLD_BY.iter().any(|name| leads_out(git_dir.join(name)))
        || named.any(leads_out)
        || objects(&git_dir).any(leads_out)
}

/// As git makes them: below the repository, with the file of the worktree in it, and sharing that repository.
fn is_worktree_of(top: &Path, git_dir: &Path) -> bool {
    let back = named_in(git_dir, "gitdir").next();
    let back = back.and_then(|file| real(file.parent()?));
    let common = named_in(git_dir, "commondir").next();
    let common = common.and_then(|common| real(&common));
    let above = git_dir
        .parent()
        .filter(|above| above.ends_with("worktrees"));
    back.as_deref() == Some(top) && common.as_deref() == above.and_then(Path::parent)
}

/// The paths in the lines of a small file. What stands there is no pipe: that was looked at before.
fn named_in(git_dir: &Path, name: &str) -> impl Iterator<Item = PathBuf> {
    let file = git_dir.join(name);
    let is_short = fs::metadata(&file).is_ok_and(|found| found.is_file() && found.len() <= LONGEST);
    let text = is_short.then(|| fs::read(&file).ok()).flatten();
    let base = match name {
        "objects/info/alternates" => git_dir.join("objects"),
        _ => git_dir.to_owned(),
    };
    let lines = text.unwrap_or_default();
    let lines = lines.split(|&byte| byte == b'\n');
    let paths = lines.filter(|line| !line.trim_ascii().is_empty());
    let paths: Vec<PathBuf> = paths
        .map(|line| base.join(path_of(line.trim_ascii())))
        .collect();
    paths.into_iter()
}

/// The links among the directories of objects and among packs.
fn objects(git_dir: &Path) -> impl Iterator<Item = PathBuf> {
    let places = ["objects", "objects/pack"].map(|name| git_dir.join(name));
    let entries = places
        .into_iter()
        .flat_map(|place| fs::read_dir(place).into_iter().flatten().flatten());
    let links = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()));
    links.map(|link| link.path())
}

fn real(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(path).ok()
}
