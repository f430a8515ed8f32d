//! A bound on how many processes a scenario can have, so that a fork bomb that gets through costs
//! a failed test and not the machine.

use std::fs;
use std::path::PathBuf;

use crate::common::{nobody_elses_number, until};

/// Room for two agents and their tools, threads counted.
const AT_MOST: &str = "600";

/// Where the controller of process numbers may be: of its own in the first version of control
/// groups, among the others in the second.
const ROOTS: [&str; 2] = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup"];

/// A control group; it goes when the scenario has ended.
pub(crate) struct ProcessLimit(PathBuf);

impl ProcessLimit {
    /// `None` where this machine does not let us make one.
    pub(crate) fn new() -> Option<ProcessLimit> {
        let name = format!("hotplex-test-{:x}", nobody_elses_number());
        ROOTS.iter().find_map(|root| {
            let group = ProcessLimit(PathBuf::from(root).join(&name));
            fs::create_dir(&group.0).ok()?;
            fs::write(group.0.join("pids.max"), AT_MOST).ok()?;
            Some(group)
        })
    }

    /// Whoever writes a `0` here is in it from then on.
    pub(crate) fn entrance(&self) -> PathBuf {
        self.0.join("cgroup.procs")
    }
}

impl Drop for ProcessLimit {
    fn drop(&mut self) {
        // The last of its processes may still be on their way out.
        let _ = until(std::time::Duration::from_secs(5), || {
            fs::remove_dir(&self.0).is_ok()
        });
    }
}
