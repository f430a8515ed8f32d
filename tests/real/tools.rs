//! Tools that really run: asked for, approved, denied, and ended with the engine.

use std::time::Duration;

use hotplex::{Decision, Engine, EventKind, PermissionRequest, ToolResult, Turn};

use crate::common::{self, Played};
use crate::site::Site;

/// What the caller allows is what runs, not what the model asked for.
pub(crate) fn an_approved_tool_runs_with_the_input_the_caller_gave(site: &Site) {
    let engine = site.engine();
    let (turn, question) = ask_for(site, &engine, "MODEL:bash touch asked && echo hi-from-tool");
    assert_eq!(question.tool.name, "Bash");
    assert_eq!(
        question.tool.input["command"],
        "touch asked && echo hi-from-tool"
    );
    turn.respond(&question.request_id, Decision::allow())
        .expect("the question is open");
    let played = common::finish(turn);
    played.assert_completed();
    let result = tool_result(&played);
    assert!(
        result.text.contains("hi-from-tool") && !result.is_error,
        "{result:?}"
    );
    assert_eq!(
        (result.id.as_str(), result.name.as_str()),
        (question.tool.id.as_str(), "Bash")
    );
    assert!(site.has_file("asked"));

    let (turn, question) = ask_for(site, &engine, "MODEL:bash touch original");
    let mut input = question.tool.input.clone();
    input["command"] = "touch changed".into();
    let decision = Decision::Allow {
        updated_input: Some(input),
    };
    turn.respond(&question.request_id, decision)
        .expect("the question is open");
    common::finish(turn).assert_completed();
    assert!(site.has_file("changed") && !site.has_file("original"));
}

pub(crate) fn a_denied_tool_does_not_run(site: &Site) {
    let engine = site.engine();
    let (turn, question) = ask_for(site, &engine, "MODEL:bash touch forbidden");
    let decision = Decision::deny("no touching here");
    turn.respond(&question.request_id, decision)
        .expect("the question is open");
    let played = common::finish(turn);
    played.assert_completed();
    let result = tool_result(&played);
    assert!(
        result.is_error && result.text.contains("no touching here"),
        "{result:?}"
    );
    assert!(!site.has_file("forbidden"));
    assert_eq!(played.answers(), ["tool said: no touching here"]);
}

pub(crate) fn a_session_that_bypasses_permissions_never_asks(site: &Site) {
    let engine = bypassing(site);
    let played = site
        .stage
        .play(&engine, "a", "MODEL:bash touch free && echo done");
    played.assert_completed();
    let asked = |kind: &EventKind| matches!(kind, EventKind::PermissionRequest(_));
    assert!(
        !played.events.iter().any(|event| asked(&event.kind)),
        "{played:?}"
    );
    assert!(site.has_file("free"));
    let stats = &played.end.stats;
    assert_eq!(
        (stats.tool_calls, &stats.tools_used[..]),
        (1, &["Bash".to_owned()][..])
    );
}

/// Claude Code gives each tool a session of its own, and this one leaves even that: the stage
/// proves that all of them are gone.
pub(crate) fn closing_the_engine_ends_the_tools_that_run(site: &Site) {
    let engine = bypassing(site);
    let escape = "(setsid sleep 1001 >/dev/null 2>&1 &)";
    let prompt = format!("MODEL:bash {escape}; sleep 1002 & touch runs; sh -c 'sleep 1003; true'");
    let turn = site.stage.execute(&engine, "a", &prompt);
    site.await_file("runs");
    let all_there = || site.stage.living().len() >= 6;
    let seen = common::until(common::PATIENCE, all_there);
    assert!(
        seen,
        "the agent, its shell, three sleeps and the one between"
    );
    engine
        .close(Duration::from_secs(3))
        .expect("everything ends");
    let left = site.stage.living();
    assert!(left.is_empty(), "left when close returns: {left:?}");
    common::finish(turn).assert_outcome(hotplex::Outcome::Stopped);
}

/// An engine whose agents run tools without asking.
pub(crate) fn bypassing(site: &Site) -> Engine {
    let builder = site.builder().permission_mode("bypassPermissions");
    builder.open().expect("an engine with Claude Code")
}

/// A turn up to the agent's question.
pub(crate) fn ask_for(site: &Site, engine: &Engine, prompt: &str) -> (Turn, PermissionRequest) {
    let mut turn = site.stage.execute(engine, "a", prompt);
    let question = common::next_that(&mut turn, |kind| {
        matches!(kind, EventKind::PermissionRequest(_))
    });
    match question {
        EventKind::PermissionRequest(question) => (turn, *question),
        other => panic!("not a question: {other:?}"),
    }
}

/// What the tool gave, as the agent tells it, or else as its model heard it.
pub(crate) fn told(site: &Site, played: &Played) -> String {
    match site.release.tells_results {
        true => tool_result(played).text.clone(),
        false => played.answers().concat(),
    }
}

pub(crate) fn tool_result(played: &Played) -> &ToolResult {
    let results = played.events.iter().find_map(|event| match &event.kind {
        EventKind::ToolResult(result) => Some(&**result),
        _ => None,
    });
    results.unwrap_or_else(|| panic!("no result of a tool: {played:?}"))
}
