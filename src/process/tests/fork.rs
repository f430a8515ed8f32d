//! A child of `fork` has nothing of ours, holds nothing up, and can begin afresh.

use std::io::Write;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

/// A forked child, ended at the latest when its test is over.
struct Forked(i32);

impl Forked {
    /// Runs the body in a child, which ends with 0 if the body says that all is well.
    fn new(body: impl FnOnce() -> bool) -> Forked {
        // SAFETY: the child runs the body and then ends; the test harness's threads are not in it,
        // and what they hold is left alone.
        match unsafe { libc::fork() } {
            // SAFETY: the call takes a plain number and does not return.
            0 => unsafe { libc::_exit(i32::from(!body())) },
            pid => Forked(pid),
        }
    }

    /// One that does nothing until it is killed.
    fn idle() -> Forked {
        Forked::new(|| {
            loop {
                std::thread::park();
            }
        })
    }

    /// True if it found that all is well; a test fails when it never ends.
    fn is_well(&self) -> bool {
        let mut status = 0;
        until("the end of a forked child", || {
            // SAFETY: the pointer is that of a local.
            unsafe { libc::waitpid(self.0, &mut status, libc::WNOHANG) == self.0 }
        });
        status == 0
    }
}

impl Drop for Forked {
    fn drop(&mut self) {
        // SAFETY: both calls take plain numbers; if it was waited for, its number is not used again
        // so soon, and it is not ours to kill then.
        unsafe {
            if libc::waitpid(self.0, std::ptr::null_mut(), libc::WNOHANG) == 0 {
                libc::kill(self.0, libc::SIGKILL);
                libc::waitpid(self.0, std::ptr::null_mut(), 0);
            }
        }
    }
}

fn is_open(descriptor: RawFd) -> bool {
    // SAFETY: the call takes plain numbers.
    unsafe { libc::fcntl(descriptor, libc::F_GETFD) >= 0 }
}

#[test]
fn a_child_keeps_none_of_our_descriptors_and_closes_none_of_its_own() {
    alone(|| {
        let agent = shell("exec cat", &EngineMark::new().spawn_mark(1));
        let ours = [
            agent.stdin.as_raw_fd(),
            agent.stdout.as_raw_fd(),
            agent.stderr.as_raw_fd(),
            agent.group.exit_descriptor(),
        ];
        let mut agent = Some(agent);
        let child = Forked::new(|| {
            let none = !ours.into_iter().any(is_open);
            // Their numbers are given to files of the child's, which must survive the drop.
            let own: Vec<_> = (0..8).filter_map(|_| fs::File::open("/").ok()).collect();
            let reused = own.iter().any(|file| ours.contains(&file.as_raw_fd()));
            drop(agent.take());
            none && reused && own.iter().all(|file| is_open(file.as_raw_fd()))
        });
        assert!(child.is_well());
        assert!(ours.into_iter().all(is_open), "the parent lost its own");
        let mut agent = agent.expect("the child took its own copy");
        agent.stdin.write_all(b"hello\n").expect("it reads");
        assert_eq!(read_lines(&mut agent, 1), ["hello"]);
    });
}

#[test]
fn an_agent_sees_the_end_of_its_input_though_a_forked_child_lives() {
    alone(|| {
        let mut agent = shell("exec cat", &EngineMark::new().spawn_mark(1));
        let _child = Forked::idle();
        // What was there is closed.
        agent.stdin = event_file();
        assert_eq!(exit_of(&mut agent), Exit::Code(0));
    });
}

/// Some other descriptor to put into the place of one that is to be closed.
fn event_file() -> Unshared<fs::File> {
    Unshared::make(|| fs::File::open("/dev/null")).expect("it opens")
}

/// The variable that makes the test below be the host.
const HOST: &str = "HOTPLEX_TEST_FORKING_HOST";

#[test]
fn a_killed_hosts_agents_end_though_a_child_that_it_forked_lives() {
    if std::env::var_os(HOST).is_some() {
        return be_the_host();
    }
    let name = test_name_of("a_killed_hosts_agents_end_though_a_child_that_it_forked_lives");
    let mut host = again(&[], &name)
        .env(HOST, "1")
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let output =
        std::io::BufRead::lines(std::io::BufReader::new(host.stdout.take().expect("piped")));
    let told = output
        .map_while(Result::ok)
        .find_map(|line| line.split_once("host: ").map(|(_, told)| told.to_owned()))
        .expect("the host tells its processes");
    let (engine, child) = told.split_once(' ').expect("two words");
    let wanted = SweepTargets::engine(&EngineMark::from_text(engine));
    let child: u32 = child.parse().expect("a process number");
    assert!(!alive_with(&wanted).is_nothing());
    host.kill().expect("it is ours");
    host.wait().expect("it is ours");
    until("the end of the agent", || alive_with(&wanted).is_nothing());
    assert!(lives(child), "the forked child is nobody's business");
    let held = system::Pidfd::open(child).expect("it lives");
    held.send(libc::SIGKILL).expect("it is ours");
}

#[allow(
    clippy::print_stdout,
    reason = "the test that started this host reads it"
)]
fn be_the_host() {
    let engine = EngineMark::new();
    let _watchdog = Watchdog::start(&engine).expect("the watchdog starts");
    let agent = shell("exec sleep 1000", &engine.spawn_mark(1));
    let child = Forked::idle();
    println!("\nhost: {} {}", engine.as_str(), child.0);
    std::io::stdout().flush().expect("it is read");
    until("its own death", || agent.group.has_exited());
}

fn test_name_of(test: &str) -> String {
    let (_crate, module) = module_path!().split_once("::").expect("within the crate");
    format!("{module}::{test}")
}

#[test]
fn forks_wait_for_nobody_and_nobody_waits_in_a_child() {
    alone(|| {
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while !over.load(Ordering::Relaxed) {
                        drop(event_file());
                    }
                });
            }
            for _ in 0..100 {
                let begins_afresh = || {
                    let own = event_file();
                    is_open(own.as_raw_fd())
                };
                assert!(Forked::new(begins_afresh).is_well());
            }
            over.store(true, Ordering::Relaxed);
        });
        let left = fs::read_dir("/proc/self/fd").expect("it lists").count();
        assert!(left < 20, "{left} descriptors are open");
    });
}
