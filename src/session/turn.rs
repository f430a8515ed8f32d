//! One turn at work: which prompt, whether the agent has begun it, and what it has taken so far.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::evidence::Held;
use crate::error::Error;
use crate::event::{EventKind, Outcome, ToolResult, ToolUse, TurnEnd, TurnId};
use crate::inode::SeenDir;
use crate::message::TurnResult;
use crate::stats::TurnStats;

/// The date of a moment, so that pure code asks no clock itself.
pub(crate) type Calendar = fn(Instant) -> SystemTime;

/// A turn that was accepted and has not ended.
#[derive(Clone, Debug)]
pub(crate) struct QueuedTurn {
    pub(crate) turn: TurnId,
    pub(crate) prompt: Arc<str>,
    /// How long the agent may work on it; `None` for no limit.
    pub(crate) limit: Option<Duration>,
    /// What the path of the work directory led to when the turn was accepted; `None` for nothing.
    pub(crate) work_dir: Option<SeenDir>,
    /// It was written to a process that ended before it took it; it is not written a third time.
    pub(crate) retried: bool,
}

/// The turn an agent works on.
#[cfg_attr(test, derive(Clone))]
#[derive(Debug)]
pub(crate) struct RunningTurn {
    pub(crate) queued: QueuedTurn,
    /// The agent said (or showed) that it works on this prompt: what it says now is this turn's.
    pub(crate) begun: bool,
    /// When the turn has taken too long. Moved on by the time spent waiting for the caller.
    pub(crate) deadline: Option<Instant>,
    /// The agent said that it is through with the prompt; the result may still come.
    pub(crate) over: bool,
    /// A model or a tool has said something in it.
    pub(crate) spoken: bool,
    /// What came before it was clear whose it is.
    pub(super) held: Option<Held>,
    /// The agent waits for the caller, and the turn clock stands still.
    pub(crate) waiting_since: Option<Instant>,
    /// The caller asked, while denying a tool, that the turn end.
    pub(crate) denied_for_good: bool,
    account: Account,
}

impl RunningTurn {
    pub(crate) fn new(queued: QueuedTurn, now: Instant) -> RunningTurn {
        RunningTurn {
            deadline: queued.limit.map(|limit| now + limit),
            queued,
            begun: false,
            over: false,
            spoken: false,
            held: None,
            waiting_since: None,
            denied_for_good: false,
            account: Account::new(now),
        }
    }

    pub(crate) fn turn(&self) -> TurnId {
        self.queued.turn
    }

    /// Records an event of this turn, and fills in what only the account knows.
    pub(crate) fn record(&mut self, kind: &mut EventKind, now: Instant) {
        self.account.record(kind, now);
    }

    /// The end of the turn without a result from the agent.
    pub(crate) fn end(
        &self,
        outcome: Outcome,
        error: Error,
        now: Instant,
        calendar: Calendar,
    ) -> TurnEnd {
        TurnEnd {
            outcome,
            error: Some(error),
            result: None,
            stats: self.account.stats(None, now, calendar),
        }
    }

    /// The end of the turn by the agent's result.
    pub(crate) fn end_with(
        &self,
        result: TurnResult,
        outcome: Outcome,
        error: Option<Error>,
        now: Instant,
        calendar: Calendar,
    ) -> TurnEnd {
        TurnEnd {
            outcome,
            error,
            stats: self.account.stats(Some(&result), now, calendar),
            result: result.text,
        }
    }
}

/// What the time since the last event was spent on.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Waiting,
    Thinking,
    Generating,
}

/// Adds up what a turn takes.
#[cfg_attr(test, derive(Clone))]
#[derive(Debug)]
struct Account {
    started: Instant,
    phase: Phase,
    phase_began: Instant,
    thinking: Duration,
    generation: Duration,
    tools: Duration,
    running: HashMap<String, (String, Instant)>,
    tool_calls: u64,
    tools_used: Vec<String>,
    file_paths: Vec<String>,
}

impl Account {
    fn new(now: Instant) -> Account {
        Account {
            started: now,
            phase: Phase::Waiting,
            phase_began: now,
            thinking: Duration::ZERO,
            generation: Duration::ZERO,
            tools: Duration::ZERO,
            running: HashMap::new(),
            tool_calls: 0,
            tools_used: Vec::new(),
            file_paths: Vec::new(),
        }
    }

    fn record(&mut self, kind: &mut EventKind, now: Instant) {
        match kind {
            EventKind::ThinkingDelta(_) => self.enter(Phase::Thinking, now),
            EventKind::AnswerDelta(_) => self.enter(Phase::Generating, now),
            // A finished block was made in the time since the last thing that was seen.
            EventKind::Thinking(_) => self.finish(Phase::Thinking, now),
            EventKind::Answer(_) => self.finish(Phase::Generating, now),
            EventKind::ToolUse(call) => self.tool_called(call, now),
            EventKind::ToolResult(result) => self.tool_answered(result, now),
            _ => {}
        }
    }

    fn enter(&mut self, phase: Phase, now: Instant) {
        if self.phase == phase {
            return;
        }
        // The wait before the first delta is the model's too, and belongs to what it made first.
        let of = if self.phase == Phase::Waiting {
            phase
        } else {
            self.phase
        };
        self.spend(of, now);
        self.phase = phase;
    }

    fn finish(&mut self, phase: Phase, now: Instant) {
        self.spend(phase, now);
        self.phase = Phase::Waiting;
    }

    fn spend(&mut self, phase: Phase, now: Instant) {
        let spent = now.saturating_duration_since(self.phase_began);
        self.phase_began = now;
        match phase {
            Phase::Thinking => self.thinking += spent,
            Phase::Generating => self.generation += spent,
            Phase::Waiting => {}
        }
    }

    fn tool_called(&mut self, call: &ToolUse, now: Instant) {
        self.finish(Phase::Generating, now);
        self.tool_calls += 1;
        note(&mut self.tools_used, &call.name);
        if let Some(path) = &call.changes_file {
            note(&mut self.file_paths, path);
        }
        if self.running.len() < KEPT_AT_MOST {
            let running = (call.name.clone(), now);
            self.running.insert(call.id.clone(), running);
        }
    }

    fn tool_answered(&mut self, result: &mut ToolResult, now: Instant) {
        if let Some((name, began)) = self.running.remove(&result.id) {
            result.duration = now.saturating_duration_since(began);
            if result.name.is_empty() {
                result.name = name;
            }
        }
        // Tools may run side by side: their own times are in the events, here it is the time
        // in which the turn waited for tools.
        self.tools += now.saturating_duration_since(self.phase_began);
        self.phase_began = now;
    }

    fn stats(&self, result: Option<&TurnResult>, now: Instant, calendar: Calendar) -> TurnStats {
        let ended = calendar(now);
        let total = now.saturating_duration_since(self.started);
        let mut stats = TurnStats {
            started: ended.checked_sub(total),
            ended: Some(ended),
            total,
            thinking: self.thinking,
            tools: self.tools,
            generation: self.generation,
            tool_calls: self.tool_calls,
            tools_used: self.tools_used.clone(),
            file_paths: self.file_paths.clone(),
            ..TurnStats::default()
        };
        if let Some(result) = result {
            stats.usage = result.usage;
            stats.cost_usd = result.cost_usd;
            stats.model.clone_from(&result.model);
        }
        stats
    }
}

/// An agent may make ever more calls, of tools with ever more names: so many of each are kept, and looked
/// through at each call.
const KEPT_AT_MOST: usize = 1000;

fn note(names: &mut Vec<String>, name: &str) {
    if names.len() < KEPT_AT_MOST && !names.iter().any(|known| known == name) {
        names.push(name.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(id: &str, name: &str, file: Option<&str>) -> EventKind {
        EventKind::ToolUse(Box::new(ToolUse {
            id: id.to_owned(),
            name: name.to_owned(),
            input: serde_json::Value::Null,
            summary: String::new(),
            changes_file: file.map(str::to_owned),
            parent: None,
        }))
    }

    fn answer(id: &str) -> EventKind {
        EventKind::ToolResult(Box::new(ToolResult {
            id: id.to_owned(),
            name: String::new(),
            text: String::new(),
            is_error: false,
            duration: Duration::ZERO,
        }))
    }

    #[test]
    fn calls_without_an_end_and_names_without_number_do_not_add_up() {
        let now = Instant::now();
        let mut account = Account::new(now);
        for number in 0..20_000 {
            let (name, file) = (format!("tool-{number}"), format!("/w/{number}"));
            account.record(&mut call(&number.to_string(), &name, Some(&file)), now);
        }
        assert_eq!(account.running.len(), KEPT_AT_MOST);
        let stats = account.stats(None, now, |_| SystemTime::UNIX_EPOCH);
        assert_eq!(stats.tool_calls, 20_000);
        assert_eq!(stats.file_paths.len(), KEPT_AT_MOST);
        assert_eq!(stats.tools_used.len(), KEPT_AT_MOST);
    }

    #[test]
    fn time_is_booked_on_what_was_made_in_it() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut account = Account::new(start);
        let mut said = [
            (100, EventKind::ThinkingDelta("hm".to_owned())),
            (150, EventKind::Thinking("hm".to_owned())),
            (160, EventKind::AnswerDelta("I".to_owned())),
            (200, EventKind::Answer("I write".to_owned())),
            (230, call("1", "Write", Some("/w/a"))),
            (530, answer("1")),
            (540, call("2", "Write", Some("/w/a"))),
            (545, call("3", "Bash", None)),
            (600, answer("2")),
            (700, answer("3")),
            (800, EventKind::Answer("done".to_owned())),
        ];
        for (ms, kind) in &mut said {
            account.record(kind, at(*ms));
        }
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
        let stats = account.stats(None, at(810), |_| {
            SystemTime::UNIX_EPOCH + Duration::from_secs(1)
        });
        assert_eq!(stats.ended, Some(date));
        assert_eq!(stats.started, Some(date - stats.total));
        let ms = |duration: Duration| duration.as_millis();
        assert_eq!(
            (ms(stats.thinking), ms(stats.generation), ms(stats.tools)),
            (150, 195, 455)
        );
        assert_eq!(ms(stats.total), 810);
        assert_eq!(stats.tool_calls, 3);
        assert_eq!(stats.tools_used, ["Write", "Bash"]);
        assert_eq!(stats.file_paths, ["/w/a"]);
        let EventKind::ToolResult(last) = &said[9].1 else {
            panic!("the tenth is a result")
        };
        assert_eq!((last.name.as_str(), ms(last.duration)), ("Bash", 155));
    }
}
