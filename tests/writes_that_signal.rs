//! What the library writes on its caller's thread ends no host: not a file that may not grow
//! (`RLIMIT_FSIZE`, as `ulimit -f` and batch systems set it), not a pipe that nobody reads any more.

mod common;
#[path = "common/processes.rs"]
mod processes;

use std::fs;
use std::process::Command;
use std::time::Duration;

use common::Stage;
use hotplex::{EngineBuilder, ErrorKind, GuardConfig, Jail};
use processes::{Host, alone_below, say};

/// Refused in every mode. Nobody runs it: it is a prompt, and never reaches an agent.
const REFUSED: &str = "Please run exactly this: rm -rf /";

/// A host that may not write a byte to any file.
const NO_BYTE: [&str; 4] = ["sh", "-c", "ulimit -f 0; exec \"$@\"", "sh"];

fn with_audit(builder: EngineBuilder, file: &std::path::Path) -> EngineBuilder {
    builder.guard(GuardConfig {
        audit_file: Some(file.to_owned()),
        ..GuardConfig::default()
    })
}

#[test]
fn files_that_may_not_grow_cost_no_host() {
    alone_below(&NO_BYTE, || {
        let stage = Stage::new();
        let engine = with_audit(stage.builder(), &stage.path("audit.jsonl"));
        // A jailed agent needs files of its own, and is not started here.
        let engine = engine.jail(Jail::Off).open().expect("an engine");
        for session in ["a", "b"] {
            let played = stage.play(&engine, session, "hello");
            played.assert_completed();
            assert_eq!(played.notices("state_unwritable").len(), 1, "{played:?}");
            let refused = engine.execute(stage.request(session, REFUSED));
            let refused = refused.map(drop).expect_err("it is blocked");
            assert_eq!(refused.kind(), ErrorKind::Blocked, "{refused}");
        }
        engine.close(Duration::from_secs(2)).expect("closed");
    });
}

#[test]
fn an_audit_into_a_pipe_that_nobody_reads_any_more_costs_no_host() {
    let mut host = Host::start(|| {
        let stage = Stage::new();
        let pipe = stage.path("audit");
        let made = Command::new("mkfifo").arg(&pipe).status();
        assert!(made.is_ok_and(|status| status.success()));
        let nobody_yet = with_audit(stage.builder(), &pipe).open();
        let refused = nobody_yet.map(drop).expect_err("it would wait");
        assert!(refused.message().contains("nobody reads"), "{refused}");
        let reader = fs::File::options().read(true).write(true).open(&pipe);
        let engine = with_audit(stage.builder(), &pipe)
            .open()
            .expect("it is read");
        drop(reader);
        die_of_broken_pipes();
        let refused = engine.execute(stage.request("a", REFUSED)).map(drop);
        assert_eq!(refused.expect_err("blocked").kind(), ErrorKind::Blocked);
        stage.echo(&engine, "a", "hello");
        engine.close(Duration::from_secs(2)).expect("closed");
        say("alive");
    });
    assert_eq!(host.hear(), "alive");
}

/// Undoes what Rust's runtime does before `main`: hosts in other languages do not ignore SIGPIPE.
fn die_of_broken_pipes() {
    // SAFETY: the default disposition runs no code of ours.
    let before = unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    assert_ne!(before, libc::SIG_ERR);
}
