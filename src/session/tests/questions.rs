//! Permission requests: in a turn, beside the turns, and from one into the other.

use super::*;

fn limited() -> Script {
    let mut script = Script::with(|limits| limits.approval = Some(Duration::from_millis(300)));
    script.prompt(2);
    script.launched();
    script.say(Message::Ready);
    script.begin(2);
    script.asked_for();
    script
}

#[test]
fn the_turn_clock_stands_still_while_the_caller_thinks() {
    let mut script = Script::hot();
    script.limited_prompt(2, Some(500));
    script.begin(2);
    script.until(400);
    script.ask("q");
    assert_eq!(script.session.state(), SessionState::Waiting);
    script.until(60_000);
    assert_eq!(
        script.asked_for(),
        ["write 2: prompt 2", "tell 2: permission_request"]
    );
    assert!(!script.decide("other", Decision::allow()));
    assert!(script.decide("q", Decision::allow()));
    assert!(!script.decide("q", Decision::allow()));
    script.until(60_099);
    assert_eq!(script.asked_for(), ["allow q"]);
    script.until(60_100);
    assert_eq!(script.asked_for(), ["end 2 timed_out", "interrupt"]);
}

#[test]
fn a_question_nobody_answers_is_denied_and_a_withdrawn_one_is_told() {
    let mut script = limited();
    script.ask("q");
    script.until(300);
    let expected = [
        "tell 2: permission_request",
        "tell 2: permission_timed_out",
        "deny q",
    ];
    assert_eq!(script.asked_for(), expected);
    script.ask("r");
    script.say(Message::ApprovalWithdrawn("r".to_owned()));
    assert_eq!(
        script.asked_for(),
        ["tell 2: permission_request", "tell 2: permission_withdrawn"]
    );
    assert_eq!(script.session.state(), SessionState::Busy);
}

#[test]
fn a_question_beside_the_turns_is_asked_of_nobody_and_answered_by_the_session() {
    let mut script = Script::hot();
    script.ask("q");
    assert!(!script.session.is_idle(), "it waits for an answer");
    assert!(!script.decide("q", Decision::allow()), "it is of no turn");
    assert!(script.decide_as(Asked::InSession, "q", Decision::allow()));
    assert!(!script.decide_as(Asked::InSession, "q", Decision::allow()));
    assert_eq!(
        script.asked_for(),
        ["tell nobody: permission_request", "allow q"]
    );
    assert!(script.session.is_idle());
}

#[test]
fn a_question_beside_the_turns_is_under_the_time_out_too() {
    let mut script = limited();
    script.result("two");
    script.ask("q");
    script.asked_for();
    script.until(299);
    assert!(script.asked_for().is_empty());
    script.until(300);
    assert_eq!(
        script.asked_for(),
        ["tell nobody: permission_timed_out", "deny q"]
    );
}

#[test]
fn a_question_of_a_turn_that_ends_is_asked_once_more_of_nobody() {
    let mut script = Script::hot();
    script.prompt(2);
    script.begin(2);
    script.ask("q");
    script.asked_for();
    script.result("two");
    assert_eq!(
        script.asked_for(),
        ["end 2 completed", "tell nobody: permission_request"]
    );
    script.prompt(3);
    script.begin(3);
    assert!(!script.decide("q", Decision::allow()), "turn 2 is over");
    assert!(script.decide_as(Asked::InSession, "q", Decision::deny("no")));
    assert_eq!(script.session.state(), SessionState::Busy);
}

#[test]
fn each_of_two_questions_is_answered_by_its_name() {
    let mut script = Script::hot();
    script.prompt(2);
    script.begin(2);
    script.ask("q");
    script.ask("r");
    script.asked_for();
    assert!(script.decide("r", Decision::deny("no")));
    assert_eq!(script.session.state(), SessionState::Waiting);
    assert!(script.decide("q", Decision::allow()));
    assert_eq!(script.session.state(), SessionState::Busy);
    assert_eq!(script.asked_for(), ["deny r", "allow q"]);
}

#[test]
fn a_denial_that_the_host_makes_is_told() {
    let mut script = Script::hot();
    script.prompt(2);
    script.begin(2);
    script.cancel(2);
    script.asked_for();
    script.ask("q");
    assert_eq!(
        script.asked_for(),
        ["tell nobody: permission_refused", "deny q"]
    );
    let mut script = Script::hot();
    script.ask("q");
    script.asked_for();
    script.stop();
    assert_eq!(
        script.asked_for(),
        ["close input", "tell nobody: permission_withdrawn"]
    );
}
