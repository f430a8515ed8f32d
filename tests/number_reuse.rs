//! A process number that was given to a stranger is never signalled, whatever is asked for.
//!
//! Needs a process-number namespace of its own, where numbers can be chosen.

mod common;
#[path = "common/processes.rs"]
mod processes;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use common::skipped::skip;
use common::{PATIENCE, Stage, until};
use hotplex::Engine;
use processes::{alone_below, await_pid, lives, signal, stays};

/// The shell is the first process there, which inherits orphans and reaps them.
const NAMESPACE: [&str; 10] = [
    "unshare",
    "--user",
    "--map-root-user",
    "--pid",
    "--fork",
    "--mount-proc",
    "sh",
    "-c",
    "\"$@\"; exit $?",
    "sh",
];

#[test]
fn a_stranger_with_the_number_of_a_dead_agent_lives_on() {
    if !namespaces_are_allowed() {
        return;
    }
    alone_below(&NAMESPACE, || {
        let stage = Stage::new();
        let engine = stage.engine();
        stage.echo(&engine, "a", "hello");
        let agent = kill_agent(&engine);
        let mut stranger = Stranger::with_number(agent);
        stage.echo(&engine, "a", "again");
        stranger.assert_lives();
        engine.stop_session("a", "test").expect("it is there");
        stranger.assert_lives();
        engine.close(Duration::from_secs(1)).expect("closed");
        stranger.assert_lives();
    });
}

#[test]
fn a_stranger_with_the_number_of_a_tool_lives_on() {
    if !namespaces_are_allowed() {
        return;
    }
    alone_below(&NAMESPACE, || {
        let stage = Stage::new();
        let engine = stage.engine();
        let file = stage.path("pid");
        let script = format!("!setsid {}", stays(&file));
        stage.play(&engine, "a", &script).assert_completed();
        let tool = await_pid(&file);
        let agent = kill_agent(&engine);
        assert!(
            until(PATIENCE, || !exists(tool)),
            "swept behind agent {agent}"
        );
        let mut stranger = Stranger::with_number(tool);
        engine.close(Duration::from_secs(1)).expect("closed");
        stranger.assert_lives();
    });
}

fn namespaces_are_allowed() -> bool {
    let [program, rest @ ..] = NAMESPACE;
    let tried = Command::new(program).args(rest).arg("true").output();
    let allowed = tried.is_ok_and(|tried| tried.status.success());
    if !allowed {
        skip("process-number namespaces are not allowed here");
    }
    allowed
}

/// Gives the number of the agent, which is free again.
fn kill_agent(engine: &Engine) -> u32 {
    let agent = engine.sessions().expect("a list")[0].pid.expect("it lives");
    signal(agent, "KILL");
    assert!(until(PATIENCE, || !exists(agent)), "it is not reaped");
    agent
}

/// Zombies still have their number.
fn exists(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

/// A process with a chosen number, that leads a group and answers as long as it lives.
struct Stranger(Child);

impl Stranger {
    fn with_number(wanted: u32) -> Stranger {
        let before = (wanted - 1).to_string();
        fs::write("/proc/sys/kernel/ns_last_pid", before).expect("the namespace is ours");
        let mut command = Command::new("cat");
        command.process_group(0).env_clear();
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let stranger = Stranger(command.spawn().expect("cat starts"));
        assert_eq!(stranger.0.id(), wanted, "the number was not given again");
        stranger
    }

    /// A process that was sent a KILL before it was written to cannot answer any more.
    fn assert_lives(&mut self) {
        let answered = self.echo();
        let as_ever = answered.as_ref().is_ok_and(|line| line == "still here\n");
        assert!(
            as_ever && lives(self.0.id()),
            "it was signalled: {answered:?}"
        );
    }

    fn echo(&mut self) -> std::io::Result<String> {
        let (input, output) = (self.0.stdin.as_mut(), self.0.stdout.as_mut());
        input.expect("piped").write_all(b"still here\n")?;
        let mut line = String::new();
        BufReader::new(output.expect("piped")).read_line(&mut line)?;
        Ok(line)
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
