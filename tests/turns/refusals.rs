//! What can never work is refused at once, with a line that says what is wrong.

use std::os::unix::fs::PermissionsExt;

use crate::common::Stage;
use hotplex::{EngineOptions, Error, ErrorKind, Request, WarmUp};

fn assert_refused<T>(answer: Result<T, Error>, kind: ErrorKind, parts: &[&str]) {
    let error = answer.err().expect("a refusal");
    assert_eq!(error.kind(), kind, "{error}");
    for part in parts {
        assert!(error.to_string().contains(part), "{error} lacks {part}");
    }
    assert!(!error.to_string().contains('\n'), "{error}");
}

#[test]
fn a_missing_program_is_named_with_the_places_looked_at() {
    let stage = Stage::new();
    let absolute = stage.path("no-agent").display().to_string();
    let open = |program: &str| stage.builder().program(program).open();
    assert_refused(
        open(&absolute),
        ErrorKind::SpawnFailed,
        &["no-agent", &absolute],
    );
    let builder = stage.builder().env("PATH", "/first-place:/second-place");
    let opened = builder.program("no-agent").open();
    let places = ["no-agent", "/first-place", "/second-place"];
    assert_refused(opened, ErrorKind::SpawnFailed, &places);
}

#[test]
fn a_program_that_cannot_be_executed_is_refused() {
    let stage = Stage::new();
    let path = stage.path("agent");
    std::fs::write(&path, "#!/bin/sh\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let path = path.display().to_string();
    let opened = stage.builder().program(&path).open();
    assert_refused(opened, ErrorKind::SpawnFailed, &[&path]);
    let opened = stage
        .builder()
        .program(stage.path("").display().to_string())
        .open();
    assert_refused(opened, ErrorKind::SpawnFailed, &[]);
}

#[test]
fn options_that_nobody_knows_are_named() {
    let stage = Stage::new();
    let invalid = ErrorKind::InvalidArgument;
    let opened = stage.builder().permission_mode("yolo").open();
    assert_refused(opened, invalid, &["permission_mode", "yolo"]);
    let opened = stage.builder().provider("tea-leaves").open();
    assert_refused(opened, invalid, &["tea-leaves", "claude-code"]);
    let table = [
        (r#"{"turn_timeot_ms":1}"#, "turn_timeot_ms"),
        (r#"{"turn_timeout_ms":"soon"}"#, "soon"),
        (r#"{"inherit_env":7}"#, ""),
        (r#"{"turn_timeout_ms":-1}"#, ""),
        ("[]", ""),
        ("", ""),
    ];
    for (json, part) in table {
        assert_refused(EngineOptions::from_json(json), invalid, &["options", part]);
    }
    for json in [
        r#"["a","/w"]"#,
        r#"{"session_id":"a"}"#,
        r#"{"sesion_id":"a"}"#,
        "",
    ] {
        assert_refused(Request::from_json(json, "hello"), invalid, &["config"]);
    }
    assert_refused(WarmUp::from_json(r#"["/w"]"#), invalid, &["config"]);
}

#[test]
fn names_of_sessions_are_checked() {
    let stage = Stage::new();
    let engine = stage.engine();
    let long = "x".repeat(513);
    for name in ["", "a\nb", "a\0b", "\u{7f}", long.as_str()] {
        let refused = engine.execute(stage.request(name, "hello"));
        assert_refused(refused, ErrorKind::InvalidArgument, &["session_id"]);
    }
    let odd = "\u{202e}gpj\u{200b}";
    stage.echo(&engine, odd, "hello");
    assert_eq!(engine.sessions().expect("a list")[0].session_id, odd);
    let elsewhere = Request::new(odd, stage.path("elsewhere"), "hello");
    // The message is for people, and hides nothing of the name.
    let spelled = "session \\u{202e}gpj\\u{200b} works in";
    assert_refused(
        engine.execute(elsewhere),
        ErrorKind::InvalidArgument,
        &[spelled],
    );
    let longest = "x".repeat(512);
    for name in [
        "-rf",
        "--resume",
        "../../etc",
        "a b",
        "ü",
        "{}\"'",
        longest.as_str(),
    ] {
        stage.echo(&engine, name, "hello");
    }
}

#[test]
fn a_session_keeps_its_work_dir_while_it_lives() {
    let stage = Stage::new();
    let engine = stage.engine();
    stage.echo(&engine, "a", "hello");
    let (here, there) = (stage.work_dir(), stage.path("elsewhere"));
    let refused = engine.execute(Request::new("a", &there, "hello"));
    let places = [here.to_str().unwrap(), there.to_str().unwrap()];
    assert_refused(refused, ErrorKind::InvalidArgument, &places);
    assert!(!there.exists());
    // The same directory written in another way is the same.
    let same = Request::new("a", format!("{}/./", here.display()), "hello");
    crate::common::finish(engine.execute(same).unwrap()).assert_completed();
    // A bad work directory is refused before there is a turn.
    let empty = engine.execute(Request::new("b", "", "hello"));
    assert_refused(empty, ErrorKind::InvalidArgument, &["work_dir"]);
    engine.stop_session("a", "it moves").unwrap();
    let gone = || crate::common::session(&engine, "a").is_none();
    assert!(crate::common::until(crate::common::PATIENCE, gone));
    let moved = Request::new("a", &there, "hello");
    crate::common::finish(engine.execute(moved).unwrap()).assert_completed();
}

#[test]
fn a_session_keeps_its_model_while_it_lives() {
    let stage = Stage::new();
    let engine = stage.engine();
    let with = |model: &str| engine.execute(stage.request("a", "hello").model(model));
    crate::common::finish(with("one").unwrap()).assert_completed();
    assert_refused(with("two"), ErrorKind::InvalidArgument, &["one", "two"]);
    crate::common::finish(with("one").unwrap()).assert_completed();
    stage.echo(&engine, "a", "without a wish");
}
