//! What waits between an agent and its caller is bounded in bytes, not only in number: an engine with an
//! agent that says more than anybody takes holds a few of its lines, and not all of them.
//!
//! A program of its own, whose memory is the engine's. Its tests take turns.

mod common;

use std::fs;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use common::{PATIENCE, Stage, next, session, until};
use hotplex::{Engine, EventKind};

const MIB: usize = 1024 * 1024;

/// One large line of an agent's.
const LINE: usize = 4 * MIB;

/// So many of them that what holds them all is seen.
const LINES: usize = 60;

/// What a few of them take, read, decoded and told. All of them take 240 MiB.
const A_FEW_LINES: usize = 100 * MIB;

/// Memory that is measured is nobody else's.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// In bytes, of this program.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("it is there on Linux");
    let told = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let told = told.and_then(|told| told.trim().strip_suffix(" kB"));
    let kilobytes: usize = told.and_then(|told| told.parse().ok()).expect("a figure");
    kilobytes * 1024
}

/// Plays until it is so, and says how much the memory grew meanwhile.
fn growth(mut is_so: impl FnMut() -> bool) -> usize {
    let before = resident();
    let mut most = 0;
    let came = until(PATIENCE, || {
        most = most.max(resident().saturating_sub(before));
        is_so()
    });
    assert!(came, "it did not come to that; {} MiB grown", most / MIB);
    most
}

/// True once nothing has changed about this for half a second.
fn at_rest(mut value: impl FnMut() -> u64) -> impl FnMut() -> bool {
    let (mut last, mut looks) = (value(), 0);
    move || {
        let now = value();
        looks = if now == last { looks + 1 } else { 0 };
        last = now;
        looks >= 100
    }
}

fn buffered(engine: &Engine, name: &str) -> u64 {
    session(engine, name).map_or(0, |session| session.buffered_bytes)
}

#[test]
fn a_turn_that_nobody_reads_holds_a_few_lines_and_loses_none() {
    let _alone = alone();
    let stage = Stage::new();
    let engine = stage.engine();
    let mut turn = stage.execute(&engine, "a", &format!("!flood {LINES} {LINE}"));
    let begun = until(PATIENCE, || buffered(&engine, "a") > 0);
    assert!(begun, "it says something");
    let grown = growth(at_rest(|| buffered(&engine, "a")));
    assert!(grown < A_FEW_LINES, "{} MiB", grown / MIB);
    // Others go on meanwhile.
    for round in 0..20 {
        stage.echo(&engine, "b", &format!("round {round}"));
    }
    let mut answers = 0;
    loop {
        match next(&mut turn).kind {
            EventKind::Answer(text) => {
                assert_eq!(text.len(), LINE);
                answers += 1;
            }
            EventKind::TurnEnd(end) => break assert!(end.error.is_none(), "{end:?}"),
            _ => {}
        }
    }
    assert_eq!(answers, LINES);
}

/// Lines of an agent that belong to no turn: a process that holds its stdout writes them once the turn
/// is over, which the file `over` tells it. Other lines of the prompt may follow.
fn play_lines_after(stage: &Stage, engine: &Engine, over: &str, script: &str, other: &str) {
    let over = stage.path(over);
    let wait = format!("until [ -e '{}' ]; do sleep 0.01; done", over.display());
    let prompt = format!("!child-stdout {wait}; {script}{other}");
    stage.play(engine, "a", &prompt).assert_completed();
    fs::write(over, "").expect("a file");
}

fn repeated(count: usize, line: &str) -> String {
    format!("i=0; while [ $i -lt {count} ]; do {line}; i=$((i+1)); done")
}

#[test]
fn what_belongs_to_no_turn_and_is_not_taken_is_dropped_and_counted() {
    let _alone = alone();
    let stage = Stage::new();
    let engine = stage.engine();
    let line = format!("head -c {LINE} /dev/zero | tr '\\0' x; echo");
    play_lines_after(&stage, &engine, "over", &repeated(LINES, &line), "");
    let lost = || engine.info().expect("figures").lost_background_events;
    let told = || lost() + engine.background_events().len() as u64;
    let grown = growth(|| told() >= LINES as u64);
    assert!(grown < A_FEW_LINES, "{} MiB", grown / MIB);
    let waiting = engine.background_events().len();
    assert!((4..20).contains(&waiting), "{waiting} events wait");
    assert_eq!(lost(), (LINES - waiting) as u64);
    // What is taken makes room.
    while engine.background_events().try_recv().is_ok() {}
    play_lines_after(&stage, &engine, "over again", "echo more", "");
    common::background(&engine, |kind| kind.text() == Some("more"));
}

#[test]
fn answers_to_an_agent_that_does_not_read_them_do_not_add_up() {
    let _alone = alone();
    let stage = Stage::new();
    let engine = stage.builder().kill_grace(Duration::from_millis(200));
    let engine = engine.open().expect("an engine");
    let id = "x".repeat(MIB);
    let request = stage.path("request");
    let line = format!(
        "{{\"type\":\"control_request\",\"request_id\":\"{id}\",\"request\":{{\"subtype\":\"hook_callback\",\"callback_id\":\"other\"}}}}\n"
    );
    fs::write(&request, line).expect("a file");
    let done = stage.path("done");
    let ask = repeated(200, &format!("cat {}", request.display()));
    let ask = format!("{ask}; : > {}", done.display());
    play_lines_after(&stage, &engine, "over", &ask, "\n!stop-reading");
    let mut rests = at_rest(|| (resident() / MIB) as u64);
    let grown = growth(|| done.exists() || rests());
    assert!(grown < A_FEW_LINES, "{} MiB", grown / MIB);
    stage.echo(&engine, "b", "hello");
}
