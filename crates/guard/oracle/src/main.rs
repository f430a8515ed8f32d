//! `make oracle`: the guard's reader of shell against brush-parser, on every command of the guard's
//! tables and on generated scripts. Both have to see the same simple commands, with the same words,
//! assignments and redirections.
//!
//! Neither is right by itself. A difference fails the run unless it is a known one (`faults`), or unless
//! one of the two cannot read a generated script at all and bash, which is asked whether it can, sides
//! with the guard. Nothing is ever run: bash reads with `-n`.

mod bash;
mod corpus;
mod faults;
mod form;
mod ours;
mod scripts;
#[expect(dead_code, reason = "the guard needs more of it")]
#[path = "../../src/shell/mod.rs"]
mod shell;
#[expect(dead_code, reason = "the guard needs more of it")]
#[path = "../../src/taint.rs"]
mod taint;
mod tally;
mod theirs;

use std::process::ExitCode;

use scripts::Chance;
use tally::Tally;

/// As many scripts as take about a minute.
const SCRIPTS: usize = 300_000;

/// brush-parser recurses deeply.
const STACK: usize = 256 * 1024 * 1024;

/// What `make oracle` makes, unless `ORACLE_SEED` says otherwise.
const SEED: u64 = 0x6875_6D62_6C65;

fn main() -> ExitCode {
    // brush-parser panics on some texts; that is counted, and needs no trace.
    std::panic::set_hook(Box::new(|_| {}));
    let compared = std::thread::Builder::new().stack_size(STACK).spawn(compare);
    match compared.map(std::thread::JoinHandle::join) {
        Ok(Ok(Ok(true))) => ExitCode::SUCCESS,
        Ok(Ok(Err(why))) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
        _ => ExitCode::FAILURE,
    }
}

/// Whether all that differs is explained.
fn compare() -> std::io::Result<bool> {
    let mut tables = Tally::new("commands of the guard's tables");
    for (_, text) in corpus::commands()? {
        tables.add_data(&text);
    }
    let mut generated = Tally::new("generated scripts");
    let mut chance = Chance::new(number("ORACLE_SEED").unwrap_or(SEED));
    for _ in 0..number("ORACLE_SCRIPTS").map_or(SCRIPTS, |count| count as usize) {
        generated.add(&scripts::script(&mut chance))?;
    }
    let stale = faults::FAULTS
        .iter()
        .filter(|fault| ours::read(fault.example) == theirs::read(fault.example));
    let stale: Vec<_> = stale.map(|fault| fault.reason).collect();
    print!("{tables}{generated}");
    for reason in &stale {
        println!("no difference any more: {reason}");
    }
    Ok(tables.is_explained() && generated.is_explained() && stale.is_empty())
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}
