//! Ways by which programs of the same user reach each other beside files of a project: which of them a
//! jail closes, and which it leaves open. `docs/jail.md` has the same rows; what is open there and closed
//! here, or the other way round, fails.

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::Path;

use hotplex::Jail;

use crate::common::session;
use crate::files::{Site, kernel_cannot};

/// What an unjailed program later runs or obeys, or is spoken to by.
const CLOSED: [(&str, &str); 16] = [
    (
        "units of systemd",
        r#"echo x > "$HOME/.config/systemd/user/x.service""#,
    ),
    (
        "units of systemd",
        r#"echo x > "$HOME/.local/share/systemd/user/x.service""#,
    ),
    (
        "units of systemd",
        r#"echo x > "$XDG_RUNTIME_DIR/systemd/user/x.service""#,
    ),
    (
        "started at the login",
        r#"echo x > "$HOME/.config/autostart/x.desktop""#,
    ),
    (
        "started at the login",
        r#"echo x > "$HOME/.pam_environment""#,
    ),
    (
        "started at the login",
        r#"mkdir -p "$HOME/.config/environment.d""#,
    ),
    (
        "programs in the search path",
        r#"echo x > "$HOME/.local/bin/x""#,
    ),
    (
        "programs of the desktop",
        r#"echo x > "$HOME/.local/share/applications/x.desktop""#,
    ),
    (
        "programs of the desktop",
        r#"mkdir -p "$HOME/.local/share/dbus-1/services""#,
    ),
    ("the runtime directory", r#"echo x > "$XDG_RUNTIME_DIR/x""#),
    ("the runtime directory", r#"rm -f "$XDG_RUNTIME_DIR/kept""#),
    (
        "schedules",
        "f=/var/spool/cron/crontabs/hotplex-$$ && echo x > $f && rm $f",
    ),
    (
        "locks of the system",
        "f=/var/lock/hotplex-$$ && echo x > $f && rm $f",
    ),
    (
        "memory of other processes",
        "dd if=/proc/$HOST/mem bs=1 count=1",
    ),
    ("memory of other processes", "cat /proc/$HOST/environ"),
    ("memory of other processes", "readlink /proc/$HOST/fd/1"),
];

/// Connects to the name in the directory: of a path, a socket's address holds 107 bytes.
const CONNECT: &str = "import os, socket, sys; os.chdir(sys.argv[1]); \
    socket.socket(socket.AF_UNIX).connect(sys.argv[2].replace('@', chr(0)))";

#[test]
fn what_others_run_or_obey_is_closed() {
    let Some((site, _listener)) = laid() else {
        return;
    };
    let is_root = fs::metadata("/proc/self").expect("/proc").uid() == 0;
    for jail in [Jail::Write, Jail::Strict] {
        let engine = site
            .builder()
            .jail(jail)
            .env("XDG_RUNTIME_DIR", runtime(&site))
            .open();
        let engine = engine.expect("a jail");
        // Linux lets root look, which `docs/safety.md` says.
        let is_asked = |command: &str| !is_root || !command.contains("environ");
        for (what, command) in CLOSED.into_iter().filter(|(_, command)| is_asked(command)) {
            let (succeeded, said) = site.run(&engine, command);
            assert!(!succeeded, "{jail:?} opens {what}: {command}: {said}");
        }
    }
}

/// Landlock knows no rule for them. Whoever needs them closed puts a container around.
#[test]
fn sockets_that_are_files_and_shared_memory_are_open() {
    let Some((site, _listener)) = laid() else {
        return;
    };
    let engine = site.engine(Jail::Write);
    for command in [
        format!("python3 -c \"{CONNECT}\" '{}' socket", runtime(&site)),
        "f=/dev/shm/hotplex-$$ && echo x > $f && rm $f".to_owned(),
        "python3 -c 'import multiprocessing as m; m.Lock(); m.Value(\"i\")'".to_owned(),
    ] {
        let (succeeded, said) = site.run(&engine, &command);
        assert!(succeeded, "{command}: {said}");
    }
}

/// From Linux 6.12 on.
#[test]
fn sockets_without_a_file_are_closed() {
    let Some((site, _listener)) = laid() else {
        return;
    };
    let name = format!("hotplex-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).expect("a name");
    let _abstract = UnixListener::bind_addr(&address).expect("a socket");
    let command = format!("python3 -c \"{CONNECT}\" . '@{name}'");
    let (succeeded, said) = site.run(&site.engine(Jail::Off), &command);
    assert!(succeeded, "it says nothing: {said}");
    let engine = site.engine(Jail::Write);
    let (succeeded, said) = site.run(&engine, &command);
    let listed = session(&engine, "a").expect("it is there").jail;
    let is_held = listed.contains("sockets");
    assert_eq!(succeeded, !is_held, "{listed}: {said}");
}

fn runtime(site: &Site) -> String {
    site.stage.path("runtime").display().to_string()
}

/// A home and a runtime directory as a desktop has them, with a socket that somebody listens to.
fn laid() -> Option<(Site, UnixListener)> {
    if kernel_cannot() {
        return None;
    }
    let site = Site::new()?;
    for directory in [
        "home/.config/systemd/user",
        "home/.config/autostart",
        "home/.local/share/systemd/user",
        "home/.local/share/applications",
        "home/.local/bin",
        "runtime/systemd/user",
    ] {
        fs::create_dir_all(site.stage.path(directory)).expect("a directory");
    }
    fs::write(site.stage.path("runtime/kept"), "kept").expect("a file");
    let listener = listen(&site.stage.path("runtime"));
    Some((site, listener))
}

/// Listens at `socket` in the directory, however long its path is.
fn listen(directory: &Path) -> UnixListener {
    let opened = File::open(directory).expect("a directory");
    let short = format!("/proc/self/fd/{}/socket", opened.as_raw_fd());
    UnixListener::bind(short).expect("a socket")
}
