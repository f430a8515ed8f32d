//! What agents behind ACP do that Claude Code itself does otherwise.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use hotplex::{Decision, EventKind, ToolGate};

use crate::codex_gate::engine_files;
use crate::common;
use crate::site::Site;
use crate::talk::session_start;
use crate::tools::{ask_for, told, tool_result};

pub(crate) fn a_turn_tells_who_answered_and_what_it_took(site: &Site) {
    let engine = site.engine();
    assert_eq!(engine.capabilities().gate, ToolGate::EveryCall);
    let played = site.ask(&engine, "a", "MODEL:text hello there", "hello there");
    let start = session_start(&played).expect("the process introduces itself");
    assert!(!start.resumed, "{start:?}");
    let sessions = engine.sessions().expect("the sessions");
    assert_eq!(
        sessions[0].agent_session_id.as_deref(),
        Some(&*start.agent_session_id)
    );
    assert_eq!(sessions[0].pid, start.pid);
    let stats = &played.end.stats;
    assert_eq!(
        (stats.usage.input_tokens, stats.usage.output_tokens),
        (10, 5)
    );
    assert!(stats.cost_usd > 0.0, "{stats:?}");
    assert_eq!(played.end.result.as_deref(), Some("hello there"));
}

pub(crate) fn a_tool_runs_if_the_caller_allows_it_and_not_otherwise(site: &Site) {
    let engine = site.engine();
    let (turn, question) = ask_for(site, &engine, "MODEL:bash touch asked && echo from-tool");
    assert_eq!(question.tool.name, "Bash");
    assert_eq!(
        question.tool.input["command"],
        "touch asked && echo from-tool"
    );
    turn.respond(&question.request_id, Decision::allow())
        .expect("the question is open");
    let played = common::finish(turn);
    played.assert_completed();
    let result = tool_result(&played);
    assert!(result.text.contains("from-tool") && !result.is_error);
    assert_eq!(result.id, question.tool.id);
    assert!(site.has_file("asked"));

    for decision in [
        Decision::deny("no"),
        Decision::Allow {
            updated_input: Some(serde_json::json!({"command": "touch changed"})),
        },
    ] {
        let (turn, question) = ask_for(site, &engine, "MODEL:bash touch forbidden");
        turn.respond(&question.request_id, decision)
            .expect("the question is open");
        let played = common::finish(turn);
        played.assert_completed();
        assert!(tool_result(&played).is_error, "{played:?}");
    }
    assert!(!site.has_file("forbidden") && !site.has_file("changed"));
}

/// The caller's and the guard's, by a hook; the turn goes on.
pub(crate) fn a_denial_tells_its_reason_and_the_turn_goes_on(site: &Site) {
    let engine = site.engine();
    let (turn, question) = ask_for(site, &engine, "MODEL:bash touch forbidden");
    turn.respond(&question.request_id, Decision::deny("no touching here"))
        .expect("the question is open");
    let played = common::finish(turn);
    played.assert_completed();
    let result = tool_result(&played);
    assert_eq!((result.is_error, &result.id), (true, &question.tool.id));
    assert!(result.text.contains("no touching here"), "{result:?}");
    let told = played.answers().concat();
    assert!(told.contains("no touching here"), "{told}");
    assert!(!site.has_file("forbidden"));
    assert_eq!(engine.info().expect("figures").spawned, 1);
}

/// The caller of a tool is asked once, and what is changed is named.
pub(crate) fn an_edit_is_asked_about_once(site: &Site) {
    let engine = site.engine();
    let file = site.stage.work_dir().join("note.txt");
    let path = file.display().to_string();
    let write = serde_json::json!({"file_path": path, "content": "one"});
    let edit = serde_json::json!({"file_path": path, "old_string": "one", "new_string": "two"});
    let read = serde_json::json!({"file_path": path});
    for (prompt, is_asked) in [
        (format!("MODEL:tool Write {write}"), true),
        (format!("MODEL:tool Read {read}"), false),
        (format!("MODEL:tool Edit {edit}"), true),
    ] {
        let turn = match is_asked {
            true => {
                let (turn, question) = ask_for(site, &engine, &prompt);
                assert_eq!(question.tool.changes_file.as_deref(), Some(&*path));
                turn.respond(&question.request_id, Decision::allow())
                    .expect("the question is open");
                turn
            }
            false => site.stage.execute(&engine, "a", &prompt),
        };
        let played = common::finish(turn);
        played.assert_completed();
        let asks = |kind: &EventKind| matches!(kind, EventKind::PermissionRequest(_));
        assert!(!played.kinds().any(asks), "{prompt}: {played:?}");
    }
    assert_eq!(std::fs::read_to_string(file).expect("a file"), "two");
}

pub(crate) fn a_call_of_a_sub_agent_names_the_call_that_started_it(site: &Site) {
    let engine = crate::tools::bypassing(site);
    let input = serde_json::json!({
        "description": "look around",
        "prompt": "MODEL:bash touch by-another",
        "subagent_type": "general-purpose",
    });
    let prompt = format!("Let somebody else do it.\nMODEL:tool Task {input}");
    let played = site.stage.play(&engine, "a", &prompt);
    played.assert_completed();
    let mut calls: Vec<_> = played.kinds().cloned().collect();
    let is_theirs =
        |kind: &EventKind| matches!(kind, EventKind::ToolUse(call) if call.name == "Bash");
    if !calls.iter().any(is_theirs) {
        calls.push(common::background(&engine, is_theirs).kind);
    }
    let call = |theirs: bool| {
        let mut calls = calls.iter().filter_map(|kind| match kind {
            EventKind::ToolUse(call) if is_theirs(kind) == theirs => Some(call),
            _ => None,
        });
        calls.next().unwrap_or_else(|| panic!("{played:?}"))
    };
    let (started, theirs) = (call(false), call(true));
    assert_eq!(theirs.parent.as_ref(), Some(&started.id), "{played:?}");
    assert_eq!(started.parent, None);
}

/// The agent passes over one that is killed. Its rules ask all the same.
pub(crate) fn a_hook_that_is_killed_leaves_the_question(site: &Site) {
    let engine = site.engine();
    site.ask(&engine, "a", "MODEL:text there", "there");
    let [hook] = &engine_files(site, "hook")[..] else {
        panic!("not one hook");
    };
    std::fs::remove_file(hook).expect("it is there");
    std::fs::write(hook, "#!/bin/sh\nkill -KILL $PPID\n").expect("a file");
    std::fs::set_permissions(hook, Permissions::from_mode(0o700)).expect("its owner's");
    let (turn, question) = ask_for(site, &engine, "MODEL:bash touch forbidden");
    assert!(!site.has_file("forbidden"), "asked before");
    turn.respond(&question.request_id, Decision::deny("no"))
        .expect("the question is open");
    common::finish(turn).assert_completed();
    assert!(!site.has_file("forbidden"));
}

/// The agent is made to ask about everything; who set the mode `default` does not mean that.
pub(crate) fn reading_in_the_work_directory_takes_nobodys_leave(site: &Site) {
    let engine = site.engine();
    std::fs::create_dir_all(site.stage.work_dir()).expect("a directory");
    let file = site.stage.work_dir().join("note.txt");
    std::fs::write(&file, "kept words").expect("a file");
    let input = serde_json::json!({"file_path": file});
    let played = site
        .stage
        .play(&engine, "a", &format!("MODEL:tool Read {input}"));
    played.assert_completed();
    let asks = |kind: &EventKind| matches!(kind, EventKind::PermissionRequest(_));
    assert!(!played.events.iter().any(|event| asks(&event.kind)));
    assert!(told(site, &played).contains("kept words"), "{played:?}");
}

pub(crate) fn twenty_hot_turns_run_in_one_process(site: &Site) {
    let engine = site.engine();
    site.ask(&engine, "a", "MODEL:text warm", "warm");
    for number in 0..20 {
        let words = format!("turn {number}");
        let played = site.ask(&engine, "a", &format!("MODEL:text {words}"), &words);
        let start = session_start(&played);
        assert!(start.is_none(), "a process introduces itself once");
    }
    assert_eq!(engine.info().expect("figures").spawned, 1);
}

pub(crate) fn two_sessions_at_once_keep_to_themselves(site: &Site) {
    let engine = site.engine();
    let turns = ["a", "b"].map(|session| {
        let prompt = format!("MODEL:stream 20 30\nMODEL:text {session}");
        (session, site.stage.execute(&engine, session, &prompt))
    });
    let words: String = (0..20).map(|number| format!("w{number} ")).collect();
    for (session, turn) in turns {
        let played = common::finish(turn);
        played.assert_completed();
        assert_eq!(played.answers().concat(), format!("{words}{session}"));
    }
}

pub(crate) fn errors_of_the_model_fail_the_turn_and_not_the_session(site: &Site) {
    let engine = site.engine();
    for status in [400, 529] {
        let prompt = format!("MODEL:status {status}");
        let played = site.stage.play(&engine, "a", &prompt);
        played.assert_outcome(hotplex::Outcome::Failed);
        let error = played.end.error.as_ref().expect("a reason");
        assert!(error.message().contains(&status.to_string()), "{error}");
    }
    site.ask(&engine, "a", "MODEL:text after", "after");
    assert_eq!(engine.info().expect("figures").spawned, 1);
}

/// A spare has its conversation before a session has it.
pub(crate) fn a_spare_serves_a_session_and_its_conversation_is_kept(site: &Site) {
    let engine = site.engine();
    let work = hotplex::WarmUp::new(site.stage.work_dir());
    engine.prewarm(&work, 1).expect("a spare");
    let is_ready = || engine.info().expect("figures").ready_spares == 1;
    assert!(common::until(common::PATIENCE, is_ready), "no spare");
    site.ask(&engine, "a", "MODEL:text one", "one");
    assert_eq!(engine.info().expect("figures").spare_hits, 1);
    engine
        .close(std::time::Duration::from_secs(3))
        .expect("a clean end");
    let engine = site.engine();
    let next = site.ask(&engine, "a", "MODEL:text two", "two");
    assert!(session_start(&next).expect("a start").resumed, "{next:?}");
}
