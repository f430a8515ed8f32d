//! A conversation outlives the agent's process, the engine and the host.

use std::fs::DirEntry;
use std::time::Duration;

use crate::common::{PATIENCE, Played, Stage, await_answer, finish, until};
use crate::processes::{Host, Remains, lives, say, signal, stay_to_be_killed};
use hotplex::{Engine, EventKind, Outcome};

#[test]
fn after_a_restart_of_the_engine() {
    let stage = Stage::new();
    for round in 0..4 {
        let engine = engine(&stage);
        assert_resumed(&stage.play(&engine, "a", "history"), round);
        engine.close(Duration::from_secs(1)).expect("closed");
    }
}

#[test]
fn after_a_kill_of_the_agent_between_turns() {
    let stage = Stage::new();
    let engine = engine(&stage);
    for round in 0..4 {
        assert_resumed(&stage.play(&engine, "a", "history"), round);
        let agent = engine.sessions().expect("a list")[0].pid.expect("it lives");
        signal(agent, "KILL");
        assert!(until(PATIENCE, || !lives(agent)));
    }
}

#[test]
fn after_a_kill_of_the_agent_in_a_turn() {
    let stage = Stage::new();
    let engine = engine(&stage);
    let mut turn = stage.execute(&engine, "a", "!text begun\n!hang");
    await_answer(&mut turn, "begun");
    let agent = engine.sessions().expect("a list")[0].pid.expect("it lives");
    signal(agent, "KILL");
    finish(turn).assert_outcome(Outcome::Crashed);
    // The agent keeps a prompt as soon as it has it, so that turn counts.
    assert_resumed(&stage.play(&engine, "a", "history"), 1);
}

#[test]
fn after_a_kill_of_the_host() {
    let mut host = Host::start(|| {
        let stage = Stage::new();
        let engine = engine(&stage);
        stage.echo(&engine, "a", "hello");
        let mut turn = stage.execute(&engine, "a", "!text begun\n!hang");
        await_answer(&mut turn, "begun");
        // The record is written beside the turn, some milliseconds after its begin.
        let records = stage.path("state/sessions");
        let is_kept = || std::fs::read_dir(&records).is_ok_and(|mut all| all.any(is_whole));
        assert!(until(PATIENCE, is_kept));
        say(&stage.path("state").display().to_string());
        say(&stage.work_dir().display().to_string());
        say(&stage.path("store").display().to_string());
        stay_to_be_killed(&stage);
    });
    let [state, work, store, directory] = [(); 4].map(|()| host.hear());
    let _remains = Remains(directory.into());
    host.kill();
    let stage = Stage::new();
    let builder = stage
        .builder()
        .state_dir(state.into())
        .env("STAND_IN_STORE", store);
    let engine = builder.open().expect("an engine");
    let request = hotplex::Request::new("a", work, "history");
    assert_resumed(&finish(engine.execute(request).expect("accepted")), 2);
}

#[test]
fn after_a_stop() {
    let stage = Stage::new();
    let engine = engine(&stage);
    for round in 0..4 {
        assert_resumed(&stage.play(&engine, "a", "history"), round);
        engine.stop_session("a", "test").expect("it is there");
    }
}

/// Resuming is a matter of the session's name and the namespace, and of nothing else.
#[test]
fn sessions_and_namespaces_do_not_mix() {
    let stage = Stage::new();
    let open = |namespace| {
        stage
            .builder_with_store()
            .namespace(namespace)
            .open()
            .expect("an engine")
    };
    for (namespace, session) in [("one", "a"), ("one", "b"), ("two", "a")] {
        assert_resumed(&stage.play(&open(namespace), session, "history"), 0);
    }
    assert_resumed(&stage.play(&open("one"), "a", "history"), 1);
}

/// An agent that never took a turn has no conversation, and there is nothing to resume.
#[test]
fn a_session_whose_first_turn_never_came_is_begun_anew() {
    let stage = Stage::new();
    let failing = stage
        .builder_with_store()
        .env("STAND_IN_FAIL", "Invalid API key");
    let failing = failing.open().expect("an engine");
    stage
        .play(&failing, "a", "hello")
        .assert_outcome(Outcome::Failed);
    drop(failing);
    let played = stage.play(&engine(&stage), "a", "history");
    assert_resumed(&played, 0);
    assert!(played.notices("session_reset").is_empty());
}

/// A record under its own name; one that is still being written has another.
fn is_whole(entry: std::io::Result<DirEntry>) -> bool {
    let path = entry.expect("a record").path();
    path.extension()
        .is_some_and(|extension| extension == "json")
}

fn engine(stage: &Stage) -> Engine {
    stage.builder_with_store().open().expect("an engine")
}

/// The conversation had so many turns before this one, and the caller was told that it goes on.
fn assert_resumed(played: &Played, turns: usize) {
    played.assert_completed();
    assert_eq!(
        played.answers(),
        [format!("history: {turns}")],
        "{played:?}"
    );
    let starts = played.events.iter().filter_map(|event| match &event.kind {
        EventKind::SessionStart(start) => Some(start.resumed),
        _ => None,
    });
    assert_eq!(starts.collect::<Vec<_>>(), [turns > 0]);
}
