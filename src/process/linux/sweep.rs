//! Finding and ending what an agent has started and left. Reads all of `/proc`: not for the io
//! thread.
//!
//! A process is held by its pidfd first and checked again after that. So a number that changed
//! its owner between the search and the signal costs one more read, and never kills another process.

use std::io;
use std::time::{Duration, Instant};

use super::super::sweep_targets::{Leftover, SweepTargets, Tree, is_watchdog};
use super::family::Table;
use super::pidfd::Pidfd;
use super::proc_files::{Reader, Status, other_processes};

/// Between two passes: about what the kernel needs to end a process of some hundred megabytes.
const PAUSE: Duration = Duration::from_millis(20);

/// Ends all that is wanted, pass after pass until one finds nothing or the deadline is over. Looks
/// at least once.
///
/// More than one pass, because what dies may have just started another one.
pub(crate) fn sweep(targets: &SweepTargets, deadline: Instant) -> Leftover {
    let mut hunt = Hunt::new(targets);
    let mut killed = 0;
    loop {
        let found = match hunt.find() {
            Ok(found) if found.is_empty() => {
                break Leftover {
                    killed,
                    ..Leftover::default()
                };
            }
            Ok(found) => found,
            Err(error) => {
                break Leftover {
                    killed,
                    ..unreadable(&error)
                };
            }
        };
        let last = hunt.end(&found, &mut killed);
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break Leftover {
                killed,
                ..hunt.leftover()
            };
        }
        pause(last.as_ref(), PAUSE.min(left));
    }
}

/// The proof: all that is wanted and lives, as one look finds it. Ends nothing.
#[cfg(test)]
pub(crate) fn alive_with(targets: &SweepTargets) -> Leftover {
    Hunt::new(targets).leftover()
}

fn unreadable(error: &io::Error) -> Leftover {
    log::warn!("cannot read /proc, so nothing that agents left behind can be found: {error}");
    Leftover {
        unreadable: true,
        ..Leftover::default()
    }
}

/// Waits for the end of the process that was killed last; the others will not take much longer.
fn pause(last: Option<&Pidfd>, at_most: Duration) {
    match last {
        Some(last) => drop(last.wait_for_end(at_most)),
        None => std::thread::yield_now(),
    }
}

/// One search, with what was learnt in its earlier passes.
struct Hunt<'a> {
    targets: &'a SweepTargets,
    noted: Tree,
    reader: Reader,
}

impl Hunt<'_> {
    fn new(targets: &SweepTargets) -> Hunt<'_> {
        Hunt {
            targets,
            noted: targets.noted.clone(),
            reader: Reader::default(),
        }
    }

    /// All that is wanted and lives: the marked, the noted, and what descends from either.
    fn find(&mut self) -> io::Result<Vec<u32>> {
        let marked = self.marked()?;
        if marked.is_empty() && self.noted.is_empty() {
            return Ok(marked);
        }
        self.with_descendants(marked)
    }

    fn marked(&mut self) -> io::Result<Vec<u32>> {
        let mut marked = Vec::new();
        for pid in other_processes()? {
            if self.targets.matches(self.reader.environment(pid)?) {
                marked.push(pid);
            }
        }
        Ok(marked)
    }

    /// A descendant may have wiped its environment; its parent links last until its parent ends,
    /// so they are read before anything is killed.
    fn with_descendants(&mut self, mut found: Vec<u32>) -> io::Result<Vec<u32>> {
        let table = Table::read()?;
        let mut roots = table.living(&self.noted);
        roots.extend(&found);
        table.note_descendants(&roots, &mut self.noted);
        for pid in table.living(&self.noted) {
            if !found.contains(&pid) && !is_watchdog(self.reader.environment(pid)?) {
                found.push(pid);
            }
        }
        Ok(found)
    }

    /// Kills each of the found that is still what it was found to be. Gives the last one held.
    fn end(&mut self, found: &[u32], killed: &mut usize) -> Option<Pidfd> {
        let mut last = None;
        for &pid in found {
            let held = Pidfd::open(pid).ok().filter(|_| self.is_wanted(pid));
            if let Some(process) = held {
                *killed += usize::from(process.send(libc::SIGKILL).is_ok());
                last = Some(process);
            }
        }
        last
    }

    fn is_wanted(&mut self, pid: u32) -> bool {
        let environment = self.reader.environment(pid).unwrap_or_default();
        if self.targets.matches(environment) {
            return true;
        }
        let noted = |status: Status| status.lives() && self.noted.holds(pid, status.start_time);
        !is_watchdog(environment) && self.reader.status(pid).ok().flatten().is_some_and(noted)
    }

    fn leftover(&mut self) -> Leftover {
        match self.find() {
            Ok(living) => Leftover {
                living,
                ..Leftover::default()
            },
            Err(error) => unreadable(&error),
        }
    }
}
