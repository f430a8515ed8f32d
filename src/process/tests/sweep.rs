//! A sweep finds what left its group, its session or its environment, and only that.

use super::*;

#[test]
fn a_tool_in_a_session_of_its_own_is_found_by_its_mark() {
    let engine = EngineMark::new();
    let _cleanup = Cleanup(engine.clone());
    let mark = engine.spawn_mark(1);
    let script = "setsid sh -c 'echo $$; exec sleep 1000' & wait";
    let mut child = shell(script, &mark);
    let tool = read_pids(&mut child, 1)[0];
    child.group.kill();
    exit_of(&mut child);
    assert!(
        lives(tool),
        "the group's kill reached the tool, so this tests nothing"
    );
    let wanted = SweepTargets::spawns([&mark]);
    assert_eq!(alive_with(&wanted).living, [tool]);
    let left = sweep(&wanted, soon());
    assert!(left.is_nothing() && left.killed > 0, "{left:?}");
    assert!(!lives(tool));
    assert!(alive_with(&wanted).is_nothing());
}

#[test]
fn one_sweep_serves_many_spawns_and_spares_the_others() {
    let engine = EngineMark::new();
    let _cleanup = Cleanup(engine.clone());
    let marks: Vec<_> = (1..=12).map(|number| engine.spawn_mark(number)).collect();
    let children: Vec<_> = marks
        .iter()
        .map(|mark| shell("exec sleep 1000", mark))
        .collect();
    let left = sweep(&SweepTargets::spawns([&marks[0], &marks[4]]), soon());
    assert!(left.is_nothing(), "{left:?}");
    let ended: Vec<_> = children
        .iter()
        .map(|child| child.group.has_exited())
        .collect();
    let expected: Vec<_> = (0..12).map(|at| at == 0 || at == 4).collect();
    assert_eq!(ended, expected);
    let left = sweep(&SweepTargets::engine(&engine), soon());
    assert!(left.is_nothing(), "{left:?}");
    let left: Vec<_> = children
        .iter()
        .filter(|child| !child.group.has_exited())
        .map(|child| fs::read_to_string(format!("/proc/{}/stat", child.group.pid())))
        .collect();
    assert!(left.is_empty(), "found by no sweep: {left:?}");
}

#[test]
fn a_child_that_wiped_its_environment_is_found_by_the_noted_tree() {
    let engine = EngineMark::new();
    let _cleanup = Cleanup(engine.clone());
    let mark = engine.spawn_mark(1);
    let script = "env -i setsid sh -c 'echo $$; exec sleep 1000' & wait";
    let mut child = shell(script, &mark);
    let wiped = read_pids(&mut child, 1)[0];
    let tree = note_tree(child.group.pid());
    child.group.kill();
    exit_of(&mut child);
    let by_mark = SweepTargets::spawns([&mark]);
    assert!(
        alive_with(&by_mark).is_nothing(),
        "it has kept its mark, so this tests nothing"
    );
    assert!(lives(wiped));
    let left = sweep(&by_mark.with_tree(tree), soon());
    assert!(left.is_nothing(), "{left:?}");
    assert!(!lives(wiped));
}

#[test]
fn a_wiped_child_of_a_marked_tool_goes_with_its_parent() {
    let engine = EngineMark::new();
    let _cleanup = Cleanup(engine.clone());
    let script =
        "setsid sh -c 'env -i setsid sh -c \"echo \\$\\$; exec sleep 1000\" & wait' & exit 0";
    let mut child = shell(script, &engine.spawn_mark(1));
    let wiped = read_pids(&mut child, 1)[0];
    exit_of(&mut child);
    let left = sweep(&SweepTargets::engine(&engine), soon());
    assert!(left.is_nothing(), "{left:?}");
    assert!(!lives(wiped));
}

#[test]
fn what_starts_others_while_it_is_hunted_is_hunted_down() {
    let engine = EngineMark::new();
    let _cleanup = Cleanup(engine.clone());
    let relay = r#"i=0; while [ $i -lt 300 ]; do i=$((i+1)); setsid sleep 1000 & done; echo; wait"#;
    let _children: Vec<_> = (1..=3)
        .map(|n| shell(relay, &engine.spawn_mark(n)))
        .collect();
    let wanted = SweepTargets::engine(&engine);
    until("some of them", || alive_with(&wanted).living.len() > 10);
    let left = sweep(&wanted, soon());
    assert!(left.is_nothing(), "{left:?}");
    assert!(alive_with(&wanted).is_nothing());
}

#[test]
fn the_watchdog_of_an_engine_inside_an_agent_is_passed_over() {
    let engine = EngineMark::new();
    let _cleanup = Cleanup(engine.clone());
    let script = "env -i HOTPLEX_HOST_GUARD=inner setsid sh -c 'echo $$; exec sleep 1000' & wait";
    let mut child = shell(script, &engine.spawn_mark(1));
    let inner = read_pids(&mut child, 1)[0];
    let tree = note_tree(child.group.pid());
    let left = sweep(&SweepTargets::engine(&engine).with_tree(tree), soon());
    assert!(left.is_nothing(), "{left:?}");
    assert!(lives(inner));
    let held = system::Pidfd::open(inner).expect("it lives");
    held.send(libc::SIGKILL).expect("it is ours");
}

#[test]
fn a_deadline_that_is_over_still_allows_one_look() {
    let engine = EngineMark::new();
    let _cleanup = Cleanup(engine.clone());
    let child = shell("exec sleep 1000", &engine.spawn_mark(1));
    let left = sweep(&SweepTargets::engine(&engine), Instant::now());
    assert_eq!(left.killed, 1);
    until("its end", || child.group.has_exited());
}

#[test]
fn a_process_is_found_while_it_becomes_another_program() {
    let engine = EngineMark::new();
    let _cleanup = Cleanup(engine.clone());
    let again = r#"again='exec /bin/sh -c "$0" "$0"'; exec /bin/sh -c "$again" "$again""#;
    let child = shell(again, &engine.spawn_mark(1));
    for look in 0..150 {
        let found = alive_with(&SweepTargets::engine(&engine)).living;
        assert_eq!(found, [child.group.pid()], "look {look}");
    }
}
