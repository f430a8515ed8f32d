//! What happened in a session, numbered, as far as it is held: pure, without clock and sockets.
//!
//! The ring stands here and not in the engine. It holds what the engine does not know (prompts, who
//! answered an approval), and what may be forgotten depends on who of the clients is still owed it.

use std::collections::VecDeque;
use std::sync::Arc;

use hotplex::{EventKind, PermissionRequest, TurnEnd};

/// What an entry weighs beside its text.
const ENTRY_WEIGHT: usize = 160;

/// One thing that happened.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) seq: u64,
    /// Number of the turn; 0 for what belongs to none.
    pub(crate) turn: u64,
    /// Milliseconds since 1970.
    pub(crate) at_ms: u64,
    /// Milliseconds since the turn was accepted.
    pub(crate) turn_ms: u64,
    pub(crate) what: What,
}

/// What happened.
#[derive(Debug)]
pub(crate) enum What {
    /// A turn was accepted.
    Prompt(Prompt),
    /// The agent said or did something.
    Agent(EventKind),
    /// The agent waits for an answer.
    Asked(Asked),
    /// It does not wait any more.
    Closed {
        approval_id: String,
        decision: &'static str,
        by: String,
    },
    /// The session does something else than before.
    State { state: Activity, queued: usize },
    /// The turn is over.
    End(Box<TurnEnd>),
}

#[derive(Debug, serde::Serialize)]
pub(crate) struct Prompt {
    pub(crate) text: String,
    pub(crate) work_dir: String,
    pub(crate) engine: String,
    pub(crate) client: String,
}

/// A question of the agent.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) approval_id: String,
    pub(crate) request: Arc<PermissionRequest>,
    pub(crate) work_dir: String,
    pub(crate) expires_at_ms: Option<u64>,
}

/// What a session does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Activity {
    Ready,
    Starting,
    Working,
    Waiting,
    Stopping,
    Ended,
}

impl What {
    fn weight(&self) -> usize {
        let text = match self {
            What::Prompt(prompt) => prompt.text.len() + prompt.work_dir.len(),
            What::Agent(kind) => kind.payload_bytes(),
            What::Asked(asked) => asked.request.tool.summary.len() * 4 + 256,
            What::Closed { .. } | What::State { .. } => 0,
            What::End(end) => 512 + end.result.as_ref().map_or(0, String::len),
        };
        ENTRY_WEIGHT + text
    }

    /// True for the finished piece that repeats deltas of this kind.
    fn repeats(&self, delta: &What) -> bool {
        matches!(
            (self, delta),
            (
                What::Agent(EventKind::Answer(_)),
                What::Agent(EventKind::AnswerDelta(_))
            ) | (
                What::Agent(EventKind::Thinking(_)),
                What::Agent(EventKind::ThinkingDelta(_))
            )
        )
    }

    pub(crate) fn is_delta(&self) -> bool {
        let What::Agent(kind) = self else {
            return false;
        };
        matches!(
            kind,
            EventKind::AnswerDelta(_) | EventKind::ThinkingDelta(_)
        )
    }
}

/// How much a log may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LogBounds {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
}

/// 2020-01-01 in milliseconds since 1970: later times need fewer digits.
const EPOCH_MS: u64 = 1_577_836_800_000;

/// Where the numbers of a log begin that is made in this millisecond: beyond all that an earlier log
/// of the session can have given, unless it gave eight thousand a millisecond all its life. Up to
/// the year 2054 they are numbers that JavaScript can hold.
pub(crate) fn first_number(unix_ms: u64) -> u64 {
    unix_ms.saturating_sub(EPOCH_MS) << 13
}

/// The log of one session.
#[derive(Debug)]
pub(crate) struct Log {
    entries: VecDeque<(Arc<Entry>, usize)>,
    bytes: usize,
    /// Entries that are no deltas.
    events: usize,
    born: u64,
    last: u64,
    /// The greatest number that was forgotten. Deltas that their finished piece repeats are not
    /// forgotten but superseded.
    forgotten: u64,
}

/// What a client missed that has seen everything up to a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) after: u64,
    pub(crate) first: u64,
    pub(crate) reason: &'static str,
}

impl Log {
    pub(crate) fn new(born: u64) -> Log {
        Log {
            entries: VecDeque::new(),
            bytes: 0,
            events: 0,
            born,
            last: born,
            forgotten: born,
        }
    }

    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// The number of the first event that is held, or of the next one.
    pub(crate) fn first(&self) -> u64 {
        let first = self.entries.front();
        first.map_or(self.last + 1, |(entry, _)| entry.seq)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn push(&mut self, turn: u64, (at_ms, turn_ms): (u64, u64), what: What) {
        self.supersede_deltas(turn, &what);
        self.last += 1;
        let weight = what.weight();
        let entry = Arc::new(Entry {
            seq: self.last,
            turn,
            at_ms,
            turn_ms,
            what,
        });
        self.bytes += weight;
        self.events += usize::from(!entry.what.is_delta());
        self.entries.push_back((entry, weight));
    }

    /// The deltas at the end of the log that this piece repeats are not needed any more.
    fn supersede_deltas(&mut self, turn: u64, what: &What) {
        let mut kept = Vec::new();
        while let Some((entry, weight)) = self.entries.pop_back() {
            if entry.turn == turn && what.repeats(&entry.what) {
                self.bytes -= weight;
                continue;
            }
            let goes_on = entry.what.is_delta() || matches!(entry.what, What::State { .. });
            kept.push((entry, weight));
            if !goes_on {
                break;
            }
        }
        self.entries.extend(kept.into_iter().rev());
    }

    /// Forgets the oldest until the bounds hold, but nothing beyond `owed`: the greatest number that
    /// everybody who is owed something has. True if the bounds hold now.
    pub(crate) fn trim(&mut self, bounds: LogBounds, owed: Option<u64>) -> bool {
        while self.bytes > bounds.bytes || self.events > bounds.events {
            let Some((entry, weight)) = self.entries.front() else {
                return true;
            };
            // The last one stays, however large it is.
            if self.entries.len() == 1 {
                return owed.is_none_or(|owed| entry.seq <= owed);
            }
            if owed.is_some_and(|owed| entry.seq > owed) {
                return false;
            }
            self.bytes -= weight;
            self.events -= usize::from(!entry.what.is_delta());
            self.forgotten = entry.seq;
            self.entries.pop_front();
        }
        true
    }

    /// Forgets everything: memory is needed for others.
    pub(crate) fn clear(&mut self) {
        if !self.entries.is_empty() {
            self.forgotten = self.last;
        }
        self.entries.clear();
        (self.bytes, self.events) = (0, 0);
    }

    /// Bytes and events after this number.
    pub(crate) fn owed_after(&self, seq: u64) -> (usize, usize) {
        let owed = self
            .entries
            .iter()
            .rev()
            .take_while(|(entry, _)| entry.seq > seq);
        owed.fold((0, 0), |(bytes, events), (_, weight)| {
            (bytes + weight, events + 1)
        })
    }

    /// Where to go on for a client that has seen everything up to `after`, and what is lost.
    pub(crate) fn place(&self, after: u64) -> (u64, Option<Gap>) {
        let of_another_life = after > self.last;
        let lost = match after {
            0 => self.forgotten > self.born,
            _ => after < self.forgotten || of_another_life,
        };
        let place = after.clamp(self.first() - 1, self.last);
        if !lost {
            return (place, None);
        }
        let restarted = after != 0 && (after < self.born || of_another_life);
        let place = if of_another_life {
            self.first() - 1
        } else {
            place
        };
        let gap = Gap {
            after,
            first: self.first(),
            reason: if restarted {
                "restarted"
            } else {
                "overwritten"
            },
        };
        (place, Some(gap))
    }

    /// The entries after a number, oldest first.
    pub(crate) fn after(&self, seq: u64) -> impl Iterator<Item = &(Arc<Entry>, usize)> {
        let start = self.entries.partition_point(|(entry, _)| entry.seq <= seq);
        self.entries.range(start..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: LogBounds = LogBounds {
        events: 3,
        bytes: 10_000,
    };

    fn answer(text: &str) -> What {
        What::Agent(EventKind::Answer(text.to_owned()))
    }

    fn delta(text: &str) -> What {
        What::Agent(EventKind::AnswerDelta(text.to_owned()))
    }

    fn texts(log: &Log, after: u64) -> Vec<String> {
        let text = |entry: &Entry| match &entry.what {
            What::Agent(kind) => kind.text().unwrap_or_default().to_owned(),
            other => format!("{other:?}"),
        };
        log.after(after).map(|(entry, _)| text(entry)).collect()
    }

    #[test]
    fn who_comes_back_gets_what_was_missed_or_is_told_of_the_gap() {
        let mut log = Log::new(100);
        for number in 0..5 {
            log.push(1, (0, 0), answer(&number.to_string()));
            assert!(log.trim(BOUNDS, None));
        }
        assert_eq!((log.first(), log.last()), (103, 105));
        let gap = |after, reason| {
            Some(Gap {
                after,
                first: 103,
                reason,
            })
        };
        let table = [
            (105, 105, None),
            (104, 104, None),
            (102, 102, None),
            (101, 102, gap(101, "overwritten")),
            (0, 102, gap(0, "overwritten")),
            (50, 102, gap(50, "restarted")),
            (106, 102, gap(106, "restarted")),
        ];
        for (after, place, lost) in table {
            assert_eq!(log.place(after), (place, lost), "{after}");
        }
        assert_eq!(texts(&log, 103), ["3", "4"]);
    }

    #[test]
    fn numbers_grow_over_a_restart_and_fit_into_javascript() {
        let now = 1_795_885_200_000;
        assert!(first_number(now + 1) > first_number(now) + 8000);
        let in_2050 = 2_524_608_000_000;
        assert!(first_number(in_2050) < 1 << 53);
    }

    #[test]
    fn a_new_log_has_no_gap_for_who_asks_for_all() {
        assert_eq!(Log::new(100).place(0), (100, None));
        let lost = Gap {
            after: 7,
            first: 101,
            reason: "restarted",
        };
        assert_eq!(Log::new(100).place(7), (100, Some(lost)));
    }

    #[test]
    fn a_finished_piece_takes_the_place_of_its_deltas_alone() {
        let mut log = Log::new(0);
        log.push(1, (0, 0), answer("first"));
        log.push(
            1,
            (0, 0),
            What::Agent(EventKind::ThinkingDelta("think".into())),
        );
        for text in ["a", "b", "c"] {
            log.push(1, (0, 0), delta(text));
        }
        log.push(1, (0, 0), answer("abc"));
        assert_eq!(texts(&log, 0), ["first", "think", "abc"]);
        log.push(2, (0, 0), delta("of another turn"));
        log.push(1, (0, 0), answer("more"));
        assert_eq!(texts(&log, 6), ["of another turn", "more"]);
        // Nothing that was needed is gone.
        assert_eq!(log.place(2), (2, None));
    }

    #[test]
    fn nothing_is_forgotten_that_somebody_is_owed() {
        let mut log = Log::new(0);
        for number in 0..10 {
            log.push(1, (0, 0), answer(&number.to_string()));
        }
        assert!(!log.trim(BOUNDS, Some(2)));
        assert_eq!(log.first(), 3);
        assert_eq!(log.owed_after(2).1, 8);
        assert!(log.trim(BOUNDS, Some(7)));
        assert_eq!(texts(&log, 0), ["7", "8", "9"]);
    }

    #[test]
    fn one_event_larger_than_the_bound_is_held_all_the_same() {
        let mut log = Log::new(0);
        log.push(1, (0, 0), answer(&"x".repeat(100_000)));
        assert!(log.trim(BOUNDS, None));
        assert_eq!(texts(&log, 0).len(), 1);
        log.push(1, (0, 0), answer("y"));
        assert!(log.trim(BOUNDS, None));
        assert_eq!(texts(&log, 0), ["y"]);
    }
}
