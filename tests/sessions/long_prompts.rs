//! A system prompt that is too long for an argument goes by a file, which is private and goes with
//! the engine.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::common::{PATIENCE, Stage, pid, until};
use crate::processes::{Host, Remains, alone_below, say, stay_to_be_killed};
use hotplex::{Engine, EngineBuilder, Jail};

fn builder(stage: &Stage, length: usize) -> EngineBuilder {
    stage.builder().base_system_prompt("x".repeat(length))
}

/// The file that a session's agent is pointed to, if it is.
fn file_of(engine: &Engine, session: &str) -> Option<PathBuf> {
    let words = fs::read(format!("/proc/{}/cmdline", pid(engine, session))).expect("/proc");
    let words = String::from_utf8(words).expect("the stage has a plain name");
    let mut words = words.split('\0');
    words.find(|word| *word == "--append-system-prompt-file")?;
    words.next().map(PathBuf::from)
}

fn files_in(stage_or_state: &Path) -> usize {
    fs::read_dir(stage_or_state.join("prompts")).map_or(0, Iterator::count)
}

#[test]
fn every_length_reaches_the_agent() {
    let stage = Stage::new();
    for (length, by_file) in [
        (0, false),
        (1000, false),
        (131_008, false),
        (131_009, true),
        (200_000, true),
        (3_000_000, true),
    ] {
        let engine = builder(&stage, length).open().expect("an engine");
        stage.echo(&engine, "a", "hello");
        let file = file_of(&engine, "a");
        assert_eq!(file.is_some(), by_file, "{length}");
        if let Some(file) = file {
            let text = fs::read_to_string(file).expect("it is there");
            assert_eq!(text, "x".repeat(length));
        }
    }
}

#[test]
fn the_file_is_private_one_for_all_and_goes_with_the_engine() {
    let stage = Stage::new();
    let state = stage.path("state");
    let engine = builder(&stage, 200_000).open().expect("an engine");
    for session in ["a", "b", "c"] {
        stage.echo(&engine, session, "hello");
        assert_eq!(file_of(&engine, session), file_of(&engine, "a"));
    }
    assert_eq!(files_in(&state), 1);
    let file = file_of(&engine, "a").expect("a file");
    for (path, expected) in [(state.join("prompts"), 0o700), (file, 0o600)] {
        let mode = fs::metadata(&path).expect("it is there").mode();
        assert_eq!(mode & 0o7777, expected, "{}", path.display());
    }
    // Another engine does not take it for something left behind.
    let other = builder(&stage, 300_000).open().expect("an engine");
    stage.echo(&other, "d", "hello");
    assert_eq!(files_in(&state), 2);
    engine.stop_session("a", "test").expect("it is there");
    stage.echo(&engine, "a", "hello");
    engine
        .close(std::time::Duration::from_secs(1))
        .expect("closed");
    // The handle is still there; what the engine had is not.
    assert_eq!(files_in(&state), 1);
    drop(other);
    assert_eq!(files_in(&state), 0);
}

#[test]
fn it_can_be_read_in_every_jail() {
    let stage = Stage::new();
    for jail in [Jail::Off, Jail::Write, Jail::Strict] {
        let mut options = builder(&stage, 200_000).options().clone();
        options.jail = Some(jail);
        if jail == Jail::Off {
            options.jail_roots.clear();
        } else {
            options.jail_roots = vec![stage.home()];
        }
        let engine = match options.open() {
            Ok(engine) => engine,
            Err(error) => {
                assert!(error.message().contains("jail"), "{error}");
                crate::common::skipped::skip("this kernel has no Landlock");
                return;
            }
        };
        stage.echo(&engine, "a", "hello");
        assert!(file_of(&engine, "a").is_some());
    }
}

/// The bound for all arguments and variables together is lower where the stack may not grow.
#[test]
fn a_short_prompt_goes_by_a_file_where_arguments_have_no_room() {
    alone_below(&["sh", "-c", "ulimit -s 256; exec \"$@\"", "sh"], || {
        let stage = Stage::new();
        let engine = builder(&stage, 60_000).env("OTHER", "o".repeat(60_000));
        let engine = engine.open().expect("an engine");
        stage.echo(&engine, "a", "hello");
        assert!(file_of(&engine, "a").is_some());
    });
}

#[test]
fn what_a_killed_host_left_goes_when_the_next_engine_opens() {
    let mut host = Host::start(|| {
        let stage = Stage::new();
        let engine = builder(&stage, 200_000).open().expect("an engine");
        stage.echo(&engine, "a", "hello");
        say("ready");
        stay_to_be_killed(&stage);
    });
    assert_eq!(host.hear(), "ready");
    let directory = PathBuf::from(host.hear());
    let _remains = Remains(directory.clone());
    let state = directory.join("state");
    let stage = Stage::new();
    let open = || {
        let builder = stage.builder().state_dir(state.clone());
        drop(builder.open().expect("an engine"));
    };
    open();
    assert_eq!(files_in(&state), 1, "its host lives");
    host.kill();
    assert!(until(PATIENCE, || host.brood().is_empty()));
    open();
    assert_eq!(files_in(&state), 0);
}

#[test]
fn one_that_cannot_be_written_fails_the_turn_with_the_reason() {
    let stage = Stage::new();
    let engine = builder(&stage, 200_000).open().expect("an engine");
    fs::create_dir_all(stage.path("state")).expect("a directory");
    fs::write(stage.path("state/prompts"), "a file").expect("a file");
    let played = stage.play(&engine, "a", "hello");
    assert!(played.error().contains("200000 bytes"), "{played:?}");
    fs::remove_file(stage.path("state/prompts")).expect("the file");
    stage.echo(&engine, "a", "hello");
}
