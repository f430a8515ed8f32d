//! `make bench`: what the daemon costs, each figure beside its floor and its bar.
//!
//! The floor is what the same work costs without the daemon, by the engine alone in this process, or
//! what the work itself takes; it is measured in the same run. `cargo bench -p hotplexd -- turn term`
//! measures only those named.

// Printing is what a bench is for.
#![allow(clippy::print_stdout)]

#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/gateway/client.rs"]
mod client;
#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/gateway/daemon.rs"]
mod daemon;
mod ends;
mod many;
mod measure;
mod turns;

/// Name on the command line, and how it is measured.
const FIGURES: [(&str, fn()); 6] = [
    ("turn", turns::echo),
    ("unread", turns::unread),
    ("idle", many::idle),
    ("crowd", many::crowd),
    ("stop", ends::stop),
    ("term", ends::term),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // Cargo adds `--bench` to what the caller said.
    let wanted: Vec<_> = arguments
        .iter()
        .filter(|it| !it.starts_with("--"))
        .collect();
    println!("| figure | daemon | floor | bar | verdict |\n|---|---|---|---|---|");
    for (name, measure) in FIGURES {
        if wanted.is_empty() || wanted.iter().any(|it| *it == name) {
            measure();
        }
    }
}
