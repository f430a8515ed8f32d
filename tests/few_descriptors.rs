//! A host that has few descriptors left is told so, at whatever step of a start the last one went, and
//! what it has works on.

mod common;
#[path = "common/processes.rs"]
mod processes;

use std::fs::File;

use common::{PATIENCE, Stage, finish, until};
use hotplex::{Engine, ErrorKind, Jail, Outcome};
use processes::alone_below;

const FEW: [&str; 4] = ["sh", "-c", "ulimit -n 64; exec \"$@\"", "sh"];

/// More than a start takes, and less than all steps of many.
const MOST_LEFT: usize = 24;

#[test]
fn the_reason_is_the_limit_and_names_it() {
    alone_below(&FEW, || {
        let stage = Stage::new();
        for jail in [Jail::Off, Jail::Write] {
            let Ok(engine) = stage.builder().jail(jail).open() else {
                return common::skipped::skip("the kernel has no Landlock");
            };
            stage.echo(&engine, "kept", "hello");
            let mut refused = 0;
            for left in 0..MOST_LEFT {
                let taken = take_all_but(left);
                refused += usize::from(is_refused(&stage, &engine, &format!("{jail:?}-{left}")));
                drop(taken);
                stage.echo(&engine, "kept", "still there");
            }
            assert!((1..MOST_LEFT).contains(&refused), "{jail:?}: {refused}");
            let done = || engine.close(std::time::Duration::ZERO).is_ok();
            assert!(until(PATIENCE, done));
        }
    });
}

fn take_all_but(left: usize) -> Vec<File> {
    let mut taken: Vec<_> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    taken.truncate(taken.len().saturating_sub(left));
    taken
}

/// A turn of a new session either completes or says what lacks.
fn is_refused(stage: &Stage, engine: &Engine, session: &str) -> bool {
    let turn = match engine.execute(stage.request(session, "hello")) {
        Ok(turn) => turn,
        Err(error) => {
            assert_is_the_limit(error.kind(), error.message(), session);
            return true;
        }
    };
    let played = finish(turn);
    if played.end.outcome == Outcome::Completed {
        engine.stop_session(session, "test").expect("it is there");
        let one_left = || engine.info().is_ok_and(|info| info.live_processes == 1);
        assert!(until(PATIENCE, one_left));
        return false;
    }
    let kind = played.error_kind().expect("a reason");
    assert_is_the_limit(kind, played.error(), session);
    true
}

fn assert_is_the_limit(kind: ErrorKind, said: &str, session: &str) {
    assert_eq!(kind, ErrorKind::SpawnFailed, "{session}: {said}");
    let names = said.contains("too many open files in this process (ulimit -n)");
    assert!(names, "{session}: {said}");
}
