//! Nothing outlives a host, however it dies, and the watchdog outlives no clean close.

use std::io::{BufRead, BufReader, Write};

use super::*;

/// Starts a child with a plain and a `setsid`'d sleeper that notice no end of input.
fn start_agent(mark: &Mark) -> (Child, Vec<u32>) {
    let script = "sleep 1000 & echo $!; setsid sh -c 'echo $$; exec sleep 1000' & echo $$; wait";
    let mut child = shell(script, mark);
    let pids = read_pids(&mut child, 3);
    (child, pids)
}

/// The variable that makes the test below be the host.
const HOST: &str = "HOTPLEX_TEST_HOST";

#[test]
fn all_that_a_killed_host_has_started_ends() {
    if std::env::var_os(HOST).is_some() {
        return be_the_host();
    }
    let name = concat!(module_path!(), "::all_that_a_killed_host_has_started_ends");
    let (_crate, name) = name.split_once("::").expect("a path within the crate");
    let mut host = again(&[], name)
        .env(HOST, "1")
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let output = BufReader::new(host.stdout.take().expect("piped"));
    let told = output
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.split_once("host: ").map(|(_, told)| told.to_owned()));
    let told = told.expect("the host tells its processes");
    let mut words = told.split(' ');
    let engine = EngineMark::from_text(words.next().expect("the mark"));
    let watchdog: u32 = words
        .next()
        .and_then(|word| word.parse().ok())
        .expect("the watchdog");
    let wanted = SweepTargets::engine(&engine);
    assert_eq!(alive_with(&wanted).living.len(), 6);
    assert!(lives(watchdog));
    host.kill().expect("it is ours");
    host.wait().expect("it is ours");
    until("the end of all processes", || {
        alive_with(&wanted).is_nothing()
    });
    until("the end of the watchdog", || !lives(watchdog));
}

#[allow(
    clippy::print_stdout,
    reason = "the test that started this host reads it"
)]
fn be_the_host() {
    let engine = EngineMark::new();
    let watchdog = Watchdog::start(&engine).expect("the watchdog starts");
    let agents: Vec<_> = (1..=2)
        .map(|n| start_agent(&engine.spawn_mark(n)))
        .collect();
    println!("\nhost: {} {}", engine.as_str(), watchdog.pid());
    std::io::stdout().flush().expect("it is read");
    until("its own death", || agents.is_empty());
}

#[test]
fn a_clean_close_ends_the_watchdog_and_nothing_else() {
    let engine = EngineMark::new();
    let _cleanup = Cleanup(engine.clone());
    let watchdog = Watchdog::start(&engine).expect("the watchdog starts");
    let (_child, pids) = start_agent(&engine.spawn_mark(1));
    let watchdog_pid = watchdog.pid();
    assert!(lives(watchdog_pid));
    drop(watchdog);
    assert!(!exists(watchdog_pid), "a watchdog or its zombie stayed");
    assert!(pids.into_iter().all(lives));
}

/// As by somebody who ends all shells, or by a system that lacks memory.
#[test]
fn a_watchdog_that_was_killed_is_replaced() {
    let engine = EngineMark::new();
    let _cleanup = Cleanup(engine.clone());
    let watchdog = Watchdog::start(&engine).expect("the watchdog starts");
    let first = watchdog.pid();
    watchdog.renew().expect("nothing is to be done");
    assert_eq!(watchdog.pid(), first);
    let sent = Command::new("kill")
        .args(["-KILL", &first.to_string()])
        .status();
    assert!(sent.is_ok_and(|status| status.success()));
    until("its death", || !lives(first));
    watchdog.renew().expect("another starts");
    let second = watchdog.pid();
    assert_ne!(second, first);
    assert!(lives(second) && !exists(first));
    drop(watchdog);
    assert!(!exists(second), "a watchdog or its zombie stayed");
}

#[test]
fn the_watchdog_is_deaf_and_holds_nothing_of_the_hosts() {
    let engine = EngineMark::new();
    let watchdog = Watchdog::start(&engine).expect("the watchdog starts");
    let pid = watchdog.pid();
    until("the shell", || program_of(pid) == "sh");
    let deaf_to = [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM];
    let expected = deaf_to
        .iter()
        .fold(0, |set, signal| set | 1_u64 << (signal - 1));
    until("the trap", || {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it lives");
        let ignored = status
            .lines()
            .find_map(|line| line.strip_prefix("SigIgn:\t"));
        let ignored = u64::from_str_radix(ignored.expect("the field"), 16).expect("hexadecimal");
        ignored & expected == expected
    });
    assert_eq!(
        fs::read_dir(format!("/proc/{pid}/fd"))
            .expect("it lives")
            .count(),
        3
    );
    assert_eq!(
        fs::read_link(format!("/proc/{pid}/cwd")).expect("it lives"),
        Path::new("/")
    );
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("it lives");
    let session = stat
        .rsplit_once(") ")
        .and_then(|(_, rest)| rest.split(' ').nth(3));
    assert_eq!(
        session,
        Some(pid.to_string().as_str()),
        "it is not in a session of its own"
    );
    let environment = fs::read(format!("/proc/{pid}/environ")).expect("it lives");
    assert!(!SweepTargets::engine(&engine).matches(&environment));
    drop(watchdog);
}
