//! An engine's events on their way to the hub.

use std::future::Future;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use hotplex::EventStream;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::engines::Served;
use crate::hub::Hub;

/// After so many events the others have their turn.
const AT_ONCE: usize = 64;

/// Attaches an engine; the events flow while the future is driven.
///
/// # Errors
/// The descriptor cannot be had.
pub(super) fn start(
    hub: Arc<Hub>,
    served: Arc<Served>,
    stream: EventStream,
) -> Result<impl Future<Output = ()>, String> {
    let descriptor = served
        .engine
        .event_descriptor()
        .map_err(|error| error.to_string())?;
    #[expect(
        deprecated,
        reason = "its unsafe successor wants to be promised that the descriptor stays what it is; an OwnedFd does"
    )]
    let descriptor = AsyncFd::with_interest(descriptor, Interest::READABLE);
    let descriptor = descriptor.map_err(|error| error.to_string())?;
    Ok(run(hub, served, stream, descriptor))
}

async fn run(
    hub: Arc<Hub>,
    served: Arc<Served>,
    mut stream: EventStream,
    descriptor: AsyncFd<OwnedFd>,
) {
    while !stream.is_over() {
        let Ok(mut readable) = descriptor.readable().await else {
            return;
        };
        let mut taken = 0;
        while let Some(event) = stream.try_recv() {
            hub.happened(&served, event);
            taken += 1;
            while let Some(event) = stream.pop() {
                hub.happened(&served, event);
                taken += 1;
                if taken >= AT_ONCE {
                    taken = 0;
                    tokio::task::yield_now().await;
                }
            }
        }
        // Only after the stream said that there is nothing: it rings again for what comes later.
        readable.clear_ready();
    }
}
