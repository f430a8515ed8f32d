//! Something is mounted over a work directory, or unmounted from it, under a live session. Whoever
//! looks at the path sees another directory then, and the next turn works in that one.

mod common;
#[path = "common/processes.rs"]
mod processes;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Played, Stage, await_answer, finish, pid};
use hotplex::{Engine, EventKind, Request};
use processes::{MOUNTS, alone_below, may_mount};

/// A session in a directory of its own, and others that can be mounted there.
struct Site {
    engine: Engine,
    work_dir: PathBuf,
    /// The last to go: it looks whether anything of the engine is left.
    stage: Stage,
}

impl Site {
    fn new() -> Site {
        let stage = Stage::new();
        let builder = stage.builder_with_store();
        let builder = builder.permission_mode("bypassPermissions");
        let engine = builder.open().expect("an engine");
        let work_dir = stage.path("above/work");
        let site = Site {
            engine,
            work_dir,
            stage,
        };
        for (directory, which) in [("above/work", "first"), ("other", "second")] {
            let directory = site.stage.path(directory);
            fs::create_dir_all(&directory).expect("a directory");
            fs::write(directory.join("which"), which).expect("a file");
        }
        site
    }

    fn request(&self, prompt: &str) -> Request {
        Request::new("a", &self.work_dir, prompt)
    }

    fn play(&self, prompt: &str) -> Played {
        let played = finish(self.engine.execute(self.request(prompt)).expect("accepted"));
        played.assert_completed();
        played
    }
}

fn mount(arguments: &[&str], place: &Path) {
    let mut command = Command::new("mount");
    let done = command.args(arguments).arg(place).status();
    assert!(done.is_ok_and(|status| status.success()), "{arguments:?}");
}

fn bind(from: &Path, over: &Path) {
    mount(&["--bind", from.to_str().expect("text")], over);
}

fn unmount(place: &Path) {
    let done = Command::new("umount").arg(place).status();
    assert!(done.is_ok_and(|status| status.success()));
}

fn output(played: &Played) -> String {
    let results = played.kinds().filter_map(|kind| match kind {
        EventKind::ToolResult(result) => Some(result.text.as_str()),
        _ => None,
    });
    results.collect()
}

const WHICH: &str = "!bash touch made; cat which 2>/dev/null || echo nothing";

/// Its name, what is done, and what the next turn finds; `None` if it is where it was.
type Change = (&'static str, fn(&Site), Option<&'static str>);

const CHANGES: [Change; 6] = [
    (
        "another directory of the same disk",
        |site| bind(&site.stage.path("other"), &site.work_dir),
        Some("second"),
    ),
    (
        "another file system",
        |site| mount(&["-t", "tmpfs", "tmpfs"], &site.work_dir),
        Some("nothing"),
    ),
    (
        "another file system above it",
        |site| mount(&["-t", "tmpfs", "tmpfs"], &site.stage.path("above")),
        Some("nothing"),
    ),
    (
        "first one and then another",
        |site| {
            mount(&["-t", "tmpfs", "tmpfs"], &site.work_dir);
            bind(&site.stage.path("other"), &site.work_dir);
        },
        Some("second"),
    ),
    (
        "the directory itself",
        |site| bind(&site.work_dir, &site.work_dir),
        None,
    ),
    (
        "another, and gone before the turn",
        |site| {
            bind(&site.stage.path("other"), &site.work_dir);
            unmount(&site.work_dir);
        },
        None,
    ),
];

#[test]
fn the_next_turn_works_in_what_the_path_shows() {
    if !may_mount() {
        return;
    }
    alone_below(&MOUNTS, || {
        for (name, change, expected) in CHANGES {
            let site = Site::new();
            assert!(output(&site.play(WHICH)).starts_with("first"));
            let agent = pid(&site.engine, "a");
            change(&site);
            let next = site.play(WHICH);
            let found = output(&next);
            assert!(
                found.starts_with(expected.unwrap_or("first")),
                "{name}: {found}"
            );
            let told = next.notices("work_dir_replaced").len();
            assert_eq!(told, usize::from(expected.is_some()), "{name}");
            assert_eq!(
                pid(&site.engine, "a") == agent,
                expected.is_none(),
                "{name}"
            );
            assert!(site.work_dir.join("made").exists(), "{name}");
            assert_eq!(site.play("history").answers(), ["history: 2"], "{name}");
        }
    });
}

/// What lay below comes to light again, and nothing was done to it meanwhile.
#[test]
fn when_it_is_unmounted_the_session_returns() {
    if !may_mount() {
        return;
    }
    alone_below(&MOUNTS, || {
        let site = Site::new();
        site.play("!bash true");
        bind(&site.stage.path("other"), &site.work_dir);
        assert!(output(&site.play(WHICH)).starts_with("second"));
        // The agent that works there keeps it busy; it is taken off the path at once all the same.
        let done = Command::new("umount")
            .arg("-l")
            .arg(&site.work_dir)
            .status();
        assert!(done.is_ok_and(|status| status.success()));
        assert!(!site.work_dir.join("made").exists());
        let back = site.play(WHICH);
        assert!(output(&back).starts_with("first"), "{back:?}");
        assert_eq!(back.notices("work_dir_replaced").len(), 1);
        assert!(site.work_dir.join("made").exists());
    });
}

#[test]
fn a_turn_that_waited_begins_in_what_was_mounted_meanwhile() {
    if !may_mount() {
        return;
    }
    alone_below(&MOUNTS, || {
        let site = Site::new();
        let first = site.request("!text begun\n!sleep 300\n!text done");
        let mut first = site.engine.execute(first).expect("accepted");
        await_answer(&mut first, "begun");
        let waiting = site.engine.execute(site.request(WHICH)).expect("accepted");
        bind(&site.stage.path("other"), &site.work_dir);
        let first = finish(first);
        first.assert_completed();
        assert!(first.notices("work_dir_replaced").is_empty());
        let second = finish(waiting);
        assert!(output(&second).starts_with("second"), "{second:?}");
        assert_eq!(second.notices("work_dir_replaced").len(), 1);
    });
}
