//! Where paths lead on this machine's disk, for the guard. May block: only the judge thread asks.

use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use hotplex_guard::Links;

use crate::process::is_of_kernel;

/// How many names one judgement looks up. A command of ordinary length needs some dozens; so many
/// take about a tenth of a second. Paths that come after them are judged by their names.
const MOST_LOOK_UPS: usize = 16_384;

/// The system gives up after as many links on the way of one path.
const LONGEST_CHAIN: usize = 40;

/// A directory that was set by one name and really is at another place.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    real: PathBuf,
    named: PathBuf,
}

impl Root {
    /// `None` if both are the same, or one of them is everything.
    pub(crate) fn new(real: &Path, named: &Path) -> Option<Root> {
        let is_of_use = real != named && real.parent().is_some() && named.parent().is_some();
        is_of_use.then(|| Root {
            real: real.to_owned(),
            named: named.to_owned(),
        })
    }

    /// The same of a directory as it is now, or as it will be once it is made.
    pub(crate) fn look_up(named: &Path) -> Option<Root> {
        Root::new(&LinksOnDisk::new(Vec::new()).real(named)?, named)
    }
}

/// The links as one judgement sees them.
#[derive(Debug)]
pub(crate) struct LinksOnDisk {
    /// What a path leads to is called by these again: the guard knows roots by the names that were
    /// set.
    roots: Vec<Root>,
    left: AtomicUsize,
}

impl LinksOnDisk {
    pub(crate) fn new(roots: Vec<Root>) -> LinksOnDisk {
        LinksOnDisk {
            roots,
            left: AtomicUsize::new(MOST_LOOK_UPS),
        }
    }

    /// The target of the link that stands there, if one does; `None` if no more is looked up.
    fn read(&self, path: &Path) -> Option<Option<PathBuf>> {
        let take = |left: usize| left.checked_sub(1);
        let taken = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        taken.ok().map(|_| fs::read_link(path).ok())
    }

    /// The path without links; `None` if that cannot be known. What does not exist is no link.
    fn real(&self, path: &Path) -> Option<PathBuf> {
        let mut real = PathBuf::from("/");
        let mut ahead = parts_of(path);
        let mut chain = 0;
        while let Some(part) = ahead.pop() {
            if part == ".." {
                real.pop();
                continue;
            }
            real.push(&part);
            let target = match is_of_kernel(&real) {
                true => None,
                false => self.read(&real)?,
            };
            if let Some(target) = target {
                chain += 1;
                if chain > LONGEST_CHAIN {
                    return None;
                }
                real.pop();
                if target.is_absolute() {
                    real = PathBuf::from("/");
                }
                ahead.extend(parts_of(&target));
            }
        }
        Some(real)
    }

    fn by_name(&self, real: PathBuf) -> PathBuf {
        let found = self
            .roots
            .iter()
            .filter_map(|root| Some((root, real.strip_prefix(&root.real).ok()?)));
        let nearest = found.max_by_key(|(root, _)| root.real.as_os_str().len());
        match nearest {
            Some((root, rest)) if rest.as_os_str().is_empty() => root.named.clone(),
            Some((root, rest)) => root.named.join(rest),
            None => real,
        }
    }
}

impl Links for LinksOnDisk {
    fn target(&self, path: &str) -> Option<String> {
        let target = self.by_name(self.real(Path::new(path))?);
        (target != Path::new(path)).then(|| target.to_string_lossy().into_owned())
    }
}

/// The names of a path, the last first.
fn parts_of(path: &Path) -> Vec<OsString> {
    let names = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some(OsString::from("..")),
        _ => None,
    });
    let mut names: Vec<_> = names.collect();
    names.reverse();
    names
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::scratch::Scratch;

    fn lead(roots: Vec<Root>, path: &Path) -> Option<PathBuf> {
        let links = LinksOnDisk::new(roots);
        links.target(path.to_str().unwrap()).map(PathBuf::from)
    }

    #[test]
    fn links_lead_where_the_system_would_go() {
        let scratch = Scratch::new();
        let at: &Path = &scratch;
        fs::create_dir_all(at.join("far/deep")).unwrap();
        fs::create_dir(at.join("w")).unwrap();
        for (target, link) in [
            ("../far", "dir"),
            ("../far/new", "dangling"),
            ("chain2", "chain"),
            ("dir", "chain2"),
            ("round", "round"),
            ("/proc/self/environ", "kernel"),
        ] {
            symlink(target, at.join("w").join(link)).unwrap();
        }
        symlink(at.join("far/deep"), at.join("w/deep")).unwrap();
        let table = [
            ("w/dir", Some("far")),
            ("w/dir/none/x", Some("far/none/x")),
            ("w/dangling", Some("far/new")),
            ("w/chain/x", Some("far/x")),
            ("w/deep/../x", Some("far/x")),
            ("w/none/../x", Some("w/x")),
            ("w/plain", None),
            ("w/round/x", None),
        ];
        for (path, target) in table {
            let expected = target.map(|target| at.join(target));
            assert_eq!(lead(Vec::new(), &at.join(path)), expected, "{path}");
        }
        let of_kernel = lead(Vec::new(), &at.join("w/kernel"));
        assert_eq!(of_kernel, Some("/proc/self/environ".into()));
        assert_eq!(lead(Vec::new(), Path::new("/dev/stdout")), None);
        assert_eq!(lead(Vec::new(), Path::new("/proc/self/exe")), None);
    }

    #[test]
    fn roots_keep_the_names_that_were_set() {
        let scratch = Scratch::new();
        let at: &Path = &scratch;
        fs::create_dir_all(at.join("real/sub")).unwrap();
        symlink("real", at.join("w")).unwrap();
        symlink("sub", at.join("real/alias")).unwrap();
        let roots = || Root::look_up(&at.join("w")).into_iter().collect::<Vec<_>>();
        assert_eq!(lead(roots(), &at.join("w/a")), None);
        assert_eq!(
            lead(roots(), &at.join("w/alias/x")),
            Some(at.join("w/sub/x"))
        );
        assert_eq!(lead(roots(), &at.join("real/a")), Some(at.join("w/a")));
        assert_eq!(lead(roots(), &at.join("w")), None);
        assert_eq!(lead(roots(), &at.join("real")), Some(at.join("w")));
        assert!(Root::look_up(&at.join("real")).is_none());
    }

    #[test]
    fn looking_up_ends() {
        let scratch = Scratch::new();
        let at: &Path = &scratch;
        symlink("/etc", at.join("link")).unwrap();
        let links = LinksOnDisk::new(Vec::new());
        let path = at.join("link/x").display().to_string();
        assert_eq!(links.target(&path).as_deref(), Some("/etc/x"));
        while links.left.load(Ordering::Relaxed) > 0 {
            links.target(&path);
        }
        assert_eq!(links.target(&path), None);
    }
}
