//! What the agent does beside the turns, and when that ends.

use super::*;
use crate::message::TaskChange;
use crate::stats::BackgroundTask;

fn task(id: &str) -> BackgroundTask {
    BackgroundTask {
        id: id.to_owned(),
        description: "a build".to_owned(),
        ..BackgroundTask::default()
    }
}

fn at_work() -> Script {
    let mut script = Script::hot();
    script.say(Message::Tasks(TaskChange::Began(task("b1"))));
    script
}

#[test]
fn a_session_with_a_task_is_not_idle_until_the_task_has_ended() {
    let mut script = at_work();
    assert!(!script.session.is_idle());
    script.until(3_600_000);
    assert!(script.asked_for().is_empty(), "the idle time does not run");
    script.say(Message::Tasks(TaskChange::Ended("b1".to_owned())));
    assert!(script.session.is_idle());
    script.until(3_600_000 + 1_799_999);
    assert!(script.asked_for().is_empty(), "it runs from the task's end");
    script.until(3_600_000 + 1_800_000);
    assert_eq!(script.asked_for(), ["close input"]);
}

#[test]
fn what_the_agent_lists_is_all_there_is() {
    let mut script = at_work();
    let all = vec![task("b2"), task("b3")];
    script.say(Message::Tasks(TaskChange::All(all)));
    script.say(Message::Tasks(TaskChange::Began(task("b3"))));
    let ids = script
        .session
        .background_tasks()
        .iter()
        .map(|task| &task.id);
    assert_eq!(ids.collect::<Vec<_>>(), ["b2", "b3"]);
    script.say(Message::Tasks(TaskChange::All(Vec::new())));
    assert!(script.session.is_idle());
}

#[test]
fn tasks_that_an_agent_begins_and_never_ends_do_not_add_up() {
    let mut script = Script::hot();
    for number in 0..3000 {
        let began = TaskChange::Began(task(&number.to_string()));
        script.say(Message::Tasks(began));
    }
    let tasks = script.session.background_tasks();
    assert_eq!((tasks.len(), tasks[0].id.as_str()), (1000, "2000"));
    let all = (0..3000).map(|number| task(&number.to_string())).collect();
    script.say(Message::Tasks(TaskChange::All(all)));
    assert_eq!(script.session.background_tasks().len(), 1000);
}

#[test]
fn a_process_with_a_task_does_not_make_room_for_another() {
    let mut script = at_work();
    let now = script.now;
    script
        .session
        .stop(&StopReason::Hibernate, now, &mut script.actions);
    assert!(script.asked_for().is_empty());
}

#[test]
fn whatever_ends_a_process_with_a_task_is_told() {
    let farewell = "tell nobody: background_ended";
    let mut script = at_work();
    script.until(14_400_000);
    assert_eq!(script.asked_for(), ["close input", farewell], "the limit");
    let mut script = at_work();
    script.stop();
    assert_eq!(script.asked_for(), ["close input", farewell], "a stop");
    script.until(GRACE);
    assert_eq!(script.asked_for(), ["TERM", "KILL"], "told once");
    let mut script = at_work();
    script.ended(ExitCause::Other);
    assert_eq!(
        script.asked_for(),
        [farewell, "tell nobody: agent_ended"],
        "an end of its own"
    );
}

#[test]
fn the_limit_holds_for_an_agent_that_never_stops_talking_to_itself() {
    let mut script = Script::hot();
    script.say(Message::TurnStarted(None));
    for half in 1..480 {
        script.until(half * 30_000);
        script.answer("still at it");
    }
    script.asked_for();
    script.until(14_400_000);
    assert_eq!(script.asked_for(), ["close input"]);
}
