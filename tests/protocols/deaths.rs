//! Agents that die, in every state: the turn says so, and the session goes on.

use hotplex::{ErrorKind, Outcome};

use crate::common::{Stage, background, finish, is_notice, pid, session, signal, until};
use crate::speakers::each_engine;

#[test]
fn every_way_to_die_in_a_turn_is_a_crash_that_is_named_and_the_next_turn_works() {
    each_engine(|stage, engine| {
        for (prompt, how) in [
            ("!text so far\n!die 0", "status 0"),
            ("!text so far\n!die 255", "status 255"),
            ("!text so far\n!signal KILL", "signal 9"),
            ("!text so far\n!signal SEGV", "signal 11"),
            ("!text so far\n!half", "status 1"),
        ] {
            let played = stage.play(engine, "a", prompt);
            played.assert_outcome(Outcome::Crashed);
            assert_eq!(played.error_kind(), Some(ErrorKind::Crashed));
            assert!(played.error().contains(how), "{prompt}: {}", played.error());
            // In half a line all before it is whole.
            if !prompt.contains("!half") {
                assert_eq!(played.answers(), ["so far"], "{prompt}");
            }
            stage.echo(engine, "a", "next");
        }
    });
}

#[test]
fn the_last_words_on_stderr_are_told() {
    each_engine(|stage, engine| {
        let played = stage.play(engine, "a", "!stderr-line 40\n!die 3");
        played.assert_outcome(Outcome::Crashed);
        for part in ["status 3", "abcdefghijklmnopqrstuvwxyz"] {
            assert!(played.error().contains(part), "{}", played.error());
        }
    });
}

#[test]
fn in_the_middle_of_a_tool() {
    each_engine(|stage, engine| {
        for _ in 0..3 {
            let (turn, request) = crate::approvals::asked(stage, engine, "!bash sleep 600");
            turn.respond(&request.request_id, hotplex::Decision::allow())
                .expect("it is open");
            signal("KILL", pid(engine, "a"));
            finish(turn).assert_outcome(Outcome::Crashed);
            stage.echo(engine, "a", "next");
        }
    });
}

#[test]
fn turns_that_wait_behind_a_crash_are_not_lost() {
    each_engine(|stage, engine| {
        let first = stage.execute(engine, "a", "!sleep 50\n!die 9");
        let others: Vec<_> = (0..5)
            .map(|number| stage.execute(engine, "a", &format!("turn {number}")))
            .collect();
        finish(first).assert_outcome(Outcome::Crashed);
        for (number, turn) in others.into_iter().enumerate() {
            assert_eq!(finish(turn).answers(), [format!("echo: turn {number}")]);
        }
    });
}

#[test]
fn an_agent_that_ends_after_its_turn_loses_nothing_of_it() {
    each_engine(|stage, engine| {
        let turns: Vec<_> = (0..10)
            .map(|number| {
                let prompt = format!("!flood 40 1500\n!text turn {number}\n!die-after");
                stage.execute(engine, "a", &prompt)
            })
            .collect();
        for (number, turn) in turns.into_iter().enumerate() {
            let played = finish(turn);
            played.assert_completed();
            let answers = played.answers();
            assert_eq!(answers.len(), 41, "turn {number}");
            assert_eq!(answers[40], format!("turn {number}"));
        }
    });
}

#[test]
fn a_death_between_two_turns_is_told_as_an_event_of_no_turn() {
    each_engine(|stage, engine| {
        stage.echo(engine, "a", "hello");
        let first = pid(engine, "a");
        signal("KILL", first);
        let event = background(engine, |kind| is_notice(kind, "agent_ended"));
        assert_eq!((event.turn, event.session.as_str()), (None, "a"));
        let text = event.kind.text().expect("a notice has a text");
        assert!(text.contains("signal 9"), "{text}");
        let gone = until(crate::common::PATIENCE, || session(engine, "a").is_none());
        assert!(gone);
        stage.echo(engine, "a", "again");
        assert_ne!(pid(engine, "a"), first);
    });
}

/// The prompt may be written before the end is seen: it must not go down with the process.
#[test]
fn a_prompt_that_meets_the_dying_process_is_answered_all_the_same() {
    each_engine(|stage: &Stage, engine| {
        for round in 0..15 {
            stage.echo(engine, "a", &format!("round {round}"));
            signal("KILL", pid(engine, "a"));
        }
        stage.echo(engine, "a", "last");
    });
}
