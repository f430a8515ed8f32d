//! The figures of a turn, under the names that users of the Go hotplex know.

use serde::Serialize;

use super::{milliseconds, text_of, unix};
use crate::event::{Outcome, TurnEnd};
use crate::stats::TurnStats;

/// The figures, and what the end of the turn adds to them.
#[derive(Serialize)]
pub(super) struct StatsOf<'a> {
    start_time: u64,
    end_time: u64,
    total_duration_ms: u64,
    thinking_duration_ms: u64,
    tool_duration_ms: u64,
    generation_duration_ms: u64,
    input_tokens: u64,
    output_tokens: u64,
    cache_write_tokens: u64,
    cache_read_tokens: u64,
    /// As the Go hotplex reckons it: what caches held is not in it.
    total_tokens: u64,
    tool_call_count: u64,
    tools_used: &'a [String],
    files_modified: usize,
    file_paths: &'a [String],
    total_cost_usd: f64,
    model_used: Option<&'a str>,
    is_error: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'a str>,
}

impl<'a> StatsOf<'a> {
    pub(super) fn new(end: &'a TurnEnd) -> StatsOf<'a> {
        StatsOf {
            is_error: end.outcome != Outcome::Completed,
            error_message: end.error.as_ref().map(|error| error.message()),
            ..StatsOf::figures(&end.stats)
        }
    }

    pub(super) fn figures(stats: &'a TurnStats) -> StatsOf<'a> {
        let seconds = |date: Option<_>| date.map_or(0, |date| unix(date).as_secs());
        StatsOf {
            start_time: seconds(stats.started),
            end_time: seconds(stats.ended),
            total_duration_ms: milliseconds(stats.total),
            thinking_duration_ms: milliseconds(stats.thinking),
            tool_duration_ms: milliseconds(stats.tools),
            generation_duration_ms: milliseconds(stats.generation),
            input_tokens: stats.usage.input_tokens,
            output_tokens: stats.usage.output_tokens,
            cache_write_tokens: stats.usage.cache_write_tokens,
            cache_read_tokens: stats.usage.cache_read_tokens,
            total_tokens: stats.usage.total(),
            tool_call_count: stats.tool_calls,
            tools_used: &stats.tools_used,
            files_modified: stats.file_paths.len(),
            file_paths: &stats.file_paths,
            total_cost_usd: stats.cost_usd,
            model_used: stats.model.as_deref(),
            is_error: false,
            error_message: None,
        }
    }
}

impl TurnEnd {
    /// The figures of the turn as a JSON object: the `stats` of its end event.
    pub fn stats_json(&self) -> String {
        text_of(&StatsOf::new(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Usage;
    use serde_json::{Value, json};
    use std::time::{Duration, SystemTime};

    /// The keys and the order of the Go hotplex 0.6.1, but for `session_id`, which the event has.
    #[test]
    fn every_figure_has_its_key() {
        let date = |seconds| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        let end = TurnEnd {
            outcome: Outcome::Completed,
            error: None,
            result: None,
            stats: TurnStats {
                started: date(100),
                ended: date(101),
                total: Duration::from_millis(1),
                thinking: Duration::from_millis(2),
                tools: Duration::from_millis(3),
                generation: Duration::from_millis(4),
                usage: Usage {
                    input_tokens: 5,
                    output_tokens: 6,
                    cache_write_tokens: 7,
                    cache_read_tokens: 8,
                },
                tool_calls: 9,
                tools_used: vec!["Edit".to_owned()],
                file_paths: vec!["/a".to_owned(), "/b".to_owned()],
                cost_usd: 0.25,
                model: None,
            },
        };
        let expected = json!({
            "start_time": 100, "end_time": 101, "total_duration_ms": 1, "thinking_duration_ms": 2,
            "tool_duration_ms": 3, "generation_duration_ms": 4, "input_tokens": 5,
            "output_tokens": 6, "cache_write_tokens": 7, "cache_read_tokens": 8,
            "total_tokens": 11, "tool_call_count": 9, "tools_used": ["Edit"],
            "files_modified": 2, "file_paths": ["/a", "/b"], "total_cost_usd": 0.25,
            "model_used": null, "is_error": false,
        });
        let value: Value = serde_json::from_str(&end.stats_json()).unwrap();
        assert_eq!(value, expected);
    }
}
