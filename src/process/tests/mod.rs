//! Promises of the process room, each in a file of its own. What the tests share stands here.
//!
//! These need the room from inside. That a user's agents are started and ended well is tested
//! through the public API.

mod descriptors;
mod fork;
mod group;
mod number_reuse;
mod orphans;
mod signals;
mod spawn;
mod sweep;
mod watchdog;

use std::any::type_name;
use std::ffi::OsString;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::launch::Child;
use super::system::{Watchdog, note_tree, spawn, sweep};
use super::*;

/// Longer than anything here takes on a crowded machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Looks until it is so; a test fails when it never is.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(
            Instant::now() < deadline,
            "not seen in {PATIENCE:?}: {what}"
        );
        std::thread::yield_now();
    }
}

fn host_environment() -> Vec<(OsString, OsString)> {
    vec![("PATH".into(), "/usr/bin:/bin".into())]
}

fn try_shell(script: &str, mark: &Mark) -> Result<Child, SpawnError> {
    spawn(&Launch {
        program: Path::new("/bin/sh"),
        arguments: &["-c".into(), script.into()],
        environment: &host_environment(),
        work_dir: Path::new("/"),
        mark,
        jail: None,
    })
}

/// A child that runs a shell script.
fn shell(script: &str, mark: &Mark) -> Child {
    try_shell(script, mark).expect("sh starts")
}

/// Reads the child's output until it is so long a number of lines.
fn read_lines(child: &mut Child, count: usize) -> Vec<String> {
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    until("lines of output", || {
        match child.stdout.read(&mut buffer) {
            Ok(length) => text.extend_from_slice(&buffer[..length]),
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
        text.iter().filter(|&&byte| byte == b'\n').count() >= count
    });
    String::from_utf8_lossy(&text)
        .lines()
        .map(str::to_owned)
        .collect()
}

fn read_pids(child: &mut Child, count: usize) -> Vec<u32> {
    let lines = read_lines(child, count);
    lines
        .iter()
        .map(|line| line.parse().expect("a process number"))
        .collect()
}

/// True if there is such a process and it is no zombie.
fn lives(pid: u32) -> bool {
    let line = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = line.rsplit_once(") ").map(|(_, rest)| &rest[..1]);
    matches!(state, Some(state) if state != "Z" && state != "X")
}

/// The name of the program that a process runs by now.
fn program_of(pid: u32) -> String {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    name.trim_end().to_owned()
}

fn exists(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

fn exit_of(child: &mut Child) -> Exit {
    until("the child's exit", || child.group.has_exited());
    child.group.reap()
}

fn soon() -> Instant {
    Instant::now() + PATIENCE
}

/// Ends all with the engine's mark when a test is over, also when it has failed.
struct Cleanup(EngineMark);

impl Drop for Cleanup {
    fn drop(&mut self) {
        let left = sweep(&SweepTargets::engine(&self.0), soon());
        assert!(left.is_nothing() || std::thread::panicking(), "{left:?}");
    }
}

/// Which test runs alone in this process.
const ALONE: &str = "HOTPLEX_TEST_ALONE";

/// Runs the body in a process that runs nothing else, for what belongs to a whole process:
/// descriptors, signal dispositions, children.
fn alone<F: FnOnce()>(body: F) {
    alone_below(&[], body);
}

/// As [`alone`], started by another command, for instance into another namespace.
fn alone_below<F: FnOnce()>(command: &[&str], body: F) {
    let name = test_name::<F>();
    if std::env::var(ALONE).is_ok_and(|alone| alone == name) {
        return body();
    }
    let own = again(command, &name)
        .output()
        .expect("the test binary starts again");
    let said = String::from_utf8_lossy(&own.stdout).into_owned();
    assert!(
        own.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&own.stderr)
    );
    assert!(
        said.contains("1 passed"),
        "no test was called {name}: {said}"
    );
}

/// This test binary again, to run one test alone.
fn again(before: &[&str], test: &str) -> Command {
    let own = std::env::current_exe().expect("the test binary has a path");
    let mut words = before
        .iter()
        .map(OsString::from)
        .chain([own.into_os_string()]);
    let mut command = Command::new(words.next().expect("at least the test binary"));
    command
        .args(words)
        .args([test, "--exact", "--nocapture", "--test-threads=1"]);
    command.env(ALONE, test).stdin(Stdio::null());
    command
}

/// The name of the test that a closure was written in.
fn test_name<F>() -> String {
    let path = type_name::<F>().trim_end_matches("::{{closure}}");
    let (_crate, name) = path.split_once("::").expect("a path within the crate");
    name.to_owned()
}
