//! What holds for every text, whatever it says: the guard answers, answers the same again, and its
//! work grows with the text and no faster.

#![cfg(feature = "prompts")]
#![expect(clippy::print_stdout, reason = "a long run is started for its figures")]

mod effort;
mod guarded;

use std::time::{Duration, Instant};

use guarded::Texts;
use hotplex_guard::{Guard, GuardContext, PathAccess, Verdict};

fn context() -> GuardContext {
    GuardContext::new("/home/dev/proj", "/home/dev", "dev")
}

/// All that can be asked about a text. A panic names the text that made it.
fn judged(guard: &Guard, text: &str) -> [Verdict; 4] {
    let context = context();
    let asked = std::panic::catch_unwind(|| {
        [
            guard.check_command(text, &context),
            guard.check_prompt(text, &context),
            guard.check_path(text, PathAccess::Write, &context),
            guard.check_path(text, PathAccess::Read, &context),
        ]
    });
    asked.unwrap_or_else(|_| panic!("a panic on {text:?}"))
}

#[test]
fn every_text_has_a_verdict_and_it_is_the_same_again() {
    let guard = Guard::default();
    let mut texts = Texts::new(0x9E37_79B9_7F4A_7C15);
    let rounds = if cfg!(debug_assertions) {
        4_000
    } else {
        40_000
    };
    for _ in 0..rounds {
        let text = texts.next();
        let first = judged(&guard, &text);
        assert_eq!(first, judged(&guard, &text), "{text:?}");
        for verdict in first {
            assert_eq!(verdict.rule.is_empty(), verdict.level.is_none(), "{text:?}");
            assert!(verdict.operation.chars().count() <= 200, "{text:?}");
        }
    }
}

#[test]
fn effort_grows_no_faster_than_the_text() {
    let guard = Guard::default();
    let mut texts = Texts::new(0xD1B5_4A32_D192_ED03);
    for _ in 0..60 {
        let part = texts.next() + "\n";
        let repeated = |size: usize| part.repeat(size / part.len() + 1);
        let slow = effort::unfair(&guard, 2_000, repeated);
        assert_eq!(slow, None, "{part:?}");
    }
}

/// Millions of texts, for a night or a release: HOTPLEX_GUARD_ROUNDS says how many.
#[test]
#[ignore = "takes minutes; `cargo test --release -p hotplex-guard --test properties -- --ignored --nocapture`"]
fn millions_of_texts_panic_nowhere() {
    let rounds = std::env::var("HOTPLEX_GUARD_ROUNDS").ok();
    let rounds: usize = rounds
        .and_then(|text| text.parse().ok())
        .unwrap_or(10_000_000);
    let guard = Guard::default();
    let mut texts = Texts::new(0xA076_1D64_78BD_642F);
    let mut slowest = (Duration::ZERO, String::new());
    for _ in 0..rounds {
        let text = texts.next();
        let start = Instant::now();
        judged(&guard, &text);
        // A machine stalls now and then: what seems slow is asked again.
        if start.elapsed() > slowest.0 {
            let taken = effort::effort(&guard, &text);
            slowest = slowest.max((taken, text));
        }
    }
    println!(
        "{rounds} texts, no panic; slowest {:?}: {:?}",
        slowest.0, slowest.1
    );
}
