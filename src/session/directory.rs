//! Where turns begin: in the directory that their caller means, and in no other.
//!
//! A work directory is named by a path, and a process is in what the path led to when it started.
//! That may be removed and made anew, renamed, mounted over, or reached by a link that leads
//! elsewhere now; the process would work on in what nobody sees any more. So before each turn both
//! are compared, and so is what the repository there has git start, which a process is told at its start to
//! leave alone. If they differ the process ends, and the next one, which serves the same
//! conversation, starts in what the path leads to now.
//!
//! Callers look the path up when they send a prompt. A prompt that had to wait is looked up again
//! on the spawn thread, unless the process started after it came.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::state::State;
use super::turn::{QueuedTurn, RunningTurn};
use super::{Action, Session};
use crate::event::EventKind;
use crate::inode::SeenDir;
use crate::notice::NoticeCode;

/// How long a look at the directory may take. After that what the caller saw has to do: a file
/// system that hangs must not hold the turns of those who have nothing to do with it.
const LOOK_LIMIT: Duration = Duration::from_secs(2);

impl Session {
    /// A turn came in.
    pub(crate) fn prompt(&mut self, queued: QueuedTurn, now: Instant, actions: &mut Vec<Action>) {
        self.last_active = now;
        let seen = queued.work_dir;
        // Nearly always it stays the only one, and an idle session keeps the room.
        if self.queue.capacity() == 0 {
            self.queue.reserve_exact(1);
        }
        self.queue.push_back(queued);
        if self.queue.len() == 1 && self.takes_prompts() {
            self.begin_in(seen, now, actions);
        } else {
            self.advance(now, actions);
        }
    }

    /// The start for the first of those that wait has made the directory that their callers did not find.
    pub(super) fn saw_no_directory_yet(&mut self, made: SeenDir) {
        for queued in &mut self.queue {
            queued.work_dir.get_or_insert(made);
        }
    }

    fn takes_prompts(&self) -> bool {
        let process = &self.process;
        matches!(self.state, State::Ready { .. })
            && !process.holds_prompts_back()
            && process.look_until.is_none()
    }

    /// Hands the next waiting turn to the agent, or has looked where that should be first.
    pub(super) fn begin_next(&mut self, now: Instant, actions: &mut Vec<Action>) {
        if self.queue.is_empty() || !self.takes_prompts() {
            return;
        }
        if self.process.started_for_next {
            return self.hand_over(now, actions);
        }
        self.process.look_until = Some(now + LOOK_LIMIT);
        actions.push(Action::LookUpWorkDir);
    }

    /// What the path of the work directory leads to, asked for by [`Action::LookUpWorkDir`].
    pub(crate) fn work_dir_found(
        &mut self,
        found: Option<SeenDir>,
        now: Instant,
        actions: &mut Vec<Action>,
    ) {
        if self.process.look_until.take().is_some() && self.takes_prompts() {
            self.begin_in(found, now, actions);
        }
    }

    /// Time has passed for a process that waits for a prompt.
    pub(super) fn ready_timed_out(&mut self, now: Instant, actions: &mut Vec<Action>) {
        match (self.process.look_until, self.queue.front()) {
            (Some(_), Some(queued)) => {
                let seen = queued.work_dir;
                self.work_dir_found(seen, now, actions);
            }
            _ => self.close_process(false, now, actions),
        }
    }

    /// Begins the next turn in this directory, for which the process may have to be another.
    fn begin_in(&mut self, wanted: Option<SeenDir>, now: Instant, actions: &mut Vec<Action>) {
        let Some(queued) = self.queue.front() else {
            return;
        };
        let Some((code, text)) = what_changed(self.process.work_dir, wanted) else {
            return self.hand_over(now, actions);
        };
        let kind = EventKind::warning(code, text);
        actions.push(Action::Deliver(Some(queued.turn), kind));
        self.close_process(false, now, actions);
    }

    fn hand_over(&mut self, now: Instant, actions: &mut Vec<Action>) {
        let Some(queued) = self.queue.pop_front() else {
            return;
        };
        self.process.started_for_next = false;
        actions.push(Action::WritePrompt(queued.turn, Arc::clone(&queued.prompt)));
        self.last_said = now;
        self.state = State::Busy(Box::new(RunningTurn::new(queued, now)));
    }
}

/// Why a process that was started in the one cannot work in the other.
fn what_changed(
    started: Option<SeenDir>,
    wanted: Option<SeenDir>,
) -> Option<(NoticeCode, &'static str)> {
    let same = started.zip(wanted);
    let same = same.filter(|(started, wanted)| started.inode == wanted.inode);
    let Some((started, wanted)) = same else {
        let text = "the work directory is not the one that the agent was started in: \
                    it is started again, in the one that is there now";
        return Some((NoticeCode::WorkDirReplaced, text));
    };
    let both = started.git.zip(wanted.git);
    let text = "the repository has git start something else than when the agent was started, \
                which its own git must not: the agent is started again";
    both.filter(|(started, wanted)| started != wanted)
        .map(|_| (NoticeCode::RepositoryChanged, text))
}
