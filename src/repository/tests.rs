//! What each repository has git start, seen with git itself: without what is told here, and with it.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::GitSetting;
use super::search::{MOST_FILES, READ_OF_DIRECTORY, READ_OF_REPOSITORY, held_off};
use super::settings::LONGEST;
use crate::scratch::Scratch;

mod others;
mod turns;

/// Open without opening what is there, on Linux.
const O_PATH: i32 = 0o10_000_000;

/// As the system does it.
fn hold(path: &Path) -> io::Result<(File, PathBuf)> {
    let mut options = File::options();
    let held = options.read(true).custom_flags(O_PATH).open(path)?;
    let itself = format!("/proc/self/fd/{}", held.as_raw_fd());
    Ok((held, PathBuf::from(itself)))
}

/// A repository with a file that looks changed, gone with the value.
struct Scene(Scratch);

impl Scene {
    fn new() -> Scene {
        let scene = Scene(Scratch::new());
        scene.repository("work");
        scene
    }

    fn work(&self) -> PathBuf {
        self.0.join("work")
    }

    fn repository(&self, at: &str) {
        self.write(&format!("{at}/a.txt"), "a\n");
        for arguments in [
            &["init", "-q", "."][..],
            &["add", "."],
            &["commit", "-qm", "x"],
        ] {
            self.must_git(at, arguments);
        }
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Adds to a file of settings; `@MARK@` is a command that leaves a mark.
    fn add(&self, path: &str, text: &str) {
        let mark = format!("touch {}", self.0.join("mark").display());
        let before = fs::read_to_string(self.0.join(path)).unwrap_or_default();
        self.write(path, &(before + &text.replace("@MARK@", &mark)));
    }

    fn git(&self, at: &str, arguments: &[&str], told: &[GitSetting]) -> Output {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=n", "-c", "user.email=e@example.org"])
            .args(arguments)
            .current_dir(self.0.join(at))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.0.join("home"))
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_CONFIG_COUNT", told.len().to_string());
        for (number, (key, value)) in told.iter().enumerate() {
            git.env(format!("GIT_CONFIG_KEY_{number}"), key);
            git.env(format!("GIT_CONFIG_VALUE_{number}"), value);
        }
        git.output().unwrap()
    }

    fn must_git(&self, at: &str, arguments: &[&str]) {
        let output = self.git(at, arguments, &[]);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }

    /// Takes an object away, which git would fetch if it is told from where.
    fn lose(&self, object: &str) {
        let output = self.git("work", &["rev-parse", object], &[]);
        let name = String::from_utf8(output.stdout).unwrap();
        let (directory, file) = name.trim().split_at(2);
        let objects = self.work().join(".git/objects");
        fs::remove_file(objects.join(directory).join(file)).unwrap();
    }

    fn held_off(&self) -> Result<Vec<GitSetting>, String> {
        held_off(&self.work(), Some(&self.0.join("home")), hold).0
    }

    /// Whether a program of the repository ran when git was asked as agents ask it.
    fn starts_something(&self, told: &[GitSetting]) -> bool {
        for path in ["work/a.txt", "work/sub/a.txt"] {
            let file = File::options().append(true).open(self.0.join(path));
            let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
            let _ = file.and_then(|file| file.set_modified(long_ago));
        }
        for arguments in [
            &["status", "--short"][..],
            &["log", "--oneline", "-n", "5"],
            &["diff"],
        ] {
            self.git("work", arguments, told);
        }
        fs::remove_file(self.0.join("mark")).is_ok()
    }
}

const CLEAN: &str = "[filter \"evil\"]\n\tclean = @MARK@; cat\n";

/// A submodule whose own settings name the filter.
fn lay_submodule(scene: &Scene) {
    scene.repository("work/sub");
    scene.must_git(
        "work",
        &["-c", "advice.addEmbeddedRepo=false", "add", "sub"],
    );
    scene.add(
        "work/sub/.git/config",
        "[filter \"other\"]\n\tclean = @MARK@; cat\n",
    );
    scene.write("work/sub/.git/info/attributes", "* filter=other\n");
}

/// An object is missing, and is fetched from there.
fn lay_partial(scene: &Scene, remote: &str) {
    scene.lose("HEAD^{tree}");
    scene.add(
        "work/.git/config",
        &format!("[remote \"far\"]\n\tpromisor = true\n{remote}\n"),
    );
}

type Lay = fn(&Scene);

const HOSTILE: [(&str, Lay); 16] = [
    ("clean", |scene| scene.add("work/.git/config", CLEAN)),
    ("process", |scene| {
        scene.add("work/.git/config", "[filter \"evil\"]\nprocess = @MARK@\n");
    }),
    ("in capitals, on a line of another section", |scene| {
        scene.add("work/.git/config", "[a][FILTER \"evil\"]CLEAN=@MARK@\n");
    }),
    ("included", |scene| {
        scene.add("work/more", CLEAN);
        scene.add("work/.git/config", "[include]\npath = ../more\n");
    }),
    ("included twice over, in quotes", |scene| {
        scene.add("work/and more", CLEAN);
        scene.add("work/.git/more", "[include]\npath = \"../and more\"\n");
        scene.add("work/.git/config", "[include]path=more\n");
    }),
    ("included from the home", |scene| {
        scene.add("home/more", CLEAN);
        scene.add("work/.git/config", "[include]\npath = ~/more\n");
    }),
    ("included on a condition", |scene| {
        scene.add("work/more", CLEAN);
        scene.add(
            "work/.git/config",
            "[includeIf \"gitdir:**\"]\npath = ../more\n",
        );
    }),
    ("settings of a worktree", |scene| {
        scene.must_git("work", &["config", "extensions.worktreeConfig", "true"]);
        scene.add("work/.git/config.worktree", CLEAN);
    }),
    ("settings behind a link", |scene| {
        scene.add("work/.git/config", CLEAN);
        fs::rename(scene.work().join(".git/config"), scene.work().join("other")).unwrap();
        std::os::unix::fs::symlink("../other", scene.work().join(".git/config")).unwrap();
    }),
    ("a directory elsewhere", |scene| {
        scene.add("work/.git/config", CLEAN);
        fs::rename(scene.work().join(".git"), scene.work().join("planted")).unwrap();
        scene.write("work/.git", "gitdir: planted\n");
    }),
    ("a worktree of a planted repository", |scene| {
        scene.must_git("work", &["worktree", "add", "-q", "../other"]);
        scene.add("work/.git/config", CLEAN);
        fs::rename(scene.work(), scene.0.join("main")).unwrap();
        fs::rename(scene.0.join("other"), scene.work()).unwrap();
        scene.write("work/.git", "gitdir: ../main/.git/worktrees/other\n");
        scene.write("main/.git/info/attributes", "* filter=evil\n");
    }),
    ("the directory itself is one of git's", |scene| {
        scene.add(
            "work/.git/config",
            &format!("[core]\nworktree = .\n{CLEAN}"),
        );
        for name in ["HEAD", "objects", "refs", "config", "index", "info"] {
            let from = scene.work().join(".git").join(name);
            fs::rename(from, scene.work().join(name)).unwrap();
        }
        fs::remove_dir_all(scene.work().join(".git")).unwrap();
        scene.must_git("work", &["config", "core.bare", "false"]);
    }),
    ("a submodule that nobody has named", lay_submodule),
    ("a submodule that is not to be ignored", |scene| {
        lay_submodule(scene);
        let text = "[submodule \"s\"]\npath = sub\nurl = ./sub\nignore = none\n";
        scene.write("work/.gitmodules", text);
    }),
    ("a program that is an address", |scene| {
        lay_partial(
            scene,
            "url = ext::sh -c @MARK@\n[protocol \"ext\"]\nallow = always",
        );
        let config = scene.work().join(".git/config");
        let text = fs::read_to_string(&config).unwrap();
        fs::write(config, text.replace("sh -c touch ", "touch ")).unwrap();
    }),
    ("programs for what is fetched", |scene| {
        lay_partial(
            scene,
            "url = ../work\nuploadpack = @MARK@;\n[core]\nsshCommand = @MARK@;\n\
             [remote \"ssh\"]\npromisor = true\nurl = ssh://nobody/x",
        );
    }),
];

#[test]
fn nothing_that_a_repository_names_is_started() {
    for (name, lay) in HOSTILE {
        let scene = Scene::new();
        scene.write("work/.git/info/attributes", "* filter=evil\n");
        lay(&scene);
        assert!(scene.starts_something(&[]), "{name}: it says nothing");
        let told = scene.held_off().unwrap();
        assert!(!scene.starts_something(&told), "{name}: {told:?}");
    }
}

/// So that nothing is different for the agent.
#[test]
fn an_ordinary_repository_is_told_nothing() {
    let scene = Scene::new();
    assert_eq!(scene.held_off(), Ok(Vec::new()));
    scene.write("work/symlink.txt", "a\n");
    scene.must_git("work", &["add", "symlink.txt"]);
    scene.write("work/.gitattributes", "* filter=lfs text=auto\n");
    scene.add(
        "home/.gitconfig",
        "[filter \"lfs\"]\nclean = cat\nrequired = true\n",
    );
    scene.add(
        "work/.git/config",
        "[remote \"origin\"]\nurl = https://example.org/x\nfetch = +refs/heads/*:refs/remotes/origin/*\n\
         [branch \"main\"]\nremote = origin\n[alias]\nst = !ls\n[core]\nhooksPath = .husky\n",
    );
    assert_eq!(scene.held_off(), Ok(Vec::new()));
}

/// A filter that is held off keeps nothing out, so nothing is written without it.
#[test]
fn what_a_filter_keeps_out_is_not_committed_by_an_agent_without_it() {
    let scene = Scene::new();
    scene.write("work/.git/info/attributes", "* filter=evil\n");
    scene.add(
        "work/.git/config",
        "[filter \"evil\"]\nclean = sed s/secret/x/\n",
    );
    scene.write("work/a.txt", "secret\n");
    let told = scene.held_off().unwrap();
    assert!(!scene.git("work", &["add", "a.txt"], &told).status.success());
    scene.must_git("work", &["add", "a.txt"]);
}

/// Something else in the place of a file or directory.
fn replace(scene: &Scene, path: &str, make: impl FnOnce(&Path)) {
    let path = scene.0.join(path);
    let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir_all(&path));
    make(&path);
}

fn fifo(scene: &Scene, path: &str) {
    replace(scene, path, |path| {
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    });
}

fn link(scene: &Scene, path: &str, target: &str) {
    replace(scene, path, |path| symlink(target, path).unwrap());
}

fn text(scene: &Scene, path: &str, text: &str) {
    replace(scene, path, |path| fs::write(path, text).unwrap());
}

/// Git does not wait for any of it, nor has it a repository then.
#[test]
fn what_is_no_repository_is_told_nothing_and_not_waited_for() {
    let long = |length: usize| format!("gitdir: {}", "x/".repeat(length / 2));
    type Case<'a> = (&'a str, &'a dyn Fn(&Scene));
    let cases: [Case<'_>; 11] = [
        ("ignored nothing", &|scene| {
            link(scene, "work/.gitignore", "/dev/null");
            link(scene, "work/.git/info/exclude", "/dev/null");
        }),
        ("a pipe", &|scene| fifo(scene, "work/.git")),
        ("a device", &|scene| link(scene, "work/.git", "/dev/zero")),
        ("200 KB that name a directory", &|scene| {
            text(scene, "work/.git", &long(200_000));
        }),
        ("200 KB of lines", &|scene| {
            text(scene, "work/.git", &"gitdir: x\n".repeat(20_000));
        }),
        ("a name with no end", &|scene| {
            text(scene, "work/.git", "gitdir:");
        }),
        ("a link to itself", &|scene| {
            link(scene, "work/.git", ".git")
        }),
        ("links in a circle", &|scene| {
            link(scene, "work/.git", "other");
            link(scene, "work/other", ".git");
        }),
        ("a file that names itself", &|scene| {
            text(scene, "work/.git", "gitdir: .git");
        }),
        ("a file that names a link to itself", &|scene| {
            link(scene, "work/round", "round");
            text(scene, "work/.git", "gitdir: round");
        }),
        ("a file that names a pipe", &|scene| {
            fifo(scene, "work/pipe");
            text(scene, "work/.git", "gitdir: pipe");
        }),
    ];
    for (name, lay) in cases {
        let scene = Scene::new();
        lay(&scene);
        assert_eq!(scene.held_off(), Ok(Vec::new()), "{name}");
    }
}

/// Lists of what to ignore, of attributes and of authors stand where settings say.
#[test]
fn nothing_that_git_would_wait_for_is_named_by_settings() {
    let settings = [
        "[core]\nexcludesFile = ../pipe\n",
        "[core]\n\tattributesfile=\"../pipe\"\n",
        "[mailmap]\nfile = ~/../pipe\n",
        "[include]\npath = ../more\n",
    ];
    for settings in settings {
        let scene = Scene::new();
        scene.write("home/more", "");
        scene.write("work/more", "[core]\nexcludesFile = pipe\n");
        scene.add("work/.git/config", settings);
        assert_eq!(scene.held_off(), Ok(Vec::new()), "{settings}");
        for path in ["pipe", "work/pipe"] {
            fifo(&scene, path);
        }
        let why = scene.held_off().unwrap_err();
        assert!(why.contains("pipe is no file"), "{settings}: {why}");
    }
}

#[test]
fn what_cannot_be_told_is_an_error() {
    type Case<'a> = (&'a str, &'a dyn Fn(&Scene));
    let cases: [Case<'_>; 8] = [
        ("is too long", &|scene| {
            text(scene, "work/.git", &"gitdir: x\n".repeat(200_000));
        }),
        ("is no file", &|scene| fifo(scene, "work/.git/commondir")),
        ("is no file", &|scene| {
            link(scene, "work/.gitmodules", "/dev/zero");
        }),
        ("is no file", &|scene| fifo(scene, "work/.git/config")),
        ("is no file", &|scene| {
            fifo(scene, "work/more");
            scene.add("work/.git/config", "[include]\npath = ../more\n");
        }),
        ("is too long", &|scene| {
            let file = File::create(scene.work().join(".git/config"));
            file.unwrap().set_len(LONGEST + 1).unwrap();
        }),
        ("includes ~root/x", &|scene| {
            scene.add("work/.git/config", "[include]\npath = ~root/x\n");
        }),
        ("are included", &|scene| {
            let more = (0..MOST_FILES).map(|number| format!("path = {number}\n"));
            let text = format!("[include]\n{}", more.collect::<String>());
            scene.add("work/.git/config", &text);
        }),
    ];
    for (expected, lay) in cases {
        let scene = Scene::new();
        lay(&scene);
        let why = scene.held_off().unwrap_err();
        assert!(why.contains(expected), "{expected}: {why}");
    }
}

/// A pipe has no other end here, so git would wait for ever; a device may have no end.
#[test]
fn nothing_that_git_would_wait_for_stands_where_it_reads() {
    let of_repository = READ_OF_REPOSITORY.map(|name| format!("work/.git/{name}"));
    let of_directory = READ_OF_DIRECTORY.map(|name| format!("work/{name}"));
    for path in of_repository.iter().chain(&of_directory) {
        for is_pipe in [true, false] {
            let scene = Scene::new();
            match is_pipe {
                true => fifo(&scene, path),
                false => link(&scene, path, "/dev/zero"),
            }
            let why = scene.held_off().unwrap_err();
            let name = scene.0.join(path).display().to_string();
            assert!(why.contains(&name) && why.contains("is no file"), "{why}");
        }
    }
}
