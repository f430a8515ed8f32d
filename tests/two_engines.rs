//! Two engines in one process do not disturb each other.

mod common;
#[path = "common/processes.rs"]
mod processes;

use std::time::Duration;

use common::Stage;
use processes::{await_pid, lives, stays};

#[test]
fn the_close_of_one_leaves_the_other_with_all_that_it_started() {
    let (one, other) = (Stage::new(), Stage::new());
    let [closed, open] = [&one, &other].map(|stage| {
        let engine = stage.engine();
        let script = format!("!setsid {}", stays(&stage.path("pid")));
        stage.play(&engine, "same name", &script).assert_completed();
        engine
    });
    let busy = other.execute(&open, "busy", "!sleep 300\n!text done");
    let left = await_pid(&other.path("pid"));
    closed.close(Duration::from_secs(1)).expect("closed");
    assert!(one.living().is_empty());
    assert!(lives(left));
    assert_eq!(common::finish(busy).answers(), ["done"]);
    other.echo(&open, "same name", "still here");
}

#[test]
fn what_one_is_full_of_does_not_slow_the_other() {
    let (one, other) = (Stage::new(), Stage::new());
    let full = one.builder().max_processes(1).queue_turns(0);
    let full = full.open().expect("an engine");
    let _hung = one.execute(&full, "a", "!hang");
    let refused = full.execute(one.request("b", "hello"));
    assert_eq!(
        refused.map_err(|error| error.kind()).err(),
        Some(hotplex::ErrorKind::Busy)
    );
    let engine = other.engine();
    for round in 0..20 {
        other.echo(&engine, "a", &format!("round {round}"));
    }
}
