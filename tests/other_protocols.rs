//! The promises of a turn hold whatever protocol an agent speaks: one honest end, nothing crossed,
//! nothing lost, no survivor.

mod common;

use std::time::Duration;

use common::Stage;
use hotplex::{Decision, Engine, EngineBuilder, ErrorKind, EventKind, Outcome, ToolGate, WarmUp};

/// Engines to be, one for each protocol.
fn builders(stage: &Stage) -> [EngineBuilder; 2] {
    // The engine's own files are no agent's to write.
    let kept = stage.path("kept");
    std::fs::create_dir_all(&kept).expect("a directory");
    ["acp", "codex"].map(|name| {
        let store = kept.join("conversations").join(name);
        let mut options = stage.builder().options().clone();
        options.jail_roots = vec![kept.clone()];
        EngineBuilder::from(options)
            .provider(name)
            .namespace(name)
            .program_args(["--speak", name])
            .env("STAND_IN_STORE", store.display().to_string())
    })
}

fn engines(stage: &Stage) -> [Engine; 2] {
    builders(stage).map(open)
}

fn open(builder: EngineBuilder) -> Engine {
    builder.open().expect("an engine with the stand-in")
}

#[test]
fn turns_are_answered_in_one_process() {
    let stage = Stage::new();
    for engine in engines(&stage) {
        for round in 0..20 {
            stage.echo(&engine, "a", &format!("round {round}"));
        }
        assert_eq!(engine.info().expect("figures").spawned, 1);
    }
}

#[test]
fn deltas_are_told_if_they_are_wanted_and_the_whole_always() {
    let stage = Stage::new();
    for wanted in [false, true] {
        for builder in builders(&stage) {
            let engine = open(builder.partial_messages(wanted));
            let played = stage.play(&engine, "a", "!delta 3 0\n!text end");
            let is_delta = |kind: &&EventKind| matches!(kind, EventKind::AnswerDelta(_));
            let deltas = played.kinds().filter(is_delta).count();
            assert_eq!(deltas > 0, wanted, "{played:?}");
            assert_eq!(played.answers(), ["w0 w1 w2 ", "end"]);
        }
    }
}

#[test]
fn every_way_to_die_is_a_crash_that_is_named_and_the_next_turn_works() {
    let stage = Stage::new();
    for engine in engines(&stage) {
        for (prompt, how) in [
            ("!die 0", "status 0"),
            ("!die 3", "status 3"),
            ("!text a\n!signal KILL", "signal 9"),
            ("!half", "status 1"),
        ] {
            let played = stage.play(&engine, "a", prompt);
            played.assert_outcome(Outcome::Crashed);
            assert!(played.error().contains(how), "{prompt}: {}", played.error());
            stage.echo(&engine, "a", "next");
        }
    }
}

#[test]
fn a_killed_agent_takes_its_conversation_up_again() {
    let stage = Stage::new();
    for engine in engines(&stage) {
        stage.echo(&engine, "a", "one");
        common::signal("KILL", common::pid(&engine, "a"));
        let played = stage.play(&engine, "a", "history");
        assert_eq!(played.answers(), ["history: 1"], "{played:?}");
    }
    // And another engine does.
    for engine in engines(&stage) {
        let played = stage.play(&engine, "a", "history");
        assert_eq!(played.answers(), ["history: 2"], "{played:?}");
    }
}

#[test]
fn a_conversation_that_is_gone_costs_itself_and_a_notice() {
    let stage = Stage::new();
    for engine in engines(&stage) {
        stage.echo(&engine, "a", "one");
    }
    std::fs::remove_dir_all(stage.path("kept/conversations")).expect("it was there");
    for engine in engines(&stage) {
        let played = stage.play(&engine, "a", "history");
        assert_eq!(played.answers(), ["history: 0"], "{played:?}");
        assert_eq!(played.notices("session_reset").len(), 1, "{played:?}");
        stage.echo(&engine, "a", "on");
    }
}

#[test]
fn a_turn_is_cancelled_before_its_first_word_and_after_it_and_the_process_lives() {
    let stage = Stage::new();
    for engine in engines(&stage) {
        stage.echo(&engine, "a", "warm");
        for prompt in ["!hang-soft", "!text word\n!hang-soft", "!bash ls"] {
            let mut turn = stage.execute(&engine, "a", prompt);
            if prompt.starts_with("!text") {
                let any = |kind: &EventKind| !matches!(kind, EventKind::Notice(_));
                let _ = turn
                    .recv_timeout(Duration::from_millis(100))
                    .filter(|event| any(&event.kind));
            }
            turn.cancel();
            common::finish(turn).assert_outcome(Outcome::Cancelled);
            stage.echo(&engine, "a", "after");
        }
        assert_eq!(engine.info().expect("figures").spawned, 1);
    }
}

#[test]
fn an_agent_that_does_not_let_go_is_replaced() {
    let stage = Stage::new();
    for builder in builders(&stage) {
        let engine = open(builder.kill_grace(Duration::from_millis(400)));
        let turn = stage.execute(&engine, "a", "!hang");
        turn.cancel();
        common::finish(turn).assert_outcome(Outcome::Cancelled);
        stage.echo(&engine, "a", "after");
        let slow = stage
            .request("a", "!hang")
            .turn_timeout(Duration::from_millis(300));
        let played = common::finish(engine.execute(slow).expect("accepted"));
        played.assert_outcome(Outcome::TimedOut);
        stage.echo(&engine, "a", "after");
    }
}

#[test]
fn garbage_is_told_and_changes_nothing() {
    let stage = Stage::new();
    for engine in engines(&stage) {
        let prompt = "!text one\n!raw not json\n!raw {\"id\":77,\"result\":{}}\n!raw {\"method\":\"unheard/of\"}\n!text two";
        let played = stage.play(&engine, "a", prompt);
        played.assert_completed();
        assert_eq!(played.answers(), ["one", "two"]);
        assert_eq!(played.notices("not_json"), ["not json"]);
        let is_raw = |kind: &&EventKind| matches!(kind, EventKind::Raw(_));
        assert_eq!(played.kinds().filter(is_raw).count(), 2, "{played:?}");
    }
}

#[test]
fn a_second_end_and_late_words_reach_no_other_turn() {
    let stage = Stage::new();
    for engine in engines(&stage) {
        for round in 0..10 {
            let played = stage.play(&engine, "a", "!text own\n!double-result\n!late stray");
            played.assert_completed();
            assert_eq!(played.answers(), ["own"], "round {round}");
            let stray = |kind: &EventKind| kind.text().is_some_and(|text| text.contains("stray"));
            common::background(&engine, stray);
            stage.echo(&engine, "a", "next");
        }
    }
}

#[test]
fn a_handshake_that_is_refused_or_never_answered_fails_the_turn_and_says_so() {
    let stage = Stage::new();
    for builder in builders(&stage) {
        let engine = open(builder.clone().env("STAND_IN_REFUSE_HOOKS", "1"));
        let played = stage.play(&engine, "a", "hello");
        assert_eq!(played.error_kind(), Some(ErrorKind::SpawnFailed));
        assert!(
            played.error().contains("no such handshake"),
            "{}",
            played.error()
        );
        let deaf = builder.env("STAND_IN_NO_HANDSHAKE", "1");
        let engine = open(deaf.start_timeout(Duration::from_millis(300)));
        let played = stage.play(&engine, "b", "hello");
        played.assert_outcome(Outcome::TimedOut);
    }
}

#[test]
fn a_call_runs_if_the_caller_allows_it_and_not_otherwise() {
    let stage = Stage::new();
    for engine in engines(&stage) {
        let answer = |decision: Decision| {
            let mut turn = stage.execute(&engine, "a", "!bash ls");
            let asks = |kind: &EventKind| matches!(kind, EventKind::PermissionRequest(_));
            let EventKind::PermissionRequest(asked) = common::next_that(&mut turn, asks) else {
                panic!("not a question");
            };
            assert_eq!(asked.tool.input["command"], "ls");
            turn.respond(&asked.request_id, decision)
                .expect("it is open");
            common::finish(turn)
        };
        assert_eq!(answer(Decision::allow()).answers(), ["ran"]);
        assert_eq!(answer(Decision::deny("no")).answers(), ["denied"]);
        let other = Decision::Allow {
            updated_input: Some(serde_json::json!({"command": "cat"})),
        };
        let played = answer(other);
        assert_eq!(played.answers(), ["denied"]);
        assert_eq!(played.notices("permission_refused").len(), 1, "{played:?}");
    }
}

#[test]
fn what_is_dangerous_is_denied_in_every_mode_and_what_is_not_goes_by_the_mode() {
    let stage = Stage::new();
    for mode in ["default", "acceptEdits", "dontAsk", "bypassPermissions"] {
        for builder in builders(&stage) {
            let engine = open(builder.permission_mode(mode));
            let clothed = "Look at this.\n!bash echo no > /etc/hotplex-was-here";
            let played = stage.play(&engine, "a", clothed);
            played.assert_completed();
            assert_eq!(
                played.blocking_rules(),
                ["files.system"],
                "{mode}: {played:?}"
            );
            assert_eq!(played.answers(), ["denied"]);
        }
    }
    for (mode, expected) in [("dontAsk", "denied"), ("bypassPermissions", "ran")] {
        for builder in builders(&stage) {
            let engine = open(builder.permission_mode(mode));
            assert_eq!(stage.play(&engine, "a", "!bash ls").answers(), [expected]);
        }
    }
}

#[test]
fn an_unanswered_question_is_denied_in_time() {
    let stage = Stage::new();
    for builder in builders(&stage) {
        let engine = open(builder.approval_timeout(Duration::from_millis(200)));
        let played = stage.play(&engine, "a", "!bash ls");
        played.assert_completed();
        assert_eq!(played.answers(), ["denied"]);
    }
}

#[test]
fn a_list_of_tools_holds_or_is_refused() {
    let stage = Stage::new();
    let [acp, codex] = builders(&stage);
    let refused = acp.allowed_tools(["Read"]).open();
    let error = refused.expect_err("a list that would not hold");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);

    let engine = open(codex.allowed_tools(["Bash(git:*)"]));
    assert_eq!(engine.capabilities().gate, ToolGate::EveryCall);
    assert_eq!(stage.play(&engine, "a", "!bash git log").answers(), ["ran"]);
    let played = stage.play(&engine, "a", "!bash ls");
    assert_eq!(played.answers(), ["denied"], "{played:?}");
    assert_eq!(played.blocking_rules(), ["tools.not-allowed"], "{played:?}");
}

/// Its word that a hook ran is not believed.
#[test]
fn an_agent_that_leaves_its_hook_out_is_ended_and_its_turn_with_it() {
    let stage = Stage::new();
    let [_, codex] = builders(&stage);
    for mode in ["default", "bypassPermissions"] {
        let builder = codex.clone().permission_mode(mode);
        let engine = open(builder.env("STAND_IN_NO_HOOKS", "1"));
        let played = stage.play(&engine, "a", "!bash ls\n!hang");
        played.assert_outcome(Outcome::Failed);
        assert!(played.error().contains("gate does not hold"), "{played:?}");
        assert!(played.answers().is_empty(), "{played:?}");
        stage.echo(&engine, "a", "in another process");
    }
}

#[test]
fn a_spare_serves_a_session_and_a_flood_is_not_lost() {
    let stage = Stage::new();
    for builder in builders(&stage) {
        let engine = open(builder.window_bytes(64 * 1024));
        engine
            .prewarm(&WarmUp::new(stage.work_dir()), 1)
            .expect("a spare");
        let is_ready = || engine.info().expect("figures").ready_spares == 1;
        assert!(common::until(common::PATIENCE, is_ready), "no spare");
        let played = stage.play(&engine, "a", "!flood 300 4000");
        played.assert_completed();
        assert_eq!(played.answers().len(), 300);
        assert_eq!(engine.info().expect("figures").spare_hits, 1);
    }
}

#[test]
fn closing_ends_agents_that_do_not_end_at_the_end_of_input() {
    let stage = Stage::new();
    for builder in builders(&stage) {
        let engine = open(builder.env("STAND_IN_IGNORE_EOF", "1"));
        let turn = stage.execute(&engine, "a", "!text there\n!hang-soft");
        engine
            .close(Duration::from_secs(1))
            .expect("everything ends");
        common::finish(turn).assert_outcome(Outcome::Stopped);
    }
}
