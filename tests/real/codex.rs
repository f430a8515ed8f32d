//! Codex behind its app-server: what it asks, and that a project does not change that.

use std::fs;

use hotplex::{Decision, ToolGate};

use crate::common;
use crate::site::Site;
use crate::talk::session_start;
use crate::tools::{ask_for, tool_result};

pub(crate) fn it_says_how_far_it_is_gated(site: &Site) {
    let engine = site.engine();
    let capabilities = engine.capabilities();
    assert_eq!(capabilities.gate, ToolGate::EveryCall);
    assert!(capabilities.tool_gate && capabilities.denial_reason);
    let played = site.ask(&engine, "a", "MODEL:text hello there", "hello there");
    let start = session_start(&played).expect("the process introduces itself");
    let sessions = engine.sessions().expect("the sessions");
    assert_eq!(
        sessions[0].agent_session_id.as_deref(),
        Some(&*start.agent_session_id)
    );
    let usage = played.end.stats.usage;
    assert_eq!((usage.input_tokens, usage.output_tokens), (10, 5));
    assert_eq!(played.end.stats.model.as_deref(), Some("gpt-5.5"));
}

/// Reading commands are no exception, nor is a redirection alone.
pub(crate) fn a_tool_runs_if_the_caller_allows_it_and_not_otherwise(site: &Site) {
    let engine = site.engine();
    for (command, file) in [
        ("touch asked && echo from-tool", Some("asked")),
        ("> emptied", Some("emptied")),
        ("ls", None),
    ] {
        let (turn, question) = ask_for(site, &engine, &format!("MODEL:bash {command}"));
        let asked = question.tool.input["command"].to_string();
        assert!(asked.contains(command), "{asked}");
        assert!(file.is_none_or(|file| !site.has_file(file)), "asked before");
        turn.respond(&question.request_id, Decision::allow())
            .expect("the question is open");
        let played = common::finish(turn);
        played.assert_completed();
        assert!(!tool_result(&played).is_error, "{played:?}");
        assert!(file.is_none_or(|file| site.has_file(file)), "{command}");
    }
    let (turn, question) = ask_for(site, &engine, "MODEL:bash touch forbidden");
    turn.respond(&question.request_id, Decision::deny("no"))
        .expect("the question is open");
    let played = common::finish(turn);
    played.assert_completed();
    assert!(tool_result(&played).is_error, "{played:?}");
    assert!(!site.has_file("forbidden"));
}

pub(crate) fn patch(path: &str) -> String {
    let patch = format!("*** Begin Patch\n*** Add File: {path}\n+hello\n*** End Patch\n");
    format!("MODEL:tool apply_patch {}", serde_json::Value::from(patch))
}

pub(crate) fn a_patch_is_asked_about_with_its_files(site: &Site) {
    let engine = site.engine();
    let (turn, question) = ask_for(site, &engine, &patch("made.txt"));
    assert_eq!(question.tool.name, "apply_patch");
    let changed = question.tool.changes_file.as_deref().expect("a file");
    assert!(changed.ends_with("made.txt"), "{changed}");
    assert!(!site.has_file("made.txt"), "asked before");
    turn.respond(&question.request_id, Decision::allow())
        .expect("the question is open");
    common::finish(turn).assert_completed();
    assert!(site.has_file("made.txt"));

    let engine = site.builder().permission_mode("acceptEdits").open();
    let engine = engine.expect("an engine");
    let played = site.stage.play(&engine, "b", &patch("accepted.txt"));
    played.assert_completed();
    assert!(site.has_file("accepted.txt"), "{played:?}");
}

/// What a tool moved out of reach ends with the session: the stage proves it.
pub(crate) fn closing_the_engine_ends_the_tools_that_run(site: &Site) {
    let builder = site.builder().permission_mode("bypassPermissions");
    let engine = builder.open().expect("an engine");
    let escape = "(setsid sleep 1001 >/dev/null 2>&1 &)";
    let prompt = format!("MODEL:bash {escape}; sleep 1002 & touch runs; sleep 1003; true");
    let turn = site.stage.execute(&engine, "a", &prompt);
    site.await_file("runs");
    let all_there = || site.stage.living().len() >= 5;
    let seen = common::until(common::PATIENCE, all_there);
    assert!(seen, "the agent, its shell and three sleeps");
    engine
        .close(std::time::Duration::from_secs(3))
        .expect("everything ends");
    let left = site.stage.living();
    assert!(left.is_empty(), "left when close returns: {left:?}");
    common::finish(turn).assert_outcome(hotplex::Outcome::Stopped);
}

/// Stopped before their effect, told, and the session goes on.
pub(crate) fn the_guard_stops_in_every_mode_what_destroys(site: &Site) {
    let precious = site.home().join("precious/work.txt");
    fs::create_dir_all(site.home().join("precious")).expect("a directory in the scratch home");
    fs::write(&precious, "years of it").expect("a file in the scratch home");
    for mode in site.modes(0) {
        let engine = site.builder().permission_mode(mode).open();
        let engine = engine.expect("an engine");
        let calls = [
            ("MODEL:bash rm -rf ~/precious".to_owned(), "files.home"),
            (
                "MODEL:bash echo no > /etc/hotplex-was-here".to_owned(),
                "files.system",
            ),
            (patch("/etc/hotplex-was-here"), "files.system"),
        ];
        for (prompt, rule) in calls {
            let clothed = format!("This is what the model is going to do by itself.\n{prompt}");
            let played = site.stage.play(&engine, "a", &clothed);
            played.assert_completed();
            let [block] = played.blocks()[..] else {
                panic!("{mode} {prompt}: not one danger event: {played:?}");
            };
            assert_eq!(block.verdict.rule, rule, "{mode} {prompt}: {block:?}");
            let result = tool_result(&played);
            assert!(
                result.is_error && result.text.contains(rule),
                "{mode}: {result:?}"
            );
            let told = played.answers().concat();
            assert!(told.contains(rule), "the model is told why: {told}");
        }
        assert!(precious.exists(), "{mode}");
        let left = std::path::Path::new("/etc/hotplex-was-here");
        assert!(!left.exists(), "{mode}");
        site.ask(&engine, "a", "MODEL:text still there", "still there");
    }
}
