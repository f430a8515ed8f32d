//! Callers that take events slowly, never, or keep them all: each pays for itself alone.

mod common;

use std::time::Duration;

use common::{PATIENCE, Stage, session, until};
use hotplex::{Delivery, Event, EventKind, Outcome, Turn};

const MIB: u64 = 1024 * 1024;

/// Answers with numbers in them, so that what is lost, doubled or out of order shows.
fn numbered(count: usize, bytes: usize) -> String {
    let filler = "x".repeat(bytes);
    let lines = (0..count).map(|number| format!("!text {number} {filler}\n"));
    lines.collect()
}

fn assert_numbered(answers: &[&str], count: usize) {
    assert_eq!(answers.len(), count);
    for (number, answer) in answers.iter().enumerate() {
        assert!(
            answer.starts_with(&format!("{number} ")),
            "{number}: {answer}"
        );
    }
}

fn resident_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("/proc");
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let figure = line.and_then(|line| line.split_whitespace().nth(1));
    figure
        .and_then(|figure| figure.parse().ok())
        .expect("a figure in kilobytes")
}

/// 200 MB are said to a caller that does not listen. All of these run in one test because the
/// memory measured is that of the whole process.
#[test]
fn a_consumer_that_never_reads_costs_bounded_memory_and_loses_nothing() {
    let stage = Stage::new();
    let engine = stage.engine();
    stage.echo(&engine, "deaf", "hello");
    let before = resident_kilobytes();
    let deaf = stage.execute(&engine, "deaf", "!flood 200000 1000");
    let held = || session(&engine, "deaf").unwrap().buffered_bytes;
    assert!(until(PATIENCE, || held() > MIB));
    for round in 0..200 {
        stage.echo(&engine, "other", &format!("round {round}"));
    }
    // The window, and what one read of the pipe can hold on top of it.
    assert!(held() < MIB + MIB / 2, "{} bytes are held", held());
    let grown = resident_kilobytes().saturating_sub(before);
    assert!(grown < 24 * 1024, "the host grew by {grown} KB");
    let played = common::finish(deaf);
    played.assert_completed();
    assert_eq!(played.answers().len(), 200_000);
    assert!(until(PATIENCE, || held() == 0));
}

#[test]
fn what_waited_comes_whole_and_in_order() {
    let stage = Stage::new();
    let engine = stage.builder().window_bytes(64 * 1024).open().unwrap();
    let turn = stage.execute(&engine, "a", &numbered(5000, 500));
    let held = || session(&engine, "a").unwrap().buffered_bytes;
    assert!(until(PATIENCE, || held() > 64 * 1024));
    let played = common::finish(turn);
    played.assert_completed();
    assert_numbered(&played.answers(), 5000);
}

/// Taking is what counts, not dropping.
#[test]
fn a_caller_that_keeps_every_event_does_not_stall() {
    let stage = Stage::new();
    let engine = stage.builder().window_bytes(32 * 1024).open().unwrap();
    let turn = stage.execute(&engine, "a", &numbered(3000, 500));
    let events: Vec<Event> = turn.collect();
    let last = events.last().map(|event| event.kind.as_str());
    assert_eq!(last, Some("turn_end"));
    assert_numbered(&answers(&events), 3000);
}

#[test]
fn a_caller_that_selects_does_not_stall() {
    let stage = Stage::new();
    let engine = stage.builder().window_bytes(32 * 1024).open().unwrap();
    let mut turn = stage.execute(&engine, "a", &numbered(3000, 500));
    let mut events = Vec::new();
    while !turn.has_ended() {
        let delivery = selected(&turn);
        events.extend(turn.accept(Ok(delivery)));
    }
    assert_numbered(&answers(&events), 3000);
    assert!(turn.recv().is_none());
}

fn selected(turn: &Turn) -> Delivery {
    crossbeam_channel::select! {
        recv(turn.receiver()) -> delivery => delivery.expect("a turn that has not ended"),
        default(PATIENCE) => panic!("nothing came in {turn:?}"),
    }
}

/// What nobody reads of a turn that is over for its caller does not hold up the next, whether the
/// caller drops it or keeps it.
#[test]
fn an_unread_turn_that_is_over_does_not_hold_up_the_next() {
    let stage = Stage::new();
    let engine = stage.builder().window_bytes(32 * 1024).open().unwrap();
    let held = || session(&engine, "a").unwrap().buffered_bytes;
    let flood = "!flood 100000 500";
    let full = || assert!(until(PATIENCE, || held() > 32 * 1024));
    let dropped = stage.execute(&engine, "a", flood);
    full();
    drop(dropped);
    stage.echo(&engine, "a", "after a dropped one");
    let kept = stage.execute(&engine, "a", flood);
    full();
    kept.cancel();
    stage.echo(&engine, "a", "after a kept one");
    assert!(held() < 32 * 1024);
    common::finish(kept).assert_outcome(Outcome::Cancelled);
}

/// The clock of a turn is the agent's, and an agent that is not read cannot work.
#[test]
fn a_turn_that_nobody_reads_still_ends_by_its_limit() {
    let stage = Stage::new();
    let builder = stage.builder().window_bytes(32 * 1024);
    let builder = builder.kill_grace(Duration::from_millis(500));
    let engine = builder.turn_timeout(Duration::from_secs(1)).open().unwrap();
    let unread = stage.execute(&engine, "a", "!flood 100000 500");
    let ended = || engine.info().unwrap().turns_not_completed == 1;
    assert!(until(PATIENCE, ended));
    common::finish(unread).assert_outcome(Outcome::TimedOut);
    stage.echo(&engine, "a", "next");
}

#[test]
fn a_consumer_on_another_thread_gets_all() {
    let stage = Stage::new();
    let engine = stage.builder().window_bytes(16 * 1024).open().unwrap();
    let turns = (0..4).map(|caller| {
        let turn = stage.execute(&engine, &format!("s{caller}"), &numbered(1000, 300));
        std::thread::spawn(move || common::finish(turn))
    });
    for consumer in turns.collect::<Vec<_>>() {
        let played = consumer.join().unwrap();
        played.assert_completed();
        assert_numbered(&played.answers(), 1000);
    }
}

fn answers(events: &[Event]) -> Vec<&str> {
    let mut answers = Vec::new();
    for event in events {
        if let EventKind::Answer(text) = &event.kind {
            answers.push(text.as_str());
        }
    }
    answers
}
