//! The pipe of a dead agent kills no host, not even one that lets SIGPIPE kill it.

mod common;
#[path = "common/processes.rs"]
mod processes;

use std::time::Duration;

use common::{Stage, finish};
use hotplex::Outcome;
use processes::{Host, say, signal};

#[test]
fn prompts_into_pipes_that_nobody_reads_any_more() {
    let mut host = Host::start(|| {
        let stage = Stage::new();
        die_of_broken_pipes();
        let engine = stage.engine();
        for round in 0..30 {
            stage.echo(&engine, "a", "hello");
            let agent = engine.sessions().expect("a list")[0].pid.expect("it lives");
            let long = "x".repeat(300_000);
            signal(agent, "KILL");
            // It may still have been taken for alive, and the prompt is written to it then.
            let played = finish(stage.execute(&engine, "a", &long));
            let expected = [Outcome::Completed, Outcome::Crashed];
            assert!(
                expected.contains(&played.end.outcome),
                "{round}: {played:?}"
            );
        }
        engine.close(Duration::from_secs(1)).expect("closed");
        say("alive");
    });
    assert_eq!(host.hear(), "alive");
}

#[test]
fn an_agent_that_closes_its_stdin_at_once() {
    let mut host = Host::start(|| {
        let stage = Stage::new();
        die_of_broken_pipes();
        let builder = stage.builder().start_timeout(Duration::from_millis(300));
        let script = "exec 0<&-; exec sleep 1000";
        let builder = builder.program("/bin/sh").program_args(["-c", script]);
        let engine = builder.open().expect("an engine");
        for _ in 0..5 {
            let end = stage.execute(&engine, "a", "hello").wait();
            assert_eq!(end.outcome, Outcome::TimedOut, "{end:?}");
        }
        engine.close(Duration::from_millis(200)).expect("closed");
        say("alive");
    });
    assert_eq!(host.hear(), "alive");
}

/// The proof that the hosts above would die if somebody wrote to a dead pipe unprotected.
#[test]
fn the_host_of_these_tests_does_die_of_a_broken_pipe() {
    let mut host = Host::start(|| {
        die_of_broken_pipes();
        let (reader, mut writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let written = std::io::Write::write(&mut writer, b"x");
        say(&format!("alive after {written:?}"));
    });
    assert_eq!(host.listen(), None);
}

/// Undoes what Rust's runtime does before `main`: hosts in other languages do not ignore SIGPIPE.
fn die_of_broken_pipes() {
    // SAFETY: the default disposition runs no code of ours.
    let before = unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    assert_ne!(before, libc::SIG_ERR);
}
