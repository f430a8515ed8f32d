//! The clients below `examples/websocket`, each as its reader would start it.

use std::env;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::client::{Client, http};
use crate::daemon::{Daemon, Stage, until};
use crate::skipped::skip;

const TOOL: &str = "!tool Bash {\"command\":\"touch made\"}";

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/websocket")
}

/// One client: a program and what comes before the prompt.
struct Example {
    start: Vec<String>,
}

impl Example {
    fn new(start: &[&str]) -> Example {
        let start = start.iter().map(|&word| word.to_owned()).collect();
        Example { start }
    }

    fn script(interpreter: &[&str], name: &str) -> Example {
        let mut example = Example::new(interpreter);
        example
            .start
            .push(sources().join(name).display().to_string());
        example
    }

    fn command(&self, stage: &Stage, daemon: &Daemon, arguments: &[&str]) -> Command {
        // What a shell starts in the background inherits that SIGINT is ignored, and so would these.
        let mut command = Command::new("env");
        command
            .arg("--default-signal=INT")
            .args(&self.start)
            .args(arguments);
        stage.surround(&mut command);
        command
            .env("HOTPLEXD_URL", format!("http://127.0.0.1:{}", daemon.port))
            .env("HOTPLEXD_TOKEN_FILE", stage.root.join("token"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Exit code and what it wrote to stdout and stderr; `typed` is what it reads.
    fn run(&self, stage: &Stage, daemon: &Daemon, prompt: &str, typed: &str) -> (i32, [String; 2]) {
        let mut command = self.command(stage, daemon, &[prompt, "talk"]);
        let mut child = command.stdin(Stdio::piped()).spawn().expect("it starts");
        let mut input = child.stdin.take().expect("its input");
        // It may have ended without reading.
        let _ = input.write_all(typed.as_bytes());
        drop(input);
        ended(child)
    }

    fn keeps_what_it_promises(&self) {
        let stage = Stage::new("example");
        let daemon = stage.serve(&[], &json!({"permission_mode": "default"}));
        self.answers(&stage, &daemon);
        self.asks(&stage, &daemon);
        self.fails(&stage, &daemon);
        self.stops(&stage, &daemon);
    }

    fn answers(&self, stage: &Stage, daemon: &Daemon) {
        let table = [
            // The session goes on, in the directory where the client was started.
            ("hello", "echo: hello\n".to_owned()),
            ("history", "history: 1\n".to_owned()),
            ("!cwd", format!("{}\n", stage.work())),
            // An answer that came in pieces is written once, and gives the terminal no orders.
            ("!delta 3 0", "w0 w1 w2 \n".to_owned()),
            ("!text a\x1b[2J\u{202e}b", "a[2Jb\n".to_owned()),
        ];
        for (prompt, expected) in table {
            let (code, [out, err]) = self.run(stage, daemon, prompt, "");
            assert_eq!((code, out), (0, expected), "{prompt}: {err}");
        }
        // As long an answer as an agent may give.
        let (code, [out, err]) = self.run(stage, daemon, "!line 3000000", "");
        assert!(
            code == 0 && out.len() >= 3_000_000,
            "{code} {} {err}",
            out.len()
        );
    }

    fn asks(&self, stage: &Stage, daemon: &Daemon) {
        let mut watcher = watcher(stage, daemon);
        let table = [
            ("y\n", "allow"),
            ("n\n", "deny"),
            ("", "deny"),
            ("yes, no\n", "deny"),
        ];
        for (typed, decision) in table {
            let (code, [_, err]) = self.run(stage, daemon, TOOL, typed);
            assert!(code == 0 && err.contains("touch made"), "{code} {err}");
            let closed = watcher.until("approval_closed");
            assert_eq!(closed["data"]["decision"], decision, "{typed:?}: {err}");
        }
    }

    fn fails(&self, stage: &Stage, daemon: &Daemon) {
        let (code, [_, err]) = self.run(stage, daemon, "!text begun\n!die 3", "");
        assert!(code == 1 && err.contains("failed"), "{code} {err}");
        let mut usage = self.command(stage, daemon, &[]);
        let (code, [_, err]) = ended(usage.spawn().expect("it starts"));
        assert!(code == 2 && err.contains("usage"), "{code} {err}");
        let mut stranger = self.command(stage, daemon, &["hello"]);
        let token = stage.root.join("wrong-token");
        std::fs::write(&token, "wrong\n").expect("a file");
        let stranger = stranger.env("HOTPLEXD_TOKEN_FILE", token);
        let (code, [out, err]) = ended(stranger.spawn().expect("it starts"));
        assert!(
            code == 1 && out.is_empty() && !err.is_empty(),
            "{code} {out} {err}"
        );
    }

    /// What has come is written before the turn is over, and Ctrl-C ends the agent's process.
    fn stops(&self, stage: &Stage, daemon: &Daemon) {
        let mut command = self.command(stage, daemon, &["!delta 1 0\n!hang-soft", "talk"]);
        let mut child = command.spawn().expect("it starts");
        let mut out = child.stdout.take().expect("its output");
        assert_eq!(read(&mut out, 3), "w0 ");
        kill_process(Pid::from_child(&child), Signal::INT).expect("a signal");
        let (code, [_, err]) = ended(child);
        assert_eq!(code, 130, "{err}");
        until("the session has no process", || {
            let bearer = format!("Authorization: Bearer {}\r\n", stage.token());
            let path = "/api/v1/sessions/talk";
            let one = http(daemon, "GET", path, &bearer, None).json();
            one["pid"].is_null()
        });
    }
}

/// A client that sees what becomes of the questions.
fn watcher(stage: &Stage, daemon: &Daemon) -> Client {
    let bearer = format!("Bearer {}", stage.token());
    let headers = [
        ("authorization", bearer.as_str()),
        ("sec-websocket-protocol", "hotplex.v1"),
    ];
    let mut watcher = Client::with(daemon, &headers).expect("the upgrade");
    watcher.send(&json!({"type": "subscribe", "session_id": "talk"}));
    watcher.until("subscribed");
    watcher
}

fn read(out: &mut ChildStdout, bytes: usize) -> String {
    let mut text = vec![0; bytes];
    out.read_exact(&mut text).expect("its output");
    String::from_utf8(text).expect("text")
}

fn ended(child: Child) -> (i32, [String; 2]) {
    let output = child.wait_with_output().expect("it ends");
    let texts = [output.stdout, output.stderr];
    let texts = texts.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.code().unwrap_or(-1), texts)
}

/// What `make test-examples` has put in place for a language; it may have had no network.
fn named(variable: &str) -> Option<String> {
    let path = env::var(variable);
    let path = path.unwrap_or_else(|_| panic!("`make test-examples` sets {variable}"));
    if !Path::new(&path).exists() {
        skip("what the client is built with could not be had");
        return None;
    }
    Some(path)
}

#[test]
fn the_rust_client() {
    // Cargo builds it with the tests, unless one program of them is asked for alone.
    let built = Path::new(env!("CARGO_BIN_EXE_hotplexd")).with_file_name("examples/websocket");
    if !built.exists() {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args([
            "build",
            "--quiet",
            "-p",
            "hotplexd",
            "--example",
            "websocket",
        ]);
        assert!(cargo.status().expect("cargo runs").success());
    }
    Example::new(&[&built.display().to_string()]).keeps_what_it_promises();
}

#[test]
#[ignore = "`make test-examples` has what it takes"]
fn the_javascript_client() {
    Example::script(
        &["node", "--experimental-websocket", "--no-warnings"],
        "client.mjs",
    )
    .keeps_what_it_promises();
}

#[test]
#[ignore = "`make test-examples` has what it takes"]
fn the_python_client() {
    if let Some(python) = named("HOTPLEXD_EXAMPLE_PYTHON") {
        Example::script(&[&python], "client.py").keeps_what_it_promises();
    }
}

#[test]
#[ignore = "`make test-examples` has what it takes"]
fn the_go_client() {
    if let Some(program) = named("HOTPLEXD_EXAMPLE_GO") {
        Example::new(&[&program]).keeps_what_it_promises();
    }
}
