//! The public interface: what callers hold. Handles are cheap, `Send` and `Sync`; they send commands to
//! the io thread and take events from it. Runs on callers' threads.

mod accepting;
mod answering;
mod base_dir;
pub(crate) mod builder;
mod cache_seeds;
mod caches;
pub(crate) mod check;
mod closing;
pub(crate) mod config;
mod decide;
pub(crate) mod engine;
mod environment_paths;
mod jail;
mod opening;
mod possible;
pub(crate) mod providers;
pub(crate) mod request;
pub(crate) mod stream;
#[cfg(test)]
mod tests;
mod threads;
mod trust;
pub(crate) mod turn;
mod versions;
