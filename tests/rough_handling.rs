//! Many callers who do everything at once, to agents that misbehave in every way: each turn that was
//! accepted ends once, and no thread of the engine panics.

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use common::Stage;
use hotplex::{Decision, Engine, ErrorKind, EventKind, Turn, WarmUp};

const PROMPTS: [&str; 14] = [
    "hello",
    "!die 1",
    "!text a\n!die-after",
    "!half",
    "!hang-soft",
    "!hang",
    "!late 20 LATE",
    "!late-after-result 20 LATE",
    "!double-result",
    "!self-turn 5",
    "!tool Write {\"file_path\":\"/tmp/a\"}",
    "!withdraw",
    "!flood 2000 300",
    "!raw {\"type\":\"result\"}",
];

/// The same choices in every run; what differs from run to run is how the threads meet.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

#[test]
fn every_accepted_turn_ends_once_and_nothing_panics() {
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    let earlier = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        PANICS.fetch_add(1, Ordering::SeqCst);
        earlier(panic);
    }));
    let stage = Stage::new();
    let builder = stage.builder().kill_grace(Duration::from_millis(100));
    let builder = builder.turn_timeout(Duration::from_millis(300));
    let builder = builder.window_bytes(16 * 1024).queue_turns(4);
    let builder = builder.approval_timeout(Duration::from_millis(100));
    let engine = builder.max_processes(5).open().unwrap();
    let accepted: usize = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..6)
            .map(|seed| {
                let (stage, engine) = (&stage, engine.clone());
                scope.spawn(move || handle_roughly(stage, &engine, seed))
            })
            .collect();
        callers
            .into_iter()
            .map(|caller| caller.join().unwrap())
            .sum()
    });
    let counted = || {
        let info = engine.info().unwrap();
        info.turns_completed + info.turns_not_completed
    };
    let all = || counted() == accepted as u64;
    assert!(
        common::until(common::PATIENCE, all),
        "{} of {accepted}",
        counted()
    );
    for session in 0..4 {
        stage.echo(&engine, &format!("s{session}"), "at last");
    }
    engine.close(Duration::from_millis(500)).unwrap();
    assert_eq!(PANICS.load(Ordering::SeqCst), 0);
}

fn handle_roughly(stage: &Stage, engine: &Engine, seed: u64) -> usize {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ (seed + 1));
    let mut accepted = 0;
    for _ in 0..60 {
        let session = format!("s{}", dice.below(8));
        match dice.below(20) {
            0 => drop(engine.stop_session(&session, "rough")),
            1 => engine
                .prewarm(&WarmUp::new(stage.work_dir()), 1)
                .expect("an engine that is open"),
            2 => drop(engine.sessions().expect("an answer of the engine")),
            _ => {
                let request = stage.request(&session, PROMPTS[dice.below(PROMPTS.len())]);
                match engine.execute(request) {
                    Ok(turn) => {
                        accepted += 1;
                        treat(turn, &mut dice);
                    }
                    Err(error) => assert_eq!(error.kind(), ErrorKind::Busy, "{error}"),
                }
            }
        }
    }
    accepted
}

fn treat(mut turn: Turn, dice: &mut Dice) {
    match dice.below(6) {
        0 => return drop(turn),
        1 => turn.cancel(),
        2 => drop(turn.try_recv()),
        _ => {}
    }
    while let Some(event) = turn.recv_timeout(common::PATIENCE) {
        match event.kind {
            EventKind::PermissionRequest(asked) => {
                let decision = match dice.below(3) {
                    0 => Decision::allow(),
                    1 => Decision::deny("no"),
                    // It is denied after its time.
                    _ => continue,
                };
                // Another caller may have stopped the session meanwhile.
                let _ = turn.respond(&asked.request_id, decision);
            }
            EventKind::TurnEnd(end) => {
                let kind = end.error.map(|error| error.kind());
                assert_ne!(kind, Some(ErrorKind::Internal));
            }
            _ => {}
        }
    }
    assert!(turn.has_ended(), "{turn:?}");
}
