//! The words as JSON, in the spelling that every binding shares. Layer 0: imports nothing of ours
//! but the words it spells.
//!
//! Readers must ignore keys that they do not know: keys are added without another notice.

mod decision;
mod event;
#[cfg(test)]
mod golden;
mod pool;
mod provider;
mod turn;

use std::time::{Duration, SystemTime};

use serde::Serialize;

/// Whole milliseconds, as every time in the JSON.
fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Since 1970; before that is 0.
fn unix(date: SystemTime) -> Duration {
    date.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
}

/// The words have text for keys and nothing that fails, so this never comes out empty.
fn text_of(words: &impl Serialize) -> String {
    serde_json::to_string(words).unwrap_or_default()
}
