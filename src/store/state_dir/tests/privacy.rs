//! All that is kept is for its owner alone.

use super::*;

#[test]
fn what_is_made_is_for_the_owner_alone() {
    let test_dir = TestDir::new();
    let state = test_dir.state();
    let claim = state.claim("k").unwrap();
    state.save("k", record("talk")).unwrap();
    for directory in ["state", "state/sessions", "state/locks"] {
        assert_eq!(mode(&test_dir.path(directory)), 0o700, "{directory}");
    }
    for file in ["state/sessions/k.json", "state/locks/k"] {
        assert_eq!(mode(&test_dir.path(file)), 0o600, "{file}");
    }
    drop(claim);
}

#[test]
fn what_was_open_to_others_is_closed_to_them() {
    let test_dir = TestDir::new();
    let state = test_dir.state();
    state.save("k", record("talk")).unwrap();
    let directories = ["state", "state/sessions"].map(|name| test_dir.path(name));
    let file = test_dir.path("state/sessions/k.json");
    for mode in [0o755, 0o770, 0o701, 0o777] {
        directories.iter().for_each(|path| set_mode(path, mode));
        set_mode(&file, 0o644);
        test_dir.state().check().unwrap();
        assert_eq!(test_dir.state().load("k", NAMES), conversation("talk"));
        for path in &directories {
            assert_eq!(super::mode(path), 0o700, "{}", path.display());
        }
        assert_eq!(super::mode(&file), 0o600);
    }
}

/// A home or a temporary directory may be named as the place for state: what is not ours in it must
/// go on to be reachable.
#[test]
fn a_directory_that_others_use_is_left_to_them() {
    let test_dir = TestDir::new();
    let state = test_dir.state();
    state.save("k", record("talk")).unwrap();
    fs::write(test_dir.path("state/of another program"), "").unwrap();
    set_mode(&test_dir.path("state"), 0o755);
    set_mode(&test_dir.path("state/sessions"), 0o755);
    state.check().unwrap();
    assert_eq!(mode(&test_dir.path("state")), 0o755);
    assert_eq!(mode(&test_dir.path("state/sessions")), 0o700);
}

/// The directory is ours; it is the user that is another one.
#[test]
fn a_directory_of_somebody_else_is_refused() {
    let test_dir = TestDir::new();
    test_dir.state().save("k", record("talk")).unwrap();
    set_mode(&test_dir.path("state"), 0o755);
    let holders = test_dir.state().holders.clone();
    let stranger = own_user() + 7;
    let state = StateDir::new(test_dir.path("state"), None, stranger, holders);
    if own_user() == 0 {
        // Root's directories serve everybody, but not what is to be the user's own in them.
        return;
    }
    let refusal_reason = state.check().unwrap_err();
    assert!(
        refusal_reason.contains("belongs to user"),
        "{refusal_reason}"
    );
    assert!(state.save("k", record("talk")).is_err());
}
