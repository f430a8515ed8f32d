//! Records: what is kept is found again by those whose it is, and a failure loses nothing.

use super::*;

#[test]
fn what_was_saved_last_is_found() {
    let test_dir = TestDir::new();
    let state = test_dir.state();
    assert_eq!(state.load("k", NAMES), Remembered::Nothing);
    for name in ["one", "two"] {
        state.save("k", record(name)).unwrap();
        assert_eq!(test_dir.state().load("k", NAMES), conversation(name));
    }
    assert_eq!(names_in(&test_dir.path("state/sessions")), ["k.json"]);
}

#[test]
fn a_record_tells_only_those_whose_names_it_has() {
    let test_dir = TestDir::new();
    let state = test_dir.state();
    let of = |namespace, session, provider| Names {
        namespace,
        session,
        provider,
    };
    let without_namespace = Record {
        namespace: None,
        ..record("talk")
    };
    let table = [
        (record("talk"), of("n", "s", "p"), conversation("talk")),
        (record("talk"), of("n", "t", "p"), Remembered::Foreign),
        (record("talk"), of("m", "s", "p"), Remembered::Foreign),
        (record("talk"), of("n", "s", "q"), Remembered::Nothing),
        (
            without_namespace.clone(),
            of("m", "s", "p"),
            conversation("talk"),
        ),
        (without_namespace, of("m", "t", "p"), Remembered::Foreign),
    ];
    for (record, names, expected) in table {
        state.save("k", record.clone()).unwrap();
        assert_eq!(state.load("k", names), expected, "{record:?} {names:?}");
    }
}

#[test]
fn a_marker_of_the_go_hotplex_counts_if_there_is_no_record() {
    let test_dir = TestDir::new();
    let state = test_dir.state();
    fs::create_dir_all(test_dir.path(".hotplex/sessions")).unwrap();
    fs::write(test_dir.path(".hotplex/sessions/k.lock"), "").unwrap();
    assert_eq!(state.load("k", NAMES), conversation("k"));
    state.save("k", record("talk")).unwrap();
    assert_eq!(state.load("k", NAMES), conversation("talk"));
}

/// A directory in place of the record: the rename fails when all is written. A file in place of a
/// directory: nothing can be written at all.
#[test]
fn what_cannot_be_written_is_remembered_tried_again_and_leaves_nothing() {
    for blocked in ["state/sessions/k.json", "state/sessions", "state"] {
        let test_dir = TestDir::new();
        let state = test_dir.state();
        let obstacle = test_dir.path(blocked);
        fs::create_dir_all(obstacle.parent().unwrap()).unwrap();
        if blocked.ends_with("json") {
            fs::create_dir_all(obstacle.join("full")).unwrap();
        } else {
            fs::write(&obstacle, "").unwrap();
        }
        let why = state.save("k", record("talk")).unwrap_err();
        assert!(why.contains("state"), "{why}");
        assert!(state.save_again("k").is_err());
        assert_eq!(state.load("k", NAMES), conversation("talk"));
        let left = names_in(&test_dir.path("state/sessions"));
        assert!(left.iter().all(|name| name == "k.json"), "{left:?}");
        let removed = fs::remove_file(&obstacle);
        removed.or_else(|_| fs::remove_dir_all(&obstacle)).unwrap();
        state.save_again("k").unwrap();
        assert_eq!(test_dir.state().load("k", NAMES), conversation("talk"));
    }
}

/// The last chance is the engine's end.
#[test]
fn what_could_not_be_written_is_written_when_the_engine_closes_if_it_can_be() {
    let test_dir = TestDir::new();
    let state = test_dir.state();
    fs::write(test_dir.path("state"), "").unwrap();
    state.save("k", record("talk")).unwrap_err();
    fs::remove_file(test_dir.path("state")).unwrap();
    state.close();
    assert_eq!(test_dir.state().load("k", NAMES), conversation("talk"));
}
