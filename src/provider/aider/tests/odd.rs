//! Output that no aider writes: it costs neither time nor memory without bound, and no word is lost.

use std::time::{Duration, Instant};

use super::Process;

/// As much as is read at once.
const PIECE: usize = 64 * 1024;

/// Far more than it takes on a busy machine, and far less than what grows with the square of the size.
const IN_TIME: Duration = Duration::from_secs(60);

/// The thread that reads it serves every session.
#[test]
fn what_looks_like_marks_is_text_and_read_in_time() {
    for (part, count, is_told) in [
        ("\u{1e}", 4 << 20, true),
        ("\u{1e}a", PIECE, true),
        ("\u{1e}n0 no\n", PIECE, true),
        ("\u{1e}n0[\"waits\",0]\n", PIECE, false),
    ] {
        let mut process = Process::ready();
        process.prompt("p");
        let since = Instant::now();
        let mut told = process.feed(&part.repeat(count));
        assert!(since.elapsed() < IN_TIME, "{:?}: {part:?}", since.elapsed());
        told.extend(process.feed("\nTokens: 5 sent, 2 received.\n"));
        let has_answer = told.iter().any(|told| told.starts_with("answer "));
        assert_eq!(has_answer, is_told, "{part:?}");
    }
}

/// They would become text all at once with the word that follows.
#[test]
fn line_ends_that_nothing_follows_do_not_add_up() {
    let mut process = Process::ready();
    process.prompt("p");
    process.feed("a word\n");
    let ends = "\n".repeat(PIECE);
    for _ in 0..64 {
        process.feed(&ends);
    }
    let told = process.feed("another word\n").join("");
    assert!(told.len() < 2 << 20, "{} bytes", told.len());
}
