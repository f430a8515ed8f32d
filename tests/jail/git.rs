//! In the jail git works where its data stands elsewhere, and nothing else is opened by that.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::skipped::skip;
use crate::common::{Played, Stage, quoted};
use hotplex::{Engine, EventKind, Jail, NoticeCode, Request};

/// Repositories outside of everything that an agent may write otherwise.
struct Site(Stage);

impl Site {
    fn new() -> Option<Site> {
        let stage = Stage::out_of_reach()?;
        if Command::new("git").arg("--version").output().is_err() {
            skip("git is not installed");
            return None;
        }
        let site = Site(stage);
        for repository in ["main", "lib"] {
            let path = site.path(repository);
            fs::create_dir_all(&path).expect("a directory");
            site.git(&path, "init -q -b trunk");
            fs::write(path.join("f"), "1").expect("a file");
            site.git(&path, "add .");
            site.git(&path, "commit -qm one");
        }
        Some(site)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path(name)
    }

    /// Arguments as a shell reads them.
    fn git(&self, directory: &Path, arguments: &str) {
        let done = Command::new("sh")
            .arg("-c")
            .arg(format!("git -c protocol.file.allow=always {arguments}"))
            .current_dir(directory)
            .envs(names())
            .env("HOME", self.path(""))
            .output()
            .expect("a shell starts");
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "git {arguments}: {said}");
    }

    fn engine(&self, jail: Jail) -> Option<Engine> {
        let mut options = self.0.builder().options().clone();
        options.jail_roots.clear();
        options.jail = Some(jail);
        options.permission_mode = Some("bypassPermissions".to_owned());
        for (name, value) in names() {
            options.env.insert(name, Some(value));
        }
        match options.open() {
            Ok(engine) => Some(engine),
            Err(error) => {
                skip(error.message());
                None
            }
        }
    }

    fn run(&self, engine: &Engine, session: &str, work_dir: &Path, command: &str) -> Played {
        let request = Request::new(session, work_dir, format!("!bash {command}"));
        crate::common::finish(engine.execute(request).expect("it is accepted"))
    }
}

fn names() -> Vec<(String, String)> {
    let names = [
        "AUTHOR_NAME",
        "AUTHOR_EMAIL",
        "COMMITTER_NAME",
        "COMMITTER_EMAIL",
    ];
    let value = |name: &str| (format!("GIT_{name}"), "t@example.com".to_owned());
    names.into_iter().map(value).collect()
}

fn outcome(played: &Played) -> (bool, String) {
    let result = played.kinds().find_map(|kind| match kind {
        EventKind::ToolResult(result) => Some((!result.is_error, result.text.clone())),
        _ => None,
    });
    result.unwrap_or_else(|| panic!("no result of a tool: {played:?}"))
}

fn refusal(played: &Played) -> Option<String> {
    played.kinds().find_map(|kind| match kind {
        EventKind::Notice(notice) if notice.code == NoticeCode::GitNotOpened => {
            Some(notice.text.clone())
        }
        _ => None,
    })
}

/// Where git's data stands elsewhere, made by git itself.
fn linked(site: &Site) -> Vec<(&'static str, PathBuf)> {
    let (main, bare) = (site.path("main"), site.path("bare.git"));
    site.git(
        &main,
        &format!("worktree add -q {} -b side", quoted(site.path("tree"))),
    );
    site.git(
        &main,
        &format!("submodule add -q {} sub", quoted(site.path("lib"))),
    );
    site.git(&main, "commit -qm sub");
    site.git(
        &main,
        "submodule foreach -q git worktree add -q ../../subtree -b other",
    );
    site.git(&site.path(""), "clone -q --bare lib bare.git");
    site.git(
        &bare,
        &format!(
            "worktree add -q {} -b of-bare",
            quoted(site.path("baretree"))
        ),
    );
    vec![
        ("worktree", site.path("tree")),
        ("submodule", main.join("sub")),
        ("worktree of a submodule", site.path("subtree")),
        ("worktree of a bare repository", site.path("baretree")),
    ]
}

#[test]
fn a_worktree_and_a_submodule_take_commits() {
    let Some(site) = Site::new() else { return };
    let directories = linked(&site);
    for jail in [Jail::Write, Jail::Strict] {
        let Some(engine) = site.engine(jail) else {
            return;
        };
        for (name, work_dir) in &directories {
            let commit = "echo x >> f && git add f && git commit -qm mine && git log --format=%s -n 1 \
                 && git stash list && git status --short";
            let (well, said) = outcome(&site.run(&engine, name, work_dir, commit));
            assert!(well && said.trim() == "mine", "{jail:?} {name}: {said}");
            let sessions = engine.sessions().expect("a list");
            let own = sessions.iter().find(|session| session.session_id == *name);
            let dirs = &own.expect("it is in the pool").git_dirs;
            assert!(!dirs.is_empty(), "{jail:?} {name}");
            for dir in dirs {
                assert!(
                    dir.is_dir() && !dir.starts_with(work_dir),
                    "{name}: {}",
                    dir.display()
                );
            }
        }
    }
}

#[test]
fn a_shared_repository_keeps_its_settings_hooks_and_other_worktrees() {
    let Some(site) = Site::new() else { return };
    let directories = linked(&site);
    let (_, tree) = &directories[0];
    let Some(engine) = site.engine(Jail::Write) else {
        return;
    };
    let common = site.path("main/.git");
    let before = fs::read(common.join("config")).expect("settings");
    for forbidden in [
        "config",
        "hooks/pre-commit",
        "HEAD",
        "index",
        "info/attributes",
        "worktrees/new",
        "new",
    ] {
        let path = common.join(forbidden);
        let command = format!("echo x >> {}", quoted(&path));
        let (well, said) = outcome(&site.run(&engine, "s", tree, &command));
        assert!(!well && said.contains("denied"), "{forbidden}: {said}");
    }
    for moved in ["refs", "objects", "hooks", "worktrees/tree"] {
        let path = quoted(common.join(moved));
        let (well, said) = outcome(&site.run(&engine, "s", tree, &format!("mv {path} {path}2")));
        assert!(!well, "{moved}: {said}");
    }
    assert_eq!(fs::read(common.join("config")).expect("settings"), before);
    assert!(!common.join("hooks/pre-commit").exists());
}

/// The start is told why, or nothing is opened, and it never waits.
#[test]
fn what_stands_in_the_place_of_a_git_file_is_not_waited_for() {
    let Some(site) = Site::new() else { return };
    let Some(engine) = site.engine(Jail::Write) else {
        return;
    };
    let make_pipe = |path: &Path| {
        let made = Command::new("mkfifo").arg(path).status();
        assert!(made.expect("mkfifo starts").success());
    };
    type Case<'a> = (&'a str, Option<&'a str>, &'a dyn Fn(&Path));
    let cases: [Case<'_>; 7] = [
        ("text", Some("names no directory"), &|path| {
            fs::write(path, format!("gitdir: {}", "x/".repeat(100_000))).expect("a file");
        }),
        ("lines", Some("names no directory"), &|path| {
            fs::write(path, "gitdir: x\n".repeat(20_000)).expect("a file");
        }),
        ("itself", Some("is a symbolic link"), &|path| {
            symlink(".git", path).expect("a link");
        }),
        ("circle", Some("is a symbolic link"), &|path| {
            symlink("other", path).expect("a link");
            symlink(".git", path.with_file_name("other")).expect("a link");
        }),
        ("device", Some("is a symbolic link"), &|path| {
            symlink("/dev/zero", path).expect("a link");
        }),
        ("pipe", None, &make_pipe),
        ("named-pipe", Some("Not a directory"), &|path| {
            make_pipe(&path.with_file_name("pipe"));
            fs::write(path, "gitdir: pipe").expect("a file");
        }),
    ];
    for (name, expected, lay) in cases {
        let work_dir = site.path(name);
        fs::create_dir_all(&work_dir).expect("a directory");
        lay(&work_dir.join(".git"));
        let played = site.run(&engine, name, &work_dir, "true");
        played.assert_completed();
        let told = refusal(&played);
        let is_as_expected = match expected {
            Some(expected) => told.as_deref().is_some_and(|told| told.contains(expected)),
            None => told.is_none(),
        };
        assert!(is_as_expected, "{name}: {told:?}");
        let sessions = engine.sessions().expect("a list");
        assert!(sessions.iter().all(|session| session.git_dirs.is_empty()));
    }
}

/// What an agent may put in the place of its `.git`, and what may have come with a project.
#[test]
fn a_file_that_names_anything_else_opens_nothing() {
    let Some(site) = Site::new() else { return };
    linked(&site);
    let outside = site.path("outside");
    fs::create_dir_all(outside.join("objects")).expect("a directory");
    let Some(engine) = site.engine(Jail::Write) else {
        return;
    };
    let named = |path: &Path| format!("gitdir: {}\n", path.display());
    // A directory of the agent's that claims to be a worktree of another repository.
    let forged = site.path("forged");
    let pointer = site.path("forged/d");
    fs::create_dir_all(&pointer).expect("a directory");
    fs::write(pointer.join("HEAD"), "ref: refs/heads/trunk\n").expect("a file");
    fs::write(pointer.join("gitdir"), named(&forged)).expect("a file");
    fs::write(
        pointer.join("gitdir"),
        format!("{}/.git\n", forged.display()),
    )
    .expect("a file");
    fs::write(
        pointer.join("commondir"),
        site.path("lib/.git").display().to_string(),
    )
    .expect("a file");
    let cases = [
        ("another's repository", named(&site.path("lib/.git"))),
        (
            "another's worktree",
            named(&site.path("main/.git/worktrees/tree")),
        ),
        (
            "another's submodule",
            named(&site.path("main/.git/modules/sub")),
        ),
        ("no repository", named(&outside)),
        ("the root", named(Path::new("/"))),
        ("settings of the system", named(Path::new("/etc"))),
        ("keys", named(&site.0.home().join(".ssh"))),
        ("a way up", "gitdir: ../lib/.git\n".to_owned()),
        ("a forged pointer", named(&pointer)),
        ("nothing", "gitdir:\n".to_owned()),
        ("noise", "x".repeat(100_000)),
    ];
    for (name, content) in cases {
        let work_dir = match name {
            "a forged pointer" => forged.clone(),
            name => site.path(&name.replace([' ', '\''], "-")),
        };
        fs::create_dir_all(&work_dir).expect("a directory");
        fs::write(work_dir.join(".git"), content).expect("a file");
        let attack = format!(
            "for d in {} {} {}; do echo x > \"$d/planted\"; done; true",
            quoted(site.path("lib/.git/objects")),
            quoted(site.path("main/.git/modules/sub")),
            quoted(&outside)
        );
        let played = site.run(&engine, name, &work_dir, &attack);
        assert!(refusal(&played).is_some(), "{name}: {played:?}");
        let sessions = engine.sessions().expect("a list");
        let own = sessions.iter().find(|session| session.session_id == name);
        assert!(
            own.expect("it is in the pool").git_dirs.is_empty(),
            "{name}"
        );
    }
    let link = site.path("link");
    fs::create_dir_all(&link).expect("a directory");
    symlink(site.path("lib/.git"), link.join(".git")).expect("a link");
    let played = site.run(&engine, "link", &link, "true");
    assert!(refusal(&played).is_some_and(|text| text.contains("link")));
    for place in ["lib/.git/objects", "main/.git/modules/sub", "outside"] {
        assert!(!site.path(place).join("planted").exists(), "{place}");
    }
}
