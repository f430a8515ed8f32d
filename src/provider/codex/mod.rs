//! Codex: `codex app-server`, which speaks JSON-RPC over lines, without the member `jsonrpc`.
//!
//! Measured with 0.169.0 and 0.171.0. One process serves one conversation, a thread in its words.
//! [`launch`] is how it is started and what is pinned then; [`protocol`] the state between two lines
//! and the way to a thread; [`items`] what it tells; [`approvals`] what it asks, and [`hook`] what its
//! hook asks before; [`patch`] what a patch changes. [`calls`], [`hook_calls`], [`open_approvals`] and [`speech`]
//! remember what is under way of each.
//!
//! How it is gated: [`hook`] is asked before each call of a tool that Codex runs itself, whatever the
//! user's rules say, and its answer is the gate's. With the policy `untrusted` and the project
//! untrusted Codex then asks whether the call may run, which is the caller's to answer. What is typed
//! into a running program is asked about by neither, so there are no terminals. The model's own search
//! of the web runs elsewhere.

mod approvals;
mod calls;
mod decode;
mod hook;
mod hook_calls;
mod hook_setting;
mod items;
mod launch;
mod lost;
mod open_approvals;
mod outlined;
mod patch;
mod protocol;
mod speech;
#[cfg(test)]
mod tests;

pub(in crate::provider) use approvals::effects;
pub(in crate::provider) use calls::call;
pub(in crate::provider) use hook_calls::{HookCalls, call_of};
pub(in crate::provider) use hook_setting::{GATE_AND_CALLER, settings};
pub(in crate::provider) use launch::{Codex, DIRECTORY, PROJECT_FILES, held_off, state_of};
pub(in crate::provider) use patch::effects as patched;
