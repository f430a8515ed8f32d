//! A turn that the agent ends twice ends once, and its second end ends no other turn.

use crate::common::Stage;
use hotplex::Outcome;

#[test]
fn a_double_result_ends_one_turn() {
    let stage = Stage::new();
    for builder in stage.generations() {
        let engine = builder.open().unwrap();
        for round in 0..20 {
            let doubled = stage.execute(&engine, "a", "!text doubled\n!double-result");
            let slow = stage.execute(&engine, "a", "!sleep 20\n!text slow");
            let played = crate::common::finish(doubled);
            assert_eq!(played.answers(), ["doubled"]);
            let played = crate::common::finish(slow);
            played.assert_completed();
            assert_eq!(played.answers(), ["slow"], "round {round}");
        }
        let info = engine.info().unwrap();
        assert_eq!((info.turns_completed, info.turns_not_completed), (40, 0));
    }
}

#[test]
fn a_result_that_comes_after_an_interrupt_ends_the_interrupted_turn_alone() {
    let stage = Stage::new();
    for builder in stage.generations() {
        let engine = builder.open().unwrap();
        let mut first = stage.execute(&engine, "a", "!text begun\n!double-result\n!hang-soft");
        let second = stage.execute(&engine, "a", "!sleep 100\n!text second");
        crate::common::await_answer(&mut first, "begun");
        first.cancel();
        crate::common::finish(first).assert_outcome(Outcome::Cancelled);
        let played = crate::common::finish(second);
        played.assert_completed();
        assert_eq!(played.answers(), ["second"]);
    }
}
