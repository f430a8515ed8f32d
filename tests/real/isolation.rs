//! A scenario away from everything: no network but the loopback interface, no processes and no
//! scratch files but its own.
//!
//! A thread of a test cannot move into a process namespace, so the test runs its own program again
//! inside, for this one test. The first process inside is a shell: it reaps what loses its parent,
//! as the first process of a system does.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use crate::common::SCRATCH_VARIABLE;
use crate::common::skipped::{say, skip_test};
use crate::install::{self, Release};
use crate::process_limit::ProcessLimit;
use crate::site::Site;

/// Tells the program that it runs inside.
const INSIDE: &str = "HOTPLEX_TEST_INSIDE";

/// Tells it that its processes are bounded.
const LIMITED: &str = "HOTPLEX_TEST_LIMITED";

/// Enters the group of bounded processes, if there is one. Brings the loopback interface up, by hand
/// where iproute2 is missing. Covers a directory with an empty one for the scratch files: one that is
/// no temporary directory, which the guard leaves to every agent, wherever the repository lies. Covers `/etc`
/// with a copy, because agents will be asked to write there; who is not root outside cannot anyway,
/// and could not read all of it. Covers `/tmp` where it can, as agents refuse what another user left
/// there. Runs the rest.
const SETUP: &str = r#"
if test -n "$1"; then echo 0 > "$1" || exit 1; fi
scratch=$2
mount -t tmpfs scratch "$scratch" || exit 1
if test -w /etc/passwd; then
    cp -a /etc "$scratch/etc" && mount --bind "$scratch/etc" /etc || exit 1
fi
shift 2
case $1 in
/tmp/*) ;;
*) mount -t tmpfs tmp /tmp || exit 1 ;;
esac
ip link set lo up 2>/dev/null || python3 -c '
import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sH14s", b"lo", 0x49, b""))
' || { echo "the loopback interface cannot be brought up: install iproute2" >&2; exit 1; }
"$@"
exit $?
"#;

/// Empty on most machines; the first that hides nothing of ours is covered with scratch files. The
/// last two are where disks are mounted, and there Claude Code 2.1.330 asks before each `rm -r`, in
/// every mode.
const COVERED: [&str; 4] = ["/srv", "/var/opt", "/media", "/mnt"];

/// Plays a scenario in the test of this name.
pub(crate) fn play(release: &'static Release, test: &str, scenario: fn(&Site)) {
    if std::env::var_os(INSIDE).is_some() {
        return scenario(&Site::new(release));
    }
    match namespaces().and_then(|()| release.install()) {
        Ok(()) => play_inside(test),
        Err(reason) => skip_test(test, &reason),
    }
}

fn play_inside(test: &str) {
    let program = std::env::current_exe().expect("the test's own program");
    let limit = ProcessLimit::new();
    let mut inside = inside(limit.as_ref());
    if limit.is_some() {
        inside.env(LIMITED, "1");
    }
    inside
        .arg(program)
        .args(["--exact", test, "--nocapture", "--include-ignored"]);
    let output = inside.env(INSIDE, "1").output().expect("unshare runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    // A name that no test has would pass as well, with nothing run.
    let passed = output.status.success() && said.contains("1 passed");
    assert!(passed, "inside, {test} failed:\n{said}\n{complained}");
    say(&complained);
}

/// Whether the processes of the scenario that runs are bounded.
pub(crate) fn is_limited() -> bool {
    std::env::var_os(LIMITED).is_some()
}

/// Whether this machine lets us have namespaces; asked once.
fn namespaces() -> Result<(), String> {
    static ANSWER: OnceLock<Result<(), String>> = OnceLock::new();
    let ask = || install::run(inside(None).arg("true"));
    ANSWER.get_or_init(ask).clone()
}

/// What runs the arguments added to it inside. Whoever is not root becomes root of a user namespace
/// first.
fn inside(limit: Option<&ProcessLimit>) -> Command {
    let mut command = Command::new("unshare");
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    if !is_root {
        command.arg("--map-root-user");
    }
    command.args(["--net", "--pid", "--fork", "--mount-proc", "--kill-child"]);
    command.args(["/bin/sh", "-c", SETUP, "setup"]);
    command.arg(limit.map(ProcessLimit::entrance).unwrap_or_default());
    let scratch = covered();
    command.arg(scratch).env(SCRATCH_VARIABLE, scratch);
    command
}

fn covered() -> &'static str {
    let ours = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut free = COVERED
        .into_iter()
        .filter(|place| Path::new(place).is_dir() && !ours.starts_with(place));
    free.next().unwrap_or(env!("CARGO_TARGET_TMPDIR"))
}
