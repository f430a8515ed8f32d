//! A state directory that cannot be written costs no turn and no conversation: the caller is told,
//! nothing half-written stays, and it is tried again.

mod common;
#[path = "common/processes.rs"]
mod processes;

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{PATIENCE, Played, Stage, until};
use hotplex::{Engine, ErrorKind, EventKind};
use processes::{MOUNTS, alone_below, may_mount};

fn mount(options: &str, directory: &Path) {
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", options, "tmpfs"])
        .arg(directory)
        .status();
    assert!(mounted.is_ok_and(|status| status.success()), "mount");
}

fn engine(stage: &Stage) -> Engine {
    stage.builder_with_store().open().expect("an engine")
}

/// So many turns were had before; the caller was told of the state that often.
fn assert_played(played: &Played, turns: usize, told: usize) {
    played.assert_completed();
    assert_eq!(
        played.answers(),
        [format!("history: {turns}")],
        "{played:?}"
    );
    let notices = played.notices("state_unwritable");
    assert_eq!(notices.len(), told, "{played:?}");
    assert!(played.notices("session_reset").is_empty(), "{played:?}");
}

fn names_in(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

/// What it takes to make a directory fail, and to mend it.
struct Fault {
    name: &'static str,
    arise: fn(&Path),
    vanish: fn(&Path),
}

const FAULTS: [Fault; 4] = [
    Fault {
        name: "disk full",
        arise: |state| {
            mount("size=32k", state);
            fs::create_dir(state.join("sessions")).expect("a directory");
            let mut file = File::create(state.join("ballast")).expect("a file");
            while file.write_all(&[1; 512]).is_ok() {}
        },
        vanish: |state| fs::remove_file(state.join("ballast")).expect("the ballast"),
    },
    Fault {
        name: "no room for another file",
        arise: |state| {
            mount("nr_inodes=8", state);
            fs::create_dir(state.join("ballast")).expect("a directory");
            let mut files = (0..).map(|number| state.join(format!("ballast/{number}")));
            while File::create(files.next().expect("a name")).is_ok() {}
        },
        vanish: |state| fs::remove_dir_all(state.join("ballast")).expect("the ballast"),
    },
    Fault {
        name: "read-only",
        arise: |state| mount("ro", state),
        vanish: |state| mount("remount,rw", state),
    },
    Fault {
        name: "a file where a directory should be",
        arise: |state| fs::write(state.join("sessions"), "").expect("a file"),
        vanish: |state| fs::remove_file(state.join("sessions")).expect("the file"),
    },
];

#[test]
fn every_turn_goes_on_and_the_conversation_is_kept_when_the_fault_is_gone() {
    if !may_mount() {
        return;
    }
    alone_below(&MOUNTS, || {
        for fault in &FAULTS {
            let stage = Stage::new();
            let state = stage.path("state");
            fs::create_dir(&state).expect("a directory");
            (fault.arise)(&state);
            let engine = engine(&stage);
            let first = stage.play(&engine, "a", "history");
            first.assert_completed();
            // Of a directory that takes locks and no records, it is only known a moment later.
            let told = first.notices("state_unwritable").len();
            assert!(
                told == 1 || fault.name.starts_with("a file"),
                "{}: {first:?}",
                fault.name
            );
            let nothing = || names_in(&state.join("sessions")).is_empty();
            assert!(until(PATIENCE, nothing), "{}", fault.name);
            engine.stop_session("a", "test").expect("it is there");
            assert!(until(PATIENCE, || common::session(&engine, "a").is_none()));
            // Said again, unless the lock that could not be signed was still ours.
            let again = stage.play(&engine, "a", "history");
            let told_again = again.notices("state_unwritable").len();
            assert!(told_again <= told, "{}: {again:?}", fault.name);
            assert_played(&again, 1, told_again);
            (fault.vanish)(&state);
            stage.play(&engine, "a", "history").assert_completed();
            let kept = || names_in(&state.join("sessions")).len() == 1;
            assert!(until(PATIENCE, kept), "{}", fault.name);
            assert_played(&stage.play(&engine, "a", "history"), 3, 0);
            drop(engine);
            assert_played(&stage.play(&self::engine(&stage), "a", "history"), 4, 0);
            let left = names_in(&state.join("sessions"));
            assert!(left.iter().all(|name| name.ends_with(".json")), "{left:?}");
            let _ = Command::new("umount").arg("-l").arg(&state).status();
        }
    });
}

/// The host dies with the fault still there: nothing is known but the derived name, and that is
/// enough.
#[test]
fn a_conversation_whose_record_was_never_written_is_resumed_by_another_engine() {
    let stage = Stage::new();
    fs::write(stage.path("state"), "a file where a directory should be").expect("a file");
    assert_played(&stage.play(&engine(&stage), "a", "history"), 0, 1);
    fs::remove_file(stage.path("state")).expect("the file");
    let played = stage.play(&engine(&stage), "a", "history");
    assert_played(&played, 1, 0);
    let resumed = played.kinds().find_map(|kind| match kind {
        EventKind::SessionStart(start) => Some(start.resumed),
        _ => None,
    });
    assert_eq!(resumed, Some(true));
}

/// Permissions hold back everybody but root.
#[test]
fn permissions_that_are_missing_cost_no_turn() {
    use std::os::unix::fs::PermissionsExt;
    let stage = Stage::new();
    let above = stage.path("above");
    fs::create_dir(&above).expect("a directory");
    let set_mode = |mode| {
        fs::set_permissions(&above, PermissionsExt::from_mode(mode)).expect("it is our own");
    };
    set_mode(0o500);
    let is_held_back = fs::write(above.join("trial"), "").is_err();
    let open = || {
        stage
            .builder_with_store()
            .state_dir(above.join("state"))
            .open()
    };
    let told = usize::from(is_held_back);
    assert_played(
        &stage.play(&open().expect("an engine"), "a", "history"),
        0,
        told,
    );
    set_mode(0o700);
    assert_played(
        &stage.play(&open().expect("an engine"), "a", "history"),
        1,
        0,
    );
}

/// The umask of a host may leave everything open to others, or nothing even to the host.
#[test]
fn what_is_kept_is_for_the_owner_alone_whatever_the_umask() {
    if let Some(state) = std::env::var_os(STATE) {
        return play_one_turn(state.into());
    }
    for umask in ["000", "022", "077", "277"] {
        let stage = Stage::new();
        let store = stage.path("store");
        fs::create_dir(&store).expect("a directory");
        fs::create_dir(stage.work_dir()).expect("a directory");
        // The umask is the whole process's, so it is one of its own.
        let script = format!("umask {umask}; exec \"$@\"");
        let host = Command::new("sh")
            .args(["-c", &script, "sh"])
            .arg(std::env::current_exe().expect("the test's own program"))
            .args([
                "what_is_kept_is_for_the_owner_alone_whatever_the_umask",
                "--exact",
            ])
            .env(STATE, stage.path("state"))
            .env("STAND_IN_STORE", &store)
            .output()
            .expect("sh runs");
        assert!(host.status.success(), "umask {umask}: {host:?}");
        assert_private(&stage.path("state"));
    }
}

/// Names the state directory for a host with another umask.
const STATE: &str = "HOTPLEX_TEST_STATE";

fn play_one_turn(state: PathBuf) {
    let work_dir = state.with_file_name("work");
    let engine = Engine::builder()
        .program(env!("CARGO_BIN_EXE_stand-in-agent"))
        .jail(hotplex::Jail::Off)
        .state_dir(state);
    let engine = engine.open().expect("an engine");
    let turn = engine.execute(hotplex::Request::new("a", work_dir, "hello"));
    let played = common::finish(turn.expect("accepted"));
    assert_eq!(played.answers(), ["echo: hello"]);
    assert!(played.notices("state_unwritable").is_empty(), "{played:?}");
}

fn assert_private(directory: &Path) {
    use std::os::unix::fs::MetadataExt;
    let mut found = vec![directory.to_owned()];
    let mut files = 0;
    while let Some(path) = found.pop() {
        let metadata = fs::metadata(&path).expect("it is there");
        let expected = if metadata.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(metadata.mode() & 0o7777, expected, "{}", path.display());
        files += usize::from(metadata.is_file());
        if metadata.is_dir() {
            let entries = fs::read_dir(&path).expect("a directory");
            found.extend(entries.map(|entry| entry.expect("an entry").path()));
        }
    }
    assert_eq!(files, 1, "the record");
}

/// Whoever owns the directory can replace what lies in it.
#[test]
fn the_directory_of_another_user_is_refused_at_once() {
    if fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) != 0) {
        return; // Only root can give a directory away.
    }
    let stage = Stage::new();
    let state = stage.path("state");
    fs::create_dir(&state).expect("a directory");
    std::os::unix::fs::chown(&state, Some(12345), None).expect("root may");
    let refused = stage.builder().open().expect_err("it is somebody else's");
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    let message = refused.message();
    assert!(
        message.contains("state_dir") && message.contains("12345"),
        "{message}"
    );
}
