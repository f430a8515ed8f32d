//! The Agent Client Protocol, version 1, as the client of one agent process.
//!
//! The agents that speak it agree on methods and updates and differ in the corners: what they ask
//! permission for, by which switch they ask for everything, how model and system prompt are said,
//! where they keep their state. Those corners are data, in [`profile`]: a row for each agent. What
//! is said about an agent there was measured; recorded dialogues are in `tests/golden`.
//!
//! A line comes in through [`protocol`]. Until the agent is ready it belongs to [`handshake`];
//! then [`updates`] reads what the agent tells, [`asks`] what it wants to be allowed, and
//! `permission` says whose leave that takes; [`hooks`] is the same for an agent in which a plugin of
//! ours asks. [`calls`] remembers the calls of tools that are under way, since an agent tells them piece
//! by piece, and [`open_asks`] and [`open_hooks`] the questions; [`speech`] puts the pieces of an answer
//! together. [`gemini`] puts into words what one agent tells of a call, and [`opencode`] knows the tools
//! of another; [`codex`] is both for a third, [`claude`] knows the tools of a
//! fourth, and [`command_hook`] reads what the hooks of these two ask. [`launch`] is how a process is started.

mod asks;
mod calls;
mod claude;
mod codex;
mod command_hook;
mod gemini;
mod handshake;
mod hooks;
mod launch;
mod lost;
mod open_asks;
mod open_hooks;
mod opencode;
mod profile;
mod protocol;
mod shell_words;
mod speech;
mod stage;
#[cfg(test)]
mod tests;
mod updates;

pub(in crate::provider) use launch::AcpAgent;
pub(in crate::provider) use profile::table::PROFILES;
