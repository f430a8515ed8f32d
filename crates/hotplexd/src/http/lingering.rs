//! How a connection is closed whose client still sends.
//!
//! Where bytes arrive that nobody reads any more the kernel resets the connection, and a reset takes
//! away what the other side was told last and has not read yet: the answer 413, a close frame with
//! its code. So what a client still sends is thrown away for a moment after the last word.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::byte_stream::ByteStream;

/// How long a client may go on sending.
const MOMENT: Duration = Duration::from_secs(2);

/// How much of it is thrown away, in bytes.
const MOST: u64 = 64 << 20;

/// A connection that lingers when it is dropped, unless the other side has closed it before.
pub(super) struct Lingering<S: ByteStream> {
    /// `None` once it is dropped.
    inner: Option<S>,
    has_ended: bool,
    /// One that lingers takes the place of another: they are as many as may be open.
    slots: Arc<Semaphore>,
}

impl<S: ByteStream> Lingering<S> {
    pub(super) fn new(inner: S, slots: Arc<Semaphore>) -> Lingering<S> {
        Lingering {
            inner: Some(inner),
            has_ended: false,
            slots,
        }
    }

    fn inner(&mut self) -> io::Result<Pin<&mut S>> {
        let inner = self.inner.as_mut().map(Pin::new);
        inner.ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl<S: ByteStream> Drop for Lingering<S> {
    fn drop(&mut self) {
        let Some(inner) = self.inner.take().filter(|_| !self.has_ended) else {
            return;
        };
        let slot = Arc::clone(&self.slots).try_acquire_owned();
        if let (Ok(slot), Ok(runtime)) = (slot, Handle::try_current()) {
            drop(runtime.spawn(linger(inner, slot)));
        }
    }
}

async fn linger<S: ByteStream>(mut stream: S, slot: OwnedSemaphorePermit) {
    let last = async {
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(MOST), &mut tokio::io::sink()).await
    };
    // How a client goes is its own affair.
    let _ = timeout(MOMENT, last).await;
    drop(slot);
}

impl<S: ByteStream> AsyncRead for Lingering<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = out.filled().len();
        let read = ready!(this.inner()?.poll_read(context, out));
        this.has_ended |= read.is_err() || out.filled().len() == before;
        Poll::Ready(read)
    }
}

impl<S: ByteStream> AsyncWrite for Lingering<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().inner()?.poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().inner()?.poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().inner()?.poll_shutdown(context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().inner()?.poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.as_ref().is_some_and(S::is_write_vectored)
    }
}
