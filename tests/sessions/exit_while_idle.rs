//! An agent that dies between two turns: it is said, and the next turn does not notice.

use crate::common::{Stage, background, is_notice, pid, session, signal, until};

#[test]
fn its_end_is_told_as_an_event_of_no_turn() {
    let stage = Stage::new();
    let engine = stage.engine();
    stage.echo(&engine, "a", "hello");
    signal("KILL", pid(&engine, "a"));
    let event = background(&engine, |kind| is_notice(kind, "agent_ended"));
    assert_eq!((event.turn, event.session.as_str()), (None, "a"));
    let text = event.kind.text().expect("a notice has a text");
    assert!(text.contains("signal 9"), "{text}");
}

#[test]
fn the_next_turn_gets_a_new_process() {
    let stage = Stage::new();
    let engine = stage.engine();
    stage.echo(&engine, "a", "hello");
    let first = pid(&engine, "a");
    signal("KILL", first);
    assert!(until(crate::common::PATIENCE, || session(&engine, "a").is_none()));
    stage.echo(&engine, "a", "again");
    assert_ne!(pid(&engine, "a"), first);
}
