//! The codes that the daemon closes with.

/// The daemon is ending or starting again.
pub(super) const RESTART: u16 = 1012;
/// The client takes nothing.
pub(super) const POLICY: u16 = 1008;
/// What came is no WebSocket.
pub(super) const PROTOCOL: u16 = 1002;
/// A text that is none.
pub(super) const INVALID: u16 = 1007;
pub(super) const TOO_LARGE: u16 = 1009;
/// The token is missing or wrong. A browser cannot see the status of an upgrade.
pub(super) const UNAUTHORIZED: u16 = 4401;
