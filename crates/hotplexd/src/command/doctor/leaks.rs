//! Processes that earlier runs left behind.
//!
//! Every process below an engine has the engine's mark in its environment, and every engine a guard
//! that ends them when its host dies. Marked ones without a guard will never be ended: the
//! guard was killed as well.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::finding::Finding;

/// As the engine names them: see `src/process/mark.rs`.
const MARK: &str = "HOTPLEX_SPAWN_ID";
const GUARD: &str = "HOTPLEX_HOST_GUARD";

pub(super) fn look() -> Vec<Finding> {
    let mut guarded = BTreeSet::new();
    let mut marked: BTreeMap<u32, String> = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        let Some(pid) = pid else {
            continue;
        };
        // One that has gone, or is another user's, is none of ours.
        let Ok(environment) = fs::read(format!("/proc/{pid}/environ")) else {
            continue;
        };
        if let Some(engine) = variable(&environment, GUARD) {
            guarded.insert(engine);
        } else if let Some(mark) = variable(&environment, MARK) {
            let engine = mark.split('.').next().unwrap_or_default();
            marked.insert(pid, engine.to_owned());
        }
    }
    marked.retain(|_, engine| !guarded.contains(engine));
    match marked.is_empty() {
        true => vec![Finding::ok("left processes", "none of earlier runs")],
        false => marked.into_keys().map(leaked).collect(),
    }
}

fn leaked(pid: u32) -> Finding {
    let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let command = String::from_utf8_lossy(&command).replace('\0', " ");
    let found = format!("{pid} of a run that has died: {}", command.trim());
    Finding::warning("left processes", found, format!("end it: kill {pid}"))
}

fn variable(environment: &[u8], name: &str) -> Option<String> {
    let mut variables = environment.split(|byte| *byte == 0);
    let value = variables.find_map(|one| one.strip_prefix(name.as_bytes())?.strip_prefix(b"="))?;
    Some(String::from_utf8_lossy(value).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_by_their_whole_name() {
        let environment = b"A=1\0HOTPLEX_SPAWN_IDX=2\0HOTPLEX_SPAWN_ID=e.3\0";
        assert_eq!(variable(environment, MARK).as_deref(), Some("e.3"));
        assert_eq!(variable(environment, GUARD), None);
    }
}
