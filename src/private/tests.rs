use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;
use crate::agent_files::{Kept, Row};
use crate::scratch::Scratch;

/// A user's directory of an agent and a place for private ones, gone with the value.
struct Scene {
    root: Option<PrivateRoot>,
    directory: Scratch,
}

impl Scene {
    fn new() -> Scene {
        let directory = Scratch::new();
        fs::create_dir_all(directory.join("users/hooks")).unwrap();
        let root = PrivateRoot::make(&directory.join("run")).unwrap();
        let scene = Scene {
            directory,
            root: Some(root),
        };
        scene.write("users/settings.json", "settings");
        scene.write("users/hooks/hook", "hook");
        scene.write("config.json", "config");
        scene.write(
            "users/token",
            r#"{"a":{"token":"old","until":1,"scopes":["x"]}}"#,
        );
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn state(&self) -> AgentFiles {
        let row = |name: &str, kept| Row {
            name: name.to_owned(),
            kept,
        };
        AgentFiles {
            variable: "AGENT_DIR",
            below: None,
            users: self.path("users"),
            rows: vec![
                row("cache", Kept::Own),
                row(
                    "config.json",
                    Kept::Copy(vec![self.path("none"), self.path("config.json")]),
                ),
                row("token", Kept::Returned),
                row("work", Kept::Own),
                row("work/mine", Kept::Users),
                row("work", Kept::Holding("talk".to_owned())),
            ],
            unlinked: &[".db"],
            temporary: &["AGENT_TMPDIR"],
            in_place: vec![self.path("locks")],
            read: vec![self.path("read")],
        }
    }

    fn private(&self, number: u64) -> Private {
        Private::make(
            self.root.as_ref().unwrap(),
            number,
            Belongings::Jailed(Some(&self.state())),
        )
        .unwrap()
    }
}

#[test]
fn what_the_user_has_is_read_and_only_what_the_table_names_is_written() {
    let scene = Scene::new();
    fs::create_dir_all(scene.path("users/work/elsewhere")).unwrap();
    scene.write("users/work/elsewhere/talk", "talk");
    fs::create_dir_all(scene.path("users/work/strange")).unwrap();
    let private = scene.private(1);
    let own = Private::agents_own(private.directory());
    let read = |name: &str| fs::read_to_string(own.join(name)).unwrap();
    assert_eq!(read("settings.json"), "settings");
    assert_eq!(read("hooks/hook"), "hook");
    assert_eq!(read("config.json"), "config");
    assert_eq!(read("work/elsewhere/talk"), "talk");
    assert!(!own.join("work/strange").exists());
    let mut writable = private.writable.clone();
    let mut expected = [
        own.join("cache"),
        own.join("config.json"),
        own.join("token"),
        own.join("work"),
        scene.path("users/work/mine"),
        scene.path("users/work/elsewhere"),
        scene.path("locks"),
        Private::temporary(private.directory()),
    ];
    writable.sort();
    expected.sort();
    assert_eq!(writable, expected);
    fs::write(own.join("work/mine/new"), "x").unwrap();
    assert_eq!(scene.read("users/work/mine/new"), "x");
    let mode = fs::metadata(private.directory())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o077, 0);
    let directory = private.directory().to_owned();
    drop(private);
    assert!(!directory.exists());
}

/// The longest path that the system takes, with the zero behind it.
const PATH_MAX: usize = 4096;

/// Here the lock's path is too long; for want of a descriptor or of room it is the same.
#[test]
fn a_place_that_cannot_be_used_is_not_left_behind() {
    let scratch = Scratch::new();
    let mut place = scratch.to_owned();
    while place.as_os_str().len() < PATH_MAX - 210 {
        place.push("x".repeat(100));
    }
    let rest = PATH_MAX - 5 - place.as_os_str().len();
    let (above, last) = ("x".repeat(rest / 2), "x".repeat(rest - rest / 2));
    place.push(above);
    fs::create_dir_all(&place).unwrap();
    place.push(last);
    let error = PrivateRoot::make(&place).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidFilename, "{error}");
    assert!(!place.exists());
}

#[test]
fn a_refreshed_token_is_given_to_the_user_and_to_the_other_processes() {
    let scene = Scene::new();
    let (mut one, mut two) = (scene.private(1), scene.private(2));
    let token = |private: &Private| Private::agents_own(private.directory()).join("token");
    let new = r#"{"a":{"token":"new","until":22,"scopes":["x","y"]}}"#;
    fs::write(token(&one), new).unwrap();
    one.sync();
    assert_eq!(scene.read("users/token"), new);
    two.sync();
    assert_eq!(fs::read_to_string(token(&two)).unwrap(), new);
    let newer = new.replace("new", "newer");
    fs::write(token(&two), &newer).unwrap();
    drop(two);
    assert_eq!(scene.read("users/token"), newer);
}

#[test]
fn what_has_another_shape_is_not_given_to_the_user() {
    let forged = [
        "",
        "not json",
        "[]",
        "{}",
        r#"{"a":{"token":"t","until":1,"scopes":["x"]},"hook":"run"}"#,
        r#"{"a":{"token":["t"],"until":1,"scopes":["x"]}}"#,
        r#"{"a":{"token":"t","until":1,"scopes":[{"run":"x"}]}}"#,
        r#"{"a":{"token":"t","until":1}}"#,
    ];
    let scene = Scene::new();
    let kept = scene.read("users/token");
    for text in forged {
        let mut private = scene.private(1);
        fs::write(Private::agents_own(private.directory()).join("token"), text).unwrap();
        private.sync();
        assert_eq!(scene.read("users/token"), kept, "{text}");
    }
}

#[test]
fn a_file_behind_a_link_stays_behind_it() {
    let scene = Scene::new();
    fs::rename(scene.path("users/token"), scene.path("token")).unwrap();
    symlink(scene.path("token"), scene.path("users/token")).unwrap();
    let mut private = scene.private(1);
    let new = r#"{"a":{"token":"new!","until":2,"scopes":["x"]}}"#;
    fs::write(Private::agents_own(private.directory()).join("token"), new).unwrap();
    private.sync();
    assert_eq!(scene.read("token"), new);
    assert!(scene.path("users/token").is_symlink());
}

#[test]
fn a_dead_engines_leftovers_are_removed_and_a_living_ones_kept() {
    let scene = Scene::new();
    let living = scene.private(1);
    let dead = scene.path("run/dead/1/agent");
    fs::create_dir_all(&dead).unwrap();
    symlink(scene.path("users"), dead.join("way-out")).unwrap();
    scene.write("run/dead.lock", "");
    let other = PrivateRoot::make(&scene.path("run")).unwrap();
    assert!(!scene.path("run/dead").exists() && !scene.path("run/dead.lock").exists());
    assert!(living.directory().exists());
    assert_eq!(scene.read("users/settings.json"), "settings");
    drop(other);
    drop(living);
}

#[test]
fn the_engines_files_are_read_and_not_written() {
    let scene = Scene::new();
    let mut private =
        Private::make(scene.root.as_ref().unwrap(), 1, Belongings::EngineFiles).unwrap();
    private.make_engine_dir().unwrap();
    private.add_engine_file("settings", b"ours", false).unwrap();
    private.add_engine_file("bin/hook", b"#!", true).unwrap();
    let engine_dir = private.engine_dir();
    let mode = |name: &str| {
        let metadata = fs::metadata(engine_dir.join(name)).unwrap();
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(mode("settings"), 0o400);
    assert_eq!(mode("bin/hook"), 0o500);
    assert_eq!(private.readable, std::slice::from_ref(&engine_dir));
    assert!(private.writable.is_empty(), "{:?}", private.writable);
    assert!(
        private
            .add_engine_file("settings", b"again", false)
            .is_err()
    );
    drop(private);
    assert!(!engine_dir.exists());
}

#[test]
fn an_agents_directory_may_be_in_the_one_that_its_variable_names() {
    let scene = Scene::new();
    let given = Row {
        name: "projects.json".to_owned(),
        kept: Kept::Given("ours".to_owned()),
    };
    let state = AgentFiles {
        below: Some(".agent"),
        rows: vec![given],
        ..scene.state()
    };
    let private = Private::make(
        scene.root.as_ref().unwrap(),
        1,
        Belongings::Jailed(Some(&state)),
    )
    .unwrap();
    let top = Private::agents_own(private.directory());
    let read = |name: &str| fs::read_to_string(top.join(".agent").join(name)).unwrap();
    assert_eq!(
        (read("projects.json"), read("settings.json")),
        ("ours".to_owned(), "settings".to_owned())
    );
    let mut environment = Vec::new();
    private.add_to(&mut environment);
    assert!(environment.contains(&("AGENT_DIR".into(), top.into())));
}

/// Whatever the agent is, and whatever the host said. What it told Java still holds.
#[test]
fn a_jailed_process_is_told_where_its_temporary_files_go() {
    let scene = Scene::new();
    let root = scene.root.as_ref().unwrap();
    let private = Private::make(root, 1, Belongings::Jailed(None)).unwrap();
    let place = Private::temporary(private.directory());
    assert_eq!(private.writable, std::slice::from_ref(&place));
    let hosts = [("TMP", "/tmp"), ("JAVA_TOOL_OPTIONS", "-Xmx1g"), ("A", "a")];
    let mut environment: Vec<_> = hosts
        .map(|(name, value)| (name.into(), value.into()))
        .into();
    private.add_to(&mut environment);
    let java = format!("-Xmx1g -Djava.io.tmpdir={}", place.display());
    let mut expected: Vec<(OsString, OsString)> = vec![
        ("A".into(), "a".into()),
        ("JAVA_TOOL_OPTIONS".into(), java.into()),
    ];
    for name in ["TMPDIR", "TMP", "TEMP", "TMUX_TMPDIR"] {
        expected.push((name.into(), place.clone().into()));
    }
    environment.sort();
    expected.sort();
    assert_eq!(environment, expected);
    let unjailed = Private::make(root, 2, Belongings::EngineFiles).unwrap();
    let mut environment = Vec::new();
    unjailed.add_to(&mut environment);
    assert_eq!(environment, []);
}
