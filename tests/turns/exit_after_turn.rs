//! An agent that writes a whole turn and exits: nothing of the turn is lost.

use crate::common::Stage;

#[test]
fn everything_it_wrote_arrives_a_hundred_times_of_a_hundred() {
    let stage = Stage::new();
    let engine = stage.engine();
    for round in 0..100 {
        let prompt = format!("!stream 40 1500\n!text round {round}\n!die-after");
        let played = stage.play(&engine, "a", &prompt);
        played.assert_completed();
        let answers = played.answers();
        assert_eq!(answers.len(), 41, "round {round}");
        assert_eq!(answers[40], format!("round {round}"));
    }
}

#[test]
fn prompts_queued_behind_the_exit_are_answered_by_the_next_process() {
    let stage = Stage::new();
    let engine = stage.engine();
    let turns: Vec<_> = (0..10)
        .map(|number| {
            let prompt = format!("!text turn {number}\n!die-after");
            stage.execute(&engine, "a", &prompt)
        })
        .collect();
    for (number, turn) in turns.into_iter().enumerate() {
        let played = crate::common::finish(turn);
        played.assert_completed();
        assert_eq!(played.answers(), [format!("turn {number}")]);
    }
}
