//! The host owns its signals, and an agent starts with none of what the host did to its own.

mod common;
#[path = "common/processes.rs"]
mod processes;

use std::fs;
use std::process;
use std::time::Duration;

use common::{PATIENCE, Stage, until};
use processes::{alone, alone_below, children_of, field, lives, signal};

const DISPOSITIONS: [&str; 2] = ["SigCgt", "SigIgn"];

/// SIGPIPE is the 13th signal, SIGCHLD the 17th.
const PIPE: u64 = 1 << 12;
const CHILD: u64 = 1 << 16;

/// Every signal that can be blocked: not KILL, not STOP, and not those that the C library keeps for
/// itself (glibc 32 and 33, musl 34 too).
const ALL: u64 = !(1 << 8 | 1 << 18 | 1 << 31 | 1 << 32 | OF_MUSL);
const OF_MUSL: u64 = (cfg!(target_env = "musl") as u64) << 33;

#[test]
fn an_agent_starts_with_an_empty_mask_and_default_dispositions() {
    let host = [
        "env",
        "--ignore-signal=PIPE,USR1,HUP",
        "--block-signal=PIPE,USR2,TERM,INT,CHLD",
    ];
    alone_below(&host, || {
        assert_ne!(
            own_signals("SigBlk") & PIPE,
            0,
            "the host must block something"
        );
        let stage = Stage::new();
        let stand_in = env!("CARGO_BIN_EXE_stand-in-agent");
        let with_masks = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/agents/with_masks.sh");
        let builder = stage
            .builder()
            .program("/bin/sh")
            .program_args([with_masks]);
        let engine = builder.env("STAND_IN", stand_in).open().expect("an engine");
        let played = stage.play(&engine, "a", "!print-env STAND_IN_MASKS");
        let masks = played.answers().join("\n");
        for name in ["SigBlk:\t", "SigIgn:\t"] {
            let value = masks
                .split(name)
                .nth(1)
                .and_then(|rest| rest.lines().next());
            let value = value.and_then(|value| u64::from_str_radix(value, 16).ok());
            // What glibc keeps for itself cannot be set through it, and is nobody's business.
            assert_eq!(value.map(|value| value & ALL), Some(0), "{name}: {masks}");
        }
    });
}

#[test]
fn the_engine_installs_no_handler_and_ignores_nothing() {
    alone(|| {
        let before = DISPOSITIONS.map(own_signals);
        let stage = Stage::new();
        let engine = stage.engine();
        stage.echo(&engine, "a", "hello");
        stage.play(&engine, "a", "!die 1");
        assert_eq!(DISPOSITIONS.map(own_signals), before);
        drop(engine);
        assert_eq!(DISPOSITIONS.map(own_signals), before);
    });
}

#[test]
fn the_engines_threads_block_every_signal_and_the_hosts_threads_stay_as_they_are() {
    alone(|| {
        let before = own_signals("SigBlk");
        let stage = Stage::new();
        let engine = stage.engine();
        stage.echo(&engine, "a", "hello");
        let ours = ["hotplex-io", "hotplex-spawn", "hotplex-judge"].map(blocked_by_thread);
        assert_eq!(ours, [Some(ALL); 3]);
        assert_eq!(own_signals("SigBlk"), before);
    });
}

/// Such a host has its children reaped by the kernel, so nobody learns of their status.
#[test]
fn a_host_that_ignores_the_end_of_its_children_is_served_as_any_other() {
    alone_below(&["env", "--ignore-signal=CHLD"], || {
        assert_ne!(own_signals("SigIgn") & CHILD, 0);
        let stage = Stage::new();
        let engine = stage.engine();
        stage.echo(&engine, "a", "hello");
        let played = stage.play(&engine, "a", "!die 3");
        played.assert_outcome(hotplex::Outcome::Crashed);
        stage.echo(&engine, "a", "again");
        let agent = engine.sessions().expect("a list")[0].pid.expect("it lives");
        engine.stop_session("a", "test").expect("it is there");
        assert!(until(PATIENCE, || !lives(agent)));
        engine.close(Duration::from_secs(1)).expect("closed");
        assert!(children_of(process::id()).is_empty());
    });
}

/// What a supervisor of the host may do to all that is below it.
#[test]
fn an_agent_stopped_and_continued_goes_on_as_if_nothing_had_been() {
    let stage = Stage::new();
    let engine = stage.engine();
    stage.echo(&engine, "a", "hello");
    let agent = engine.sessions().expect("a list")[0].pid.expect("it lives");
    signal(agent, "STOP");
    let turn = stage.execute(&engine, "a", "through the stop");
    signal(agent, "CONT");
    assert_eq!(common::finish(turn).answers(), ["echo: through the stop"]);
}

fn own_signals(name: &str) -> u64 {
    signals("/proc/thread-self/status", name)
}

fn signals(path: &str, name: &str) -> u64 {
    u64::from_str_radix(&field(path, name), 16).expect(name)
}

fn blocked_by_thread(name: &str) -> Option<u64> {
    let threads = fs::read_dir("/proc/self/task").expect("/proc");
    let paths = threads.flatten().map(|thread| thread.path());
    let mut named = paths.filter(|path| {
        let own = fs::read_to_string(path.join("comm")).unwrap_or_default();
        own.trim_end() == name
    });
    let status = named.next()?.join("status");
    Some(signals(&status.display().to_string(), "SigBlk"))
}
