//! What agents may well do and seldom do: each turn has its own end all the same, and its own words.

use std::collections::HashMap;

use hotplex::{Decision, Engine, EventKind, Outcome, PermissionRequest, ToolUse};

use crate::common::{Played, background, finish, next_that};
use crate::speakers::{each, each_engine, open};

fn calls(played: &Played) -> Vec<&ToolUse> {
    let calls = played.kinds().filter_map(|kind| match kind {
        EventKind::ToolUse(call) => Some(&**call),
        _ => None,
    });
    calls.collect()
}

#[test]
fn a_plan_of_ten_thousand_steps_is_told_whole_and_the_turn_goes_on() {
    each(|stage, builder, speaker| {
        let engine = open(builder);
        let played = stage.play(&engine, "a", "!plan 10000\n!text went on");
        played.assert_completed();
        assert!(played.answers().ends_with(&["went on"]), "{speaker:?}");
        let tells_it = |kind: &&EventKind| {
            let told = match kind {
                EventKind::Raw(line) => line.clone(),
                EventKind::Answer(text) => text.clone(),
                EventKind::ToolUse(call) => call.input.to_string(),
                _ => return false,
            };
            told.contains("step 1\"") && told.contains("step 10000")
                || told.starts_with("step 1\n") && told.ends_with("step 10000")
        };
        assert_eq!(played.kinds().filter(tells_it).count(), 1, "{speaker:?}");
    });
}

#[test]
fn each_sub_agent_names_its_caller_however_deep_and_ends_once() {
    each(|stage, builder, speaker| {
        if !speaker.speaks_json() {
            return;
        }
        let engine = open(builder);
        let played = stage.play(&engine, "a", "!sub-agents 3\n!text went on");
        played.assert_completed();
        assert_eq!(played.answers(), ["went on"]);
        let callers = calls(&played)
            .into_iter()
            .map(|call| (call.id.as_str(), call.parent.as_deref()));
        let expected = [
            ("agent-1", None),
            ("agent-2", Some("agent-1")),
            ("agent-3", Some("agent-2")),
        ];
        assert_eq!(callers.collect::<Vec<_>>(), expected, "{played:?}");
        let mut results: HashMap<&str, usize> = HashMap::new();
        for kind in played.kinds() {
            if let EventKind::ToolResult(result) = kind {
                *results.entry(&result.id).or_default() += 1;
            }
        }
        let once = expected.map(|(id, _)| (id, 1));
        assert_eq!(results, HashMap::from(once), "{played:?}");
    });
}

fn next_request(turn: &mut hotplex::Turn) -> PermissionRequest {
    match next_that(turn, |kind| matches!(kind, EventKind::PermissionRequest(_))) {
        EventKind::PermissionRequest(request) => *request,
        other => panic!("not a request: {other:?}"),
    }
}

/// Callers are asked for leave alone: what else an agent asks its user is refused, so that it does not wait.
#[test]
fn a_question_to_the_user_is_refused_and_leave_that_is_asked_beside_it_is_not() {
    each(|stage, builder, speaker| {
        if !speaker.speaks_json() {
            return;
        }
        let engine = open(builder);
        for (decision, told) in [
            (Decision::allow(), "ran, and the question was refused"),
            (Decision::deny("no"), "denied, and the question was refused"),
        ] {
            let mut turn = stage.execute(&engine, "a", "!elicit-beside true");
            let request = next_request(&mut turn);
            assert_eq!(request.tool.input["command"], "true");
            turn.respond(&request.request_id, decision)
                .expect("it is open");
            let played = finish(turn);
            // The question is told in one way or another before the one for leave.
            played.assert_completed();
            assert_eq!(played.answers(), [told], "{speaker:?}");
        }
    });
}

#[test]
fn an_end_for_a_reason_that_nobody_knows_is_a_failure_that_names_it() {
    each(|stage, builder, speaker| {
        if !speaker.speaks_json() {
            return;
        }
        let engine = open(builder);
        let played = stage.play(&engine, "a", "!text so far\n!ends-as the_moon_is_full");
        played.assert_outcome(Outcome::Failed);
        assert!(
            played.error().contains("the_moon_is_full"),
            "{speaker:?}: {}",
            played.error()
        );
        assert_eq!(played.answers(), ["so far"]);
        stage.echo(&engine, "a", "next");
    });
}

#[test]
fn an_end_that_says_nothing_is_a_failure_and_one_that_says_both_is_too() {
    each(|stage, builder, speaker| {
        if !speaker.opens_conversations() || !speaker.speaks_json() {
            return;
        }
        let engine = open(builder);
        for (prompt, why) in [
            ("!text so far\n!ends-bare", "the agent"),
            ("!text so far\n!ends-with-both", "twofold"),
        ] {
            let played = stage.play(&engine, "a", prompt);
            played.assert_outcome(Outcome::Failed);
            assert!(
                played.error().contains(why),
                "{speaker:?}: {}",
                played.error()
            );
            stage.echo(&engine, "a", "next");
        }
    });
}

#[test]
fn a_turn_that_failed_after_its_end_has_ended_well_and_ends_no_other() {
    each(|stage, builder, speaker| {
        if !speaker.opens_conversations() || !speaker.speaks_json() {
            return;
        }
        let engine = open(builder);
        for _ in 0..5 {
            let first = stage.execute(&engine, "a", "!text well\n!double-fault");
            let second = stage.execute(&engine, "a", "!sleep 20\n!text slow");
            let played = finish(first);
            played.assert_completed();
            assert_eq!(played.answers(), ["well"], "{speaker:?}");
            let played = finish(second);
            played.assert_completed();
            assert_eq!(played.answers(), ["slow"], "{speaker:?}");
        }
    });
}

/// Answers to requests that were answered long ago, or that nobody made.
#[test]
fn answers_that_nobody_waits_for_change_nothing() {
    each(|stage, builder, speaker| {
        if !speaker.opens_conversations() || !speaker.speaks_json() {
            return;
        }
        let engine = open(builder);
        let answers: String = ["1", "2", "3", "0", "-1", "99999", "\"1\"", "1.0", "null"]
            .iter()
            .flat_map(|id| {
                [
                    format!(r#"!raw {{"jsonrpc":"2.0","id":{id},"result":{{"sessionId":"other","thread":{{"id":"other"}}}}}}"#),
                    format!(r#"!raw {{"jsonrpc":"2.0","id":{id},"error":{{"code":1,"message":"late"}}}}"#),
                ]
            })
            .map(|line| line + "\n")
            .collect();
        // The prompt of the first turn may have one of the numbers.
        stage.echo(&engine, "a", "warm");
        stage.echo(&engine, "a", "warmer");
        stage.echo(&engine, "a", "warmest");
        let played = stage.play(
            &engine,
            "a",
            &format!("!text begun\n{answers}!text went on"),
        );
        played.assert_completed();
        assert_eq!(played.answers(), ["begun", "went on"], "{speaker:?}");
        assert_eq!(
            stage.play(&engine, "a", "history").answers(),
            ["history: 4"]
        );
    });
}

#[test]
fn a_conversation_that_is_not_the_clients_neither_speaks_nor_costs_nor_ends_a_turn() {
    each(|stage, builder, speaker| {
        if !speaker.opens_conversations() || !speaker.speaks_json() {
            return;
        }
        let engine = open(builder);
        let played = stage.play(&engine, "a", "!text begun\n!foreign\n!text went on");
        played.assert_completed();
        assert_eq!(played.answers(), ["begun", "went on"], "{speaker:?}");
        let own = |kind: &EventKind| match kind {
            EventKind::AnswerDelta(text) | EventKind::ThinkingDelta(text) => text != "foreign",
            EventKind::Thinking(_) => false,
            _ => true,
        };
        assert!(played.kinds().all(own), "{speaker:?}: {played:?}");
        let stats = &played.end.stats;
        assert!(stats.cost_usd < 1.0, "{speaker:?}: {stats:?}");
        assert!(stats.usage.input_tokens < 1000, "{speaker:?}: {stats:?}");
        stage.echo(&engine, "a", "next");
    });
}

/// A message that goes on behind the end of its turn is that turn's, where messages have names.
#[test]
fn the_last_updates_of_a_turn_that_was_answered_reach_no_other() {
    each(|stage, builder, speaker| {
        let names_messages = speaker.opens_conversations() && speaker.speaks_json();
        if !names_messages || speaker.provider == "gemini" {
            return;
        }
        let engine = open(builder);
        for pause in [0, 30, 200] {
            let prompt = format!("!text early\n!late-same {pause} LATE");
            let first = stage.execute(&engine, "a", &prompt);
            let second = stage.execute(&engine, "a", "second");
            assert_eq!(finish(first).answers()[0], "early", "{speaker:?}");
            let played = finish(second);
            played.assert_completed();
            assert_eq!(played.answers(), ["echo: second"], "{speaker:?} {pause}");
            let is_late =
                |kind: &EventKind| matches!(kind, EventKind::AnswerDelta(text) if text == "LATE");
            assert!(!played.kinds().any(is_late), "{speaker:?} {pause}");
        }
    });
}

fn background_question(engine: &Engine) -> PermissionRequest {
    let asked = background(engine, |kind| {
        matches!(kind, EventKind::PermissionRequest(_))
    });
    assert_eq!((asked.turn, asked.session.as_str()), (None, "a"));
    match asked.kind {
        EventKind::PermissionRequest(request) => *request,
        other => panic!("not a question: {other:?}"),
    }
}

#[test]
fn leave_that_is_asked_for_behind_the_end_is_a_question_of_no_turn() {
    each(|stage, builder, speaker| {
        // Aider does nothing between its turns, and for Claude Code `tests/turns` has it.
        if !speaker.opens_conversations() || !speaker.speaks_json() {
            return;
        }
        let engine = open(builder);
        for (decision, told) in [
            (Decision::allow(), "allowed"),
            (Decision::deny("no"), "denied"),
        ] {
            let played = stage.play(&engine, "a", "!text over\n!ask-late true");
            played.assert_completed();
            assert_eq!(played.answers(), ["over"]);
            let request = background_question(&engine);
            assert_eq!(request.tool.input["command"], "true");
            engine
                .respond_in_session("a", &request.request_id, decision)
                .expect("it is open");
            background(&engine, |kind| kind.text() == Some(told));
            stage.echo(&engine, "a", "next");
        }
    });
}

/// Else an agent would wait for it for ever, if not its turn.
#[test]
fn what_is_asked_when_the_turn_ends_has_an_answer_all_the_same() {
    each(|stage, builder, speaker| {
        if !speaker.asks_by_itself() && speaker.provider != "codex" {
            return;
        }
        let engine = open(builder);
        let played = stage.play(&engine, "a", "!text over\n!ask-open true");
        played.assert_completed();
        background(&engine, |kind| kind.text() == Some("answered"));
        stage.echo(&engine, "a", "next");
    });
}

#[test]
fn the_end_of_a_turn_counts_without_the_end_of_its_line() {
    each(|stage, builder, speaker| {
        if !speaker.speaks_json() {
            return;
        }
        let engine = open(builder);
        for _ in 0..3 {
            let played = stage.play(&engine, "a", "!text all of it\n!ends-unterminated");
            played.assert_completed();
            assert_eq!(played.answers(), ["all of it"], "{speaker:?}");
        }
        stage.echo(&engine, "a", "next");
    });
}

/// What agents count is counted, wherever their protocol has it.
#[test]
fn tokens_are_counted_where_an_agent_tells_them() {
    each_engine(|stage, engine| {
        let provider = engine.capabilities().provider;
        if !matches!(provider, "gemini" | "claude-agent-acp") {
            return;
        }
        let played = stage.play(engine, "a", "hello");
        let usage = played.end.stats.usage;
        assert_eq!((usage.input_tokens, usage.output_tokens), (10, 5));
    });
}
