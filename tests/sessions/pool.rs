//! The bound on live processes: who gives way, who waits, and who is told to come back later.

use crate::common::{PATIENCE, Stage, await_answer, finish, next_that, until};
use crate::processes::lives;
use hotplex::{
    Decision, Engine, EngineBuilder, EngineInfo, ErrorKind, EventKind, Outcome, SessionState, Turn,
    WarmUp,
};

#[test]
fn the_session_idle_for_longest_gives_way_and_comes_back_with_its_history() {
    let stage = Stage::new();
    let engine = engine(&stage, 2);
    assert_history(&stage, &engine, "a", 0);
    assert_history(&stage, &engine, "b", 0);
    assert_history(&stage, &engine, "a", 1);
    // b is idle for longest, so c takes its place, then b that of a, and so on.
    for (session, turns, stays) in [("c", 0, "a"), ("b", 1, "c"), ("a", 2, "b")] {
        let staying = pid_of(&engine, stays);
        assert_history(&stage, &engine, session, turns);
        assert_eq!(names(&engine), sorted(session, stays));
        assert!(lives(staying), "{stays} gave way to {session}");
    }
    let info = info(&engine);
    assert_eq!(
        (info.hibernated, info.spawned, info.live_processes),
        (3, 5, 2)
    );
}

#[test]
fn never_more_live_than_the_bound() {
    let stage = Stage::new();
    let engine = engine_with(&stage, |builder| builder.max_processes(3).queue_turns(40));
    let sessions: Vec<String> = (0..12).map(|number| format!("s{number}")).collect();
    for round in 0..3 {
        let turns: Vec<_> = sessions
            .iter()
            .map(|session| stage.execute(&engine, session, "history"))
            .collect();
        for turn in turns {
            assert!(info(&engine).live_processes <= 3);
            assert!(stage.living().len() <= 3);
            assert_eq!(finish(turn).answers(), [format!("history: {round}")]);
        }
    }
}

#[test]
fn a_busy_session_is_never_a_victim_and_the_new_one_waits_for_it() {
    let stage = Stage::new();
    let engine = engine(&stage, 1);
    let (mut busy, request_id) = ask(&stage, &engine, "busy");
    let agent = pid_of(&engine, "busy");
    let waiting = stage.execute(&engine, "waiting", "history");
    let is_listed = || names(&engine) == ["busy", "waiting"];
    assert!(until(PATIENCE, is_listed));
    assert_eq!(info(&engine).live_processes, 1);
    assert!(lives(agent) && busy.try_recv().is_none());
    busy.respond(&request_id, Decision::allow()).expect("asked");
    finish(busy).assert_completed();
    assert_eq!(finish(waiting).answers(), ["history: 0"]);
    assert_history(&stage, &engine, "busy", 1);
}

#[test]
fn over_the_bound_on_those_that_wait_a_session_is_refused() {
    let stage = Stage::new();
    let engine = engine_with(&stage, |builder| builder.max_processes(1).queue_turns(2));
    let (busy, request_id) = ask(&stage, &engine, "busy");
    let waiting = ["a", "b"].map(|session| stage.execute(&engine, session, "hello"));
    for _ in 0..3 {
        let refused = engine.execute(stage.request("c", "hello"));
        let refused = refused.expect_err("nobody can serve it");
        assert_eq!(refused.kind(), ErrorKind::Busy);
    }
    busy.respond(&request_id, Decision::allow()).expect("asked");
    for turn in waiting {
        finish(turn).assert_completed();
    }
    finish(busy).assert_completed();
    stage.echo(&engine, "c", "at last");
}

/// First come, first served: nobody is overtaken by those that come later.
#[test]
fn those_that_wait_are_served_in_the_order_they_came() {
    let stage = Stage::new();
    let engine = engine(&stage, 1);
    let (busy, request_id) = ask(&stage, &engine, "busy");
    let sessions: Vec<String> = (0..6).map(|number| format!("s{number}")).collect();
    let turns: Vec<_> = sessions
        .iter()
        .map(|session| stage.execute(&engine, session, "!text served\n!sleep 20"))
        .collect();
    busy.respond(&request_id, Decision::allow()).expect("asked");
    let ended: Vec<_> = turns
        .into_iter()
        .map(|turn| finish(turn).end.stats.ended.expect("it was served"))
        .collect();
    assert!(ended.is_sorted(), "{ended:?}");
    finish(busy);
}

#[test]
fn a_turn_that_is_cancelled_while_it_waits_for_a_process_needs_none() {
    let stage = Stage::new();
    let engine = engine(&stage, 1);
    let (busy, request_id) = ask(&stage, &engine, "busy");
    let given_up = stage.execute(&engine, "given up", "hello");
    let waiting = stage.execute(&engine, "waiting", "hello");
    given_up.cancel();
    finish(given_up).assert_outcome(Outcome::Cancelled);
    busy.respond(&request_id, Decision::allow()).expect("asked");
    finish(busy).assert_completed();
    finish(waiting).assert_completed();
    let only_those = || !names(&engine).contains(&"given up".to_owned());
    assert!(until(PATIENCE, only_those), "{:?}", engine.sessions());
    stage.echo(&engine, "given up", "after all");
}

#[test]
fn a_session_that_is_stopped_while_it_waits_for_a_process_needs_none() {
    let stage = Stage::new();
    let engine = engine(&stage, 1);
    let (busy, request_id) = ask(&stage, &engine, "busy");
    let stopped = stage.execute(&engine, "stopped", "hello");
    engine.stop_session("stopped", "test").expect("it waits");
    finish(stopped).assert_outcome(Outcome::Stopped);
    assert!(until(PATIENCE, || names(&engine) == ["busy"]));
    busy.respond(&request_id, Decision::allow()).expect("asked");
    finish(busy).assert_completed();
    stage.echo(&engine, "stopped", "after all");
}

#[test]
fn a_death_makes_room_as_well() {
    let stage = Stage::new();
    let engine = engine(&stage, 1);
    let mut dying = stage.execute(&engine, "dying", "!text begun\n!sleep 50\n!die 1");
    await_answer(&mut dying, "begun");
    stage.echo(&engine, "waiting", "hello");
    finish(dying).assert_outcome(Outcome::Crashed);
}

#[test]
fn a_program_that_does_not_start_leaves_no_place_taken() {
    let stage = Stage::new();
    let engine = engine(&stage, 1);
    std::fs::write(stage.path("file"), "").expect("a file");
    for round in 0..3 {
        let session = format!("s{round}");
        let nowhere = stage.path("file").join("below");
        let request = hotplex::Request::new(&session, nowhere, "hello");
        let end = engine.execute(request).expect("accepted").wait();
        assert_eq!(end.outcome, Outcome::Failed, "{end:?}");
    }
    stage.echo(&engine, "a", "hello");
}

#[test]
fn a_spare_gives_way_before_any_session_and_is_not_started_over_the_bound() {
    let stage = Stage::new();
    let engine = engine(&stage, 2);
    stage.echo(&engine, "a", "hello");
    let spares = WarmUp::new(stage.path("elsewhere"));
    engine.prewarm(&spares, 5).expect("as far as there is room");
    assert!(until(PATIENCE, || info(&engine).ready_spares == 1));
    assert_eq!(info(&engine).live_processes, 2);
    let agent = pid_of(&engine, "a");
    stage.echo(&engine, "b", "hello");
    assert_eq!(names(&engine), ["a", "b"]);
    assert!(lives(agent));
    engine.prewarm(&spares, 5).expect("there is no room");
    assert_eq!(info(&engine).live_processes, 2);
}

fn engine(stage: &Stage, bound: usize) -> Engine {
    engine_with(stage, |builder| builder.max_processes(bound))
}

fn engine_with(stage: &Stage, how: impl FnOnce(EngineBuilder) -> EngineBuilder) -> Engine {
    let builder = how(stage.builder_with_store());
    builder.open().expect("an engine")
}

/// Begins a turn that is at work until its question is answered.
fn ask(stage: &Stage, engine: &Engine, session: &str) -> (Turn, String) {
    let mut turn = stage.execute(engine, session, "!tool TodoWrite {}");
    let request_id = asked(&mut turn);
    assert_eq!(state_of(engine, session), Some(SessionState::Waiting));
    (turn, request_id)
}

/// The name of the question that the turn waits for.
fn asked(turn: &mut Turn) -> String {
    let is_question = |kind: &EventKind| matches!(kind, EventKind::PermissionRequest(_));
    let EventKind::PermissionRequest(request) = next_that(turn, is_question) else {
        unreachable!("only a question fits");
    };
    request.request_id
}

fn assert_history(stage: &Stage, engine: &Engine, session: &str, turns: usize) {
    let played = stage.play(engine, session, "history");
    assert_eq!(played.answers(), [format!("history: {turns}")], "{session}");
}

fn info(engine: &Engine) -> EngineInfo {
    engine.info().expect("figures")
}

fn names(engine: &Engine) -> Vec<String> {
    let list = engine.sessions().expect("a list");
    list.into_iter().map(|one| one.session_id).collect()
}

fn sorted(one: &str, other: &str) -> [String; 2] {
    let mut both = [one.to_owned(), other.to_owned()];
    both.sort();
    both
}

fn pid_of(engine: &Engine, session: &str) -> u32 {
    let list = engine.sessions().expect("a list");
    let mut named = list.into_iter().filter(|one| one.session_id == session);
    named.next().and_then(|one| one.pid).expect("it lives")
}

fn state_of(engine: &Engine, session: &str) -> Option<SessionState> {
    let list = engine.sessions().expect("a list");
    let mut named = list.into_iter().filter(|one| one.session_id == session);
    named.next().map(|one| one.state)
}
