//! `hotplexd capacity`: how many agents fit into so much memory, and how many turns find theirs there.
//! Formula and figures: docs/capacity.md.

mod figures;
mod model;
mod replay;

use std::fmt::Write;

use serde_json::{Value, json};

use super::say::say;
use crate::cli::Capacity;
use crate::failure::{Failure, failed, usage};
use figures::Figures;
use model::Load;

/// What the system and the daemon keep, unless the caller says so: a tenth, and this at least.
const LEAST_RESERVE: u64 = 512 << 20;

/// What is said of a load, whether it was recorded or is made up.
struct Expected {
    load: String,
    hot_share: f64,
    /// Agents at work at once; not known of a recorded load.
    busy: Option<f64>,
    /// Turns that find all agents at work; not known of a made-up load.
    waited: Option<u64>,
    /// Processes for nine hot turns in ten, if they can be had.
    for_nine_in_ten: Option<u64>,
}

pub(super) fn run(flags: &Capacity) -> Result<(), Failure> {
    let figures = figures::of(&flags.provider).ok_or_else(|| unknown(&flags.provider))?;
    let rss = flags.rss.unwrap_or(figures.rss);
    let reserve = flags
        .reserve
        .unwrap_or((flags.memory / 10).max(LEAST_RESERVE));
    let processes = flags.memory.saturating_sub(reserve) / rss;
    if processes == 0 {
        return Err(failed(format!(
            "no agent fits: {} less {} is under {}",
            size(flags.memory),
            size(reserve),
            size(rss)
        )));
    }
    let expected = match &flags.trace {
        Some(path) => recorded(path, flags, processes)?,
        None => made_up(flags, processes)?,
    };
    match flags.json {
        true => say(format!("{}\n", told(flags, figures, processes, &expected)).as_bytes()),
        false => say(shown(flags, figures, reserve, processes, &expected).as_bytes()),
    }
}

fn unknown(provider: &str) -> Failure {
    let known: Vec<_> = figures::MEASURED.iter().map(|row| row.provider).collect();
    usage(format!(
        "nothing was measured of {provider:?}, only of {}; say --rss and --start",
        known.join(", ")
    ))
}

fn made_up(flags: &Capacity, processes: u64) -> Result<Expected, Failure> {
    let load = Load {
        sessions: f64::from(flags.sessions),
        rate: flags.turns_per_hour / 3600.0,
        turn: flags.turn.as_secs_f64(),
        idle_timeout: flags.idle_timeout.as_secs_f64(),
    };
    if !load.is_possible() {
        let why = "a session cannot have so many turns an hour of that length";
        return Err(usage(why));
    }
    Ok(Expected {
        load: format!(
            "{} sessions, {} turns an hour each, {:.0} s a turn",
            flags.sessions, flags.turns_per_hour, load.turn
        ),
        hot_share: load.hot_share(processes as f64),
        busy: Some(load.busy()),
        waited: None,
        for_nine_in_ten: load.processes_for(0.9),
    })
}

fn recorded(path: &std::path::Path, flags: &Capacity, processes: u64) -> Result<Expected, Failure> {
    let named = |error: String| usage(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| named(error.to_string()))?;
    let turns = replay::read(&text).map_err(named)?;
    if turns.is_empty() {
        return Err(named("no turn is in it".to_owned()));
    }
    let play = |count: u64| {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        replay::replay(turns.clone(), count, flags.idle_timeout.as_secs_f64())
    };
    let played = play(processes);
    let sessions: std::collections::HashSet<_> = turns.iter().map(|turn| &turn.session).collect();
    let all = sessions.len() as u64;
    Ok(Expected {
        load: format!("{} turns of {all} sessions, recorded", played.turns),
        hot_share: played.hot_share(),
        busy: None,
        waited: Some(played.waited),
        for_nine_in_ten: (1..=all).find(|count| play(*count).hot_share() >= 0.9),
    })
}

/// How long a turn waits more than a hot one, on average, in seconds.
fn added(flags: &Capacity, figures: &Figures, expected: &Expected) -> (f64, f64) {
    let start = flags.start.map_or(figures.start, |time| time.as_secs_f64());
    (start, start * (1.0 - expected.hot_share))
}

fn told(flags: &Capacity, figures: &Figures, processes: u64, expected: &Expected) -> Value {
    let (start, added) = added(flags, figures, expected);
    json!({
        "memory_bytes": flags.memory,
        "rss_bytes": flags.rss.unwrap_or(figures.rss),
        "rss_from": source(flags.rss.is_some(), figures),
        "max_processes": processes,
        "load": expected.load,
        "hot_share": expected.hot_share,
        "start_seconds": start,
        "added_seconds": added,
        "busy": expected.busy,
        "waited": expected.waited,
        "processes_for_90_percent_hot": expected.for_nine_in_ten,
    })
}

fn source(is_given: bool, figures: &Figures) -> String {
    match is_given {
        true => "as you said".to_owned(),
        false => format!(
            "measured of {} {}, docs/capacity.md",
            figures.provider, figures.version
        ),
    }
}

fn shown(
    flags: &Capacity,
    figures: &Figures,
    reserve: u64,
    processes: u64,
    expected: &Expected,
) -> String {
    let rss = flags.rss.unwrap_or(figures.rss);
    let (start, added) = added(flags, figures, expected);
    let mut text = String::new();
    let mut row = |name: &str, value: String| {
        // To a text nothing can fail.
        let _ = writeln!(text, "{name:<15}{value}");
    };
    let memory = size(flags.memory);
    row(
        "memory",
        format!("{memory}, of which {} are not for agents", size(reserve)),
    );
    row(
        "an agent",
        format!("{} ({})", size(rss), source(flags.rss.is_some(), figures)),
    );
    row("max_processes", processes.to_string());
    row("load", expected.load.clone());
    if let Some(busy) = expected.busy {
        let warning = if busy > processes as f64 {
            ": more than there are, turns wait"
        } else {
            ""
        };
        row("at work", format!("{busy:.1} agents at once{warning}"));
    }
    if let Some(waited) = expected.waited {
        row(
            "waiting",
            format!("{waited} turns found all agents at work"),
        );
    }
    row(
        "hot",
        format!("{:.0} % of turns", 100.0 * expected.hot_share),
    );
    row(
        "cold",
        format!("{start:.2} s more (once resumed); {added:.2} s a turn on average"),
    );
    row(
        "90 % hot",
        match expected.for_nine_in_ten {
            Some(count) => format!("from {count} processes on, {}", size(count * rss + reserve)),
            None => "not with this idle timeout".to_owned(),
        },
    );
    text
}

fn size(bytes: u64) -> String {
    match bytes {
        0x4000_0000.. => format!("{:.1}G", bytes as f64 / f64::from(1 << 30)),
        _ => format!("{}M", bytes >> 20),
    }
}
