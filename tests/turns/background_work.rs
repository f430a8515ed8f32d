//! What an agent does beside the turns: it is not idle, it may ask, and what ends with it is told.

use std::time::Duration;

use crate::common::{PATIENCE, Stage, background, is_notice, session, until};
use hotplex::{Decision, Engine, ErrorKind, EventKind};

const SHORT: Duration = Duration::from_millis(400);

fn answer(kind: &EventKind) -> Option<&str> {
    match kind {
        EventKind::Answer(text) => Some(text),
        _ => None,
    }
}

fn has_task(engine: &Engine) -> bool {
    session(engine, "a").is_some_and(|session| !session.background_tasks.is_empty())
}

#[test]
fn a_session_with_a_task_outlives_the_idle_time_and_is_listed_with_it() {
    let stage = Stage::new();
    let engine = stage.builder().idle_timeout(SHORT).open().unwrap();
    stage
        .play(&engine, "a", "!background 1500")
        .assert_completed();
    let before = crate::common::pid(&engine, "a");
    let tasks = session(&engine, "a").unwrap().background_tasks;
    assert_eq!(tasks.len(), 1);
    assert_eq!((&*tasks[0].id, &*tasks[0].description), ("b1", "a build"));
    // The end of the task comes from the same process, four idle times later.
    background(&engine, |kind| answer(kind) == Some("the task has ended"));
    assert_eq!(crate::common::pid(&engine, "a"), before);
    assert!(!has_task(&engine));
    let ended = until(PATIENCE, || session(&engine, "a").is_none());
    assert!(ended, "without tasks it is idle");
}

#[test]
fn a_session_with_a_task_does_not_make_room() {
    let stage = Stage::new();
    let engine = stage.builder().max_processes(2).open().unwrap();
    stage.play(&engine, "a", "!background").assert_completed();
    stage.echo(&engine, "b", "idle");
    stage.echo(&engine, "c", "in need of a process");
    assert!(
        has_task(&engine),
        "b gave way, though a was idle for longer"
    );
    assert!(session(&engine, "b").is_none());
}

#[test]
fn whatever_ends_a_task_says_so() {
    type End = (&'static str, fn(&Engine));
    let ends: [End; 4] = [
        ("its limit", |_| {}),
        ("a stop", |engine| {
            engine.stop_session("a", "enough").unwrap()
        }),
        ("a close", |engine| {
            engine.begin_close(Duration::from_secs(2))
        }),
        ("a kill", |engine| {
            crate::common::signal("KILL", crate::common::pid(engine, "a"))
        }),
    ];
    for (name, end) in ends {
        let stage = Stage::new();
        let limit = if name == "its limit" { SHORT } else { PATIENCE };
        let engine = stage.builder().background_timeout(limit).open().unwrap();
        stage.play(&engine, "a", "!background").assert_completed();
        end(&engine);
        let event = background(&engine, |kind| is_notice(kind, "background_ended"));
        assert_eq!((event.turn, event.session.as_str()), (None, "a"), "{name}");
        let text = event.kind.text().unwrap_or_default();
        assert!(text.contains("b1 (a build)"), "{name}: {text}");
    }
}

/// Waits for a question of no turn, and gives its name.
fn question(engine: &Engine) -> String {
    let asked = background(engine, |kind| {
        matches!(kind, EventKind::PermissionRequest(_))
    });
    assert_eq!((asked.turn, asked.session.as_str()), (None, "a"));
    match asked.kind {
        EventKind::PermissionRequest(request) => request.request_id,
        other => panic!("not a question: {other:?}"),
    }
}

#[test]
fn a_question_of_no_turn_is_answered_by_its_session() {
    let stage = Stage::new();
    for engine in stage.engines() {
        for (decision, told) in [
            (Decision::allow(), "allowed"),
            (Decision::deny("no"), "denied"),
        ] {
            let played = stage.play(&engine, "a", "!ask-later 20 Bash");
            played.assert_completed();
            let request = question(&engine);
            for (session, request) in [("b", &*request), ("a", "another")] {
                let error = engine.respond_in_session(session, request, Decision::allow());
                assert_eq!(error.unwrap_err().kind(), ErrorKind::NotFound);
            }
            engine.respond_in_session("a", &request, decision).unwrap();
            background(&engine, |kind| answer(kind) == Some(told));
            let again = engine.respond_in_session("a", &request, Decision::allow());
            assert_eq!(again.unwrap_err().kind(), ErrorKind::NotFound);
        }
    }
}

#[test]
fn a_question_of_no_turn_that_nobody_answers_is_denied_in_time_and_that_is_told() {
    let stage = Stage::new();
    let engine = stage.builder().approval_timeout(SHORT).open().unwrap();
    stage
        .play(&engine, "a", "!ask-later 20 Bash")
        .assert_completed();
    question(&engine);
    background(&engine, |kind| is_notice(kind, "permission_timed_out"));
    background(&engine, |kind| answer(kind) == Some("denied"));
}
