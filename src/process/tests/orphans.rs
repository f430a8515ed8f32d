//! In a host to which orphans come they are reaped, and nobody else's child is.

use super::*;

/// Makes this process one to which orphans come, as the first process of a container is.
fn become_subreaper() {
    // SAFETY: the option takes plain numbers.
    assert_eq!(unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) }, 0);
}

fn is_zombie(pid: u32) -> bool {
    exists(pid) && !lives(pid)
}

/// An agent whose tool leaves a process behind in a session of its own; the number of that one.
fn agent_with_orphan(engine: &EngineMark, orphans: &mut Orphans, seconds: &str) -> (Child, u32) {
    let script = format!(
        "read -r line; sh -c 'setsid sh -c \"echo \\$\\$; exec sleep {seconds}\" &'; exec cat"
    );
    let mut agent = shell(&script, &engine.spawn_mark(1));
    orphans.note_agent(agent.group.pid());
    std::io::Write::write_all(&mut *agent.stdin, b"go\n").expect("it reads");
    let pids = read_pids(&mut agent, 1);
    let parent = || fs::read_to_string(format!("/proc/{}/stat", pids[0])).unwrap_or_default();
    let own = format!(" {} ", std::process::id());
    until("the orphan", || {
        parent()
            .rsplit_once(") ")
            .is_some_and(|(_, rest)| rest[1..].starts_with(&own))
    });
    (agent, pids[0])
}

#[test]
fn an_orphan_that_ended_is_reaped_and_the_hosts_own_children_are_not() {
    alone(|| {
        become_subreaper();
        let engine = EngineMark::new();
        let mut orphans = Orphans::new(&engine);
        assert!(!orphans.may_come());
        let mut own = Command::new("sh")
            .args(["-c", "exit 7"])
            .spawn()
            .expect("sh");
        let (mut agent, orphan) = agent_with_orphan(&engine, &mut orphans, "0.1");
        until("the end of the host's child", || is_zombie(own.id()));
        assert!(orphans.may_come());
        until("the orphan is reaped", || {
            orphans.reap();
            !exists(orphan)
        });
        agent.stdin = Unshared::make(|| fs::File::open("/dev/null")).expect("it opens");
        until("the agent's end", || agent.group.has_exited());
        orphans.reap();
        assert_eq!(
            exit_of(&mut agent),
            Exit::Code(0),
            "the agent's status was taken"
        );
        assert_eq!(own.wait().expect("its status").code(), Some(7));
        orphans.reap();
        assert!(!orphans.may_come(), "nothing is left to wait for");
    });
}

#[test]
fn those_that_a_sweep_killed_are_reaped_and_those_of_another_engine_are_left() {
    alone(|| {
        become_subreaper();
        let (one, other) = (EngineMark::new(), EngineMark::new());
        let (mut of_one, mut of_other) = (Orphans::new(&one), Orphans::new(&other));
        let (_agent, orphan) = agent_with_orphan(&one, &mut of_one, "1000");
        let (_other, stranger) = agent_with_orphan(&other, &mut of_other, "1000");
        assert_eq!(of_one.reap(), 1, "one lives");
        assert!(sweep(&SweepTargets::engine(&one), soon()).is_nothing());
        until("the orphan is reaped", || of_one.reap() == 0);
        assert!(!exists(orphan));
        let held = system::Pidfd::open(stranger).expect("it lives");
        held.send(libc::SIGKILL).expect("it is ours");
        until("the stranger's end", || is_zombie(stranger));
        of_one.reap();
        assert!(is_zombie(stranger), "the other engine's orphan was taken");
        until("it is reaped by its own", || of_other.reap() == 0);
        assert!(!exists(stranger));
    });
}

#[test]
fn a_host_that_becomes_a_reaper_late_reaps_what_runs_already() {
    alone(|| {
        let engine = EngineMark::new();
        let mut orphans = Orphans::new(&engine);
        let mut agent = shell(
            "sh -c 'read -r line; setsid sleep 0.1 & echo $!' & wait; exec cat",
            &engine.spawn_mark(1),
        );
        orphans.note_agent(agent.group.pid());
        assert!(!orphans.may_come());
        become_subreaper();
        assert!(orphans.may_come());
        agent.group.kill();
        until("the agent's end", || agent.group.has_exited());
        agent.group.reap();
        until("nothing is left", || {
            orphans.reap();
            !orphans.may_come()
        });
    });
}
