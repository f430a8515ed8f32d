//! The command line as a client: of the daemon that runs, or of one of its own in this process.

mod reach;
mod rest;
#[cfg(feature = "tls")]
mod tls;
mod wire;

pub(crate) use reach::{Source, Target, work_dir};
pub(crate) use wire::{Frame, Wire};

use tokio::io::{AsyncRead, AsyncWrite};

/// A connection of any kind.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}
