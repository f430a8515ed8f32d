//! A daemon of its own for each test, over the stand-in agent, on a port that the system chooses.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

/// Beyond this something hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The stand-in agent. Cargo builds no program of another package for a test, so it is asked to, unless
/// `HOTPLEX_TEST_BUILT` says where all was built before; it has let go of the target directory when
/// tests run.
fn stand_in() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let before = std::env::var_os("HOTPLEX_TEST_BUILT").filter(|_| cfg!(debug_assertions));
        if let Some(built) = before {
            return Path::new(&built).join("stand-in-agent");
        }
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .parent()
            .expect("the target directory");
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .nth(2)
            .expect("the root");
        // Benches are built with optimisation, and take an agent that is too.
        let optimised = !cfg!(debug_assertions);
        let mut cargo = Command::new(env!("CARGO"));
        let wanted = [
            "build",
            "--quiet",
            "-p",
            "hotplex",
            "--bin",
            "stand-in-agent",
        ];
        cargo.args(wanted).args(optimised.then_some("--release"));
        let built = cargo
            .arg("--target-dir")
            .arg(target)
            .current_dir(root)
            .status()
            .expect("cargo runs");
        assert!(built.success(), "the stand-in agent is built");
        let profile = if optimised { "release" } else { "debug" };
        target.join(profile).join("stand-in-agent")
    })
}

/// Options for the real agent, if a scenario of it is played: see real.rs.
fn real_agent() -> Option<Value> {
    let options = std::env::var("HOTPLEX_REAL_OPTIONS").ok()?;
    Some(serde_json::from_str(&options).expect("JSON"))
}

/// Directories of one test.
pub(crate) struct Stage {
    pub(crate) root: PathBuf,
}

impl Stage {
    pub(crate) fn new(name: &str) -> Stage {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let own = format!("{name}-{}-{number}", std::process::id());
        // With the real agent where its scenario wants it to work.
        let place = std::env::var("HOTPLEX_REAL_WORK_DIR");
        let place = place.unwrap_or_else(|_| env!("CARGO_TARGET_TMPDIR").to_owned());
        let root = Path::new(&place).join(own);
        fs::create_dir_all(root.join("work")).expect("a directory");
        for name in ["store", "home"] {
            fs::create_dir_all(root.join(name)).expect("a directory");
        }
        let root = root.canonicalize().expect("the directory");
        Stage { root }
    }

    pub(crate) fn work(&self) -> String {
        self.root.join("work").display().to_string()
    }

    pub(crate) fn token(&self) -> String {
        let text = fs::read_to_string(self.root.join("token")).expect("the token");
        text.trim().to_owned()
    }

    /// Options of the engine; `more` on top.
    pub(crate) fn engine(&self, more: &Value) -> String {
        let mut options = real_agent().unwrap_or_else(|| {
            json!({
                "program": stand_in(),
                "jail_roots": [self.root],
                "kill_grace_ms": 2000,
                "env": {"STAND_IN_STORE": self.root.join("store")},
            })
        });
        options["state_dir"] = json!(self.root.join("state"));
        let (Some(options), Some(more)) = (options.as_object_mut(), more.as_object()) else {
            panic!("objects");
        };
        options.extend(more.clone());
        Value::Object(options.clone()).to_string()
    }

    /// The program with the environment of this test: its daemon is found, and no other.
    pub(crate) fn hotplexd(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hotplexd"));
        command.args(arguments).stdin(Stdio::null());
        self.surround(&mut command);
        command
    }

    /// The directory and the variables of this test.
    pub(crate) fn surround(&self, command: &mut Command) {
        let others = [
            "PORT",
            "IDLE_TIMEOUT",
            "HOTPLEXD_URL",
            "HOTPLEXD_TOKEN_FILE",
        ];
        for name in others {
            command.env_remove(name);
        }
        command
            .current_dir(self.work())
            // Not above the work directory: what agents leave there would be taken for the project's.
            .env("HOME", self.root.join("home"))
            .env("XDG_STATE_HOME", self.root.join("state"));
    }

    /// A daemon without a token.
    pub(crate) fn open(&self) -> Daemon {
        self.serve(&["--no-token"], &json!({}))
    }

    pub(crate) fn serve(&self, flags: &[&str], engine: &Value) -> Daemon {
        Daemon::start(self, flags, engine)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // What is left is of no use to anybody.
            let _ = fs::remove_dir_all(&self.root);
        }
    }
}

/// A running daemon. Dropped, it is told to end and waited for.
pub(crate) struct Daemon {
    child: Child,
    pub(crate) port: u16,
    pub(crate) log: PathBuf,
}

impl Daemon {
    fn start(stage: &Stage, flags: &[&str], engine: &Value) -> Daemon {
        let listening = [&["--listen", "127.0.0.1:0"], flags].concat();
        let mut command = Command::new(env!("CARGO_BIN_EXE_hotplexd"));
        Daemon::run(stage, command.stdin(Stdio::null()), &listening, engine)
    }

    /// A daemon that this command runs, which takes the flags that are added.
    pub(crate) fn run(
        stage: &Stage,
        command: &mut Command,
        flags: &[&str],
        engine: &Value,
    ) -> Daemon {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let log = stage.root.join(format!("log-{number}"));
        command
            .args(["serve", "--work-root"])
            .arg(stage.work())
            .args(["--engine-options", &stage.engine(engine)])
            .args(flags)
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&log).expect("a file"));
        if !flags.contains(&"--log-level") {
            command.args(["--log-level", "debug"]);
        }
        stage.surround(command);
        command.current_dir(&stage.root);
        if !flags.contains(&"--no-token") {
            command.arg("--token-file").arg(stage.root.join("token"));
        }
        let mut child = command.spawn().expect("the daemon starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("its output");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let said = || fs::read_to_string(&log).unwrap_or_default();
        let port = match line.trim_end().strip_prefix("unix:") {
            // None.
            Some(_) => Some(0),
            None => line
                .split_once("://127.0.0.1:")
                .and_then(|(_, rest)| rest.split('/').next()?.parse().ok()),
        };
        let port = port.unwrap_or_else(|| panic!("{line:?} {}", said()));
        Daemon { child, port, log }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("a signal");
    }

    /// Waits for its end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a status") {
                return status;
            }
            assert!(begin.elapsed() < PATIENCE, "the daemon does not end");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Memory that is resident for it, in bytes.
    pub(crate) fn resident(&self) -> u64 {
        let text = fs::read_to_string(format!("/proc/{}/statm", self.pid())).expect("statm");
        let pages: u64 = text
            .split(' ')
            .nth(1)
            .and_then(|pages| pages.parse().ok())
            .expect("pages");
        pages * 4096
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).expect("the log")
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            self.signal(Signal::TERM);
            if !std::thread::panicking() {
                self.ended();
                return;
            }
            std::thread::sleep(Duration::from_secs(1));
            // It may have ended meanwhile.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Waits until it is seen.
pub(crate) fn until(what: &str, mut seen: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !seen() {
        assert!(begin.elapsed() < PATIENCE, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// True while there is a process of this number that has not ended.
pub(crate) fn lives(pid: u64) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat
        .rsplit_once(") ")
        .map(|(_, rest)| rest.starts_with('Z'));
    state == Some(false)
}
