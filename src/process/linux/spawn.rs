//! Starting an agent. Reads the file system and waits for exec: for the spawn thread.

use std::ffi::{CString, OsStr};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::super::launch::{Child, Launch, SpawnError};
use super::super::mark::{MARK_VARIABLE, Mark};
use super::fork::Unshared;
use super::group::Group;
use super::jail;
use super::pidfd::Pidfd;
use super::pipe::{never_blocking, pipe};
use super::posix_spawn::{self, Leads, Plan};

/// Starts a child in a process group of its own, with three pipes and nothing else of the host's.
///
/// # Errors
/// Names the program or the directory if one of them is what is missing.
pub(crate) fn spawn(launch: &Launch<'_>) -> Result<Child, SpawnError> {
    let pipes = Pipes::new().map_err(|error| SpawnError::new("cannot make pipes", error))?;
    let pid = start(launch, &pipes)?;
    let unheld = |error| SpawnError::new(format!("cannot watch process {pid}"), error);
    let group = Group::new(Pidfd::open_child(pid).map_err(unheld)?);
    pipes.into_child(group).map_err(unheld)
}

fn start(launch: &Launch<'_>, pipes: &Pipes) -> Result<u32, SpawnError> {
    let program = c_string(launch.program.as_os_str(), "the program's path")?;
    let plan = Plan {
        program: &program,
        arguments: &arguments(launch)?,
        environment: &environment(launch.environment, launch.mark)?,
        work_dir: &c_string(launch.work_dir.as_os_str(), "the work directory")?,
        streams: [
            pipes.stdin[0].as_fd(),
            pipes.stdout[1].as_fd(),
            pipes.stderr[1].as_fd(),
        ],
        leads: Leads::Group,
    };
    let start = || posix_spawn::start(&plan).map_err(|error| blame(launch, error));
    match &launch.jail {
        Some(confinement) => jail::inside(confinement, start),
        None => start(),
    }
}

fn arguments(launch: &Launch<'_>) -> Result<Vec<CString>, SpawnError> {
    let name = launch.program.as_os_str();
    let all = [name]
        .into_iter()
        .chain(launch.arguments.iter().map(OsStr::new));
    all.map(|argument| c_string(argument, "an argument"))
        .collect()
}

/// The caller's variables and the mark. A mark among them is that of the engine the host itself
/// runs under; the child's own takes its place.
fn environment<K: AsRef<OsStr>, V: AsRef<OsStr>>(
    variables: &[(K, V)],
    mark: &Mark,
) -> Result<Vec<CString>, SpawnError> {
    let own = [entry(
        OsStr::new(MARK_VARIABLE),
        OsStr::from_bytes(mark.as_bytes()),
    )];
    let theirs = variables
        .iter()
        .map(|(name, value)| (name.as_ref(), value.as_ref()))
        .filter(|(name, _)| *name != MARK_VARIABLE)
        .map(|(name, value)| entry(name, value));
    own.into_iter().chain(theirs).collect()
}

fn entry(name: &OsStr, value: &OsStr) -> Result<CString, SpawnError> {
    let mut entry = name.to_owned();
    entry.push("=");
    entry.push(value);
    c_string(&entry, "an environment variable")
}

fn c_string(text: &OsStr, what: &str) -> Result<CString, SpawnError> {
    CString::new(text.as_bytes())
        .map_err(|_| SpawnError::invalid(format!("{what} holds a zero byte: {}", text.display())))
}

/// The system gives one error number for the whole start; this finds out what it was about.
fn blame(launch: &Launch<'_>, error: io::Error) -> SpawnError {
    let (program, work_dir) = (launch.program.display(), launch.work_dir.display());
    let context = if !is_reachable(launch.work_dir) {
        format!("cannot start {program} in {work_dir}, which is no directory that can be entered")
    } else if error.kind() == io::ErrorKind::NotFound && launch.program.exists() {
        format!("cannot start {program}, whose interpreter is missing")
    } else {
        format!("cannot start {program}")
    };
    SpawnError::new(context, error)
}

fn is_reachable(directory: &Path) -> bool {
    // The directory itself is listed by its parent; "." in it is only found if it can be entered.
    directory.join(".").is_dir()
}

/// Read end first, in each.
struct Pipes {
    stdin: [Unshared<OwnedFd>; 2],
    stdout: [Unshared<OwnedFd>; 2],
    stderr: [Unshared<OwnedFd>; 2],
}

impl Pipes {
    fn new() -> io::Result<Pipes> {
        Ok(Pipes {
            stdin: pipe()?,
            stdout: pipe()?,
            stderr: pipe()?,
        })
    }

    /// Keeps our ends and closes the child's.
    fn into_child(self, group: Group) -> io::Result<Child> {
        let [_, stdin] = self.stdin;
        let [stdout, _] = self.stdout;
        let [stderr, _] = self.stderr;
        Ok(Child {
            stdin: never_blocking(stdin)?,
            stdout: never_blocking(stdout)?,
            stderr: never_blocking(stderr)?,
            group,
        })
    }
}
