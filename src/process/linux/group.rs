//! A child and the process group that it leads.
//!
//! The order that keeps its number from being reused: exit seen, KILL to the rest of the group,
//! output drained, then reaped. Until then the leader is a zombie and its number is taken.

use std::os::fd::RawFd;
use std::time::{Duration, Instant};

use super::super::exit::Exit;
use super::super::sweep_targets::Tree;
use super::family::descendants;
use super::pidfd::{ChildState, Pidfd};

/// How long dropping an unreaped group waits for the end of its leader: far longer than the
/// kernel needs to end a process, far shorter than a person notices.
const DROP_WAIT: Duration = Duration::from_millis(100);

/// A child and the process group that it leads. Once it is reaped, nothing is signalled any more.
#[derive(Debug)]
pub(crate) struct Group {
    leader: Pidfd,
    exit: Option<Exit>,
}

impl Group {
    pub(super) fn new(leader: Pidfd) -> Group {
        Group { leader, exit: None }
    }

    /// Number of the leader and of the group.
    pub(crate) fn pid(&self) -> u32 {
        self.leader.pid()
    }

    /// Becomes readable when the leader ends, and stays so.
    pub(crate) fn exit_descriptor(&self) -> RawFd {
        self.leader.descriptor()
    }

    /// True once the leader has ended, also if another part of the host took its status.
    #[cfg(test)]
    pub(crate) fn has_exited(&self) -> bool {
        self.exit.is_some() || self.leader.state() != ChildState::Running
    }

    /// Asks every process of the group to end.
    pub(crate) fn terminate(&self) {
        self.signal(libc::SIGTERM);
    }

    /// Sends every process of the group what the key ^C sends.
    pub(crate) fn interrupt(&self) {
        self.signal(libc::SIGINT);
    }

    /// Ends every process of the group.
    pub(crate) fn kill(&self) {
        self.signal(libc::SIGKILL);
    }

    fn signal(&self, signal: libc::c_int) {
        if self.exit.is_some() {
            return;
        }
        let is_told = self.leader.send_to_group(signal).is_ok();
        // A leader may have moved to another group, and left others in its own; its descriptor still
        // finds it. If it is gone as well, no process is left to signal.
        if !is_told || !self.leader.is_in_own_group() {
            let _ = self.leader.send(signal);
        }
    }

    /// Takes the status of a leader that has ended and frees its number. Never waits: for one that
    /// still runs the answer is [`Exit::Unknown`] and nothing has changed.
    pub(crate) fn reap(&mut self) -> Exit {
        if let Some(exit) = self.exit {
            return exit;
        }
        match self.leader.reap() {
            ChildState::Running => return Exit::Unknown,
            ChildState::Ended(exit) => self.exit = Some(exit),
            ChildState::NotOurs => self.exit = Some(Exit::Unknown),
        }
        self.exit.unwrap_or(Exit::Unknown)
    }

    /// Ends the group, waits for its leader until then, and lets go of it: also of one that no signal
    /// ends. A child of `fork` leaves it to its parent.
    pub(crate) fn end_by(&mut self, until: Instant) {
        if self.exit.is_none() && self.leader.is_own() {
            self.kill();
            let left = until.saturating_duration_since(Instant::now());
            self.leader.wait_for_end(left);
            self.reap();
            // Who lives on is not waited for a second time.
            self.exit.get_or_insert(Exit::Unknown);
        }
    }
}

/// Notes all descendants of a process, also those in sessions of their own. Reads `/proc`: not for
/// the io thread.
///
/// Only before the kill: afterwards their parents are gone and so are the links. Whoever asks must
/// hold the process's group unreaped from before the call until after it, or throw the answer
/// away: only then was the number its own all the time.
pub(crate) fn note_tree(pid: u32) -> Tree {
    descendants(pid).unwrap_or_else(|error| {
        log::warn!("cannot read the descendants of process {pid}: {error}");
        Tree::default()
    })
}

impl Drop for Group {
    /// Ends and reaps a group that was not reaped: no process and no zombie stays behind.
    fn drop(&mut self) {
        self.end_by(Instant::now() + DROP_WAIT);
    }
}
