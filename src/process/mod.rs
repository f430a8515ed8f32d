//! The process room: starts agents, signals them, and proves that nothing of them is left.
//!
//! Owns every contact with processes: spawn, signals, exit, `/proc`, and the watchdog that outlives
//! a killed host. It is the only room with `unsafe`. It must not know sessions, commands, lines or
//! the poll loop; it hands out descriptors and takes marks.
//!
//! All that is done to agents goes through a [`Launcher`]; [`Local`] is the one there is.
//!
//! Threads: what a launcher does, and [`find_program`], may block on the file system and belongs on
//! the spawn thread or a closing thread. What a [`ProcessGroup`] offers never waits, except that
//! one that was not reaped is waited for when it is let go of: a tenth of a second if it is dropped; it
//! is for the io thread.
//!
//! A group is not all that an agent starts: Claude Code 2.1.330 and most others run every tool as
//! the leader of a session of its own (measured). So each child carries a [`Mark`] in its
//! environment, which the tools inherit, and a sweep looks for that mark.
//!
//! A jailed child is started by a thread that has put itself in the jail, and is in it from its
//! first moment together with all that it will start. What is held of it is [`Enforced`], where it
//! reaches [`JailPaths`], where nobody works at all [`Homes`].

mod confinement;
mod enforced;
mod exit;
mod git;
mod homes;
mod launch;
mod launcher;
mod mark;
mod program;
mod sweep_targets;
mod work_dir;

// What the operating system does differently stands in one folder a system, behind the same names.
#[cfg(target_os = "linux")]
#[path = "linux/mod.rs"]
mod system;

#[cfg(test)]
mod tests;

pub(crate) use confinement::{Confinement, JailPaths};
pub(crate) use enforced::Enforced;
pub(crate) use exit::Exit;
pub(crate) use git::GitDirs;
pub(crate) use homes::Homes;
pub(crate) use launch::{Launch, SpawnError, is_shortage};
pub(crate) use launcher::{HostWatch, Launched, Launcher, Local, ProcessGroup};
pub(crate) use mark::{EngineMark, Mark};
pub(crate) use program::find_program;
#[cfg(test)]
pub(crate) use sweep_targets::Leftover;
pub(crate) use sweep_targets::{SweepTargets, Tree};
#[cfg(test)]
pub(crate) use system::alive_with;
pub(crate) use system::argument_room;
pub(crate) use system::{
    Orphans, OwnProcess, Unshared, block_all_signals, check_pipe, check_proc, effective_user,
    event_pipe, has_ended, is_of_kernel, landlock_abi, own_identity, path_of, resident_bytes,
    without_signals_of_writes,
};
pub(crate) use work_dir::{WorkDir, hold, resolved};
