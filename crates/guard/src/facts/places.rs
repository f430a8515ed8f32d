//! Where the paths of a script lead: by the links that it makes itself, and by those on the disk.
//!
//! A script is judged by the names alone first, and then, if it names any path and the context can
//! tell where it leads, again by what stands behind the names.

use super::script::Facts;
use crate::links::Links;
use crate::zone;

/// Links that lead to links: the system itself gives up sooner or later.
const LONGEST_CHAIN: usize = 8;

impl<'c> Facts<'c> {
    /// The same run with the links on the disk followed.
    pub(crate) fn behind(mut self, links: &'c dyn Links) -> Facts<'c> {
        self.disk.links = Some(links);
        self
    }

    /// Whether links on the disk could have made a difference.
    pub(crate) fn names_paths(&self) -> bool {
        self.disk.names_paths.get()
    }

    /// The absolute path that a word names here, with links followed.
    pub(crate) fn path(&self, word: &str) -> String {
        self.disk.names_paths.set(true);
        let path = self.outside_root(self.path_in_root(word));
        if !self.knows_links() {
            return path;
        }
        let physical = self.above_links(word).and_then(|path| self.on_disk(&path));
        self.followed(physical.unwrap_or(path))
    }

    /// The same of what acts on a link and not on its target: `rm`, `mv`, `ln`. A slash at the end
    /// means the target.
    pub(crate) fn path_itself(&self, word: &str) -> String {
        if !self.knows_links() || word.ends_with('/') {
            return self.path(word);
        }
        if let Some((parent, name)) = word.rsplit_once('/')
            && word.contains("..")
            && !matches!(name, "." | "..")
        {
            let parent = if parent.is_empty() { "/" } else { parent };
            return zone::absolute(name, &self.path(parent));
        }
        let path = self.outside_root(self.path_in_root(word));
        let name = zone::name_of(&path);
        let parent = self.path(&path[..path.len() - name.len()]);
        zone::absolute(name, &parent)
    }

    /// The path by which a shell calls the directory that `cd` leads to: the links of the disk stay
    /// in it, so that `cd ..` leads back.
    pub(crate) fn logical_path(&self, word: &str) -> String {
        let path = self.outside_root(self.path_in_root(word));
        self.followed_by(path, |path| self.behind_link(path))
    }

    fn knows_links(&self) -> bool {
        !self.links.is_empty() || self.disk.links.is_some()
    }

    fn followed(&self, path: String) -> String {
        self.followed_by(path, |path| {
            self.behind_link(path).or_else(|| self.on_disk(path))
        })
    }

    fn followed_by(&self, mut path: String, next: impl Fn(&str) -> Option<String>) -> String {
        for _ in 0..LONGEST_CHAIN {
            match next(&path) {
                Some(followed) if followed != path => path = followed,
                _ => break,
            }
        }
        path
    }

    /// The path of a word that goes up, before anything of it is taken away: behind a link `..` is
    /// not what the text says.
    fn above_links(&self, word: &str) -> Option<String> {
        let goes_up = word.split('/').any(|part| part == "..");
        if !goes_up || self.disk.links.is_none() {
            return None;
        }
        let path = self.with_home(word);
        Some(match path.starts_with('/') {
            true => path.into_owned(),
            false => format!("{}/{path}", self.directory),
        })
    }

    /// What a word was found to lead to.
    pub(crate) fn seen_behind(&self, word: &str) -> Option<String> {
        self.disk.links?;
        let path = self.outside_root(self.path_in_root(word));
        let known = self.disk.known.borrow();
        known.get(&path).cloned().flatten()
    }

    /// Where a path leads on this machine's disk.
    fn on_disk(&self, path: &str) -> Option<String> {
        let links = self.disk.links?;
        if self.remote || self.contained || !path.starts_with('/') {
            return None;
        }
        let mut known = self.disk.known.borrow_mut();
        if let Some(target) = known.get(path) {
            return target.clone();
        }
        let target = links.target(path);
        if let Some(target) = &target {
            known.insert(target.clone(), None);
        }
        known.insert(path.to_owned(), target.clone());
        target
    }
}
