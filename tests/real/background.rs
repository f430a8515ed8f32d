//! What goes on beside the turns, and what is left of it at a resume.

use std::time::Duration;

use hotplex::{Decision, EventKind};
use serde_json::json;

use crate::common::{background, is_notice, session};
use crate::site::Site;
use crate::talk::session_start;

/// A command that runs for so many seconds beside the turns, and then makes a file.
fn long_command(seconds: u32) -> String {
    let input = json!({
        "command": format!("sh -c 'sleep {seconds}; touch made'"),
        "run_in_background": true, "description": "long work",
    });
    format!("MODEL:tool Bash {input}")
}

pub(crate) fn a_session_with_a_command_in_the_background_is_not_idle(site: &Site) {
    let builder = site.builder().permission_mode("bypassPermissions");
    let engine = builder
        .idle_timeout(Duration::from_secs(2))
        .max_processes(1);
    let engine = engine.open().expect("an engine");
    let played = site.stage.play(&engine, "a", &long_command(6));
    played.assert_completed();
    let tasks = session(&engine, "a").expect("the session").background_tasks;
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    background(&engine, |kind| is_notice(kind, "task_notification"));
    assert!(site.has_file("made"), "the command came to its end");
}

/// The next process first tells the result of what the earlier one could not end.
pub(crate) fn a_command_that_did_not_end_costs_no_answer_at_a_resume(site: &Site) {
    let builder = site.builder().permission_mode("bypassPermissions");
    let engine = builder.open().expect("an engine");
    site.stage
        .play(&engine, "a", &long_command(60))
        .assert_completed();
    engine.stop_session("a", "to resume it").expect("a session");
    for words in ["one", "two", "three"] {
        site.ask(&engine, "a", &format!("MODEL:text {words}"), words);
    }
}

pub(crate) fn what_a_sub_agent_asks_beside_the_turns_is_answered(site: &Site) {
    let builder = site.builder().permission_mode("default");
    let engine = builder.open().expect("an engine");
    let input = json!({
        "description": "aside", "subagent_type": "general-purpose", "run_in_background": true,
        "prompt": "MODEL:bash sleep 1; touch made",
    });
    let mut turn = site
        .stage
        .execute(&engine, "a", &format!("MODEL:tool Task {input}"));
    let mut asked = None;
    while let Some(event) = turn.recv() {
        if let EventKind::PermissionRequest(request) = event.kind {
            asked = Some(request.request_id);
        }
    }
    // It may ask before the turn has ended, and is asked for once more then.
    let event = background(&engine, |kind| {
        matches!(kind, EventKind::PermissionRequest(_))
    });
    let EventKind::PermissionRequest(request) = event.kind else {
        panic!("a question")
    };
    assert!(asked.is_none_or(|asked| asked == request.request_id));
    let answered = engine.respond_in_session("a", &request.request_id, Decision::allow());
    answered.expect("it waits for an answer");
    site.await_file("made");
}

pub(crate) fn after_a_clear_the_new_conversation_goes_on(site: &Site) {
    let engine = site.engine();
    site.ask(&engine, "a", "MODEL:text one", "one");
    site.ask(&engine, "a", "MODEL:text two", "two");
    let before = session(&engine, "a").and_then(|session| session.agent_session_id);
    let cleared = site.stage.play(&engine, "a", "/clear");
    cleared.assert_completed();
    let start = session_start(&cleared).expect("the new conversation introduces itself");
    assert_ne!(Some(&start.agent_session_id), before.as_ref());
    let length = site.count_messages(&engine, "a");
    engine.close(Duration::from_secs(3)).expect("a clean end");
    let engine = site.engine();
    let resumed = site.count_messages(&engine, "a");
    assert!(resumed > length, "what came after the clear is known");
    assert!(resumed < length + 4, "what came before it is not");
}
