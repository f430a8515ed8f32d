//! The command line as a client: of the daemon that runs, or of one of its own in this process.

mod reach;
mod rest;
#[cfg(feature = "tls")]
mod tls;
mod wire;

pub(crate) use reach::{Backend, Target, work_dir};
pub(crate) use wire::{Frame, Wire};
