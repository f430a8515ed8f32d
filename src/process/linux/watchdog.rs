//! The watchdog: ends the agents of a host that was killed.
//!
//! A pipe is the only thing that tells of every kind of death. A signal at the parent's death does
//! not reach the tools of an agent, and comes when the thread ends that spawned (measured). So one
//! small shell per engine waits for the end of a pipe that only the host can write to.
//! Children that the host forks have no copy of it (see `fork`).

use std::ffi::{CString, OsStr};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use super::super::mark::{EngineMark, MARK_VARIABLE, WATCHDOG_VARIABLE};
use super::super::program::find_program;
use super::fork::Unshared;
use super::pidfd::Pidfd;
use super::pipe::{above_standard, pipe};
use super::posix_spawn::{self, Leads, Plan};
use crate::lock::Mutex;

/// `$1` is what the environment of every process of the engine holds.
///
/// A shell cannot hold a process as we do with a pidfd. It looks at each again just before the
/// kill; what remains is the moment between the two commands, in a system whose host just died.
///
/// A round that finds nothing is followed by a second look a second later, for a child that was
/// between its start and its exec when the host died. The number of rounds is bounded for the
/// sake of a process that the kernel cannot end.
const SCRIPT: &str = r#"
trap '' HUP INT TERM QUIT
while read -r line; do :; done
round=0 quiet=0
while [ "$quiet" -lt 2 ] && [ "$round" -lt 100 ]; do
    found=
    for file in $(grep -lsaF -e "$1" /proc/[0-9]*/environ); do
        process=${file#/proc/}
        process=${process%/environ}
        grep -qsaF -e "$1" "$file" && kill -9 "$process" && found=yes
    done
    if [ -n "$found" ]; then quiet=0; else quiet=$((quiet + 1)); fi
    round=$((round + 1))
    if [ "$quiet" -eq 1 ] || [ "$round" -gt 50 ]; then sleep 1; fi
done
"#;

/// Where a POSIX system keeps `grep` and `sleep`; the host's own PATH may be anything.
const PATH: &str = "/usr/bin:/bin:/usr/sbin:/sbin";

/// How long a clean close waits for the end of the watchdog it has killed.
const CLOSE_WAIT: Duration = Duration::from_secs(1);

/// Keeps the promise that nothing outlives the host. Dropping it is a clean close: the
/// watchdog is ended without a sweep.
#[derive(Debug)]
pub(crate) struct Watchdog {
    mark: EngineMark,
    shell: Mutex<Shell>,
}

impl Watchdog {
    /// Starts the watchdog of an engine, before its first child.
    ///
    /// # Errors
    /// If the system has no `/bin/sh` or no `grep`, or has no room for another process.
    pub(crate) fn start(mark: &EngineMark) -> io::Result<Watchdog> {
        Ok(Watchdog {
            mark: mark.clone(),
            shell: Mutex::new(Shell::start(mark)?),
        })
    }

    /// The watchdog's process id.
    #[cfg(test)]
    pub(crate) fn pid(&self) -> u32 {
        self.shell.lock().process.pid()
    }

    /// Starts another process if something has ended the one that watches.
    pub(crate) fn renew(&self) -> io::Result<()> {
        let mut shell = self.shell.lock();
        if shell.process.wait_for_end(Duration::ZERO) {
            *shell = Shell::start(&self.mark)?;
        }
        Ok(())
    }
}

/// The process that watches.
#[derive(Debug)]
struct Shell {
    process: Pidfd,
    /// Its end, however it comes, is what the watchdog waits for.
    _lifeline: Unshared<OwnedFd>,
}

impl Shell {
    fn start(mark: &EngineMark) -> io::Result<Shell> {
        if find_program("grep", Some(OsStr::new(PATH))).is_err() {
            let message = format!("no grep in {PATH}");
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        let [input, lifeline] = pipe()?;
        let nothing = File::options().read(true).write(true).open("/dev/null")?;
        let pid = start_shell(mark, &input, &above_standard(nothing.into())?)?;
        Ok(Shell {
            process: Pidfd::open_child(pid)?,
            _lifeline: lifeline,
        })
    }
}

impl Drop for Shell {
    /// Killed before the pipe ends: a clean close has swept already, and a second engine's close
    /// need not wait for the rounds of the script.
    fn drop(&mut self) {
        if !self.process.is_own() {
            return;
        }
        let _ = self.process.send(libc::SIGKILL);
        self.process.wait_for_end(CLOSE_WAIT);
        self.process.reap();
    }
}

/// It has no mark, lest an outer engine's sweep end it together with the host that it watches, and
/// a name of its own, by which such a sweep passes over it.
fn start_shell(mark: &EngineMark, input: &OwnedFd, nothing: &OwnedFd) -> io::Result<u32> {
    let mark = mark.as_str();
    let pattern = format!("{MARK_VARIABLE}={mark}.");
    let own_name = format!("{WATCHDOG_VARIABLE}={mark}");
    posix_spawn::start(&Plan {
        program: c"/bin/sh",
        arguments: &c_strings(&["sh", "-c", SCRIPT, "hotplex-guard", &pattern])?,
        environment: &c_strings(&[&format!("PATH={PATH}"), &own_name])?,
        work_dir: c"/",
        streams: [input.as_fd(), nothing.as_fd(), nothing.as_fd()],
        leads: Leads::Session,
    })
}

fn c_strings(texts: &[&str]) -> io::Result<Vec<CString>> {
    texts
        .iter()
        .map(|text| CString::new(*text).map_err(io::Error::from))
        .collect()
}
