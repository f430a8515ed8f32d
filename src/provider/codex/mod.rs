//! Codex: `codex app-server`, which speaks JSON-RPC over lines, without the member `jsonrpc`.
//!
//! Measured with 0.169.0 and 0.171.0. One process serves one conversation, a thread in its words.
//! [`launch`] is how it is started and what is pinned then; [`protocol`] the state between two lines
//! and the way to a thread; [`items`] what it tells; [`approvals`] what it asks. [`calls`] and
//! [`open_approvals`] remember what is under way of either.
//!
//! How far it is gated: with the policy `untrusted`, the project untrusted and no terminals, it asks
//! before each command, patch and call of a server that is not marked as one that only reads. It does
//! not ask before it looks at an image, before the model's own search of the web, nor where rules of
//! the user's say so. So its gate is [`ToolGate::AsksOnly`](crate::stats::ToolGate::AsksOnly).

mod approvals;
mod calls;
mod items;
mod launch;
mod open_approvals;
mod protocol;
#[cfg(test)]
mod tests;

pub(in crate::provider) use launch::Codex;
