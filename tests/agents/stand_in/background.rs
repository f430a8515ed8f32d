//! What goes on beside the turns: tasks, their questions, what is left of them at a resume, and a
//! conversation that is forgotten.

use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::agent::{Agent, Postponed, PostponedKind};
use crate::command_line::Conversation;
use crate::output::{Ending, escape};
use crate::speech::{self, numbers};
use crate::store::Store;
use crate::tools;
use crate::turn::Turn;

/// A member of a `result` that no prompt was the reason for.
pub(crate) const OF_ITS_OWN: &str = r#","origin":{"kind":"task-notification"}"#;

/// `!background [MS]`: a task that runs beside the turns, for ever or for so long.
pub(crate) fn begin_task(agent: &mut Agent, rest: &str) {
    list_tasks(
        agent,
        r#"{"task_id":"b1","task_type":"local_bash","description":"a build"}"#,
    );
    agent.output.push(&[
        r#"{"type":"system","subtype":"task_started","task_id":"b1","description":"a build","is_backgrounded":true,"task_type":"local_bash","#,
    ]);
    agent.output.sign("");
    if !rest.trim().is_empty() {
        postpone(agent, rest, PostponedKind::TaskEnds);
    }
}

/// `!ask-later MS NAME`: MS after this turn a task asks whether it may use a tool.
pub(crate) fn ask_later(agent: &mut Agent, rest: &str) {
    let (delay, name) = rest.split_once(' ').unwrap_or((rest, "Bash"));
    postpone(agent, delay, PostponedKind::Question(name.to_owned()));
}

fn postpone(agent: &mut Agent, delay: &str, kind: PostponedKind) {
    let due = Instant::now() + Duration::from_millis(numbers(delay)[0] as u64);
    agent.postponed.push_back(Postponed { due, kind });
}

fn list_tasks(agent: &mut Agent, tasks: &str) {
    let head = r#"{"type":"system","subtype":"background_tasks_changed","tasks":["#;
    agent.output.push(&[head, tasks, "],"]);
    agent.output.sign("");
}

/// The end of a task begins a turn that nobody asked for.
pub(crate) fn end_task(agent: &mut Agent) {
    notify(agent, "completed");
    list_tasks(agent, "");
    take_own_turn(agent, "the task has ended");
}

pub(crate) fn notify(agent: &mut Agent, status: &str) {
    let head = r#"{"type":"system","subtype":"task_notification","task_id":"b1","tool_use_id":"toolu_background","status":""#;
    agent.output.push(&[
        head,
        status,
        r#"","summary":"Background command completed","#,
    ]);
    agent.output.sign("");
}

pub(crate) fn take_own_turn(agent: &mut Agent, text: &str) {
    agent.open_turn();
    speech::answer(agent, &mut Turn::default(), text);
    let escaped = [escape(text)];
    let pieces = [escaped[0].as_str()];
    agent.output.result(&Ending {
        whose: OF_ITS_OWN,
        ..Ending::good(&pieces)
    });
}

/// The answer that the question gets is what the next turn of its own says.
pub(crate) fn ask(agent: &mut Agent, name: &str) {
    let allowed = tools::is_allowed(agent, name);
    let word = if allowed { "allowed" } else { "denied" };
    take_own_turn(agent, word);
}

/// As 2.1.330 does at a resume, if a task of the earlier process did not end: a turn without a word,
/// between the prompt and its start. `STAND_IN_STALE=unsigned` leaves out whose it is.
pub(crate) fn tell_of_stale_task(agent: &mut Agent) {
    let Ok(stale) = std::env::var("STAND_IN_STALE") else {
        return;
    };
    let resumed = matches!(agent.command_line.conversation, Conversation::Resumed(_));
    if !resumed || std::mem::replace(&mut agent.told_of_stale_task, true) {
        return;
    }
    agent.open_turn();
    let whose = if stale == "unsigned" { "" } else { OF_ITS_OWN };
    agent.output.result(&Ending {
        whose,
        ..Ending::good(&[])
    });
}

/// `!clear`: another conversation, with another name, in the same process.
pub(crate) fn clear(agent: &mut Agent) {
    let reset = r#"{"type":"conversation_reset","new_conversation_id":"unused","trigger":"clear","#;
    agent.output.push(&[reset]);
    agent.output.sign("");
    let id = Uuid::new_v4().to_string();
    agent.output.serve(&id);
    let conversation = Conversation::New(id);
    if let Ok(store) = Store::open(&conversation) {
        agent.store = store;
    }
    // It is in use from its first turn on, which this one is.
    agent.store.append(&[], "");
    agent.output.init();
}
