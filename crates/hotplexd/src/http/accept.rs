//! The accept loop.
//!
//! `axum::serve` of 0.8 has no limit on the time that a head may take, waits for ever for an open
//! event stream when it is to end, and forgets WebSockets (measured); so hyper is driven from here.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::lingering::Lingering;
use super::strict::Strict;
use crate::byte_stream::ByteStream;
use crate::config::Limits;
use crate::hub::Hub;

/// After a failed accept, as when the process has no descriptors left.
const PAUSE: Duration = Duration::from_millis(50);

/// What every connection is served with.
pub(crate) struct Front {
    pub(crate) router: Router,
    pub(crate) limits: Limits,
    pub(crate) hub: Arc<Hub>,
    pub(crate) slots: Arc<Semaphore>,
    /// No further request is taken once it is cancelled.
    pub(crate) ending: CancellationToken,
    /// Whatever is open is cut once it is cancelled.
    pub(crate) cut: CancellationToken,
    pub(crate) tasks: TaskTracker,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<super::tls::Acceptor>,
}

/// Takes connections over TCP until the daemon ends.
pub(crate) async fn tcp(front: Arc<Front>, listener: TcpListener) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = front.ending.cancelled() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                // Small frames are to leave at once; without it they are only slower.
                let _ = stream.set_nodelay(true);
                front.serve(stream);
            }
            Err(error) => front.failed(&error).await,
        }
    }
}

/// Takes connections over a socket in the file system until the daemon ends. Only processes of this
/// user and of root are served.
pub(crate) async fn unix(front: Arc<Front>, listener: UnixListener) {
    let own = rustix::process::geteuid().as_raw();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = front.ending.cancelled() => return,
        };
        match accepted {
            Ok((stream, _)) => match stream.peer_cred() {
                Ok(peer) if peer.uid() == own || peer.uid() == 0 => front.serve_plain(stream),
                Ok(peer) => {
                    front.hub.metrics.refused("peer");
                    tracing::warn!(uid = peer.uid(), "a process of another user was refused");
                }
                Err(error) => tracing::warn!(%error, "who connects cannot be told"),
            },
            Err(error) => front.failed(&error).await,
        }
    }
}

impl Front {
    async fn failed(&self, error: &std::io::Error) {
        tracing::warn!(%error, "a connection could not be accepted");
        tokio::time::sleep(PAUSE).await;
    }

    #[cfg(not(feature = "tls"))]
    fn serve<S: ByteStream>(self: &Arc<Self>, stream: S) {
        self.serve_plain(stream);
    }

    #[cfg(feature = "tls")]
    fn serve<S: ByteStream>(self: &Arc<Self>, stream: S) {
        let Some(tls) = self.tls.clone() else {
            return self.serve_plain(stream);
        };
        let Some(slot) = self.slot() else {
            return;
        };
        let front = Arc::clone(self);
        // In a task of its own: a client that says nothing must not keep the others waiting.
        self.tasks.spawn(async move {
            let shaken =
                tokio::time::timeout(front.limits.header_timeout, tls.accept(stream)).await;
            if let Ok(Ok(stream)) = shaken {
                front.talk(stream).await;
            }
            drop(slot);
        });
    }

    pub(crate) fn serve_plain<S: ByteStream>(self: &Arc<Self>, stream: S) {
        let Some(slot) = self.slot() else {
            return;
        };
        let front = Arc::clone(self);
        self.tasks.spawn(async move {
            front.talk(stream).await;
            drop(slot);
        });
    }

    /// Room for one more connection. Without it the connection is closed at once: a client sees that
    /// sooner than an answer that it waits for.
    fn slot(&self) -> Option<tokio::sync::OwnedSemaphorePermit> {
        let slot = Arc::clone(&self.slots).try_acquire_owned().ok();
        if slot.is_none() {
            self.hub.metrics.refused("connections");
        }
        slot
    }

    async fn talk<S: ByteStream>(self: &Arc<Self>, stream: S) {
        self.hub.metrics.connections.inc();
        let stream = Lingering::new(stream, Arc::clone(&self.slots));
        let io = TokioIo::new(Strict::new(stream, self.limits.write_timeout));
        let service = TowerToHyperService::new(self.router.clone());
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(self.limits.header_timeout)
            .max_buf_size(16 << 10);
        let connection = http.serve_connection(io, service).with_upgrades();
        tokio::pin!(connection);
        tokio::select! {
            // How a client goes is its own affair.
            _ = connection.as_mut() => {}
            () = self.cut.cancelled() => {}
            () = self.ending.cancelled() => {
                connection.as_mut().graceful_shutdown();
                tokio::select! {
                    _ = connection.as_mut() => {}
                    () = self.cut.cancelled() => {}
                }
            }
        }
        self.hub.metrics.connections.dec();
    }
}
