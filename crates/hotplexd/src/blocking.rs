//! Calls that wait, beside the event loop.

use crate::refusal::Refusal;

/// Runs `work` on a thread that may wait: an engine answers on its own threads, and files are slow.
///
/// # Errors
/// `internal` if `work` panicked.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Refusal::new("internal", error.to_string()))
}
