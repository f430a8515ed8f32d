//! Codex behind ACP: what its hook asks, and that nothing runs without it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use hotplex::{Decision, EventKind, GuardConfig, Jail, Outcome, ToolGate};

use crate::codex::patch;
use crate::codex_gate::{assert_blocked, bypassing, clothed, engine_files, precious};
use crate::common;
use crate::site::Site;
use crate::talk::session_start;
use crate::tools::{ask_for, tool_result};

pub(crate) fn a_turn_tells_who_answered(site: &Site) {
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
    assert!(played.notices("untested_version").is_empty(), "{played:?}");
    let heard = site.take_requests().concat();
    assert!(
        !heard.contains("its hook is asked"),
        "the model is not asked: {heard}"
    );
}

/// Codex runs these without a question of its own.
pub(crate) fn what_codex_knows_to_be_harmless_is_asked_about_too(site: &Site) {
    let engine = site.engine();
    for (command, file) in [("uniq /etc/hostname copied", "copied"), ("ls", "")] {
        let (turn, question) = ask_for(site, &engine, &format!("MODEL:bash {command}"));
        assert_eq!(question.tool.input["command"], command);
        assert!(file.is_empty() || !site.has_file(file), "asked before");
        turn.respond(&question.request_id, Decision::allow())
            .expect("the question is open");
        let played = common::finish(turn);
        played.assert_completed();
        let asks = |kind: &EventKind| matches!(kind, EventKind::PermissionRequest(_));
        assert!(!played.kinds().any(asks), "asked once: {played:?}");
        assert!(file.is_empty() || site.has_file(file), "{command}");
    }
}

pub(crate) fn a_denied_patch_is_told(site: &Site) {
    let engine = site.engine();
    let (turn, question) = ask_for(site, &engine, &patch("forbidden"));
    turn.respond(&question.request_id, Decision::deny("no touching here"))
        .expect("the question is open");
    let played = common::finish(turn);
    played.assert_completed();
    let result = tool_result(&played);
    assert_eq!(
        (result.is_error, result.text.as_str()),
        (true, "no touching here")
    );
    assert_eq!(result.id, question.tool.id);
    assert!(!site.has_file("forbidden"));
}

/// The agent takes what comes last.
pub(crate) fn a_hook_that_is_not_trusted_ends_the_start(site: &Site) {
    let real = site.release.program().program;
    for setting in [
        "features.hooks=false",
        "hooks.state={}",
        "hooks.UserPromptSubmit=[]",
    ] {
        let script = site.home().join("codex-acp");
        let real = common::quoted(&real);
        let text = format!("#!/bin/sh\nexec {real} \"$@\" -c '{setting}'\n");
        fs::write(&script, text).expect("a script");
        fs::set_permissions(&script, Permissions::from_mode(0o755)).expect("its owner's");
        let builder = site.builder().program(script.display().to_string());
        let engine = builder.open().expect("an engine");
        let played = site.stage.play(&engine, "a", "MODEL:bash touch forbidden");
        played.assert_outcome(Outcome::Failed);
        assert!(
            played.error().contains("has not reported"),
            "{setting}: {played:?}"
        );
    }
    assert!(!site.has_file("forbidden"));
}

/// One that is not there, that is killed or reaches nobody denies the prompt itself; one that lies would be
/// believed by Codex alone.
pub(crate) fn a_hook_that_is_broken_ends_the_process_and_nothing_runs(site: &Site) {
    let killed = "#!/bin/sh\nkill -KILL $$\n";
    let lies = "#!/bin/sh\nexit 0\n";
    for (file, content) in [
        ("hooks", None),
        ("hook", None),
        ("hook", Some(killed)),
        ("hook", Some(lies)),
    ] {
        let engine = bypassing(site);
        for (session, prompt) in [
            ("a", "MODEL:bash touch broken".to_owned()),
            ("b", patch("broken")),
        ] {
            site.ask(&engine, session, "MODEL:text there", "there");
            let [path] = &engine_files(site, file)[..] else {
                panic!(
                    "not one {file} below {}",
                    site.stage.path("state/run").display()
                );
            };
            fs::remove_file(path).expect("it is there");
            if let Some(content) = content {
                fs::write(path, content).expect("a file");
                fs::set_permissions(path, Permissions::from_mode(0o700)).expect("its owner's");
            }
            let played = site.stage.play(&engine, session, &prompt);
            played.assert_outcome(Outcome::Failed);
            assert!(played.error().contains("gate does not hold"), "{played:?}");
            assert!(!site.has_file("broken"), "{file} {content:?}: {played:?}");
            let gone = common::until(common::PATIENCE, || engine_files(site, file).is_empty());
            assert!(gone, "its files go with a process");
        }
        engine.close(common::PATIENCE).expect("it ends");
    }
}

pub(crate) fn there_are_no_sub_agents_and_nothing_to_type_into(site: &Site) {
    let engine = bypassing(site);
    for call in [
        r#"multi_agent_v1/spawn_agent {"message":"MODEL:bash touch made"}"#,
        r#"exec_command {"cmd":"touch made","tty":true}"#,
        r#"write_stdin {"session_id":1,"chars":"touch made\n"}"#,
    ] {
        let played = site.stage.play(&engine, "a", &format!("MODEL:tool {call}"));
        played.assert_completed();
        let told = played.answers().concat();
        assert!(told.contains("unsupported call"), "{call}: {told}");
    }
    assert!(!site.has_file("made"));
}

/// It has no question of Codex's own.
pub(crate) fn a_review_is_gated(site: &Site) {
    let precious = precious(site);
    let engine = site.engine();
    let prompt = format!("/review {}", clothed("MODEL:bash rm -rf ~/precious"));
    assert_blocked(&site.stage.play(&engine, "a", &prompt), "files.home");
    assert!(precious.exists());
    let (turn, question) = ask_for(site, &engine, "/review MODEL:bash touch reviewed");
    assert!(!site.has_file("reviewed"), "asked before");
    turn.respond(&question.request_id, Decision::allow())
        .expect("the question is open");
    common::finish(turn).assert_completed();
    assert!(site.has_file("reviewed"));
}

/// They would have Codex not ask; the hook does.
pub(crate) fn rules_of_the_user_change_nothing(site: &Site) {
    let rules = site.home().join(".codex/rules");
    fs::create_dir_all(&rules).expect("a directory");
    let rule = "prefix_rule(pattern = [\"touch\"], decision = \"allow\")\n";
    fs::write(rules.join("default.rules"), rule).expect("a file");
    let engine = site.engine();
    let (turn, question) = ask_for(site, &engine, "MODEL:bash touch by-rule");
    turn.respond(&question.request_id, Decision::deny("no"))
        .expect("the question is open");
    common::finish(turn).assert_completed();
    assert!(!site.has_file("by-rule"));
}

pub(crate) fn the_jail_stops_what_gets_past_the_guard(site: &Site) {
    let precious = precious(site);
    let asleep = GuardConfig {
        enabled: false,
        ..GuardConfig::default()
    };
    let builder = site.builder().permission_mode("bypassPermissions");
    let engine = builder.guard(asleep).jail(Jail::Write).open();
    let engine = engine.expect("an engine");
    for prompt in [
        "MODEL:bash rm -rf ~/precious".to_owned(),
        "MODEL:bash echo no > /etc/hotplex-was-here".to_owned(),
        patch("/etc/hotplex-was-here"),
    ] {
        let played = site.stage.play(&engine, "a", &clothed(&prompt));
        played.assert_completed();
        assert!(tool_result(&played).is_error, "{prompt}: {played:?}");
    }
    assert!(precious.exists());
    assert!(!std::path::Path::new("/etc/hotplex-was-here").exists());
}
