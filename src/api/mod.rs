//! The front door: what callers hold. Handles are cheap, `Send` and `Sync`; they send commands to
//! the io thread and take events from it. Runs on callers' threads.

pub(crate) mod builder;
pub(crate) mod config;
pub(crate) mod engine;
mod jail;
pub(crate) mod request;
mod surroundings;
#[cfg(test)]
mod tests;
pub(crate) mod turn;
