//! Lines that are not what they should be, where somebody waits for what they say: the end of a turn and a
//! question for leave. What can be read is read; what is lost is an honest end or a denial, at once.

use std::time::Duration;

use hotplex::{Decision, ErrorKind, EventKind, Outcome, Turn};

use crate::common::{Played, finish, next, pid};
use crate::speakers::{Speaker, each, open};

/// Each is read, whatever is wrong with it.
const READ: [&str; 8] = [
    "whole", "twice", "no-text", "nul", "deep", "before", "behind", "glued",
];

/// None of these can be.
const LOST: [&str; 5] = ["cut", "long", "long-first", "values", "nested"];

/// Shorter than the lines that are too long, and longer than any other.
const MEGABYTE: usize = 1024 * 1024;

/// What only a limit ends has failed the test long before.
const LIMIT: Duration = Duration::from_secs(1000);

#[test]
fn the_end_of_a_turn_is_read_whatever_stands_in_its_line() {
    each(|stage, builder, speaker| {
        if !speaker.speaks_json() {
            return;
        }
        let engine = open(builder.max_line_bytes(MEGABYTE).turn_timeout(LIMIT));
        for kind in READ.iter().chain(&["odd-types"]) {
            let prompt = format!("!text said\n!mangle-end {kind}");
            let played = stage.play(&engine, "a", &prompt);
            assert_eq!(played.end.outcome, Outcome::Completed, "{kind}: {played:?}");
            assert_eq!(played.answers(), ["said"], "{kind}");
            // What is no part of the message is told.
            let notices = played.notices("not_json");
            let is_beside = ["before", "glued"].contains(kind);
            assert_eq!(notices.len(), usize::from(is_beside), "{kind}: {notices:?}");
        }
        stage.echo(&engine, "a", "next");
    });
}

#[test]
fn an_end_of_a_turn_that_cannot_be_read_ends_it_as_failed_and_no_other() {
    each(|stage, builder, speaker| {
        if !speaker.speaks_json() {
            return;
        }
        let engine = open(builder.max_line_bytes(MEGABYTE).turn_timeout(LIMIT));
        stage.echo(&engine, "a", "before");
        let before = pid(&engine, "a");
        for kind in LOST {
            let mangled = format!("!text said\n!mangle-end {kind}");
            let lost = stage.execute(&engine, "a", &mangled);
            let slow = stage.execute(&engine, "a", "!sleep 20\n!text slow");
            assert_failed(&finish(lost), kind);
            let slow = finish(slow);
            slow.assert_completed();
            assert_eq!(slow.answers(), ["slow"], "{kind}");
        }
        assert_eq!(pid(&engine, "a"), before, "the agent is none the worse");
    });
}

fn assert_failed(played: &Played, kind: &str) {
    assert_eq!(played.end.outcome, Outcome::Failed, "{kind}: {played:?}");
    assert_eq!(played.error_kind(), Some(ErrorKind::AgentFailed), "{kind}");
    let error = played.error();
    assert!(
        error.contains("end of the turn cannot be read"),
        "{kind}: {error}"
    );
    assert_eq!(played.answers(), ["said"], "{kind}");
    let told = if kind == "cut" {
        "not_json"
    } else {
        "line_too_long"
    };
    assert_eq!(played.notices(told).len(), 1, "{kind}: {played:?}");
}

/// A whole turn in which the caller agrees to whatever it is asked.
fn play_allowing(mut turn: Turn) -> Played {
    let mut events = Vec::new();
    loop {
        let event = next(&mut turn);
        match &event.kind {
            EventKind::TurnEnd(end) => {
                let end = (**end).clone();
                return Played { events, end };
            }
            EventKind::PermissionRequest(asked) => turn
                .respond(&asked.request_id, Decision::allow())
                .expect("it is open"),
            _ => {}
        }
        events.push(event);
    }
}

fn has_run(played: &Played) -> bool {
    played.kinds().any(|kind| match kind {
        EventKind::Answer(text) => text == "ran",
        EventKind::ToolResult(result) => !result.is_error,
        _ => false,
    })
}

#[test]
fn a_question_for_leave_is_read_or_denied_and_never_left_open() {
    each(|stage, builder, speaker| {
        if !asks_on_its_output(speaker) {
            return;
        }
        let engine = open(builder.max_line_bytes(MEGABYTE).turn_timeout(LIMIT));
        let read = READ.iter().map(|kind| (kind, true));
        let lost = LOST.iter().chain(&["odd-types"]).map(|kind| (kind, false));
        for (kind, is_read) in read.chain(lost) {
            let prompt = format!("!mangle-asks {kind}\n!bash true\n!text went on");
            let played = play_allowing(stage.execute(&engine, kind, &prompt));
            assert_eq!(has_run(&played), is_read, "{kind}: {played:?}");
            if played.end.outcome == Outcome::Completed {
                assert_eq!(played.answers().last(), Some(&"went on"), "{kind}");
            } else {
                assert!(!is_read, "{kind}: {played:?}");
            }
        }
    });
}

/// The others ask a hook or a plugin, on a socket, and no more.
fn asks_on_its_output(speaker: Speaker) -> bool {
    !matches!(speaker.provider, "aider" | "opencode")
}
