//! A command that takes long to judge holds up nobody but the agent that asks.

use std::time::{Duration, Instant};

use crate::common::{Played, Stage, finish, next, next_that, pid, script, signal};
use hotplex::{Decision, EventKind, Outcome};

/// Far longer than what is judged at once; a debug build on a busy machine takes its time for it.
const LONG: usize = 32 * 1024;

/// A command of this length whose judgement is work, and which ends in `last`.
fn long(last: &str) -> String {
    let step = "echo \"$(printf %s a)\" > out; ";
    format!("{}{last}", step.repeat(LONG / step.len()))
}

fn call(command: &str) -> String {
    format!("!tool Bash {}", serde_json::json!({ "command": command }))
}

/// What happened, in its order: blocks by their rules, results and answers.
fn course(played: &Played) -> Vec<String> {
    let told = played.kinds().filter_map(|kind| match kind {
        EventKind::DangerBlock(block) => Some(block.verdict.rule.clone()),
        EventKind::ToolResult(result) if result.is_error => Some("denied".to_owned()),
        EventKind::ToolResult(_) => Some("ran".to_owned()),
        EventKind::Answer(text) => Some(text.clone()),
        _ => None,
    });
    told.collect()
}

#[test]
fn long_calls_are_judged_like_short_ones_and_answered_in_their_order() {
    let stage = Stage::new();
    let builder = stage.builder().permission_mode("bypassPermissions");
    let engine = builder.open().unwrap();
    let calls = [
        call("rm -rf /etc"),
        call(&long("rm -rf /usr")),
        "!text between".to_owned(),
        call(&long("true")),
        call(&long("mkfs.ext4 /dev/sda1")),
        call("true"),
        "!text went on".to_owned(),
    ];
    let played = stage.play(&engine, "a", &script(&calls));
    played.assert_completed();
    let expected = "files.system denied files.system denied between ran disks.destroy denied ran";
    assert_eq!(course(&played).join(" "), format!("{expected} went on"));
}

#[test]
fn a_permission_question_about_a_long_call_is_judged_too() {
    let stage = Stage::new();
    let engine = stage
        .builder()
        .env("STAND_IN_NO_HOOKS", "1")
        .open()
        .unwrap();
    let prompt = script(&[call(&long("rm -rf /etc")), call(&long("true"))]);
    let mut turn = stage.execute(&engine, "a", &prompt);
    let mut told = Vec::new();
    let request = loop {
        let event = next(&mut turn);
        match event.kind {
            EventKind::PermissionRequest(request) => break request,
            _ => told.push(event),
        }
    };
    let answered = turn.respond(&request.request_id, Decision::allow());
    answered.expect("the agent waits");
    let mut played = finish(turn);
    told.append(&mut played.events);
    played.events = told;
    played.assert_completed();
    assert_eq!(course(&played)[..3], ["files.system", "denied", "ran"]);
}

#[test]
fn other_sessions_go_on_while_a_long_call_is_judged() {
    let stage = Stage::new();
    let builder = stage.builder().permission_mode("bypassPermissions");
    let engine = builder.open().unwrap();
    stage.echo(&engine, "other", "warm");
    let calls: Vec<_> = (0..4).map(|_| call(&long("true"))).collect();
    let mut busy = stage.execute(&engine, "busy", &script(&calls));
    next_that(&mut busy, |kind| matches!(kind, EventKind::ToolUse(_)));
    let (mut slowest, mut turns) = (Duration::ZERO, 0);
    let begin = Instant::now();
    while busy.try_recv().is_none() || !busy.has_ended() {
        let sent = Instant::now();
        stage.echo(&engine, "other", "hello");
        slowest = slowest.max(sent.elapsed());
        turns += 1;
    }
    let all = begin.elapsed();
    assert!(
        turns >= 8,
        "{turns} turns, the slowest took {slowest:?} of {all:?}"
    );
}

#[test]
fn an_agent_that_ends_while_its_call_is_judged_ends_its_turn_and_no_other() {
    let stage = Stage::new();
    let builder = stage.builder().permission_mode("bypassPermissions");
    let engine = builder.open().unwrap();
    stage.echo(&engine, "a", "warm");
    let prompt = script(&[call(&long("rm -rf /etc"))]);
    for _ in 0..3 {
        let mut turn = stage.execute(&engine, "a", &prompt);
        let agent = pid(&engine, "a");
        next_that(&mut turn, |kind| matches!(kind, EventKind::ToolUse(_)));
        signal("KILL", agent);
        let played = finish(turn);
        played.assert_outcome(Outcome::Crashed);
        stage.echo(&engine, "a", "again");
    }
}

#[test]
fn engines_close_while_long_calls_are_judged() {
    let stage = Stage::new();
    let builder = stage.builder().permission_mode("bypassPermissions");
    let engine = builder.open().unwrap();
    let prompt = script(&[call(&long("rm -rf /etc"))]);
    let start = |name: &String| {
        let mut turn = stage.execute(&engine, name, &prompt);
        next_that(&mut turn, |kind| matches!(kind, EventKind::ToolUse(_)));
        turn
    };
    let names: Vec<_> = (0..8).map(|number| format!("s{number}")).collect();
    let turns: Vec<_> = names.iter().map(start).collect();
    engine.close(Duration::from_secs(2)).expect("closed");
    for turn in turns {
        let outcome = finish(turn).end.outcome;
        assert!(
            matches!(outcome, Outcome::Stopped | Outcome::Completed),
            "{outcome:?}"
        );
    }
}
