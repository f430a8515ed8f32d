//! Descriptors: none leaks to a child, none stays behind, and a host may lack the standard ones.

use std::collections::BTreeSet;
use std::io::Write;
use std::os::fd::AsRawFd;

use super::*;

fn open_in(process: &str) -> BTreeSet<i32> {
    let entries = fs::read_dir(format!("/proc/{process}/fd")).expect("it lives");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.ok()?.file_name().into_string().ok();
    entries
        .filter_map(name)
        .filter_map(|name| name.parse().ok())
        .collect()
}

#[test]
fn a_child_has_its_three_streams_and_nothing_of_the_hosts() {
    alone(|| {
        let leak = fs::File::open("/").expect("the root opens");
        // SAFETY: the descriptor is open; without flags it is not closed on exec.
        let inherited = unsafe { libc::fcntl(leak.as_raw_fd(), libc::F_SETFD, 0) };
        assert_eq!(inherited, 0);
        // SAFETY: as above; a number far from the others.
        assert!(unsafe { libc::fcntl(leak.as_raw_fd(), libc::F_DUPFD, 500) } >= 500);
        let mut child = shell("echo; read -r line", &EngineMark::new().spawn_mark(1));
        read_lines(&mut child, 1);
        let theirs = open_in(&child.group.pid().to_string());
        assert_eq!(theirs, BTreeSet::from([0, 1, 2]));
    });
}

#[test]
fn fifty_children_leave_no_descriptor() {
    alone(|| {
        let mark = EngineMark::new().spawn_mark(1);
        exit_of(&mut shell("exit 0", &mark));
        let before = open_in("self");
        let children: Vec<_> = (0..50).map(|_| shell("exec sleep 1000", &mark)).collect();
        assert!(open_in("self").len() >= before.len() + 4 * 50);
        for mut child in children {
            child.group.kill();
            assert_eq!(exit_of(&mut child), Exit::Signal(libc::SIGKILL));
        }
        assert!(try_shell("exit 0\0", &mark).is_err());
        assert_eq!(open_in("self"), before);
    });
}

#[test]
fn ours_close_on_exec_and_never_wait_while_the_childs_wait() {
    let engine = EngineMark::new();
    let _cleanup = Cleanup(engine.clone());
    let mut child = shell(
        "echo; read -r line; echo \"got $line\"",
        &engine.spawn_mark(1),
    );
    read_lines(&mut child, 1);
    for ours in [&child.stdin, &child.stdout, &child.stderr] {
        // SAFETY: the descriptor is open, and the command takes nothing.
        let on_exec = unsafe { libc::fcntl(ours.as_raw_fd(), libc::F_GETFD) };
        // SAFETY: as above.
        let status = unsafe { libc::fcntl(ours.as_raw_fd(), libc::F_GETFL) };
        assert_eq!(on_exec & libc::FD_CLOEXEC, libc::FD_CLOEXEC);
        assert_eq!(status & libc::O_NONBLOCK, libc::O_NONBLOCK);
    }
    for stream in 0..3 {
        let path = format!("/proc/{}/fdinfo/{stream}", child.group.pid());
        let info = fs::read_to_string(path).expect("it lives");
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:\t"));
        let flags = i32::from_str_radix(flags.expect("flags"), 8).expect("an octal number");
        assert_eq!(flags & libc::O_NONBLOCK, 0, "stream {stream}");
    }
    child.stdin.write_all(b"it\n").expect("the pipe has room");
    assert_eq!(read_lines(&mut child, 1), ["got it"]);
}

#[test]
fn a_host_without_standard_streams_can_start_children() {
    alone(|| {
        let mut saved = Vec::new();
        for stream in 0..3 {
            // SAFETY: the number is open or not; either way no memory is touched.
            saved.push(unsafe { libc::fcntl(stream, libc::F_DUPFD_CLOEXEC, 100) });
        }
        for stream in 0..3 {
            // SAFETY: nothing else in this process uses them meanwhile.
            unsafe { libc::close(stream) };
        }
        let answer = talk();
        let watchdog = Watchdog::start(&EngineMark::new()).map(drop);
        for (stream, saved) in (0..).zip(saved) {
            // SAFETY: the saved copy is open.
            unsafe { libc::dup2(saved, stream) };
        }
        assert_eq!(answer, ["out: it"]);
        watchdog.expect("the watchdog starts");
    });
}

fn talk() -> Vec<String> {
    let script = "echo err >&2; read -r line; echo \"out: $line\"";
    let mut child = shell(script, &EngineMark::new().spawn_mark(1));
    for ours in [&child.stdin, &child.stdout, &child.stderr] {
        assert!(
            ours.as_raw_fd() > 2,
            "what the host prints would go to the child"
        );
    }
    child.stdin.write_all(b"it\n").expect("the pipe has room");
    read_lines(&mut child, 1)
}
