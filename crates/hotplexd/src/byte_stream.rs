//! What a connection goes over: TCP, TLS, a socket of Unix, a pipe in this process.

use tokio::io::{AsyncRead, AsyncWrite};

/// Bytes in both directions. It owns what it goes over.
pub(crate) trait ByteStream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> ByteStream for S {}
