//! Who descends from whom.
//!
//! Two ways to the same answer. From one process down costs only the size of its family, which
//! matters when hundreds of sessions are stopped; a table of all processes also answers who of a
//! noted tree still lives.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use super::super::sweep_targets::Tree;
use super::proc_files::{Reader, Status, other_processes, threads};

/// Notes all descendants of a process.
pub(super) fn descendants(root: u32) -> io::Result<Tree> {
    let mut tree = Tree::default();
    if !has_lists_of_children() {
        Table::read()?.note_descendants(&[root], &mut tree);
        return Ok(tree);
    }
    let mut reader = Reader::default();
    let mut parents = vec![root];
    while let Some(parent) = parents.pop() {
        for child in children(parent, &mut reader)? {
            // A number that is reused during the walk must not lead in a circle.
            if !tree.members.contains_key(&child)
                && let Some(status) = reader.status(child)?
            {
                tree.note(child, status.start_time);
                parents.push(child);
            }
        }
    }
    Ok(tree)
}

/// The children of a process.
pub(super) fn children_of(parent: u32, reader: &mut Reader) -> io::Result<Vec<u32>> {
    if has_lists_of_children() {
        return children(parent, reader);
    }
    let table = Table::read()?;
    let is_child = |(_, status): &(&u32, &Status)| status.parent == parent;
    Ok(table
        .0
        .iter()
        .filter(is_child)
        .map(|(&pid, _)| pid)
        .collect())
}

/// False for a kernel without CONFIG_PROC_CHILDREN.
fn has_lists_of_children() -> bool {
    Path::new("/proc/thread-self/children").exists()
}

fn children(parent: u32, reader: &mut Reader) -> io::Result<Vec<u32>> {
    let mut all = Vec::new();
    for thread in threads(parent)? {
        reader.children(parent, thread, &mut all)?;
    }
    Ok(all)
}

/// All processes and their parents, at about one moment.
pub(super) struct Table(HashMap<u32, Status>);

impl Table {
    pub(super) fn read() -> io::Result<Table> {
        let mut reader = Reader::default();
        let mut table = HashMap::new();
        for pid in other_processes()? {
            if let Some(status) = reader.status(pid)? {
                table.insert(pid, status);
            }
        }
        Ok(Table(table))
    }

    /// Adds to the tree what descends from these processes.
    pub(super) fn note_descendants(&self, roots: &[u32], tree: &mut Tree) {
        let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
        for (&pid, status) in &self.0 {
            children.entry(status.parent).or_default().push(pid);
        }
        let mut parents = roots.to_vec();
        while let Some(parent) = parents.pop() {
            // Taken out, so that numbers reused during the reading cannot lead in a circle.
            for child in children.remove(&parent).unwrap_or_default() {
                tree.note(child, self.0[&child].start_time);
                parents.push(child);
            }
        }
    }

    /// Those of the tree that live.
    pub(super) fn living(&self, tree: &Tree) -> Vec<u32> {
        let is_living = |(pid, status): &(&u32, &Status)| {
            status.lives() && tree.holds(**pid, status.start_time)
        };
        self.0
            .iter()
            .filter(is_living)
            .map(|(&pid, _)| pid)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::pidfd::Pidfd;
    use super::*;

    #[test]
    fn both_ways_give_the_same_family() {
        let script = "sh -c 'setsid sleep 1000 & sleep 1000 & wait' & sh -c 'sleep 1000; :' & wait";
        let mut root = std::process::Command::new("sh")
            .args(["-c", script])
            .spawn()
            .expect("sh");
        let mut by_table = Tree::default();
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while by_table.members.len() < 5 && std::time::Instant::now() < deadline {
            by_table = Tree::default();
            Table::read()
                .expect("a table")
                .note_descendants(&[root.id()], &mut by_table);
        }
        let by_children = descendants(root.id()).expect("a walk");
        for &pid in by_table.members.keys() {
            // A shell ends by itself when its sleeper has ended.
            if let Ok(held) = Pidfd::open(pid) {
                let _ = held.send(libc::SIGKILL);
            }
        }
        root.kill().expect("it is ours");
        root.wait().expect("it is ours");
        assert_eq!(by_table.members.len(), 5);
        assert_eq!(by_children, by_table);
    }
}
