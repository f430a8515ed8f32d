//! Spares: started ahead, and given to a new session that wants exactly what they are.

use crate::common::{PATIENCE, Stage, finish, until};
use crate::processes::signal;
use hotplex::{Engine, EngineBuilder, EngineInfo, EventKind, Request, WarmUp};

#[test]
fn a_new_session_takes_one_and_is_spared_the_start() {
    let stage = Stage::new();
    let engine = opened(stage.builder_with_store().env("STAND_IN_BOOT_MS", "200"));
    let spares = prewarm(&stage, &engine, 2);
    let played = stage.play(&engine, "a", "!pid");
    assert!(spares.contains(&pid(&played.answers())), "{spares:?}");
    let info = info(&engine);
    assert_eq!((info.spare_hits, info.spare_misses), (1, 0));
    assert_eq!((info.ready_spares, info.spawned, info.sessions), (1, 2, 1));
}

#[test]
fn one_that_is_still_starting_is_taken_as_well() {
    let stage = Stage::new();
    let engine = opened(stage.builder_with_store().env("STAND_IN_BOOT_MS", "200"));
    engine
        .prewarm(&WarmUp::new(stage.work_dir()), 1)
        .expect("a spare");
    stage.echo(&engine, "a", "hello");
    assert_eq!((info(&engine).spare_hits, info(&engine).spawned), (1, 1));
}

#[test]
fn never_by_a_session_that_differs() {
    let stage = Stage::new();
    let engine = opened(stage.builder_with_store().model("opus"));
    let spares = prewarm(&stage, &engine, 1);
    let differing = [
        Request::new("dir", stage.path("elsewhere"), "!pid"),
        Request::new("below", stage.work_dir().join("below"), "!pid"),
        Request::new("model", stage.work_dir(), "!pid").model("haiku"),
    ];
    for request in differing {
        let played = finish(engine.execute(request).expect("accepted"));
        assert_ne!(pid(&played.answers()), spares[0]);
    }
    assert_eq!(
        (info(&engine).spare_misses, info(&engine).ready_spares),
        (3, 1)
    );
    // What is the engine's own anyway may be said or left out.
    let same = Request::new("same", stage.work_dir(), "!pid").model("opus");
    let played = finish(engine.execute(same).expect("accepted"));
    assert_eq!(pid(&played.answers()), spares[0]);
}

#[test]
fn never_by_a_session_that_has_a_conversation() {
    let stage = Stage::new();
    let engine = opened(stage.builder_with_store());
    stage.echo(&engine, "a", "hello");
    engine.stop_session("a", "test").expect("it is there");
    let spares = prewarm(&stage, &engine, 1);
    let played = stage.play(&engine, "a", "history");
    assert_eq!(played.answers(), ["history: 1"]);
    assert_eq!(info(&engine).spare_hits, 0);
    assert!(
        engine
            .sessions()
            .expect("a list")
            .iter()
            .any(|one| one.pid == Some(spares[0]))
    );
}

#[test]
fn two_sessions_never_get_the_same() {
    let stage = Stage::new();
    let engine = opened(stage.builder_with_store());
    prewarm(&stage, &engine, 4);
    let sessions: Vec<String> = (0..8).map(|number| format!("s{number}")).collect();
    let turns: Vec<_> = sessions
        .iter()
        .map(|name| stage.execute(&engine, name, "!pid"))
        .collect();
    let mut pids: Vec<_> = turns
        .into_iter()
        .map(|turn| pid(&finish(turn).answers()))
        .collect();
    pids.sort_unstable();
    pids.dedup();
    assert_eq!(pids.len(), 8);
    assert_eq!(info(&engine).spare_hits, 4);
}

/// The conversation has the spare's name, and the record is what tells it.
#[test]
fn the_conversation_begun_in_one_is_found_again() {
    let stage = Stage::new();
    for round in 0..3 {
        let engine = opened(stage.builder_with_store());
        prewarm(&stage, &engine, 1);
        let played = stage.play(&engine, "a", "history");
        assert_eq!(played.answers(), [format!("history: {round}")]);
        assert_eq!(info(&engine).spare_hits, u64::from(round == 0));
    }
}

#[test]
fn one_that_dies_while_it_waits_is_told_and_missed_by_nobody() {
    let stage = Stage::new();
    let engine = opened(stage.builder_with_store());
    let spares = prewarm(&stage, &engine, 2);
    signal(spares[0], "KILL");
    assert!(until(PATIENCE, || info(&engine).ready_spares == 1));
    let told = engine
        .background_events()
        .recv_timeout(PATIENCE)
        .expect("told");
    assert!(matches!(&told.kind, EventKind::Notice(notice) if notice.code == "agent_ended"));
    assert_eq!(told.session.as_str(), "");
    let played = stage.play(&engine, "a", "!pid");
    assert_eq!(pid(&played.answers()), spares[1]);
    stage.echo(&engine, "b", "hello");
}

fn opened(builder: EngineBuilder) -> Engine {
    builder.open().expect("an engine")
}

/// Starts spares, and waits until they are ready. Gives their numbers.
fn prewarm(stage: &Stage, engine: &Engine, count: usize) -> Vec<u32> {
    engine
        .prewarm(&WarmUp::new(stage.work_dir()), count)
        .expect("spares");
    assert!(until(PATIENCE, || info(engine).ready_spares == count));
    let list = engine.sessions().expect("a list");
    let spares = list.into_iter().filter(|one| one.spare);
    spares.filter_map(|one| one.pid).collect()
}

fn info(engine: &Engine) -> EngineInfo {
    engine.info().expect("figures")
}

fn pid(answers: &[&str]) -> u32 {
    answers[0].parse().expect("a process number")
}
