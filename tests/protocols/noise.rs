//! Output that is not what it should be: it is told, and nothing else is harmed by it.

use std::time::Duration;

use hotplex::{EventKind, Outcome};

use crate::common::{Played, background, finish, is_notice};
use crate::speakers::{Speaker, each, each_engine, open};

const MIB: usize = 1024 * 1024;

/// What came between two words of the model's is told: by notices, or by an agent that writes text as a part
/// of what the model says.
fn assert_told(speaker: Speaker, played: &Played, notices: &[&str], as_text: &str) {
    played.assert_completed();
    if speaker.speaks_json() {
        assert_eq!(played.notices("not_json"), notices);
        assert_eq!(played.answers(), ["begun", "went on"]);
    } else {
        assert_eq!(played.notices("not_json"), [""; 0]);
        let said = [as_text, "went on"].map(str::trim).join("\n\n");
        let answers = played.answers();
        assert_eq!(answers.len(), 2, "{answers:?}");
        let words = [answers[0], answers[1].trim_start()];
        assert_eq!(words, ["begun", said.trim_start()]);
    }
}

#[test]
fn lines_that_are_not_json_are_notices() {
    each(|stage, builder, speaker| {
        let engine = &open(builder);
        for line in [
            "Welcome to the agent!",
            "{\"id\":",
            "}{",
            "\u{1b}[31mred\u{1b}[0m",
        ] {
            let played = stage.play(
                engine,
                "a",
                &format!("!text begun\n!raw {line}\n!text went on"),
            );
            assert_told(speaker, &played, &[line], line);
        }
    });
}

#[test]
fn json_that_nobody_knows_is_passed_on_as_it_is() {
    each(|stage, builder, speaker| {
        let engine = &open(builder);
        for line in [
            r#"{"no":"word of anybody's","n":1.50}"#,
            "[1,2]",
            "null",
            "7",
            r#"{"jsonrpc":"2.0","id":77,"result":{}}"#,
            r#"{"jsonrpc":"2.0","id":77,"error":{"code":1,"message":"x"}}"#,
            r#"{"jsonrpc":"2.0","method":"un/heard","params":{}}"#,
            // Requests, which are refused.
            r#"{"jsonrpc":"2.0","id":78,"method":"un/heard","params":null}"#,
            r#"{"jsonrpc":"2.0","id":"a name","method":"un/heard"}"#,
        ] {
            let played = stage.play(
                engine,
                "a",
                &format!("!text begun\n!raw {line}\n!text went on"),
            );
            played.assert_completed();
            let raw: Vec<_> = played
                .kinds()
                .filter_map(|kind| match kind {
                    EventKind::Raw(line) => Some(line.as_str()),
                    _ => None,
                })
                .collect();
            let expected = speaker.speaks_json().then_some(line);
            assert_eq!(raw, Vec::from_iter(expected));
            assert_told(speaker, &played, &[], line);
        }
    });
}

/// Serde takes an array for a message whose members are told by their places: one of a single number for the
/// answer to the request of that number.
#[test]
fn an_array_of_numbers_ends_no_turn() {
    each(|stage, builder, speaker| {
        let engine = &open(builder);
        let arrays: String = (1..20)
            .map(|id| format!("!raw [{id}]\n!raw [\"{id}\"]\n"))
            .collect();
        let played = stage.play(engine, "a", &format!("!text begun\n{arrays}!text went on"));
        played.assert_completed();
        if speaker.speaks_json() {
            assert_eq!(played.answers(), ["begun", "went on"]);
            let raw = played
                .kinds()
                .filter(|kind| matches!(kind, EventKind::Raw(_)));
            assert_eq!(raw.count(), 38);
        }
        stage.echo(engine, "a", "next");
    });
}

#[test]
fn bytes_that_are_no_text_are_replaced_and_blank_lines_are_nothing() {
    each(|stage, builder, speaker| {
        let engine = &open(builder);
        for (bytes, told) in [
            ("ff fe 0a", vec!["\u{fffd}\u{fffd}"]),
            ("7b 22 c3 28 0a", vec!["{\"\u{fffd}("]),
            ("00 0a", vec!["\0"]),
            ("0a 0a 20 20 0a 0d 0a", vec![]),
        ] {
            let played = stage.play(
                engine,
                "a",
                &format!("!text begun\n!bytes {bytes}\n!text went on"),
            );
            assert_told(speaker, &played, &told, &told.concat());
        }
    });
}

#[test]
fn a_line_of_fifteen_megabytes_is_delivered_whole() {
    each_engine(|stage, engine| {
        let played = stage.play(engine, "a", &format!("!line {}", 15 * MIB));
        played.assert_completed();
        let lengths: Vec<_> = played.answers().iter().map(|answer| answer.len()).collect();
        assert_eq!(lengths, [15 * MIB]);
    });
}

#[test]
fn a_line_of_sixty_four_megabytes_is_reported_and_survived() {
    each(|stage, builder, speaker| {
        let builder = builder.partial_messages(false);
        let engine = open(builder.turn_timeout(Duration::from_secs(100)));
        // The result of Claude Code repeats the last answer, so that a short one has to come behind.
        let prompt = format!("!text before\n!line {}\n!text after", 64 * MIB);
        let played = stage.play(&engine, "a", &prompt);
        played.assert_completed();
        if speaker.speaks_json() {
            assert_eq!(played.answers(), ["before", "after"]);
            let notices = played.notices("line_too_long");
            assert_eq!(notices.len(), 1, "{speaker:?}: {notices:?}");
        } else {
            // Text is text in parts as well.
            let lengths: Vec<_> = played.answers().iter().map(|said| said.len()).collect();
            assert!(
                lengths.iter().all(|length| *length <= 17 * MIB),
                "{lengths:?}"
            );
            assert_eq!(
                lengths.iter().sum::<usize>(),
                64 * MIB + "beforeafter".len()
            );
        }
        stage.echo(&engine, "a", "next");
    });
}

#[test]
fn a_flooded_stderr_never_blocks_the_agent() {
    each_engine(|stage, engine| {
        for flood in [
            format!("!stderr-line {}", 8 * MIB),
            "!stderr 100000 80".to_owned(),
        ] {
            let played = stage.play(engine, "a", &format!("{flood}\n!text said"));
            played.assert_completed();
            assert_eq!(played.answers(), ["said"], "{flood}");
        }
    });
}

#[test]
fn a_turn_that_is_ended_twice_ends_once_and_ends_no_other() {
    each_engine(|stage, engine| {
        for round in 0..10 {
            let doubled = stage.execute(engine, "a", "!text doubled\n!double-result");
            let slow = stage.execute(engine, "a", "!sleep 20\n!text slow");
            assert_eq!(finish(doubled).answers(), ["doubled"]);
            let played = finish(slow);
            played.assert_completed();
            assert_eq!(played.answers(), ["slow"], "round {round}");
        }
        let info = engine.info().expect("figures");
        assert_eq!((info.turns_completed, info.turns_not_completed), (20, 0));
    });
}

/// It hears the end of its input no more and says nothing: there is no telling that it lives.
#[test]
fn an_agent_that_closes_its_stdout_is_ended_and_its_turn_with_it() {
    each(|stage, builder, _| {
        let engine = open(builder.kill_grace(Duration::from_millis(300)));
        let played = stage.play(&engine, "a", "!text before\n!close-stdout");
        assert_ne!(played.end.outcome, Outcome::Completed, "{played:?}");
        assert!(!played.error().is_empty(), "{played:?}");
        stage.echo(&engine, "a", "next");
    });
}

#[test]
fn what_a_child_says_on_the_agents_stdout_between_turns_is_told_to_nobody_s_turn() {
    each(|stage, builder, speaker| {
        let engine = &open(builder);
        let child = "!child-stdout sleep 0.2; echo 'from a child'";
        stage.play(engine, "a", child).assert_completed();
        let told = background(engine, |kind| match kind {
            EventKind::Raw(_) => !speaker.speaks_json(),
            kind => is_notice(kind, "not_json"),
        });
        assert_eq!((told.turn, told.kind.text()), (None, Some("from a child")));
        stage.echo(engine, "a", "next");
    });
}
