//! What a judgement costs: a command, a prompt, and the longest benign text.
//!
//! Each figure is the fastest of many, beside the floor of one pass over the same bytes.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use hotplex_guard::{Guard, GuardContext};

fn fastest(rounds: usize, work: impl Fn()) -> Duration {
    let times = (0..rounds).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed()
    });
    times.min().unwrap_or_default()
}

fn main() {
    let guard = Guard::default();
    let context = GuardContext::new("/home/dev/proj", "/home/dev", "dev");
    let command = "cd frontend && npm ci && npm run build -- --mode production 2>&1 | tail -20; \
                   for f in dist/*.js; do gzip -k \"$f\"; done; rm -rf node_modules/.cache && git add -A && \
                   git commit -m \"build: assets for $VERSION\"";
    let script =
        "if [ -f \"$file\" ]; then cp \"$file\" build/; echo \"copied $file\" >> build.log; fi\n"
            .repeat(1150);
    let document = format!(
        "cat > notes.md <<'EOF'\n{}\nEOF\n",
        "Some words about rm and its options.\n".repeat(2800)
    );
    let cases = [
        ("word", "ping"),
        (
            "sentence",
            "Please add a test for the parser's empty input, then mend what it finds.",
        ),
        ("command", command),
        ("script", script.as_str()),
        ("document", document.as_str()),
    ];
    // `cargo bench --bench guard -- script` measures that case alone.
    let wanted = std::env::args()
        .nth(1)
        .filter(|name| !name.starts_with('-'));
    let is_wanted = |name: &str| wanted.as_deref().is_none_or(|wanted| wanted == name);
    for (name, text) in cases.into_iter().filter(|case| is_wanted(case.0)) {
        let rounds = if text.len() < 1000 { 20_000 } else { 300 };
        let judged = fastest(rounds, || {
            drop(black_box(guard.check_command(black_box(text), &context)))
        });
        let asked = fastest(rounds, || {
            drop(black_box(guard.check_prompt(black_box(text), &context)))
        });
        let floor = fastest(rounds, || {
            black_box(black_box(text).bytes().filter(|b| *b == b'\n').count());
        });
        println!(
            "{name:>10} {:7} bytes: command {judged:9.2?}  prompt {asked:9.2?}  floor {floor:9.2?}",
            text.len()
        );
        assert!(
            !guard.check_command(text, &context).is_blocked(),
            "{name} is benign"
        );
    }
}
