//! What an agent says on stderr can be read by an operator who debugs, and costs nobody anything if
//! the logger does not keep up.

mod common;

use std::sync::Mutex;

use common::{PATIENCE, Stage, until};
use log::{Level, LevelFilter, Log, Metadata, Record};

/// The log of this program. While `said` is locked it does not come back: a slow logger.
struct Kept {
    said: Mutex<Vec<(Level, String)>>,
}

static KEPT: Kept = Kept {
    said: Mutex::new(Vec::new()),
};

impl Log for Kept {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = (record.level(), record.args().to_string());
        self.said.lock().expect("the log").push(line);
    }

    fn flush(&self) {}
}

fn said(session: &str) -> Vec<(Level, String)> {
    let said = KEPT.said.lock().expect("the log");
    let of = format!("of session {session} says on stderr: ");
    let lines = said.iter().filter_map(|(level, text)| {
        let (_, line) = text.split_once(&of)?;
        Some((*level, line.to_owned()))
    });
    lines.collect()
}

/// One test, because the logger is that of the whole process.
#[test]
fn stderr_is_logged_for_debugging_and_a_slow_logger_holds_up_nobody() {
    let _ = log::set_logger(&KEPT);
    let stage = Stage::new();
    let engine = stage.engine();
    log::set_max_level(LevelFilter::Info);
    stage.echo(&engine, "quiet", "hello");
    let played = stage.play(&engine, "quiet", "!stderr 3 20");
    played.assert_completed();
    assert!(said("quiet").is_empty());

    log::set_max_level(LevelFilter::Debug);
    stage.play(&engine, "s", "!stderr 3 20").assert_completed();
    assert!(until(PATIENCE, || said("s").len() == 3), "{:?}", said("s"));
    let is_it = |(level, line): &(Level, String)| *level == Level::Debug && line.len() == 20;
    assert!(said("s").iter().all(is_it), "{:?}", said("s"));

    stage.echo(&engine, "flood", "hello");
    let slow = KEPT.said.lock().expect("the log");
    let flood = "!stderr 100000 80";
    stage.play(&engine, "flood", flood).assert_completed();
    drop(slow);
    let logged = || said("flood").len();
    let all = 100_000;
    assert!(until(PATIENCE, || logged() > 500));
    assert!(logged() < all / 2, "{} waited for the logger", logged());
    let rest = || {
        stage
            .play(&engine, "flood", "!stderr 1 20")
            .assert_completed();
        let left_out = |(_, line): &(Level, String)| line.ends_with("lines are left out)");
        said("flood").iter().any(left_out)
    };
    assert!(until(PATIENCE, rest), "nothing tells of what is left out");
}
