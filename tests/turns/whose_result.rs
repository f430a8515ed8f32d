//! A result ends the turn it belongs to, by what the agent tells of it, and no other.

use std::time::{Duration, Instant};

use crate::common::{Stage, background, is_notice, session};
use hotplex::{Engine, EventKind};

/// Far below any limit of a turn.
const SOON: Duration = Duration::from_secs(20);

#[test]
fn what_a_resumed_agent_tells_itself_ends_no_turn() {
    for stale in ["1", "unsigned"] {
        let stage = Stage::new();
        let store = stage.path("store");
        std::fs::create_dir_all(&store).unwrap();
        for builder in stage.generations() {
            let session = if builder.options().env.contains_key("STAND_IN_LIFECYCLE") {
                "old"
            } else {
                "new"
            };
            let engine = builder
                .env("STAND_IN_STALE", stale)
                .env("STAND_IN_STORE", store.display().to_string())
                .open()
                .unwrap();
            stage.echo(&engine, session, "before");
            engine.stop_session(session, "to resume it").unwrap();
            for prompt in ["one", "two", "three"] {
                stage.echo(&engine, session, prompt);
            }
            background(&engine, |kind| is_notice(kind, "unrequested_result"));
        }
    }
}

#[test]
fn an_agent_that_introduces_itself_once_goes_on() {
    let stage = Stage::new();
    for builder in stage.generations() {
        let engine = builder.env("STAND_IN_INIT", "once").open().unwrap();
        let begun = Instant::now();
        for prompt in ["one", "two", "three", "four"] {
            stage.echo(&engine, "a", prompt);
        }
        assert!(begun.elapsed() < SOON);
        // Words before the end reach the turn as well, though nothing marks its start.
        let played = stage.play(&engine, "a", "!text five\n!text six");
        assert_eq!(played.answers(), ["five", "six"]);
    }
}

#[test]
fn the_conversation_after_a_clear_is_the_one_that_goes_on() {
    let stage = Stage::new();
    let open = || stage.builder_with_store().open().unwrap();
    let name = |engine: &Engine| session(engine, "a").unwrap().agent_session_id;
    let engine = open();
    stage.echo(&engine, "a", "before");
    let first = name(&engine);
    let played = stage.play(&engine, "a", "!clear\n!text cleared");
    assert_eq!(played.notices("conversation_reset").len(), 1);
    let is_start = |kind: &&EventKind| matches!(kind, EventKind::SessionStart(_));
    assert_eq!(
        played.kinds().filter(is_start).count(),
        1,
        "it is introduced"
    );
    let second = name(&engine);
    assert_ne!(first, second);
    stage.echo(&engine, "a", "after");
    engine.close(Duration::from_secs(2)).unwrap();
    let engine = open();
    let played = stage.play(&engine, "a", "history");
    // The turn that cleared, and the one after it.
    assert_eq!(played.answers(), ["history: 2"]);
    assert_eq!(name(&engine), second);
}
