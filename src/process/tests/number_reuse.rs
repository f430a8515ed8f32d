//! A process number that was given to a stranger is never signalled.
//!
//! Needs a process-number namespace of its own, where numbers can be chosen.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;

use super::*;

const NAMESPACE: [&str; 6] = [
    "unshare",
    "--user",
    "--map-root-user",
    "--pid",
    "--fork",
    "--mount-proc",
];

#[test]
fn a_stranger_with_the_number_of_a_reaped_or_stolen_group_lives_on() {
    if !namespaces_are_allowed() {
        return;
    }
    alone_below(&NAMESPACE, || {
        reaped_by_us();
        stolen_by_the_host();
        noted_in_a_tree();
    });
}

fn namespaces_are_allowed() -> bool {
    let [program, rest @ ..] = NAMESPACE;
    let tried = Command::new(program).args(rest).arg("true").output();
    let allowed = tried.is_ok_and(|tried| tried.status.success());
    assert!(
        allowed || std::env::var_os("CI").is_none(),
        "namespaces must be allowed in CI"
    );
    if !allowed {
        say_that_it_is_skipped();
    }
    allowed
}

#[allow(clippy::print_stderr, reason = "a skipped test has to say so")]
fn say_that_it_is_skipped() {
    eprintln!("skipped: process-number namespaces are not allowed here");
}

fn reaped_by_us() {
    let mut child = shell("exit 0", &EngineMark::new().spawn_mark(1));
    exit_of(&mut child);
    let mut stranger = Stranger::with_number(child.group.pid());
    child.group.terminate();
    child.group.kill();
    stranger.assert_lives();
    drop(child);
    stranger.assert_lives();
}

fn stolen_by_the_host() {
    let child = shell("exit 0", &EngineMark::new().spawn_mark(1));
    let pid = child.group.pid() as libc::pid_t;
    let held = system::Pidfd::open(child.group.pid()).expect("not reaped yet");
    // SAFETY: the call takes plain numbers, and a null pointer for "no status".
    assert_eq!(unsafe { libc::waitpid(pid, std::ptr::null_mut(), 0) }, pid);
    let mut stranger = Stranger::with_number(child.group.pid());
    child.group.terminate();
    child.group.kill();
    stranger.assert_lives();
    assert!(held.send_to_group_by_number(libc::SIGKILL).is_err());
    stranger.assert_lives();
    drop(child);
    stranger.assert_lives();
}

fn noted_in_a_tree() {
    let mut child = shell(
        "sleep 1000 & echo $!; wait",
        &EngineMark::new().spawn_mark(1),
    );
    let sleeper = read_pids(&mut child, 1)[0];
    let seen = Instant::now();
    let tree = note_tree(child.group.pid());
    child.group.kill();
    exit_of(&mut child);
    // In this namespace we are the first process, which inherits and reaps the orphans.
    // SAFETY: the call takes plain numbers, and a null pointer for "no status".
    unsafe { libc::waitpid(sleeper as libc::pid_t, std::ptr::null_mut(), 0) };
    assert!(!exists(sleeper));
    // Start times are counted in ticks of a hundredth of a second. No real system gives a number
    // twice within one.
    until("the next tick", || {
        seen.elapsed() > Duration::from_millis(30)
    });
    let mut stranger = Stranger::with_number(sleeper);
    let left = sweep(&SweepTargets::default().with_tree(tree), soon());
    assert!(left.is_nothing() && left.killed == 0, "{left:?}");
    stranger.assert_lives();
}

/// A process with a chosen number, that leads a group and answers as long as it lives.
struct Stranger(std::process::Child);

impl Stranger {
    fn with_number(wanted: u32) -> Stranger {
        until("the number's turn", || {
            fs::write("/proc/sys/kernel/ns_last_pid", (wanted - 1).to_string()).is_ok()
                && !exists(wanted)
        });
        let cat = Command::new("cat")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("cat starts");
        assert_eq!(cat.id(), wanted, "the number was not given again");
        Stranger(cat)
    }

    /// A process that was sent a KILL before it was written to cannot answer any more.
    fn assert_lives(&mut self) {
        let answered = self.echo();
        assert!(
            answered.is_ok_and(|line| line == "still here\n"),
            "the stranger was signalled"
        );
    }

    fn echo(&mut self) -> std::io::Result<String> {
        let (input, output) = (self.0.stdin.as_mut(), self.0.stdout.as_mut());
        input.expect("piped").write_all(b"still here\n")?;
        let mut line = String::new();
        BufReader::new(output.expect("piped")).read_line(&mut line)?;
        Ok(line)
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
