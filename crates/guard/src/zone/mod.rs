//! Where a path lies, and what it means to destroy something there.
//!
//! Paths are judged as text: joined, normalised and compared by component, never looked up. A glob
//! is judged by what stands before it. Pure; any thread.

mod areas;
mod context;
mod homes;
mod nearest;
mod paths;
mod secrets;

pub(crate) use areas::Zone;
pub use context::GuardContext;
pub(crate) use nearest::zone;
pub(crate) use paths::{absolute, below, name_of};
pub(crate) use secrets::is_secret;
