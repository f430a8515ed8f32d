//! What a sweep looks for, and what it leaves. Pure: text and numbers in, verdicts out.

use std::collections::{HashMap, HashSet};

use super::mark::{EngineMark, MARK_VARIABLE, Mark, WATCHDOG_VARIABLE};

/// Processes noted while they could still be found by their parents.
///
/// Each is kept with its start time, so that a number that was given to another process since then
/// is recognised. The time is exact to a hundredth of a second, far less than the numbers need to
/// come round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tree {
    pub(super) members: HashMap<u32, u64>,
}

impl Tree {
    pub(super) fn holds(&self, pid: u32, start_time: u64) -> bool {
        self.members.get(&pid) == Some(&start_time)
    }

    pub(super) fn note(&mut self, pid: u32, start_time: u64) {
        self.members.insert(pid, start_time);
    }

    pub(super) fn add(&mut self, other: Tree) {
        self.members.extend(other.members);
    }

    /// True if nothing was noted.
    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

/// What to look for: a whole engine, single spawns, noted trees, or any of these together.
#[derive(Clone, Debug, Default)]
pub(crate) struct SweepTargets {
    engine_prefix: Option<Box<[u8]>>,
    spawns: HashSet<Box<[u8]>>,
    pub(super) noted: Tree,
}

impl SweepTargets {
    /// All that any spawn of this engine has left.
    pub(crate) fn engine(mark: &EngineMark) -> SweepTargets {
        let prefix = format!("{}.", mark.as_str());
        SweepTargets {
            engine_prefix: Some(prefix.into_bytes().into()),
            ..SweepTargets::default()
        }
    }

    /// All that these spawns have left. One pass serves any number of them.
    pub(crate) fn spawns<'a>(marks: impl IntoIterator<Item = &'a Mark>) -> SweepTargets {
        SweepTargets {
            spawns: marks
                .into_iter()
                .map(|mark| mark.as_bytes().into())
                .collect(),
            ..SweepTargets::default()
        }
    }

    /// Also what was noted in this tree, which finds those that wiped their environment.
    pub(crate) fn with_tree(mut self, tree: Tree) -> SweepTargets {
        self.noted.add(tree);
        self
    }

    /// True if a process with this environment (`NAME=value`, each ended by a zero byte) is looked
    /// for. An engine's watchdog never is.
    pub(super) fn matches(&self, environment: &[u8]) -> bool {
        variable(environment, MARK_VARIABLE).is_some_and(|mark| self.matches_mark(mark))
            && !is_watchdog(environment)
    }

    fn matches_mark(&self, mark: &[u8]) -> bool {
        let of_engine = |prefix: &[u8]| mark.starts_with(prefix);
        self.spawns.contains(mark) || self.engine_prefix.as_deref().is_some_and(of_engine)
    }
}

pub(super) fn is_watchdog(environment: &[u8]) -> bool {
    variable(environment, WATCHDOG_VARIABLE).is_some()
}

/// The value of the first variable of this name.
fn variable<'a>(environment: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let begins_entry = |at: usize| at == 0 || environment[at - 1] == 0;
    memchr::memmem::find_iter(environment, name.as_bytes())
        .filter(|&at| begins_entry(at))
        .find_map(|at| environment[at + name.len()..].strip_prefix(b"="))
        .map(|rest| &rest[..memchr::memchr(0, rest).unwrap_or(rest.len())])
}

/// What a look found alive, or a sweep could not end before its deadline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Leftover {
    /// Process numbers that still lived at the last look.
    pub(crate) living: Vec<u32>,
    /// True if the system did not let itself be searched, so that finding nothing proves nothing.
    pub(crate) unreadable: bool,
    /// How many times a KILL was sent.
    pub(crate) killed: usize,
}

impl Leftover {
    /// The proof that nothing is left.
    #[cfg(test)]
    pub(crate) fn is_nothing(&self) -> bool {
        self.living.is_empty() && !self.unreadable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_only_where_it_is_a_variable_of_its_own() {
        let engine = EngineMark::from_text("e1");
        let targets = SweepTargets::engine(&engine);
        let one = SweepTargets::spawns([&engine.spawn_mark(1)]);
        // environment, found by the engine's mark, found by the mark of spawn 1
        let cases: &[(&str, bool, bool)] = &[
            ("HOTPLEX_SPAWN_ID=e1.1\0", true, true),
            ("A=b\0HOTPLEX_SPAWN_ID=e1.1\0C=d\0", true, true),
            ("A=b\0HOTPLEX_SPAWN_ID=e1.1", true, true),
            ("HOTPLEX_SPAWN_ID=e1.12\0", true, false),
            ("HOTPLEX_SPAWN_ID=e12.1\0", false, false),
            ("HOTPLEX_SPAWN_ID=e1\0", false, false),
            ("NOTE=HOTPLEX_SPAWN_ID=e1.1\0", false, false),
            ("HOTPLEX_SPAWN_ID_OLD=e1.1\0", false, false),
            (
                "HOTPLEX_SPAWN_ID_OLD=e1.1\0HOTPLEX_SPAWN_ID=e1.1\0",
                true,
                true,
            ),
            (
                "HOTPLEX_SPAWN_ID=e1.1\0HOTPLEX_HOST_GUARD=e2\0",
                false,
                false,
            ),
            ("HOTPLEX_SPAWN_ID=\0", false, false),
            ("", false, false),
        ];
        for &(environment, by_engine, by_spawn) in cases {
            let environment = environment.as_bytes();
            assert_eq!(targets.matches(environment), by_engine, "{environment:?}");
            assert_eq!(one.matches(environment), by_spawn, "{environment:?}");
        }
    }
}
