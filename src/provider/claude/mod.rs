//! Claude Code: its command line, its stream of JSON lines and its control protocol.
//!
//! Owns everything that is particular to this program and knows nothing of sessions, descriptors
//! or clocks. [`launch`] runs on callers' threads and the spawn thread, the rest on the io thread.
//! What is said about the program's behaviour was measured with Claude Code 1.0.128, 2.0.76,
//! 2.1.197 and 2.1.330; their recorded output is in `tests/golden`.
//!
//! One line comes in through [`protocol`], is told apart by its type in [`decode`], read into the
//! shapes of [`line`], and given meaning by the file of its kind: [`content`] (what model and tools
//! say), [`system`] (what the program says of itself), [`control`] (what either side asks the
//! other) and [`outcome`] (the end of a turn). What has to be remembered between lines is in
//! [`approvals`], [`judged`], [`totals`] and [`tool`]. What goes out is written by [`write`] alone.

mod approvals;
mod content;
mod control;
mod decode;
mod judged;
mod launch;
mod line;
mod lost;
mod outcome;
mod outlined;
mod protocol;
mod state;
mod system;
mod tool;
pub(in crate::provider) mod tool_variables;
mod totals;
mod write;

#[cfg(test)]
mod tests;

pub(in crate::provider) use launch::{
    ClaudeCode, INHERITED_FROM_AN_OUTER_AGENT, PINNED, PROJECT_FILES,
};
pub(in crate::provider) use state::of as state_of;
