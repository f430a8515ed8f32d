//! Who comes from the Go hotplex keeps the conversations that its marker files tell of.

mod common;
#[path = "common/processes.rs"]
mod processes;

use std::fs;
use std::path::{Path, PathBuf};

use common::{Played, Stage};
use hotplex::Engine;
use processes::alone_below;

/// Hosts with homes of the tests' own.
const HOME: &str = concat!("HOME=", env!("CARGO_TARGET_TMPDIR"), "/home-of-a-go-user");
const OTHER: &str = concat!(
    "HOME=",
    env!("CARGO_TARGET_TMPDIR"),
    "/home-without-conversations"
);
const HOST: [&str; 3] = ["env", "--unset=XDG_STATE_HOME", HOME];
const OTHER_HOST: [&str; 3] = ["env", "--unset=XDG_STATE_HOME", OTHER];

#[test]
fn a_marker_file_leads_to_the_conversation() {
    alone_below(&HOST, || {
        let home = empty_home();
        let stage = Stage::new();
        let conversation = conversation("default:session:alice");
        leave_conversation(&stage, &conversation);
        let markers = home.join(".hotplex/sessions");
        fs::create_dir_all(&markers).expect("a directory");
        fs::write(markers.join(format!("{conversation}.lock")), "").expect("a marker");
        let engine = engine(&stage);
        assert_eq!(
            history(&stage.play(&engine, "alice", "history")),
            "history: 2"
        );
        drop(engine);
        // From now on the engine's own record tells, in the place it has by default.
        fs::remove_dir_all(&markers).expect("the markers");
        let played = stage.play(&self::engine(&stage), "alice", "history");
        assert_eq!(history(&played), "history: 3");
        assert!(home.join(".local/state/hotplex/sessions").is_dir());
    });
}

#[test]
fn a_marker_file_without_a_conversation_gives_a_fresh_one() {
    alone_below(&OTHER_HOST, || {
        let home = empty_home();
        let stage = Stage::new();
        let markers = home.join(".hotplex/sessions");
        fs::create_dir_all(&markers).expect("a directory");
        let name = format!("{}.lock", conversation("default:session:alice"));
        fs::write(markers.join(name), "").expect("a marker");
        fs::create_dir_all(stage.path("store")).expect("a directory");
        let played = stage.play(&engine(&stage), "alice", "history");
        played.assert_completed();
        assert_eq!(played.answers(), ["history: 0"]);
        assert_eq!(played.notices("session_reset").len(), 1);
    });
}

fn empty_home() -> PathBuf {
    let home = PathBuf::from(std::env::var_os("HOME").expect("set for this host"));
    assert!(home.starts_with(env!("CARGO_TARGET_TMPDIR")), "{home:?}");
    let _ = fs::remove_dir_all(&home);
    fs::create_dir_all(&home).expect("a home");
    home
}

/// The name that the Go hotplex gives a conversation.
fn conversation(name: &str) -> String {
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, name.as_bytes()).to_string()
}

/// Two turns that somebody else has had in it.
fn leave_conversation(stage: &Stage, conversation: &str) {
    let store = stage.path("store");
    fs::create_dir_all(&store).expect("a directory");
    fs::write(Path::new(&store).join(conversation), "\"one\"\n\"two\"\n").expect("a conversation");
}

/// An engine that finds its state directory by itself.
fn engine(stage: &Stage) -> Engine {
    let mut options = stage.builder().options().clone();
    options.state_dir = None;
    let store = stage.path("store").display().to_string();
    options.env.insert("STAND_IN_STORE".to_owned(), Some(store));
    options.open().expect("an engine")
}

fn history(played: &Played) -> String {
    played.assert_completed();
    assert!(played.notices("session_reset").is_empty());
    played.answers().join("")
}
