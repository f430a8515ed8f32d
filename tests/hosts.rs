//! Hosts in places of their own: what an engine is opened in, and what becomes of the host afterwards.

mod common;
#[path = "common/processes.rs"]
mod processes;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use common::skipped::skip;
use common::{PATIENCE, Stage, finish, until};
use hotplex::{ErrorKind, Request};
use processes::{Host, alone_below, await_pid, is_alone, lives, say, stays};

/// True if such a namespace can be had.
fn may(command: &[&str]) -> bool {
    let trial = Command::new(command[0])
        .args(&command[1..])
        .arg("true")
        .output();
    let allowed = trial.is_ok_and(|trial| trial.status.success());
    if !allowed {
        skip(&format!("{} is not allowed here", command.join(" ")));
    }
    allowed
}

/// Runs the body in such a namespace, if it can be had. In there it may be that no other can.
fn alone_in<F: FnOnce()>(command: &[&str], body: F) {
    if is_alone() || may(command) {
        alone_below(command, body);
    }
}

const OTHERS_PROC: [&str; 5] = ["unshare", "--user", "--map-root-user", "--pid", "--fork"];

/// Its numbers are those of other processes: what is swept by them are strangers.
#[test]
fn a_proc_of_other_process_numbers_is_refused() {
    alone_in(&OTHERS_PROC, || {
        let refused = Stage::new()
            .builder()
            .open()
            .map(drop)
            .expect_err("refused");
        assert_eq!(refused.kind(), ErrorKind::SpawnFailed, "{refused}");
        assert!(refused.message().contains("another namespace"), "{refused}");
    });
}

const NO_PROC: [&str; 8] = [
    "unshare",
    "--user",
    "--map-root-user",
    "--mount",
    "sh",
    "-c",
    "umount -l /proc 2>/dev/null || mount -t tmpfs none /proc; exec \"$@\"",
    "sh",
];

#[test]
fn without_a_proc_an_engine_says_so() {
    alone_in(&NO_PROC, || {
        let refused = hotplex::Engine::builder()
            .program("/bin/sh")
            .state_dir(concat!(env!("CARGO_TARGET_TMPDIR"), "/without-proc").into())
            .open()
            .map(drop)
            .expect_err("refused");
        assert_eq!(refused.kind(), ErrorKind::SpawnFailed, "{refused}");
        assert!(refused.message().contains("not mounted"), "{refused}");
    });
}

const BARE_PROC: [&str; 10] = [
    "unshare",
    "--user",
    "--map-root-user",
    "--mount",
    "--pid",
    "--fork",
    "sh",
    "-c",
    "mount -t proc -o hidepid=ptraceable,subset=pid,gid=65534 proc /proc && exec \"$@\"",
    "sh",
];

/// As systemd's `ProtectProc` and `ProcSubset` leave it.
#[test]
fn a_proc_that_shows_nothing_but_ones_own_processes_will_do() {
    alone_in(&BARE_PROC, || {
        let stage = Stage::new();
        let builder = stage.builder().permission_mode("bypassPermissions");
        let engine = builder.open().expect("an engine");
        let file = stage.path("pid");
        let tool = format!("!setsid {}", stays(&file));
        finish(stage.execute(&engine, "a", &tool)).assert_completed();
        let tool = await_pid(&file);
        engine.close(Duration::from_secs(2)).expect("closed");
        assert!(!lives(tool));
    });
}

/// Agents are told their directory in JSON.
#[test]
fn a_work_directory_that_is_no_text_is_refused() {
    let stage = Stage::new();
    let odd = stage.path("x").join(OsStr::from_bytes(b"w\xff"));
    let engine = stage.engine();
    let refused = engine.execute(Request::new("a", &odd, "hello")).map(drop);
    let refused = refused.expect_err("no agent could be told it");
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    let refused = stage
        .builder()
        .state_dir(odd)
        .open()
        .map(drop)
        .expect_err("refused");
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    assert!(refused.message().starts_with("state_dir"), "{refused}");
}

/// A server that is reloaded in place. The new program has the number of the old, and its children.
#[test]
fn a_host_that_becomes_another_program_leaves_no_agent() {
    let mut host = Host::start(|| {
        let stage = Stage::new();
        let builder = stage.builder().env("STAND_IN_IGNORE_EOF", "1");
        let engine = builder
            .permission_mode("bypassPermissions")
            .open()
            .expect("an engine");
        let file = stage.path("pid");
        let tool = format!("!setsid {}\n!text begun", stays(&file));
        finish(stage.execute(&engine, "a", &tool)).assert_completed();
        await_pid(&file);
        say(&stage.path("").display().to_string());
        let failed = Command::new("sh")
            .args(["-c", "exec cat >/dev/null"])
            .exec();
        panic!("{failed}");
    });
    let _remains = processes::Remains(host.hear().into());
    let brood = || -> Vec<_> { host.brood().into_iter().filter(|pid| lives(*pid)).collect() };
    assert!(until(PATIENCE, || brood().is_empty()), "{:?}", brood());
}
