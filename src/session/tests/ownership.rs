//! Whose a result is, by the evidence there is.

use super::*;
use crate::message::Origin;

fn result_of(script: &mut Script, origin: Origin, text: &str) {
    script.say(Message::TurnResult(Box::new(TurnResult {
        text: Some(text.to_owned()),
        origin,
        ..TurnResult::default()
    })));
}

/// A process that takes up an earlier conversation and has got its first prompt.
fn resumed() -> Script {
    let mut script = Script::new();
    script.session.conversation = Conversation::Resume("earlier".to_owned());
    script.prompt(1);
    script.launched();
    script.say(Message::Ready);
    script.asked_for();
    script
}

fn gets_its_answer(script: &mut Script) {
    script.answer("one");
    result_of(script, Origin::Unsaid, "one");
    let told = script.asked_for();
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    assert_eq!(
        told,
        [
            "tell nobody: unrequested_result",
            "tell 1: one",
            "end 1 completed"
        ]
    );
}

#[test]
fn what_a_resumed_agent_has_to_say_to_itself_ends_no_turn() {
    // As 2.1.330 was recorded: the prompt is queued, a start without a name, a result of its own.
    for origin in [Origin::Itself, Origin::Unsaid] {
        let mut script = resumed();
        script.say(Message::TurnQueued(TurnId(1)));
        script.say(Message::TurnStarted(None));
        result_of(&mut script, origin, "");
        script.begin(1);
        gets_its_answer(&mut script);
    }
}

#[test]
fn any_one_piece_of_evidence_is_enough() {
    // That the agent names prompts, that the result is of its own, that it says nothing at all.
    for (names, origin, marks) in [
        (true, Origin::Unsaid, true),
        (false, Origin::Itself, true),
        (false, Origin::Unsaid, true),
        (false, Origin::Unsaid, false),
    ] {
        let mut script = resumed();
        if names {
            script.say(Message::NamesTurns);
        }
        if marks {
            script.say(Message::TurnStarted(None));
        }
        result_of(&mut script, origin, "");
        if names {
            script.begin(1);
        } else if marks {
            script.say(Message::TurnStarted(None));
        }
        gets_its_answer(&mut script);
    }
}

#[test]
fn a_turn_that_says_nothing_ends_all_the_same() {
    let mut script = resumed();
    script.say(Message::TurnStarted(None));
    result_of(&mut script, Origin::Unsaid, "");
    script.ask("q");
    assert_eq!(script.asked_for(), ["tell nobody: permission_request"]);
    script.until(1000);
    assert_eq!(script.asked_for(), ["end 1 completed"]);
}

#[test]
fn a_result_that_names_the_turn_ends_it_and_one_that_names_another_does_not() {
    let mut script = Script::hot();
    script.prompt(2);
    script.begin(2);
    result_of(&mut script, Origin::Turns(vec![TurnId(1)]), "one again");
    script.answer("two");
    result_of(&mut script, Origin::Turns(vec![TurnId(2)]), "two");
    assert_eq!(
        script.asked_for(),
        [
            "write 2: prompt 2",
            "tell nobody: unrequested_result",
            "tell 2: two",
            "end 2 completed"
        ]
    );
}

#[test]
fn a_prompt_that_is_taken_into_the_agents_own_work_ends_with_it() {
    // 2.1.330 names the prompt in the result; without the name the order tells.
    for origin in [Origin::Turns(vec![TurnId(2)]), Origin::Itself] {
        let mut script = Script::hot();
        script.say(Message::TurnStarted(None));
        script.prompt(2);
        script.say(Message::TurnQueued(TurnId(2)));
        script.say(Message::TurnStarted(Some(TurnId(2))));
        script.answer("both");
        script.say(Message::TurnOver(TurnId(2)));
        result_of(&mut script, origin, "both");
        assert_eq!(
            script.asked_for(),
            ["write 2: prompt 2", "tell 2: both", "end 2 completed"]
        );
    }
}

#[test]
fn an_agent_that_introduces_itself_once_does_not_hang_from_the_second_turn_on() {
    let mut script = Script::ready();
    script.prompt(1);
    script.say(Message::TurnStarted(None));
    script.answer("one");
    script.result("one");
    script.prompt(2);
    script.answer("two");
    script.result("two");
    script.asked_for();
    script.until(999);
    assert!(script.asked_for().is_empty());
    script.until(1000);
    assert_eq!(script.asked_for(), ["tell 2: two", "end 2 completed"]);
    script.prompt(3);
    script.answer("three");
    script.result("three");
    assert_eq!(
        script.asked_for(),
        ["write 3: prompt 3", "tell 3: three", "end 3 completed"],
        "from then on its first word is enough"
    );
}

#[test]
fn words_without_a_start_go_to_the_turn_while_it_still_runs() {
    let mut script = Script::ready();
    script.prompt(1);
    script.say(Message::TurnStarted(None));
    script.result("one");
    script.prompt(2);
    script.asked_for();
    script.answer("two");
    script.until(1000);
    assert_eq!(script.asked_for(), ["tell 2: two"]);
    script.answer("and more");
    assert_eq!(script.asked_for(), ["tell 2: and more"]);
}

#[test]
fn an_agent_that_is_not_read_is_not_taken_to_have_marked_nothing() {
    let mut script = Script::ready();
    script.prompt(1);
    script.say(Message::TurnStarted(None));
    script.result("one");
    script.prompt(2);
    script.asked_for();
    script.answer("late");
    script.session.hold_back(true, script.now);
    script.until(60_000);
    script.session.hold_back(false, script.now);
    script.until(60_900);
    assert!(script.asked_for().is_empty());
    script.say(Message::TurnStarted(None));
    assert_eq!(script.asked_for(), ["tell nobody: late"]);
}

#[test]
fn the_conversation_that_was_told_last_is_the_one_that_goes_on() {
    let mut script = Script::hot();
    script.prompt(2);
    for (id, resumed) in [("first", false), ("second", false)] {
        script.say(Message::SessionStart(Box::new(SessionStart {
            agent_session_id: id.to_owned(),
            resumed,
            ..SessionStart::default()
        })));
    }
    script.begin(2);
    script.result("");
    assert_eq!(
        script.asked_for(),
        [
            "write 2: prompt 2",
            "remember first",
            "tell 2: session_start",
            "remember second",
            "tell 2: session_start",
            "end 2 completed"
        ]
    );
    script.ended(ExitCause::Other);
    script.prompt(3);
    assert_eq!(script.asked_for().last().unwrap(), "launch resume second");
}

/// What is held until it is clear is bounded in number and in bytes, and lost it is not.
#[test]
fn what_waits_for_a_start_is_given_out_once_it_is_much() {
    for (count, bytes) in [(256, 1), (3, 400_000), (1, 2_000_000)] {
        let mut script = Script::hot();
        script.prompt(2);
        script.actions.clear();
        for said in 1..=count {
            script.answer(&"x".repeat(bytes));
            let told = script.asked_for().len();
            let expected = if said == count { count } else { 0 };
            assert_eq!(told, expected, "{said} of {count} with {bytes} bytes");
        }
    }
}
