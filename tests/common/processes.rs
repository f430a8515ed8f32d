//! What the tests about processes share: looks into `/proc`, and this test program started again
//! as a host of its own.
//!
//! What belongs to a whole process (its signals, descriptors, threads, children) can only be told
//! by one that runs nothing else, hence [`alone`]; what follows the death of a host needs a host
//! to kill, hence [`Host`]. Needs no unsafe code: signals are sent and dispositions are set by the
//! shell and by `env`.
#![allow(dead_code)]

use std::any::type_name;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use super::common::skipped::skip;
use super::common::{PATIENCE, Stage, processes, quoted, until};

/// Which test this process was started again for.
const AGAIN: &str = "HOTPLEX_TEST_AGAIN";

/// Carries the name of a host in the environment of all that is below it.
const HOST: &str = "HOTPLEX_TEST_HOST";

/// Precedes what a host says, because the test harness prints on the same stream.
const SAYS: &str = "the host says ";

/// True if there is such a process and it is no zombie.
pub(crate) fn lives(pid: u32) -> bool {
    let line = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = line.rsplit_once(") ").map(|(_, rest)| &rest[..1]);
    matches!(state, Some(state) if state != "Z" && state != "X")
}

/// The children of a process, zombies among them.
pub(crate) fn children_of(parent: u32) -> Vec<u32> {
    let is_child = |pid: &u32| field(&format!("/proc/{pid}/status"), "PPid") == parent.to_string();
    processes().filter(is_child).collect()
}

/// Waits for the one guard among the children of a process: for a moment after its start it has no
/// words yet to be known by.
pub(crate) fn await_guard(parent: u32) -> u32 {
    let mut guards = Vec::new();
    let is_one = until(PATIENCE, || {
        guards = children_of(parent);
        guards.retain(|pid| is_guard(*pid));
        guards.len() == 1
    });
    assert!(is_one, "{guards:?}");
    guards[0]
}

fn is_guard(pid: u32) -> bool {
    let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&words).contains("hotplex-guard")
}

/// A field of a status file; empty if the process is gone.
pub(crate) fn field(path: &str, name: &str) -> String {
    let status = fs::read_to_string(path).unwrap_or_default();
    let values = status.lines().filter_map(|line| line.split_once(':'));
    let value = values.into_iter().find(|(field, _)| *field == name);
    value.map_or(String::new(), |(_, value)| value.trim().to_owned())
}

/// How many descriptors and threads this process has.
pub(crate) fn descriptors_and_threads() -> (usize, usize) {
    let count = |directory| fs::read_dir(directory).expect("/proc").count();
    (count("/proc/self/fd"), count("/proc/self/task"))
}

/// Sends a signal by name.
pub(crate) fn signal(pid: u32, name: &str) {
    let script = format!("kill -{name} {pid}");
    let sent = Command::new("/bin/sh").args(["-c", &script]).status();
    assert!(sent.is_ok_and(|status| status.success()), "{script}");
}

/// The command of a process that writes its number into the file and then only stays.
pub(crate) fn stays(file: &Path) -> String {
    format!("echo $$ > {}; exec sleep 1000", quoted(file))
}

/// Waits for the number that a process writes into a file.
pub(crate) fn await_pid(file: &Path) -> u32 {
    let mut pid = None;
    let written = until(PATIENCE, || {
        let text = fs::read_to_string(file).unwrap_or_default();
        pid = text.strip_suffix('\n').and_then(|line| line.parse().ok());
        pid.is_some()
    });
    assert!(written, "no process number in {}", file.display());
    pid.unwrap_or_default()
}

/// Runs the body in a process that runs nothing else.
pub(crate) fn alone<F: FnOnce()>(body: F) {
    alone_below(&[], body);
}

/// As [`alone`], started by another command, which sets what a process inherits.
pub(crate) fn alone_below<F: FnOnce()>(command: &[&str], body: F) {
    let name = test_name::<F>();
    if is_again(&name) {
        return body();
    }
    let own = again(command, &name).stdin(Stdio::null()).output();
    let own = own.expect("the test program starts again");
    let said = String::from_utf8_lossy(&own.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&own.stderr);
    assert!(own.status.success(), "{}: {said}\n{complaint}", own.status);
    assert!(
        said.contains("1 passed"),
        "no test is called {name}: {said}"
    );
}

/// A place to mount file systems in, for ordinary users too.
pub(crate) const MOUNTS: [&str; 4] = ["unshare", "--user", "--map-root-user", "--mount"];

/// Whether it can be had; said where it cannot.
pub(crate) fn may_mount() -> bool {
    let mut trial = Command::new(MOUNTS[0]);
    trial.args(&MOUNTS[1..]);
    trial.args(["mount", "-t", "tmpfs", "tmpfs", "/tmp"]);
    let allowed = is_alone() || trial.status().is_ok_and(|status| status.success());
    if !allowed {
        skip("no namespaces with mounts of their own are allowed here");
    }
    allowed
}

/// True in the process of [`alone`].
pub(crate) fn is_alone() -> bool {
    std::env::var_os(AGAIN).is_some()
}

fn is_again(test: &str) -> bool {
    std::env::var(AGAIN).is_ok_and(|again| again == test)
}

/// This test program again, to run one test of it.
fn again(before: &[&str], test: &str) -> Command {
    let own = std::env::current_exe().expect("the test's own program");
    let own = own.into_os_string();
    let mut words = before.iter().map(OsString::from).chain([own]);
    let mut command = Command::new(words.next().expect("at least the test program"));
    command.args(words);
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]);
    command.env(AGAIN, test);
    command
}

/// The name of the test that a closure was written in.
fn test_name<F>() -> String {
    let path = type_name::<F>().trim_end_matches("::{{closure}}");
    let (_program, name) = path.split_once("::").expect("a path within the program");
    name.to_owned()
}

/// A process that opens an engine and that its test talks to, or kills.
pub(crate) struct Host {
    process: Child,
    output: BufReader<ChildStdout>,
    mark: String,
}

impl Host {
    /// Starts this test program again as a host that does what `play` says. In that host itself it
    /// never returns.
    ///
    /// A host must end when its input does, so that it never outlives its test.
    pub(crate) fn start<F: FnOnce()>(play: F) -> Host {
        let name = test_name::<F>();
        if is_again(&name) {
            play();
            std::process::exit(0);
        }
        let mark = format!("{name}-{}", std::process::id());
        let mut command = again(&[], &name);
        command.env(HOST, &mark);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the test program starts again");
        let output = process.stdout.take().expect("piped");
        Host {
            process,
            output: BufReader::new(output),
            mark,
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Waits for the next thing that the host says.
    pub(crate) fn hear(&mut self) -> String {
        let said = self.listen();
        said.unwrap_or_else(|| panic!("the host has ended: {:?}", self.process.wait()))
    }

    /// The next thing that the host says; `None` once it has ended.
    pub(crate) fn listen(&mut self) -> Option<String> {
        let mut line = String::new();
        while self.output.read_line(&mut line).is_ok_and(|read| read > 0) {
            if let Some((_, said)) = line.split_once(SAYS) {
                return Some(said.trim_end().to_owned());
            }
            line.clear();
        }
        None
    }

    pub(crate) fn tell(&mut self, line: &str) {
        let input = self.process.stdin.as_mut().expect("piped");
        writeln!(input, "{line}").expect("the host reads");
    }

    /// All that lives below the host, itself left out.
    pub(crate) fn brood(&self) -> Vec<u32> {
        let entry = format!("{HOST}={}", self.mark);
        let carries = |pid: &u32| {
            let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            let mut variables = environment.split(|byte| *byte == 0);
            *pid != self.pid() && variables.any(|variable| variable == entry.as_bytes())
        };
        processes().filter(carries).collect()
    }

    /// Kills the host as the kernel does when memory is short.
    pub(crate) fn kill(&mut self) {
        self.process.kill().expect("the host can be killed");
        self.process.wait().expect("the host was killed");
    }
}

impl Drop for Host {
    /// The end of its input is the end of a host, which leaves it the time to clean up.
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let ended = until(PATIENCE, || !matches!(self.process.try_wait(), Ok(None)));
        if !ended {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }
}

/// For a host: says something to its test.
pub(crate) fn say(what: &str) {
    let mut output = std::io::stdout();
    writeln!(output, "{SAYS}{what}").expect("the test listens");
}

/// For a host: says where it plays, and stays until it is killed or its test is gone.
pub(crate) fn stay_to_be_killed(stage: &Stage) {
    say(&stage.path("").display().to_string());
    let _ = std::io::stdin().read(&mut [0]);
}

/// A directory that a killed host could not remove.
pub(crate) struct Remains(pub(crate) PathBuf);

impl Drop for Remains {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
