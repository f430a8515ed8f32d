//! The faults of agents, over every protocol: one honest end per turn, nothing crossed, nothing lost,
//! no survivor, whatever the agent speaks.
//!
//! One program: to run the tests of a file, `cargo test --test protocols deaths::`. A protocol is a row
//! of `speakers.rs`; `HOTPLEX_SPEAKER=aider` plays that one alone.

#[path = "../common/mod.rs"]
mod common;

mod approvals;
mod deaths;
mod interrupts;
mod limits;
mod mangled_lines;
mod noise;
mod odd;
mod pipes;
mod plugin_of_opencode;
mod processes_left;
mod sessions;
mod spares;
mod speakers;
mod starts;
mod starts_anew;
