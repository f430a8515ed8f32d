//! `sessions` and `info` tell the truth.

use std::time::{Duration, SystemTime};

use crate::common::{PATIENCE, Stage, await_answer, finish, next_that, until};
use crate::processes::lives;
use hotplex::{
    Decision, Engine, EngineInfo, ErrorKind, EventKind, Request, SessionInfo, SessionState, Turn,
    WarmUp,
};

#[test]
fn a_session_is_listed_with_all_that_is_known_of_it() {
    let stage = Stage::new();
    let before = SystemTime::now();
    let engine = stage.engine();
    assert!(engine.sessions().expect("a list").is_empty());
    let pid = stage.play(&engine, "a", "!pid");
    let pid: u32 = pid.answers()[0].parse().expect("a number");
    stage.echo(&engine, "a", "hello");
    let listed = only(&engine);
    assert_eq!(listed.session_id, "a");
    assert_eq!(listed.pid, Some(pid));
    assert_eq!(listed.state, SessionState::Ready);
    assert_eq!(listed.work_dir, stage.work_dir());
    assert_eq!((listed.turns, listed.queued, listed.spare), (2, 0, false));
    assert_eq!(listed.provider, "claude-code");
    assert!(listed.resident_bytes > 100_000, "{listed:?}");
    assert_eq!(listed.agent_session_id.map(|id| id.len()), Some(36));
    assert!(before <= listed.created && listed.created <= listed.last_active);
    assert!(listed.last_active <= SystemTime::now() + Duration::from_secs(1));
}

#[test]
fn the_state_follows_the_turn() {
    let stage = Stage::new();
    let builder = stage.builder().env("STAND_IN_BOOT_MS", "300");
    let engine = builder.open().expect("an engine");
    let mut turn = stage.execute(&engine, "a", "!text begun\n!tool TodoWrite {}\n!hang");
    assert_becomes(&engine, SessionState::Starting);
    let request_id = asked(&mut turn);
    assert_becomes(&engine, SessionState::Waiting);
    turn.respond(&request_id, Decision::allow()).expect("asked");
    assert_becomes(&engine, SessionState::Busy);
    let waiting = stage.execute(&engine, "a", "hello");
    assert!(until(PATIENCE, || only(&engine).queued == 1));
    turn.cancel();
    assert_becomes(&engine, SessionState::Stopping);
    drop(waiting);
    engine.stop_session("a", "test").expect("it is there");
    assert_becomes(&engine, SessionState::Closing);
    let gone = || engine.sessions().expect("a list").is_empty();
    assert!(until(PATIENCE, gone), "an ended session is not listed");
}

#[test]
fn events_that_nobody_takes_are_counted_in_bytes() {
    let stage = Stage::new();
    let engine = stage.engine();
    let turn = stage.execute(&engine, "a", "!flood 100 1000");
    let enough = || only(&engine).buffered_bytes >= 100_000;
    assert!(until(PATIENCE, enough));
    finish(turn);
    assert!(until(PATIENCE, || only(&engine).buffered_bytes == 0));
}

#[test]
fn sessions_and_spares_are_told_apart_and_sorted() {
    let stage = Stage::new();
    let engine = stage.engine();
    for session in ["c", "a", "b"] {
        stage.echo(&engine, session, "hello");
    }
    engine
        .prewarm(&WarmUp::new(stage.work_dir()), 1)
        .expect("a spare");
    assert!(until(PATIENCE, || info(&engine).ready_spares == 1));
    let list = engine.sessions().expect("a list");
    let names: Vec<_> = list
        .iter()
        .map(|one| (one.session_id.as_str(), one.spare))
        .collect();
    assert_eq!(
        names,
        [("", true), ("a", false), ("b", false), ("c", false)]
    );
    let pids: Vec<_> = list.iter().filter_map(|one| one.pid).collect();
    assert!(
        pids.len() == 4 && pids.iter().all(|pid| lives(*pid)),
        "{list:?}"
    );
}

#[test]
fn the_engine_counts_what_it_has_done() {
    let stage = Stage::new();
    let engine = stage.engine();
    assert_eq!(info(&engine), EngineInfo::default());
    for session in ["a", "b"] {
        stage.echo(&engine, session, "hello");
    }
    stage.play(&engine, "b", "!die 1");
    let one_left = || info(&engine).live_processes == 1;
    assert!(until(PATIENCE, one_left));
    stage.play(&engine, "a", "!status 500");
    let mut expected = EngineInfo::default();
    (expected.live_processes, expected.sessions) = (1, 1);
    expected.spawned = 2;
    (expected.turns_completed, expected.turns_not_completed) = (2, 2);
    assert!(
        until(PATIENCE, || info(&engine) == expected),
        "{:?}",
        info(&engine)
    );
}

#[test]
fn what_is_not_there_is_not_found() {
    let stage = Stage::new();
    let engine = stage.engine();
    stage.echo(&engine, "a", "hello");
    let turn = stage.execute(&engine, "a", "again");
    let id = turn.id();
    finish(turn);
    let answers = [
        engine.stop_session("b", "test"),
        engine.stop_session("A", "test"),
        engine.cancel(id),
        engine.respond(id, "nobody asked", Decision::allow()),
    ];
    for answer in answers {
        let kind = answer.map_err(|error| error.kind());
        assert_eq!(kind, Err(ErrorKind::NotFound));
    }
    let bad = engine
        .stop_session("", "test")
        .map_err(|error| error.kind());
    assert_eq!(bad, Err(ErrorKind::InvalidArgument));
}

/// Directories are compared as written, but for dots and slashes that say nothing.
#[test]
fn one_directory_written_in_two_ways_is_one() {
    let stage = Stage::new();
    let engine = stage.engine();
    stage.echo(&engine, "a", "hello");
    let other = stage.path("work").join(".").join("");
    let turn = engine
        .execute(Request::new("a", other, "hello"))
        .expect("accepted");
    assert_eq!(turn.answer().expect("answered"), "echo: hello");
    assert_eq!(info(&engine).spawned, 1);
}

fn info(engine: &Engine) -> EngineInfo {
    engine.info().expect("figures")
}

fn only(engine: &Engine) -> SessionInfo {
    let mut list = engine.sessions().expect("a list");
    assert_eq!(list.len(), 1, "{list:?}");
    list.remove(0)
}

fn assert_becomes(engine: &Engine, state: SessionState) {
    let seen = until(PATIENCE, || only(engine).state == state);
    assert!(seen, "{state:?}: {:?}", only(engine));
}

fn asked(turn: &mut Turn) -> String {
    await_answer(turn, "begun");
    let is_question = |kind: &EventKind| matches!(kind, EventKind::PermissionRequest(_));
    match next_that(turn, is_question) {
        EventKind::PermissionRequest(request) => request.request_id,
        other => panic!("{other:?}"),
    }
}
