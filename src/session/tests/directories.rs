//! No turn begins in a directory that its caller does not mean.

use super::*;

const ELSEWHERE: SeenDir = SeenDir::numbered(8);

/// A session that waits for its second prompt.
fn waiting() -> Script {
    looking_at(Script::hot())
}

/// A script that says itself what a look at the directory finds.
fn looking_at(mut script: Script) -> Script {
    script.finds_all_as_it_was = false;
    script.asked_for();
    script
}

impl Script {
    /// A prompt whose caller saw this where the work directory should be.
    fn prompt_in(&mut self, turn: u64, seen: Option<SeenDir>) {
        let queued = QueuedTurn {
            turn: TurnId(turn),
            prompt: format!("prompt {turn}").into(),
            limit: None,
            work_dir: seen,
            retried: false,
        };
        self.session.prompt(queued, self.now, &mut self.actions);
    }

    fn found(&mut self, found: Option<SeenDir>) {
        let (now, actions) = (self.now, &mut self.actions);
        self.session.work_dir_found(found, now, actions);
    }

    fn launched_in(&mut self, work_dir: SeenDir) {
        self.session
            .launched(42, work_dir, self.now, &mut self.actions);
        self.say(Message::Ready);
    }
}

/// The process ends politely, and the next one takes the turn and the conversation.
fn assert_moves(script: &mut Script, turn: u64) {
    let told = format!("tell {turn}: work_dir_replaced");
    assert_eq!(script.asked_for(), [told.as_str(), "close input"]);
    script.ended(ExitCause::Other);
    assert_eq!(script.asked_for(), ["launch new derived"]);
    script.launched_in(ELSEWHERE);
    let written = format!("write {turn}: prompt {turn}");
    assert_eq!(script.asked_for(), [written.as_str()]);
}

#[test]
fn a_turn_begins_at_once_where_its_caller_saw_the_directory() {
    let mut script = waiting();
    script.prompt_in(2, Some(HERE));
    assert_eq!(script.asked_for(), ["write 2: prompt 2"]);
}

#[test]
fn a_process_in_another_directory_or_in_none_is_replaced_first() {
    for seen in [Some(ELSEWHERE), None] {
        let mut script = waiting();
        script.prompt_in(2, seen);
        assert_moves(&mut script, 2);
        script.begin(2);
        script.result("two");
        assert_eq!(script.asked_for(), ["end 2 completed"]);
        // And there it stays.
        script.prompt_in(3, Some(ELSEWHERE));
        assert_eq!(script.asked_for(), ["write 3: prompt 3"]);
    }
}

#[test]
fn a_turn_that_had_to_wait_is_looked_at_again() {
    for (found, moves) in [(Some(HERE), false), (Some(ELSEWHERE), true), (None, true)] {
        let mut script = waiting();
        script.prompt_in(2, Some(HERE));
        script.prompt_in(3, Some(HERE));
        script.begin(2);
        script.asked_for();
        script.result("two");
        assert_eq!(script.asked_for(), ["end 2 completed", "look"]);
        script.found(found);
        if moves {
            assert_moves(&mut script, 3);
        } else {
            assert_eq!(script.asked_for(), ["write 3: prompt 3"]);
        }
    }
}

/// The process is younger than the prompt that it was started for, but not than the next.
#[test]
fn a_process_that_was_started_for_a_turn_is_where_that_should_be() {
    let mut script = looking_at(Script::new());
    script.prompt_in(1, None);
    script.prompt_in(2, None);
    assert_eq!(script.asked_for(), ["launch new derived"]);
    script.launched_in(HERE);
    assert_eq!(script.asked_for(), ["write 1: prompt 1"]);
    script.begin(1);
    script.result("one");
    assert_eq!(script.asked_for(), ["end 1 completed", "look"]);
    script.found(Some(HERE));
    assert_eq!(script.asked_for(), ["write 2: prompt 2"]);
}

#[test]
fn a_spare_is_looked_at_like_any_other_process() {
    let mut ready = looking_at(Script::ready());
    ready.prompt_in(1, Some(ELSEWHERE));
    assert_moves(&mut ready, 1);
    let mut starting = looking_at(Script::new());
    starting
        .session
        .warm_up(starting.now, &mut starting.actions);
    starting.prompt_in(1, Some(ELSEWHERE));
    assert_eq!(starting.asked_for(), ["launch new derived"]);
    starting.launched_in(HERE);
    assert_eq!(starting.asked_for(), ["look"]);
    starting.found(Some(ELSEWHERE));
    assert_moves(&mut starting, 1);
}

/// A file system may hang, and a look with it.
#[test]
fn a_look_that_takes_too_long_is_replaced_by_what_the_caller_saw() {
    for (seen, moves) in [(HERE, false), (ELSEWHERE, true)] {
        let mut script = waiting();
        script.prompt_in(2, Some(HERE));
        script.prompt_in(3, Some(seen));
        script.begin(2);
        script.result("two");
        script.asked_for();
        script.until(1_999);
        assert!(script.asked_for().is_empty());
        script.until(2_000);
        if moves {
            assert_moves(&mut script, 3);
        } else {
            assert_eq!(script.asked_for(), ["write 3: prompt 3"]);
        }
        script.found(Some(HERE));
        assert!(script.asked_for().is_empty(), "the look comes too late");
    }
}

#[test]
fn what_happens_during_a_look_is_not_lost() {
    let looking = || {
        let mut script = waiting();
        script.prompt_in(2, Some(HERE));
        script.prompt_in(3, Some(HERE));
        script.begin(2);
        script.result("two");
        script.asked_for();
        script
    };
    let mut cancelled = looking();
    assert!(cancelled.cancel(3));
    cancelled.found(Some(ELSEWHERE));
    assert_eq!(cancelled.asked_for(), ["end 3 cancelled"]);
    assert!(cancelled.session.is_idle());

    let mut joined = looking();
    joined.prompt_in(4, Some(HERE));
    assert!(joined.asked_for().is_empty());
    joined.found(Some(HERE));
    assert_eq!(joined.asked_for(), ["write 3: prompt 3"]);

    let mut stopped = looking();
    stopped.stop();
    stopped.found(Some(HERE));
    assert_eq!(stopped.asked_for(), ["end 3 stopped", "close input"]);

    let mut bereft = looking();
    bereft.ended(ExitCause::Other);
    let asked_for = bereft.asked_for();
    assert_eq!(
        asked_for,
        ["tell nobody: agent_ended", "launch new derived"]
    );
    bereft.launched_in(ELSEWHERE);
    assert_eq!(bereft.asked_for(), ["write 3: prompt 3"]);
}

/// As [`HERE`], where git would start what this number stands for.
fn here_with(git: u64) -> SeenDir {
    SeenDir {
        git: Some(git),
        ..HERE
    }
}

#[test]
fn what_git_would_start_beside_a_process_is_what_it_was_told() {
    for (seen, is_moved) in [
        (Some(here_with(1)), false),
        (Some(here_with(2)), true),
        // Nobody has looked.
        (Some(HERE), false),
    ] {
        let mut script = looking_at(Script::new());
        script.session.warm_up(script.now, &mut script.actions);
        script.launched_in(here_with(1));
        script.asked_for();
        script.prompt_in(1, seen);
        let expected: &[&str] = match is_moved {
            true => &["tell 1: repository_changed", "close input"],
            false => &["write 1: prompt 1"],
        };
        assert_eq!(script.asked_for(), expected, "{seen:?}");
    }
}

/// The first start makes the directory. A look that takes too long, as on a machine that is busy, finds
/// out nothing against it.
#[test]
fn turns_that_came_before_the_directory_was_made_begin_in_it() {
    let mut script = looking_at(Script::new());
    script.prompt_in(1, None);
    script.prompt_in(2, None);
    script.launched_in(HERE);
    script.begin(1);
    script.asked_for();
    script.result("one");
    assert_eq!(script.asked_for(), ["end 1 completed", "look"]);
    script.until(2_000);
    assert_eq!(script.asked_for(), ["write 2: prompt 2"]);
}
