//! Programs that start themselves anew in their own process: nothing of what was said to them is known to
//! the new image, and its number is the old one.

use std::time::Duration;

use hotplex::Outcome;

use crate::common::{finish, pid, session};
use crate::speakers::{Speaker, each, open};

const SHORT: Duration = Duration::from_millis(400);

/// An aider tells that its turn is over when it waits again, and another one waits then, of which the engine
/// knows nothing: for it there are only the limits.
fn says_where_a_turn_ends(speaker: Speaker) -> bool {
    speaker.provider != "aider"
}

/// It begins with the turn that it had. What it has forgotten is taken up again by another process.
#[test]
fn between_two_turns_it_costs_none() {
    each(|stage, builder, speaker| {
        if !says_where_a_turn_ends(speaker) {
            return;
        }
        let engine = open(builder);
        stage.echo(&engine, "a", "first");
        let played = stage.play(&engine, "a", "!text second\n!re-exec");
        played.assert_completed();
        assert_eq!(played.answers(), ["second"], "{speaker:?}");
        for round in 2..4 {
            let played = stage.play(&engine, "a", "history");
            played.assert_completed();
            assert_eq!(
                played.answers(),
                [format!("history: {round}")],
                "{speaker:?}"
            );
        }
    });
}

/// Nobody answers the prompt, and only the limits end it.
#[test]
fn in_a_turn_it_ends_by_the_limits_and_the_next_one_works() {
    each(|stage, builder, speaker| {
        let engine = open(builder.silence_timeout(3 * SHORT).kill_grace(SHORT));
        stage.echo(&engine, "a", "first");
        let before = pid(&engine, "a");
        let played = stage.play(&engine, "a", "!text begun\n!re-exec-now");
        let by_itself = [Outcome::TimedOut, Outcome::Failed];
        assert!(
            by_itself.contains(&played.end.outcome),
            "{speaker:?}: {played:?}"
        );
        assert!(!played.error().is_empty(), "{speaker:?}");
        let played = stage.play(&engine, "a", "history");
        played.assert_completed();
        assert_eq!(played.answers(), ["history: 2"], "{speaker:?}");
        let now = session(&engine, "a").expect("it is there").pid;
        assert_ne!(
            now,
            Some(before),
            "{speaker:?}: the old one forgot everything"
        );
    });
}

#[test]
fn what_waits_behind_it_is_not_lost() {
    each(|stage, builder, speaker| {
        if !says_where_a_turn_ends(speaker) {
            return;
        }
        let engine = open(builder);
        stage.echo(&engine, "a", "first");
        let anew = stage.execute(&engine, "a", "!sleep 50\n!re-exec");
        let others: Vec<_> = (0..3)
            .map(|number| stage.execute(&engine, "a", &format!("turn {number}")))
            .collect();
        finish(anew);
        for (number, turn) in others.into_iter().enumerate() {
            let played = finish(turn);
            played.assert_completed();
            assert_eq!(
                played.answers(),
                [format!("echo: turn {number}")],
                "{speaker:?}"
            );
        }
    });
}
