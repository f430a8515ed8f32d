//! HTTP: the accept loop, the reading of heads, and who is let in.

pub(crate) mod accept;
pub(crate) mod gatekeeper;
pub(crate) mod router;
mod strict;
#[cfg(feature = "tls")]
pub(crate) mod tls;
