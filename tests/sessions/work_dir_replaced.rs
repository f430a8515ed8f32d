//! A work directory is what its path leads to when a turn begins. If that changes under a live
//! session the agent goes there, with its conversation, and the caller is told.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::common::{PATIENCE, Played, Stage, await_answer, finish, pid, until};
use hotplex::{Engine, EventKind, Jail, Request, WarmUp};

/// Where a session works, and an engine whose agents keep their conversations.
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
        let work_dir = stage.work_dir();
        Site {
            stage,
            engine,
            work_dir,
        }
    }

    fn request(&self, prompt: &str) -> Request {
        Request::new("a", &self.work_dir, prompt)
    }

    fn play(&self, prompt: &str) -> Played {
        finish(self.engine.execute(self.request(prompt)).expect("accepted"))
    }

    /// The agent makes a file here and reads what lies beside it.
    fn work(&self, made: &str) -> Played {
        let played = self.play(&format!("!bash touch {made}; cat which; pwd -P"));
        played.assert_completed();
        played
    }
}

/// A directory that says which one it is.
fn make(path: &Path, which: &str) {
    fs::create_dir_all(path).expect("a directory");
    fs::write(path.join("which"), which).expect("a file");
}

fn output(played: &Played) -> String {
    let results = played.kinds().filter_map(|kind| match kind {
        EventKind::ToolResult(result) => Some(result.text.as_str()),
        _ => None,
    });
    results.collect()
}

fn was_told(played: &Played) -> bool {
    match played.notices("work_dir_replaced").len() {
        0 => false,
        1 => true,
        more => panic!("told {more} times: {played:?}"),
    }
}

/// Its name, and what it does.
type Change = (&'static str, fn(&Path));

/// What may happen to a directory between two turns.
const CHANGES: [Change; 5] = [
    ("made anew", |work_dir| {
        fs::remove_dir_all(work_dir).expect("it is there");
        make(work_dir, "second");
    }),
    ("renamed, and another in its place", |work_dir| {
        fs::rename(work_dir, work_dir.with_file_name("away")).expect("it is there");
        make(work_dir, "second");
    }),
    ("replaced by a rename", |work_dir| {
        let new = work_dir.with_file_name("new");
        make(&new, "second");
        fs::remove_dir_all(work_dir).expect("it is there");
        fs::rename(new, work_dir).expect("it is there");
    }),
    ("a directory above it replaced", |work_dir| {
        let above = work_dir.parent().expect("one above");
        fs::rename(above, above.with_file_name("old")).expect("it is there");
        make(work_dir, "second");
    }),
    ("a link in its place", |work_dir| {
        let other = work_dir.with_file_name("other");
        make(&other, "second");
        fs::rename(work_dir, work_dir.with_file_name("away")).expect("it is there");
        symlink(other, work_dir).expect("a link");
    }),
];

#[test]
fn whatever_takes_its_place_is_where_the_next_turn_works() {
    for (name, change) in CHANGES {
        let mut site = Site::new();
        site.work_dir = site.stage.path("above/work");
        make(&site.work_dir, "first");
        assert!(output(&site.work("one")).starts_with("first"), "{name}");
        let agent = pid(&site.engine, "a");
        change(&site.work_dir);
        let second = site.work("two");
        assert!(output(&second).starts_with("second"), "{name}: {second:?}");
        assert!(was_told(&second), "{name}");
        assert!(site.work_dir.join("two").exists(), "{name}");
        assert_ne!(pid(&site.engine, "a"), agent);
        // Its conversation is the same, and from then on it stays where it is.
        let third = site.play("history");
        assert_eq!(third.answers(), ["history: 2"], "{name}");
        assert!(!was_told(&third), "{name}");
    }
}

#[test]
fn a_link_that_is_switched_is_followed() {
    let mut site = Site::new();
    let releases = ["one", "two"].map(|name| site.stage.path(name));
    for release in &releases {
        make(release, &release.display().to_string());
    }
    let current = site.stage.path("current");
    site.work_dir = current.join("project");
    for release in &releases {
        make(&release.join("project"), &release.display().to_string());
    }
    for (round, release) in releases.iter().chain(&releases).enumerate() {
        let _ = fs::remove_file(&current);
        symlink(release, &current).expect("a link");
        let played = site.work("made");
        assert!(output(&played).starts_with(&release.display().to_string()));
        assert_eq!(was_told(&played), round > 0);
    }
}

#[test]
fn a_directory_that_is_gone_is_made_again() {
    let site = Site::new();
    make(&site.work_dir, "first");
    site.work("one");
    fs::remove_dir_all(&site.work_dir).expect("it is there");
    let second = site.work("two");
    assert!(was_told(&second));
    assert!(site.work_dir.join("two").exists());
    // Renamed away is gone as well: nothing is done in what has another name now.
    let away = site.stage.path("away");
    fs::rename(&site.work_dir, &away).expect("it is there");
    assert!(was_told(&site.work("three")));
    assert!(site.work_dir.join("three").exists() && !away.join("three").exists());
}

/// The reason is an end of the turn, and the session is none the worse for it.
#[test]
fn what_is_no_directory_any_more_is_an_error_with_the_reason() {
    let site = Site::new();
    make(&site.work_dir, "first");
    site.work("one");
    fs::remove_dir_all(&site.work_dir).expect("it is there");
    fs::write(&site.work_dir, "a file").expect("a file");
    let refused = site.play("hello");
    let path = site.work_dir.display().to_string();
    assert!(refused.error().contains(&path), "{refused:?}");
    fs::remove_file(&site.work_dir).expect("the file");
    assert_eq!(site.play("history").answers(), ["history: 1"]);
}

/// A home must not become a work directory by the back door.
#[test]
fn a_link_that_leads_to_a_home_now_is_refused() {
    let mut site = Site::new();
    let real = site.stage.path("real");
    make(&real, "first");
    site.work_dir = site.stage.path("link");
    symlink(&real, &site.work_dir).expect("a link");
    site.work("one");
    fs::remove_file(&site.work_dir).expect("the link");
    symlink(site.stage.home(), &site.work_dir).expect("a link");
    let refused = site.play("!bash touch made");
    assert!(refused.error().contains("home directory"), "{refused:?}");
    assert!(!site.stage.home().join("made").exists());
}

/// The first of two turns replaces the directory while the second one waits.
#[test]
fn a_turn_that_waited_begins_in_what_is_there_when_its_time_comes() {
    for queued in [1, 3] {
        let site = Site::new();
        make(&site.work_dir, "first");
        site.work("one");
        let mut first = site
            .engine
            .execute(site.request("!text begun\n!sleep 300\n!text done"))
            .expect("accepted");
        await_answer(&mut first, "begun");
        let waiting: Vec<_> = (0..queued)
            .map(|_| site.engine.execute(site.request("!bash cat which; pwd -P")))
            .collect();
        fs::rename(&site.work_dir, site.stage.path("away")).expect("it is there");
        make(&site.work_dir, "second");
        let first = finish(first);
        first.assert_completed();
        assert!(!was_told(&first), "it ran where it had begun");
        for (number, turn) in waiting.into_iter().enumerate() {
            let played = finish(turn.expect("accepted"));
            assert!(output(&played).starts_with("second"), "{played:?}");
            assert_eq!(was_told(&played), number == 0);
        }
    }
}

#[test]
fn a_spare_that_waited_in_the_old_directory_is_not_used_there() {
    let site = Site::new();
    make(&site.work_dir, "first");
    let spares = WarmUp::new(&site.work_dir);
    site.engine.prewarm(&spares, 1).expect("a spare");
    let is_ready = || site.engine.info().expect("figures").ready_spares == 1;
    assert!(until(PATIENCE, is_ready));
    fs::remove_dir_all(&site.work_dir).expect("it is there");
    make(&site.work_dir, "second");
    let played = site.work("one");
    assert!(output(&played).starts_with("second"), "{played:?}");
    assert!(was_told(&played));
}

/// Turns in a directory that nobody touches cost no process and no notice, however many wait.
#[test]
fn a_directory_that_stays_keeps_its_agent() {
    let site = Site::new();
    make(&site.work_dir, "first");
    site.work("one");
    let agent = pid(&site.engine, "a");
    for round in 0..4 {
        // What changes in it changes nothing about what it is.
        make(&site.work_dir.join(round.to_string()), "below");
        let turns: Vec<_> = (0..4)
            .map(|_| {
                site.engine
                    .execute(site.request("hello"))
                    .expect("accepted")
            })
            .collect();
        for turn in turns {
            let played = finish(turn);
            assert_eq!(played.answers(), ["echo: hello"]);
            assert!(!was_told(&played));
        }
    }
    assert_eq!(pid(&site.engine, "a"), agent);
}

/// Its own git is told what to leave alone when it starts, and what it writes later is not among that.
#[test]
fn a_filter_that_comes_while_an_agent_lives_is_kept_from_its_next_turn() {
    let mut site = Site::new();
    // The stage of a test has the state of its engines where its agents may write.
    let builder = site.stage.builder_with_store().jail(Jail::Off);
    let builder = builder.permission_mode("bypassPermissions");
    site.engine = builder.open().expect("an engine");
    make(&site.work_dir.join(".git"), "first");
    fs::write(site.work_dir.join(".git/HEAD"), "ref: refs/heads/main\n").expect("a file");
    let told = |played: &Played| played.notices("repository_changed").len();
    let first = site.play("!bash printf '[user]\\nname = n\\n' > .git/config");
    let agent = pid(&site.engine, "a");
    // Turns within 20 ms of each other share a look, which no turn of a model is.
    let second =
        site.play("!sleep 30\n!bash printf '[filter \"x\"]\\nclean = x\\n' >> .git/config");
    assert_eq!((told(&first), told(&second)), (0, 0));
    assert_eq!(pid(&site.engine, "a"), agent, "a name is nothing to git");
    let third = site.play("history");
    third.assert_completed();
    assert_eq!((told(&third), third.answers()), (1, vec!["history: 2"]));
    assert_ne!(pid(&site.engine, "a"), agent);
    let agent = pid(&site.engine, "a");
    let fourth = site.play("history");
    assert_eq!((told(&fourth), fourth.answers()), (0, vec!["history: 3"]));
    assert_eq!(pid(&site.engine, "a"), agent);
}
