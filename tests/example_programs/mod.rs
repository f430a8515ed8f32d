//! An example as a user meets it: a program with a keyboard and a screen.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::Once;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Instant;

use crate::common::{PATIENCE, Stage, processes, until};

/// What every process below an example carries, beside the number of the test's stage.
const MARK_VARIABLE: &str = "HOTPLEX_EXAMPLE_TEST";

/// The directory of the examples. They are built here, since `cargo test --test examples` alone leaves
/// old ones in place; whoever has built all before says where by `HOTPLEX_TEST_BUILT`.
fn examples() -> PathBuf {
    static BUILD: Once = Once::new();
    if let Some(built) = std::env::var_os("HOTPLEX_TEST_BUILT") {
        return Path::new(&built).join("examples");
    }
    let profile = profile_directory();
    BUILD.call_once(|| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--locked", "--examples"]);
        cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
        cargo.env(
            "CARGO_TARGET_DIR",
            profile.parent().expect("the target directory"),
        );
        if profile.ends_with("release") {
            cargo.arg("--release");
        }
        assert!(
            cargo.status().expect("cargo runs").success(),
            "the examples build"
        );
    });
    profile.join("examples")
}

fn profile_directory() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_stand-in-agent"));
    program
        .parent()
        .expect("a program is in a directory")
        .to_owned()
}

/// A running example.
pub(crate) struct Example {
    child: Child,
    keyboard: Option<ChildStdin>,
    pieces: Receiver<Vec<u8>>,
    screen: String,
    /// How much of the screen [`Example::see`] has passed.
    seen: usize,
    mark: String,
}

impl Example {
    /// Starts it in a scratch directory, with `path` in front of everything that is on `PATH`.
    pub(crate) fn start(stage: &Stage, name: &str, arguments: &[&str], path: &[&Path]) -> Example {
        let mark = stage.path("mark").display().to_string();
        fs::create_dir_all(stage.work_dir()).expect("a work directory");
        let mut child = Command::new(examples().join(name))
            .args(arguments)
            .current_dir(stage.work_dir())
            .env(MARK_VARIABLE, &mark)
            .env("HOME", stage.home())
            .env("XDG_STATE_HOME", stage.path("state"))
            .env("PATH", search_path(path))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the example starts");
        Example {
            keyboard: child.stdin.take(),
            pieces: read(child.stdout.take().expect("it was asked for")),
            child,
            screen: String::new(),
            seen: 0,
            mark,
        }
    }

    pub(crate) fn type_line(&mut self, line: &str) {
        let keyboard = self.keyboard.as_mut().expect("the input is open");
        writeln!(keyboard, "{line}").expect("the example reads");
    }

    /// Ends the input, as Ctrl-D does.
    pub(crate) fn hang_up(&mut self) {
        self.keyboard = None;
    }

    /// What Ctrl-C sends, to this one process.
    pub(crate) fn interrupt(&self) {
        crate::common::signal("INT", self.child.id());
    }

    /// Waits until the text stands on the screen, beyond what was seen before.
    pub(crate) fn see(&mut self, text: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.screen[self.seen..].find(text) {
                self.seen += at + text.len();
                return;
            }
            let left = end.saturating_duration_since(Instant::now());
            match self.pieces.recv_timeout(left) {
                Ok(piece) => self.screen.push_str(&String::from_utf8_lossy(&piece)),
                Err(RecvTimeoutError::Timeout) => panic!("{text:?} never came:\n{}", self.screen),
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("{text:?} is not in all it said:\n{}", self.screen)
                }
            }
        }
    }

    /// Waits for its end, proves that nothing is left of it, and gives all it said.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        let mut status = None;
        let ended = until(PATIENCE, || {
            status = self.child.try_wait().expect("it is ours");
            status.is_some()
        });
        assert!(ended, "it does not end:\n{}", self.screen);
        let gone = until(PATIENCE, || self.living().is_empty());
        assert!(gone, "processes are left: {:?}", self.living());
        while let Ok(piece) = self.pieces.recv() {
            self.screen.push_str(&String::from_utf8_lossy(&piece));
        }
        (
            status.expect("it has ended"),
            std::mem::take(&mut self.screen),
        )
    }

    fn living(&self) -> Vec<u32> {
        let carries = |pid: &u32| {
            let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            let wanted = format!("{MARK_VARIABLE}={}", self.mark);
            environment
                .split(|byte| *byte == 0)
                .any(|variable| variable == wanted.as_bytes())
        };
        processes().filter(carries).collect()
    }
}

impl Drop for Example {
    /// A test that failed half-way must not leave its example to the next one.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Each piece of output as it comes; the screen belongs to the test's own thread.
fn read(mut output: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, pieces) = channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = output.read(&mut buffer) {
            if sender.send(buffer[..length].to_vec()).is_err() {
                break;
            }
        }
    });
    pieces
}

/// Only the system's directories behind the test's own: a `claude` of the developer's must not
/// decide what a test sees.
fn search_path(first: &[&Path]) -> String {
    let first = first.iter().map(|path| path.display().to_string());
    let system = ["/usr/bin", "/bin"].map(str::to_owned);
    first.chain(system).collect::<Vec<_>>().join(":")
}

/// A directory with a `claude` in it: a shell script of these lines.
pub(crate) fn claude(stage: &Stage, script: &str) -> PathBuf {
    let directory = stage.path("bin");
    fs::create_dir_all(&directory).expect("a directory for programs");
    let program = directory.join("claude");
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("a program");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("its rights");
    directory
}
