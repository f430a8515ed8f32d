//! The clock of the calendar is set while a host runs: by an administrator, by NTP after the start of a
//! machine without one, by a virtual machine that was restored. Limits do not notice, dates do.
//!
//! A library that is loaded before all others moves the clock; a program without such libraries has none.
#![cfg(not(target_env = "musl"))]

mod common;
#[path = "common/processes.rs"]
mod processes;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use common::{PATIENCE, Stage, await_answer, finish, next_that, pid, session, until};
use hotplex::{Decision, EventKind, Outcome};
use processes::{alone_below, is_alone};

/// Moves what is asked of the clock by the seconds in a file.
const MOVED_CLOCK: &str = r#"
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *at) {
    int done = syscall(SYS_clock_gettime, clock, at);
    const char *path = getenv("MOVED_CLOCK");
    if (done == 0 && clock == CLOCK_REALTIME && path) {
        char text[32] = {0};
        int file = open(path, O_RDONLY | O_CLOEXEC);
        if (file >= 0) {
            if (read(file, text, sizeof text - 1) > 0) at->tv_sec += atol(text);
            close(file);
        }
    }
    return done;
}
"#;

/// Longer than all limits and all patience, and each way.
const STEPS: [i64; 3] = [-300_000_000, 300_000_000, -3_700];

/// The clock of a test's own process.
struct Clock {
    place: PathBuf,
}

impl Clock {
    fn of(test: &str) -> Clock {
        let name = format!("clock-steps-{test}");
        let clock = Clock {
            place: Path::new(env!("CARGO_TARGET_TMPDIR")).join(name),
        };
        if !is_alone() {
            clock.build();
            clock.set(0);
        }
        clock
    }

    fn build(&self) {
        fs::create_dir_all(&self.place).expect("a directory");
        fs::write(self.place.join("clock.c"), MOVED_CLOCK).expect("a file");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-o", "clock.so", "clock.c"]);
        let built = compiler.current_dir(&self.place).status();
        assert!(built.expect("a compiler").success());
    }

    /// What a process is started by whose clock it is.
    fn command(&self) -> [String; 4] {
        let place = self.place.display();
        [
            "env".to_owned(),
            // The loader cuts the list of what it loads first at spaces, and that of directories at colons.
            format!("LD_LIBRARY_PATH={place}"),
            "LD_PRELOAD=clock.so".to_owned(),
            format!("MOVED_CLOCK={place}/seconds"),
        ]
    }

    /// Whoever reads it sees the one or the other.
    fn set(&self, seconds: i64) {
        let new = self.place.join("new");
        fs::write(&new, seconds.to_string()).expect("a file");
        fs::rename(new, self.place.join("seconds")).expect("a file");
    }

    /// Sets it and makes sure that it was.
    fn step(&self, seconds: i64) {
        let real = SystemTime::now();
        self.set(seconds);
        let moved = SystemTime::now();
        let far = Duration::from_secs(3_600);
        assert!(moved > real + far || real > moved + far, "{moved:?}");
    }
}

macro_rules! alone {
    ($test:literal, $body:expr) => {
        let clock = Clock::of($test);
        let command = clock.command();
        alone_below(&command.each_ref().map(String::as_str), move || {
            $body(&clock)
        });
    };
}

#[test]
fn a_turn_and_a_question_have_the_time_they_had() {
    alone!("had", |clock: &Clock| {
        let stage = Stage::new();
        let builder = stage.builder().turn_timeout(PATIENCE);
        let builder = builder.approval_timeout(PATIENCE).silence_timeout(PATIENCE);
        let engine = builder.open().expect("an engine");
        for seconds in STEPS {
            let mut turn = stage.execute(&engine, "a", "!text begun\n!bash true\n!text done");
            await_answer(&mut turn, "begun");
            let asks = |kind: &EventKind| matches!(kind, EventKind::PermissionRequest(_));
            let EventKind::PermissionRequest(asked) = next_that(&mut turn, asks) else {
                unreachable!("it is one");
            };
            clock.step(seconds);
            let answered = turn.respond(&asked.request_id, Decision::allow());
            answered.expect("it is open");
            let played = finish(turn);
            played.assert_completed();
            assert!(played.notices("permission_timed_out").is_empty());
            clock.set(0);
        }
    });
}

#[test]
fn a_limit_ends_a_turn_and_a_session_however_the_clock_is_set() {
    alone!("ends", |clock: &Clock| {
        for seconds in STEPS {
            let stage = Stage::new();
            let builder = stage.builder().turn_timeout(Duration::from_secs(2));
            let builder = builder.idle_timeout(Duration::from_secs(2));
            let engine = builder.open().expect("an engine");
            let mut turn = stage.execute(&engine, "a", "!text begun\n!hang-soft");
            await_answer(&mut turn, "begun");
            clock.step(seconds);
            finish(turn).assert_outcome(Outcome::TimedOut);
            clock.set(0);
            stage.echo(&engine, "b", "hello");
            clock.step(seconds);
            let is_gone = || session(&engine, "b").is_none();
            assert!(until(PATIENCE, is_gone), "it is idle");
            clock.set(0);
        }
    });
}

#[test]
fn an_idle_session_is_not_taken_for_one_of_long_ago() {
    alone!("idle", |clock: &Clock| {
        let stage = Stage::new();
        let builder = stage.builder().idle_timeout(PATIENCE);
        let engine = builder.open().expect("an engine");
        stage.echo(&engine, "a", "hello");
        let agent = pid(&engine, "a");
        for seconds in STEPS {
            clock.step(seconds);
            stage.echo(&engine, "a", "hello");
            assert_eq!(pid(&engine, "a"), agent, "{seconds}");
            clock.set(0);
        }
    });
}

/// The dates of one list can be compared with each other and with the clock of whoever reads them.
#[test]
fn dates_are_told_by_the_clock_as_it_is() {
    alone!("dates", |clock: &Clock| {
        let stage = Stage::new();
        let engine = stage.engine();
        stage.echo(&engine, "a", "hello");
        for seconds in STEPS {
            clock.step(seconds);
            let before = SystemTime::now();
            let stats = stage.play(&engine, "a", "!sleep 20").end.stats;
            let (started, ended) = (stats.started.expect("begun"), stats.ended.expect("ended"));
            let info = session(&engine, "a").expect("it is there");
            let after = SystemTime::now();
            let far = Duration::from_secs(60);
            assert!(before <= started + far && started <= ended && ended <= after);
            assert!(started + stats.total <= ended + Duration::from_millis(1));
            assert!(info.created <= info.last_active && info.last_active <= after);
            assert!(before <= info.last_active + far, "{seconds}: {info:?}");
            clock.set(0);
        }
    });
}

/// What was written by a clock far ahead is as good as anything.
#[test]
fn what_is_kept_from_the_future_is_taken_up() {
    alone!("kept", |clock: &Clock| {
        let stage = Stage::new();
        for (round, seconds) in STEPS.into_iter().chain([0]).enumerate() {
            clock.set(seconds);
            let engine = stage.builder_with_store().open().expect("an engine");
            let played = stage.play(&engine, "a", "history");
            assert_eq!(played.answers(), [format!("history: {round}")], "{seconds}");
            assert!(played.notices("session_reset").is_empty());
            engine.close(PATIENCE).expect("everything ends");
            let future = SystemTime::now() + Duration::from_secs(300_000_000);
            set_all(&stage.path(""), future);
        }
    });
}

fn set_all(directory: &Path, date: SystemTime) {
    for entry in fs::read_dir(directory).expect("a directory").flatten() {
        let kind = entry.file_type().expect("a kind");
        if kind.is_dir() {
            set_all(&entry.path(), date);
        }
        if kind.is_file() || kind.is_dir() {
            let file = fs::File::open(entry.path()).expect("it opens");
            file.set_modified(date).expect("a date");
        }
    }
}
