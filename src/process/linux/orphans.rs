//! Orphans of agents that become children of the host, and are reaped.
//!
//! What a tool leaves behind goes to the next child subreaper above it, at the latest to the first
//! process of its container. If that is the host, what ends there stays a zombie until the host
//! takes its status, and a host seldom does: it has children of its own to wait for one by one.
//! They are distinguished by a number that each agent and all that it starts carry in a resource limit:
//! a zombie has no environment any more, but its limits can still be read. `RLIMIT_LOCKS` has had no
//! effect since Linux 2.4.25, and its soft limit can be lowered and raised without privileges.
//!
//! Nothing here waits for "any child": the statuses of the host's own children are the host's.

use std::collections::HashMap;
use std::io;
use std::ptr;

use super::super::mark::EngineMark;
use super::family::children_of;
use super::pidfd::Pidfd;
use super::proc_files::{Reader, limit_of_locks};

/// The orphans of one engine. For the spawn thread.
pub(crate) struct Orphans {
    number: u64,
    /// The engine's own children with their start times: their statuses are taken by who ends them.
    leaders: HashMap<u32, u64>,
    /// True once agents are marked when they are started.
    marking: bool,
    /// Marked children were seen at the last look.
    seen: bool,
    reader: Reader,
}

impl Orphans {
    pub(crate) fn new(engine: &EngineMark) -> Orphans {
        Orphans {
            number: engine.number(),
            leaders: HashMap::new(),
            marking: false,
            seen: false,
            reader: Reader::default(),
        }
    }

    /// Takes note of an agent that was just started.
    pub(crate) fn note_agent(&mut self, pid: u32) {
        if let Ok(Some(status)) = self.reader.status(pid) {
            self.leaders.insert(pid, status.start_time);
        }
        if self.watches() {
            self.mark(pid);
        }
    }

    /// True if there may be orphans to reap from time to time.
    pub(crate) fn may_come(&mut self) -> bool {
        self.watches() && (self.seen || !self.leaders.is_empty())
    }

    /// True if orphans come to this process. It may become their reaper at any time; what runs
    /// already is marked then.
    fn watches(&mut self) -> bool {
        let reaps = is_reaper();
        if reaps && !self.marking {
            let leaders: Vec<_> = self.leaders.keys().copied().collect();
            leaders.into_iter().for_each(|pid| self.mark(pid));
        }
        self.marking = reaps;
        reaps
    }

    /// Marks a process and all that it has started. The parent first: what it starts from then on
    /// is born with the mark.
    fn mark(&mut self, pid: u32) {
        let mut left = vec![pid];
        while let Some(pid) = left.pop() {
            if set_limit_of_locks(pid, self.number).is_ok() {
                left.extend(children_of(pid, &mut self.reader).unwrap_or_default());
            }
        }
    }

    /// Reaps those that have ended. Gives how many still live.
    pub(crate) fn reap(&mut self) -> usize {
        if !self.watches() {
            return 0;
        }
        let children = children_of(std::process::id(), &mut self.reader).unwrap_or_else(|error| {
            log::warn!("cannot look for orphans: {error}");
            Vec::new()
        });
        let mut agents = HashMap::new();
        let mut living = 0;
        for pid in children {
            match self.leaders.get(&pid).copied() {
                Some(start) if self.started(pid) == Some(start) => {
                    agents.insert(pid, start);
                }
                _ => living += usize::from(!self.reap_one(pid)),
            }
        }
        self.leaders = agents;
        self.seen = living > 0;
        living
    }

    fn started(&mut self, pid: u32) -> Option<u64> {
        let status = self.reader.status(pid).ok().flatten();
        status.map(|status| status.start_time)
    }

    /// False if it is one of ours that lives. It is held first and looked at then, so that a number
    /// that was given anew cannot cost a child of the host's its status.
    fn reap_one(&mut self, pid: u32) -> bool {
        let is_ours = || limit_of_locks(pid) == Some(self.number);
        if !is_ours() {
            return true;
        }
        let Ok(held) = Pidfd::open(pid) else {
            return true;
        };
        let status = self.reader.status(pid).ok().flatten();
        match status.filter(|status| status.parent == std::process::id() && is_ours()) {
            Some(status) if status.lives() => false,
            Some(_) => {
                held.reap();
                true
            }
            None => true,
        }
    }
}

/// True if this process is the first of its container, or has made itself a child subreaper.
fn is_reaper() -> bool {
    let mut is_subreaper: libc::c_int = 0;
    // SAFETY: the option writes one number where the pointer leads.
    let asked =
        unsafe { libc::prctl(libc::PR_GET_CHILD_SUBREAPER, &raw mut is_subreaper, 0, 0, 0) };
    std::process::id() == 1 || (asked == 0 && is_subreaper != 0)
}

fn set_limit_of_locks(pid: u32, soft: u64) -> io::Result<()> {
    let pid = pid as libc::pid_t;
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: a null pointer for "no new limit", and that of a local.
    let asked = unsafe { libc::prlimit(pid, libc::RLIMIT_LOCKS, ptr::null(), &mut limit) };
    if asked != 0 {
        return Err(io::Error::last_os_error());
    }
    limit.rlim_cur = soft as libc::rlim_t;
    // SAFETY: the pointer is that of a local, and a null pointer asks for no old limit.
    match unsafe { libc::prlimit(pid, libc::RLIMIT_LOCKS, &limit, ptr::null_mut()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
