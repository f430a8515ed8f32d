//! Turns that the caller cancels, and the turn after each.

use std::time::Duration;

use hotplex::{Engine, EngineBuilder, EventKind, Outcome};

use crate::common;
use crate::site::Site;
use crate::tools;

/// How long an agent may take to obey a cancel. Mid-answer OpenCode took more than 2 s on a machine that was
/// busy with others (its cold start took 20 s there), and was ended and started anew for it.
const PATIENT: Duration = Duration::from_secs(60);

/// An engine whose agents are not ended because the machine is slow. To be closed by [`close`], lest an agent
/// that outlives the end of its input get as long.
pub(crate) fn patient(builder: EngineBuilder) -> Engine {
    let engine = builder.kill_grace(PATIENT).open();
    engine.expect("an engine")
}

/// Nothing but the first process ever served.
pub(crate) fn close(engine: &Engine) {
    let spawned = engine.info().expect("figures").spawned;
    assert_eq!(spawned, 1, "the process lives on");
    engine.close(Duration::from_secs(2)).expect("a clean end");
}

pub(crate) fn an_answer_is_interrupted_and_the_next_turn_is_clean(site: &Site) {
    let engine = patient(site.builder().partial_messages(true));
    for round in 0..2 {
        let mut turn = site.stage.execute(&engine, "a", "MODEL:stream 400 50");
        common::next_that(&mut turn, |kind| matches!(kind, EventKind::AnswerDelta(_)));
        turn.cancel();
        common::finish(turn).assert_outcome(Outcome::Cancelled);
        let words = format!("after {round}");
        site.ask(&engine, "a", &format!("MODEL:text {words}"), &words);
    }
    close(&engine);
}

/// The tool's own process is the agent's to end, which lives on; what it moved out of reach ends with the session.
pub(crate) fn a_tool_is_interrupted_and_the_next_turn_is_clean(site: &Site) {
    let engine = patient(site.builder().permission_mode("bypassPermissions"));
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
    close(&engine);
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
