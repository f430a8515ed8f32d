//! A jailed agent, and whatever it starts, reaches what it needs for its work and nothing else.
//!
//! Every command is run as Claude Code runs its tools: by a shell in a session of its own.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};

use crate::common::skipped::skip;
use crate::common::{Played, Stage, session};
use hotplex::{Engine, EngineBuilder, EventKind, GuardConfig, InheritEnv, Jail, Request, WarmUp};

/// A stage with something outside of the jail that must stay as it is.
pub(super) struct Site {
    pub(super) stage: Stage,
    outside: PathBuf,
}

impl Site {
    /// `None`, and said, where nothing is outside.
    pub(super) fn new() -> Option<Site> {
        let stage = Stage::out_of_reach()?;
        let outside = stage.path("outside");
        for directory in ["outside/empty", "home/.ssh", "home/.aws", "work"] {
            fs::create_dir_all(stage.path(directory)).expect("a directory");
        }
        for file in ["outside/kept", "home/.ssh/key", "home/.aws/key"] {
            fs::write(stage.path(file), "kept").expect("a file");
        }
        fs::write(stage.home().join(".profile"), "kept").expect("a file");
        Some(Site { stage, outside })
    }

    /// An engine to be, with no more room than every engine gives. Its guard sleeps, so that the
    /// jail has to hold by itself.
    pub(super) fn builder(&self) -> EngineBuilder {
        let mut options = self.stage.builder().options().clone();
        options.jail_roots.clear();
        EngineBuilder::from(options)
            .permission_mode("bypassPermissions")
            // Directories that the developer's variables name are no part of what is tried.
            .inherit_env(InheritEnv::Named(vec!["PATH".to_owned()]))
            // What the guard would stop before it ran would tell nothing of the jail.
            .guard(GuardConfig {
                enabled: false,
                ..GuardConfig::default()
            })
            .env("OUTSIDE", self.outside.display().to_string())
            .env("HOST", std::process::id().to_string())
    }

    pub(super) fn engine(&self, jail: Jail) -> Engine {
        self.builder().jail(jail).open().expect("a jail")
    }

    /// Runs a command; whether it went well, and what it said.
    pub(super) fn run(&self, engine: &Engine, command: &str) -> (bool, String) {
        outcome(&self.stage.play(engine, "a", &format!("!bash {command}")))
    }

    fn assert_untouched(&self, after: &str) {
        let mut found: Vec<_> = fs::read_dir(&self.outside)
            .expect("it is there")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        found.sort();
        assert_eq!(found, ["empty", "kept"], "after {after}");
        for file in ["outside/kept", "home/.profile", "home/.ssh/key"] {
            let content = fs::read_to_string(self.stage.path(file));
            assert_eq!(content.expect("it is there"), "kept", "after {after}");
        }
        let links = fs::metadata(self.outside.join("kept")).expect("a file");
        assert_eq!(links.nlink(), 1, "after {after}");
    }
}

fn outcome(played: &Played) -> (bool, String) {
    let result = played.kinds().find_map(|kind| match kind {
        EventKind::ToolResult(result) => Some((!result.is_error, result.text.clone())),
        _ => None,
    });
    result.unwrap_or_else(|| panic!("no result of a tool: {played:?}"))
}

/// Says so where the tests cannot be held.
pub(super) fn kernel_cannot() -> bool {
    let opened = Stage::new().builder().jail(Jail::Write).open();
    match opened {
        Ok(_) => false,
        Err(error) => {
            skip(error.message());
            true
        }
    }
}

/// What no jailed agent can do.
const OUTWARD: [&str; 31] = [
    r#"echo x > "$OUTSIDE/new""#,
    r#"echo x >> "$OUTSIDE/kept""#,
    r#": > "$OUTSIDE/kept""#,
    r#"truncate -s 0 "$OUTSIDE/kept""#,
    r#"rm -f "$OUTSIDE/kept""#,
    r#"rmdir "$OUTSIDE/empty""#,
    r#"mkdir "$OUTSIDE/new""#,
    r#"ln -s x "$OUTSIDE/new""#,
    r#"mkfifo "$OUTSIDE/new""#,
    r#"mv "$OUTSIDE/kept" taken"#,
    r#"mv "$OUTSIDE/kept" "$OUTSIDE/new""#,
    r#"touch made && mv made "$OUTSIDE/new""#,
    r#"ln "$OUTSIDE/kept" linked"#,
    r#"touch made && ln made "$OUTSIDE/new""#,
    r#"ln -sfn "$OUTSIDE" way && echo x > way/new"#,
    r#"ln -sf "$OUTSIDE/kept" way-in && echo x > way-in"#,
    r#"ln -sfn "$OUTSIDE" way && rm way/kept"#,
    "cd ../outside && echo x > new",
    r#"sh -c 'sh -c "echo x > \"\$OUTSIDE/new\""'"#,
    r#"setsid -w sh -c 'echo x > "$OUTSIDE/new"'"#,
    r#"env -i O="$OUTSIDE" sh -c 'echo x > "$O/new"'"#,
    r#"echo x > "$HOME/.profile""#,
    r#"echo x > "$HOME/.ssh/key""#,
    r#"mkdir "$HOME/new""#,
    // What stands there under a name that a program expects is run, obeyed or spoken to.
    "f=/tmp/hotplex-jail-$$ && echo x > $f && rm $f",
    "f=/var/tmp/hotplex-jail-$$ && mkdir $f && rmdir $f",
    "TMPDIR=/tmp && f=$(mktemp) && rm $f",
    // A device of one's own would lead to a disk, for who is root.
    "mknod disk b 1 0",
    // Nor does the way lead over another process.
    "kill -0 $HOST",
    "readlink /proc/$HOST/exe",
    r#"echo x > "/proc/$HOST/root/$OUTSIDE/new""#,
];

/// Otherwise the next test would prove nothing.
#[test]
fn without_a_jail_all_of_it_works() {
    let is_root = fs::metadata("/proc/self").expect("/proc").uid() == 0;
    for command in OUTWARD {
        if is_root || !command.starts_with("mknod") {
            let Some(site) = Site::new() else { return };
            let (succeeded, said) = site.run(&site.engine(Jail::Off), command);
            assert!(succeeded, "{command}: {said}");
        }
    }
}

#[test]
fn nothing_outside_is_written_moved_linked_or_removed() {
    if kernel_cannot() {
        return;
    }
    let Some(site) = Site::new() else { return };
    for jail in [Jail::Write, Jail::Strict] {
        let engine = site.engine(jail);
        site.stage.echo(&engine, "a", "hello");
        let listed = session(&engine, "a").expect("it is there").jail;
        // Not every kernel that has jails holds signals back.
        let held = |command: &&str| listed.contains("signals") || !command.starts_with("kill");
        for command in OUTWARD.into_iter().filter(held) {
            let (succeeded, said) = site.run(&engine, command);
            assert!(!succeeded, "{jail:?} let it: {command}: {said}");
            site.assert_untouched(command);
        }
    }
}

#[test]
fn what_work_needs_can_be_had() {
    if kernel_cannot() {
        return;
    }
    let Some(site) = Site::new() else { return };
    let commands = [
        "echo x > file && mkdir -p a/b && mv file a/b/ && rm -r a",
        "echo x > file && ln file other && ln -s file third && rm file other third",
        r#"file=$(mktemp) && mv "$file" here && mv here "$file" && rm "$file""#,
        r#"test "$TMPDIR" = "$TMP" && test "$TMPDIR" = "$TEMP" && test "$TMPDIR" = "$TMUX_TMPDIR""#,
        r#"case $JAVA_TOOL_OPTIONS in *"-Djava.io.tmpdir=$TMPDIR"*) ;; *) false ;; esac"#,
        r#"echo x > "$CLAUDE_CONFIG_DIR/tasks/new" && rm "$CLAUDE_CONFIG_DIR/tasks/new""#,
        r#"cd "$CLAUDE_CONFIG_DIR"/projects/*/ && echo x > new"#,
        r#"echo x > "$CLAUDE_CONFIG_DIR/.claude.json""#,
        r#"test -O "$TMPDIR" && test $(stat -c %a "$TMPDIR") = 700 && echo x > "$TMPDIR/file""#,
        r#"mkdir -p "$XDG_CACHE_HOME/tool" && echo x > "$XDG_CACHE_HOME/tool/file""#,
        "echo x > /dev/null && head -c 4 /dev/urandom > /dev/null",
        "echo x > /dev/shm/$$ && rm /dev/shm/$$",
        "mkfifo pipe && (echo x > pipe &) && cat pipe && rm pipe",
        "sleep 100 & kill $!",
        "sh -c 'exit 0' | cat",
        "cat /etc/passwd /proc/self/status /proc/cpuinfo > /dev/null && ls / /usr > /dev/null || ls /usr",
        "cp /bin/true mine && ./mine",
    ];
    for jail in [Jail::Write, Jail::Strict] {
        let engine = site.engine(jail);
        for command in commands {
            let (succeeded, said) = site.run(&engine, command);
            assert!(succeeded, "{jail:?} refused: {command}: {said}");
        }
    }
    let engine = site.engine(Jail::Write);
    let (succeeded, said) = site.run(&engine, r#"cat "$OUTSIDE/kept" "$HOME/.ssh/key""#);
    assert!(
        succeeded && said == "keptkept",
        "it restricts writing alone: {said}"
    );
}

#[test]
fn strictly_no_secret_and_no_strangers_file_is_read() {
    if kernel_cannot() {
        return;
    }
    let Some(site) = Site::new() else { return };
    fs::write(site.stage.work_dir().join("mine"), "mine").expect("a file");
    let engine = site.engine(Jail::Strict);
    let secrets = [
        r#"cat "$HOME/.ssh/key""#,
        r#"cat "$HOME/.aws/key""#,
        r#"ls "$HOME""#,
        r#"ls "$HOME/.ssh""#,
        r#"cat "$OUTSIDE/kept""#,
        "cat ../outside/kept",
        r#"ln -sf "$HOME/.ssh/key" key && cat key"#,
        r#"cp "$HOME/.ssh/key" copied"#,
        "ls /root",
        "ls /home",
        "cat /etc/shadow",
        "head -c 1 /dev/kmsg",
    ];
    for command in secrets {
        let (succeeded, said) = site.run(&engine, command);
        assert!(!succeeded, "read: {command}: {said}");
    }
    let (succeeded, said) = site.run(&engine, "cat mine /etc/passwd");
    assert!(succeeded && said.starts_with("mine"), "{said}");
}

/// What Claude Code without a jail obeys, wherever a jailed one finds it.
const OBEYED: [&str; 13] = [
    r#"echo x > "$HOME/.claude/settings.json""#,
    r#"echo x > "$HOME/.claude/settings.local.json""#,
    r#"echo x > "$HOME/.claude/CLAUDE.md""#,
    r#"echo x > "$HOME/.claude/.claude.json""#,
    r#"echo x > "$HOME/.claude.json""#,
    r#"echo x > "$HOME/.claude/hooks/hook""#,
    r#"mkdir -p "$HOME/.claude/agents/new""#,
    r#"mkdir -p "$HOME/.claude/skills/new""#,
    r#"echo x > "$HOME/.claude/shell-snapshots/new""#,
    r#"echo x > "$CLAUDE_CONFIG_DIR/settings.json""#,
    r#"echo x > "$CLAUDE_CONFIG_DIR/hooks/hook""#,
    r#"rm -rf "$CLAUDE_CONFIG_DIR/settings.json""#,
    r#"mkdir -p "$HOME/.local/share/claude/versions/new""#,
];

#[test]
fn nothing_that_an_agent_without_a_jail_obeys_is_written() {
    if kernel_cannot() {
        return;
    }
    let Some(site) = Site::new() else { return };
    let home = site.stage.home();
    for directory in ["hooks", "agents", "skills", "shell-snapshots"] {
        fs::create_dir_all(home.join(".claude").join(directory)).expect("a directory");
    }
    for file in [
        ".claude/settings.json",
        ".claude/hooks/hook",
        ".claude.json",
    ] {
        fs::write(home.join(file), "kept").expect("a file");
    }
    for jail in [Jail::Write, Jail::Strict] {
        let engine = site.engine(jail);
        for command in OBEYED {
            let (succeeded, said) = site.run(&engine, command);
            assert!(!succeeded, "{jail:?} let it: {command}: {said}");
        }
        for file in ["settings.json", "hooks/hook", ".claude.json"] {
            let command = format!(r#"cat "$CLAUDE_CONFIG_DIR/{file}""#);
            let (succeeded, said) = site.run(&engine, &command);
            assert!(succeeded && said == "kept", "{jail:?}: {file}: {said}");
        }
    }
}

/// What one session has to itself ends with its process, and no other session reaches it.
#[test]
fn a_session_has_its_own_temporary_files_and_its_own_agents_directory() {
    if kernel_cannot() {
        return;
    }
    let Some(site) = Site::new() else { return };
    let engine = site.engine(Jail::Write);
    let run = |session: &str, command: &str| {
        outcome(
            &site
                .stage
                .play(&engine, session, &format!("!bash {command}")),
        )
    };
    let place = |session, variable| {
        let command = format!(r#"echo x > "$TMPDIR/mine" && printf %s "${variable}""#);
        run(session, &command).1
    };
    for variable in ["TMPDIR", "CLAUDE_CONFIG_DIR"] {
        let of_a = place("a", variable);
        assert_ne!(of_a, place("b", variable));
        for command in [
            format!("echo x > '{of_a}/new'"),
            format!("rm '{of_a}/mine'"),
            format!("mkdir '{of_a}/tasks/new'"),
        ] {
            let (succeeded, said) = run("b", &command);
            assert!(!succeeded, "{command}: {said}");
        }
    }
    let places = ["TMPDIR", "CLAUDE_CONFIG_DIR"].map(|variable| place("a", variable));
    engine.close(crate::common::PATIENCE).expect("it ends");
    for place in places {
        assert!(!Path::new(&place).exists(), "{place} is left");
    }
}

/// Turns end faster than it is looked: the last one counts all the same.
#[test]
fn a_token_that_an_agent_refreshed_reaches_the_user_while_the_agent_runs() {
    if kernel_cannot() {
        return;
    }
    let Some(site) = Site::new() else { return };
    let users = site.stage.home().join(".claude/.credentials.json");
    fs::create_dir_all(site.stage.home().join(".claude")).expect("a directory");
    let token = |number: u32| format!(r#"{{"a":{{"token":"t{number}","until":{number}}}}}"#);
    fs::write(&users, token(0)).expect("a file");
    let engine = site.engine(Jail::Write);
    for number in 1..=20 {
        let new = token(number);
        let command = format!("printf %s '{new}' > \"$CLAUDE_CONFIG_DIR/.credentials.json\"");
        let (succeeded, said) = site.run(&engine, &command);
        assert!(succeeded, "{said}");
    }
    let is_taken = || fs::read_to_string(&users).expect("it is there") == token(20);
    assert!(crate::common::until(crate::common::PATIENCE, is_taken));
    engine.close(crate::common::PATIENCE).expect("it ends");
}

#[test]
fn roots_are_added_and_off_is_off() {
    let Some(site) = Site::new() else { return };
    let write = r#"echo x > "$OUTSIDE/new" && rm "$OUTSIDE/new""#;
    let off = site.engine(Jail::Off);
    assert!(site.run(&off, write).0);
    assert_eq!(session(&off, "a").expect("it is there").jail, "off");
    // A session is used by one engine at a time.
    drop(off);
    if kernel_cannot() {
        return;
    }
    for jail in [Jail::Write, Jail::Strict] {
        let wider = site.builder().jail(jail).jail_roots([&site.outside]);
        let engine = wider.open().expect("an engine");
        let (succeeded, said) = site.run(&engine, &format!(r#"cat "$OUTSIDE/kept" && {write}"#));
        assert!(succeeded, "{jail:?}: {said}");
    }
}

#[test]
fn by_default_there_is_one_and_its_strength_is_listed() {
    if kernel_cannot() {
        return;
    }
    let Some(site) = Site::new() else { return };
    let engine = site.builder().open().expect("an engine");
    assert!(!site.run(&engine, r#"echo x > "$OUTSIDE/new""#).0);
    let listed = session(&engine, "a").expect("it is there").jail;
    assert!(listed.starts_with("write (landlock "), "{listed}");
    assert!(listed.contains("truncation"), "{listed}");
}

/// A root that is not there when the engine opens, and one that is gone when an agent starts.
#[test]
fn a_root_that_is_missing_is_an_error_that_names_it() {
    if kernel_cannot() {
        return;
    }
    let Some(site) = Site::new() else { return };
    let missing = site.stage.path("never-there");
    let opened = site.builder().jail_roots([&missing]).open();
    let error = opened.expect_err("it is missing");
    assert!(error.message().contains("never-there"), "{error}");
    let root = site.stage.path("soon-gone");
    fs::create_dir(&root).expect("a directory");
    let engine = site
        .builder()
        .jail_roots([&root])
        .open()
        .expect("an engine");
    fs::remove_dir(&root).expect("it is ours");
    let played = site.stage.play(&engine, "a", "hello");
    played.assert_outcome(hotplex::Outcome::Failed);
    assert!(played.error().contains("soon-gone"), "{played:?}");
}

#[test]
fn spares_are_in_the_jail_of_their_work_dir() {
    if kernel_cannot() {
        return;
    }
    let Some(site) = Site::new() else { return };
    let engine = site.builder().open().expect("an engine");
    let spare = WarmUp::new(site.stage.work_dir());
    engine.prewarm(&spare, 1).expect("a spare");
    assert!(!site.run(&engine, r#"echo x > "$OUTSIDE/new""#).0);
    assert!(site.run(&engine, "echo x > inside").0);
    assert_eq!(engine.info().expect("figures").spare_hits, 1);
}

#[test]
fn the_host_keeps_what_it_had() {
    let Some(site) = Site::new() else { return };
    let engine = site.builder().jail(Jail::Off).open().expect("an engine");
    drop(engine);
    let engine = site.builder().open().expect("an engine");
    for session in ["a", "b", "c"] {
        site.stage.echo(&engine, session, "hello");
    }
    fs::write(site.outside.join("new"), "x").expect("the host is in no jail");
    for thread in fs::read_dir("/proc/self/task").expect("threads").flatten() {
        // One that ends meanwhile has nothing left to lose.
        let status = fs::read_to_string(thread.path().join("status")).unwrap_or_default();
        assert!(!status.contains("NoNewPrivs:\t1"), "{status}");
    }
}

#[test]
fn the_root_homes_and_what_is_above_them_are_no_work_dirs() {
    let Some(site) = Site::new() else { return };
    let engine = site.builder().jail(Jail::Off).open().expect("an engine");
    let home = site.stage.home();
    let link = site.stage.path("link");
    symlink(&home, &link).expect("a link");
    let [home, link] = [home, link].map(|path| path.display().to_string());
    let refused = [
        ("/".to_owned(), "root of the file system"),
        ("//.//".to_owned(), "root of the file system"),
        ("/usr/..".to_owned(), "root of the file system"),
        ("/home".to_owned(), "below it"),
        ("/home/somebody".to_owned(), "a home directory"),
        ("/root".to_owned(), "a home directory"),
        ("/never/there/../../root/".to_owned(), "a home directory"),
        (home.clone(), "a home directory"),
        (format!("{home}/not-there/.."), "a home directory"),
        (format!("{home}/.."), "below it"),
        (link.clone(), &home),
        (format!("{link}/."), &home),
    ];
    for (work_dir, reason) in &refused {
        let turn = engine.execute(Request::new("a", work_dir, "hello"));
        let error = turn.expect_err(work_dir);
        assert_eq!(error.kind(), hotplex::ErrorKind::InvalidArgument);
        assert!(error.message().contains(reason), "{work_dir}: {error}");
        let spare = engine.prewarm(&WarmUp::new(work_dir), 1);
        assert!(spare.is_err(), "{work_dir}");
    }
    for work_dir in [format!("{home}/project"), format!("{link}/other")] {
        let turn = engine.execute(Request::new(&work_dir, &work_dir, "hello"));
        crate::common::finish(turn.expect("accepted")).assert_completed();
    }
}

/// A directory that was fine when the turn was accepted, and is another when the agent starts.
#[test]
fn a_work_dir_that_turns_into_a_home_is_not_worked_in() {
    let Some(site) = Site::new() else { return };
    let engine = site.builder().max_processes(1).open().expect("an engine");
    let mut busy = site
        .stage
        .execute(&engine, "a", "!text there\n!sleep 60000");
    crate::common::await_answer(&mut busy, "there");
    let place = site.stage.path("place");
    fs::create_dir(&place).expect("a directory");
    let waiting = engine.execute(Request::new("b", &place, "hello"));
    let waiting = waiting.expect("it is a fine directory");
    fs::remove_dir(&place).expect("it is ours");
    symlink(site.stage.home(), &place).expect("a link");
    busy.cancel();
    let played = crate::common::finish(waiting);
    played.assert_outcome(hotplex::Outcome::Failed);
    assert!(played.error().contains("home directory"), "{played:?}");
}
