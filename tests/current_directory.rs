//! Relative paths mean what they meant when the engine was opened, wherever the host goes later.

mod common;
#[path = "common/processes.rs"]
mod processes;

use std::collections::BTreeMap;
use std::env::set_current_dir;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use common::{PATIENCE, Played, Stage, finish, session, until};
use hotplex::{Engine, EngineOptions, GuardConfig, Request};
use processes::alone;

/// A host that is in a directory of its own, and another directory where it may go.
struct Host {
    stage: Stage,
    start: PathBuf,
    elsewhere: PathBuf,
}

impl Host {
    fn new() -> Host {
        let stage = Stage::new();
        let [start, elsewhere] = ["start", "elsewhere"].map(|name| stage.path(name));
        for directory in [&start, &elsewhere] {
            fs::create_dir(directory).expect("a directory");
        }
        set_current_dir(&start).expect("it is there");
        let agent = env!("CARGO_BIN_EXE_stand-in-agent");
        fs::create_dir(start.join("bin")).expect("a directory");
        symlink(agent, start.join("bin/agent")).expect("a link");
        Host {
            stage,
            start,
            elsewhere,
        }
    }

    fn options(&self) -> EngineOptions {
        EngineOptions {
            program: Some("bin/agent".to_owned()),
            state_dir: Some("state".into()),
            permission_mode: Some("bypassPermissions".to_owned()),
            guard: GuardConfig {
                audit_file: Some("audit".into()),
                ..GuardConfig::default()
            },
            jail_roots: Vec::new(),
            ..self.stage.builder().options().clone()
        }
    }

    /// Nothing may be made where the host went.
    fn assert_nothing_elsewhere(&self) {
        let made = fs::read_dir(&self.elsewhere).expect("a directory").count();
        assert_eq!(made, 0);
    }
}

fn play(engine: &Engine, work_dir: &Path, prompt: &str) -> Played {
    let turn = engine.execute(Request::new("a", work_dir, prompt));
    finish(turn.expect("accepted"))
}

fn exists(path: &Path) -> bool {
    until(PATIENCE, || path.exists())
}

#[test]
fn state_audit_program_and_work_stay_where_they_were() {
    alone(|| {
        let host = Host::new();
        let engine = host.options().open().expect("an engine");
        set_current_dir(&host.elsewhere).expect("it is there");
        let played = play(
            &engine,
            Path::new("work"),
            "!bash chmod -R 777 .; touch made",
        );
        played.assert_completed();
        assert!(exists(&host.start.join("work/made")));
        assert!(exists(&host.start.join("state/sessions")));
        let audit = fs::read_to_string(host.start.join("audit")).expect("the audit");
        assert!(!audit.is_empty());
        // The same name is the same directory, and so is the whole path of it.
        for work_dir in [Path::new("./work/"), &host.start.join("work")] {
            play(&engine, work_dir, "hello").assert_completed();
        }
        let info = session(&engine, "a").expect("it is there");
        assert_eq!(info.work_dir, host.start.join("work"));
        drop(engine);
        host.assert_nothing_elsewhere();
    });
}

#[test]
fn roots_and_rules_stay_what_they_were() {
    alone(|| {
        let host = Host::new();
        for directory in ["shared", "cache"] {
            fs::create_dir(host.start.join(directory)).expect("a directory");
        }
        fs::write(host.start.join("rules"), "zebra|no zebras|high|animals\n").expect("a file");
        let mut options = host.options();
        options.jail_roots = vec!["shared".into(), "cache".into()];
        options.guard.extra_roots = vec!["shared".into(), "./cache/".into()];
        let engine = options.open().expect("an engine");
        set_current_dir(&host.elsewhere).expect("it is there");
        let guard = GuardConfig {
            rules_file: Some("rules".into()),
            extra_roots: vec!["shared".into()],
            ..GuardConfig::default()
        };
        engine
            .set_guard(&guard)
            .expect("the rules are where they were");
        let shared = host.start.join("shared/made");
        let played = play(
            &engine,
            Path::new("work"),
            &format!("!bash touch {}", common::quoted(&shared)),
        );
        assert!(played.blocks().is_empty(), "{played:?}");
        assert!(exists(&shared));
        let refused = engine.execute(Request::new("a", "work", "!bash echo zebra"));
        assert!(refused.expect_err("a rule says so").verdict().is_some());
        drop(engine);
        host.assert_nothing_elsewhere();
    });
}

#[test]
fn a_program_that_is_found_through_a_relative_entry_of_the_path_stays_that_one() {
    alone(|| {
        let host = Host::new();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut options = host.options();
        options.program = Some("agent".to_owned());
        options.env = BTreeMap::from_iter(
            options
                .env
                .into_iter()
                .chain([("PATH".to_owned(), Some(format!("bin:{path}")))]),
        );
        let engine = options.open().expect("an engine");
        set_current_dir(&host.elsewhere).expect("it is there");
        play(&engine, Path::new("work"), "hello").assert_completed();
        drop(engine);
        host.assert_nothing_elsewhere();
    });
}

/// A host whose directory was removed has nothing that a relative path could start from.
#[test]
fn without_a_current_directory_whole_paths_work_and_others_are_refused() {
    alone(|| {
        let host = Host::new();
        let gone = host.stage.path("gone");
        fs::create_dir(&gone).expect("a directory");
        set_current_dir(&gone).expect("it is there");
        fs::remove_dir(&gone).expect("it is empty");
        let refused = host.options().open().expect_err("nothing can be meant");
        assert!(refused.message().contains("relative"), "{refused}");
        let engine = host.stage.engine();
        play(&engine, &host.stage.work_dir(), "hello").assert_completed();
        let refused = engine.execute(Request::new("b", "work", "hello"));
        let refused = refused.expect_err("nothing can be meant");
        assert!(refused.message().contains("relative"), "{refused}");
    });
}
