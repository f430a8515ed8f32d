//! The process room on Linux: `posix_spawn`, pidfd and `/proc`.
//!
//! Needs Linux 5.4 (a pidfd that can be waited for). Another system needs the same names with the
//! same promises.

mod argument_room;
mod family;
pub(super) mod fork;
pub(super) mod group;
pub(super) mod identity;
mod jail;
pub(super) mod kernel_paths;
pub(super) mod opened_path;
mod orphans;
mod pidfd;
mod pipe;
mod posix_spawn;
mod proc_files;
mod signal_set;
mod spawn;
mod sweep;
mod watchdog;

pub(crate) use argument_room::argument_room;
pub(crate) use fork::{OwnProcess, Unshared};
pub(crate) use group::{Group, note_tree};
pub(crate) use identity::{effective_user, has_ended, own_identity};
pub(crate) use jail::landlock_abi;
pub(crate) use kernel_paths::{check_proc, is_of_kernel, path_of};
pub(crate) use orphans::Orphans;
pub(crate) use pipe::{check_pipe, event_pipe};
pub(crate) use proc_files::resident_bytes;
pub(crate) use signal_set::{block_all_signals, without_signals_of_writes};
pub(crate) use spawn::spawn;
#[cfg(test)]
pub(crate) use sweep::alive_with;
pub(crate) use sweep::sweep;
pub(crate) use watchdog::Watchdog;

#[cfg(test)]
pub(super) use pidfd::Pidfd;
