//! One engine uses a session at a time: two of them would write into one conversation.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::common::{PATIENCE, Played, Stage, await_answer, finish, pid, session, until};
use crate::processes::{Host, Remains, alone, lives, say, stay_to_be_killed};
use hotplex::{Engine, Error, ErrorKind, Outcome, Request};

fn engine(stage: &Stage) -> Engine {
    stage.builder_with_store().open().expect("an engine")
}

/// The session is refused, and the reason names the process that has it.
fn assert_in_use(refused: Result<hotplex::Turn, Error>, holder: u32) {
    let error = refused.expect_err("another engine uses it");
    assert_eq!(error.kind(), ErrorKind::InUse);
    let message = error.message();
    let words: Vec<_> = message.split(|c: char| !c.is_alphanumeric()).collect();
    assert!(words.contains(&holder.to_string().as_str()), "{message}");
}

/// The turn as soon as nobody else uses the session.
fn play_when_free(engine: &Engine, request: &Request) -> Played {
    let mut turn = None;
    let accepted = until(PATIENCE, || match engine.execute(request.clone()) {
        Ok(accepted) => {
            turn = Some(accepted);
            true
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::InUse, "{error}");
            false
        }
    });
    assert!(accepted, "the session is in use for ever");
    finish(turn.expect("it was accepted"))
}

#[test]
fn two_engines_of_one_process_do_not_share_a_session() {
    let stage = Stage::new();
    let (one, other) = (engine(&stage), engine(&stage));
    let request = || stage.request("a", "history");
    assert_eq!(stage.play(&one, "a", "history").answers(), ["history: 0"]);
    assert_in_use(other.execute(request()), std::process::id());
    // Neither the refusal nor the other's sessions disturb the one that has it.
    assert_eq!(stage.play(&other, "b", "history").answers(), ["history: 0"]);
    assert_eq!(stage.play(&one, "a", "history").answers(), ["history: 1"]);
    assert!(session(&other, "a").is_none());
    one.stop_session("a", "the other's turn")
        .expect("it is there");
    let played = play_when_free(&other, &request());
    assert_eq!(played.answers(), ["history: 2"]);
    assert_in_use(one.execute(request()), std::process::id());
}

#[test]
fn a_session_is_free_when_its_engine_lets_go_of_it() {
    let stage = Stage::new();
    let engines = [engine(&stage), engine(&stage)];
    for round in 0..6 {
        let engine = &engines[round % 2];
        let played = stage.play(engine, "a", "history");
        assert_eq!(played.answers(), [format!("history: {round}")]);
        engine.stop_session("a", "test").expect("it is there");
        assert!(until(PATIENCE, || is_free(&stage)));
    }
    let [one, other] = engines;
    assert_eq!(stage.play(&one, "a", "history").answers(), ["history: 6"]);
    one.close(Duration::from_secs(2)).expect("closed");
    // At once, though the handle of the closed engine still lives.
    assert_eq!(stage.play(&other, "a", "history").answers(), ["history: 7"]);
}

fn is_free(stage: &Stage) -> bool {
    let mut locks = fs::read_dir(stage.path("state/locks")).expect("locks");
    locks.next().is_none()
}

#[test]
fn a_session_whose_process_ended_for_want_of_work_is_free() {
    let stage = Stage::new();
    let brief = stage
        .builder_with_store()
        .idle_timeout(Duration::from_millis(100));
    let (one, other) = (brief.open().expect("an engine"), engine(&stage));
    assert_eq!(stage.play(&one, "a", "history").answers(), ["history: 0"]);
    let played = play_when_free(&other, &stage.request("a", "history"));
    assert_eq!(played.answers(), ["history: 1"]);
}

/// A bound on processes makes sessions give way to each other, which frees them as well.
#[test]
fn a_hibernated_session_is_free() {
    let stage = Stage::new();
    let narrow = stage
        .builder_with_store()
        .max_processes(1)
        .open()
        .expect("an engine");
    let other = engine(&stage);
    assert_eq!(
        stage.play(&narrow, "a", "history").answers(),
        ["history: 0"]
    );
    stage.play(&narrow, "b", "history").assert_completed();
    let played = play_when_free(&other, &stage.request("a", "history"));
    assert_eq!(played.answers(), ["history: 1"]);
}

#[test]
fn a_turn_that_is_not_let_in_takes_no_session() {
    let stage = Stage::new();
    let (one, other) = (engine(&stage), engine(&stage));
    for refused in [
        Request::new("a", "/", "hello"),
        Request::new("a", stage.work_dir(), "sudo rm -rf / --no-preserve-root"),
    ] {
        one.execute(refused).expect_err("it can never work");
        assert_eq!(
            stage.play(&other, "a", "hello").end.outcome,
            Outcome::Completed
        );
        other.stop_session("a", "test").expect("it is there");
        assert!(until(PATIENCE, || is_free(&stage)));
    }
}

/// Both at once, and each time anew: exactly one has it, and no turn goes astray.
#[test]
fn of_many_at_once_one_gets_it() {
    let stage = Stage::new();
    let engines: Vec<_> = (0..3).map(|_| engine(&stage)).collect();
    for round in 0..5 {
        let name = format!("s{round}");
        let answers: Vec<_> = std::thread::scope(|scope| {
            let asked: Vec<_> = engines
                .iter()
                .map(|engine| scope.spawn(|| engine.execute(stage.request(&name, "history"))))
                .collect();
            let asked = asked
                .into_iter()
                .map(|thread| thread.join().expect("no panic"));
            asked.collect()
        });
        let (accepted, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!((accepted.len(), refused.len()), (1, 2));
        for turn in accepted {
            assert_eq!(finish(turn.expect("accepted")).answers(), ["history: 0"]);
        }
        for refusal in refused {
            assert_in_use(refusal, std::process::id());
        }
    }
}

/// And many threads of one engine are no strangers to each other.
#[test]
fn the_threads_of_one_engine_share_its_sessions() {
    let stage = Stage::new();
    let engine = engine(&stage);
    for round in 0..10 {
        let name = format!("s{round}");
        let mut answers: Vec<String> = std::thread::scope(|scope| {
            let asked: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| stage.play(&engine, &name, "history")))
                .collect();
            let played = asked
                .into_iter()
                .map(|thread| thread.join().expect("no panic"));
            played
                .flat_map(|played| played.answers().concat().parse())
                .collect()
        });
        answers.sort();
        assert_eq!(answers, [0, 1, 2, 3].map(|turn| format!("history: {turn}")));
    }
}

/// Whatever the host inherits or starts, the end of the host is the end of its hold.
#[test]
fn a_killed_host_holds_nothing() {
    let mut host = Host::start(|| {
        let stage = Stage::new();
        let engine = engine(&stage);
        let mut turn = stage.execute(&engine, "a", "!text begun\n!hang");
        await_answer(&mut turn, "begun");
        say(&pid(&engine, "a").to_string());
        stay_to_be_killed(&stage);
    });
    let agent: u32 = host.hear().parse().expect("a number");
    let directory = host.hear();
    let _remains = Remains(directory.clone().into());
    let there = |name: &str| Path::new(&directory).join(name);
    let stage = Stage::new();
    let builder = stage.builder().state_dir(there("state"));
    let builder = builder.jail_roots([Path::new(&directory)]);
    let builder = builder.env("STAND_IN_STORE", there("store").display().to_string());
    let engine = builder.open().expect("an engine");
    let request = Request::new("a", there("work"), "history");
    assert_in_use(engine.execute(request.clone()), host.pid());
    host.kill();
    let played = finish(engine.execute(request).expect("nobody holds it any more"));
    assert_eq!(played.answers(), ["history: 1"]);
    assert!(until(PATIENCE, || !lives(agent)));
}

/// An agent that had the lock's descriptor would hold the session for as long as it lives.
#[test]
fn agents_do_not_hold_what_their_engine_holds() {
    alone(|| {
        let stage = Stage::new();
        let engine = engine(&stage);
        stage.echo(&engine, "a", "hello");
        let locks_of = |pid: u32| {
            let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).expect("/proc");
            let files = descriptors
                .flatten()
                .map(|entry| fs::read_link(entry.path()));
            let locks = files
                .flatten()
                .filter(|file| file.starts_with(stage.path("state/locks")));
            locks.count()
        };
        assert_eq!(locks_of(std::process::id()), 1);
        assert_eq!(locks_of(pid(&engine, "a")), 0);
    });
}
