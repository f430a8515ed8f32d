//! HTTP: the accept loop, the reading of heads, who is let in, and what the others are told.

pub(crate) mod accept;
pub(crate) mod gatekeeper;
mod lingering;
pub(crate) mod problem;
mod strict;
#[cfg(feature = "tls")]
pub(crate) mod tls;
