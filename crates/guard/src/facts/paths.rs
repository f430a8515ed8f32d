//! Words into paths and zones: below the directory and the root of what runs now.

use std::borrow::Cow;

use super::script::Facts;
use crate::programs::{Argv, Role};
use crate::taint::{self, TILDE, UNKNOWN};
use crate::zone::{self, Zone};

/// The directory and the root that were left.
pub(crate) struct Entered {
    directory: String,
    root: Option<String>,
}

impl Facts<'_> {
    /// The absolute path that a word names below the root of what runs now.
    pub(crate) fn path_in_root(&self, word: &str) -> String {
        zone::absolute(&self.with_home(word), &self.directory)
    }

    /// What a path below the root is for the machine. Devices and the kernel's own files are those of
    /// the machine, whatever the root is.
    pub(crate) fn outside_root(&self, path: String) -> String {
        let of_kernel = ["/dev", "/proc", "/sys"];
        match &self.root {
            Some(root)
                if !of_kernel
                    .iter()
                    .any(|part| zone::below(&path, part).is_some()) =>
            {
                zone::absolute(&format!("{root}/{path}"), "/")
            }
            _ => path,
        }
    }

    /// Changes to the directory that a program's own options name, below the root they name; `None`
    /// if they name none.
    pub(crate) fn enter(&mut self, argv: &Argv) -> Option<Entered> {
        let entered = argv.entered();
        if entered.is_empty() {
            return None;
        }
        let before = Entered {
            directory: self.directory.clone(),
            root: self.root.clone(),
        };
        for (role, word) in entered {
            match role {
                // Below an unknown root a path is judged as if there were no root.
                Role::Root if !word.contains(UNKNOWN) => {
                    let path = self.path(word);
                    self.root = Some(path).filter(|path| path != "/");
                    self.directory = "/".to_owned();
                }
                Role::Root => {}
                _ => self.directory = self.directory_of(word),
            }
        }
        Some(before)
    }

    /// Goes back to where the program was started.
    pub(crate) fn leave(&mut self, before: Entered) {
        self.directory = before.directory;
        self.root = before.root;
    }

    /// The directory that `cd` to a word leads to.
    pub(crate) fn directory_of(&mut self, word: &str) -> String {
        let path = match self.root {
            Some(_) => self.path_in_root(word),
            None => self.logical_path(word),
        };
        self.spend(path.len());
        let is_open = path.contains(taint::is_glob) && !path.starts_with('/');
        match path.len() > 256 || word.starts_with(UNKNOWN) || is_open {
            true => UNKNOWN.to_string(),
            false => path,
        }
    }

    /// The path that the first link on the way leads to.
    pub(crate) fn behind_link(&self, path: &str) -> Option<String> {
        let ends = memchr::memchr_iter(b'/', path.as_bytes()).skip(1);
        // No path that people write is deeper.
        let mut parents = ends.chain([path.len()]).take(128);
        parents.find_map(|end| {
            let target = self.links.get(&path[..end])?;
            Some(zone::absolute(&format!("{target}{}", &path[end..]), "/"))
        })
    }

    pub(crate) fn zone(&self, word: &str) -> Zone {
        self.zone_of(&self.path(word))
    }

    /// The zone of a path that `path` gave.
    pub(crate) fn zone_of(&self, path: &str) -> Zone {
        zone::zone(path, self.context)
    }

    /// A word with the `~` at its start replaced.
    pub(crate) fn with_home<'w>(&self, word: &'w str) -> Cow<'w, str> {
        let Some(rest) = word.strip_prefix(TILDE) else {
            return word.into();
        };
        let (user, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let home = match user {
            "" => self.context.home.clone(),
            "+" => self.directory.clone(),
            "-" => self.previous.clone(),
            "root" => "/root".to_owned(),
            user if user == self.context.user => self.context.home.clone(),
            user => format!("/home/{user}"),
        };
        format!("{home}{path}").into()
    }
}
