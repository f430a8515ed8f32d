//! A child starts with no signal blocked and none ignored, whatever its host does with them.

use std::io::Write;

use super::*;

/// Signals 32 and 33, which glibc keeps for its threads. It ignores them in all that it spawns,
/// and each program that needs them sets them up anew.
const OF_THE_C_LIBRARY: u64 = 0b11 << 31;

/// A field of `/proc/<pid>/status` that holds a set of signals.
fn signal_set(pid: u32, field: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it lives");
    let line = status
        .lines()
        .find(|line| line.starts_with(field))
        .expect("the field is there");
    let set = line.rsplit_once('\t').expect("a tab before the value").1;
    u64::from_str_radix(set, 16).expect("a hexadecimal number")
}

#[test]
fn a_child_is_free_of_the_hosts_signal_settings() {
    alone(|| {
        for signal in [
            libc::SIGPIPE,
            libc::SIGHUP,
            libc::SIGINT,
            libc::SIGTERM,
            libc::SIGUSR1,
        ] {
            // SAFETY: no handler is installed, and nothing else runs in this process.
            unsafe { libc::signal(signal, libc::SIG_IGN) };
        }
        std::thread::spawn(look_from_a_deaf_thread)
            .join()
            .expect("the look succeeds");
    });
}

fn look_from_a_deaf_thread() {
    block_all_signals();
    // SAFETY: the call takes nothing and cannot fail.
    let own_thread = unsafe { libc::gettid() } as u32;
    assert_ne!(
        signal_set(own_thread, "SigBlk"),
        0,
        "the test blocks nothing"
    );
    assert_ne!(
        signal_set(own_thread, "SigIgn"),
        0,
        "the test ignores nothing"
    );
    let child = shell("exec sleep 1000", &EngineMark::new().spawn_mark(1));
    let pid = child.group.pid();
    until("the program", || program_of(pid) == "sleep");
    assert_eq!(signal_set(pid, "SigBlk"), 0);
    assert_eq!(signal_set(pid, "SigIgn") & !OF_THE_C_LIBRARY, 0);
}

#[test]
fn a_write_to_a_dead_child_is_an_error_and_no_signal() {
    alone(|| {
        // SAFETY: no handler is installed, and nothing else runs in this process.
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
        let write = || {
            block_all_signals();
            let mut child = shell("exit 0", &EngineMark::new().spawn_mark(1));
            exit_of(&mut child);
            child.stdin.write_all(b"{}\n").map_err(|error| error.kind())
        };
        let answer = std::thread::spawn(write).join().expect("the thread lives");
        assert_eq!(answer, Err(ErrorKind::BrokenPipe));
    });
}
