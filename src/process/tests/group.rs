//! Signals reach the whole group, never anybody else, and no zombie stays.

use super::*;

#[test]
fn a_kill_takes_the_children_too() {
    let engine = EngineMark::new();
    let _cleanup = Cleanup(engine.clone());
    let mut child = shell("sleep 1000 & echo $!; wait", &engine.spawn_mark(1));
    let sleeper = read_pids(&mut child, 1)[0];
    assert!(lives(sleeper));
    child.group.kill();
    until("the end of the sleeper", || !lives(sleeper));
    assert_eq!(exit_of(&mut child), Exit::Signal(libc::SIGKILL));
    assert!(!exists(child.group.pid()), "a zombie stayed");
}

#[test]
fn a_request_to_end_reaches_the_children_too() {
    let engine = EngineMark::new();
    let _cleanup = Cleanup(engine.clone());
    let script = "trap 'exit 7' TERM; sleep 1000 & echo $!; wait";
    let mut child = shell(script, &engine.spawn_mark(1));
    let sleeper = read_pids(&mut child, 1)[0];
    // Before it becomes sleep it is still a shell, which keeps the signal for later.
    until("the sleeper", || program_of(sleeper) == "sleep");
    child.group.terminate();
    until("the end of the sleeper", || !lives(sleeper));
    assert_eq!(exit_of(&mut child), Exit::Code(7));
}

#[test]
fn what_is_left_of_a_group_can_be_killed_after_its_leader_ended() {
    let engine = EngineMark::new();
    let _cleanup = Cleanup(engine.clone());
    let mut child = shell("sleep 1000 & echo $!; exit 3", &engine.spawn_mark(1));
    let sleeper = read_pids(&mut child, 1)[0];
    until("the leader's exit", || child.group.has_exited());
    assert!(lives(sleeper));
    child.group.kill();
    until("the end of the sleeper", || !lives(sleeper));
    assert_eq!(child.group.reap(), Exit::Code(3));
    assert_eq!(child.group.reap(), Exit::Code(3), "the answer is kept");
}

#[test]
fn a_kernel_without_signals_to_groups_by_descriptor_does_as_well() {
    let engine = EngineMark::new();
    let _cleanup = Cleanup(engine.clone());
    let mut child = shell("sleep 1000 & echo $!; wait", &engine.spawn_mark(1));
    let sleeper = read_pids(&mut child, 1)[0];
    let leader = system::Pidfd::open(child.group.pid()).expect("the leader lives");
    leader
        .send_to_group_by_number(libc::SIGKILL)
        .expect("it is our child");
    until("the end of the sleeper", || !lives(sleeper));
    exit_of(&mut child);
    let late = leader
        .send_to_group_by_number(libc::SIGKILL)
        .expect_err("it was reaped");
    assert_eq!(late.raw_os_error(), Some(libc::ESRCH));
}

#[test]
fn a_running_child_is_not_taken_for_an_ended_one() {
    let engine = EngineMark::new();
    let _cleanup = Cleanup(engine.clone());
    let mut child = shell("echo; exec sleep 1000", &engine.spawn_mark(1));
    read_lines(&mut child, 1);
    assert!(!child.group.has_exited());
    assert_eq!(child.group.reap(), Exit::Unknown);
    child.group.kill();
    assert_eq!(
        exit_of(&mut child),
        Exit::Signal(libc::SIGKILL),
        "the early reap took nothing"
    );
}

#[test]
fn a_forgotten_group_leaves_no_process_and_no_zombie() {
    let engine = EngineMark::new();
    let _cleanup = Cleanup(engine.clone());
    let mut child = shell("sleep 1000 & echo $!; wait", &engine.spawn_mark(1));
    let sleeper = read_pids(&mut child, 1)[0];
    let leader = child.group.pid();
    drop(child);
    until("the end of the leader", || !exists(leader));
    until("the end of the sleeper", || !lives(sleeper));
}

#[test]
fn a_status_that_the_host_took_is_unknown() {
    alone(|| {
        let mut child = shell("exit 3", &EngineMark::new().spawn_mark(1));
        let pid = child.group.pid() as libc::pid_t;
        // SAFETY: the call takes plain numbers, and a null pointer for "no status".
        assert_eq!(unsafe { libc::waitpid(pid, std::ptr::null_mut(), 0) }, pid);
        assert!(child.group.has_exited());
        child.group.kill();
        assert_eq!(child.group.reap(), Exit::Unknown);
    });
}

#[test]
fn a_host_that_ignores_the_end_of_children_still_sees_it() {
    alone(|| {
        // SAFETY: no handler is installed, and nothing else runs in this process.
        unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
        let mut child = shell("echo; read -r line", &EngineMark::new().spawn_mark(1));
        read_lines(&mut child, 1);
        assert!(!child.group.has_exited());
        child.group.kill();
        assert_eq!(exit_of(&mut child), Exit::Unknown);
    });
}

#[test]
fn a_group_that_is_let_go_of_has_ended_and_leaves_no_zombie() {
    let engine = EngineMark::new();
    let _cleanup = Cleanup(engine.clone());
    let mut child = shell(
        "trap '' TERM; sleep 1000 & echo $!; wait",
        &engine.spawn_mark(1),
    );
    let sleeper = read_pids(&mut child, 1)[0];
    child.group.end_by(soon());
    assert!(!exists(child.group.pid()), "a zombie stayed");
    until("the end of the sleeper", || !lives(sleeper));
}
