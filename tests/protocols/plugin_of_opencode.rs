//! The plugin itself, as JavaScript: the stand-in has one of its own.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};

use crate::common::{Stage, skipped};

const PLUGIN: &str = include_str!("../../src/provider/acp/profile/opencode/guard.js");

/// Loads it, has it ask about a call, and says whether that may run.
const CALL: &str = r#"
const hooks = await HotplexGuard({ directory: "/w", worktree: "/w" })
const call = hooks["tool.execute.before"]({ tool: "bash", sessionID: "s", callID: "c" }, { args: { command: "ls" } })
console.log(await call.then(() => "runs", (error) => error.message))
process.exit(0)
"#;

/// A socket's address holds 107 bytes, and a state directory may lie anywhere.
#[test]
fn it_asks_wherever_the_socket_lies() {
    if Command::new("node").arg("--version").output().is_err() {
        return skipped::skip("there is no node to run the plugin of OpenCode in");
    }
    let stage = Stage::new();
    for depth in [0, 200] {
        let directory = stage.path(&"d".repeat(depth));
        fs::create_dir_all(&directory).expect("a directory");
        let held = fs::File::open(&directory).expect("it is there");
        let short = format!("/proc/self/fd/{}/hooks", held.as_raw_fd());
        let listener = UnixListener::bind(short).expect("a socket");
        let engine = std::thread::spawn(move || {
            let answers = [r#"{"allow":true}"#, r#"{"allow":true}"#];
            answers.map(|answer| {
                let (mut stream, _) = listener.accept().expect("the plugin asks");
                let mut line = String::new();
                let _ = BufReader::new(&stream).read_line(&mut line);
                let _ = writeln!(stream, "{answer}");
                line
            })
        });
        let socket = serde_json::json!(directory.join("hooks"));
        let source = format!("const SOCKET = {socket}\nconst SECRET = \"pw\"\n{PLUGIN}{CALL}");
        let program = directory.join("guard.mjs");
        fs::write(&program, source).expect("a file");
        let ran = Command::new("node")
            .arg(program)
            .stdin(Stdio::null())
            .output()
            .expect("node");
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        assert_eq!(said, "runs\n", "{}", String::from_utf8_lossy(&ran.stderr));
        let [greeting, call] = engine.join().expect("it was asked twice");
        assert!(greeting.contains("\"hello\":\"/w\""), "{greeting}");
        assert!(call.contains("\"command\":\"ls\""), "{call}");
    }
}
