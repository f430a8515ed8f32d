//! Agents that do not come up: the caller is told, and why, and in time.

use std::time::{Duration, Instant};

use hotplex::{ErrorKind, EventKind, NoticeCode, Outcome};

use crate::common::{finish, pid};
use crate::speakers::{each, open};

#[test]
fn an_agent_that_ends_before_it_is_ready_fails_every_turn_that_waits() {
    each(|stage, builder, _| {
        let builder = builder.env("STAND_IN_FAIL", "Invalid API key: please log in");
        let builder = builder.env("STAND_IN_BOOT_MS", "100");
        let engine = open(builder.start_timeout(Duration::from_secs(100)));
        let asked = Instant::now();
        let turns: Vec<_> = (0..3)
            .map(|_| stage.execute(&engine, "a", "hello"))
            .collect();
        for turn in turns {
            let played = finish(turn);
            played.assert_outcome(Outcome::Failed);
            assert_eq!(played.error_kind(), Some(ErrorKind::SpawnFailed));
            for part in ["status 1", "Invalid API key: please log in"] {
                assert!(played.error().contains(part), "{}", played.error());
            }
        }
        assert!(
            asked.elapsed() < Duration::from_secs(60),
            "a limit was waited for"
        );
    });
}

/// OpenCode's first starts make a database, and whoever finds it half made ends. No prompt was written yet.
#[test]
fn one_that_ends_because_others_start_too_is_started_again_a_few_times() {
    each(|stage, builder, speaker| {
        if speaker.provider != "opencode" {
            return;
        }
        std::fs::create_dir_all(stage.work_dir()).expect("a directory");
        let fails = stage.work_dir().join("fails");
        let builder = builder.env("STAND_IN_FAIL", "Error: database is locked");
        let engine = open(builder.env("STAND_IN_FAILS", fails.display().to_string()));
        for (times, completes) in [(2, true), (5, true), (6, false)] {
            std::fs::write(&fails, "x".repeat(times)).expect("a file");
            let played = stage.play(&engine, &format!("s{times}"), "hello");
            let is_told = |kind: &EventKind| matches!(kind, EventKind::Notice(notice) if notice.code == NoticeCode::AgentEnded);
            assert_eq!(
                played.kinds().filter(|kind| is_told(kind)).count(),
                times.min(5)
            );
            if completes {
                played.assert_completed();
                assert_eq!(played.answers(), ["echo: hello"]);
            } else {
                assert_eq!(played.error_kind(), Some(ErrorKind::SpawnFailed));
                assert!(played.error().contains("database is locked"), "{played:?}");
            }
        }
    });
}

#[test]
fn one_that_ends_in_the_middle_of_the_handshake_has_not_started_either() {
    each(|stage, builder, speaker| {
        if !speaker.opens_conversations() {
            return;
        }
        let engine = open(builder.env("STAND_IN_DIE_OPENING", "1"));
        let played = stage.play(&engine, "a", "hello");
        played.assert_outcome(Outcome::Failed);
        assert_eq!(played.error_kind(), Some(ErrorKind::SpawnFailed));
        assert!(played.error().contains("status 4"), "{}", played.error());
    });
}

#[test]
fn one_that_is_never_ready_is_given_up() {
    each(|stage, builder, _| {
        let builder = builder.env("STAND_IN_NO_HANDSHAKE", "1");
        let engine = open(builder.start_timeout(Duration::from_millis(300)));
        for _ in 0..2 {
            let played = stage.play(&engine, "a", "hello");
            played.assert_outcome(Outcome::TimedOut);
            assert_eq!(played.error_kind(), Some(ErrorKind::TimedOut));
            assert!(played.error().contains("handshake"), "{}", played.error());
        }
    });
}

/// As programs in .NET do, and those whose libraries print.
#[test]
fn what_is_said_before_the_protocol_begins_costs_no_start() {
    each(|stage, builder, speaker| {
        for greeting in [
            "\u{feff}",
            "Loading plugins...\n",
            "\u{1b}[2J\r\n\r\n",
            "[1]\n[\"1\"]\n[]\n",
            "{\"jsonrpc\":\"2.0\",\"id\":99,\"result\":{}}\n",
        ] {
            let builder = builder.clone().namespace(format!("n{}", greeting.len()));
            let engine = open(builder.env("STAND_IN_GREETING", greeting));
            let played = stage.play(&engine, "a", "hello");
            played.assert_completed();
            assert_eq!(
                played.answers(),
                ["echo: hello"],
                "{speaker:?} {greeting:?}"
            );
        }
    });
}

#[test]
fn one_that_refuses_the_handshake_says_why() {
    each(|stage, builder, _| {
        let engine = open(builder.env("STAND_IN_REFUSE_HOOKS", "1"));
        let played = stage.play(&engine, "a", "hello");
        played.assert_outcome(Outcome::Failed);
        assert_eq!(
            played.error_kind(),
            Some(ErrorKind::SpawnFailed),
            "{played:?}"
        );
    });
}

#[test]
fn a_turn_is_cancelled_before_its_agent_is_ready_and_the_next_gets_it() {
    each(|stage, builder, _| {
        let engine = open(builder.env("STAND_IN_BOOT_MS", "400"));
        let turn = stage.execute(&engine, "a", "hello");
        turn.cancel();
        let played = finish(turn);
        played.assert_outcome(Outcome::Cancelled);
        assert!(played.answers().is_empty(), "{played:?}");
        stage.echo(&engine, "a", "next");
    });
}

/// What hooks and plugins ask through lies there, and an address of a socket holds 107 bytes.
#[test]
fn the_state_directory_may_lie_deep() {
    each(|stage, builder, _| {
        let deep = stage.path(&"d".repeat(200));
        let engine = open(builder.state_dir(deep).permission_mode("bypassPermissions"));
        let played = stage.play(&engine, "a", "!bash true\n!text went on");
        played.assert_completed();
        assert_eq!(played.answers().last(), Some(&"went on"), "{played:?}");
    });
}

#[test]
fn a_slow_start_is_not_charged_to_the_turn() {
    each(|stage, builder, _| {
        let limit = Duration::from_millis(1500);
        let builder = builder.env("STAND_IN_BOOT_MS", "2500");
        let engine = open(builder.turn_timeout(limit));
        let played = stage.play(&engine, "a", "hello");
        played.assert_completed();
        assert!(played.end.stats.total < limit, "{:?}", played.end.stats);
        assert_ne!(pid(&engine, "a"), 0);
    });
}
