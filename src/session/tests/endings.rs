//! How processes end, and what follows.

use super::*;

#[test]
fn a_process_that_ends_at_work_crashes_the_turn_and_the_next_one_resumes() {
    let mut script = Script::hot();
    script.say(Message::SessionStart(Box::new(SessionStart {
        agent_session_id: "talk".to_owned(),
        ..SessionStart::default()
    })));
    script.prompt(2);
    script.begin(2);
    script.prompt(3);
    script.asked_for();
    script.ended(ExitCause::Other);
    let Some(Action::EndTurn(_, end)) = script.actions.first() else {
        panic!("the turn ends first")
    };
    let error = end.error.as_ref().unwrap();
    assert_eq!(error.kind(), ErrorKind::Crashed);
    let expected =
        "the agent exited with status 3 in the middle of the turn: noise | Invalid API key";
    assert_eq!(error.message(), expected);
    assert_eq!(script.asked_for(), ["end 2 crashed", "launch resume talk"]);
}

/// An agent that ends closes its output first, so it gets its grace.
#[test]
fn a_process_that_closes_its_output_and_does_not_end_is_killed_and_its_turn_told_why() {
    let mut script = Script::hot();
    script.prompt(2);
    script.begin(2);
    script.asked_for();
    script.session.output_closed(script.now);
    script.until(GRACE - 1);
    script.session.output_closed(script.now);
    assert!(script.asked_for().is_empty());
    script.until(GRACE);
    assert_eq!(script.asked_for(), ["KILL"]);
    script.ended(ExitCause::Other);
    let Some(Action::EndTurn(_, end)) = script.actions.first() else {
        panic!("the turn ends")
    };
    let told = end.error.as_ref().unwrap().message();
    assert!(told.contains("closed its output"), "{told}");
    assert_eq!(script.asked_for(), ["end 2 crashed"]);
    assert!(script.session.is_over());
}

#[test]
fn a_prompt_written_to_a_process_that_had_ended_is_written_to_the_next_once() {
    let mut script = Script::hot();
    script.prompt(2);
    script.ended(ExitCause::Other);
    assert_eq!(
        script.asked_for(),
        ["write 2: prompt 2", "launch new derived"]
    );
    script.launched();
    script.say(Message::Ready);
    assert_eq!(script.asked_for(), ["write 2: prompt 2"]);
    script.ended(ExitCause::Other);
    assert_eq!(script.asked_for(), ["end 2 crashed"]);
}

#[test]
fn a_process_that_ends_at_start_fails_every_turn_that_waits_with_the_reason() {
    let mut script = Script::new();
    script.prompt(1);
    script.prompt(2);
    script.launched();
    script.asked_for();
    script.ended(ExitCause::Other);
    let Some(Action::EndTurn(_, end)) = script.actions.first() else {
        panic!("the turn ends first")
    };
    assert!(
        end.error
            .as_ref()
            .unwrap()
            .message()
            .ends_with("Invalid API key")
    );
    assert_eq!(script.asked_for(), ["end 1 failed", "end 2 failed"]);
    assert!(script.session.is_over());
}

#[test]
fn a_start_that_failed_because_others_started_too_is_made_again_a_few_times() {
    let mut script = Script::new();
    script.prompt(1);
    script.launched();
    script.asked_for();
    for _ in 0..5 {
        script.ended(ExitCause::StateContended);
        let asked_for = script.asked_for();
        assert_eq!(asked_for, ["tell 1: agent_ended", "launch new derived"]);
        script.launched();
    }
    script.ended(ExitCause::StateContended);
    assert_eq!(script.asked_for(), ["end 1 failed"]);
    assert!(script.session.is_over());
}

#[test]
fn each_start_has_its_own_few_times_once_one_got_ready() {
    let mut script = Script::new();
    for turn in 1..10 {
        script.prompt(turn);
        script.launched();
        script.ended(ExitCause::StateContended);
        script.launched();
        script.say(Message::Ready);
        script.begin(turn);
        script.result("answer");
        script.ended(ExitCause::Other);
        let asked_for = script.asked_for();
        let ended = format!("end {turn} completed");
        assert!(asked_for.contains(&ended), "{asked_for:?}");
    }
}

/// At the handshake, or only when the first prompt was there: versions differ.
fn refused_once(at_work: bool, cause: ExitCause) -> Script {
    let mut script = Script::new();
    script.prompt(1);
    script.launched();
    if at_work {
        script.say(Message::Ready);
    }
    script.asked_for();
    script.ended(cause);
    script
}

#[test]
fn a_conversation_that_is_gone_is_replaced_once_and_the_caller_is_told() {
    for at_work in [false, true] {
        let mut script = refused_once(at_work, ExitCause::NoConversation);
        let asked_for = script.asked_for();
        assert_eq!(asked_for, ["tell 1: session_reset", "launch new fresh"]);
        script.launched();
        script.ended(ExitCause::NoConversation);
        assert_eq!(script.asked_for(), ["end 1 failed"]);
    }
}

#[test]
fn a_name_that_is_in_use_is_that_of_a_conversation_to_resume() {
    for at_work in [false, true] {
        let mut script = refused_once(at_work, ExitCause::NameInUse);
        assert_eq!(script.asked_for(), ["launch resume derived"]);
        script.launched();
        script.say(Message::Ready);
        script.begin(1);
        script.result("one");
        assert_eq!(script.asked_for(), ["write 1: prompt 1", "end 1 completed"]);
    }
}

/// However often it changes its mind.
#[test]
fn an_agent_that_takes_up_no_name_at_all_fails_the_turn() {
    use ExitCause::{NameInUse, NoConversation};
    for (second, third) in [(NameInUse, NameInUse), (NoConversation, NameInUse)] {
        let mut script = refused_once(false, NameInUse);
        for cause in [second, third, NoConversation, NoConversation] {
            script.launched();
            script.ended(cause);
        }
        let asked_for = script.asked_for();
        assert_eq!(asked_for.last().map(String::as_str), Some("end 1 failed"));
        assert!(script.session.is_over());
    }
}

#[test]
fn an_agent_that_does_not_answer_its_handshake_is_ended() {
    let mut script = Script::new();
    script.prompt(1);
    script.launched();
    script.asked_for();
    script.until(30_000);
    assert_eq!(
        script.asked_for(),
        ["end 1 timed_out", "close input", "TERM"]
    );
    script.ended(ExitCause::Other);
    assert!(script.session.is_over());
}

#[test]
fn a_stopped_session_ends_all_its_turns_and_climbs_down_the_ladder() {
    let mut script = Script::hot();
    script.prompt(2);
    script.prompt(3);
    script.begin(2);
    script.asked_for();
    script.stop();
    let expected = ["end 2 stopped", "end 3 stopped", "interrupt", "close input"];
    assert_eq!(script.asked_for(), expected);
    script.result("too late");
    script.prompt(4);
    script.until(GRACE / 2);
    assert_eq!(script.asked_for(), ["TERM"]);
    script.until(GRACE);
    assert_eq!(script.asked_for(), ["KILL"]);
    script.ended(ExitCause::Other);
    assert_eq!(script.asked_for(), ["launch new derived"]);
}

/// What works on a turn gets the time to let go of it.
#[test]
fn an_agent_that_stays_when_its_input_ends_is_sent_term_at_once_while_it_is_idle() {
    let mut script = Script::with(|limits| limits.outlives_input = true);
    script.prompt(1);
    script.launched();
    script.say(Message::Ready);
    script.begin(1);
    script.result("one");
    script.asked_for();
    script.prompt(2);
    script.begin(2);
    script.asked_for();
    let mut idle = Script::with(|limits| limits.outlives_input = true);
    idle.session.warm_up(idle.now, &mut idle.actions);
    idle.launched();
    idle.say(Message::Ready);
    idle.asked_for();
    idle.stop();
    assert_eq!(idle.asked_for(), ["close input", "TERM"]);
    idle.until(GRACE / 2);
    assert_eq!(idle.asked_for(), ["KILL"]);
    script.stop();
    let expected = ["end 2 stopped", "interrupt", "close input"];
    assert_eq!(script.asked_for(), expected);
    script.until(GRACE / 2);
    assert_eq!(script.asked_for(), ["TERM"]);
}

#[test]
fn a_session_stopped_before_its_process_is_there_ends_it_on_arrival() {
    let mut script = Script::new();
    script.prompt(1);
    script.stop();
    assert_eq!(script.asked_for(), ["launch new derived", "end 1 stopped"]);
    script.launched();
    assert_eq!(script.asked_for(), ["close input"]);
    script.ended(ExitCause::Other);
    assert!(script.session.is_over());
}

#[test]
fn an_idle_session_ends_its_process_and_a_busy_one_does_not() {
    let mut script = Script::hot();
    script.limited_prompt(2, None);
    script.begin(2);
    script.until(7_200_000);
    script.result("two");
    assert_eq!(script.asked_for(), ["write 2: prompt 2", "end 2 completed"]);
    script.until(7_200_000 + 1_799_999);
    assert!(script.asked_for().is_empty());
    script.until(7_200_000 + 1_800_000);
    assert_eq!(script.asked_for(), ["close input"]);
}

/// As one does that has started itself anew in its own place: nothing it says can be of the conversation.
#[test]
fn a_process_that_forgot_its_conversation_is_replaced_and_its_unread_prompt_is_given_to_the_next() {
    let forgot = || Message::Forgotten("it knows no such session".to_owned());
    let mut script = Script::hot();
    script.prompt(2);
    script.asked_for();
    script.say(forgot());
    let told = script.asked_for();
    assert!(
        told[0].contains("agent_ended") && told[1] == "KILL",
        "{told:?}"
    );
    script.ended(ExitCause::Other);
    assert_eq!(script.asked_for(), ["launch new derived"]);
    script.launched();
    script.say(Message::NamesTurns);
    script.say(Message::Ready);
    assert_eq!(script.asked_for(), ["write 2: prompt 2"]);
    // Not a third time, and not if it was begun.
    script.say(forgot());
    assert_eq!(script.asked_for(), ["end 2 failed", "KILL"]);
    let mut script = Script::hot();
    script.prompt(2);
    script.begin(2);
    script.asked_for();
    script.say(forgot());
    assert_eq!(script.asked_for(), ["end 2 failed", "KILL"]);
}

/// Something ran that the gate did not let through: there is no time for anything but KILL.
#[test]
fn a_gate_that_failed_ends_the_process_at_once_and_says_why() {
    let failed = || Message::GateFailed("a call got past it".to_owned());
    let mut script = Script::hot();
    script.prompt(2);
    script.begin(2);
    script.prompt(3);
    script.asked_for();
    script.say(failed());
    let Some(Action::EndTurn(_, end)) = script.actions.first() else {
        panic!("the turn ends first")
    };
    let error = end.error.as_ref().unwrap();
    assert_eq!(error.kind(), ErrorKind::AgentFailed);
    assert!(error.message().ends_with("a call got past it"), "{error}");
    assert_eq!(script.asked_for(), ["end 2 failed", "KILL"]);
    script.ended(ExitCause::Other);
    assert_eq!(script.asked_for(), ["launch new derived"]);

    let mut idle = Script::hot();
    idle.asked_for();
    idle.say(failed());
    let told = idle.asked_for();
    assert!(
        told[0].contains("agent_ended") && told[1] == "KILL",
        "{told:?}"
    );

    let mut starting = Script::new();
    starting.prompt(1);
    starting.launched();
    starting.asked_for();
    starting.say(failed());
    assert_eq!(starting.asked_for(), ["end 1 failed", "KILL"]);
}
