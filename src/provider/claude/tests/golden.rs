//! Recorded output of real agents gives the events listed beside it.
//!
//! `tests/golden/claude-<version>/<scenario>.jsonl` holds stdout lines as recorded, but for long
//! lists of commands (cut to two), long runs of like deltas (two are kept) and the names of the
//! host's own requests (`hotplex-1` is the handshake). `<scenario>.expected` lists what they decode
//! to, each line led by the number of the recorded line. After an intended change run the tests
//! once with `HOTPLEX_WRITE_GOLDEN=1` and read the difference before it is committed.

use std::fs;
use std::path::{Path, PathBuf};

use super::{decoded, listed, started};

/// Every recorded scenario, with a list beside it or not. For tests that need real lines to break.
pub(super) fn all_recordings() -> Vec<PathBuf> {
    let replayed = below(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/golden/replayed"
    ));
    assert!(!replayed.is_empty(), "those without a list");
    recordings().into_iter().chain(replayed).collect()
}

/// Those with a list beside them.
fn recordings() -> Vec<PathBuf> {
    below(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"))
}

fn below(root: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for version in fs::read_dir(root).unwrap() {
        let version = version.unwrap().path();
        let is_ours = version
            .file_name()
            .unwrap()
            .to_string_lossy()
            .starts_with("claude-");
        for file in is_ours
            .then(|| fs::read_dir(version).unwrap())
            .into_iter()
            .flatten()
        {
            found.extend(
                Some(file.unwrap().path())
                    .filter(|path| path.extension() == Some("jsonl".as_ref())),
            );
        }
    }
    found.sort();
    found
}

fn events(recording: &Path) -> String {
    let mut protocol = started();
    let mut events = String::new();
    for (index, line) in fs::read_to_string(recording).unwrap().lines().enumerate() {
        for message in listed(&decoded(&mut protocol, line)) {
            events.push_str(&format!("{} {message}\n", index + 1));
        }
    }
    events
}

#[test]
fn recorded_lines_decode_to_the_listed_events() {
    let recordings = recordings();
    for version in ["1.0.128", "2.0.76", "2.1.197", "2.1.330"] {
        let folder = format!("claude-{version}");
        let covered = |path: &PathBuf| path.parent().unwrap().ends_with(&folder);
        assert!(
            recordings.iter().any(covered),
            "nothing was recorded of {version}"
        );
    }
    for recording in recordings {
        let listing = recording.with_extension("expected");
        let events = events(&recording);
        if std::env::var_os("HOTPLEX_WRITE_GOLDEN").is_some() {
            fs::write(&listing, &events).unwrap();
        }
        let expected = fs::read_to_string(&listing).unwrap_or_default();
        let mut pairs = events.lines().zip(expected.lines());
        if let Some((is, should_be)) = pairs.find(|(is, should_be)| is != should_be) {
            panic!(
                "{}\n  is        {is}\n  should be {should_be}",
                listing.display()
            );
        }
        assert_eq!(
            events.lines().count(),
            expected.lines().count(),
            "{}",
            listing.display()
        );
    }
}
