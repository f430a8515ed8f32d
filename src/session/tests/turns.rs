//! How turns go while the process lives.

use super::*;

#[test]
fn a_prompt_starts_a_process_and_is_written_when_the_handshake_is_answered() {
    let mut script = Script::new();
    script.prompt(1);
    assert_eq!(script.asked_for(), ["launch new derived"]);
    script.launched();
    script.prompt(2);
    assert!(script.asked_for().is_empty());
    script.say(Message::Ready);
    assert_eq!(script.asked_for(), ["write 1: prompt 1"]);
    script.begin(1);
    script.answer("one");
    script.result("one");
    assert_eq!(
        script.asked_for(),
        ["tell 1: one", "end 1 completed", "write 2: prompt 2"]
    );
}

#[test]
fn an_agent_that_never_says_when_it_begins_is_taken_at_its_first_word() {
    let mut script = Script::ready();
    for turn in 1..3 {
        script.prompt(turn);
        script.answer("word");
        script.result("word");
        let expected = [
            format!("write {turn}: prompt {turn}"),
            format!("tell {turn}: word"),
            format!("end {turn} completed"),
        ];
        assert_eq!(script.asked_for(), expected);
    }
}

#[test]
fn what_is_said_before_a_prompt_is_begun_belongs_to_no_turn() {
    // Once for an agent that names its turns, once for an older one that only marks their start.
    for names_turns in [true, false] {
        let begin = |script: &mut Script, turn: u64| {
            if names_turns {
                script.say(Message::TurnStarted(Some(TurnId(turn))));
            }
            script.say(Message::TurnStarted(None));
        };
        let mut script = Script::ready();
        script.prompt(1);
        begin(&mut script, 1);
        script.prompt(2);
        script.result("one");
        script.asked_for();
        script.answer("late");
        script.result("one again");
        assert!(
            script.asked_for().is_empty(),
            "it is not clear yet whose it is"
        );
        begin(&mut script, 2);
        script.answer("two");
        script.result("two");
        assert_eq!(
            script.asked_for(),
            [
                "tell nobody: late",
                "tell nobody: unrequested_result",
                "tell 2: two",
                "end 2 completed"
            ],
            "{names_turns}"
        );
    }
}

#[test]
fn a_turn_the_agent_began_by_itself_is_nobodys_and_holds_an_older_agents_next_prompt_back() {
    let mut script = Script::ready();
    script.prompt(1);
    script.say(Message::TurnStarted(None));
    script.result("one");
    script.asked_for();
    script.say(Message::TurnStarted(None));
    script.prompt(2);
    script.answer("a task has ended");
    script.result("a task has ended");
    let told = [
        "tell nobody: a task has ended",
        "tell nobody: unrequested_result",
        "write 2: prompt 2",
    ];
    assert_eq!(script.asked_for(), told);
}

#[test]
fn a_prompt_does_not_wait_for_ever_behind_what_an_agent_began_by_itself() {
    let mut script = Script::ready();
    script.prompt(1);
    script.say(Message::TurnStarted(None));
    script.result("one");
    script.say(Message::TurnStarted(None));
    script.prompt(2);
    script.asked_for();
    script.until(50_000);
    script.answer("still at it");
    script.until(109_999);
    assert_eq!(script.asked_for(), ["tell nobody: still at it"]);
    script.until(110_000);
    assert_eq!(script.asked_for(), ["close input"]);
    script.ended(ExitCause::Other);
    assert_eq!(script.asked_for(), ["launch new derived"]);
}

#[test]
fn an_agent_that_works_by_itself_is_not_idle_until_it_is_done_or_falls_silent() {
    let mut script = Script::hot();
    script.until(1_790_000);
    script.say(Message::TurnStarted(None));
    assert!(!script.session.is_idle());
    script.until(1_840_000);
    script.answer("still at it");
    script.until(1_899_999);
    assert_eq!(script.asked_for(), ["tell nobody: still at it"]);
    script.until(1_900_000);
    assert_eq!(script.asked_for(), ["close input"]);
    let mut script = Script::hot();
    script.say(Message::TurnStarted(None));
    script.result("done");
    assert!(script.session.is_idle());
}

#[test]
fn an_agent_that_names_turns_is_not_believed_when_it_begins_an_unnamed_one() {
    let mut script = Script::hot();
    script.prompt(2);
    script.say(Message::TurnStarted(None));
    script.answer("by itself");
    script.result("by itself");
    script.begin(2);
    script.answer("two");
    script.result("two");
    assert_eq!(
        script.asked_for(),
        [
            "write 2: prompt 2",
            "tell nobody: by itself",
            "tell nobody: unrequested_result",
            "tell 2: two",
            "end 2 completed"
        ]
    );
}

#[test]
fn a_cancelled_turn_ends_with_the_agents_last_word() {
    let mut script = Script::hot();
    script.prompt(2);
    script.prompt(3);
    script.begin(2);
    script.asked_for();
    assert!(script.cancel(2));
    assert!(!script.cancel(2));
    script.answer("so far");
    script.result("");
    assert_eq!(
        script.asked_for(),
        [
            "interrupt",
            "tell 2: so far",
            "end 2 cancelled",
            "write 3: prompt 3"
        ]
    );
}

#[test]
fn a_turn_that_waits_is_cancelled_without_a_word_to_the_agent() {
    let mut script = Script::hot();
    script.prompt(2);
    script.prompt(3);
    script.asked_for();
    assert!(script.cancel(3));
    assert!(!script.cancel(4));
    assert_eq!(script.asked_for(), ["end 3 cancelled"]);
}

#[test]
fn an_interrupt_never_overtakes_its_prompt() {
    let mut script = Script::hot();
    script.prompt(2);
    assert!(script.cancel(2));
    assert_eq!(script.asked_for(), ["write 2: prompt 2"]);
    script.begin(2);
    assert_eq!(script.asked_for(), ["interrupt"]);
    script.result("");
    assert_eq!(script.asked_for(), ["end 2 cancelled"]);
}

#[test]
fn a_cancelled_turn_is_reported_after_a_second_and_its_process_given_up_after_the_grace() {
    let mut script = Script::hot();
    script.prompt(2);
    script.begin(2);
    script.cancel(2);
    script.prompt(3);
    script.asked_for();
    script.until(999);
    assert!(script.asked_for().is_empty());
    script.until(1000);
    assert_eq!(script.asked_for(), ["end 2 cancelled"]);
    script.answer("late");
    script.until(GRACE - 1);
    assert!(script.asked_for().is_empty());
    script.until(GRACE);
    assert_eq!(script.asked_for(), ["close input", "TERM"]);
    script.until(GRACE + GRACE / 2);
    assert_eq!(script.asked_for(), ["KILL"]);
    script.ended(ExitCause::Other);
    assert_eq!(script.asked_for(), ["launch new derived"]);
}

#[test]
fn a_turn_that_takes_too_long_ends_at_once_and_its_late_words_are_dropped() {
    let mut script = Script::hot();
    script.limited_prompt(2, Some(500));
    script.begin(2);
    script.prompt(3);
    script.asked_for();
    script.until(500);
    assert_eq!(script.asked_for(), ["end 2 timed_out", "interrupt"]);
    script.answer("late");
    script.result("late");
    assert_eq!(script.asked_for(), ["write 3: prompt 3"]);
}

#[test]
fn an_agent_that_falls_silent_is_given_up_and_one_that_talks_is_not() {
    let mut script = Script::with(|limits| limits.silence = Some(Duration::from_millis(200)));
    script.prompt(1);
    script.launched();
    script.say(Message::Ready);
    script.begin(1);
    script.asked_for();
    for ms in [150, 300, 450] {
        script.until(ms);
        script.answer("word");
    }
    script.asked_for();
    script.until(650);
    assert_eq!(script.asked_for(), ["end 1 timed_out", "interrupt"]);
}

#[test]
fn a_denial_that_ends_the_turn_makes_it_cancelled_and_not_failed() {
    let mut script = Script::hot();
    script.prompt(2);
    script.begin(2);
    script.ask("q");
    let decision = Decision::Deny {
        message: "no".to_owned(),
        interrupt: true,
    };
    assert!(script.decide("q", decision));
    script.say(Message::TurnResult(Box::new(TurnResult {
        is_error: true,
        ..TurnResult::default()
    })));
    assert_eq!(
        script.asked_for().last().map(String::as_str),
        Some("end 2 cancelled")
    );
}
