//! What of a project reaches an agent at each level, what the caller is told of the rest, and when a
//! project may be trusted. That the real agent obeys is shown by `tests/real/hostile.rs`.

mod common;

use std::fs;
use std::os::unix::fs::symlink;

use common::{Played, Stage};
use hotplex::{Engine, EngineBuilder, ErrorKind, Jail, Project};

/// A project with instructions, with something of each other kind, and with ways out.
fn lay(stage: &Stage) {
    let secret = stage.home().join("secret");
    fs::write(&secret, "WORDS OF THE HOME").expect("a file");
    let write = |path: &str, text: &str| {
        let path = stage.work_dir().join(path);
        fs::create_dir_all(path.parent().expect("a path below")).expect("a directory");
        fs::write(path, text).expect("a file");
    };
    write("CLAUDE.md", "Indent by tabs. @more.md @../home/secret\n");
    write("more.md", "Use short lines.\n");
    write(".claude/settings.json", "{}");
    write(".mcp.json", "{}");
    write(".claude/agents/one.md", "one");
    write(".claude/scheduled_tasks.json", r#"{"tasks":[]}"#);
    symlink(secret, stage.work_dir().join("AGENTS.md")).expect("a link");
}

fn open(builder: EngineBuilder) -> Engine {
    builder.open().expect("an engine with the stand-in")
}

fn arguments(played: &Played) -> String {
    played.assert_completed();
    played.answers().concat()
}

/// What a project is told of must be found in the one notice, each by its name.
const IGNORED: [&str; 4] = [
    ".claude/settings.json",
    ".mcp.json",
    ".claude/agents",
    ".claude/scheduled_tasks.json",
];

#[test]
fn by_default_instructions_are_text_and_the_rest_is_told() {
    let stage = Stage::new();
    lay(&stage);
    let engine = stage.engine();
    let played = stage.play(&engine, "a", "!args");
    let given = arguments(&played);
    for words in [
        "Indent by tabs.",
        "Use short lines.",
        "--setting-sources\nuser",
    ] {
        assert!(given.contains(words), "{words}: {given}");
    }
    assert!(!given.contains("WORDS OF THE HOME"), "{given}");
    let [ignored] = played.notices("project_ignored")[..] else {
        panic!("not told once: {played:?}");
    };
    for name in IGNORED {
        assert!(ignored.contains(name), "{name}: {ignored}");
    }
    let [refused] = played.notices("instructions_refused")[..] else {
        panic!("not told once: {played:?}");
    };
    for name in ["AGENTS.md", "../home/secret"] {
        assert!(refused.contains(name), "{name}: {refused}");
    }
}

#[test]
fn what_is_not_loaded_is_told_once_in_a_session() {
    let stage = Stage::new();
    lay(&stage);
    let engine = stage.engine();
    let count = |session: &str| {
        let played = stage.play(&engine, session, "hello");
        played.assert_completed();
        let codes = ["project_ignored", "instructions_refused"];
        codes.map(|code| played.notices(code).len())
    };
    assert_eq!(count("a"), [1, 1]);
    assert_eq!(count("a"), [0, 0]);
    engine.stop_session("a", "test").expect("it is there");
    assert!(common::until(common::PATIENCE, || common::session(
        &engine, "a"
    )
    .is_none()));
    assert_eq!(count("b"), [1, 1], "another session has its own caller");
}

#[test]
fn at_the_level_none_instructions_are_told_of_and_not_given() {
    let stage = Stage::new();
    lay(&stage);
    let engine = open(stage.builder().project(Project::None));
    let played = stage.play(&engine, "a", "!args");
    let given = arguments(&played);
    assert!(!given.contains("Indent by tabs."), "{given}");
    assert!(given.contains("--setting-sources\nuser"), "{given}");
    let [ignored] = played.notices("project_ignored")[..] else {
        panic!("not told once: {played:?}");
    };
    assert!(
        ignored.contains("CLAUDE.md") && ignored.contains("AGENTS.md"),
        "{ignored}"
    );
    assert!(
        played.notices("instructions_refused").is_empty(),
        "{played:?}"
    );
}

#[test]
fn a_trusted_project_is_left_to_the_agent() {
    let stage = Stage::new();
    lay(&stage);
    let engine = open(stage.builder().project(Project::Trusted));
    let played = stage.play(&engine, "a", "!args");
    let given = arguments(&played);
    assert!(!given.contains("--setting-sources"), "{given}");
    assert!(!given.contains("Indent by tabs."), "twice: {given}");
    for code in ["project_ignored", "instructions_refused"] {
        assert!(played.notices(code).is_empty(), "{played:?}");
    }
}

#[test]
fn a_project_without_anything_for_agents_is_no_news() {
    let stage = Stage::new();
    let played = stage.play(&stage.engine(), "a", "hello");
    played.assert_completed();
    for code in ["project_ignored", "instructions_refused"] {
        assert!(played.notices(code).is_empty(), "{played:?}");
    }
}

/// What the host's environment says of the same variables does not undo it.
#[test]
fn schedules_and_what_git_would_start_are_off_below_trusted() {
    let table = [
        (
            Project::Instructions,
            "1",
            "core.fsmonitor=false log.showSignature=false",
            "0",
        ),
        (
            Project::None,
            "1",
            "core.fsmonitor=false log.showSignature=false",
            "0",
        ),
        (Project::Trusted, "0", "core.fsmonitor=true", "1"),
    ];
    for (level, cron, settings, locks) in table {
        let stage = Stage::new();
        let builder = stage.builder().project(level);
        let builder = builder
            .env("CLAUDE_CODE_DISABLE_CRON", "0")
            .env("GIT_CONFIG_COUNT", "1")
            .env("GIT_CONFIG_KEY_0", "core.fsmonitor")
            .env("GIT_CONFIG_VALUE_0", "true")
            .env("GIT_OPTIONAL_LOCKS", "1");
        let engine = open(builder);
        let see = |name: &str| {
            let played = stage.play(&engine, "a", &format!("!print-env {name}"));
            let said = played.answers().concat();
            let value = said.strip_prefix(&format!("{name}="));
            value
                .unwrap_or_else(|| panic!("{level:?}: {said}"))
                .to_owned()
        };
        assert_eq!(see("CLAUDE_CODE_DISABLE_CRON"), cron, "{level:?}");
        assert_eq!(see("GIT_OPTIONAL_LOCKS"), locks, "{level:?}");
        let count: usize = see("GIT_CONFIG_COUNT").parse().expect("a number");
        let set = |number: usize| {
            let [key, value] =
                ["KEY", "VALUE"].map(|kind| see(&format!("GIT_CONFIG_{kind}_{number}")));
            format!("{key}={value}")
        };
        let last = settings.split(' ').count();
        let last: Vec<_> = (count - last..count).map(set).collect();
        assert_eq!(last.join(" "), settings, "{level:?}");
    }
}

/// Nothing would hold a stranger's programs there.
#[test]
fn a_trusted_project_with_no_jail_and_no_questions_is_refused_unless_said_twice() {
    let stage = Stage::new();
    let free = || {
        let builder = stage.builder().jail(Jail::Off);
        builder.permission_mode("bypassPermissions")
    };
    let trusted = |builder: EngineBuilder| builder.project(Project::Trusted).open();
    let refused = trusted(free()).expect_err("nothing holds it");
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    assert!(
        refused.message().contains("trust_without_jail"),
        "{refused:?}"
    );

    let engine = open(free());
    let request = stage.request("a", "hello").project(Project::Trusted);
    let refused = engine.execute(request).expect_err("nothing holds it");
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    stage.echo(&engine, "a", "still there?");

    let ways = [
        trusted(free().trust_without_jail(true)),
        trusted(free().permission_mode("default")),
        trusted(stage.builder().permission_mode("bypassPermissions")),
    ];
    for engine in ways {
        stage.echo(&engine.expect("something holds it"), "b", "hello");
    }
}
