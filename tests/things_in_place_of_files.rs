//! A pipe or a device that stands where a file should be: nothing waits for it, and nothing is read that
//! has no end.

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::thread;

use common::{PATIENCE, Stage};
use hotplex::{EngineBuilder, ErrorKind, GuardConfig};

fn make_pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.is_ok_and(|status| status.success()));
}

/// The two that are never read to their end.
const OBSTACLES: [fn(&Path); 2] = [make_pipe, |path| {
    symlink("/dev/zero", path).expect("a link");
}];

/// Fails if the body takes longer than anything may: a thread that waits for a pipe waits for ever.
fn in_time(body: impl FnOnce() + Send + 'static) {
    let (done, ended) = mpsc::channel();
    let thread = thread::spawn(move || {
        body();
        let _ = done.send(());
    });
    if ended.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
        panic!("it waits");
    }
    thread.join().expect("it holds");
}

fn with_rules(builder: EngineBuilder, file: PathBuf) -> EngineBuilder {
    builder.guard(GuardConfig {
        rules_file: Some(file),
        ..GuardConfig::default()
    })
}

#[test]
fn rules_are_read_from_a_file_and_from_nothing_else() {
    in_time(|| {
        for obstacle in OBSTACLES {
            let stage = Stage::new();
            let rules = stage.path("rules");
            obstacle(&rules);
            let opened = with_rules(stage.builder(), rules).open();
            let refused = opened.map(drop).expect_err("no rules");
            assert_eq!(refused.kind(), ErrorKind::InvalidArgument, "{refused}");
            assert!(
                refused.message().contains("is no regular file"),
                "{refused}"
            );
        }
    });
}

/// The files of the state directory, once each was written.
fn kept(stage: &Stage, part: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(stage.path("state").join(part)).into_iter();
    let entries = entries.flatten().flatten().map(|entry| entry.path());
    entries.collect()
}

#[test]
fn a_record_and_a_lock_that_are_no_files_cost_no_turn() {
    in_time(|| {
        for obstacle in OBSTACLES {
            let stage = Stage::new();
            let engine = stage.builder_with_store().open().expect("an engine");
            stage.play(&engine, "a", "history").assert_completed();
            let lock = kept(&stage, "locks").pop().expect("it is held");
            drop(engine);
            let record = kept(&stage, "sessions").pop().expect("it was written");
            fs::remove_file(&record).expect("removed");
            obstacle(&record);
            assert!(!lock.exists());
            obstacle(&lock);
            let abandoned = stage.path("state/prompts");
            fs::create_dir_all(&abandoned).expect("a directory");
            obstacle(&abandoned.join("left.md"));
            let engine = stage.builder_with_store().open().expect("an engine");
            stage.play(&engine, "a", "history").assert_completed();
        }
    });
}
