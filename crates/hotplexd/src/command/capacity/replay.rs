//! A load that was recorded, played against a pool.

use std::collections::HashMap;

use serde::Deserialize;

/// One turn of a session; times in seconds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RecordedTurn {
    pub(super) session: String,
    pub(super) begin: f64,
    pub(super) end: f64,
}

/// What became of turns.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Played {
    pub(super) turns: u64,
    /// Found their process idle.
    pub(super) hot: u64,
    /// Found all processes at work.
    pub(super) waited: u64,
}

impl Played {
    pub(super) fn hot_share(&self) -> f64 {
        self.hot as f64 / self.turns.max(1) as f64
    }
}

/// Plays turns against so many processes. The engine's pool does the same: the process that is idle for
/// longest goes, and none that works. A turn that finds all of them at work is counted, and taken to
/// begin all the same.
pub(super) fn replay(mut turns: Vec<RecordedTurn>, processes: usize, idle_timeout: f64) -> Played {
    turns.sort_by(|one, other| one.begin.total_cmp(&other.begin));
    let mut played = Played::default();
    // Until when the process of a session works, or did.
    let mut live: HashMap<String, f64> = HashMap::new();
    for turn in turns {
        live.retain(|_, until| *until + idle_timeout > turn.begin);
        played.turns += 1;
        match live.get(&turn.session) {
            Some(_) => played.hot += 1,
            None if live.len() >= processes => {
                let idle = live.iter().filter(|(_, until)| **until <= turn.begin);
                let longest = idle.min_by(|one, other| one.1.total_cmp(other.1));
                match longest.map(|(session, _)| session.clone()) {
                    Some(session) => drop(live.remove(&session)),
                    None => played.waited += 1,
                }
            }
            None => {}
        }
        live.insert(turn.session, turn.end);
    }
    played
}

/// What is needed of a frame of docs/protocol.md.
#[derive(Deserialize)]
struct RecordedFrame {
    event: String,
    session_id: Option<String>,
    turn: Option<u64>,
    at_ms: Option<u64>,
}

/// Turns in lines of JSON, as `hotplexd tail` writes them: each `prompt` and its `turn_end`. One whose
/// end is missing takes no time. Other events are passed over.
///
/// # Errors
/// A line that is no frame, by its number.
pub(super) fn read(text: &str) -> Result<Vec<RecordedTurn>, String> {
    let mut turns: Vec<RecordedTurn> = Vec::new();
    let mut open: HashMap<(String, u64), usize> = HashMap::new();
    for (number, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let frame: RecordedFrame =
            serde_json::from_str(line).map_err(|error| format!("line {}: {error}", number + 1))?;
        let (Some(session), Some(at_ms)) = (frame.session_id, frame.at_ms) else {
            continue;
        };
        let at = at_ms as f64 / 1e3;
        let key = (session, frame.turn.unwrap_or(0));
        if frame.event == "prompt" {
            let session = key.0.clone();
            open.insert(key, turns.len());
            turns.push(RecordedTurn {
                session,
                begin: at,
                end: at,
            });
        } else if frame.event == "turn_end"
            && let Some(place) = open.remove(&key)
        {
            turns[place].end = at;
        }
    }
    Ok(turns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(session: &str, begin: f64) -> RecordedTurn {
        let end = begin + 1.0;
        RecordedTurn {
            session: session.to_owned(),
            begin,
            end,
        }
    }

    #[test]
    fn the_process_idle_for_longest_goes_and_none_that_works() {
        let hot = |turns: &[(&str, f64)], processes, idle_timeout| {
            let turns = turns.iter().map(|(session, begin)| turn(session, *begin));
            let played = replay(turns.collect(), processes, idle_timeout);
            (played.hot, played.waited)
        };
        let a_b_a = [("a", 0.0), ("b", 10.0), ("a", 20.0)];
        assert_eq!(hot(&a_b_a, 2, 100.0), (1, 0));
        assert_eq!(hot(&a_b_a, 1, 100.0), (0, 0));
        assert_eq!(hot(&a_b_a, 2, 15.0), (0, 0), "the idle timeout ends it");
        let c_takes_b = [
            ("b", 0.0),
            ("a", 10.0),
            ("c", 20.0),
            ("a", 30.0),
            ("b", 40.0),
        ];
        assert_eq!(hot(&c_takes_b, 2, 100.0), (1, 0));
        assert_eq!(hot(&[("a", 0.0), ("b", 0.5)], 1, 100.0), (0, 1));
    }

    #[test]
    fn turns_are_read_from_what_tail_writes() {
        let text = concat!(
            r#"{"event":"prompt","session_id":"s","turn":1,"seq":1,"at_ms":1000,"data":{}}"#,
            "\n",
            r#"{"event":"gap","session_id":"s","data":{}}"#,
            "\n",
            r#"{"event":"turn_end","session_id":"s","turn":1,"seq":9,"at_ms":3500,"data":{}}"#,
            "\n\n",
            r#"{"event":"prompt","session_id":"s","turn":2,"seq":10,"at_ms":4000,"data":{}}"#,
            "\n",
        );
        let turns = read(text).expect("frames");
        let read_times: Vec<_> = turns.iter().map(|turn| (turn.begin, turn.end)).collect();
        assert_eq!(read_times, [(1.0, 3.5), (4.0, 4.0)]);
        assert!(read("{}\n").is_err_and(|error| error.starts_with("line 1")));
    }
}
