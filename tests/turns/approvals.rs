//! Permission requests: the caller decides, and the turn waits for that without its clock running.

use std::time::Duration;

use crate::common::{Played, Stage, next_that, session};
use hotplex::{
    Decision, Engine, ErrorKind, EventKind, Outcome, PermissionRequest, SessionState, ToolResult,
    Turn,
};
use serde_json::json;

const TOOL: &str = r#"!tool Write {"file_path":"/tmp/a","n":1.50,"big":123456789012345678901}"#;

/// The turn ends as cancelled without another word, and its session goes on.
fn assert_let_go(stage: &Stage, engine: &Engine, turn: Turn) {
    let played = crate::common::finish(turn);
    played.assert_outcome(Outcome::Cancelled);
    assert!(played.answers().is_empty());
    stage.echo(engine, "a", "next");
}

/// A turn that waits for the caller, and what it asks.
fn asked(stage: &Stage, engine: &Engine, prompt: &str) -> (Turn, PermissionRequest) {
    let mut turn = stage.execute(engine, "a", prompt);
    let request = next_request(&mut turn);
    (turn, request)
}

fn next_request(turn: &mut Turn) -> PermissionRequest {
    let is_request = |kind: &EventKind| matches!(kind, EventKind::PermissionRequest(_));
    match next_that(turn, is_request) {
        EventKind::PermissionRequest(request) => *request,
        other => panic!("not a request: {other:?}"),
    }
}

fn results(played: &Played) -> Vec<&ToolResult> {
    played
        .kinds()
        .filter_map(|kind| match kind {
            EventKind::ToolResult(result) => Some(&**result),
            _ => None,
        })
        .collect()
}

#[test]
fn an_allowed_tool_runs_with_the_input_it_was_asked_with() {
    let stage = Stage::new();
    let engine = stage.engine();
    let (turn, request) = asked(&stage, &engine, &format!("{TOOL}\n!text went on"));
    assert_eq!(request.tool.name, "Write");
    assert_eq!(request.tool.input["file_path"], "/tmp/a");
    assert_eq!(session(&engine, "a").unwrap().state, SessionState::Waiting);
    turn.respond(&request.request_id, Decision::allow())
        .unwrap();
    let played = crate::common::finish(turn);
    played.assert_completed();
    assert_eq!(played.answers(), ["went on"]);
    let result = results(&played)[0];
    assert!(
        !result.is_error && result.text.contains("/tmp/a"),
        "{result:?}"
    );
}

#[test]
fn an_allowed_tool_runs_with_the_input_the_caller_put_instead() {
    let stage = Stage::new();
    let engine = stage.engine();
    let (turn, request) = asked(&stage, &engine, TOOL);
    let updated_input = Some(json!({ "file_path": "/tmp/b" }));
    let decision = Decision::Allow { updated_input };
    engine
        .respond(turn.id(), &request.request_id, decision)
        .unwrap();
    let played = crate::common::finish(turn);
    let result = results(&played)[0];
    assert!(
        result.text.contains("/tmp/b") && !result.text.contains("/tmp/a"),
        "{result:?}"
    );
}

#[test]
fn a_denied_tool_does_not_run_and_the_turn_goes_on() {
    let stage = Stage::new();
    let engine = stage.engine();
    let trace = stage.path("trace");
    let prompt = format!(
        "!bash touch {}\n!text went on",
        crate::common::quoted(&trace)
    );
    let (turn, request) = asked(&stage, &engine, &prompt);
    assert_eq!(request.tool.name, "Bash");
    turn.respond(&request.request_id, Decision::deny("not on a Sunday"))
        .unwrap();
    let played = crate::common::finish(turn);
    played.assert_completed();
    assert_eq!(played.answers(), ["went on"]);
    let result = results(&played)[0];
    assert!(
        result.is_error && result.text.contains("not on a Sunday"),
        "{result:?}"
    );
    assert!(!trace.exists());
}

#[test]
fn a_denial_for_good_ends_the_turn_as_cancelled() {
    let stage = Stage::new();
    for builder in stage.generations() {
        let engine = builder.open().unwrap();
        let (turn, request) = asked(&stage, &engine, &format!("{TOOL}\n!text went on"));
        let mut decision = Decision::deny("stop it all");
        if let Decision::Deny { interrupt, .. } = &mut decision {
            *interrupt = true;
        }
        turn.respond(&request.request_id, decision).unwrap();
        assert_let_go(&stage, &engine, turn);
    }
}

#[test]
fn an_unanswered_request_is_denied_after_its_time() {
    let stage = Stage::new();
    let builder = stage.builder().approval_timeout(Duration::from_millis(200));
    let engine = builder.open().unwrap();
    let (turn, request) = asked(&stage, &engine, &format!("{TOOL}\n!text went on"));
    let id = turn.id();
    let played = crate::common::finish(turn);
    played.assert_completed();
    assert_eq!(played.notices("permission_timed_out").len(), 1);
    assert_eq!(played.answers(), ["went on"]);
    assert!(results(&played)[0].is_error);
    let late = engine.respond(id, &request.request_id, Decision::allow());
    assert_eq!(late.unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_withdrawn_request_is_told_and_needs_no_answer() {
    let stage = Stage::new();
    let engine = stage.engine();
    let (turn, request) = asked(&stage, &engine, "!withdraw\n!sleep 300\n!text went on");
    let mut turn = turn;
    let is_withdrawal = |kind: &EventKind| crate::common::is_notice(kind, "permission_withdrawn");
    next_that(&mut turn, is_withdrawal);
    let late = turn.respond(&request.request_id, Decision::allow());
    assert_eq!(late.unwrap_err().kind(), ErrorKind::NotFound);
    let played = crate::common::finish(turn);
    played.assert_completed();
    assert_eq!(played.answers(), ["went on"]);
}

#[test]
fn the_clock_of_the_turn_stands_still_while_the_caller_thinks() {
    let stage = Stage::new();
    let limit = Duration::from_millis(700);
    let builder = stage.builder().turn_timeout(limit).silence_timeout(limit);
    let engine = builder.idle_timeout(limit).open().unwrap();
    let (mut turn, request) = asked(&stage, &engine, &format!("{TOOL}\n!text went on"));
    assert!(
        turn.recv_timeout(limit * 2).is_none(),
        "nothing happens meanwhile"
    );
    turn.respond(&request.request_id, Decision::allow())
        .unwrap();
    let played = crate::common::finish(turn);
    played.assert_completed();
    assert_eq!(played.answers(), ["went on"]);
}

#[test]
fn the_clock_goes_on_after_the_answer() {
    let stage = Stage::new();
    let limit = Duration::from_millis(400);
    let engine = stage.builder().turn_timeout(limit).open().unwrap();
    let (turn, request) = asked(&stage, &engine, &format!("{TOOL}\n!hang-soft"));
    turn.respond(&request.request_id, Decision::allow())
        .unwrap();
    crate::common::finish(turn).assert_outcome(Outcome::TimedOut);
    stage.echo(&engine, "a", "next");
}

#[test]
fn a_turn_can_be_cancelled_while_it_asks() {
    let stage = Stage::new();
    for builder in stage.generations() {
        let engine = builder.open().unwrap();
        let (turn, request) = asked(&stage, &engine, &format!("{TOOL}\n!text went on"));
        turn.cancel();
        let late = turn.respond(&request.request_id, Decision::allow());
        assert_eq!(late.unwrap_err().kind(), ErrorKind::NotFound);
        assert_let_go(&stage, &engine, turn);
    }
}

#[test]
fn tools_that_are_allowed_beforehand_are_not_asked_about() {
    let stage = Stage::new();
    let engines = [
        stage.builder().allowed_tools(["Write"]),
        stage.builder().permission_mode("bypass-permissions"),
        stage.builder().permission_mode("bypassPermissions"),
    ];
    for builder in engines {
        let engine = builder.open().unwrap();
        let played = stage.play(&engine, "a", TOOL);
        played.assert_completed();
        assert!(!results(&played)[0].is_error);
        let kinds = played.events.iter().map(|event| event.kind.as_str());
        assert!(!kinds.collect::<Vec<_>>().contains(&"permission_request"));
    }
}
