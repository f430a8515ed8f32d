//! Background tasks of an agent. A session with some is not idle.

use std::time::Instant;

use super::state::State;
use super::{Action, Session};
use crate::event::EventKind;
use crate::message::TaskChange;
use crate::notice::NoticeCode;
use crate::stats::BackgroundTask;

/// No agent has so many at once, and one that tells of ever more must not fill the memory.
const TASKS_AT_MOST: usize = 1000;

impl Session {
    /// The background tasks, as far as the agent reports them.
    pub(crate) fn background_tasks(&self) -> &[BackgroundTask] {
        &self.process.tasks
    }

    pub(super) fn has_tasks_or_questions(&self) -> bool {
        !self.process.tasks.is_empty() || !self.process.questions.is_empty()
    }

    /// True while something would be lost that no turn is waiting for, if the process ended now.
    pub(super) fn is_at_work_in_background(&self) -> bool {
        self.process.self_started || self.has_tasks_or_questions()
    }

    /// The idle time begins when the last task has ended.
    pub(super) fn tasks_changed(&mut self, change: TaskChange, now: Instant) {
        let tasks = &mut self.process.tasks;
        match change {
            TaskChange::All(all) => {
                *tasks = all;
                tasks.truncate(TASKS_AT_MOST);
            }
            TaskChange::Began(task) => {
                tasks.retain(|known| known.id != task.id);
                if tasks.len() == TASKS_AT_MOST {
                    tasks.remove(0);
                }
                tasks.push(task);
            }
            TaskChange::Ended(id) => tasks.retain(|known| known.id != id),
        }
        if let State::Ready { since } = &mut self.state {
            *since = now;
        }
    }

    /// Reports which tasks ended with their process.
    pub(super) fn tell_of_ended_tasks(&mut self, actions: &mut Vec<Action>) {
        let tasks = std::mem::take(&mut self.process.tasks);
        if let Some(text) = farewell(&tasks) {
            let kind = EventKind::warning(NoticeCode::BackgroundEnded, text);
            actions.push(Action::Deliver(None, kind));
        }
    }
}

/// A line that names the tasks.
fn farewell(tasks: &[BackgroundTask]) -> Option<String> {
    let names: Vec<String> = tasks.iter().map(name).collect();
    let names = names.join(", ");
    (!tasks.is_empty()).then(|| format!("work in the background ends with its agent: {names}"))
}

fn name(task: &BackgroundTask) -> String {
    match task.description.as_str() {
        "" => task.id.clone(),
        description => format!("{} ({description})", task.id),
    }
}
