//! Turns that the caller cancels, and the turn after each.

use hotplex::{EventKind, Outcome};

use crate::common;
use crate::site::Site;
use crate::tools;

pub(crate) fn an_answer_is_interrupted_and_the_next_turn_is_clean(site: &Site) {
    let engine = site.builder().partial_messages(true).open();
    let engine = engine.expect("an engine");
    for round in 0..2 {
        let mut turn = site.stage.execute(&engine, "a", "MODEL:stream 400 50");
        common::next_that(&mut turn, |kind| matches!(kind, EventKind::AnswerDelta(_)));
        turn.cancel();
        common::finish(turn).assert_outcome(Outcome::Cancelled);
        let words = format!("after {round}");
        site.ask(&engine, "a", &format!("MODEL:text {words}"), &words);
    }
    assert_eq!(
        engine.info().expect("figures").spawned,
        1,
        "the process lives on"
    );
}

/// The tool's own process is the agent's to end, which lives on; what it moved out of reach ends with the session.
pub(crate) fn a_tool_is_interrupted_and_the_next_turn_is_clean(site: &Site) {
    let engine = tools::bypassing(site);
    let prompt = "MODEL:bash touch runs; sh -c 'sleep 1004; true'";
    let turn = site.stage.execute(&engine, "a", prompt);
    site.await_file("runs");
    turn.cancel();
    common::finish(turn).assert_outcome(Outcome::Cancelled);
    // Some agents are two processes.
    let runs = || {
        let lines = common::command_lines(&site.stage.living());
        lines.into_iter().filter(|line| line.contains("sleep 1004"))
    };
    let is_gone = common::until(common::PATIENCE, || runs().count() == 0);
    let left: Vec<_> = runs().collect();
    assert!(is_gone, "the tool goes on: {left:?}");
    site.ask(&engine, "a", "MODEL:text after", "after");
    assert_eq!(
        engine.info().expect("figures").spawned,
        1,
        "the process lives on"
    );
}

pub(crate) fn an_open_question_is_withdrawn_by_a_cancel(site: &Site) {
    let engine = site.engine();
    let (turn, question) = tools::ask_for(site, &engine, "MODEL:bash touch never");
    turn.cancel();
    let id = turn.id();
    common::finish(turn).assert_outcome(Outcome::Cancelled);
    let late = engine.respond(id, &question.request_id, hotplex::Decision::allow());
    let kind = late.err().map(|error| error.kind());
    assert_eq!(kind, Some(hotplex::ErrorKind::NotFound));
    site.ask(&engine, "a", "MODEL:text after", "after");
    assert!(!site.has_file("never"));
}
