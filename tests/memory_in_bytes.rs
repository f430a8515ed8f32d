//! What waits between an agent and its caller is bounded in bytes, not only in number: an engine with an
//! agent that says more than anybody takes holds a few of its lines, and not all of them.
//!
//! A program of its own, whose memory is the engine's. Its tests take turns.

mod common;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use common::{PATIENCE, Stage, next, session, until};
use hotplex::{Engine, EventKind, Jail};

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
    figure("VmRSS:")
}

fn figure(name: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("it is there on Linux");
    let told = status.lines().find_map(|line| line.strip_prefix(name));
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

/// A call of a tool as an agent of the provider tells it: what stands before its input, and behind.
fn call(provider: &str) -> [&'static str; 2] {
    match provider {
        "claude-code" => [
            r#"{"type":"assistant","message":{"content":[{"type":"tool_use","id":"t","name":"TodoWrite","input":"#,
            "}]}}",
        ],
        "acp" => [
            r#"{"jsonrpc":"2.0","method":"session/update","params":{"update":{"sessionUpdate":"tool_call","toolCallId":"t","status":"in_progress","rawInput":"#,
            "}}}",
        ],
        _ => [
            r#"{"method":"item/started","params":{"item":{"type":"webSearch","id":"t","query":"#,
            "}}}",
        ],
    }
}

/// What the engine and the caller take at most for one line, in lines of the longest length.
const TIMES_THE_LONGEST_LINE: usize = 12;

/// The bound of one line, by default.
const LONGEST: usize = 16 * MIB;

/// Entries of an array, and how many of them are just taken: their tree is reckoned to take 64 MiB.
const ENTRIES: [(&str, usize); 4] = [
    ("0", 690_000),
    ("\"a\"", 690_000),
    ("[0]", 260_000),
    ("{\"a\":0}", 74_000),
];

/// Names the case that is played, in a process of its own: what one line took, the next would find.
const CASE: &str = "HOTPLEX_CASE";

/// What is written can be the text of a tree that takes eighty times its room.
#[test]
fn no_line_takes_much_more_room_than_the_longest_may_have() {
    if let Ok(case) = std::env::var(CASE) {
        return play_case(&case);
    }
    let _alone = alone();
    thread::scope(|scope| {
        for provider in ["claude-code", "acp", "codex"] {
            scope.spawn(move || {
                for entry in 0..ENTRIES.len() {
                    play_apart(&format!("{provider} {entry} taken"));
                }
                play_apart(&format!("{provider} 3 skipped"));
                play_apart(&format!("{provider} 0 text"));
            });
        }
    });
}

fn play_apart(case: &str) {
    let this = "no_line_takes_much_more_room_than_the_longest_may_have";
    let program = std::env::current_exe().expect("it runs");
    let mut command = Command::new(program);
    let played = command
        .args([this, "--exact", "--nocapture"])
        .env(CASE, case);
    let played = played.output().expect("it runs again");
    let told = String::from_utf8_lossy(&played.stdout).into_owned();
    let figures = told.lines().find(|line| line.contains(" MiB"));
    say(&format!("{case}: {}", figures.unwrap_or_default()));
    let error = String::from_utf8_lossy(&played.stderr);
    assert!(played.status.success(), "{case}: {told}{error}");
}

/// The figures, for the process that plays this case and for a reader of `--nocapture`.
fn say(figures: &str) {
    writeln!(io::stdout(), "{figures}").expect("it is heard");
}

fn play_case(case: &str) {
    let words: Vec<&str> = case.split(' ').collect();
    let (provider, kind) = (words[0], words[2]);
    let (entry, taken) = ENTRIES[words[1].parse::<usize>().expect("a number")];
    let stage = Stage::new();
    let line = stage.path("line");
    let (begin, unit, count, end) = match kind {
        "text" => ("\"", "a, [b] {c}\\n", (LONGEST - 1000) / 12, "\""),
        "taken" => ("[0", entry, taken, "]"),
        _ => ("[0", entry, (LONGEST - 1000) / (entry.len() + 1), "]"),
    };
    let comma = if kind == "text" { "" } else { "," };
    let [before, after] = call(provider);
    let mut file = BufWriter::new(File::create(&line).expect("a file"));
    write!(file, "{before}{begin}").expect("it is written");
    for _ in 0..count {
        write!(file, "{comma}{unit}").expect("it is written");
    }
    writeln!(file, "{end}{after}").expect("it is written");
    drop(file);
    assert_room(&stage, provider, &line, kind == "skipped");
}

fn assert_room(stage: &Stage, provider: &str, line: &Path, is_skipped: bool) {
    let builder = stage.builder().provider(provider).jail(Jail::Off);
    let builder = match provider {
        "claude-code" => builder,
        speak => builder.program_args(["--speak", speak]),
    };
    let engine = builder.open().expect("an engine");
    stage.echo(&engine, "a", "begun");
    let before = resident();
    let prompt = format!("!text before\n!file {}\n!text after", line.display());
    let played = stage.play(&engine, "a", &prompt);
    played.assert_completed();
    let skipped = played.notices("line_too_long").len();
    assert_eq!(skipped, usize::from(is_skipped), "{:?}", played.end);
    let grown = figure("VmHWM:").saturating_sub(before);
    let times = grown as f64 / LONGEST as f64;
    say(&format!(
        "{} MiB, {times:.1} of the longest line",
        grown / MIB
    ));
    assert!(
        grown < TIMES_THE_LONGEST_LINE * LONGEST,
        "{} MiB",
        grown / MIB
    );
}
