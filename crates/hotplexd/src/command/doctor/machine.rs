//! Kernel, jail, limits, room.

use std::fs;
use std::path::{Path, PathBuf};

use landlock::{ABI, Access, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr};
use rustix::process::{Resource, getrlimit};

use super::finding::Finding;
use crate::access::token;
use crate::config::Environment;

/// Descriptors of the daemon's connections and a few for each agent.
const DESCRIPTORS: u64 = 4096;

/// What an agent of today takes (Claude Code 2.1: about 200 MB).
const AGENT_BYTES: u64 = 200 << 20;

pub(super) fn look() -> Vec<Finding> {
    let environment = Environment::of_process();
    let mut findings = vec![kernel(), jail(), descriptors(), processes(), memory()];
    findings.extend(tools());
    findings.push(state(&environment));
    findings.extend(token_file(&environment));
    findings
}

fn kernel() -> Finding {
    let uname = rustix::system::uname();
    let release = uname.release().to_string_lossy().into_owned();
    let mut numbers = release
        .split(['.', '-'])
        .map_while(|part| part.parse::<u32>().ok());
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    match version {
        // pidfds that can be polled.
        version if version < (5, 3) => {
            Finding::problem("kernel", release, "hotplex needs Linux 5.3 or later")
        }
        _ => Finding::ok("kernel", release),
    }
}

fn jail() -> Finding {
    let abis = [ABI::V6, ABI::V5, ABI::V4, ABI::V3, ABI::V2, ABI::V1];
    let holds = |abi: &ABI| {
        let ruleset = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
        ruleset
            .handle_access(AccessFs::from_all(*abi))
            .is_ok_and(|ruleset| ruleset.create().is_ok())
    };
    match abis.into_iter().find(holds) {
        Some(ABI::V1 | ABI::V2) => Finding::warning(
            "Landlock",
            "an early version: what is truncated is not held",
            "take Linux 6.2 or later for all of the jail",
        ),
        Some(abi) => Finding::ok("Landlock", format!("file system rules of {abi:?}")),
        None => Finding::warning(
            "Landlock",
            "not there: agents run without a jail",
            "take a kernel with CONFIG_SECURITY_LANDLOCK and landlock in its `lsm=` list",
        ),
    }
}

fn descriptors() -> Finding {
    let limit = getrlimit(Resource::Nofile);
    match limit.current {
        Some(current) if current < DESCRIPTORS => Finding::warning(
            "descriptors",
            format!("{current} may be open"),
            format!("raise it to {DESCRIPTORS} for many clients: `ulimit -n`, LimitNOFILE="),
        ),
        Some(current) => Finding::ok("descriptors", format!("{current} may be open")),
        None => Finding::ok("descriptors", "without limit"),
    }
}

/// The least that the user or a cgroup above this process allows.
fn processes() -> Finding {
    let mut least = getrlimit(Resource::Nproc).current;
    for directory in cgroups() {
        let text = fs::read_to_string(directory.join("pids.max")).unwrap_or_default();
        if let Ok(limit) = text.trim().parse::<u64>() {
            least = Some(least.map_or(limit, |least| least.min(limit)));
        }
    }
    match least {
        Some(limit) if limit < 256 => Finding::warning(
            "processes",
            format!("{limit} at most"),
            "raise it: `ulimit -u`, TasksMax=; an agent takes about ten threads",
        ),
        Some(limit) => Finding::ok("processes", format!("{limit} at most, threads too")),
        None => Finding::ok("processes", "without limit"),
    }
}

/// The directories of this process's cgroup, the innermost first.
fn cgroups() -> Vec<PathBuf> {
    let text = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let own = text.lines().find_map(|line| line.strip_prefix("0::"));
    let Some(own) = own else {
        return Vec::new();
    };
    let path = Path::new("/sys/fs/cgroup").join(own.trim_start_matches('/'));
    let above = path
        .ancestors()
        .take_while(|path| path.starts_with("/sys/fs/cgroup"));
    above.map(Path::to_owned).collect()
}

fn memory() -> Finding {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    let mut bytes = kib.map(|kib| kib << 10);
    for directory in cgroups() {
        let number = |name: &str| {
            fs::read_to_string(directory.join(name))
                .ok()?
                .trim()
                .parse::<u64>()
                .ok()
        };
        if let (Some(limit), Some(used)) = (number("memory.max"), number("memory.current")) {
            let left = limit.saturating_sub(used);
            bytes = Some(bytes.map_or(left, |bytes| bytes.min(left)));
        }
    }
    let Some(bytes) = bytes else {
        return Finding::warning("memory", "unknown", "see that /proc is mounted");
    };
    let found = format!(
        "{} MiB are free: room for about {} agents",
        bytes >> 20,
        bytes / AGENT_BYTES
    );
    match bytes / AGENT_BYTES {
        0 => Finding::warning("memory", found, "make room, or agents will be killed"),
        _ => Finding::ok("memory", found),
    }
}

/// What the engine's guard against its own death needs.
fn tools() -> Vec<Finding> {
    let needed = [
        ("/bin/sh", ["/bin/sh"].as_slice()),
        ("grep", &["/usr/bin/grep", "/bin/grep"]),
    ];
    let missing = needed
        .into_iter()
        .filter(|(_, paths)| !paths.iter().any(|path| Path::new(path).exists()));
    let found = missing.map(|(name, _)| {
        Finding::problem(name, "not there", "install it: no engine opens without it")
    });
    found.collect()
}

fn state(environment: &Environment) -> Finding {
    let advice = "name one: XDG_STATE_HOME, or the option state_dir";
    let Some(file) = environment.state_file("doctor") else {
        return Finding::problem(
            "state directory",
            "neither XDG_STATE_HOME nor HOME is set",
            advice,
        );
    };
    let directory = file.parent().unwrap_or(Path::new("/")).to_owned();
    let shown = directory.display().to_string();
    // What is not there yet is made; by then it must be possible.
    let there = directory
        .ancestors()
        .find(|path| path.exists())
        .unwrap_or(Path::new("/"));
    let writable = rustix::fs::access(there, rustix::fs::Access::WRITE_OK).is_ok();
    let room = rustix::fs::statvfs(there).map(|room| room.f_bavail.saturating_mul(room.f_frsize));
    match (writable, room) {
        (false, _) => Finding::problem(
            "state directory",
            format!("{shown} cannot be written"),
            advice,
        ),
        (_, Ok(bytes)) if bytes < 64 << 20 => Finding::warning(
            "state directory",
            format!("{shown}: {} MiB are left on its disk", bytes >> 20),
            "make room: sessions could not be resumed after a restart",
        ),
        _ => Finding::ok("state directory", shown),
    }
}

fn token_file(environment: &Environment) -> Option<Finding> {
    let path = environment.token_file().filter(|path| path.exists())?;
    let found = path.display().to_string();
    Some(match token::read(&path) {
        Ok(_) => Finding::ok("token file", found),
        Err(error) => Finding::problem(
            "token file",
            format!("{found}: {error}"),
            "mend it, or remove it: a new one is made",
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_runs_tests_and_so_can_run_agents() {
        for finding in look() {
            let said = format!("{finding:?}");
            assert!(
                finding.grade == super::super::finding::Grade::Ok || !finding.advice.is_empty(),
                "{said}"
            );
        }
        assert!(
            cgroups()
                .iter()
                .all(|path| path.starts_with("/sys/fs/cgroup"))
        );
    }
}
