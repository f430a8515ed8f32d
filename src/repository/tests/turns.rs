//! What is looked at again before each turn.

use std::cell::Cell;
use std::fs;
use std::time::{Duration, Instant};

use super::super::{Repositories, Watching};
use super::{CLEAN, Lay, Scene, fifo, hold, lay_submodule, link};

/// What is asked of it before each turn.
struct Turns {
    scene: Scene,
    repositories: Repositories,
    now: Cell<Instant>,
}

impl Turns {
    fn new() -> Turns {
        Turns {
            scene: Scene::new(),
            repositories: Repositories::new(hold),
            now: Cell::new(Instant::now()),
        }
    }

    fn start(&self) -> Watching {
        let (work, home) = (self.scene.work(), self.scene.0.join("home"));
        let watched = self.repositories.watch(&work, &work, Some(&home));
        watched.unwrap().1
    }

    fn number(&self) -> Option<u64> {
        self.number_after(Duration::from_millis(20))
    }

    /// For a turn that comes so long after the one before.
    fn number_after(&self, pause: Duration) -> Option<u64> {
        self.now.set(self.now.get() + pause);
        self.repositories.number(&self.scene.work(), self.now.get())
    }
}

/// A turn of a model takes longer, so each of its turns has a look of its own.
#[test]
fn turns_that_come_at_once_share_a_look_which_holds_no_longer() {
    let turns = Turns::new();
    let watching = turns.start();
    let started = Some(watching.number);
    assert_eq!(turns.number(), started);
    turns.scene.add("work/.git/config", CLEAN);
    assert_eq!(turns.number_after(Duration::from_millis(19)), started);
    assert_ne!(turns.number_after(Duration::from_millis(1)), started);
}

#[test]
fn what_is_named_after_the_start_is_seen_before_the_next_turn() {
    let changes: [(&str, Lay, bool); 15] = [
        (
            "a filter",
            |scene| scene.add("work/.git/config", CLEAN),
            true,
        ),
        (
            "a filter in a file that is included from now on",
            |scene| {
                scene.add("work/more", CLEAN);
                scene.add("work/.git/config", "[include]\npath = ../more\n");
            },
            true,
        ),
        (
            "a filter of one worktree",
            |scene| scene.add("work/.git/config.worktree", CLEAN),
            true,
        ),
        ("a submodule", lay_submodule, true),
        (
            "names of submodules",
            |scene| scene.write("work/.gitmodules", "[submodule \"a\"]"),
            true,
        ),
        (
            "a repository above",
            |scene| {
                scene.write(".git/HEAD", "ref: refs/heads/main\n");
                scene.add(".git/config", CLEAN);
            },
            true,
        ),
        (
            "a file in the place of the directory",
            |scene| {
                fs::rename(scene.work().join(".git"), scene.0.join("moved")).unwrap();
                scene.add("moved/config", CLEAN);
                scene.write("work/.git", "gitdir: ../moved");
            },
            true,
        ),
        (
            "what cannot be told",
            |scene| fifo(scene, "work/.git/config"),
            true,
        ),
        (
            "a pipe that is read for what to ignore",
            |scene| fifo(scene, "work/.gitignore"),
            true,
        ),
        (
            "a pipe in the repository",
            |scene| fifo(scene, "work/.git/info/exclude"),
            true,
        ),
        (
            "what to ignore",
            |scene| scene.write("work/.gitignore", "*.o\n"),
            false,
        ),
        (
            "nothing, as a device",
            |scene| link(scene, "work/.gitattributes", "/dev/null"),
            false,
        ),
        (
            "a name",
            |scene| scene.add("work/.git/config", "[user]\nname = n\n"),
            false,
        ),
        (
            "a commit",
            |scene| {
                scene.write("work/b.txt", "b\n");
                scene.must_git("work", &["add", "."]);
                scene.must_git("work", &["commit", "-qm", "y"]);
            },
            false,
        ),
        ("nothing", |_| {}, false),
    ];
    for (name, change, expected) in changes {
        let turns = Turns::new();
        let started = turns.start();
        assert_eq!(turns.number(), Some(started.number), "{name}");
        change(&turns.scene);
        let differs = turns.number() != Some(started.number);
        assert_eq!(differs, expected, "{name}");
        assert_eq!(
            turns.number() != Some(started.number),
            expected,
            "{name}, again"
        );
    }
}

#[test]
fn nothing_is_looked_at_where_no_process_runs() {
    let turns = Turns::new();
    let started = turns.start();
    let second = turns.start();
    drop(started);
    assert_eq!(turns.number(), Some(second.number));
    drop(second);
    assert_eq!(turns.number(), None);
}
