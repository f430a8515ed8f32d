//! Permission questions: answered, refused, too late, and in every state of the turn that asks.

use std::time::Duration;

use hotplex::{
    Decision, Engine, ErrorKind, EventKind, Outcome, PermissionRequest, SessionState, Turn,
};

use crate::common::{Stage, finish, next_that, pid, session, signal};
use crate::speakers::{each, each_engine, open};

/// Long for the agent, and short for a test.
const SHORT: Duration = Duration::from_millis(400);

fn next_request(turn: &mut Turn) -> PermissionRequest {
    let asks = |kind: &EventKind| matches!(kind, EventKind::PermissionRequest(_));
    match next_that(turn, asks) {
        EventKind::PermissionRequest(request) => *request,
        other => panic!("not a request: {other:?}"),
    }
}

/// A turn that waits for the caller, and what it asks.
pub(crate) fn asked(stage: &Stage, engine: &Engine, prompt: &str) -> (Turn, PermissionRequest) {
    let mut turn = stage.execute(engine, "a", prompt);
    let request = next_request(&mut turn);
    (turn, request)
}

/// Nothing is open under that name any more.
fn assert_gone(engine: &Engine, turn: hotplex::TurnId, request: &PermissionRequest) {
    let late = engine.respond(turn, &request.request_id, Decision::allow());
    let error = late.expect_err("it is not open any more");
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn allowed_and_denied_the_turn_goes_on_and_each_question_has_one_answer() {
    each_engine(|stage, engine| {
        for decision in [Decision::allow(), Decision::deny("not on a Sunday")] {
            let (turn, request) = asked(stage, engine, "!bash true\n!text went on");
            assert_eq!(request.tool.input["command"], "true");
            let waits = session(engine, "a").expect("it is there").state;
            assert_eq!(waits, SessionState::Waiting);
            turn.respond(&request.request_id, decision)
                .expect("it is open");
            assert_gone(engine, turn.id(), &request);
            let played = finish(turn);
            played.assert_completed();
            assert_eq!(played.answers().last(), Some(&"went on"), "{played:?}");
        }
    });
}

#[test]
fn questions_one_after_the_other_are_each_answered() {
    each_engine(|stage, engine| {
        let mut turn = stage.execute(engine, "a", &"!bash true\n".repeat(5));
        for _ in 0..5 {
            let request = next_request(&mut turn);
            turn.respond(&request.request_id, Decision::allow())
                .expect("it is open");
            assert_gone(engine, turn.id(), &request);
        }
        finish(turn).assert_completed();
    });
}

#[test]
fn a_denial_for_good_ends_the_turn_as_cancelled() {
    each_engine(|stage, engine| {
        let (turn, request) = asked(stage, engine, "!bash true\n!text went on\n!hang-soft");
        let mut decision = Decision::deny("stop it all");
        if let Decision::Deny { interrupt, .. } = &mut decision {
            *interrupt = true;
        }
        turn.respond(&request.request_id, decision)
            .expect("it is open");
        finish(turn).assert_outcome(Outcome::Cancelled);
        stage.echo(engine, "a", "next");
    });
}

#[test]
fn an_unanswered_question_is_denied_in_its_time_and_that_is_told() {
    each(|stage, builder, _| {
        let engine = open(builder.approval_timeout(SHORT));
        let (turn, request) = asked(stage, &engine, "!bash true\n!text went on");
        let id = turn.id();
        let played = finish(turn);
        played.assert_completed();
        assert_eq!(
            played.notices("permission_timed_out").len(),
            1,
            "{played:?}"
        );
        assert_eq!(played.answers().last(), Some(&"went on"));
        assert_gone(&engine, id, &request);
    });
}

#[test]
fn the_clocks_of_the_turn_stand_still_while_the_caller_thinks_and_go_on_after() {
    each(|stage, builder, _| {
        let builder = builder.turn_timeout(2 * SHORT).silence_timeout(2 * SHORT);
        let engine = open(builder.idle_timeout(SHORT).kill_grace(SHORT));
        let (mut turn, request) = asked(stage, &engine, "!bash true\n!hang-soft");
        assert!(
            turn.recv_timeout(4 * SHORT).is_none(),
            "nothing happens meanwhile"
        );
        turn.respond(&request.request_id, Decision::allow())
            .expect("it is open");
        finish(turn).assert_outcome(Outcome::TimedOut);
        stage.echo(&engine, "a", "next");
    });
}

#[test]
fn a_turn_that_asks_can_be_cancelled_and_dropped() {
    each_engine(|stage, engine| {
        let (turn, request) = asked(stage, engine, "!bash true\n!text went on");
        let id = turn.id();
        turn.cancel();
        assert_gone(engine, id, &request);
        let played = finish(turn);
        played.assert_outcome(Outcome::Cancelled);
        assert!(played.answers().is_empty(), "{played:?}");
        let (turn, request) = asked(stage, engine, "!bash true\n!text went on");
        let id = turn.id();
        drop(turn);
        assert_gone(engine, id, &request);
        stage.echo(engine, "a", "next");
    });
}

#[test]
fn an_agent_that_dies_while_it_asks_has_crashed() {
    each_engine(|stage, engine| {
        let (turn, request) = asked(stage, engine, "!bash true");
        let id = turn.id();
        signal("KILL", pid(engine, "a"));
        finish(turn).assert_outcome(Outcome::Crashed);
        assert_gone(engine, id, &request);
        stage.echo(engine, "a", "next");
    });
}

#[test]
fn a_session_that_is_stopped_and_an_engine_that_is_closed_while_it_asks() {
    each(|stage, builder, _| {
        let engine = open(builder.kill_grace(SHORT));
        let (turn, request) = asked(stage, &engine, "!bash true");
        let id = turn.id();
        engine.stop_session("a", "enough").expect("it is there");
        finish(turn).assert_outcome(Outcome::Stopped);
        assert_gone(&engine, id, &request);
        let (turn, _) = asked(stage, &engine, "!bash true");
        engine.close(SHORT).expect("closed");
        finish(turn).assert_outcome(Outcome::Stopped);
    });
}
