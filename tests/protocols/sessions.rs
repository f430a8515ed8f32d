//! Sessions: each has its own answers, and its conversation outlives its process.

use std::time::Duration;

use hotplex::ErrorKind;

use crate::common::{finish, pid, signal};
use crate::speakers::{each, each_engine, open};

#[test]
fn sessions_at_once_have_each_its_own_answers() {
    each_engine(|stage, engine| {
        let names: Vec<_> = (0..8).map(|number| format!("s{number}")).collect();
        let turns: Vec<_> = (0..5)
            .flat_map(|round| names.iter().map(move |name| (name, round)))
            .map(|(name, round)| {
                let text = format!("{name} in round {round}");
                let prompt = format!("!delta 3 1\n!text {text}");
                (stage.execute(engine, name, &prompt), text)
            })
            .collect();
        for (turn, text) in turns {
            let id = turn.id();
            let played = finish(turn);
            played.assert_completed();
            assert_eq!(played.answers(), ["w0 w1 w2 ", &text]);
            let own = |event: &hotplex::Event| {
                event.turn == Some(id) && text.starts_with(event.session.as_str())
            };
            assert!(played.events.iter().all(own), "{played:?}");
            let replaced = played.notices("work_dir_replaced");
            assert!(replaced.is_empty(), "{replaced:?}");
        }
        // One that is replaced between two turns costs no turn, and is told.
        let told: Vec<_> = engine.background_events().try_iter().collect();
        let spawned = engine.info().expect("figures").spawned;
        assert_eq!(spawned, 8, "{told:?}");
    });
}

#[test]
fn a_killed_agent_takes_its_conversation_up_again_in_the_engine_and_in_the_next() {
    each(|stage, builder, _| {
        let engine = open(builder.clone());
        for round in 0..3 {
            let played = stage.play(&engine, "a", "history");
            assert_eq!(played.answers(), [format!("history: {round}")]);
            signal("KILL", pid(&engine, "a"));
        }
        // In the middle of a turn.
        let played = stage.play(&engine, "a", "!die 9");
        played.assert_outcome(hotplex::Outcome::Crashed);
        assert_eq!(
            stage.play(&engine, "a", "history").answers(),
            ["history: 4"]
        );
        engine.close(Duration::from_secs(1)).expect("closed");
        let engine = open(builder);
        assert_eq!(
            stage.play(&engine, "a", "history").answers(),
            ["history: 5"]
        );
    });
}

#[test]
fn a_conversation_that_is_gone_costs_itself_and_a_notice() {
    each(|stage, builder, _| {
        let engine = open(builder.clone());
        stage.echo(&engine, "a", "one");
        engine.close(Duration::from_secs(1)).expect("closed");
        let store = stage.path("kept/conversations");
        std::fs::remove_dir_all(&store).expect("it was there");
        std::fs::create_dir_all(&store).expect("a directory");
        let engine = open(builder);
        let played = stage.play(&engine, "a", "history");
        assert_eq!(played.answers(), ["history: 0"], "{played:?}");
        assert_eq!(played.notices("session_reset").len(), 1, "{played:?}");
        stage.echo(&engine, "a", "on");
    });
}

/// What is there and cannot be taken up now is not begun anew: who has lost what was said would have to hear of
/// it, and who makes it readable again has it again.
#[test]
fn a_conversation_that_is_there_and_is_refused_fails_the_turn_with_the_reason_and_is_kept() {
    each(|stage, builder, speaker| {
        // Aider takes any text for a conversation, and OpenCode has one word for all that fails.
        if matches!(speaker.provider, "aider" | "opencode") {
            return;
        }
        let engine = open(builder.clone());
        stage.echo(&engine, "a", "one");
        engine.close(Duration::from_secs(1)).expect("closed");
        for why in [
            "the session is locked by process 4711",
            "the session belongs to /srv/elsewhere",
            "the session was written by release 0.3 and cannot be read",
            "unexpected token in JSON at position 7",
        ] {
            let engine = open(builder.clone().env("STAND_IN_REFUSE_RESUME", why));
            for _ in 0..2 {
                let played = stage.play(&engine, "a", "two");
                played.assert_outcome(hotplex::Outcome::Failed);
                assert_eq!(played.error_kind(), Some(ErrorKind::SpawnFailed));
                assert!(played.error().contains(why), "{}", played.error());
                assert!(played.notices("session_reset").is_empty(), "{played:?}");
            }
            // Others are not touched by it.
            stage.echo(&engine, why, "hello");
        }
        let engine = open(builder);
        let played = stage.play(&engine, "a", "history");
        assert_eq!(played.answers(), ["history: 1"], "{speaker:?}");
        assert!(played.notices("session_reset").is_empty(), "{played:?}");
    });
}

#[test]
fn sessions_that_share_one_process_s_place_keep_their_conversations() {
    each(|stage, builder, _| {
        let engine = open(builder.max_processes(1));
        for round in 0..3 {
            for name in ["a", "b"] {
                let played = stage.play(&engine, name, "history");
                assert_eq!(played.answers(), [format!("history: {round}")], "{name}");
            }
        }
        assert!(engine.info().expect("figures").hibernated >= 5);
    });
}
