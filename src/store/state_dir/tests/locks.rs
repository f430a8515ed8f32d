//! One engine uses a session at a time.

use std::time::Instant;

use super::*;
use crate::store::InUse;
use crate::store::state_dir::LOOK_EVERY;

#[test]
fn a_session_is_used_by_one_engine_until_the_last_use_of_it_ends() {
    let test_dir = TestDir::new();
    let (one, other) = (test_dir.state(), test_dir.state_of("815 2 here", |_| false));
    let first = one.claim("k").unwrap();
    let second = one.claim("k").unwrap();
    let held = other.claim("k").map(drop).unwrap_err();
    assert_eq!(held.holder, "4711 1 here");
    drop(other.claim("another").unwrap());
    drop(first);
    assert!(other.claim("k").is_err());
    second.keep();
    assert!(other.claim("k").is_err());
    one.release("k");
    let taken = other.claim("k").unwrap();
    assert_eq!(one.claim("k").map(drop).unwrap_err().holder, "815 2 here");
    drop(taken);
    assert!(names_in(&test_dir.path("state/locks")).is_empty());
}

#[test]
fn the_end_of_an_engine_frees_its_sessions() {
    let test_dir = TestDir::new();
    let (one, other) = (test_dir.state(), test_dir.state());
    one.claim("k").unwrap().keep();
    one.close();
    other.claim("k").unwrap().keep();
    drop(other);
    drop(one.claim("k").unwrap());
}

/// What a killed holder left behind: a file that nobody holds.
#[test]
fn a_file_without_a_lock_is_no_obstacle() {
    let test_dir = TestDir::new();
    fs::create_dir_all(test_dir.path("state/locks")).unwrap();
    for left in ["", "17 3 there", "no name at all"] {
        fs::write(test_dir.path("state/locks/k"), left).unwrap();
        let state = test_dir.state();
        let claim = state.claim("k").unwrap();
        assert_eq!(claim.trouble, None);
        let holder = fs::read_to_string(test_dir.path("state/locks/k")).unwrap();
        assert_eq!(holder, "4711 1 here");
    }
}

/// As by a child that a host forked before it was killed.
#[test]
fn a_lock_whose_holder_has_ended_is_taken_over() {
    let test_dir = TestDir::new();
    let gone = test_dir.state_of("17 3 here", |_| false);
    gone.claim("k").unwrap().keep();
    let waiting = test_dir.state();
    assert!(waiting.claim("k").is_err());
    let knowing = test_dir.state_of("815 2 here", |name| name.starts_with("17 "));
    knowing.claim("k").unwrap().keep();
    assert_eq!(
        waiting.claim("k").map(drop),
        Err(InUse {
            holder: "815 2 here".to_owned()
        })
    );
    // What the old one does now must not touch the new one's file.
    gone.release("k");
    assert!(waiting.claim("k").is_err());
}

/// Many at once, of engines of their own: never two in the same session.
#[test]
fn nobody_shares_a_session_however_hard_all_try() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let test_dir = TestDir::new();
    let inside = AtomicUsize::new(0);
    let taken = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for number in 0..6 {
            let state = test_dir.state_of(&format!("{number} 1 here"), |_| false);
            let (inside, taken) = (&inside, &taken);
            scope.spawn(move || {
                for _ in 0..200 {
                    let Ok(claim) = state.claim("k") else {
                        continue;
                    };
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                    taken.fetch_add(1, Ordering::SeqCst);
                    inside.fetch_sub(1, Ordering::SeqCst);
                    drop(claim);
                }
            });
        }
    });
    assert!(taken.into_inner() > 0);
}

#[test]
fn a_session_whose_lock_cannot_be_had_is_used_without_until_it_can() {
    let test_dir = TestDir::new();
    fs::write(test_dir.path("state"), "").unwrap();
    let (one, other) = (test_dir.state(), test_dir.state());
    let first = one.claim("k").unwrap();
    assert!(
        first
            .trouble
            .as_ref()
            .is_some_and(|why| why.contains("state"))
    );
    first.keep();
    assert!(one.lacks_a_lock());
    fs::remove_file(test_dir.path("state")).unwrap();
    let again = one.claim("k").unwrap();
    assert_eq!(again.trouble, None);
    drop(again);
    assert!(!one.lacks_a_lock());
    assert!(other.claim("k").is_err());
}

/// By somebody who cleans up, or removes the directory under a live engine.
#[test]
fn a_lock_that_was_removed_is_taken_anew_or_told_to_be_anothers() {
    let test_dir = TestDir::new();
    let (one, other) = (test_dir.state(), test_dir.state_of("815 2 here", |_| false));
    one.claim("k").unwrap().keep();
    let start = Instant::now();
    one.look_at_locks(start);
    assert!(!one.lacks_a_lock());
    fs::remove_dir_all(test_dir.path("state")).unwrap();
    one.look_at_locks(start + LOOK_EVERY);
    assert!(one.lacks_a_lock());
    drop(one.claim("k").unwrap());
    assert!(!one.lacks_a_lock());
    assert!(other.claim("k").is_err());
    fs::remove_dir_all(test_dir.path("state")).unwrap();
    other.claim("k").unwrap().keep();
    assert_eq!(one.claim("k").map(drop).unwrap_err().holder, "815 2 here");
}

/// A pipe in its place would be waited for.
#[test]
fn what_is_no_file_is_no_lock() {
    let test_dir = TestDir::new();
    fs::create_dir_all(test_dir.path("state/locks")).unwrap();
    std::os::unix::fs::symlink("/dev/null", test_dir.path("state/locks/k")).unwrap();
    let state = test_dir.state();
    let claim = state.claim("k").unwrap();
    let trouble = claim.trouble.clone().unwrap();
    assert!(trouble.contains("is no regular file"), "{trouble}");
}
