//! What the tests of the C interface share: the library as cargo builds it, a C compiler, and a
//! stage on which programs are run.

#![allow(
    dead_code,
    reason = "each test file is a program of its own and uses a part of this"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Carries the mark of a run in the environment of every process below it.
const MARK_VARIABLE: &str = "HOTPLEX_TEST";

/// Beyond this a program hangs.
const LONGEST_RUN: Duration = Duration::from_secs(240);

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).expect("the root").to_owned()
}

/// Where cargo put the library and the stand-in agent.
///
/// Cargo builds no cdylib for the tests of its package, so it is asked to. It has let go of the
/// target directory when tests run.
pub(crate) fn built() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        // Built before, perhaps for another C library: `make test`, `make test-musl`.
        if let Some(elsewhere) = std::env::var_os("HOTPLEX_TEST_BUILT") {
            return elsewhere.into();
        }
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
        let target = target.expect("the target directory");
        for what in [
            ["-p", "hotplex-capi", "--lib"].as_slice(),
            &["-p", "hotplex", "--bin", "stand-in-agent"],
        ] {
            let mut cargo = Command::new(env!("CARGO"));
            cargo.args(["build", "--quiet", "--target-dir"]).arg(target);
            done(cargo.args(what).current_dir(root()));
        }
        target.join("debug")
    })
}

/// A directory of this process, empty.
pub(crate) fn directory(name: &str) -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let own = format!("{name}-{}-{number}", std::process::id());
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(own);
    fs::create_dir_all(&directory).expect("a directory for the test");
    directory
}

/// Runs a command to its end, which must be a good one; what it wrote to stdout.
pub(crate) fn done(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", all_of(&output));
    String::from_utf8(output.stdout).expect("text")
}

pub(crate) fn all_of(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let (said, complained) = (text(&output.stdout), text(&output.stderr));
    format!("{}\n{said}\n{complained}", output.status)
}

/// The compiler of C, with the arguments that belong to it.
pub(crate) fn c_compiler() -> String {
    std::env::var("HOTPLEX_TEST_CC").unwrap_or_else(|_| "cc".to_owned())
}

/// Compiles against the headers and the library as they are built.
pub(crate) fn compile(compiler: &str, arguments: &[&str], sources: &[PathBuf], program: &Path) {
    let mut words = compiler.split_whitespace();
    let mut command = Command::new(words.next().expect("a compiler"));
    command.args(words);
    command.args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g"]);
    command
        .args(arguments)
        .arg("-I")
        .arg(root().join("include"));
    command.args(sources).arg("-o").arg(program);
    command.arg("-L").arg(built());
    done(command.args(["-lhotplex", "-lpthread"]));
}

/// A run of one program over the stand-in agent, in a directory of its own.
pub(crate) struct Stage {
    pub(crate) directory: PathBuf,
    mark: String,
}

impl Stage {
    pub(crate) fn new(name: &str) -> Stage {
        let directory = directory(name);
        let mark = directory.to_string_lossy().into_owned();
        Stage { directory, mark }
    }

    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env("LD_LIBRARY_PATH", built())
            .env("STAND_IN", built().join("stand-in-agent"))
            .env("STAGE", &self.directory)
            // Agents leave things at home, and are let do so by the jail.
            .env("HOME", self.directory.join("home"))
            .env("XDG_STATE_HOME", self.directory.join("state"))
            .env("VERSION", env!("CARGO_PKG_VERSION"))
            .env(MARK_VARIABLE, &self.mark)
            .stdin(Stdio::null());
        command
    }

    /// Runs it to its end. One that hangs is killed and fails the test.
    pub(crate) fn run(&self, command: &mut Command) -> Output {
        let log = |name| self.directory.join(name);
        let file = |name| fs::File::create(log(name)).expect("a file");
        command.stdout(file("stdout")).stderr(file("stderr"));
        let mut child = command.spawn().expect("the program starts");
        let mut status = None;
        let ended = until(LONGEST_RUN, || {
            status = child.try_wait().expect("it can be waited for");
            status.is_some()
        });
        if !ended {
            let _ = child.kill();
            let _ = child.wait();
        }
        let read = |name| fs::read(log(name)).unwrap_or_default();
        let status = status.unwrap_or_else(|| {
            let said = String::from_utf8_lossy(&read("stderr")).into_owned();
            panic!("{command:?} hangs:\n{said}")
        });
        Output {
            status,
            stdout: read("stdout"),
            stderr: read("stderr"),
        }
    }

    /// The processes that carry the mark.
    fn living(&self) -> Vec<u32> {
        let entry = format!("{MARK_VARIABLE}={}", self.mark);
        let processes = fs::read_dir("/proc").expect("/proc");
        let numbers = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let carries = |pid: &u32| {
            let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            let mut variables = environment.split(|byte| *byte == 0);
            variables.any(|variable| variable == entry.as_bytes())
        };
        numbers.filter(carries).collect()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let gone = until(Duration::from_secs(10), || self.living().is_empty());
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.directory);
            assert!(gone, "processes are left: {:?}", self.living());
        }
    }
}

/// Waits until it is so, at most this long; says whether it came to be.
pub(crate) fn until(limit: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    while !is_so() {
        if Instant::now() >= end {
            return false;
        }
        std::thread::park_timeout(Duration::from_millis(5));
    }
    true
}
