//! `hotplexd check`: what the guard says.

use std::io::Read;

use hotplex::{Check, Guard, GuardOptions};
use serde_json::json;

use super::say::say;
use crate::cli::Check as Flags;
use crate::failure::{Failure, blocked, failed};

pub(super) fn run(flags: Flags) -> Result<(), Failure> {
    let text = match flags.text {
        Some(text) => text,
        None => {
            let mut text = String::new();
            let read = std::io::stdin().read_to_string(&mut text);
            read.map_err(|error| failed(format!("stdin: {error}")))?;
            text
        }
    };
    let here = || std::env::current_dir().map_err(|error| failed(error.to_string()));
    let work_dir = flags.work_dir.map_or_else(here, Ok)?;
    let kind = if flags.prompt { "prompt" } else { "command" };
    let context = json!({"kind": kind, "work_dir": work_dir}).to_string();
    let check = Check::from_json(&context).map_err(|error| failed(error.message()))?;
    let guard = Guard::new(GuardOptions::default()).map_err(|error| failed(error.to_string()))?;
    let verdict = check.ask(&guard, &text);
    if flags.json {
        let json = serde_json::to_string(&verdict).unwrap_or_default();
        say(format!("{json}\n").as_bytes())?;
    } else {
        let word = verdict.judgement.as_str();
        let line = match verdict.reason.as_str() {
            "" => format!("{word}\n"),
            reason => format!("{word}: {reason} ({})\n", verdict.rule),
        };
        say(line.as_bytes())?;
        for suggestion in &verdict.suggestions {
            say(format!("  instead: {suggestion}\n").as_bytes())?;
        }
    }
    match verdict.is_blocked() {
        true => Err(blocked("")),
        false => Ok(()),
    }
}
