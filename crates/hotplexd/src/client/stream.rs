//! What a connection is to the command line.

use tokio::io::{AsyncRead, AsyncWrite};

/// A connection of any kind.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}
