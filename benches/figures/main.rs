//! `make bench`: what the engine costs, each figure beside its floor and its bar.
//!
//! The floor is the least that any host must pay for the same work of the same agent: a bare
//! `posix_spawn`, pipes, and a loop of blocking writes and reads that counts lines and reads no
//! JSON. It is a physical limit and not a goal. Both are measured in the same run and in turns,
//! because on a shared machine the same work takes twice as long a minute later; what is printed
//! are medians of rounds.
//!
//! Each figure is measured in a process of its own, so that none inherits another's memory,
//! threads or core. `cargo bench -- hot stream` measures only those named.

// Printing is what a bench is for.
#![allow(clippy::print_stdout)]

mod agent;
mod at_rest;
mod bare;
mod cold;
mod crowd;
mod engine;
mod floor_crowd;
mod host;
mod hot_turn;
mod mass;
mod pause;
mod protocols;
mod report;
mod series;
mod spare;
mod starts;
mod streams;
mod waiting;

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// What a measurement gives: nothing but what it reports.
type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Measures and shows.
type Measurement = fn() -> Outcome;

/// Name on the command line, and how it is measured.
const FIGURES: &[(&str, Measurement)] = &[
    ("hot", hot_turn::measure),
    ("pause", pause::measure),
    ("protocols", protocols::measure),
    ("cold", cold::measure),
    ("jail", starts::measure_jailed),
    ("large", starts::measure_large_host),
    ("spare", spare::measure),
    ("stream", streams::measure_small),
    ("blocks", streams::measure_large),
    ("crowd", crowd::measure),
    ("waiting", waiting::measure),
    ("rest", at_rest::measure),
    ("mass", mass::measure),
    ("memory", mass::measure_in_memory),
];

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--measure", name] => measure(name),
        [at_rest::BARE_HOST] => at_rest::report_bare(),
        _ => run(&arguments),
    }
}

fn measure(name: &str) -> Outcome {
    let figure = FIGURES.iter().find(|(known, _)| *known == name);
    figure.ok_or("no such figure")?.1()
}

fn run(arguments: &[String]) -> Outcome {
    // Cargo adds `--bench` to what the caller said.
    let wanted: Vec<_> = arguments
        .iter()
        .filter(|it| !it.starts_with("--"))
        .collect();
    for name in &wanted {
        if !FIGURES.iter().any(|(known, _)| known == name) {
            let known: Vec<_> = FIGURES.iter().map(|(known, _)| *known).collect();
            return Err(format!("no figure {name:?}; there are {}", known.join(", ")).into());
        }
    }
    println!("{}\n", host::description());
    let chosen = FIGURES.iter().map(|(name, _)| *name);
    let chosen = chosen.filter(|name| wanted.is_empty() || wanted.iter().any(|it| it == name));
    let mut table = Vec::new();
    for name in chosen {
        measure_apart(name, &mut table)?;
    }
    println!("\n{}\n{}", report::TABLE_HEAD, table.join("\n"));
    Ok(())
}

/// Measures in a process of its own. Rows of the final table are kept, the rest is shown at once.
fn measure_apart(name: &str, table: &mut Vec<String>) -> Outcome {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--measure", name])
        .stdout(Stdio::piped())
        .spawn()?;
    let lines = BufReader::new(child.stdout.take().ok_or("no stdout")?).lines();
    for line in lines {
        let line = line?;
        if report::is_row(&line) {
            table.push(line);
        } else {
            println!("{line}");
        }
    }
    if !child.wait()?.success() {
        return Err(format!("measuring {name:?} failed").into());
    }
    Ok(())
}
