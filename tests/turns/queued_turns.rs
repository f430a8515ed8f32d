//! Turns of one session run one after the other, each with its own answer.

use crate::common::Stage;
use hotplex::ErrorKind;

#[test]
fn ten_prompts_end_in_order_and_none_is_crossed() {
    let stage = Stage::new();
    // The versions differ in what they do with a prompt that arrives while they work.
    for builder in stage.generations() {
        let engine = builder.open().unwrap();
        let turns: Vec<_> = (0..10)
            .map(|number| {
                let prompt = format!("!sleep 20\n!text turn {number}");
                stage.execute(&engine, "a", &prompt)
            })
            .collect();
        let mut last_end = None;
        for (number, turn) in turns.into_iter().enumerate() {
            let played = crate::common::finish(turn);
            played.assert_completed();
            assert_eq!(played.answers(), [format!("turn {number}")]);
            let (began, ended) = (played.end.stats.started, played.end.stats.ended);
            assert!(
                began >= last_end,
                "turn {number} began before its forerunner ended"
            );
            last_end = ended;
        }
    }
}

#[test]
fn callers_on_many_threads_get_their_own_answers() {
    let stage = Stage::new();
    let engine = stage.builder().queue_turns(100).open().unwrap();
    std::thread::scope(|scope| {
        for caller in 0..8 {
            let (stage, engine) = (&stage, engine.clone());
            scope.spawn(move || {
                for round in 0..10 {
                    stage.echo(&engine, "a", &format!("caller {caller} round {round}"));
                }
            });
        }
    });
    assert_eq!(engine.info().unwrap().turns_completed, 80);
}

#[test]
fn a_queue_over_its_bound_says_busy_and_takes_more_when_there_is_room() {
    let stage = Stage::new();
    let engine = stage.builder().queue_turns(2).open().unwrap();
    let mut first = stage.execute(&engine, "a", "!text begun\n!hang-soft");
    let waiting = [
        stage.execute(&engine, "a", "second"),
        stage.execute(&engine, "a", "third"),
    ];
    for _ in 0..3 {
        let refused = engine.execute(stage.request("a", "fourth"));
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Busy);
    }
    // The bound is of each session alone.
    stage.echo(&engine, "b", "hello");
    crate::common::await_answer(&mut first, "begun");
    first.cancel();
    crate::common::finish(first);
    let fourth = stage.execute(&engine, "a", "fourth");
    for (turn, prompt) in waiting
        .into_iter()
        .chain([fourth])
        .zip(["second", "third", "fourth"])
    {
        assert_eq!(
            crate::common::finish(turn).answers(),
            [format!("echo: {prompt}")]
        );
    }
}
