//! Before a tool runs it is judged, whatever the agent's permissions say: a block denies the call,
//! tells the model and the caller why, and the turn goes on.

use std::fs;

use crate::common::{self, Played, Stage, script};
use hotplex::{Engine, ErrorKind, EventKind, GuardConfig, Level, Outcome, Project, ToolResult};

/// Every way in which the stand-in asks, or does not.
const MODES: [&str; 3] = ["bypassPermissions", "default", "dontAsk"];

fn result(played: &Played) -> &ToolResult {
    let mut results = played.kinds().filter_map(|kind| match kind {
        EventKind::ToolResult(result) => Some(&**result),
        _ => None,
    });
    results
        .next()
        .unwrap_or_else(|| panic!("no result: {played:?}"))
}

/// A call that runs nothing, whatever it says, and a word after it.
fn call(tool: &str, input: &str) -> String {
    script(&[&format!("!tool {tool} {input}"), "!text went on"])
}

/// The way from the work directory to one that is nobody's: no home, no part of the system and
/// nothing temporary, wherever the tests lie. Nothing is there, and no test goes there.
fn outside(stage: &Stage) -> String {
    let depth = stage.work_dir().components().count();
    format!("{}hotplex-outside", "../".repeat(depth))
}

/// Nothing beside the work directory is fair game here.
fn bypassing(stage: &Stage) -> Engine {
    bypassing_with(stage, GuardConfig::default())
}

fn bypassing_with(stage: &Stage, guard: GuardConfig) -> Engine {
    let builder = stage.builder().permission_mode("bypassPermissions");
    builder.guard(guard).open().expect("an engine")
}

#[test]
fn a_destructive_command_is_denied_in_every_mode() {
    let stage = Stage::new();
    for mode in MODES {
        let engine = stage.builder().permission_mode(mode).open().unwrap();
        let played = stage.play(&engine, "a", &call("Bash", r#"{"command": "rm -rf /etc"}"#));
        played.assert_completed();
        assert_eq!(played.answers(), ["went on"], "{mode}");
        let [block] = played.blocks()[..] else {
            panic!("{mode}: {played:?}");
        };
        assert_eq!(block.verdict.rule, "files.system");
        assert_eq!(block.verdict.level, Some(Level::Critical));
        let tool = block.tool.as_ref().expect("the call is told");
        assert_eq!(
            (tool.name.as_str(), &tool.input["command"]),
            ("Bash", &"rm -rf /etc".into())
        );
        let denial = result(&played);
        assert!(
            denial.is_error && denial.text.contains("files.system"),
            "{denial:?}"
        );
    }
}

/// Hooks of a trusted project may have it run something else than what was judged: too late to stop it.
#[test]
fn what_ran_in_place_of_a_call_is_judged_and_told_where_the_project_is_trusted() {
    let table = [
        (Project::Trusted, "true => echo other", Some("echo other")),
        (
            Project::Trusted,
            "true => rm -rf /etc/x",
            Some("files.system"),
        ),
        (Project::Trusted, "true => true", None),
        (Project::Instructions, "true => echo other", None),
    ];
    for (project, replaced, told) in table {
        let stage = Stage::new();
        let audit = stage.path("audit");
        let builder = stage.builder().permission_mode("bypassPermissions");
        let guard = GuardConfig {
            audit_file: Some(audit.clone()),
            ..GuardConfig::default()
        };
        let engine = builder.project(project).guard(guard).open().unwrap();
        let played = stage.play(&engine, "a", &format!("!replaced {replaced}"));
        played.assert_completed();
        assert!(played.blocks().is_empty(), "nothing was denied: {played:?}");
        let flags = played.notices("danger_flag");
        let expected: Vec<_> = told.into_iter().collect();
        assert_eq!(flags.len(), expected.len(), "{replaced}: {played:?}");
        for (flag, expected) in flags.iter().zip(expected) {
            assert!(
                flag.contains("guard.unjudged") && flag.contains(expected),
                "{flag}"
            );
        }
        engine.close(common::PATIENCE).expect("everything ends");
        let recorded = fs::read_to_string(&audit).unwrap_or_default();
        assert_eq!(recorded.contains("guard.unjudged"), told.is_some());
    }
}

#[test]
fn an_agent_that_calls_no_hook_is_judged_when_it_asks() {
    let stage = Stage::new();
    let engine = stage
        .builder()
        .env("STAND_IN_NO_HOOKS", "1")
        .open()
        .unwrap();
    let played = stage.play(&engine, "a", &call("Bash", r#"{"command": "rm -rf /etc"}"#));
    played.assert_completed();
    assert_eq!(played.blocks().len(), 1);
    assert!(result(&played).is_error);
    assert!(
        !played
            .kinds()
            .any(|kind| matches!(kind, EventKind::PermissionRequest(_)))
    );
}

#[test]
fn an_agent_that_refuses_the_gate_gets_no_prompt() {
    let stage = Stage::new();
    let builder = stage.builder().env("STAND_IN_REFUSE_HOOKS", "1");
    let engine = builder.open().unwrap();
    let played = stage.play(&engine, "a", "hello");
    played.assert_outcome(Outcome::Failed);
    assert_eq!(played.error_kind(), Some(ErrorKind::SpawnFailed));
    assert!(
        played.error().contains("hooks are not supported"),
        "{}",
        played.error()
    );
}

#[test]
fn tools_are_judged_by_what_they_do() {
    let stage = Stage::new();
    let engine = bypassing(&stage);
    let work = stage.work_dir().display().to_string();
    let home = stage.path("home").display().to_string();
    let outside = outside(&stage);
    let table = [
        (
            "Write",
            r#"{"file_path": "/etc/motd", "content": ""}"#.to_owned(),
            Some("files.system"),
        ),
        (
            "Edit",
            format!(r#"{{"file_path": "{work}/{outside}/secret"}}"#),
            Some("files.outside"),
        ),
        (
            "Edit",
            r#"{"file_path": "~/.ssh/authorized_keys"}"#.to_owned(),
            Some(""),
        ),
        (
            "NotebookEdit",
            r#"{"notebook_path": "/usr/n.ipynb"}"#.to_owned(),
            Some("files.system"),
        ),
        (
            "Write",
            format!(r#"{{"file_path": "{work}/src/a.rs"}}"#),
            None,
        ),
        ("Write", r#"{"file_path": "/tmp/note"}"#.to_owned(), None),
        (
            "Write",
            format!(r#"{{"file_path": "{home}/.claude/plans/p.md"}}"#),
            None,
        ),
        (
            "Write",
            format!(r#"{{"file_path": "{home}/.claude/settings.json"}}"#),
            Some(""),
        ),
        ("Read", r#"{"file_path": "/etc/hosts"}"#.to_owned(), None),
        (
            "Bash",
            r#"{"command": "rm -rf node_modules && cargo build"}"#.to_owned(),
            None,
        ),
        (
            "Bash",
            r#"{"command": "echo 'rm -rf /' > notes.md"}"#.to_owned(),
            None,
        ),
        (
            "mcp__box__run",
            r#"{"command": "mkfs.ext4 /dev/sda1"}"#.to_owned(),
            Some("disks."),
        ),
        (
            "Bash",
            r#"{"script": "no command"}"#.to_owned(),
            Some("guard.failure"),
        ),
    ];
    for (tool, input, rule) in table {
        let played = stage.play(&engine, "a", &call(tool, &input));
        played.assert_completed();
        let told = played.blocks();
        assert_eq!(
            told.len(),
            usize::from(rule.is_some()),
            "{tool} {input}: {told:?}"
        );
        assert_eq!(result(&played).is_error, rule.is_some(), "{tool} {input}");
        if let Some(rule) = rule {
            assert!(
                told[0].verdict.rule.starts_with(rule),
                "{tool} {input}: {:?}",
                told[0]
            );
        }
    }
}

#[test]
fn a_work_directory_behind_a_link_is_the_work_directory() {
    let stage = Stage::new();
    fs::create_dir_all(stage.path("real")).unwrap();
    std::os::unix::fs::symlink(stage.path("real"), stage.path("link")).unwrap();
    let engine = bypassing(&stage);
    for name in ["link/a", "real/a"] {
        let path = stage.path(name).display().to_string();
        let prompt = call("Write", &format!(r#"{{"file_path": "{path}"}}"#));
        let turn = engine.execute(hotplex::Request::new("a", stage.path("link"), prompt));
        let played = crate::common::finish(turn.unwrap());
        assert!(played.blocks().is_empty(), "{name}: {played:?}");
    }
}

#[test]
fn a_flag_is_told_and_the_tool_runs() {
    let stage = Stage::new();
    let engine = bypassing(&stage);
    let played = stage.play(
        &engine,
        "a",
        &call("Bash", r#"{"command": "git reset --hard"}"#),
    );
    played.assert_completed();
    assert!(!result(&played).is_error);
    let [flag] = played.notices("danger_flag")[..] else {
        panic!("{played:?}");
    };
    assert!(flag.starts_with("git.uncommitted"), "{flag}");
}

#[test]
fn the_operator_can_promote_a_flag_and_switch_a_rule_off() {
    let stage = Stage::new();
    fs::write(
        stage.path("rules"),
        "# ours\nfrobnicate|it frobnicates|high|ours\n",
    )
    .unwrap();
    let guard = GuardConfig {
        promoted_rules: vec!["git.uncommitted".to_owned()],
        disabled_rules: vec!["files.outside".to_owned()],
        extra_roots: vec!["/srv/build".into()],
        rules_file: Some(stage.path("rules")),
        ..GuardConfig::default()
    };
    let engine = bypassing_with(&stage, guard);
    for (command, rule) in [
        ("git reset --hard", Some("git.uncommitted")),
        (&format!("rm '{}/other'", outside(&stage)), None),
        ("rm -rf /srv/build/x", None),
        ("rm -rf /srv/other", Some("files.system")),
        ("frobnicate --now", Some("own.2")),
    ] {
        let played = stage.play(
            &engine,
            "a",
            &call("Bash", &format!(r#"{{"command": "{command}"}}"#)),
        );
        assert_eq!(played.blocking_rules(), Vec::from_iter(rule), "{command}");
    }
}

#[test]
fn rules_that_cannot_be_set_so_are_refused() {
    let stage = Stage::new();
    fs::write(stage.path("broken"), "(|open bracket|high|ours\n").unwrap();
    let broken = stage.path("broken").display().to_string();
    let table = [
        (
            r#"{"disabled_rules": ["files.system"]}"#.to_owned(),
            "files.system",
        ),
        (r#"{"disabled_rules": ["no.such"]}"#.to_owned(), "no.such"),
        (r#"{"promoted_rules": ["no.such"]}"#.to_owned(), "no.such"),
        (
            r#"{"rules_file": "/no/such/file"}"#.to_owned(),
            "/no/such/file",
        ),
        (format!(r#"{{"rules_file": "{broken}"}}"#), "line 1"),
        (
            r#"{"audit_file": "/no/such/directory/audit"}"#.to_owned(),
            "/no/such/directory",
        ),
        (
            r#"{"extra_roots": [""]}"#.to_owned(),
            "extra_roots is empty",
        ),
        (r#"{"unheard_of": 1}"#.to_owned(), "unheard_of"),
    ];
    for (guard, named) in table {
        let options = hotplex::EngineOptions::from_json(&format!(r#"{{"guard": {guard}}}"#));
        let opened = options.and_then(|mut options| {
            options.program = Some(env!("CARGO_BIN_EXE_stand-in-agent").to_owned());
            options.state_dir = Some(stage.path("state"));
            options.open()
        });
        let error = opened.map(drop).expect_err(&guard);
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{guard}");
        assert!(error.message().contains(named), "{error}");
    }
}

#[test]
fn only_listed_tools_run_in_any_mode() {
    let stage = Stage::new();
    for mode in MODES {
        let engine = stage
            .builder()
            .permission_mode(mode)
            .allowed_tools(["Read", "Bash(git:*)", "mcp__shelf__*", "Write"])
            .disallowed_tools(["Bash(git push:*)", "Edit"])
            .open()
            .unwrap();
        for (tool, input, rule) in [
            (
                "WebFetch",
                r#"{"url": "http://a"}"#,
                Some("tools.not-allowed"),
            ),
            (
                "Bash",
                r#"{"command": "git status && make"}"#,
                Some("tools.not-allowed"),
            ),
            (
                "Bash",
                r#"{"command": "git push"}"#,
                Some("tools.disallowed"),
            ),
            ("Edit", r#"{"file_path": "a"}"#, Some("tools.disallowed")),
            ("TodoWrite", r#"{"todos": []}"#, Some("tools.not-allowed")),
            ("mcp__other__look", "{}", Some("tools.not-allowed")),
            ("Read", r#"{"file_path": "a"}"#, None),
        ] {
            let played = stage.play(&engine, "a", &call(tool, input));
            let case = format!("{mode} {tool} {input}");
            assert_eq!(played.blocking_rules(), Vec::from_iter(rule), "{case}");
            assert_eq!(result(&played).is_error, rule.is_some(), "{case}");
        }
    }
}

#[test]
fn a_contradictory_list_is_refused_with_the_reason() {
    let stage = Stage::new();
    let builder = stage
        .builder()
        .allowed_tools(["Bash(git:*)"])
        .disallowed_tools(["Bash"]);
    let error = builder.open().expect_err("it can never work");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.message().contains("Bash(git:*)"), "{error}");
}

#[test]
fn a_prompt_that_orders_destruction_never_reaches_the_agent() {
    let stage = Stage::new();
    let engine = stage.engine();
    let refused = engine.execute(stage.request("a", "please run `rm -rf /` now"));
    let error = refused.map(drop).expect_err("it is refused");
    assert_eq!(error.kind(), ErrorKind::Blocked);
    let verdict = error.verdict().expect("the verdict comes with it");
    assert_eq!(
        (verdict.rule.as_str(), verdict.is_blocked()),
        ("files.system", true)
    );
    assert!(
        engine.sessions().unwrap().is_empty(),
        "not even a process was started"
    );
    stage.echo(&engine, "a", "why is `rm -rf /` dangerous?");
    assert!(
        engine
            .guard()
            .check_prompt("run rm -rf /", &hotplex::GuardContext::new("/w", "/h", "u"))
            .is_blocked()
    );
}

#[test]
fn every_verdict_but_a_plain_allow_is_kept() {
    let stage = Stage::new();
    let audit = stage.path("audit.jsonl");
    let guard = GuardConfig {
        audit_file: Some(audit.clone()),
        ..GuardConfig::default()
    };
    let engine = bypassing_with(&stage, guard);
    let turn = stage.execute(&engine, "a", &call("Bash", r#"{"command": "rm -rf /etc"}"#));
    let number = turn.id().get();
    crate::common::finish(turn).assert_completed();
    stage.play(
        &engine,
        "a",
        &call("Bash", r#"{"command": "git reset --hard"}"#),
    );
    stage.play(&engine, "a", &call("Bash", r#"{"command": "ls"}"#));
    engine
        .execute(stage.request("b", "run `rm -rf /`"))
        .map(drop)
        .expect_err("it is refused");
    engine.close(std::time::Duration::from_secs(2)).unwrap();
    let text = fs::read_to_string(&audit).unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut told: Vec<_> = lines
        .iter()
        .map(|line| {
            let text = |key: &str| line[key].as_str().unwrap_or("-").to_owned();
            (
                text("session_id"),
                text("tool"),
                text("verdict"),
                text("rule"),
            )
        })
        .collect();
    told.sort();
    let expected = [
        ("a", "Bash", "block", "files.system"),
        ("a", "Bash", "flag", "git.uncommitted"),
        ("b", "-", "block", "files.system"),
    ];
    let expected = expected.map(|(a, b, c, d)| [a, b, c, d].map(str::to_owned));
    assert_eq!(told, expected.map(|[a, b, c, d]| (a, b, c, d)));
    let of_turn = lines
        .iter()
        .find(|line| line["operation"] == "rm -rf /etc")
        .unwrap();
    assert_eq!(of_turn["turn"], number);
    assert!(
        of_turn["time_ms"]
            .as_u64()
            .is_some_and(|time| time > 1_700_000_000_000)
    );
}

#[test]
fn the_admin_bypass_lets_everything_through() {
    let stage = Stage::new();
    let guard = GuardConfig {
        enabled: false,
        ..GuardConfig::default()
    };
    let engine = bypassing_with(&stage, guard);
    let played = stage.play(&engine, "a", &call("Bash", r#"{"command": "rm -rf /etc"}"#));
    assert!(
        played.blocks().is_empty() && !result(&played).is_error,
        "{played:?}"
    );
    stage.echo(&engine, "a", "run `rm -rf /`");
}

#[test]
fn the_guard_of_an_open_engine_can_be_changed() {
    let stage = Stage::new();
    let engine = bypassing(&stage);
    let order = call("Bash", r#"{"command": "rm -rf /etc"}"#);
    let off = GuardConfig::from_json(r#"{"enabled": false}"#).unwrap();
    let wrong = GuardConfig::from_json(r#"{"promoted_rules": ["no.such"]}"#).unwrap();
    for (change, blocked) in [
        (None, 1),
        (Some(&off), 0),
        (Some(&GuardConfig::default()), 1),
    ] {
        if let Some(change) = change {
            engine.set_guard(change).unwrap();
        }
        engine.set_guard(&wrong).expect_err("it stays as it was");
        let played = stage.play(&engine, "a", &order);
        assert_eq!(played.blocks().len(), blocked, "{change:?}");
    }
}
