//! The start of a conversation is told once a process, though the agent repeats it every turn.

use std::time::Duration;

use crate::common::{PATIENCE, Played, Stage, pid, until};
use hotplex::{EngineBuilder, EventKind, SessionStart, WarmUp};

fn starts(played: &Played) -> Vec<&SessionStart> {
    played
        .kinds()
        .filter_map(|kind| match kind {
            EventKind::SessionStart(start) => Some(&**start),
            _ => None,
        })
        .collect()
}

#[test]
fn the_first_turn_of_a_process_tells_it_and_the_others_do_not() {
    let stage = Stage::new();
    let builder = stage
        .builder()
        .disallowed_tools(["Bash"])
        .model("stand-in-2");
    let engine = builder.open().unwrap();
    let first = stage.play(&engine, "a", "hello");
    let starts_of_first = starts(&first);
    assert_eq!(starts_of_first.len(), 1);
    let start = starts_of_first[0];
    assert_eq!(start.pid, Some(pid(&engine, "a")));
    assert_eq!(start.model.as_deref(), Some("stand-in-2"));
    assert_eq!(start.cwd.as_deref(), stage.work_dir().to_str());
    assert!(!start.resumed);
    let has = |name: &str| start.tools.iter().any(|tool| tool == name);
    assert!(has("Write") && !has("Bash"), "{:?}", start.tools);
    for _ in 0..3 {
        assert!(starts(&stage.play(&engine, "a", "hello")).is_empty());
    }
}

/// Whenever the next prompt comes: while the process ends, when it has, before the record of the
/// conversation is written or after.
#[test]
fn a_new_process_tells_it_again_and_that_it_resumed() {
    let stage = Stage::new();
    let engine = stage.engine();
    for number in 0..10 {
        let session = format!("s{number}");
        let first = stage.play(&engine, &session, "!text one\n!die-after");
        std::thread::park_timeout(Duration::from_micros(100 * number));
        let second = stage.play(&engine, &session, "hello");
        let (before, after) = (starts(&first), starts(&second));
        assert_eq!((before.len(), after.len()), (1, 1));
        assert!(!before[0].resumed && after[0].resumed, "{session}");
        assert_eq!(before[0].agent_session_id, after[0].agent_session_id);
    }
}

/// The record is written behind the starts of other processes. A prompt that comes before it must
/// not begin a second conversation under the name of the first, or with a spare.
#[test]
fn a_conversation_whose_record_is_still_to_be_written_is_resumed() {
    let stage = Stage::new();
    let engine = stage.engine();
    let spares = WarmUp::new(stage.work_dir());
    engine.prewarm(&spares, 1).unwrap();
    assert!(until(PATIENCE, || engine.info().unwrap().ready_spares == 1));
    engine.prewarm(&spares, 30).unwrap();
    let first = stage.play(&engine, "a", "!text one\n!die-after");
    let second = stage.play(&engine, "a", "hello");
    let (before, after) = (starts(&first), starts(&second));
    assert!(!before[0].resumed && after[0].resumed);
    assert_eq!(before[0].agent_session_id, after[0].agent_session_id);
}

#[test]
fn events_carry_their_session_turn_and_time() {
    let stage = Stage::new();
    let engine = stage.engine();
    let turn = stage.execute(&engine, "a", "!stream 5 10 20");
    let id = turn.id();
    let played = crate::common::finish(turn);
    let mut last = Duration::ZERO;
    for event in &played.events {
        assert_eq!((event.turn, event.session.as_str()), (Some(id), "a"));
        assert!(event.at >= last);
        last = event.at;
    }
    assert!(last >= Duration::from_millis(80), "{last:?}");
}

#[test]
fn deltas_come_before_the_whole_if_asked_for_and_only_then() {
    let stage = Stage::new();
    for partial in [true, false] {
        let engine = stage.builder().partial_messages(partial).open().unwrap();
        let played = stage.play(&engine, "a", "!think hm\n!delta 20 1");
        played.assert_completed();
        let (mut deltas, mut thoughts) = (String::new(), String::new());
        for event in &played.events {
            match &event.kind {
                EventKind::AnswerDelta(text) => deltas.push_str(text),
                EventKind::ThinkingDelta(text) => thoughts.push_str(text),
                _ => {}
            }
        }
        let answers = played.answers();
        assert_eq!(answers.len(), 1);
        assert_eq!(deltas, if partial { answers[0] } else { "" });
        assert_eq!(thoughts, if partial { "hm" } else { "" });
    }
}

/// Most releases work, so the turn goes on.
#[test]
fn a_release_that_was_never_tested_is_told_once_a_session_and_never_refused() {
    let stage = Stage::new();
    for (provider, version, told) in [
        ("claude-code", "2.1.330", 0),
        ("claude-code", "9.0.1", 1),
        ("codex", "0.171.0", 0),
        ("codex", "9.0.1", 1),
        // Of any agent none was tested, and so none is news.
        ("acp", "9.0.1", 0),
    ] {
        let own = match provider {
            "claude-code" => vec![],
            other => vec!["--speak", other],
        };
        let mut options = stage.builder().options().clone();
        // The engine's own files, of which Codex has some, are no agent's to write.
        options.jail_roots.clear();
        let builder = EngineBuilder::from(options)
            .provider(provider)
            .program_args(own)
            .namespace(format!("{provider} {version}"))
            .env("STAND_IN_VERSION", version);
        let engine = builder.open().unwrap();
        engine.prewarm(&WarmUp::new(stage.work_dir()), 1).unwrap();
        assert!(until(PATIENCE, || engine.info().unwrap().ready_spares == 1));
        for session in ["from a spare", "without one"] {
            let first = stage.play(&engine, session, "hello");
            first.assert_completed();
            let notices = first.notices("untested_version");
            assert_eq!(notices.len(), told, "{provider} {version}: {notices:?}");
            assert!(notices.iter().all(|text| text.contains(version)));
            let next = stage.play(&engine, session, "hello");
            assert!(next.notices("untested_version").is_empty(), "{next:?}");
        }
    }
}
