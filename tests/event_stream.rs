//! The events of all turns in one place: nobody waits for another, nothing is lost, and every turn
//! ends once.

mod common;

use std::collections::HashMap;
use std::io::Read;
use std::os::fd::AsRawFd;
use std::time::Duration;

use common::{PATIENCE, Stage, until};
use hotplex::{Engine, ErrorKind, Event, EventKind, EventStream, Outcome, SessionState, TurnId};
use mio::unix::SourceFd;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

fn open(stage: &Stage) -> (Engine, EventStream) {
    let engine = stage.engine();
    let stream = engine.event_stream().expect("the stream is free");
    (engine, stream)
}

fn submit(stage: &Stage, engine: &Engine, session: &str, prompt: &str) -> TurnId {
    let accepted = engine.submit(stage.request(session, prompt));
    accepted.expect("the turn is accepted")
}

fn next(stream: &mut EventStream) -> Event {
    let event = stream.recv_timeout(PATIENCE);
    event.expect("an event in time")
}

fn is_end(event: &Event) -> bool {
    matches!(event.kind, EventKind::TurnEnd(_))
}

fn outcome(event: &Event) -> Option<Outcome> {
    match &event.kind {
        EventKind::TurnEnd(end) => Some(end.outcome),
        _ => None,
    }
}

#[test]
fn each_turn_ends_once_and_its_events_come_in_order() {
    let stage = Stage::new();
    let (engine, mut stream) = open(&stage);
    let turns: Vec<_> = (0..4)
        .map(|number| submit(&stage, &engine, &format!("s{number}"), "!stream 200 10"))
        .collect();
    let mut answers: HashMap<TurnId, Vec<Duration>> = HashMap::new();
    let mut ended = Vec::new();
    while ended.len() < turns.len() {
        let event = next(&mut stream);
        let turn = event.turn.expect("all is of a turn");
        assert!(!ended.contains(&turn), "after the end of {turn:?}");
        match event.kind {
            EventKind::Answer(_) => answers.entry(turn).or_default().push(event.at),
            EventKind::TurnEnd(_) => ended.push(turn),
            _ => {}
        }
    }
    for turn in turns {
        assert_eq!(answers[&turn].len(), 200);
        assert!(answers[&turn].is_sorted());
    }
    assert!(stream.try_recv().is_none());
    assert!(!stream.is_over());
}

#[test]
fn a_turn_that_floods_does_not_keep_another_waiting() {
    let stage = Stage::new();
    let (engine, mut stream) = open(&stage);
    let flood = submit(&stage, &engine, "flood", "!flood 3000 100");
    let session = |name: &str| {
        let sessions = engine.sessions().expect("the engine is open");
        sessions.into_iter().find(|it| it.session_id == name)
    };
    assert!(
        until(PATIENCE, || session("flood")
            .is_some_and(|it| it.buffered_bytes > 200_000)),
        "the flood is there"
    );
    let echo = submit(&stage, &engine, "echo", "hello");
    // An agent that takes its time to start would be served after the flood by anybody.
    assert!(
        until(PATIENCE, || session("echo")
            .is_some_and(|it| it.state == SessionState::Ready)),
        "the echo is there"
    );
    let mut before = 0;
    loop {
        let event = next(&mut stream);
        if event.turn == Some(echo) && is_end(&event) {
            break;
        }
        before += usize::from(event.turn == Some(flood));
    }
    assert!(before < 3000, "all {before} of the flood came first");
    while !is_end(&next(&mut stream)) {}
}

#[test]
fn a_paused_turn_stalls_its_agent_and_nobody_else() {
    let stage = Stage::new();
    let (engine, mut stream) = open(&stage);
    let held = submit(&stage, &engine, "held", "!flood 100000 1000");
    engine.pause_turn(held).expect("it is under way");
    while stream.try_recv().is_some() {}
    let echo = submit(&stage, &engine, "echo", "hello");
    loop {
        let event = next(&mut stream);
        assert_eq!(event.turn, Some(echo), "{event:?}");
        if is_end(&event) {
            break;
        }
    }
    let window = 1024 * 1024;
    let is_full = || {
        let sessions = engine.sessions().expect("the engine is open");
        sessions
            .iter()
            .any(|session| session.buffered_bytes > window)
    };
    assert!(until(PATIENCE, is_full), "its window fills");
    engine.resume_turn(held).expect("it is still there");
    let mut answers = 0;
    loop {
        let event = next(&mut stream);
        answers += usize::from(matches!(event.kind, EventKind::Answer(_)));
        if is_end(&event) {
            break;
        }
    }
    assert!(answers > 90_000, "{answers}");
    let error = engine.pause_turn(held).expect_err("it is over");
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn the_descriptor_wakes_for_what_came_and_for_the_end() {
    let stage = Stage::new();
    let (engine, mut stream) = open(&stage);
    let mut pipe = std::fs::File::from(engine.event_descriptor().expect("a descriptor"));
    let mut byte = [0; 64];
    let mut woken = || pipe.read(&mut byte);
    assert!(woken().is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock));
    submit(&stage, &engine, "s", "hello");
    let mut ended = false;
    while !ended {
        assert!(until(PATIENCE, || woken().is_ok_and(|count| count > 0)));
        while let Some(event) = stream.try_recv() {
            ended |= is_end(&event);
        }
    }
    engine.begin_close(Duration::from_secs(2));
    let over = || {
        while stream.try_recv().is_some() {}
        stream.is_over()
    };
    assert!(until(PATIENCE, over));
    while woken().expect("bytes, or the end") > 0 {}
}

/// Whoever is woken by the descriptor asks for the next waking before the io thread goes on, if the
/// two share a core. A lock that the io thread still held would put it to sleep again, each time.
#[test]
fn who_is_woken_by_the_descriptor_does_not_have_to_wait_for_the_one_who_woke_it() {
    const TURNS: u64 = 200;
    pin_to_one_core();
    let stage = Stage::new();
    let (engine, mut stream) = open(&stage);
    let descriptor = engine.event_descriptor().expect("a descriptor");
    let mut poll = mio::Poll::new().expect("a poll");
    let readable = mio::Interest::READABLE;
    let source = descriptor.as_raw_fd();
    let registered = poll
        .registry()
        .register(&mut SourceFd(&source), mio::Token(0), readable);
    registered.expect("it can be watched");
    let mut events = mio::Events::with_capacity(1);
    let (mut wakings, slept) = (0, times_slept());
    for _ in 0..TURNS {
        submit(&stage, &engine, "s", "hello");
        let mut ended = false;
        while !ended {
            let woken = poll.poll(&mut events, Some(PATIENCE));
            assert!(woken.is_ok() && !events.is_empty(), "{woken:?}");
            wakings += 1;
            while let Some(event) = stream.try_recv() {
                ended |= is_end(&event);
            }
        }
    }
    let elsewhere = (times_slept() - slept).saturating_sub(wakings);
    assert!(elsewhere < TURNS / 4, "{elsewhere} times beside {wakings}");
}

/// What is started from here on shares the core.
fn pin_to_one_core() {
    let allowed = sched_getaffinity(None).expect("the cores");
    let first = (0..CpuSet::MAX_CPU).find(|core| allowed.is_set(*core));
    let mut one = CpuSet::new();
    one.set(first.expect("a core"));
    sched_setaffinity(None, &one).expect("one of them");
}

/// How often this thread gave up its core to wait for something.
fn times_slept() -> u64 {
    let status = std::fs::read_to_string("/proc/thread-self/status").expect("its status");
    let mut lines = status.lines();
    let count = lines.find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    count.expect("a count").trim().parse().expect("a number")
}

#[test]
fn closing_ends_every_turn_and_then_the_stream() {
    let stage = Stage::new();
    let (engine, mut stream) = open(&stage);
    let turns: Vec<_> = ["a", "a", "b", "paused"]
        .map(|session| submit(&stage, &engine, session, "!hang-soft"))
        .into();
    engine.pause_turn(turns[3]).expect("it is under way");
    engine.begin_close(Duration::from_secs(2));
    let ends: Vec<_> = stream.by_ref().filter(is_end).collect();
    assert!(
        ends.iter()
            .all(|end| outcome(end) == Some(Outcome::Stopped))
    );
    let mut ended: Vec<_> = ends.iter().filter_map(|end| end.turn).collect();
    ended.sort();
    assert_eq!(ended, turns);
    assert!(stream.is_over());
    let refused = engine.submit(stage.request("a", "hello"));
    assert_eq!(refused.expect_err("it is closed").kind(), ErrorKind::Closed);
    assert!(stream.recv().is_none());
}

#[test]
fn there_is_one_stream() {
    let stage = Stage::new();
    let (engine, stream) = open(&stage);
    let second = engine.event_stream().expect_err("one is enough");
    assert_eq!(second.kind(), ErrorKind::Busy);
    drop(stream);
    // Turns whose events nobody can take run all the same.
    submit(&stage, &engine, "s", "hello");
    let done = || engine.info().is_ok_and(|info| info.turns_completed == 1);
    assert!(until(PATIENCE, done));
}

/// The stream may give a turn's first event before `submit` returned its number; the tag is there
/// from the start.
#[test]
fn every_event_of_a_turn_brings_back_what_its_caller_tagged_it_with() {
    let stage = Stage::new();
    let (engine, mut stream) = open(&stage);
    let tagged = |tag: u64, prompt| stage.request("tagged", prompt).tag(tag);
    engine.submit(tagged(u64::MAX, "one")).expect("accepted");
    engine.submit(tagged(2, "!hang-soft")).expect("accepted");
    engine
        .submit(stage.request("plain", "two"))
        .expect("accepted");
    let mut ended = Vec::new();
    while ended.len() < 3 {
        let event = next(&mut stream);
        if event.turn.is_none() {
            assert_eq!(event.tag, 0);
            continue;
        }
        let expected: &[u64] = match event.session.as_str() {
            "plain" => &[0],
            _ if ended.contains(&u64::MAX) => &[2],
            _ => &[u64::MAX, 2],
        };
        assert!(expected.contains(&event.tag), "{event:?}");
        if is_end(&event) {
            ended.push(event.tag);
        }
        // The end of a turn that the engine itself ends has it too.
        if ended.contains(&u64::MAX) && ended.contains(&0) {
            engine.begin_close(Duration::ZERO);
        }
    }
    ended.sort_unstable();
    assert_eq!(ended, [0, 2, u64::MAX]);
}
