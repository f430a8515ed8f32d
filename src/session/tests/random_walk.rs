//! Every order of events that nobody thought of.

use std::collections::HashMap;

use super::*;

/// Whatever happens in whatever order, each turn ends exactly once and the session can be closed.
#[test]
fn every_turn_ends_exactly_once_whatever_happens() {
    for seed in 0..if cfg!(miri) { 20 } else { 3000 } {
        let mut dice = Dice(seed);
        let mut script = Script::with(|limits| limits.silence = Some(Duration::from_secs(20)));
        script.finds_all_as_it_was = false;
        let mut turns = 0;
        let mut ends: HashMap<u64, Vec<Outcome>> = HashMap::new();
        let mut process = false;
        for _ in 0..60 {
            match dice.roll(16) {
                0..=2 => {
                    turns += 1;
                    script.limited_prompt(turns, Some(5000));
                }
                3 => drop(script.cancel(dice.roll(turns + 2))),
                4 => drop(script.decide("q", Decision::allow())),
                5 => script.until(
                    script.now.duration_since(script.start).as_millis() as u64 + dice.roll(9000),
                ),
                6 if dice.roll(4) == 0 => script.stop(),
                7 if process => {
                    process = false;
                    let causes = [
                        ExitCause::Other,
                        ExitCause::NameInUse,
                        ExitCause::StateContended,
                        ExitCause::NoConversation,
                    ];
                    script.ended(causes[dice.roll(4) as usize]);
                }
                8 if process => script.ask("q"),
                9 if process => script.begin(dice.roll(turns + 2)),
                10 if process => script.say(Message::TurnStarted(None)),
                11 | 12 if process => script.result("r"),
                13 if process => script.answer("a"),
                14 | 15 if process => script.say(Message::Ready),
                _ => {}
            }
            settle(&mut script, &mut dice, &mut process, &mut ends);
        }
        let reason = StopReason::EngineCloses(Duration::ZERO);
        script
            .session
            .stop(&reason, script.now, &mut script.actions);
        settle(&mut script, &mut dice, &mut process, &mut ends);
        if process {
            script.ended(ExitCause::Other);
        }
        settle(&mut script, &mut Dice(1), &mut process, &mut ends);
        assert!(
            script.session.is_over(),
            "seed {seed}: {:?}",
            script.session.state()
        );
        for turn in 1..=turns {
            let ends = ends.get(&turn).map_or(0, Vec::len);
            assert_eq!(ends, 1, "seed {seed}: turn {turn} has {ends} ends");
        }
    }
}

/// Plays the io thread: starts what is to be started, and records the ends.
fn settle(
    script: &mut Script,
    dice: &mut Dice,
    process: &mut bool,
    ends: &mut HashMap<u64, Vec<Outcome>>,
) {
    let mut actions = std::mem::take(&mut script.actions);
    while !actions.is_empty() {
        for action in actions.drain(..) {
            match action {
                Action::EndTurn(turn, end) => ends.entry(turn.0).or_default().push(end.outcome),
                Action::Launch(_) if dice.roll(5) == 0 => {
                    let error = Error::new(ErrorKind::SpawnFailed, "no");
                    script.session.launch_failed(&error, &mut script.actions);
                }
                Action::Launch(_) => {
                    assert!(!*process, "a second process is started beside the first");
                    *process = true;
                    script.launched();
                }
                Action::LookUpWorkDir if dice.roll(4) > 0 => {
                    let found = SeenDir::numbered(7 + dice.roll(2));
                    let (now, actions) = (script.now, &mut script.actions);
                    script.session.work_dir_found(Some(found), now, actions);
                }
                _ => {}
            }
        }
        actions = std::mem::take(&mut script.actions);
    }
}

/// A small generator (Knuth's MMIX constants), so that a failing seed can be named and run again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}
